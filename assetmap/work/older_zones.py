"""Zones of the 2011 census beside a newer map: what became of them is published, and need not be told by outlines."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from assetmap import text
from assetmap.catalogue import Source
from assetmap.schema import Step
from assetmap.sources import old_zones
from assetmap.sources.answers import Failed, Found
from assetmap.sources.old_zones import Fate
from assetmap.sources.vector import read_layer
from assetmap.sources.web import Client
from assetmap.store.workspace import ZonesFile
from assetmap.work.changes import compare_zones

#: A zone of England or Wales; those of both censuses are written alike.
_ZONE: Final = re.compile(r"[EW]01\d{6}")
#: Columns of codes are called by the census: LSOA11CD, LSOA21CD.
_CENSUS: Final = re.compile(r"(?<=^LSOA)\d\d(?=CD$|NM$)")
_COLUMNS: Final = frozenset({"LSOACD"})
Fates = Mapping[str, tuple[Fate, tuple[str, ...]]]


def compare_published(
    client: Client, source: Source, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame
) -> Generator[Step, None, tuple[pd.DataFrame, tuple[str, ...]]]:
    """Compare boundaries; where those of before are of 2011, by the published list of what became of each.

    Only codes of zones whose outlines tell a difference are asked for, and none where no code is gone.

    Parameters
    ----------
    client
        Who asks for the list.
    source
        ``ons-boundaries`` of the catalogue.
    before, after
        As for :func:`assetmap.work.changes.compare_zones`.

    Returns
    -------
    tuple
        The changes, and a sentence where the list could not be had: then outlines tell them.
    """
    drawn = compare_zones(before, after)
    differ = [str(one) for one in drawn["id"] if one in before.index and _ZONE.fullmatch(str(one))]
    if not any(one not in after.index for one in differ):
        return drawn, ()
    answer = yield from old_zones.fetch(client, source, differ)
    troubles: tuple[str, ...] = ()
    if isinstance(answer, Failed):
        troubles = (text.say("update-old-zones-failed", said=answer.sentence()),)
    listed = answer.last if isinstance(answer, Failed) else answer
    if not isinstance(listed, Found):
        return drawn, troubles
    fates = old_zones.what_became(old_zones.read_pairs(listed.path))
    return (compare_zones(before, after, fates) if _are_older(fates, after) else drawn), troubles


def columns_in(newer: Path, given: ZonesFile) -> tuple[str, str | None]:
    """Return the columns of codes and names of a newer file: a file of the other census names its own.

    Parameters
    ----------
    newer
        The newer boundaries.
    given
        What they are called in the file that the workspace was made from.
    """
    code, name = given.id_column, given.name_column or None
    if _CENSUS.sub("", code) not in _COLUMNS:
        return code, name
    there = {str(one) for one in read_layer(newer).table.columns}
    if code not in there:
        code = next((one for one in sorted(there, reverse=True) if _CENSUS.sub("", one) == _CENSUS.sub("", code)), code)
    if name not in there:
        name = next((one for one in sorted(there, reverse=True) if _CENSUS.sub("", one) == "LSOANM"), None)
    return code, name


def _are_older(fates: Fates, after: gpd.GeoDataFrame) -> bool:
    """Tell whether the list explains a code that is gone by zones that are there.

    A code that both censuses have says nothing by itself, so that a correction of boundaries of 2021 stays one.
    """
    return any(
        fate != "same" and old not in after.index and any(one in after.index for one in into)
        for old, (fate, into) in fates.items()
    )
