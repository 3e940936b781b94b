"""The map on paper as a file: tagged PDF, SVG, PNG; furniture or nothing; the same bytes."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pikepdf
import places
import pytest
from PIL import Image
from tagged import check_tagged, kinds, letters, picture_in_words, words_on
from village import Village, write_village

from assetmap import cli, exports, intake, study
from assetmap.errors import OurError, UsageError, WorldError
from assetmap.exports import poster
from assetmap.maps import print_words
from assetmap.maps.print_type import printable
from assetmap.store.workspace import open_workspace

DAY = date(2026, 11, 22)
NAMES = {
    "V000": "<img src=x onerror=alert(1)>",
    "V001": "#panic() $x$ *bold* _it_ `raw` @ref <label>",
    "V002": "{{7*7}} ${x} {% y %}",
    "V010": 'O\'Brien & Sons `Café` "The <Hub>" ${cost} {{x}} C:\\new £5',
    "V011": "a\u2028b\nc\td",
    "V012": "সম্প্রদায় 漢字 😀 Ω",
    "V020": "\u202ereversed\u200b",
    "V021": '#import "x.typ": *',
    "V022": "x" * 120,
}


@pytest.fixture(scope="module")
def folder():
    return places.village()


@pytest.fixture(scope="module")
def made(folder):
    workspace = open_workspace(folder)
    return study.finish(study.build(workspace, "worker", workspace.settings.but(standard="relative"), DAY))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    village = Village(zone_names=NAMES, place_names={"St Anne": NAMES["V010"]})
    list(intake.make_workspace(folder / "w", NAMES["V001"], write_village(folder / "files", village)))
    workspace = open_workspace(folder / "w")
    return study.finish(study.build(workspace, "worker", workspace.settings.but(standard="relative"), DAY))


def test_the_pdf_is_tagged_and_lasting(made, tmp_path):
    poster.write(made, tmp_path / "a.pdf")
    check_tagged(tmp_path / "a.pdf", print_words.message(made))
    assert kinds(tmp_path / "a.pdf").count("H1") == 1


def test_all_of_the_furniture_is_in_the_text_of_the_pdf(made, tmp_path):
    poster.write(made, tmp_path / "a.pdf")
    seen = letters(words_on(tmp_path / "a.pdf"))
    for words in (
        print_words.message(made),
        print_words.place_line(made),
        print_words.sentence(made),
        "No figures",
        "We have not asked yet",
        "Made 22 November 2026",
        "draft, not yet moderated",
        "This describes an area. It says nothing about any one person or household.",
        "© OpenStreetMap contributors. Data available under the Open Database Licence, openstreetmap.org/copyright",
        *(f"{source.title} ({source.as_of})" for source in made.sources),
        *(source.attribution for source in made.sources),
    ):
        assert letters(words) in seen, words


def test_the_picture_is_said_in_words(made, tmp_path):
    poster.write(made, tmp_path / "a.pdf")
    alt = picture_in_words(tmp_path / "a.pdf")
    assert alt == print_words.meaning(made)
    for zone, row in made.gaps.iterrows():
        if row["state"] != "ok" or row["class"] != "none":
            assert row["zone_name"] in alt, zone


@pytest.mark.parametrize("ending", poster.ENDINGS)
def test_f8_the_same_study_gives_the_same_bytes(made, tmp_path, ending):
    for name in ("a", "b"):
        poster.write_on(made, tmp_path / f"{name}{ending}", "A5")
    assert (tmp_path / f"a{ending}").read_bytes() == (tmp_path / f"b{ending}").read_bytes()


def test_paper_is_as_large_as_it_says(made, tmp_path):
    poster.write_on(made, tmp_path / "a.pdf", "A4-portrait")
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        assert len(pdf.pages) == 1
        assert [float(side) for side in pdf.pages[0].MediaBox] == pytest.approx([0, 0, 595.28, 841.89], abs=0.02)
    poster.write_on(made, tmp_path / "a.png", "A5-landscape")
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == pytest.approx((210 / 25.4 * 300, 148 / 25.4 * 300), abs=2)
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    poster.write_on(made, tmp_path / "a.svg", "A5-landscape")
    root = ElementTree.fromstring((tmp_path / "a.svg").read_text(encoding="utf-8"))  # noqa: S314
    assert root.get("width").endswith("pt")
    assert float(root.get("width")[:-2]) == pytest.approx(210 * 72 / 25.4, abs=0.01)


@pytest.mark.parametrize("name", ["a.docx", "a", "a.pdf.exe"])
def test_another_ending_is_one_clear_message(made, tmp_path, name):
    with pytest.raises(UsageError, match="end it in"):
        poster.write(made, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_map_without_its_furniture_leaves_no_file(made, tmp_path):
    bare = replace(made, sources=(replace(made.sources[0], attribution=""),))
    for broken in (bare, replace(made, sources=())):
        with pytest.raises(OurError, match="without its furniture"):
            poster.write(broken, tmp_path / "map.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_there_whole_or_not_at_all(made, tmp_path, monkeypatch):
    poster.write_on(made, tmp_path / "a.svg", "A5")
    before = (tmp_path / "a.svg").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WorldError, match="No space left"):
        poster.write_on(made, tmp_path / "a.svg", "A4")
    assert (tmp_path / "a.svg").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]


def test_hostile_names_are_words_and_nothing_else(hostile, tmp_path):
    poster.write(hostile, tmp_path / "a.pdf")
    check_tagged(tmp_path / "a.pdf", printable(print_words.message(hostile)))
    alt = picture_in_words(tmp_path / "a.pdf")
    assert alt == printable(print_words.meaning(hostile))
    assert letters(printable(hostile.name)) in letters(words_on(tmp_path / "a.pdf"))


def in_the_title(hostile, zone):
    gaps = hostile.gaps.assign(**{"class": "none"})
    gaps.loc[zone, ["class", "state"]] = ["priority", "ok"]
    return replace(hostile, gaps=gaps)


@pytest.mark.parametrize("zone", [zone for zone in NAMES if zone not in ("V012", "V020")])
def test_hostile_names_are_printed_exactly(hostile, tmp_path, zone):
    """Each in the title in turn."""
    poster.write_on(in_the_title(hostile, zone), tmp_path / "a.pdf", "A3")
    assert letters(printable(NAMES[zone])) in letters(words_on(tmp_path / "a.pdf"))


def test_hostile_letters_that_the_typeface_lacks_are_read_as_they_were_written(hostile, tmp_path):
    """They look like boxes, but stand in the text layer as what they are (ActualText), as in title and picture."""
    only = in_the_title(hostile, "V012")
    poster.write_on(only, tmp_path / "a.pdf", "A3")
    check_tagged(tmp_path / "a.pdf", print_words.message(only))
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        drawn = b"".join(pdf.pages[0].Contents.read_bytes().split())
    # The first letter of a block needs no help, the second is told apart from it.
    assert "字".encode("utf-16-be").hex().upper().encode() in drawn
    assert NAMES["V012"] in picture_in_words(tmp_path / "a.pdf")


def inside(made, zones):
    """How many of the places drawn lie in these zones, counted one by one."""
    shapes = made.zones.geometry.loc[zones]
    drawn = made.assets[made.assets["same_as"].isna() & (made.assets["trust"] != 0)]
    return sum(shapes.intersects(point).any() for point in drawn.geometry)


def test_a_few_zones_only_are_what_its_words_speak_of(made, tmp_path):
    zones = ["V000", "V011", "V012"]
    part = study.only_zones(made, zones)
    poster.write(part, tmp_path / "a.pdf")
    seen = words_on(tmp_path / "a.pdf")
    assert "3 areas of Nether Village" in seen
    assert letters(print_words.message(part)) in letters(seen)
    number = inside(made, zones)
    assert 1 < number < len(print_words.shown_assets(made)) == 6
    assert print_words.message(part).startswith(f"{number} places and groups are already here")
    assert sum(print_words.counts_by_kind(part).values()) == number
    none = replace(part, gaps=part.gaps.assign(**{"class": "none"}))
    assert "in these 3 areas of Nether Village; these figures name nowhere" in print_words.message(none)
    one = study.only_zones(made, ["V011"])
    assert inside(made, ["V011"]) == 1
    assert print_words.message(one).startswith("1 place or group is already here")
    assert print_words.shown_place(one) == str(made.gaps.loc["V011", "zone_name"])


def test_by_the_command_line(folder, tmp_path, capsys):
    out = tmp_path / "a.png"
    arguments = ["export", str(folder), "--format", "poster", "--paper", "a5-landscape", "--out", str(out)]
    assert cli.main(arguments) == cli.DONE
    with Image.open(io.BytesIO(out.read_bytes())) as image:
        assert image.width > image.height
    wrong = ["export", str(folder), "--format", "poster", "--paper", "B4", "--out", str(out)]
    assert cli.main(wrong) == cli.WRONG_USAGE
    assert "is not a paper we print on" in capsys.readouterr().err
    other = ["export", str(folder), "--format", "csv", "--paper", "A4", "--out", str(tmp_path / "a.csv")]
    assert cli.main(other) == cli.WRONG_USAGE
    assert "has no paper to choose" in capsys.readouterr().err
    assert not (tmp_path / "a.csv").exists()


def test_only_a_poster_is_asked_for_paper():
    assert exports.on_paper("poster").SUFFIX == ".pdf"
    with pytest.raises(UsageError, match="has no paper"):
        exports.on_paper("html")
