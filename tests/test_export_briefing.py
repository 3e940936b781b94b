"""The briefing as PDF and as Word: tagged, in order, every picture in words, the words as they were given."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from dataclasses import replace
from datetime import date

import docx
import pikepdf
import pytest
from docx.oxml.ns import qn
from places import camden, village
from tagged import check_tagged, elements, kinds, letters, words_on
from village import Village, write_village

from assetmap import cli, exports, intake, study
from assetmap.briefing import Cover, Wanted, Words, gather
from assetmap.errors import OurError
from assetmap.exports import briefing as pdf
from assetmap.exports import docx as word
from assetmap.exports._briefing import words_of
from assetmap.maps.print_type import printable
from assetmap.store.workspace import open_workspace, read_table

DAY = date(2026, 11, 22)
INSIDE = ["gap map", "priority", "watch", "build-on", "strong-base", "no-data", "not-yet-mapped", "outside-extract"]
INSIDE += ["confidence", "no-streets", "isolates", "single point", "lonel", "worst", "deficit", "nan", "none of none"]
PAYLOADS = [
    "#panic()",
    "$ x $ *b* _i_ `r` @ref <l>",
    "</script><script>alert(1)</script>",
    "${alert(1)}",
    "{{7*7}}{% x %}",
    "=1+1",
    'O\'Brien & Sons `Café` "The <Hub>" ${cost} {{x}} C:\\new £5',
    "a\u2028b\nc\x07\ud800",
    "Ωμέγα Кафе",
]


def build(folder):
    workspace = open_workspace(folder)
    return study.finish(study.build(workspace, "worker", workspace.settings.but(standard="relative"), DAY))


@pytest.fixture(scope="module")
def made():
    """The village, as if its map could speak for every area."""
    made = build(village())
    return replace(made, gaps=made.gaps.assign(**{"state": "ok", "class": made.gaps["provisional_class"]}))


@pytest.fixture(scope="module")
def told(made):
    return gather(made)


@pytest.fixture(scope="module")
def page(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("out") / "briefing.pdf"
    pdf.write(made, path)
    return path


@pytest.fixture(scope="module")
def paper(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("out") / "briefing.docx"
    word.write(made, path)
    return path


@pytest.fixture(scope="module")
def said(page, paper):
    """The words of both, read once."""
    return {"pdf": words_on(page), "docx": read_docx(paper)}


def read_docx(path):
    """Every word of a document, its tables among them, in order."""
    return "\n".join(
        "".join(text.text or "" for text in paragraph.iter(qn("w:t")))
        for paragraph in docx.Document(str(path)).element.body.iter(qn("w:p"))
    )


def test_it_is_four_pages_of_a4_tagged_and_lasting(told, page):
    check_tagged(page, told.title)
    with pikepdf.open(page) as opened:
        assert len(opened.pages) == 4
        assert [float(side) for side in opened.pages[0].MediaBox] == pytest.approx([0, 0, 595.28, 841.89], abs=0.02)
        assert str(opened.docinfo.CreationDate).startswith("D:20261122")
        with opened.open_outline() as outline:
            assert [letters(str(item.title)) for item in outline.root] == [
                letters(title) for title in (told.strengths.title, told.need.title, told.talk.title, told.act.title)
            ]


def test_headings_are_in_order_and_never_skip_a_level(page):
    levels = [int(kind[1]) for kind in kinds(page) if re.fullmatch(r"H\d", kind)]
    assert levels.count(1) == 4
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))


def test_every_picture_says_itself_in_words_of_its_own(told, page):
    alts = [element.alt for element in elements(page) if element.kind == "Figure"]
    assert len(alts) == len(set(alts)) == 2 + len(told.need.indicators)
    for row in told.need.indicators:
        assert any(row.line.text in alt for alt in alts)


def test_tables_are_tables_with_heads(told, page):
    found = kinds(page)
    assert found.count("Table") == 3
    assert found.count("THead") == 3
    areas = len(told.areas)
    assert found.count("TH") == 4 + (2 + areas + 1) + 4
    assert found.count("TR") == 3 + len(told.strengths.themes) + 2 * len(told.need.indicators) + areas


def test_the_text_layer_reads_in_the_order_of_every_page(told, said):
    seen = letters(said["pdf"])
    at = 0
    for line in (
        told.strengths.title,
        told.strengths.lead.text,
        "What residents say",
        told.need.title,
        told.need.indicators[0].line.text,
        told.need.indicators[-1].line.text,
        told.talk.title,
        told.areas[0].here[0].brief,
        told.act.title,
        told.about.limits[0],
        told.made,
    ):
        found = seen.find(letters(printable(line)), at)
        assert found >= 0, line
        at = found


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_every_sentence_source_and_number_of_an_area_is_in_the_document(told, said, kind):
    seen = letters(said[kind])
    wanted = [row.line.text for row in told.need.indicators]
    wanted += [measured.figure.text for row in told.need.indicators for measured in row.areas]
    wanted += [source.title for source in told.about.sources] + list(told.about.licences)
    wanted += [told.note, told.made, told.status, told.geography, told.version, told.contact]
    wanted += [count.number.text for count in (*told.strengths.kinds, *told.strengths.themes)]
    for words in wanted:
        assert letters(printable(words)) in seen, words


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_printed_words_only_and_never_the_number_of_the_index(made, said, kind):
    seen = " ".join(said[kind].lower().split())
    for source in made.sources:
        seen = seen.replace(source.title.lower(), "")
    assert not [inside for inside in INSIDE if re.search(rf"\b{re.escape(inside)}", seen)]
    rates = {f"{value:.1f}" for name in made.isolation.used for value in made.zones[name]}
    for value in made.gaps["isolation"]:
        assert f"{value:.2f}" not in seen
        assert f"{value:.1f}" in rates or not re.search(rf"(?<![\d.]){re.escape(f'{value:.1f}')}(?!\d)", seen)


def test_f8_the_same_study_gives_the_same_bytes(made, page, paper, tmp_path):
    pdf.write(made, tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == page.read_bytes()
    word.write(made, tmp_path / "again.docx")
    assert (tmp_path / "again.docx").read_bytes() == paper.read_bytes()
    with zipfile.ZipFile(paper) as package:
        assert {member.date_time[:3] for member in package.infolist()} == {(2026, 11, 22)}


def test_word_reads_headings_tables_pictures_and_language(told, paper):
    opened = docx.Document(str(paper))
    assert opened.core_properties.title == told.title
    levels = [int(p.style.name[-1]) for p in opened.paragraphs if p.style.name.startswith("Heading")]
    assert levels.count(1) == 4
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))
    assert len(opened.tables) == 4
    for table in opened.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert table._tbl.tblPr.find(qn("w:tblDescription")).get(qn("w:val"))
    pictures = list(opened.element.body.iter(qn("wp:docPr")))
    assert len(pictures) == 2 + len(told.need.indicators)
    assert all(picture.get("descr") for picture in pictures)
    assert len({picture.get("id") for picture in pictures}) == len(pictures)
    (language,) = opened.styles.element.iter(qn("w:lang"))
    assert language.get(qn("w:val")) == "en-GB"


def test_more_areas_make_it_longer_with_a_sheet_for_each(made, tmp_path):
    zones = tuple(made.gaps.index[:8])
    pdf.write_about(made, tmp_path / "long.pdf", Wanted(zones))
    check_tagged(tmp_path / "long.pdf", gather(made, Wanted(zones)).title)
    seen = letters(words_on(tmp_path / "long.pdf"))
    for number, zone in enumerate(zones, 1):
        assert letters(f"{number} {made.gaps.loc[zone, 'zone_name']}") in seen
    assert kinds(tmp_path / "long.pdf").count("Table") == 3 + len(zones)


def test_a_cover_comes_first_and_residents_words_before_the_figures(made, tmp_path):
    words = (Words("We look out for each other", "Mill Street tenants"),)
    cover = Cover("Three places to start", "the Board", "the team", "hello@example.org", ("First.",))
    pdf.write_about(made, tmp_path / "c.pdf", Wanted(cover=cover, words=words))
    seen = words_on(tmp_path / "c.pdf")
    assert seen.index("Three places to start") < seen.index("We look out") < seen.index("Need in context")
    check_tagged(tmp_path / "c.pdf", gather(made).title)
    word.write_about(made, tmp_path / "c.docx", Wanted(cover=cover, words=words))
    seen = read_docx(tmp_path / "c.docx")
    assert seen.index("Three places to start") < seen.index("We look out") < seen.index("Need in context")


def test_hostile_names_and_words_are_printed_exactly(tmp_path):
    zones = {f"V0{n // 3}{n % 3}": PAYLOADS[n].replace("\ud800", "") for n in range(9)}
    places = {"St Anne": PAYLOADS[6], "Corner Cafe": PAYLOADS[0], "The Old Mill": PAYLOADS[5]}
    told = Village(zone_names=zones, place_names=places)
    list(intake.make_workspace(tmp_path / "w", PAYLOADS[1], write_village(tmp_path / "f", told)))
    made = build(tmp_path / "w")
    wanted = Wanted(
        tuple(made.gaps.index),
        cover=Cover(PAYLOADS[2], PAYLOADS[3], PAYLOADS[4], PAYLOADS[0], (PAYLOADS[6],)),
        words=tuple(Words(words, words) for words in PAYLOADS),
    )
    pdf.write_about(made, tmp_path / "b.pdf", wanted)
    word.write_about(made, tmp_path / "b.docx", wanted)
    check_tagged(tmp_path / "b.pdf", printable(gather(made, wanted).title))
    for seen in (letters(words_on(tmp_path / "b.pdf")), letters(read_docx(tmp_path / "b.docx"))):
        for words in PAYLOADS:
            assert letters(printable(words)) in seen, words
    packed = zipfile.ZipFile(io.BytesIO((tmp_path / "b.docx").read_bytes()))
    outside = [name for name in packed.namelist() if b'TargetMode="External"' in packed.read(name)]
    assert not outside


def test_where_nothing_is_named_the_briefing_says_so(made, tmp_path):
    none = made.gaps.assign(**{"class": "none", "provisional_class": "none"})
    pdf.write(replace(made, gaps=none), tmp_path / "page.pdf")
    assert letters("These figures name nowhere to start") in letters(words_on(tmp_path / "page.pdf"))


def test_maps_without_their_furniture_leave_no_file(made, tmp_path):
    bare = replace(made, sources=())
    for write, name in ((pdf.write, "page.pdf"), (word.write, "page.docx")):
        with pytest.raises(OurError, match="without its furniture"):
            write(bare, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_the_words_but_data(told):
    def leaves(value):
        if isinstance(value, dict):
            return [leaf for item in value.values() for leaf in leaves(item)]
        return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else [value]

    assert all(leaf is None or isinstance(leaf, str | int | float) for leaf in leaves(words_of(told)))


def test_the_command_line_writes_chosen_areas_and_says_what_is_not_for_a_format(tmp_path, capsys):
    folder, out = str(village()), tmp_path / "b.docx"
    zone = str(read_table(open_workspace(village()), "zones").index[3])
    assert cli.main(["export", folder, "--format", "docx", "--out", str(out), "--zones", zone]) == 0
    assert "1 " in read_docx(out)
    assert cli.main(["export", folder, "--format", "csv", "--out", str(tmp_path / "x.csv"), "--by", "ward"]) == 2
    assert "--by" in capsys.readouterr().err
    assert exports.about_areas("briefing") is not None


@pytest.mark.parametrize(("page", "y", "over"), [(3, 250.0, False), (3, 263.4, True), (4, 40.0, True)])
def test_areas_that_miss_their_page_by_little_are_noticed(page, y, over):
    parts = [
        {"part": "need", "page": 2, "y": 200.0, "foot": 18.0},
        {"part": "talk", "page": page, "y": y, "foot": 18.0},
    ]
    assert pdf.runs_over(parts) is over


@pytest.mark.real
def test_camden_is_four_pages(real_data, tmp_path):
    workspace = open_workspace(camden(real_data))
    made = study.finish(study.build(workspace, "commissioner", workspace.settings, DAY))
    pdf.write(made, tmp_path / "page.pdf")
    check_tagged(tmp_path / "page.pdf", gather(made).title)
    with pikepdf.open(tmp_path / "page.pdf") as opened:
        assert len(opened.pages) == 4
