"""What became of the zones of the 2011 census in 2021, from the portal's exact-fit look-up table.

Its change indicator says ``U`` for a zone that is the same, ``S`` for one that was split, ``M`` for several that were
joined, ``X`` where the two do not fit (https://geoportal.statistics.gov.uk/items/cbfe64cc03d74af982c1afec639bafd1).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from assetmap.catalogue import Source
from assetmap.schema import Step
from assetmap.sources.answers import Found
from assetmap.sources.feature_service import Rows, ask_in_batches, layer, records, service_words
from assetmap.sources.web import Client

KIND: Final = "old-zones"
FILE: Final = "lsoa11-lsoa21.csv"
COLUMNS: Final = ("old", "change", "new")
Fate = Literal["same", "split", "joined", "redrawn"]
_FATES: Final[dict[str, Fate]] = {"U": "same", "S": "split", "M": "joined", "X": "redrawn"}


def fetch(
    client: Client, source: Source, codes: Sequence[str], by: Literal["old_zone", "zone"] = "old_zone"
) -> Generator[Step, None, Rows]:
    """Fetch which zones of 2021 stand for zones of 2011, or the other way round.

    Parameters
    ----------
    client
        Who asks.
    source
        ``ons-boundaries`` of the catalogue.
    codes
        Codes of zones, of the census that ``by`` says.

    Returns
    -------
    Found, NoneMapped or Failed
        A list with one row for each pair: :data:`COLUMNS`.
    """
    names = service_words(source, "fields")
    pairs = layer(source, "old_zones", ("old_zone", "change", "zone"), shapes=False)
    rows = yield from ask_in_batches(client, pairs, (names[by], codes), f"{Path(FILE).stem}-{by}")
    if not isinstance(rows, Found):
        return rows
    listed = [[str(row[names[name]]) for name in ("old_zone", "change", "zone")] for row in records(rows.path)]
    table = pd.DataFrame(sorted(listed), columns=list(COLUMNS), dtype="str")
    yield Step("fetched-old-zones", len(table))
    return client.keep(FILE, table.to_csv(index=False, lineterminator="\n").encode(), [rows], rows.asked)


def read_pairs(path: Path) -> pd.DataFrame:
    """Return the pairs of a list that :func:`fetch` kept."""
    return pd.read_csv(path, dtype="str", keep_default_na=False)


def what_became(pairs: pd.DataFrame) -> dict[str, tuple[Fate, tuple[str, ...]]]:
    """Return by zone of 2011 what became of it and into which zones of 2021.

    Examples
    --------
    >>> rows = [["E01000001", "U", "E01000001"], ["E01000002", "S", "E01033701"], ["E01000002", "S", "E01033702"]]
    >>> what_became(pd.DataFrame(rows, columns=list(COLUMNS)))["E01000002"]
    ('split', ('E01033701', 'E01033702'))
    """
    return {
        str(old): (_FATES.get(str(rows["change"].iloc[0]), "redrawn"), tuple(sorted(rows["new"])))
        for old, rows in pairs.groupby("old")
    }
