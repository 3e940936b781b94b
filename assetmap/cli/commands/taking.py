"""Lists that somebody keeps, files that came back, and public lists to look at first."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetmap import text
from assetmap.cli.running import DONE, PROBLEMS, Later, Timer, say_lines
from assetmap.errors import FileRefusedError, UsageError
from assetmap.roles import Actor

if TYPE_CHECKING:
    from assetmap import intake
    from assetmap.sources import answers as found_answers
    from assetmap.sources import postcodes, uprns
    from assetmap.sources.lists import model as list_model
    from assetmap.store import workspace as workspaces
    from assetmap.store.workspace import Workspace
    from assetmap.work import imports, public_lists, returns
else:
    intake = Later("assetmap.intake")
    postcodes = Later("assetmap.sources.postcodes")
    uprns = Later("assetmap.sources.uprns")
    list_model = Later("assetmap.sources.lists.model")
    workspaces = Later("assetmap.store.workspace")
    imports = Later("assetmap.work.imports")
    returns = Later("assetmap.work.returns")
    public_lists = Later("assetmap.work.public_lists")
    found_answers = Later("assetmap.sources.answers")

#: Who adds files from the command line: whoever can run it holds the files anyway.
_ADDING = Actor("assetmap add", "worker")


def add(asked: argparse.Namespace) -> int:
    """Take in lists, and files that came back."""
    workspace = workspaces.open_workspace(asked.folder)
    if asked.rejects and len(asked.files) > 1:
        raise UsageError("is one file for one list", "--rejects", asked.rejects.name, "add the lists one by one")
    if asked.rejects and asked.rejects.resolve() == asked.files[0].resolve():
        raise UsageError("would be written over the list itself", "--rejects", asked.rejects.name, "give another name")
    told: list[dict[str, Any]] = []
    for path in asked.files:
        take = _take_return if returns.is_returned(path) else _take_list
        try:
            told.append(take(workspace, path, asked))
        except FileRefusedError as fault:
            told.append({"file": path.name, "error": fault.parts()})
            print(fault, file=sys.stderr)
    if asked.json:
        print(json.dumps(told if len(told) > 1 else told[0], ensure_ascii=False))
    return PROBLEMS if any("error" in one or one["rejected"] for one in told) else DONE


def _take_return(workspace: Workspace, path: Path, asked: argparse.Namespace) -> dict[str, Any]:
    found = returns.take_in(workspace, path, _ADDING, text.now().date(), "try" if asked.dry_run else "keep")
    say_lines([] if asked.json else returns.lines(found))
    return found.summary()


def _take_list(workspace: Workspace, path: Path, asked: argparse.Namespace) -> dict[str, Any]:
    choices = list_model.Choices(
        part=asked.sheet,
        header=asked.header,
        columns=_columns(asked.map),
        category=asked.category,
        crs=asked.crs,
        placeless=asked.placeless,
        address=asked.address,
        source=asked.source,
    )
    tables = imports.Tables(
        postcodes.read_postcodes(asked.postcodes) if asked.postcodes else None,
        uprns.read_uprns(asked.uprns) if asked.uprns else None,
    )
    timer = Timer()
    plan = timer.run(imports.plan_import(workspace, path, choices, text.now().date(), tables))
    if asked.rejects:
        # First: where it cannot be written, nothing is taken in either.
        imports.write_rejects(plan, plan.rejects, asked.rejects)
    taken = imports.tried(plan) if asked.dry_run else timer.run(imports.carry_out(workspace, plan, _ADDING))
    if asked.rejects and taken.rejects != plan.rejects:
        imports.write_rejects(plan, taken.rejects, asked.rejects)
    say_lines([] if asked.json else imports.lines(taken))
    if asked.rejects and not asked.json:
        print(text.say("import-rejects-written", file=asked.rejects.name))
    return taken.summary() | {"seconds": timer.seconds}


def _columns(pairs: list[str]) -> dict[str, str]:
    """Return what each column holds, as it was said."""
    columns = {}
    for pair in pairs:
        name, equals, held = pair.rpartition("=")
        if not equals or not name.strip():
            raise UsageError("does not name a column and what it holds", "--map", pair, 'write "Where we meet=address"')
        columns[name] = held.strip()
    return columns


def fetch(asked: argparse.Namespace) -> int:
    """Fetch public lists of a workspace's place, to look at before anything is taken."""
    workspace = workspaces.open_workspace(asked.folder)
    wanted = public_lists.Asked(
        tuple(asked.lists) or public_lists.BY_ITSELF, tuple(asked.charity), (asked.feed or "").rstrip("/")
    )
    answers = Timer().run(public_lists.fetch_for(workspace, wanted))
    for line in public_lists.sentences(answers, intake.catalogue_of(workspace), workspace, str(asked.folder)):
        print(line)
    return PROBLEMS if any(isinstance(one, found_answers.Failed) for one in answers.values()) else DONE
