"""Charities of one place, from the register of the Charity Commission for England and Wales.

The register gives the address to which post goes. It tells that a charity is of this place, and it is somebody's home
often enough that it is not kept, nor are the telephone number and the mail address beside it: where a group meets is
for those to say who know it. What is kept is its number, its name, what it says that it does, and its web page.

The extract holds every charity that ever was; linked ones and those removed are left out
(https://register-of-charities.charitycommission.gov.uk/register/full-register-download).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from assetmap.catalogue import Source
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped
from assetmap.sources.public_list import Here, Listed, fetch_list, postcode_of, wrong_zip, zipped_rows
from assetmap.sources.web import Client

KIND: Final = "charities"
SOURCE: Final = "charity-register"
FILE: Final = "charities.csv"
#: Asked of each row, and not kept.
_TOLD_BY: Final = ("postcode", "status", "linked")


def fetch(client: Client, source: Source, here: Here) -> Generator[Step, None, Found | NoneMapped | Failed]:
    """Fetch the register and keep the charities whose post goes to this place, without that address.

    Parameters
    ----------
    client
        Who asks.
    source
        ``charity-register`` of the catalogue.
    here
        The place, told by its postcodes.
    """
    check = partial(wrong_zip, source=source)
    listed = Listed(FILE, "charities", ".zip", check, lambda path: _registered(path, source, here))
    return (yield from fetch_list(client, source, here, listed))


def _registered(path: Path, source: Source, here: Here) -> Iterator[Mapping[str, str]]:
    registered = str(source.service["registered"])
    for row in zipped_rows(path, source):
        code = postcode_of(row)
        _, status, linked = (row.pop(name) for name in _TOLD_BY)
        if status == registered and linked == "0" and code in here.postcodes:
            yield row
