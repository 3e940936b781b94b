"""General practices of one place, from the NHS Organisation Data Service (report ``epraccur``).

The report has no headings; which column holds what is data, in ``layers/sources``. It lists every body that may
prescribe, prisons and drug services among them: only those that work as a practice and are active are kept
(https://www.odsdatasearchandexport.nhs.uk, https://digital.nhs.uk/services/organisation-data-service).
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from assetmap.catalogue import Source
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped
from assetmap.sources.postcodes import tidy_postcode
from assetmap.sources.public_list import Here, Listed, fetch_list, headings
from assetmap.sources.web import Client

KIND: Final = "gp-practices"
SOURCE: Final = "nhs-gp-practices"
FILE: Final = "gp-practices.csv"


def fetch(client: Client, source: Source, here: Here) -> Generator[Step, None, Found | NoneMapped | Failed]:
    """Fetch the report and keep the practices of one place, told by their postcodes.

    Parameters
    ----------
    client
        Who asks.
    source
        ``nhs-gp-practices`` of the catalogue.
    here
        The place.
    """
    check = partial(wrong_report, postcode=int(headings(source)["postcode"]))
    listed = Listed(FILE, "general practices", ".csv", check, lambda path: _practices(path, source, here))
    return (yield from fetch_list(client, source, here, listed))


def _practices(path: Path, source: Source, here: Here) -> Iterator[Mapping[str, str]]:
    columns = {ours: int(at) for ours, at in headings(source).items()}
    active = set(str(source.service["active"]).split(","))
    roles = set(str(source.service["practice"]).split(","))
    for cells in _cells(path):
        if len(cells) <= max(columns.values()):
            continue
        row = {ours: cells[at].strip() for ours, at in columns.items()}
        status, role = row.pop("status"), row.pop("role")
        code = tidy_postcode(row["postcode"]) or ""
        if status in active and roles & set(role.split("|")) and code in here.postcodes:
            yield {name: _as_written(name, cell) for name, cell in row.items()} | {"kind of place": "GP surgery"}


def _as_written(name: str, cell: str) -> str:
    """Return a name or an address without its capitals, which the report writes everything in."""
    return cell.title().replace("'S", "'s") if name == "practice name" or name.startswith("address") else cell


def _cells(path: Path) -> Iterator[Sequence[str]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        yield from csv.reader(file)


def wrong_report(path: Path, postcode: int) -> str:
    """Return what is wrong with an answer, nothing where its first rows have a postcode where one is expected."""
    try:
        rows = [row for row, _ in zip(_cells(path), range(20), strict=False)]
    except csv.Error:
        return "answered with something that is not a list"
    return wrong_cells(rows, postcode)


def wrong_cells(rows: Sequence[Sequence[str]], postcode: int) -> str:
    """Return what is wrong with the first rows of the report."""
    if rows and rows[0] and rows[0][0].lstrip().startswith("<"):
        return "answered with a page in the place of a list"
    right = sum(len(row) > postcode and tidy_postcode(row[postcode]) is not None for row in rows)
    if right * 2 >= max(len(rows), 1):
        return ""
    return f"has no postcodes in column {postcode} any more; mend the numbers in layers/sources"
