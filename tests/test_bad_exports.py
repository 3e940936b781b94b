"""Text that no file can hold, in every format there is: shown replaced, nothing crashes, nothing is fetched or runs."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date

import pandas as pd
import pikepdf
import places
import pytest

from assetmap import exports, study
from assetmap.store.workspace import open_workspace

DAY = date(2026, 11, 22)
#: A lone half of a letter, sounds and marks that no text holds, and a sign that turns what follows round.
WORDS = "Hall \ud800 bell\x07 nul\x00 \ufffe \u202eend\u2066 =1+1"
#: What a page, an office file or a picture would go and get.
FETCHED = (
    rb"<(?:img|script|iframe|link|object|embed|source|image)\b[^>]*(?:src|href)\s*=\s*[\"']?(?:https?:|//|file:)",
    rb"url\(\s*[\"']?(?:https?:|//|file:)",
    rb"@import\s+[\"']?(?:https?:|//)",
    rb"TargetMode\s*=\s*[\"']External",
    rb"<(?:Network)?Link>",
)


@pytest.fixture(scope="module")
def made():
    """Two areas of a village in which place, areas and assets have such a name."""
    workspace = open_workspace(places.village())
    whole = study.finish(study.build(workspace, "worker", workspace.settings, DAY))
    few = study.only_zones(whole, [str(zone) for zone in whole.gaps.index[:2]])
    named = pd.Series(WORDS, few.gaps.index, dtype=object)
    assets = whole.assets.copy()
    # The text of a table cannot hold a lone half; a name of a place and a column of objects can.
    bare = WORDS.replace("\ud800", "")
    assets["name"] = pd.Series([f"{bare} {n}" for n in range(len(assets))], assets.index, dtype="str")
    gaps = few.gaps.assign(**{"zone_name": named, "state": "ok", "class": "priority"})
    return replace(few, name=WORDS, gaps=gaps, zones=few.zones.assign(zone_name=named), assets=assets)


def contents(name: str, held: bytes):
    """Yield the bytes of a file and of whatever is packed in it."""
    yield held
    if held.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(held)) as packed:
            for inner in packed.namelist():
                yield from contents(inner, packed.read(inner))
    if held.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(held)) as pdf:
            for page in pdf.pages:
                assert "/Annots" not in page, "a page leads somewhere"


# A pack is made of the others; its own words are driven in tests/test_export_pack.py.
@pytest.mark.parametrize("name", sorted(set(exports.names()) - {"pack"}))
def test_f2_f3_f5_hostile_text_that_nothing_can_hold_is_replaced_in_every_format(made, tmp_path, name):
    kind = exports.by_name(name)
    path = tmp_path / f"out{kind.SUFFIX}"
    kind.write(made, path)
    held = path.read_bytes()
    assert held
    assert list(tmp_path.iterdir()) == [path]
    for part in contents(name, held):
        assert "\ud800".encode("utf-8", "surrogatepass") not in part or part[:4] in (b"PAR1", b"SQLi", b"\x89PNG")
        if part.lstrip()[:1] in (b"<", b"{"):
            assert not [rule for rule in FETCHED if re.search(rule, part, re.I)], name
            assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", part), name
