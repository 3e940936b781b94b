"""One page of A4: strengths first, one page whatever the place, tagged, the words of the page as they were given."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pikepdf
import pytest
from places import camden, demo_town, village
from tagged import check_tagged, kinds, letters, picture_in_words, words_on
from village import Village, write_village

from assetmap import intake, study, text
from assetmap.errors import OurError, UsageError
from assetmap.exports import page as one_page
from assetmap.maps import print_words
from assetmap.maps.print_type import printable
from assetmap.store.workspace import open_workspace

DAY = date(2026, 11, 22)
INSIDE_WORDS = ("priority", "build-on", "strong-base", "no-data", "not-yet-mapped", "outside-extract", "confidence")
PAYLOADS = [
    "#panic()",
    "$ x $ *b* _i_ `r` @ref <l>",
    "</script><script>alert(1)</script>",
    "${alert(1)}",
    "{{7*7}}{% x %}",
    "javascript:alert(1)",
    'O\'Brien & Sons `Café` "The <Hub>" ${cost} {{x}} C:\\new £5',
    "a\u2028b\nc",
    "Ωμέγα Кафе",
]


def build(folder, standard="relative"):
    workspace = open_workspace(folder)
    return study.finish(study.build(workspace, "worker", workspace.settings.but(standard=standard), DAY))


def with_prompts(made):
    """The same study as if its map could speak for every zone."""
    return replace(made, gaps=made.gaps.assign(**{"state": "ok", "class": made.gaps["provisional_class"]}))


@pytest.fixture(scope="module")
def made():
    return with_prompts(build(village()))


@pytest.fixture(scope="module")
def page(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("out") / "page.pdf"
    one_page.write(made, path)
    return path


def pages(path):
    with pikepdf.open(path) as opened:
        return len(opened.pages)


def test_it_is_one_page_of_a4_tagged_and_lasting(made, page):
    check_tagged(page, print_words.message(made))
    with pikepdf.open(page) as opened:
        assert len(opened.pages) == 1
        assert [float(side) for side in opened.pages[0].MediaBox] == pytest.approx([0, 0, 595.28, 841.89], abs=0.02)


def test_headings_come_in_the_order_of_every_page(page):
    seen = letters(words_on(page))
    order = [letters(text.say(f"page-{part}")) for part in ("here", "residents", "figures", "next")]
    at = 0
    for heading in order:
        at = seen.index(heading, at)
    found = kinds(page)
    assert found.count("H1") == 1
    assert found.count("H2") == 4
    assert found.index("H1") < found.index("Figure") < found.index("H2") < found.index("Table")


def test_the_list_is_a_real_table_of_at_most_five_areas(made, page):
    found = kinds(page)
    assert found.count("TH") == 5
    prompted = int(made.gaps["class"].isin(["priority", "watch", "build-on", "strong-base"]).sum())
    assert prompted > 0
    assert found.count("TD") == 5 * min(5, prompted)
    assert found.count("TR") == 1 + min(5, prompted)


def test_the_furniture_that_is_not_on_the_map_is_on_the_page(made, page):
    seen = letters(words_on(page))
    for words in (
        print_words.message(made),
        print_words.place_line(made),
        "Nobody has written down what residents say yet",
        "Made 22 November 2026, draft, not yet moderated",
        "This describes an area. It says nothing about any one person or household.",
        "© OpenStreetMap contributors. Data available under the Open Database Licence, openstreetmap.org/copyright",
        *(f"{source.title} ({source.as_of})" for source in made.sources),
        *(source.attribution for source in made.sources),
    ):
        assert letters(words) in seen, words


def test_printed_words_only_and_never_the_number_of_the_index(made, page):
    seen = " ".join(words_on(page).lower().split())
    for source in made.sources:
        seen = seen.replace(source.title.lower(), "")
    assert not [word for word in INSIDE_WORDS if word in seen]
    assert "lonel" not in seen
    for value in made.gaps["isolation"]:
        assert f"{value:.2f}" not in seen
        assert not re.search(rf"(?<![\d.]){value:.1f}(?!\s*%|\d)", seen) or value == round(value)


def test_f8_the_same_study_gives_the_same_bytes(made, tmp_path):
    for name in ("a.pdf", "b.pdf"):
        one_page.write(made, tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_the_day_is_the_studys(made, page):
    with pikepdf.open(page) as opened:
        assert str(opened.docinfo.CreationDate).startswith("D:20261122")


def test_a_page_without_its_furniture_leaves_no_file(made, tmp_path):
    bare = replace(made, sources=(replace(made.sources[0], as_of=""),))
    for broken in (bare, replace(made, sources=())):
        with pytest.raises(OurError, match="without its furniture"):
            one_page.write(broken, tmp_path / "page.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_one_clear_message(made, tmp_path):
    with pytest.raises(UsageError, match="not there"):
        one_page.write(made, tmp_path / "nowhere" / "page.pdf")


def test_hostile_names_are_printed_exactly(tmp_path):
    zones = {f"V0{n // 3}{n % 3}": PAYLOADS[n] for n in range(9)}
    places = {"St Anne": PAYLOADS[6], "Corner Cafe": PAYLOADS[0], "The Old Mill": PAYLOADS[1]}
    village = Village(zone_names=zones, place_names=places)
    list(intake.make_workspace(tmp_path / "w", PAYLOADS[1], write_village(tmp_path / "f", village)))
    made = with_prompts(build(tmp_path / "w"))
    one_page.write(made, tmp_path / "page.pdf")
    check_tagged(tmp_path / "page.pdf", printable(print_words.message(made)))
    seen = letters(words_on(tmp_path / "page.pdf"))
    listed = made.ordered[made.ordered["class"].isin(["priority", "watch", "build-on", "strong-base"])].head(5)
    assert len(listed)
    numbered = made.gaps["zone_name"].astype(object)
    for number, (zone, name) in enumerate(listed["zone_name"].items(), 1):
        numbered[zone] = f"{number} {name}"
        assert letters(printable(name)) in seen, name
    meaning = print_words.meaning(replace(made, gaps=made.gaps.assign(zone_name=numbered)))
    assert picture_in_words(tmp_path / "page.pdf") == printable(meaning)


def test_a_place_of_long_names_is_one_page_still(tmp_path):
    zones = {
        f"V0{n // 3}{n % 3}": f"Along the lane behind the old station, number {n}, as residents say" for n in range(9)
    }
    list(intake.make_workspace(tmp_path / "w", "Nether", write_village(tmp_path / "f", Village(zone_names=zones))))
    one_page.write(with_prompts(build(tmp_path / "w")), tmp_path / "page.pdf")
    assert pages(tmp_path / "page.pdf") == 1


def test_where_nothing_is_named_the_page_says_so(made, tmp_path):
    gaps = made.gaps.assign(**{"class": made.gaps["class"].where(made.gaps["class"].isna(), "none")})
    one_page.write(replace(made, gaps=gaps), tmp_path / "page.pdf")
    assert letters("These figures name nowhere to start") in letters(words_on(tmp_path / "page.pdf"))
    assert "Table" not in kinds(tmp_path / "page.pdf")


def test_where_there_is_only_something_to_build_on_the_title_says_that(made):
    gaps = made.gaps.assign(**{"class": made.gaps["class"].where(made.gaps["class"].isna(), "build-on")})
    assert "to build on in" in print_words.message(replace(made, gaps=gaps))


def test_a_made_up_town_names_no_real_source(tmp_path):
    one_page.write(build(demo_town()), tmp_path / "page.pdf")
    seen = words_on(tmp_path / "page.pdf")
    assert pages(tmp_path / "page.pdf") == 1
    assert "OpenStreetMap" not in seen
    assert "Made-up data: no real place and no real person, CC0" in seen


@pytest.mark.real
@pytest.mark.parametrize("standard", [50.0, "relative"])
def test_camden_is_one_page(real_data, tmp_path, standard):
    made = build(camden(real_data), standard)
    one_page.write(made, tmp_path / "page.pdf")
    assert pages(tmp_path / "page.pdf") == 1
    check_tagged(tmp_path / "page.pdf", print_words.message(made))
    assert kinds(tmp_path / "page.pdf").count("TR") == 6
