"""A village with records of its own, sent out as a spreadsheet or a form and brought back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import openpyxl
import pandas as pd
from places import copied, village
from village import SOUTH, WEST

from assetmap import crs, exports, forms, study
from assetmap.catalogue import load_catalogue, shipped_layers
from assetmap.roles import Actor
from assetmap.sources.returned import Against
from assetmap.sources.whereabouts import Area
from assetmap.store import assets
from assetmap.store.workspace import Workspace, open_workspace

MADE, DAY = date(2026, 11, 1), date(2026, 11, 22)
ADA = Actor("ada", "worker")
HALL = {
    "kind": "building",
    "category": "community-centre",
    "name": "Mill Hall",
    "address": "1 Mill Road",
    "contact": "01632 960001",
    "opening_times": "Mo-Fr 09:00-17:00",
    "accessibility": "step-free",
    "capacity": 40.0,
    "last_checked": date(2026, 3, 4),
    "risk_date": "2027-04-01",
    "x": WEST + 300.25,
    "y": SOUTH + 300.75,
}
CLUB = {"kind": "association", "category": "social-club", "name": "Bowls Club", "meets": "moves"}
SHUT = {
    "kind": "association",
    "category": "sports-club",
    "name": "Old Team",
    "closed": True,
    "x": WEST + 1.0,
    "y": SOUTH,
}
POSTCODES = pd.DataFrame({"lon": [-5.6], "lat": [50.1]}, index=pd.Index(["TR1 1AA"], name="postcode"))


def make_place(folder: Path, *more: dict[str, Any]) -> Workspace:
    workspace = open_workspace(copied(village(), folder / "w"))
    with workspace.open_store() as store:
        for record in (HALL, CLUB, SHUT, *more):
            assets.add_asset(store, record, ADA)
    return workspace


def study_of(workspace: Workspace, role: Any = "worker") -> Any:
    return study.finish(study.build(workspace, role, workspace.settings, MADE))


def send_out(workspace: Workspace, path: Path, kind: str = "template") -> Path:
    exports.by_name(kind).write(study_of(workspace), path)
    return path


def against(**more: Any) -> Against:
    return Against(load_catalogue(shipped_layers()), Area(crs.BRITISH_GRID, **more), DAY)


def column(sheet: Any, heading: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == heading)


def put(book: Any, row: int, answers: dict[str, Any], sheet: str = forms.OURS) -> None:
    """Write answers under their questions; a key is a field or a heading."""
    page = book[sheet]
    for name, value in answers.items():
        heading = forms.BY_FIELD[name].heading if name in forms.BY_FIELD else name
        cell = page.cell(row, column(page, heading))
        cell.value = value
        if isinstance(value, str) and value.startswith("="):
            cell.data_type = "s"


def edit(path: Path, change: Callable[[Any], None], saved: date = date(2026, 11, 20)) -> Path:
    """Open a workbook as a person does, change it, and save it on some day under another name."""
    book = openpyxl.load_workbook(path)
    change(book)
    target = path.with_name(f"{path.stem}-back.xlsx")
    moment = datetime(saved.year, saved.month, saved.day, 12, tzinfo=UTC)
    clock = SimpleNamespace(datetime=SimpleNamespace(now=lambda tz: moment), timezone=timezone)
    with mock.patch("openpyxl.writer.excel.datetime", clock):
        book.save(target)
    return target
