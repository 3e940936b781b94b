"""Houses along the streets, and the people in them, zone by zone and in small groups of neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.cluster.vq import kmeans2

from assetmap.demo.layout import Floats, Layout
from assetmap.demo.plan import TownPlan
from assetmap.demo.ways import Ways

PEOPLE_A_HOME = 2.4
METRES_A_HOME = 6.5
GAP = 5.0
SETBACK = 13.0
DEPTH = 9.0
CORNER = 15.0
DRAWN_WHERE_NOBODY_MAPPED = 0.12
ORIGINS_A_ZONE = 5


@dataclass(frozen=True, eq=False)
class Homes:
    """Where people live.

    ``blocks``: one row per building: ``x``, ``y``, ``angle`` and ``length`` on the sheet, ``homes``, ``zone``,
    ``line``, ``drawn`` (whether the street map holds it). ``zones``: residents and households by zone. ``origins``:
    ``zone``, ``population``, ``x``, ``y`` on the National Grid.
    """

    blocks: pd.DataFrame
    zones: pd.DataFrame
    origins: pd.DataFrame


def build_homes(plan: TownPlan, layout: Layout, ways: Ways) -> Homes:
    """Return homes for everybody, and where they walk from."""
    rng = plan.rng("homes")
    slots = _slots(layout, ways, rng)
    residents = _residents(plan, rng)
    households = np.round(residents / PEOPLE_A_HOME).astype(np.int64)
    blocks = _settle(slots, households, layout, rng)
    zones = pd.DataFrame({"residents": residents, "households": households})
    return Homes(blocks, zones, _origins(blocks, zones, layout, rng))


def _residents(plan: TownPlan, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    share = rng.uniform(0.85, 1.15, plan.zones)
    people = np.floor(plan.people * share / share.sum()).astype(np.int64)
    people[: plan.people - int(people.sum())] += 1
    counted: npt.NDArray[np.int64] = people
    return counted


def _slots(layout: Layout, ways: Ways, rng: np.random.Generator) -> pd.DataFrame:
    """Return every place along a street where a block of houses could stand."""
    streets = ways.lines[ways.lines["kind"].isin(["residential", "tertiary", "unclassified"])]
    first, along, length = _straight(streets)
    built = np.flatnonzero(length > 2 * CORNER + 14.0)
    first, along, length = first[built], along[built], length[built]
    homes = rng.choice([2, 4, 4, 6], len(built))
    size = homes * METRES_A_HOME
    fit = np.maximum(np.floor((length - 2 * CORNER - size + 0.1) / (size + GAP)).astype(np.int64) + 1, 0)
    # Each street twice, once for each side; then one row for each block that fits.
    street = np.repeat(np.tile(np.arange(len(built)), 2), np.tile(fit, 2))
    side = np.repeat(np.repeat([-1.0, 1.0], len(built)), np.tile(fit, 2))
    setback = (SETBACK + rng.uniform(-1.5, 2.5, 2 * len(built))).repeat(np.tile(fit, 2))
    place = np.arange(len(street)) - np.repeat(np.cumsum(np.tile(fit, 2)) - np.tile(fit, 2), np.tile(fit, 2))
    walked = CORNER + size[street] / 2 + place * (size[street] + GAP)
    across = np.column_stack([-along[street, 1], along[street, 0]])
    at = first[street] + walked[:, None] * along[street] + (side * setback)[:, None] * across
    slots = pd.DataFrame(
        {
            "x": at[:, 0],
            "y": at[:, 1],
            "angle": np.arctan2(along[street, 1], along[street, 0]),
            "length": size[street],
            "homes": homes[street],
            "line": streets.index.to_numpy()[built[street]],
            "zone": layout.zone[layout.cell_of(at)],
        }
    )
    return slots[(slots["zone"] >= 0) & _is_free(slots, ways)].reset_index(drop=True)


def _straight(streets: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Return start, direction and length in metres of each street, taken from its first point to its last."""
    lines = streets["geometry"].to_numpy()
    first = shapely.get_coordinates(shapely.get_point(lines, 0))
    step = shapely.get_coordinates(shapely.get_point(lines, -1)) - first
    length = np.hypot(step[:, 0], step[:, 1])
    return first, step / np.maximum(length, 0.01)[:, None], length


