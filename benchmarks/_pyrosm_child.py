"""Read an OpenStreetMap file with pyrosm: run among the peers, JSON in, JSON out."""

from __future__ import annotations

import json
import sys
from time import perf_counter
from typing import Any


def read(path: str, keys: list[str]) -> dict[str, Any]:
    """Read streets to walk with their nodes, everything under the keys, and the ground to draw."""
    from pyrosm import OSM

    started = perf_counter()
    osm = OSM(path, progress=False)
    nodes, edges = osm.get_network("walking", nodes=True)
    places = osm.get_data_by_custom_criteria(custom_filter=dict.fromkeys(keys, True))
    ground = [osm.get_buildings(), osm.get_landuse(), osm.get_natural()]
    seconds = perf_counter() - started
    letters = places["osm_type"].astype(str).str[0]
    return {
        "seconds": seconds,
        "nodes": len(nodes),
        "ways": sorted({int(i) for i in edges["id"]}),
        "places": [f"{letter}{number}" for letter, number in zip(letters, places["id"], strict=True)],
        "ground": sum(len(table) for table in ground if table is not None),
    }


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    real, sys.stdout = sys.stdout, sys.stderr
    answer = read(asked["path"], asked["keys"])
    json.dump(answer, real)
