"""Every walk that was reckoned, as Parquet: minutes from each place where people live to each asset near enough.

One row for a start (an output area's centre, or what stands for it) and an asset within the longest walk that counts;
a pair that is not there is farther. ``origin_id, zone_id, asset_id, minutes, metres``, sorted by start, then asset. A
study without streets has no rows. What the ids stand for is in the GeoPackage; sources and licences are in the
metadata.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from assetmap import text
from assetmap.exports._tables import source_rows
from assetmap.store.files import replacing

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".parquet"
LABEL: Final = "Minutes on foot from homes to assets (Parquet)"


def write(study: Study, path: Path) -> None:
    """Write the walks of the zones of this study.

    Raises
    ------
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    table = pa.Table.from_pandas(walks_of(study), preserve_index=False)
    notes = {
        "name": text.without_control(study.name),
        "as_of": study.as_of.isoformat(),
        "note": text.say("area-not-person"),
        "licence": "ODbL-1.0",
        "sources": source_rows(study).to_dict("records"),
    }
    metadata = {**(table.schema.metadata or {}), b"assetmap": json.dumps(notes, ensure_ascii=False).encode()}
    with replacing(path) as working:
        pq.write_table(table.replace_schema_metadata(metadata), working, compression="zstd")


def walks_of(study: Study) -> pd.DataFrame:
    """Return the walks as a table: ``origin_id, zone_id, asset_id`` as categories, ``minutes`` and ``metres``."""
    columns: dict[str, Any] = {"origin_id": [], "zone_id": [], "asset_id": []}
    minutes = metres = np.zeros(0)
    if study.access is not None:
        pairs, inputs = study.access.reach.pairs, study.access.inputs
        zones = inputs.origins["zone_id"].to_numpy()
        kept = np.isin(zones, study.gaps.index.to_numpy())[pairs.origin]
        origin, target, metres = pairs.origin[kept], pairs.target[kept], pairs.metres[kept]
        columns = {
            "origin_id": _named(inputs.origins.index, origin),
            "zone_id": _named(pd.Index(pd.unique(zones)), pd.factorize(zones)[0][origin]),
            "asset_id": _named(inputs.assets.index, target),
        }
        # A hundredth of a minute is under a metre.
        minutes = np.round(metres / (inputs.settings.metres_per_second * 60.0), 2)
    return pd.DataFrame({**columns, "minutes": minutes, "metres": metres})


def _named(names: pd.Index, positions: Any) -> pd.Categorical:
    return pd.Categorical.from_codes(positions, categories=names.astype(object))