def _is_free(slots: pd.DataFrame, ways: Ways) -> npt.NDArray[np.bool_]:
    """Return which slots are clear of river, railway, park and other streets."""
    points = shapely.points(slots["x"], slots["y"])
    wet = shapely.dwithin(points, ways.river_line, 24.0) | shapely.dwithin(points, ways.park, 8.0)
    tree = shapely.STRtree(ways.lines["geometry"].to_numpy())
    crowded = np.zeros(len(slots), dtype=bool)
    crowded[tree.query(points, predicate="dwithin", distance=SETBACK - 4.0)[0]] = True
    free: npt.NDArray[np.bool_] = ~wet & ~crowded & (np.abs(slots["y"].to_numpy()) > 20.0)
    return free


def _settle(
    slots: pd.DataFrame, households: npt.NDArray[np.int64], layout: Layout, rng: np.random.Generator
) -> pd.DataFrame:
    """Return as many blocks as each zone's households need; where there are too few, they are taller."""
    unmapped = layout.zone[layout.roles["nobody-mapped-it"]]
    kept = []
    for zone in range(len(households)):
        group = slots[slots["zone"] == zone]
        shuffled = group.iloc[rng.permutation(len(group))]
        room = int(shuffled["homes"].sum())
        taller = max(1, int(np.ceil(households[zone] / max(room, 1))))
        homes = shuffled["homes"] * taller
        enough = homes.cumsum() - homes < households[zone]
        chosen = shuffled[enough].assign(homes=homes[enough], levels=2 if taller == 1 else taller + 1)
        drawn = rng.random(len(chosen)) < DRAWN_WHERE_NOBODY_MAPPED if zone == unmapped else True
        kept.append(chosen.assign(drawn=drawn))
    blocks: pd.DataFrame = pd.concat(kept).sort_index().reset_index(drop=True)
    return blocks


def _origins(blocks: pd.DataFrame, zones: pd.DataFrame, layout: Layout, rng: np.random.Generator) -> pd.DataFrame:
    """Return groups of neighbouring homes with their people, each at the middle of its homes."""
    rows = []
    for zone, group in blocks.groupby("zone", sort=True):
        places = group[["x", "y"]].to_numpy()
        groups = min(ORIGINS_A_ZONE, len(places))
        _, label = kmeans2(places, groups, minit="++", rng=rng)
        homes = np.bincount(label, weights=group["homes"], minlength=groups)
        for k in np.flatnonzero(homes):
            weight = group["homes"].to_numpy()[label == k]
            middle = np.average(places[label == k], axis=0, weights=weight)
            rows.append({"zone": zone, "homes": homes[k], "x": middle[0], "y": middle[1]})
    table = pd.DataFrame(rows)
    whole = table.groupby("zone")["homes"].transform("sum")
    people = np.floor(zones["residents"].to_numpy()[table["zone"]] * table["homes"] / whole).astype(np.int64)
    missing = zones["residents"] - people.groupby(table["zone"]).sum()
    people[~table["zone"].duplicated()] += missing.to_numpy()
    metres = layout.warp(table[["x", "y"]].to_numpy())
    columns = {"zone": table["zone"], "population": people, "x": metres[:, 0], "y": metres[:, 1]}
    return pd.DataFrame(columns)


def block_outlines(blocks: pd.DataFrame, layout: Layout) -> Floats:
    """Return the four corners of each block on the National Grid, n x 4 x 2."""
    return corners(
        blocks[["x", "y"]].to_numpy(), blocks["angle"].to_numpy(), blocks["length"].to_numpy(), DEPTH, layout
    )


def corners(middle: Floats, angle: Floats, length: Floats, depth: float, layout: Layout) -> Floats:
    """Return the corners of turned rectangles on the National Grid, n x 4 x 2."""
    along = np.column_stack([np.cos(angle), np.sin(angle)]) * (length / 2)[:, None]
    across = np.column_stack([-np.sin(angle), np.cos(angle)]) * (depth / 2)
    four = np.stack(
        [middle - along - across, middle + along - across, middle + along + across, middle - along + across]
    )
    return layout.warp(four.reshape(-1, 2)).reshape(4, -1, 2).transpose(1, 0, 2)
