"""Census tables of the zones of one place from Nomis: its API, or its zip files where that does not answer.

The API sends at most 25,000 rows to a guest and says nothing when it stops there; every row says in ``RECORD_COUNT``
how many there are, and the rest is fetched with ``recordoffset`` (https://www.nomisweb.co.uk/api/v01/help). Where it
has none it sends an empty body with status 200 (https://docs.ropensci.org/nomisr/articles/introduction.html), which a
connection cut at its first byte looks like: so the zip files, of one table for each level of areas, are asked as well.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from assetmap.catalogue import Source
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped, Question, is_page
from assetmap.sources.ons import service_words
from assetmap.sources.web import Client, address_of, digest_of

KIND: Final = "nomis"
SOURCE: Final = "ons-census-2021"
BATCH: Final = 100
#: A file inside a zip is not read beyond this; the largest table for all of England and Wales has 30 MB.
LARGEST: Final = 400_000_000
CODE, _NAME, VALUE, _ALL = "GEOGRAPHY_CODE", "GEOGRAPHY_NAME", "OBS_VALUE", "RECORD_COUNT"

Rows = Found | NoneMapped | Failed


def fetch(client: Client, source: Source, codes: Sequence[str]) -> Generator[Step, None, dict[str, Rows]]:
    """Fetch every table that the layer file names, for these zones.

    Parameters
    ----------
    client
        Who asks.
    source
        ``ons-census-2021`` of the catalogue.
    codes
        Codes of the zones.

    Returns
    -------
    dict
        By table, such as ``ts003``: a list with one row for each zone and category, or why there is none.
    """
    answers: dict[str, Rows] = {}
    for table, dataset in service_words(source, "tables").items():
        answers[table] = yield from fetch_either(client, source, (table, dataset), codes)
    return answers


def fetch_either(
    client: Client, source: Source, table: tuple[str, str], codes: Sequence[str], level: str = "lsoa"
) -> Generator[Step, None, Rows]:
    """Fetch one table by the API or, where that fails or says that it has none, from its zip file.

    Parameters
    ----------
    table
        As for :func:`fetch_table`.
    level
        Of which areas the codes are: ``lsoa`` or ``oa``.
    """
    answer = yield from fetch_table(client, source, table, codes)
    if isinstance(answer, Found) or not source.service.get("bulk"):
        return answer
    bulk = yield from fetch_bulk(client, source, table[0], codes, level)
    if isinstance(bulk, Failed) and bulk.last is None:
        return answer
    return bulk


def fetch_table(
    client: Client, source: Source, table: tuple[str, str], codes: Sequence[str]
) -> Generator[Step, None, Rows]:
    """Fetch one table by the API, so many zones at a time.

    Parameters
    ----------
    table
        Its name and what the API calls it: ``("ts003", "NM_2023_1")``.
    """
    name, dataset = table
    kept_as, asked = f"census2021-{name}.csv", digest_of(name, codes)
    pages: list[Found] = []
    parts: list[pd.DataFrame] = []
    for start in range(0, len(codes), BATCH):
        batch = codes[start : start + BATCH]
        rows = yield from _batch(client, source, (name, dataset, start // BATCH), batch)
        if isinstance(rows, Failed):
            return Failed(rows.service, f"{name}: {rows.reason}", client.kept(kept_as, asked))
        pages += rows[0]
        parts.append(rows[1])
    whole = pd.concat(parts, ignore_index=True)
    if whole.empty:
        return NoneMapped(name)
    if wrong := _wrong_table(whole, codes):
        return Failed(pages[0].address, f"{name}: {wrong}", client.kept(kept_as, asked))
    yield Step("fetched-tables", len(whole))
    category = [column for column in whole.columns if column.startswith("C") and column.endswith("_NAME")]
    kept = [CODE, _NAME, *category, "MEASURES_NAME", VALUE]
    made = whole[[column for column in kept if column in whole]].to_csv(index=False, lineterminator="\n")
    return client.keep(kept_as, made.encode(), pages, asked)


def _batch(
    client: Client, source: Source, table: tuple[str, str, int], codes: Sequence[str]
) -> Generator[Step, None, tuple[list[Found], pd.DataFrame] | Failed]:
    """Fetch the rows of some zones, page after page until all are there."""
    name, dataset, number = table
    address = f"{address_of(source.id, source.service)}/dataset/{dataset}.data.csv"
    pages: list[Found] = []
    parts: list[pd.DataFrame] = []
    got, wanted = 0, 1
    while got < wanted:
        asked = {
            "date": "latest",
            "geography": ",".join(codes),
            "measures": "20100",
            "recordlimit": str(source.service.get("rows", 25000)),
            "recordoffset": str(got),
        }
        question = Question(f"{name}.{number}.{len(pages)}.csv", address, asked, check=_check, nothing="none")
        page = yield from client.fetch(question)
        if isinstance(page, Failed):
            return page
        rows = _rows(page.path)
        pages.append(page)
        parts.append(rows)
        if rows.empty:
            break
        got += len(rows)
        wanted = _said(rows) or got
    whole = pd.concat(parts, ignore_index=True)
    if got != wanted and not (got == 0 and wanted == 1):
        return Failed(address, f"sent {got:,} of {wanted:,} rows")
    return pages, whole


def _rows(path: Path) -> pd.DataFrame:
    """Return the rows of a page; a page of nothing has none."""
    if path.stat().st_size == 0:
        return pd.DataFrame()
    return pd.read_csv(path, dtype="str", encoding="utf-8-sig", keep_default_na=False)


def _said(rows: pd.DataFrame) -> int | None:
    if _ALL not in rows:
        return None
    said = rows[_ALL].iloc[0]
    return int(said) if said.isdigit() else None


def _check(path: Path) -> str:
    """Return what is wrong with a page: Nomis answers a bad question with a page or a line of text.

    A table that ends within a line was cut there, and the last number of it may have lost its end.
    """
    if is_page(path):
        return "answered with a page in the place of a table"
    if not _ends_whole(path):
        return "broke off in the middle of a line"
    try:
        head = pd.read_csv(path, dtype="str", encoding="utf-8-sig", keep_default_na=False, nrows=5)
    except (ValueError, UnicodeDecodeError):
        return "answered with something that is not a table"
    missing = [column for column in (CODE, VALUE) if column not in head]
    return f"answered with something that has no column {missing[0]}" if missing else ""


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"


def _wrong_table(rows: pd.DataFrame, codes: Sequence[str]) -> str:
    """Return what is wrong with all rows together: each zone must have as many as every other."""
    sizes = rows[CODE].value_counts()
    absent = [code for code in codes if code not in sizes.index]
    if absent:
        return f"has no row for {len(absent)} of the {len(codes)} zones, such as {absent[0]}"
    if sizes.min() != sizes.max():
        return f"sent {sizes.min()} rows for {sizes.idxmin()} and {sizes.max()} for {sizes.idxmax()}"
    return ""


def fetch_england(client: Client, source: Source) -> Generator[Step, None, dict[str, Rows]]:
    """Fetch every table for all lower-layer areas of England, to compare a place with; by the zip files.

    Returns
    -------
    dict
        By table a list of 33,755 rows, or why there is none.
    """
    answers: dict[str, Rows] = {}
    for table in service_words(source, "tables"):
        kept_as = f"england-{table}.csv"
        answer = yield from _unpacked(client, source, table, "lsoa")
        if isinstance(answer, Failed):
            answers[table] = Failed(answer.service, answer.reason, client.kept(kept_as, digest_of(table)))
            continue
        zipped, rows, code = answer
        rows = rows[rows[code].str.startswith("E01")]
        yield Step("fetched-tables", len(rows))
        content = rows.to_csv(index=False, lineterminator="\n").encode()
        answers[table] = client.keep(kept_as, content, [zipped], digest_of(table))
    return answers


# --- the zip files ----------------------------------------------------------------------------------------------------


def fetch_bulk(
    client: Client, source: Source, table: str, codes: Sequence[str], level: str = "lsoa"
) -> Generator[Step, None, Rows]:
    """Fetch the zip file of one table and keep the rows of these areas, which are of one level."""
    kept_as, asked = f"census2021-{table}.csv", digest_of(table, codes)
    answer = yield from _unpacked(client, source, table, level)
    if isinstance(answer, Failed):
        return Failed(answer.service, answer.reason, client.kept(kept_as, asked))
    zipped, rows, code = answer
    rows = rows[rows[code].isin(set(codes))]
    if rows.empty:
        client.drop(zipped.path.name)
        return NoneMapped(table)
    yield Step("fetched-tables", len(rows))
    # The zip is for all of England and Wales: a workspace keeps the rows of its own place.
    return client.keep(kept_as, rows.to_csv(index=False, lineterminator="\n").encode(), [zipped], asked)


def _unpacked(
    client: Client, source: Source, table: str, level: str
) -> Generator[Step, None, tuple[Found, pd.DataFrame, str] | Failed]:
    """Return the zip file of a table, its rows for one level of areas, and the heading of their codes."""
    address = bulk_address(source).format(table=table)
    member = str(source.service.get("bulk_file", "")).format(table=table, level=level)
    code = str(source.service.get("bulk_code", "geography code"))
    question = Question(f"census2021-{table}.zip", address, check=lambda path: _check_zip(path, member))
    answer = yield from client.fetch(question)
    if isinstance(answer, Failed):
        return answer
    with zipfile.ZipFile(answer.path) as packed, packed.open(member) as file:
        lines = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        rows = pd.read_csv(lines, dtype="str", keep_default_na=False)
    if code not in rows:
        return Failed(answer.address, f"{member} has no column {code}; mend the name in layers/sources")
    return answer, rows, code


def bulk_address(source: Source) -> str:
    """Return where the zip files lie; beside the API where its address was given from outside."""
    given, own = address_of(source.id, source.service), str(source.service["address"]).rstrip("/")
    bulk = str(source.service.get("bulk", ""))
    return bulk if given == own else given.removesuffix("/api/v01") + bulk.partition("nomisweb.co.uk")[2]


def _check_zip(path: Path, member: str) -> str:
    try:
        with zipfile.ZipFile(path) as packed:
            size = packed.getinfo(member).file_size
    except zipfile.BadZipFile:
        return "answered with something that is not a zip file"
    except KeyError:
        return f"has a zip file without {member}"
    return "has a zip file that is too large" if size > LARGEST else ""
