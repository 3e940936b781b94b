"""The zones with their gaps as GeoJSON (RFC 7946), in degrees, with sources and licences beside them.

JSON has no endless number: a value beyond what was searched is null, and ``<column>_beyond`` is true. The
assets are other layers under other licences; GeoPackage holds them all.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely

from assetmap import crs as grids
from assetmap import text
from assetmap.exports._tables import gap_areas, is_finite, source_rows
from assetmap.store.files import write_text

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".geojson"
LABEL: Final = "Map of zones (GeoJSON)"

# Seven digits of a degree are a centimetre.
_DIGITS: Final = 7


def write(study: Study, path: Path) -> None:
    """Write the zones and their gaps.

    Raises
    ------
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    areas = grids.to_crs(gap_areas(study), grids.DEGREES)
    head = {
        "type": "FeatureCollection",
        "name": text.without_control(study.name),
        "as_of": study.as_of.isoformat(),
        "note": text.say("area-not-person"),
        "sources": source_rows(study).to_dict("records"),
    }
    # One feature a line, so that two files can be compared.
    features = ",\n".join(map(_dump, _features(areas)))
    write_text(path, _dump(head)[:-1] + ',"features":[\n' + features + "\n]}\n")


def _dump(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _features(areas: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    # RFC 7946 wants outer rings anticlockwise.
    shapes = shapely.transform(shapely.orient_polygons(areas.geometry.to_numpy()), lambda xy: np.round(xy, _DIGITS))
    rows = areas.drop(columns="geometry").to_dict("records")
    return [
        {
            "type": "Feature",
            "id": row["zone_id"],
            "properties": _properties(row),
            "geometry": None if shape is None else shapely.geometry.mapping(shape),
        }
        for row, shape in zip(rows, shapes, strict=True)
    ]


def _properties(row: dict[Any, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, str) or value is None:
            properties[name] = value
        elif is_finite(value):
            properties[name] = int(value) if float(value).is_integer() else float(value)
        else:
            properties[name] = None
            if value == float("inf"):
                properties[f"{name}_beyond"] = True
    return properties
