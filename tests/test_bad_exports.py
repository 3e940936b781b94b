"""Text that no file can hold, in every format there is: shown replaced, nothing crashes, nothing is fetched or runs."""

from __future__ import annotations

import io
import os
import re
import resource
import tempfile
import zipfile
from dataclasses import replace
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pikepdf
import places
import pytest

from assetmap import briefing, exports, study
from assetmap.errors import UsageError, WorldError
from assetmap.exports import _zips, xlsx
from assetmap.maps import print_words
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
        # Nothing says on whose machine, where or with what it was made.
        assert str(tmp_path).encode() not in part
        assert b"generated" not in part.lower() or b"python" not in part.lower()
        if part.lstrip()[:1] in (b"<", b"{"):
            assert not [rule for rule in FETCHED if re.search(rule, part, re.I)], name
            assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", part), name


# The others are made in memory and put down by the door that every file leaves by, as these are.
@pytest.mark.parametrize("name", ["csv", "data", "gpkg", "hsds", "ics", "minutes", "notebook", "parquet", "template"])
def test_kill_a_disk_that_is_full_is_one_message_and_nothing_half_made_stays(made, tmp_path, monkeypatch, name):
    folder, beside = tmp_path / "out", tmp_path / "beside"
    folder.mkdir()
    beside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(beside))
    kind = exports.by_name(name)
    path = folder / f"out{kind.SUFFIX}"
    path.write_bytes(b"before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, hard))
    try:
        with pytest.raises(WorldError, match="check the disk's space"):
            kind.write(made, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (list(folder.iterdir()), path.read_bytes(), list(beside.iterdir())) == ([path], b"before", [])


def test_what_is_no_file_is_never_replaced_by_one(made, tmp_path):
    pipe, stream = tmp_path / "pipe.csv", tmp_path / "stream.csv"
    os.mkfifo(pipe)
    stream.symlink_to("/proc/self/fd/1")
    for path in (pipe, stream):
        with pytest.raises(UsageError, match="is no file that can be written"):
            exports.by_name("csv").write(made, path)
    assert pipe.is_fifo()
    assert stream.is_symlink()
    kept, link = tmp_path / "kept.csv", tmp_path / "link.csv"
    kept.write_bytes(b"kept")
    link.symlink_to(kept)
    exports.by_name("csv").write(made, link)
    assert kept.read_bytes() == b"kept"
    assert not link.is_symlink()


def test_where_nobody_was_counted_it_is_not_said_that_nobody_lives_there(made):
    gaps = made.gaps.assign(population=np.nan)
    uncounted = replace(made, gaps=gaps, zones=made.zones.assign(population=np.nan))
    assert "people" not in print_words.place_line(uncounted).replace(print_words.place_line(made), "")
    assert not re.search(r"\b0 people|nan", print_words.place_line(uncounted))
    assert exports.by_name("html").page_of(uncounted).under == "2 areas."
    told = briefing.gather(uncounted, briefing.Wanted())
    assert not [one for one in told.figures() if one.label == "people who live here"]
    some = made.gaps["population"].astype(float).copy()
    some.iloc[0] = np.nan
    assert re.search(r"\d people", print_words.place_line(replace(made, gaps=made.gaps.assign(population=some))))


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1979, 12, 31), date(2108, 2, 29), date.max])
def test_a_clock_that_is_wrong_by_centuries_spoils_no_file(made, tmp_path, day):
    packed = _zips.pack_bytes({"a": b"b"}, day)
    assert zipfile.ZipFile(io.BytesIO(packed)).testzip() is None
    path = tmp_path / "out.ics"
    exports.by_name("ics").write(replace(made, as_of=day), path)
    assert path.read_bytes().endswith(b"END:VCALENDAR\r\n")


def test_a_day_that_spreadsheets_reckon_wrong_is_written_in_words(made):
    checked = pd.Series(pd.to_datetime(["1066-10-14", "1900-03-01"] * len(made.assets))[: len(made.assets)])
    dated = made.assets.assign(last_checked=checked.astype("datetime64[us]").to_numpy())
    told = briefing.gather(made, briefing.Wanted())
    book = openpyxl.load_workbook(io.BytesIO(xlsx.compose(replace(made, assets=dated), told)))
    days = {row[10] for row in book["OpenStreetMap"].iter_rows(min_row=2, values_only=True)}
    assert days <= {"14 October 1066", pd.Timestamp(1900, 3, 1)}
    assert "14 October 1066" in days
