"""The command for figures of one's own: what can be typed, and what it does."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetmap import text
from assetmap.cli.running import DONE, PROBLEMS, Later
from assetmap.errors import FileRefusedError
from assetmap.roles import Actor

if TYPE_CHECKING:
    from assetmap import intake
    from assetmap.sources import area_lists, lists
    from assetmap.store import files
    from assetmap.store import workspace as workspaces
    from assetmap.store.workspace import Workspace
    from assetmap.work import own_indicators, own_layers
else:
    intake, files = Later("assetmap.intake"), Later("assetmap.store.files")
    workspaces = Later("assetmap.store.workspace")
    area_lists, lists = Later("assetmap.sources.area_lists"), Later("assetmap.sources.lists")
    own_indicators, own_layers = Later("assetmap.work.own_indicators"), Later("assetmap.work.own_layers")


def add_options(own: argparse.ArgumentParser) -> None:
    """Add what can be said to the command after the workspace's folder."""
    own.add_argument("file", type=Path, nargs="?", metavar="FILE", help="a list with one row for each area")
    own.add_argument("--column", default="", metavar="C", help="the column of figures; may be left out if there is one")
    own.add_argument(
        "--per", default="", metavar="COLUMN", help="divide by this column, or by residents or households of the areas"
    )
    own.add_argument("--codes", default="", metavar="COLUMN", help="the column that says where; found by its content")
    own.add_argument("--lookup", type=Path, metavar="F", help="a list that matches the file's areas to this place's")
    own.add_argument("--name", default="", metavar="N", help="what the figure is called; default: as its column")
    own.add_argument("--more-is", choices=("worse", "better"), default="worse", help="what more of it means (worse)")
    own.add_argument(
        "--unit", choices=("percent", "score"), default="", help="what the numbers are; default: as the column says"
    )
    own.add_argument("--population", default="", metavar="WHO", help="of whom it speaks")
    own.add_argument("--index", default="", metavar="ID", help="the index whose copy counts it; default: the usual one")
    own.add_argument("--domain", default="", metavar="D", help="the domain of the index it goes under (the last)")
    own.add_argument("--weight", type=float, default=1.0, metavar="W", help="how much it counts there (1)")
    own.add_argument("--remove", default="", metavar="ID", help="take one out again")
    own.add_argument("--dry-run", action="store_true", help="say what would become of it, and write nothing")
    own.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    own.set_defaults(run=indicator)


def indicator(asked: argparse.Namespace) -> int:
    """Add figures of one's own, take them out again, or list them."""
    workspace = workspaces.open_workspace(asked.folder)
    actor = Actor("assetmap indicator", "worker")
    if asked.remove:
        own_layers.remove(workspace, asked.remove, actor)
        return _tell({"removed": asked.remove}, [text.say("own-removed", id=asked.remove)], asked)
    if asked.file is None:
        known = own_layers.own_indicators(workspace, intake.catalogue_of(workspace))
        return _tell({"indicators": [own.summary() for own in known]}, own_layers.lines(known), asked)
    try:
        planned = _planned(workspace, asked)
    except FileRefusedError as fault:
        print(fault, file=sys.stderr)
        _tell({"file": asked.file.name, "error": fault.parts()}, [], asked)
        return PROBLEMS
    if not asked.dry_run:
        own_layers.keep(workspace, planned, actor)
    told = {"file": asked.file.name, **planned.summary(), "written": not asked.dry_run}
    last = text.say("own-tried") if asked.dry_run else own_layers.kept_words(planned, asked.folder)
    return _tell(told, [*own_indicators.lines(planned), last], asked)


def _planned(workspace: Workspace, asked: argparse.Namespace) -> own_indicators.Plan:
    said = ("column", "per", "name", "more_is", "unit", "population", "index", "domain", "weight")
    figures = own_indicators.Asked(**{name: getattr(asked, name) for name in said})
    lookup = lists.read_listing(asked.lookup) if asked.lookup else None
    places = own_indicators.places_of(workspace, lookup)
    listed = area_lists.find_areas(lists.read_listing(asked.file), places, asked.codes)
    return own_indicators.plan(workspace, listed, figures, files.hash_file(asked.file), text.now().date())


def _tell(told: dict[str, Any], lines: list[str], asked: argparse.Namespace) -> int:
    for line in [json.dumps(told, ensure_ascii=False)] if asked.json else lines:
        print(line)
    return DONE
