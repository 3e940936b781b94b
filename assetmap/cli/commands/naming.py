"""What residents call their zones."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from assetmap import text
from assetmap.cli.running import DONE, Later
from assetmap.errors import UsageError
from assetmap.roles import Actor

if TYPE_CHECKING:
    from assetmap import naming
    from assetmap.store import workspace as workspaces
else:
    naming = Later("assetmap.naming")
    workspaces = Later("assetmap.store.workspace")


def name(asked: argparse.Namespace) -> int:
    """Call zones what residents call them, or list what each is called."""
    workspace = workspaces.open_workspace(asked.folder)
    actor = Actor("assetmap name", "worker")
    if asked.file:
        listed = naming.call_zones_of(workspace, asked.file, actor)
        print(text.say("named-zones", changed=listed.changed, zones=text.count(listed.read, "name")))
        return DONE
    if asked.zone is not None and asked.called is not None:
        naming.call_zones(workspace, {asked.zone: naming.SaidName(asked.called, asked.said_by)}, actor)
    zones = naming.named_zones(workspace)
    if asked.zone is None:
        for zone, row in zones.iterrows():
            print(f"{zone}  {row['zone_name']}  ({row['name_from']})")
        return DONE
    if asked.zone not in zones.index:
        raise UsageError("there is no such zone", "ZONE", asked.zone, f"give an id such as {zones.index[0]}")
    called, said = zones.loc[asked.zone, ["zone_name", "name_from"]]
    sentence = "named-zone" if said == "own" else "unnamed-zone"
    print(text.say(sentence, zone=asked.zone, name=called))
    return DONE
