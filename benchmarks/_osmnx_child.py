"""The gap table by osmnx, networkx, pandas and PySAL access: run among the peers, JSON in, JSON out.

Written as somebody would who knows these packages and wants our figures: osmnx reads streets and features and finds the
nearest street, places are joined to both ends of it, networkx searches from each origin, pandas adds up, access
reckons supply per head. What is of which category, and the indicators' scores, are given.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx as ox
import pandas as pd
from access import Access

LIMIT, WITHIN, HORIZON = 1200.0, 800.0, 3000.0
FULL, METRES_A_MINUTE = 400.0, 80.0
SCALE = 23.0


def main(asked: dict[str, Any]) -> dict[str, Any]:
    folder = Path(asked["folder"])
    started = perf_counter()
    given = pd.read_csv(folder / "categories.csv", index_col="asset_id")
    origins = pd.read_csv(folder / "origins.csv", dtype={"zone_id": str})
    scores = pd.read_csv(folder / "scores.csv", index_col="zone_id", dtype={"zone_id": str})
    graph = read_streets(folder / "streets.osm", asked["crs"])
    assets = read_assets(folder / asked["places"], asked, given)
    x = pd.concat([origins["x"], assets.geometry.x], ignore_index=True)
    y = pd.concat([origins["y"], assets.geometry.y], ignore_index=True)
    streets = ox.distance.nearest_edges(graph, x.to_numpy(), y.to_numpy())
    first = len(origins)
    homes = put_on_streets(graph, x[:first], y[:first], streets[:first], "origin")
    places = put_on_streets(graph, x[first:], y[first:], streets[first:], "asset")
    link_on_one_street(graph, homes, places)
    walks = find_walks(graph, origins, assets)
    table = isolation(scores, asked["domains"], asked["weights"])
    table = table.join(access(walks, origins, asked["themes"]))
    table["nearest_minutes"] = nearest(graph, origins, assets)
    for name in asked["supplies"]:
        table[f"supply:{name}"] = supply_per_head(walks, origins, assets, name)
    table["class"] = classify(table)
    seconds = perf_counter() - started
    return {"seconds": seconds, "assets": len(assets), "rows": json.loads(table.to_json(orient="split"))}


def read_streets(path: Path, system: str) -> nx.MultiDiGraph:
    graph = ox.graph_from_xml(path, bidirectional=True, simplify=False, retain_all=True)
    graph = ox.project_graph(graph, to_crs=system)
    for u, v, edge in graph.edges(data=True):
        start, end = graph.nodes[u], graph.nodes[v]
        edge["length"] = math.ceil(math.hypot(end["x"] - start["x"], end["y"] - start["y"]) * 100.0) / 100.0
    return graph


def read_assets(path: Path, asked: dict[str, Any], given: pd.DataFrame) -> gpd.GeoDataFrame:
    found = ox.features_from_xml(path, tags=asked["tags"])
    letters = found.index.get_level_values(0).str[0]
    found.index = pd.Index([f"{letter}{n}" for letter, n in zip(letters, found.index.get_level_values(1), strict=True)])
    found = found[["geometry"]].to_crs(asked["crs"]).join(given, how="inner")
    return found.set_geometry(found.geometry.representative_point())


def put_on_streets(graph: nx.MultiDiGraph, x: pd.Series, y: pd.Series, streets: Any, name: str) -> pd.DataFrame:
    """Join each place to both ends of its street: from an origin, or to an asset."""
    rows = []
    for i, (u, v, _) in enumerate(streets):
        a, b = graph.nodes[u], graph.nodes[v]
        run_x, run_y = b["x"] - a["x"], b["y"] - a["y"]
        length = max(math.hypot(run_x, run_y), 1e-9)
        along = ((x.iloc[i] - a["x"]) * run_x + (y.iloc[i] - a["y"]) * run_y) / length
        along = min(max(along, 0.0), length)
        foot_x, foot_y = a["x"] + run_x * along / length, a["y"] + run_y * along / length
        rows.append((u, v, along, length - along, math.hypot(x.iloc[i] - foot_x, y.iloc[i] - foot_y)))
    table = pd.DataFrame(rows, columns=["u", "v", "to_u", "to_v", "gap"])
    for i, row in enumerate(rows):
        for node, metres in ((row[0], row[2] + row[4]), (row[1], row[3] + row[4])):
            ends = ((name, i), node) if name == "origin" else (node, (name, i))
            graph.add_edge(*ends, length=metres)
    return table


def link_on_one_street(graph: nx.MultiDiGraph, homes: pd.DataFrame, places: pd.DataFrame) -> None:
    """Let walks between two places on one street go straight along it."""
    for table in (homes, places):
        swapped = table["u"] > table["v"]
        table["low"], table["high"] = table[["u", "v"]].min(axis=1), table[["u", "v"]].max(axis=1)
        table["at"] = table["to_u"].where(~swapped, table["to_v"])
    both = homes.reset_index().merge(places.reset_index(), on=["low", "high"], suffixes=("_o", "_a"))
    for row in both.itertuples():
        metres = abs(row.at_o - row.at_a) + row.gap_o + row.gap_a
        graph.add_edge(("origin", row.index_o), ("asset", row.index_a), length=metres)


def find_walks(graph: nx.MultiDiGraph, origins: pd.DataFrame, assets: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for i in range(len(origins)):
        lengths = nx.single_source_dijkstra_path_length(graph, ("origin", i), cutoff=LIMIT, weight="length")
        rows += [
            (i, node[1], metres) for node, metres in lengths.items() if isinstance(node, tuple) and node[0] == "asset"
        ]
    walks = pd.DataFrame(rows, columns=["origin", "asset", "metres"])
    return walks.join(assets.reset_index(drop=True)[["theme", "trust", "counts"]], on="asset")


def nearest(graph: nx.MultiDiGraph, origins: pd.DataFrame, assets: pd.DataFrame) -> pd.Series:
    """Return the zones' median minutes to the nearest place that counts, by one search from all of them."""
    counting = [("asset", i) for i in np.flatnonzero(assets["counts"].to_numpy())]
    lengths = nx.multi_source_dijkstra_path_length(graph.reverse(copy=False), counting, cutoff=HORIZON, weight="length")
    minutes = [lengths.get(("origin", i), math.inf) / METRES_A_MINUTE for i in range(len(origins))]
    ordered = origins.assign(minutes=minutes).sort_values("minutes")
    share = ordered["population"].groupby(ordered["zone_id"]).transform(lambda people: people.cumsum() / people.sum())
    return ordered[share >= 0.5 - 1e-12].groupby("zone_id")["minutes"].first()


