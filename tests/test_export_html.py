"""The map in one file: same bytes, furniture or nothing, printed words, and no number that is never printed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from places import camden, village

from assetmap import study, text
from assetmap.errors import OurError, UsageError
from assetmap.exports import formats
from assetmap.exports.html import page_of
from assetmap.store.workspace import open_workspace

DAY = date(2026, 11, 22)
INSIDE_WORDS = ("priority", "build-on", "strong-base", "no-data", "not-yet-mapped", "outside-extract", "confidence")


@pytest.fixture(scope="module")
def made():
    workspace = open_workspace(village())
    return study.finish(study.build(workspace, "worker", workspace.settings.but(standard="relative"), DAY))


@pytest.fixture(scope="module")
def page(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("out") / "map.html"
    formats()["html"].write(made, path)
    return path.read_text(encoding="utf-8")


def visible(page: str) -> str:
    """Return what a reader sees: no script, no style, no tags."""
    bare = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", page, flags=re.S)
    return unescape(re.sub(r"<[^>]+>", " ", bare))


def test_the_same_study_gives_the_same_bytes(made, tmp_path):
    for name in ("a.html", "b.html"):
        formats()["html"].write(made, tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_the_policy_allows_nothing_from_outside(page):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert "default-src 'none'" in unescape(policy.group(1))
    assert "unsafe" not in policy.group(1)
    assert not re.search(r"""(src|href)=["']?(https?:)?//(?!www|open)""", page.split("<body")[0])


def test_every_zone_has_its_sheet_and_its_row(made, page):
    for zone, name in made.gaps["zone_name"].items():
        assert f'data-sheet="{zone}"' in page
        assert text.html(name) in page


def test_what_is_here_comes_before_the_figures(made):
    for sheet in page_of(made).sheets:
        headings = [group.heading for group in sheet.groups]
        order = [text.say(name) for name in ("html-here", "html-residents", "html-figures")]
        assert headings == [heading for heading in order if heading in headings]


def test_printed_words_only(made, page):
    seen = visible(page).lower()
    # A publication keeps its own title.
    for source in made.sources:
        seen = seen.replace(source.title.lower(), "")
    for word in INSIDE_WORDS:
        assert word not in seen, word
    assert "lonel" not in seen


def test_the_number_of_the_index_is_never_printed(made, page):
    seen = visible(page)
    for value in made.gaps["isolation"]:
        assert f"{value:.1f}" not in seen or value == round(value)
        assert f"{value:.2f}" not in seen


def test_sources_stand_with_licence_and_date(made, page):
    seen = " ".join(visible(page).split())
    for source in made.sources:
        assert " ".join(source.attribution.split()) in seen
        assert source.licence in seen
    assert "22 November 2026" in seen


def test_a_map_without_the_lines_of_its_sources_is_refused(made, tmp_path):
    bare = replace(made, sources=(replace(made.sources[0], attribution=""),))
    for broken in (bare, replace(made, sources=())):
        with pytest.raises(OurError, match="may not leave"):
            formats()["html"].write(broken, tmp_path / "map.html")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_one_clear_message(made, tmp_path):
    with pytest.raises(UsageError, match="not there"):
        formats()["html"].write(made, tmp_path / "nowhere" / "map.html")


def test_only_some_zones(made, tmp_path):
    path = tmp_path / "few.html"
    formats()["html"].write(study.only_zones(made, ["V011"]), path)
    seen = Path(path).read_text(encoding="utf-8")
    assert 'data-sheet="V011"' in seen
    assert 'data-sheet="V000"' not in seen


@pytest.mark.real
def test_camden_is_under_two_megabytes(real_data, tmp_path):
    workspace = open_workspace(camden(real_data))
    built = study.finish(study.build(workspace, "worker", workspace.settings, DAY))
    formats()["html"].write(built, tmp_path / "camden.html")
    assert (tmp_path / "camden.html").stat().st_size < 2_000_000
