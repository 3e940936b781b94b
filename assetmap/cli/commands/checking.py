"""A workspace looked over, and the services that sources are read from."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from assetmap.cli.running import DONE, PROBLEMS, Later, Timer, say_lines
from assetmap.errors import UsageError

if TYPE_CHECKING:
    from assetmap import catalogue as catalogues
    from assetmap import intake, summary
    from assetmap.sources import untaken
    from assetmap.store import workspace as workspaces
    from assetmap.work import live
else:
    intake = Later("assetmap.intake")
    summary = Later("assetmap.summary")
    untaken = Later("assetmap.sources.untaken")
    workspaces = Later("assetmap.store.workspace")
    live = Later("assetmap.work.live")
    catalogues = Later("assetmap.catalogue")


def check(asked: argparse.Namespace) -> int:
    """Look a workspace over, or the services that sources are read from."""
    if asked.live:
        return _check_live(asked)
    if asked.folder is None:
        raise UsageError("is missing", "DIR", do="name the workspace's folder, or ask the services with --live")
    workspace = workspaces.open_workspace(asked.folder)
    found = summary.check_workspace(workspace)
    left = None
    if asked.osm:
        left = untaken.count_untaken(asked.osm, intake.catalogue_of(workspace), untaken.read_reasons())
    if asked.json:
        told = {
            "problems": found.problems,
            "facts": dict(found.facts),
            "categories": found.categories.to_dict("index"),
            "left_over": None if left is None else left.plain(),
        }
        print(json.dumps(told, ensure_ascii=False))
        return PROBLEMS if found.problems else DONE
    for name, value in found.facts.items():
        print(f"{name}: {value}")
    for line in summary.category_lines(found.categories):
        print(line)
    for line in summary.untaken_lines(left, asked.osm.name) if left else ():
        print(line)
    for problem in found.problems:
        print(f"- {problem}")
    return PROBLEMS if found.problems else DONE


def _check_live(asked: argparse.Namespace) -> int:
    """Ask each service for one row."""
    here = intake.catalogue_of(workspaces.open_workspace(asked.folder)) if asked.folder else catalogues.load_catalogue()
    told = Timer().run(live.ask_all(here))
    if asked.json:
        print(json.dumps(live.as_json(told), ensure_ascii=False))
    else:
        say_lines([one.sentence() for one in told])
    return PROBLEMS if live.problems(told) else DONE


def report(asked: argparse.Namespace) -> int:
    """Print versions and sizes."""
    for name, value in summary.report(workspaces.open_workspace(asked.folder)).items():
        print(f"{name}: {value}")
    return DONE
