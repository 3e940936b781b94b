"""Places that many tests look at: each made once for a whole run, by whichever worker asks first.

Nothing may be written into them. A test that writes takes a copy.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from village import Village, write_village

from assetmap import demo, intake

_PATIENCE = 300.0


def village() -> Path:
    """The workspace of the village as it is when nothing is said of it."""

    def make(folder: Path) -> None:
        _finish(intake.make_workspace(folder / "w", Village().name, write_village(folder / "files")))

    return _once("village", make) / "w"


def village_with_a_hostile_name(name: str) -> Path:
    """The workspace of a village where an area and a church have this name."""
    given = Village(zone_names={"V011": name}, place_names={"St Anne": name})

    def make(folder: Path) -> None:
        _finish(intake.make_workspace(folder / "w", given.name, write_village(folder / "files", given)))

    return _once("hostile", make) / "w"


def demo_town() -> Path:
    """The workspace of the demo town, with its files in it."""
    return _once("demo", lambda folder: _finish(demo.make_workspace(folder / "w"))) / "w"


def camden_files(real_data: Path) -> intake.Files:
    place = real_data / "camden"
    return intake.Files(
        zones=place / "lsoa21.geojson",
        zone_id="LSOA21CD",
        osm=place / "camden.osm.pbf",
        indicators=(place / "lsoa21_indicators.csv",),
    )


def camden(real_data: Path) -> Path:
    """The workspace of a real borough."""

    def make(folder: Path) -> None:
        _finish(intake.make_workspace(folder / "w", "Camden", camden_files(real_data)))

    return _once("camden", make) / "w"


def copied(workspace: Path, to: Path) -> Path:
    """Copy a workspace to a folder that is not there yet, to write into."""
    shutil.copytree(workspace, to)
    return to


def _once(name: str, make: Callable[[Path], None]) -> Path:
    top = Path(os.environ["ASSETMAP_TEST_PLACES"])
    folder, making = top / name, top / f"{name}.making"
    latest = time.monotonic() + _PATIENCE
    while not folder.exists():
        try:
            making.mkdir()
        except FileExistsError:
            assert time.monotonic() < latest, f"{name} was begun and never finished"
            time.sleep(0.1)
            continue
        try:
            if not folder.exists():
                make(making / name)
                (making / name).rename(folder)
        finally:
            shutil.rmtree(making)
    return folder


def _finish(steps: object) -> None:
    for _ in steps:  # type: ignore[attr-defined]
        pass
