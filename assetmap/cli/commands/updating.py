"""What has changed in the sources since they were read."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from assetmap import text
from assetmap.cli.running import DONE, PROBLEMS, Later, Timer
from assetmap.errors import UsageError

if TYPE_CHECKING:
    from assetmap.store import workspace as workspaces
    from assetmap.work import update
else:
    workspaces = Later("assetmap.store.workspace")
    update = Later("assetmap.work.update")


def look_for_changes(asked: argparse.Namespace) -> int:
    """Say what has changed in the sources, or put in place what the last look found."""
    if asked.back:
        back = update.put_back(asked.folder)
        print(json.dumps({"back": back}) if asked.json else text.say("update-back", parts=text.join_words(back)))
        return DONE
    if asked.take is not None:
        taken = update.take(asked.folder, asked.take, leave=_left(asked))
        print(json.dumps({"taken": taken}) if asked.json else text.say("update-taken", parts=text.join_words(taken)))
        return DONE
    newer = update.Newer(asked.osm, tuple(asked.indicators), asked.zones)
    found = Timer().run(update.look(asked.folder, newer, offline=asked.offline))
    if asked.json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        for line in found.sentences(str(asked.folder), looked=not asked.offline):
            print(line)
    return PROBLEMS if found.troubles else DONE


def _left(asked: argparse.Namespace) -> list[tuple[str, str]]:
    """Return the changes that are not to be taken, by part and id."""
    found = update.waiting(workspaces.open_workspace(asked.folder))
    there = [] if found is None else list(zip(found.changes["part"], found.changes["id"], strict=True))
    known = {key for _, key in there}
    for key in asked.leave:
        if key not in known:
            raise UsageError("is not among the changes", "--leave", key, "give an id from the list of changes")
    return [one for one in there if one[1] in asked.leave]
