"""The zones with their gaps as GeoParquet, in the place's grid, for analysis; sources stand in its metadata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow.parquet as pq

from assetmap import text
from assetmap.exports._tables import gap_areas, source_rows
from assetmap.store.files import replacing

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".parquet"
LABEL: Final = "Zones for analysis (GeoParquet)"


def write(study: Study, path: Path) -> None:
    """Write the zones and their gaps.

    Raises
    ------
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    notes = {
        "name": text.without_control(study.name),
        "as_of": study.as_of.isoformat(),
        "note": text.say("area-not-person"),
        "sources": source_rows(study).to_dict("records"),
    }
    with replacing(path, SUFFIX) as working:
        gap_areas(study).to_parquet(working, compression="zstd", index=False)
        table = pq.read_table(working)
        metadata = {**(table.schema.metadata or {}), b"assetmap": json.dumps(notes, ensure_ascii=False).encode()}
        pq.write_table(table.replace_schema_metadata(metadata), working, compression="zstd")
