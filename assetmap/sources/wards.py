"""Which ward each zone of a place lies in, from the Open Geography Portal: names of areas that residents know."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Sequence
from typing import Final

from assetmap.catalogue import Source
from assetmap.schema import Step
from assetmap.sources import ons
from assetmap.sources.answers import Failed, Found, NoneMapped
from assetmap.sources.web import Client, digest_of

KIND: Final = "wards"
FILE: Final = "wards.csv"
_FIELDS: Final = ("zone", "ward", "ward_name", "authority", "authority_name")


def fetch(client: Client, source: Source, codes: Sequence[str]) -> Generator[Step, None, Found | NoneMapped | Failed]:
    """Fetch the ward and the authority of each zone as one list.

    Parameters
    ----------
    client
        Who asks.
    source
        ``ons-boundaries`` of the catalogue.
    codes
        Codes of the zones; one that the look-up does not know has no row.
    """
    headings = [ons.service_words(source, "fields")[field] for field in _FIELDS]
    lookup = ons.layer(source, "lookup", _FIELDS, shapes=False)
    asked = digest_of(lookup.address, headings, list(codes))
    parts: list[Found] = []
    rows: list[list[str]] = []
    for start in range(0, len(codes), ons.BATCH):
        listed = ",".join("'" + code.replace("'", "''") + "'" for code in codes[start : start + ons.BATCH])
        answer = yield from ons.ask(client, lookup, f"{headings[0]} IN ({listed})", f"wards-{start}.json")
        if isinstance(answer, Failed):
            return Failed(answer.service, answer.reason, client.kept(FILE, asked))
        if isinstance(answer, Found):
            parts.append(answer)
            rows += [[str(row[name]) for name in headings] for row in ons.records(answer.path)]
    if not rows:
        return NoneMapped("wards")
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([headings, *sorted(rows)])
    return client.keep(FILE, written.getvalue().encode(), parts, asked)
