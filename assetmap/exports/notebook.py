"""A notebook of six cells that opens the workspace: for those who would look further, in Python.

Nothing has been run in it and nothing of the study is in it but its name, its day and the choices it was made under.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assetmap import text
from assetmap.store.files import write_text

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".ipynb"
LABEL: Final = "Notebook that opens the workspace (Jupyter)"

_ABOUT: Final = """\
# Where to start talking

Start Jupyter in the folder of the workspace, or name that folder in the next cell. Every cell can be changed and run \
again; nothing here is written into the workspace. These figures describe areas: they say nothing about any one \
person or household."""
_OPEN: Final = """\
from datetime import date
from pathlib import Path

from assetmap.schema import Settings
from assetmap.store.workspace import open_workspace
from assetmap.study import build, finish

NAME = {name}
FOLDER = Path(".")
workspace = open_workspace(FOLDER)
study = finish(build(workspace, {role}, Settings({settings}), date({day})))
len(study.gaps), len(study.assets)"""
_LIST: Final = """\
# The areas in the order of the list, strengths first in every reason.
study.ordered[["zone_name", "population", "state", "class", "reasons"]].head(10)"""
_MAP: Final = """\
# The map, offline; any layer of folium can be added to it.
from assetmap.maps.notebook import draw_map

draw_map(study)"""
_WALKS: Final = """\
# Minutes on foot from where people live to what is near, and the three nearest of one area.
from assetmap.exports.minutes import walks_of

walks = walks_of(study).merge(study.assets[["name", "category"]], left_on="asset_id", right_index=True)
walks[walks["zone_id"] == study.ordered.index[0]].nsmallest(3, "minutes")"""
_SOURCES: Final = """\
# What must be said beside anything made from this.
[source.attribution for source in study.sources]"""


def write(study: Study, path: Path) -> None:
    """Write the notebook.

    Raises
    ------
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    day = study.as_of
    settings = ", ".join(f"{name}={_literal(value)}" for name, value in asdict(study.settings).items())
    opened = _OPEN.format(
        name=_literal(text.without_control(study.name)),
        role=_literal(study.role),
        settings=settings,
        day=f"{day.year}, {day.month}, {day.day}",
    )
    cells = [_cell("markdown", _ABOUT, 0)]
    cells += [_cell("code", code, n) for n, code in enumerate([opened, _LIST, _MAP, _WALKS, _SOURCES], 1)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    write_text(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def _literal(value: object) -> str:
    """Return a value as Python writes it: text in ASCII, so that nothing in it can end it or turn its direction."""
    return ascii(dict(value) if isinstance(value, dict) else value)


def _cell(kind: str, source: str, number: int) -> dict[str, Any]:
    run: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {
        "cell_type": kind,
        "id": f"cell-{number}",
        "metadata": {},
        **run,
        "source": source.splitlines(keepends=True),
    }
