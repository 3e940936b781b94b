"""Postcodes of one place from Code-Point Open: those in and around its zones, out of one zip for Great Britain.

The zip holds one list a postcode area, without headings: postcode, how sure its place is, easting and northing
(https://www.ordnancesurvey.co.uk/products/code-point-open).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from assetmap import crs as grids
from assetmap.catalogue import Source
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped, Question
from assetmap.sources.web import Client, address_of, digest_of

KIND: Final = "code-point"
SOURCE: Final = "code-point-open"
#: The national grid, in which the lists give places.
GRID: Final = CRS.from_epsg(27700)
AROUND_METRES: Final = 1000.0
_LARGEST: Final = 600_000_000
#: Places of this quality are none (easting and northing 0).
_NO_PLACE: Final = "90"


def fetch(
    client: Client, source: Source, zones: gpd.GeoDataFrame
) -> Generator[Step, None, Found | NoneMapped | Failed]:
    """Fetch the zip and keep the postcodes in and around the zones, as a list with degrees."""
    kept_as, asked = "postcodes.csv", digest_of(*zones.geometry.total_bounds.round(6).tolist())
    question = Question(f"{source.id}.zip", address_of(source.id, source.service), check=_check)
    answer = yield from client.fetch(question)
    if isinstance(answer, Failed):
        return Failed(answer.service, answer.reason, client.kept(kept_as, asked))
    on_grid = grids.to_crs(zones, GRID)
    west, south, east, north = on_grid.geometry.total_bounds
    box = (west - AROUND_METRES, south - AROUND_METRES, east + AROUND_METRES, north + AROUND_METRES)
    parts = list(_lists(answer.path, source, box))
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if rows.empty:
        return NoneMapped("postcodes")
    lon, lat = grids.unproject(rows["easting"].to_numpy(float), rows["northing"].to_numpy(float), GRID).T
    made = pd.DataFrame({"postcode": rows["postcode"], "lon": lon.round(6), "lat": lat.round(6)})
    yield Step("fetched-postcodes", len(made))
    content = made.sort_values("postcode").to_csv(index=False, lineterminator="\n")
    return client.keep(kept_as, content.encode(), [answer], asked)


def _lists(path: Path, source: Source, box: tuple[float, float, float, float]) -> Generator[pd.DataFrame, None, None]:
    columns = {int(str(source.service[name])): name for name in ("postcode", "quality", "easting", "northing")}
    west, south, east, north = box
    with zipfile.ZipFile(path) as packed:
        for member in _members(packed):
            with packed.open(member) as file:
                lines = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
                rows = pd.read_csv(lines, header=None, usecols=sorted(columns), dtype="str", keep_default_na=False)
            rows = rows.rename(columns=columns)
            rows[["easting", "northing"]] = rows[["easting", "northing"]].apply(pd.to_numeric, errors="coerce")
            inside = rows["easting"].between(west, east) & rows["northing"].between(south, north)
            kept = rows[inside & (rows["quality"] != _NO_PLACE)]
            if len(kept):
                yield kept


def _members(packed: zipfile.ZipFile) -> list[str]:
    return sorted(
        one.filename for one in packed.infolist() if "/CSV/" in one.filename and one.filename.endswith(".csv")
    )


def _check(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as packed:
            if not _members(packed):
                return "has a zip file without lists of postcodes"
            size = sum(one.file_size for one in packed.infolist())
    except zipfile.BadZipFile:
        return "answered with something that is not a zip file"
    return "has a zip file that is too large" if size > _LARGEST else ""
