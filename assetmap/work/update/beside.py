"""What the last look found lies beside a workspace, until somebody takes it or lets go of it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pandas as pd

from assetmap.roles import Actor, require
from assetmap.store.workspace import Workspace

WAITING: Final = "update"
#: The tables that come from each part, put in place together.
TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "osm": ("osm_features", "street_nodes", "street_edges", "ground", "extract"),
    "indicators": ("zones", "indicator_sources"),
}


@dataclass(frozen=True)
class Waiting:
    """What the last look found and nobody has taken: the changes, the parts that can be taken, and the day."""

    changes: pd.DataFrame
    parts: tuple[str, ...]
    found: str


def waiting(workspace: Workspace) -> Waiting | None:
    """Return what waits to be taken, None where nothing does."""
    folder = workspace.cache / WAITING
    listed = folder / "changes.csv"
    if not listed.is_file():
        return None
    parts = tuple(part for part, tables in TABLES.items() if (folder / f"{tables[0]}.parquet").is_file())
    changes = pd.read_csv(listed, dtype="str", keep_default_na=False)
    found = datetime.fromtimestamp(listed.stat().st_mtime, UTC).date().isoformat()
    return Waiting(changes, parts, found)


def leave_all(workspace: Workspace, actor: Actor) -> None:
    """Let go of what waits; the next look finds it again."""
    require(actor, "change")
    shutil.rmtree(workspace.cache / WAITING, ignore_errors=True)
