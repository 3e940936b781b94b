"""The Indices of Deprivation of the zones of one place: the rows of one list for all of England."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd

from assetmap.catalogue import Source
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped, Question, is_page
from assetmap.sources.web import Client, address_of, digest_of

KIND: Final = "deprivation"
SOURCE: Final = "iod-2025"


def fetch(client: Client, source: Source, codes: Sequence[str]) -> Generator[Step, None, Found | NoneMapped | Failed]:
    """Fetch the list for England and keep the rows of these zones.

    Parameters
    ----------
    client
        Who asks.
    source
        ``iod-2025`` of the catalogue: the address of the list, and the heading of its codes.
    codes
        Codes of the zones. Those of Wales are in no list for England: none mapped, where all are such.
    """
    kept_as, asked = f"{source.id}.csv", digest_of(codes)
    code = str(source.service["code"])
    question = Question(
        f"{source.id}-england.csv", address_of(source.id, source.service), check=partial(_check, code=code)
    )
    answer = yield from client.fetch(question)
    if isinstance(answer, Failed):
        return Failed(answer.service, answer.reason, client.kept(kept_as, asked))
    rows = pd.read_csv(answer.path, dtype="str", encoding="utf-8-sig", keep_default_na=False)
    rows = rows[rows[code].isin(set(codes))]
    if rows.empty:
        return NoneMapped(", ".join(codes[:3]))
    english = sum(one.startswith("E") for one in codes)
    if len(rows) < english:
        reason = f"has {len(rows)} of the {english} zones only"
        return Failed(answer.address, reason, client.kept(kept_as, asked))
    yield Step("fetched-deprivation", len(rows))
    return client.keep(kept_as, rows.to_csv(index=False, lineterminator="\n").encode(), [answer], asked)


def fetch_england(client: Client, source: Source) -> Generator[Step, None, Found | Failed]:
    """Fetch the whole list, to compare a place with all of England."""
    code = str(source.service["code"])
    question = Question(
        f"england-{source.id}.csv", address_of(source.id, source.service), check=partial(_check, code=code)
    )
    return (yield from client.fetch(question))


def _check(path: Path, code: str) -> str:
    if is_page(path):
        return "answered with a page in the place of a table"
    try:
        head = pd.read_csv(path, dtype="str", encoding="utf-8-sig", nrows=5)
    except (ValueError, UnicodeDecodeError):
        return "answered with something that is not a table"
    return "" if code in head else f"has no column {code} any more; mend the name in layers/sources"
