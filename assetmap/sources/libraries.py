"""Public libraries of one place, from the list that Arts Council England gathers from every library service.

The Council publishes a workbook under another address each year; Libraries Hacked publishes the same list mended, with
coordinates, under the same licence (https://blog.librarydata.uk).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Final

from assetmap.catalogue import Source
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped
from assetmap.sources.public_list import Here, Listed, check_csv, csv_rows, fetch_list, postcode_of
from assetmap.sources.web import Client

KIND: Final = "libraries"
SOURCE: Final = "libraries-england"
FILE: Final = "libraries.csv"


def fetch(client: Client, source: Source, here: Here) -> Generator[Step, None, Found | NoneMapped | Failed]:
    """Fetch the list for England and keep the libraries of one place; those that have closed say when.

    Parameters
    ----------
    client
        Who asks.
    source
        ``libraries-england`` of the catalogue.
    here
        The place: by its outline where a library has a position, else by its postcodes.
    """
    listed = Listed(
        FILE,
        "libraries",
        ".csv",
        check_csv(source),
        lambda path: _inside(csv_rows(path, source), here),
        by_postcode=False,
    )
    return (yield from fetch_list(client, source, here, listed))


def _inside(rows: Iterator[dict[str, str]], here: Here) -> Iterator[Mapping[str, str]]:
    for row in rows:
        try:
            there = here.holds(float(row["longitude"]), float(row["latitude"]))
        except (ValueError, KeyError):
            there = postcode_of(row) in here.postcodes
        if there:
            # A prison's library is in the list and is no place to walk to.
            yield row | {"kind of place": "Library"}
