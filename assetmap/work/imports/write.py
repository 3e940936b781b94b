"""Write a list that was looked at: one transaction, a copy of the store first, and nothing of it twice."""

from __future__ import annotations

from collections.abc import Generator

from assetmap.roles import Actor, require
from assetmap.schema import Step
from assetmap.sources.lists.model import Reject
from assetmap.store.database import copy_aside
from assetmap.store.lists import Written, write_list
from assetmap.store.workspace import Workspace
from assetmap.work.imports.model import Plan, Taken

_OVERTAKEN = ("somebody changed this record just now", "look at it and add the list again")


def tried(plan: Plan) -> Taken:
    """Return what would become of a list, for a dry run."""
    return Taken(plan, plan.rows["outcome"], plan.rejects)


def carry_out(workspace: Workspace, plan: Plan, actor: Actor) -> Generator[Step, None, Taken]:
    """Write what was planned, yielding each step as it is finished.

    Where somebody else wrote meanwhile, what they wrote stays and the row is told.

    Parameters
    ----------
    workspace
        The one the plan was made for.
    plan
        As it was shown.
    actor
        Who takes it in.

    Raises
    ------
    NotAllowedError
        If the actor's role may not add, or may not change and records would be changed.
    WorldError
        If the disk refuses; nothing is written then.
    """
    require(actor, "add")
    taking = plan.taking
    if not len(taking.new) and not taking.changes:
        return tried(plan)
    with workspace.open_store() as store:
        copy_aside(store.engine, workspace.store_path, "before-import")
        yield Step("import-copied")
        written = yield from write_list(store, taking, actor)
    return _taken(plan, written)


def _taken(plan: Plan, written: Written) -> Taken:
    outcomes = plan.rows["outcome"].copy()
    outcomes[list(written.there_already)] = "unchanged"
    outcomes[list(written.overtaken)] = "rejected"
    sheet = plan.listing.part if len(plan.listing.parts) > 1 else ""
    late = (Reject(sheet, row, "", "", *_OVERTAKEN) for row in written.overtaken)
    return Taken(plan, outcomes, (*plan.rejects, *late), written.import_id)
