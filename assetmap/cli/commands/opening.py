"""The app, on a workspace or on the demo town."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from assetmap import text
from assetmap.cli.running import DONE, Later, Timer

if TYPE_CHECKING:
    from assetmap import demo, serve, study, summary
    from assetmap.store import workspace as workspaces
else:
    demo = Later("assetmap.demo")
    serve = Later("assetmap.serve")
    study = Later("assetmap.study")
    summary = Later("assetmap.summary")
    workspaces = Later("assetmap.store.workspace")


def show_demo(asked: argparse.Namespace) -> int:
    """Make the demo town and open it."""
    if not asked.folder.exists():
        Timer().run(demo.make_workspace(asked.folder))
    if not asked.make_only:
        return serve_app(asked)
    workspace = workspaces.open_workspace(asked.folder)
    made = Timer().run(study.build(workspace, "worker", workspace.settings, text.now().date()))
    for line in summary.lines(made):
        print(line)
    print(f"The demo town lies in {asked.folder}, the files it was made from in {asked.folder / 'files'}.")
    return DONE


def serve_app(asked: argparse.Namespace) -> int:
    """Open the app."""
    return serve.serve(asked.folder, asked.port, "leave" if asked.no_browser else "open", _say_where)


def _say_where(line: str) -> None:
    print(line, flush=True)
