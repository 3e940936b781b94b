"""The seeded maker of made-up towns of any size, for the demo, the benchmarks and the tests.

::

    plan.py      what is asked for
    layout.py    the lie of the land and what is planted where
    ways.py      streets, river, railway, park
    homes.py     houses and the people in them
    places.py    what the town has
    quiet.py     where little may be placed
    figures.py   census-like figures
    town.py      all of it as tables
    files.py     all of it as files
    names.py     words that name nobody and nowhere
"""

from __future__ import annotations

import shutil
from collections.abc import Generator
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd

from assetmap import intake, text
from assetmap.catalogue import load_catalogue
from assetmap.crs import BRITISH_GRID
from assetmap.demo.files import write_town
from assetmap.demo.plan import TownPlan
from assetmap.demo.town import Town, make_town
from assetmap.roles import Actor
from assetmap.schema import MADE_UP, Step
from assetmap.store.assets import add_assets, read_assets
from assetmap.store.connections import Tie, connect_many
from assetmap.store.workspace import Workspace, open_workspace

__all__ = ["Town", "TownPlan", "files_of", "make_town", "make_workspace", "write_town"]

SOURCE = MADE_UP


def files_of(folder: Path) -> intake.Files:
    """Return a written town's files as ``intake`` takes them."""
    return intake.Files(
        zones=folder / "zones.geojson",
        zone_id="zone_code",
        zone_name="zone_name",
        osm=folder / "town.osm.pbf",
        indicators=(folder / "indicators.csv",),
        origins=folder / "origins.csv",
        source=SOURCE,
    )


def make_workspace(
    folder: Path, plan: TownPlan | None = None, day: date | None = None
) -> Generator[Step, None, Workspace]:
    """Make a workspace of a made-up town, its files beside it in ``files``, yielding each step.

    Parameters
    ----------
    folder
        Where it will lie: not there yet, or empty.
    plan
        The shipped town when None.
    day
        The day by which its records were last checked; today when None.
    """
    day = day or text.now().date()
    town = make_town(plan, day)
    yield Step("town", len(town.zones))
    files = folder.with_name(f".{folder.name}.files")
    try:
        write_town(town, files)
        yield from intake.make_workspace(folder, town.plan.name, files_of(files))
        shutil.copytree(files, folder / "files")
    finally:
        shutil.rmtree(files, ignore_errors=True)
    workspace = open_workspace(folder)
    with workspace.open_store() as store:
        add_assets(store, own_rows(town.community), Actor("demo", "worker"), "community.csv")
        ids = {row["source_id"]: own_id for own_id, row in read_assets(store, day).iterrows()}
        told = town.ties.to_dict("records")
        ties = [Tie(ids[t["from"]], ids[t["to"]], t["kind"], t["strength"], "connections.csv") for t in told]
        connect_many(store, Actor("demo", "worker"), ties)
    yield Step("community", len(town.community))
    yield Step("ties", len(ties))
    return workspace


def own_rows(community: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the community's records as the store takes them."""
    kinds = {category.id: category.kind for category in load_catalogue().categories.values()}
    table = pd.DataFrame(
        {
            "source": SOURCE,
            "source_id": community["id"],
            "name": community["name"],
            "kind": community["category"].map(kinds),
            "category": community["category"],
            "opening_times": community["opening_times"],
            "last_checked": pd.to_datetime(community["last_checked"], errors="coerce"),
            "identified_by": community["identified_by"],
            "licence": "CC0 1.0",
        }
    )
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(community["x"], community["y"]), crs=BRITISH_GRID)
