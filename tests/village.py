"""A village small enough to work out by hand: nine square zones of 500 m, streets every 250 m, six places."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from assetmap import crs, intake

SIDE, STEP, ZONES = 500, 250, 3
WEST, SOUTH = 400_000, 30_000
COLUMNS = ("residents", "disabled", "deprived", "mental", "connectivity")
PLACES = (
    (250, 250, {"amenity": "library", "name": "Mill Road Library"}),
    (260, 250, {"amenity": "community_centre", "name": "The Old Mill"}),
    (750, 250, {"amenity": "place_of_worship", "name": "St Anne"}),
    (750, 750, {"amenity": "cafe", "name": "Corner Cafe"}),
    (250, 750, {"leisure": "park", "name": "Green Park"}),
    (1250, 1250, {"amenity": "theatre", "name": "Playhouse"}),
)


@dataclass(frozen=True)
class Village:
    """What may differ from village to village."""

    name: str = "Nether Village"
    zone_names: Mapping[str, str] = field(default_factory=dict)
    place_names: Mapping[str, str] = field(default_factory=dict)
    residents: Mapping[str, int] = field(default_factory=dict)
    places: int = len(PLACES)
    layers: Path | None = None


def zone_ids() -> list[str]:
    return [f"V0{row}{column}" for row in range(ZONES) for column in range(ZONES)]


def write_village(folder: Path, village: Village | None = None) -> intake.Files:
    """Write the village's files and return what to give to ``intake.make_workspace``."""
    village = village or Village()
    folder.mkdir(parents=True, exist_ok=True)
    _write_zones(folder / "zones.geojson", village)
    _write_figures(folder / "figures.csv", village)
    (folder / "streets.osm").write_text(_osm(village), encoding="utf-8")
    return intake.Files(
        zones=folder / "zones.geojson",
        zone_id="code",
        zone_name="label",
        osm=folder / "streets.osm",
        indicators=(folder / "figures.csv",),
        layers=village.layers,
    )


def _write_zones(path: Path, village: Village) -> None:
    features = []
    for number, code in enumerate(zone_ids()):
        x, y = WEST + SIDE * (number % ZONES), SOUTH + SIDE * (number // ZONES)
        ring = [[x, y], [x + SIDE, y], [x + SIDE, y + SIDE], [x, y + SIDE], [x, y]]
        properties = {"code": code, "label": village.zone_names.get(code, f"Zone {number + 1}")}
        features.append(
            {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        )
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": system, "features": features}), encoding="utf-8")


def _write_figures(path: Path, village: Village) -> None:
    """Circumstances rise from the first zone to the last."""
    header = ["lsoa21_code", "total_residents", "total_households", "disabled_prop", "mental_health_indicator"]
    header += ["connectivity_score", "loneliness_cls_pct"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for n, code in enumerate(zone_ids()):
            writer.writerow(
                [code, village.residents.get(code, 1000 + n), 4, 0.1 + 0.02 * n, -1 + 0.2 * n, 90 - 5 * n, 20 + n]
            )


def _osm(village: Village) -> str:
    steps = ZONES * SIDE // STEP + 1
    number = {(i, j): 1 + j * steps + i for j in range(steps) for i in range(steps)}
    nodes = [_node(number[i, j], i * STEP, j * STEP, {}) for j in range(steps) for i in range(steps)]
    for n, (x, y, tags) in enumerate(PLACES[: village.places]):
        named = {**tags, "name": village.place_names.get(tags["name"], tags["name"])}
        nodes.append(_node(1001 + n, x, y, named))
    ways = [_way(2001 + j, [number[i, j] for i in range(steps)]) for j in range(steps)]
    ways += [_way(3001 + i, [number[i, j] for j in range(steps)]) for i in range(steps)]
    return '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">' + "".join(nodes + ways) + "</osm>\n"


def _node(ident: int, x: float, y: float, tags: Mapping[str, str]) -> str:
    lon, lat = crs.unproject(np.array([WEST + x]), np.array([SOUTH + y]), crs.BRITISH_GRID)[0]
    inner = "".join(f"<tag k={quoteattr(k)} v={_attribute(v)}/>" for k, v in tags.items())
    place = f'lat="{lat:.7f}" lon="{lon:.7f}"'
    return f'<node id="{ident}" {place} version="1" timestamp="2026-01-02T00:00:00Z">{inner}</node>'


def _attribute(value: str) -> str:
    return quoteattr(value, {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _way(ident: int, nodes: list[int]) -> str:
    refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
    return (
        f'<way id="{ident}" version="1" timestamp="2026-01-02T00:00:00Z">{refs}<tag k="highway" v="residential"/></way>'
    )
