"""A new workspace, from the name of a place or from files."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from assetmap.cli.running import DONE, PROBLEMS, Later, Timer
from assetmap.errors import UsageError

if TYPE_CHECKING:
    from assetmap import intake
    from assetmap.work import new_place
else:
    intake = Later("assetmap.intake")
    new_place = Later("assetmap.work.new_place")


def make(asked: argparse.Namespace) -> int:
    """Make a workspace from the name of a place, or from files."""
    if asked.place is not None:
        return _make_from_place(asked)
    for flag, given in (("--name", asked.name), ("--zones", asked.zones), ("--zone-id", asked.zone_id)):
        if given is None:
            raise UsageError("is missing", flag, do='give it, or --place "Camden, London" in the place of all files')
    files = intake.Files(
        zones=asked.zones,
        zone_id=asked.zone_id,
        zone_name=asked.zone_name,
        population=asked.population,
        osm=asked.osm,
        indicators=tuple(asked.indicators),
        reference=tuple(asked.reference),
        origins=asked.origins,
        postcodes=asked.postcodes,
        layers=asked.layers,
        names=asked.names,
        zones_crs=asked.zones_crs,
    )
    timer = Timer()
    workspace = timer.run(intake.make_workspace(asked.folder, asked.name, files))
    for line in intake.describe(workspace):
        print(line)
    print(f"Made in {sum(timer.seconds.values()):.1f} s. Next: assetmap gaps {asked.folder}")
    return DONE


def _make_from_place(asked: argparse.Namespace) -> int:
    """Make a workspace by fetching what is open on a place."""
    if asked.zones is not None or asked.osm is not None or asked.indicators:
        raise UsageError("goes without files", "--place", asked.place, "leave out --zones, --osm and --indicators")
    if asked.offline and asked.downloads is None:
        raise UsageError("needs --downloads", "--offline", do="name the folder in which everything was fetched")
    wanted = new_place.Wanted(asked.place, asked.name or "", asked.layers, asked.downloads, offline=asked.offline)
    wanted = wanted.also("origins", "lists")
    if asked.reference:
        if [path.name for path in asked.reference] != ["england"]:
            raise UsageError("goes without files", "--reference", asked.reference[0].name, "write --reference england")
        wanted = wanted.also("england")
    timer = Timer()
    workspace, troubles = timer.run(new_place.make_from_place(asked.folder, wanted))
    for line in (*intake.describe(workspace), *troubles):
        print(line)
    print(f"Made in {sum(timer.seconds.values()):.1f} s. Next: assetmap gaps {asked.folder}")
    return PROBLEMS if troubles else DONE
