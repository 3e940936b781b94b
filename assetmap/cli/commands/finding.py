"""Where to start talking."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from assetmap import exports, text
from assetmap.cli.running import DONE, Later, Timer
from assetmap.errors import UsageError
from assetmap.schema import Settings

if TYPE_CHECKING:
    from assetmap import study, summary
    from assetmap.store import workspace as workspaces
    from assetmap.store.workspace import Workspace
else:
    study = Later("assetmap.study")
    summary = Later("assetmap.summary")
    workspaces = Later("assetmap.store.workspace")


def gaps(asked: argparse.Namespace) -> int:
    """Say where to start talking."""
    workspace = workspaces.open_workspace(asked.folder)
    timer = Timer()
    made = timer.run(study.build(workspace, "worker", _settings(workspace, asked), text.now().date()))
    if asked.out:
        exports.by_suffix(asked.out).write(made, asked.out)
    if asked.json:
        print(json.dumps(summary.summary(made) | {"seconds": timer.seconds}, ensure_ascii=False, allow_nan=False))
        return DONE
    for line in summary.lines(made):
        print(line)
    if asked.out:
        print(f"The whole table is in {asked.out}.")
    print(f"Reckoned in {sum(timer.seconds.values()):.1f} s.")
    return DONE


def _settings(workspace: Workspace, asked: argparse.Namespace) -> Settings:
    given = {
        "index": asked.index,
        "reference": asked.reference,
        "standard": _standard(asked.standard),
        "full": asked.full,
        "none": asked.none,
        "walker": asked.walker,
        "route": asked.route,
        "hours": asked.hours,
        "index_weights": _weights(asked.weight, "--weight", workspace.settings.index_weights),
        "theme_weights": _weights(asked.theme_weight, "--theme-weight", workspace.settings.theme_weights),
    }
    return workspace.settings.but(**{name: value for name, value in given.items() if value is not None})


def _weights(listed: list[str] | None, flag: str, saved: Mapping[str, float]) -> dict[str, float] | None:
    """Return the weights of the workspace with those given instead; None where none are."""
    if not listed:
        return None
    weights = dict(saved)
    for pair in listed:
        name, equals, number = pair.partition("=")
        try:
            weights[name.strip()] = float(number)
        except ValueError as fault:
            do = "write it as no-car=0.5" if flag == "--weight" else "write it as food=2"
            raise UsageError("is not a name and a number" if equals else "lacks a weight", flag, pair, do) from fault
    return weights


def _standard(word: str | None) -> float | str | None:
    if word is None or word == "relative":
        return word
    try:
        return float(word)
    except ValueError as fault:
        raise UsageError(
            "is neither a number nor the word relative", "--standard", word, "try --standard 50"
        ) from fault
