"""The maps on paper as pictures: as they were when somebody last looked at them, and told apart by every eye.

Compared with small pictures of the demo town in ``tests/pictures``, within what another version of a library may
smooth differently. After a change that is meant, look at the new ones and renew them:
``ASSETMAP_RENEW_PICTURES=1 python -m pytest tests/test_print_pictures.py``.
"""

from __future__ import annotations

import base64
import io
import os
import re
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import shapely
from PIL import Image
from places import demo_town

from assetmap import study
from assetmap.exports import walkabout
from assetmap.maps import colour, style
from assetmap.maps import print as print_map
from assetmap.store.workspace import open_workspace

PICTURES = Path(__file__).parent / "pictures"
DAY = date(2026, 11, 22)
#: Pixels are compared in blocks of so many by so many: a line that is smoothed otherwise is the same line.
BLOCK = 4
#: A block counts as changed from so much of 255 on, and so great a share of changed blocks is another picture.
CHANGED, SHARE = 26.0, 0.004
#: Least distance in Lab between two neighbouring areas of different classes as printed; 2.3 is just seen. The patterns
#: tell them apart as well, which a mean colour does not hold.
LEAST = {"full": 14.0, "deuteranopia": 10.0, "protanopia": 10.0, "grey": 6.5}


@pytest.fixture(scope="module")
def town():
    workspace = open_workspace(demo_town())
    settings = workspace.settings.but(standard="relative")
    return study.finish(study.build(workspace, "worker", settings, DAY))


def drawn(made, paper="A5", dpi=72):
    return opened(print_map.draw_sheet(made, paper).canvas.png(dpi))


def opened(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(float)


def sheet_of(made):
    page = walkabout.page(made, [str(made.gaps.index[0])])
    found = re.search(r'src="data:image/png;base64,([^"]+)"', page)
    return opened(base64.b64decode(found[1]))[::3, ::3]


PAGES = {"town-a5": drawn, "walk-about": sheet_of}


def blocks(picture):
    high, wide = (size - size % BLOCK for size in picture.shape[:2])
    return picture[:high, :wide].reshape(high // BLOCK, BLOCK, wide // BLOCK, BLOCK, 3).mean(axis=(1, 3))


def share_changed(one, other):
    """Return how much of a picture is another one, 0 to 1."""
    if one.shape != other.shape:
        return 1.0
    return float((np.abs(blocks(one) - blocks(other)).max(axis=2) > CHANGED).mean())


@pytest.mark.parametrize("name", PAGES)
def test_the_maps_look_as_they_did_when_somebody_last_looked(town, name, tmp_path):
    now, kept = PAGES[name](town), PICTURES / f"{name}.png"
    image = Image.fromarray(now.astype(np.uint8))
    if os.environ.get("ASSETMAP_RENEW_PICTURES"):
        image.quantize(224, dither=Image.Dither.NONE).save(kept, optimize=True)
    image.save(tmp_path / kept.name)
    share = share_changed(now, opened(kept.read_bytes()))
    assert share <= SHARE, f"{share:.2%} differ: compare {tmp_path / kept.name} with {kept}"


def test_planted_changes_are_seen_by_the_comparison(town):
    """What a reader would notice is more than the tolerance; what only a ruler would is less."""
    as_it_is = drawn(town)
    assert share_changed(as_it_is, as_it_is) == 0
    swapped = {"priority": "build-on", "build-on": "priority"}
    others = town.gaps.assign(**{"class": town.gaps["class"].replace(swapped)})
    planted = {
        "classes swapped": replace(town, gaps=others),
        "no streets": replace(town, edges=town.edges.iloc[:0], nodes=town.nodes.iloc[:0]),
        "no places": replace(town, assets=town.assets.iloc[:0]),
    }
    for what, other in planted.items():
        assert share_changed(as_it_is, drawn(other)) > SHARE, what
    nudged = np.roll(as_it_is, 1, axis=1) * 0.25 + as_it_is * 0.75
    assert share_changed(as_it_is, nudged) <= SHARE


def seen_colours(made):
    """Return the mean colour of each area as printed, where nothing is written over it: by zone, hexadecimal."""
    bare = replace(made, assets=made.assets.iloc[:0], edges=made.edges.iloc[:0], nodes=made.nodes.iloc[:0])
    sheet = print_map.draw_sheet(bare, "A4")
    pixels = opened(sheet.canvas.png(72)) / 255
    found = {}
    for zone, area in made.zones.geometry.items():
        west, south, east, north = area.bounds
        across, up = np.meshgrid(np.linspace(west, east, 60), np.linspace(south, north, 60))
        points = np.column_stack([across.ravel(), up.ravel()])
        points = points[shapely.contains_xy(area, points[:, 0], points[:, 1])]
        x, y = sheet.frame.on_paper(points).T
        seen = pixels[
            np.clip(np.round(sheet.paper.height - y).astype(int), 0, pixels.shape[0] - 1), np.round(x).astype(int)
        ]
        # The tint of the class alone: neither ground nor buildings, water, green or letters.
        tinted = seen[np.abs(seen - ground_of(seen)).sum(axis=1) > 0.06]
        if len(tinted) > 30:
            linear = np.where(tinted <= 0.04045, tinted / 12.92, ((tinted + 0.055) / 1.055) ** 2.4).mean(axis=0)
            coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
            found[zone] = "#" + "".join(f"{round(c * 255):02X}" for c in coded)
    return found


def ground_of(seen):
    base = [style.LIGHT[name] for name in ("ground", "building", "green", "water", "street", "casing", "ink", "halo")]
    colours = np.array([[int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)] for code in base])
    return colours[np.abs(seen[:, None, :] - colours[None]).sum(axis=2).argmin(axis=1)]


def test_neighbouring_areas_of_different_classes_are_told_apart_by_every_eye(town, record_property):
    """Every two classes are made neighbours, in the faintest of the patterns: that of unsteady findings."""
    named = [name for name in style.CLASSES if name != "none"]
    classes = dict(zip(town.gaps.index, np.resize(named, len(town.gaps)), strict=True))
    planted = town.gaps.assign(**{"class": list(classes.values()), "state": "ok", "confidence": 0.3})
    seen = seen_colours(replace(town, gaps=planted))
    touching = [
        (one, other)
        for one, other in combinations(seen, 2)
        if town.zones.geometry[one].distance(town.zones.geometry[other]) < 1 and classes[one] != classes[other]
    ]
    assert {frozenset(classes[zone] for zone in pair) for pair in touching} == set(
        map(frozenset, combinations(named, 2))
    )
    for vision, least in LEAST.items():
        apart = {pair: colour.difference(*(colour.simulate(seen[zone], vision) for zone in pair)) for pair in touching}
        pair = min(apart, key=apart.get)
        record_property(f"least contrast, {vision}", round(apart[pair], 1))
        assert apart[pair] >= least, (vision, [classes[zone] for zone in pair], seen[pair[0]], seen[pair[1]])