def access(walks: pd.DataFrame, origins: pd.DataFrame, themes: dict[str, float]) -> pd.DataFrame:
    counting = walks[walks["counts"]].copy()
    credit = ((LIMIT - counting["metres"]) / (LIMIT - FULL)).clip(0.0, 1.0)
    counting["left"] = 1.0 - counting["trust"] * credit
    covered = 1.0 - counting.groupby(["origin", "theme"])["left"].prod().unstack("theme")  # noqa: PD010
    covered = covered.reindex(index=origins.index, columns=list(themes)).fillna(0.0)
    weights = pd.Series(themes)
    near = counting[counting["metres"] <= WITHIN]
    figures = pd.DataFrame(
        {
            "access": 100.0 * (covered * weights).sum(axis=1) / weights.sum(),
            "count_within": near.groupby("origin").size().reindex(origins.index, fill_value=0),
            "themes_within": near.groupby("origin")["theme"].nunique().reindex(origins.index, fill_value=0),
        }
    )
    people = origins["population"]
    return (
        figures.mul(people, axis=0)
        .groupby(origins["zone_id"])
        .sum()
        .div(people.groupby(origins["zone_id"]).sum(), axis=0)
    )


def supply_per_head(walks: pd.DataFrame, origins: pd.DataFrame, assets: pd.DataFrame, category: str) -> pd.Series:
    least = math.exp(-0.5)
    supply = assets.reset_index(drop=True)
    supply = supply[(supply["category"] == category) & supply["capacity"].notna()]
    costs = walks.loc[walks["asset"].isin(supply.index) & (walks["metres"] < WITHIN), ["origin", "asset", "metres"]]
    measure = Access(
        demand_df=origins[["population"]].rename_axis("origin").reset_index(),
        demand_index="origin",
        demand_value="population",
        supply_df=supply[["capacity"]].rename_axis("asset").reset_index(),
        supply_index="asset",
        supply_value="capacity",
        cost_df=costs,
        cost_origin="origin",
        cost_dest="asset",
        cost_name="metres",
    )
    got = measure.enhanced_two_stage_fca(
        name="got",
        cost="metres",
        max_cost=WITHIN,
        weight_fn=lambda metres: (math.exp(-0.5 * (metres / WITHIN) ** 2) - least) / (1.0 - least),
    )["got_capacity"]
    per_head = got.reindex(origins.index).fillna(0.0) * origins["population"]
    zone = origins["zone_id"]
    return 1000.0 * per_head.groupby(zone).sum() / origins["population"].groupby(zone).sum()


def isolation(scores: pd.DataFrame, domains: dict[str, dict[str, float]], weights: dict[str, float]) -> pd.DataFrame:
    total = pd.Series(0.0, scores.index)
    for domain, parts in domains.items():
        part_weights = pd.Series(parts)
        values = scores[list(parts)]
        mean = (values * part_weights).sum(axis=1) / (values.notna() * part_weights).sum(axis=1)
        share = mean.round(9).rank() / mean.notna().sum()
        total += weights[domain] / sum(weights.values()) * -SCALE * np.log1p(-share * -math.expm1(-100.0 / SCALE))
    percentile = 100.0 * (total.round(9).rank() - 0.5) / total.notna().sum()
    return pd.DataFrame({"isolation": total, "isolation_pct": percentile})


def classify(table: pd.DataFrame) -> pd.Series:
    isolated, next_to, low = table["isolation_pct"] >= 80.0, table["isolation_pct"] >= 60.0, table["access"] < 50.0
    names = ["priority", "watch", "build-on", "strong-base"]
    chosen = np.select([isolated & low, next_to & low, isolated & (table["access"] <= 75.0), isolated], names, "none")
    return pd.Series(chosen, table.index)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    real, sys.stdout = sys.stdout, sys.stderr
    json.dump(main(asked), real)
