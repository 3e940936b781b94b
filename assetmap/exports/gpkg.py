"""Everything a map program needs, as one GeoPackage in the place's own grid.

Layers ``zones`` (the gaps), ``assets_openstreetmap`` and ``assets_own`` apart, ``asset_links`` joining the
two, and ``sources`` with the licence of each layer; every row of the others names its licence too. ``connections`` are
the ties between assets that the reader may see, where any are recorded. A merged table of assets would be a derivative
database under the ODbL. QGIS finds how to draw them in ``layer_styles``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from assetmap.errors import WorldError
from assetmap.exports import _qgis
from assetmap.exports._tables import asset_points, gap_areas, plain, source_rows
from assetmap.store.files import replacing

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".gpkg"
LABEL: Final = "All layers (GeoPackage)"

# GDAL's clock is set for the whole process: one GeoPackage at a time.
_CLOCK: Final = Lock()


def write(study: Study, path: Path) -> None:
    """Write every layer.

    Raises
    ------
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    from_osm, own = asset_points(study)
    links = plain(study.links.reset_index(drop=True)).drop(columns="index")
    # A link says nothing but two ids, of which one is ours.
    links["licence"] = links["own_id"].map(own.set_index("asset_id")["licence"]).astype(object)
    sources = source_rows(study)
    zones = gap_areas(study)
    zones.insert(len(zones.columns) - 1, "licence", "; ".join(_licences(sources, "zones")))
    with replacing(path, SUFFIX) as working, _stopped_clock(study.as_of):
        try:
            _write_layer(zones, working, "zones", "MultiPolygon")
            _write_layer(from_osm, working, "assets_openstreetmap", "Point")
            _write_layer(own, working, "assets_own", "Point")
            _write_layer(links, working, "asset_links", None)
            if len(study.connections):
                # Who told of a tie, or the name of the list it stood in, is nobody's outside.
                _write_layer(study.connections.drop(columns=["id", "source"]), working, "connections", None)
            _write_layer(sources, working, "sources", None)
            _write_layer(_qgis.layer_styles(study.as_of), working, _qgis.LAYER, None)
        except (DataLayerError, DataSourceError) as fault:
            raise WorldError("the file cannot be written", path.name, str(fault), "check the disk's space") from fault


def _licences(sources: pd.DataFrame, layer: str) -> list[str]:
    """Return the licences of the sources that a layer was made from, each once."""
    part = [layer in str(layers).split(", ") for layers in sources["layers"]]
    return list(dict.fromkeys(str(licence) for licence in sources.loc[part, "licence"]))


def _write_layer(table: pd.DataFrame, path: Path, layer: str, shape: str | None) -> None:
    many = {"promote_to_multi": True} if shape == "MultiPolygon" else {}
    kind = {"geometry_type": shape} if isinstance(table, gpd.GeoDataFrame) else {}
    key = {"FID": _qgis.KEY} if layer == _qgis.LAYER else {}
    pyogrio.write_dataframe(table, path, layer=layer, driver="GPKG", append=path.exists(), **kind, **many, **key)


@contextmanager
def _stopped_clock(day: date) -> Iterator[None]:
    """Have GDAL stamp its files with the study's day, so that the same study gives the same bytes."""
    with _CLOCK:
        before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{day.isoformat()}T00:00:00.000Z"})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
