"""A whole workspace in one file, and back."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from assetmap import text
from assetmap.cli.running import DONE, Later

if TYPE_CHECKING:
    from assetmap.store import backup
    from assetmap.store import workspace as workspaces
else:
    workspaces = Later("assetmap.store.workspace")
    backup = Later("assetmap.store.backup")


def back_up(asked: argparse.Namespace) -> int:
    """Put the workspace into one file."""
    made = backup.back_up(workspaces.open_workspace(asked.folder), asked.file)
    print(text.say("backup-made", file=asked.file.name, files=made.files, megabytes=f"{made.bytes / 1e6:.1f}"))
    return DONE


def restore(asked: argparse.Namespace) -> int:
    """Make a workspace from a backup."""
    told = backup.restore(asked.file, asked.folder, asked.erased)
    print(text.say("backup-restored", name=told.name, day=told.made.date().isoformat(), folder=asked.folder.name))
    return DONE
