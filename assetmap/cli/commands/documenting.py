"""The documents that belong to records about people."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from assetmap import text
from assetmap.cli.running import DONE, PROBLEMS, Later
from assetmap.roles import Actor

if TYPE_CHECKING:
    from assetmap import intake, paperwork
    from assetmap.store import people
    from assetmap.store import workspace as workspaces
else:
    intake = Later("assetmap.intake")
    paperwork = Later("assetmap.paperwork")
    people = Later("assetmap.store.people")
    workspaces = Later("assetmap.store.workspace")

_WRITING = Actor("assetmap paperwork", "worker")


def write_paperwork(asked: argparse.Namespace) -> int:
    """Write the documents that belong to records about people."""
    workspace = workspaces.open_workspace(asked.folder)
    chosen = [name for name in asked.only.split(",") if name] or paperwork.names()
    kinds = [asked.format] if asked.format else paperwork.FORMATS
    catalogue = intake.catalogue_of(workspace)
    with people.open_people(workspace, _WRITING, catalogue) as door:
        facts = paperwork.gather(door, workspace.name, catalogue)
    wanted = [(name, kind) for name in dict.fromkeys(chosen) for kind in kinds]
    written = paperwork.write(facts, wanted, asked.out, _WRITING)
    if asked.json:
        print(json.dumps({"files": [one.as_json() for one in written]}, ensure_ascii=False))
    else:
        for one in written:
            print(text.say("paper-left" if one.left else "paper-wrote", file=one.file, blanks=one.blanks))
    return PROBLEMS if any(one.left for one in written) else DONE
