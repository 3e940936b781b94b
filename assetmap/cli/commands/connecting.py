"""The command for ties: recorded from a spreadsheet, or told."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetmap import text
from assetmap.cli.running import DONE, PROBLEMS, Later, say_lines
from assetmap.errors import FileRefusedError, MissingColumnError
from assetmap.roles import Actor

if TYPE_CHECKING:
    from assetmap import study
    from assetmap.sources import lists
    from assetmap.store import workspace as workspaces
    from assetmap.work import tie_lists
else:
    study, lists = Later("assetmap.study"), Later("assetmap.sources.lists")
    workspaces, tie_lists = Later("assetmap.store.workspace"), Later("assetmap.work.tie_lists")


def add_options(ties: argparse.ArgumentParser) -> None:
    """Add what can be said to the command after the workspace's folder."""
    ties.add_argument("file", type=Path, metavar="FILE", help="a list with a row for each tie (.csv .xlsx .ods)")
    ties.add_argument(
        "--from", dest="one", default="", metavar="C", help="the column with one end; found by its content"
    )
    ties.add_argument("--to", dest="other", default="", metavar="C", help="the column with the other end")
    ties.add_argument("--relation", dest="kind", default="", metavar="C", help="the column that says how they are tied")
    ties.add_argument("--strength", default="", metavar="C", help="the column with 1, 2, or 3 for three and more")
    ties.add_argument("--dry-run", action="store_true", help="say what would become of it, and write nothing")
    ties.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    ties.set_defaults(run=connect)


def connect(asked: argparse.Namespace) -> int:
    """Record the ties of a spreadsheet."""
    workspace = workspaces.open_workspace(asked.folder)
    said = {name: getattr(asked, name) for name in ("one", "other", "kind", "strength") if getattr(asked, name)}
    try:
        listing = lists.read_listing(asked.file)
        listed = tie_lists.read_ties(listing, study.gather(workspace, "worker", text.now().date()), said)
    except (FileRefusedError, MissingColumnError) as fault:
        print(fault, file=sys.stderr)
        if asked.json:
            print(json.dumps({"file": asked.file.name, "error": fault.parts()}, ensure_ascii=False))
        return PROBLEMS
    told: dict[str, Any] = {**listed.summary(), "added": 0, "changed": 0, "unchanged": 0, "change_id": None}
    lines = listed.lines()
    if asked.dry_run:
        lines.append(text.say("ties-tried"))
    else:
        made = tie_lists.take_ties(workspace, listed, Actor("assetmap connect", "worker"))
        told |= {name: getattr(made, name) for name in ("added", "changed", "unchanged", "change_id")}
        lines.append(text.say("ties-taken", added=made.added, changed=made.changed, unchanged=made.unchanged))
    say_lines([json.dumps(told, ensure_ascii=False)] if asked.json else lines)
    return PROBLEMS if listed.rejects else DONE
