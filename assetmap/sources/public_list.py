"""What public lists of places have in common: the rows of one place, written so that they are read like any list.

Nothing of them is taken by itself: a list is kept beside the workspace, and somebody who knows the place looks at what
would become of each row before it is taken.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetmap import crs as grids
from assetmap.catalogue import Source
from assetmap.forms import IDENTIFIED_BY
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped, Question
from assetmap.sources.ons import service_words
from assetmap.sources.postcodes import tidy_postcode
from assetmap.sources.web import Client, address_of, digest_of

#: A list inside a zip is not read beyond this; the register of charities has 160 MB.
LARGEST: Final = 1_000_000_000
_HEAD: Final = 65_536
OPEN_DATA: Final = next(said for said, kept in IDENTIFIED_BY.items() if kept == "open data")


@dataclass(frozen=True)
class Here:
    """The place that lists are cut to: its outline in degrees, and the postcodes that lie in it."""

    outline: shapely.Geometry
    postcodes: frozenset[str]

    @property
    def asked(self) -> str:
        """What tells this place from another."""
        return digest_of(np.round(shapely.bounds(self.outline), 5).tolist(), len(self.postcodes))

    def holds(self, lon: float, lat: float) -> bool:
        """Tell whether a point lies in the place."""
        return bool(shapely.contains_xy(self.outline, lon, lat))


def here_of(zones: gpd.GeoDataFrame, postcodes: pd.DataFrame | None) -> Here:
    """Return the place of some zones, with the postcodes of a list that lie in it.

    Parameters
    ----------
    zones
        Areas in any system.
    postcodes
        As :func:`~assetmap.sources.postcodes.read_postcodes` gives them; None where there are none.
    """
    degrees = grids.to_crs(zones, grids.DEGREES)
    outline = shapely.union_all(shapely.make_valid(degrees.geometry.to_numpy()))
    if postcodes is None:
        return Here(outline, frozenset())
    shapely.prepare(outline)
    inside = shapely.contains_xy(outline, postcodes["lon"].to_numpy(float), postcodes["lat"].to_numpy(float))
    return Here(outline, frozenset(str(code) for code in postcodes.index[inside]))


@dataclass(frozen=True)
class Listed:
    """One list of the whole country, and how the rows of one place are told in it.

    Parameters
    ----------
    file
        The name it is kept under.
    what
        What it lists, for where there are none.
    ending
        Of the file that is fetched.
    check
        Returns what is wrong with an answer, nothing where it is the list.
    rows
        Yields the rows of the place.
    by_postcode
        Whether a row's postcode alone tells that it is of the place.
    """

    file: str
    what: str
    ending: str
    check: Callable[[Path], str]
    rows: Callable[[Path], Iterable[Mapping[str, str]]]
    by_postcode: bool = True


def fetch_list(
    client: Client, source: Source, here: Here, listed: Listed
) -> Generator[Step, None, Found | NoneMapped | Failed]:
    """Fetch a list of the whole country and keep the rows of one place."""
    if listed.by_postcode and not here.postcodes:
        reason = f"the postcodes of the place are needed to tell which {listed.what} are here"
        return Failed(source.title, reason, client.kept(listed.file, here.asked))
    question = Question(f"{source.id}{listed.ending}", address_of(source.id, source.service), check=listed.check)
    answer = yield from client.fetch(question)
    if isinstance(answer, Failed):
        return Failed(answer.service, answer.reason, client.kept(listed.file, here.asked))
    rows = list(listed.rows(answer.path))
    if not rows:
        return NoneMapped(listed.what)
    yield Step("fetched-list", len(rows))
    return keep_list(client, source, listed.file, rows, [answer], here.asked)


def keep_list(
    client: Client, source: Source, name: str, rows: Iterable[Mapping[str, str]], answers: Sequence[Found], asked: str
) -> Found:
    """Keep rows as a list under a name, let what they were cut from go, and return it.

    Parameters
    ----------
    source
        Whose list it is: each row says under which licence, and that nobody here has told it.
    rows
        By heading; all with the same headings.
    """
    said = {"licence": source.licence, "identified by": OPEN_DATA}
    listed = [{**row, **said} for row in rows]
    made = io.StringIO()
    writer = csv.DictWriter(made, fieldnames=list(listed[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return client.keep(name, made.getvalue().encode(), list(answers), asked)


def headings(source: Source) -> Mapping[str, str]:
    """Return what the source calls the columns that are wanted, by our name; several names are parted by ``|``."""
    return service_words(source, "fields")


def columns_of(source: Source, head: Sequence[str]) -> dict[str, int]:
    """Return the place of each wanted column among the headings of a list; those that are not there are left out."""
    there = {_plain(name): at for at, name in reversed(list(enumerate(head)))}
    found = {}
    for ours, theirs in headings(source).items():
        at = next((there[_plain(name)] for name in theirs.split("|") if _plain(name) in there), None)
        if at is not None:
            found[ours] = at
    return found


def postcode_of(row: Mapping[str, str]) -> str:
    """Return the postcode of a row in its usual form, empty where it has none."""
    return tidy_postcode(row.get("postcode", "")) or ""


def csv_rows(path: Path, source: Source) -> Iterator[dict[str, str]]:
    """Yield the rows of a list, the wanted cells by our names."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        yield from _wanted(csv.reader(file), source)


def zipped_rows(path: Path, source: Source) -> Iterator[dict[str, str]]:
    """Yield the rows of a list in a zip whose cells are parted by tabs, without quotes."""
    with zipfile.ZipFile(path) as packed, packed.open(str(source.service["file"])) as file:
        lines = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
        yield from _wanted(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), source)


def _wanted(rows: Iterator[list[str]], source: Source) -> Iterator[dict[str, str]]:
    columns = columns_of(source, next(rows, []))
    most = max(columns.values(), default=0)
    for cells in rows:
        if len(cells) > most:
            yield {name: cells[columns[name]].strip() if name in columns else "" for name in headings(source)}


def check_csv(source: Source) -> partial[str]:
    """Return what tells whether an answer is the list, with every heading that is needed."""
    return partial(wrong_list, source=source)


def wrong_list(path: Path, source: Source) -> str:
    """Return what is wrong with a list, nothing where it has its headings."""
    with path.open("rb") as file:
        return wrong_head(file.read(_HEAD), source, ",")


def wrong_zip(path: Path, source: Source) -> str:
    """Return what is wrong with a zip of one list."""
    member = str(source.service["file"])
    try:
        with zipfile.ZipFile(path) as packed:
            if packed.getinfo(member).file_size > LARGEST:
                return "has a zip file that is too large"
            with packed.open(member) as file:
                return wrong_head(file.read(_HEAD), source, "\t")
    except KeyError:
        return f"has a zip file without {member}"
    except (zipfile.BadZipFile, OSError, EOFError):
        return "answered with something that is not a zip file"


def wrong_head(head: bytes, source: Source, between: str) -> str:
    """Return what is wrong with the first lines of a list: a column that is needed and not there."""
    try:
        first = head.decode("utf-8-sig", errors="ignore").splitlines()[0]
        found = columns_of(source, next(csv.reader([first], delimiter=between)))
    except (IndexError, StopIteration, csv.Error):
        return "answered with something that is not a list"
    if first.lstrip().startswith("<"):
        return "answered with a page in the place of a list"
    needed = str(source.service.get("needed") or "|".join(headings(source))).split("|")
    missing = [name for name in needed if name not in found]
    if not missing:
        return ""
    return f"has no column {headings(source)[missing[0]]} any more; mend the name in layers/sources"


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
