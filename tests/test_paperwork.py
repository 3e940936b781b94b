"""The paperwork: made twice from one description, nothing invented, nothing of anybody on record, in exact words."""

from __future__ import annotations

import ast
import io
import itertools
import json
import re
import zipfile
from datetime import date
from functools import cache
from pathlib import Path

import docx
import pikepdf
import pypdf
import pytest
from docx.oxml.ns import qn
from leaks.scanner import Plant, search
from people_town import RESPONSIBLE, Clock, empty_town, open_town, somebody
from tagged import elements, letters, words_on

from assetmap import cli, paperwork, text
from assetmap.catalogue import load_catalogue
from assetmap.errors import NotAllowedError, UsageError
from assetmap.paperwork import Facts, tables
from assetmap.privacy.wording import PARTS, newest_wording, read_out, said_from
from assetmap.roles import ACTS, ROLES, Actor, can
from assetmap.store.people.responsible import Responsible
from assetmap.ui.pages import pages

DAY = date(2026, 11, 22)
HERE = Path(__file__).parent
CARDS = ("consent-card", "consent-card-special")
HOSTILE = "#panic() $x$ *b* {contact} {?x} {{7*7}} @ref <l> | - ** `O'Brien` \\new =1+1 Ωμέγα"


def facts(**changes) -> Facts:
    categories = sorted(load_catalogue().categories.values(), key=lambda one: one.label)
    told = {
        "place": "Elmbridge",
        "day": DAY,
        "said": RESPONSIBLE,
        "reveals": tuple((one.label, one.reveals) for one in categories if one.reveals),
        "sensitive": tuple(one.label for one in categories if one.sensitive),
    }
    return Facts(**{**told, **changes})


def compose(name: str, given: Facts | None = None) -> paperwork.Document:
    return paperwork.compose(paperwork.about(name), given or facts())


@cache
def made(name: str, kind: str) -> bytes:
    """Every document once: each is half a second."""
    return paperwork.make(compose(name), kind)


@cache
def on_paper(name: str) -> str:
    """The words of the PDF, as a reader finds them."""
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made(name, "pdf"))).pages)


def words_of(document: paperwork.Document) -> str:
    return " ".join(run.words for run in document.all_words())


def read_docx(written: bytes) -> str:
    body = docx.Document(io.BytesIO(written)).element.body
    return "\n".join("".join(text.text or "" for text in p.iter(qn("w:t"))) for p in body.iter(qn("w:p")))


@pytest.fixture
def pdf(tmp_path):
    def written(content: bytes) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.pdf"
        path.write_bytes(content)
        return path

    return written


# --- each document, found by its file ---------------------------------------------------------------------------------


def test_there_is_every_document_that_was_asked_for():
    assert set(paperwork.names()) >= {
        "dpia",
        "record-of-processing",
        "privacy-notice",
        "consent-card",
        "retention",
        "equality",
        "accessibility",
        "letter-recipient",
        "letter-review",
        "letter-everything",
    }


@pytest.mark.parametrize("name", paperwork.names())
def test_both_forms_say_the_same_and_are_tagged(name, pdf):
    document = compose(name)
    path = pdf(made(name, "pdf"))
    wanted = letters("".join(run.words for run in document.all_words()))
    word = read_docx(made(name, "docx"))
    assert wanted == letters(word)
    seen = letters(on_paper(name))
    for run in document.all_words():
        for line in run.words.splitlines():
            # A long run goes over a page's end, where the foot stands.
            assert letters(line)[:40] in seen, line
    with pikepdf.open(path) as opened:
        assert bool(opened.Root.MarkInfo.Marked)
        assert str(opened.Root.Lang) == "en-GB"
        assert str(opened.docinfo.Title) == document.title
        with opened.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"
    kinds = [one.kind for one in elements(path)]
    assert kinds.count("H1") == 1
    assert kinds.count("Table") == kinds.count("THead") == sum(isinstance(b, tables.Table) for b in document.blocks)
    opened = docx.Document(io.BytesIO(made(name, "docx")))
    assert opened.core_properties.title == document.title
    levels = [int(p.style.name[-1]) for p in opened.paragraphs if p.style.name.startswith("Heading")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all(table._tbl.tblPr.find(qn("w:tblDescription")).get(qn("w:val")) for table in opened.tables)


@pytest.mark.parametrize("name", ["dpia", "privacy-notice"])
def test_what_leads_to_a_table_or_a_list_goes_to_the_next_page_with_it(name):
    body = docx.Document(io.BytesIO(made(name, "docx")))
    below = [(one, after) for one, after in itertools.pairwise(body.iter_inner_content())]
    leading = [
        (one, after)
        for one, after in below
        if hasattr(one, "runs") and one.text.rstrip().endswith(":") and not one.style.name.startswith("List")
    ]
    starts = [one for one, after in leading if not hasattr(after, "runs") or after.style.name.startswith("List")]
    assert starts or name != "dpia"
    assert all(one.paragraph_format.keep_with_next for one in starts)
    assert body.styles["Normal"].paragraph_format.widow_control


@pytest.mark.parametrize("name", paperwork.names())
def test_each_says_that_it_is_no_legal_advice(name):
    assert "Not legal advice" in on_paper(name)
    assert b"Not legal advice" in b"".join(zipped(made(name, "docx")).values())


def zipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.parametrize("kind", paperwork.FORMATS)
def test_the_same_day_gives_the_same_bytes(kind):
    assert paperwork.make(compose("retention"), kind) == made("retention", kind)
    assert paperwork.make(compose("retention", facts(day=date(2026, 11, 23))), kind) != made("retention", kind)


# --- what is filled in, and what is not ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", paperwork.names())
def test_what_nobody_said_is_a_marked_blank_and_never_invented(name):
    empty, full = compose(name, facts(said=Responsible())), compose(name)
    assert empty.blanks() > full.blanks()
    said = words_of(full)
    told = {"controllers": RESPONSIBLE.controllers, "contact": RESPONSIBLE.contact}
    for value in told.values():
        if value in said:
            assert value not in words_of(empty)
    blanks = [run for run in empty.all_words() if run.kind == "blank"]
    assert all(run.words.startswith("[") and run.words.endswith("]") for run in blanks)


def test_blanks_are_marked_in_both_forms(pdf):
    empty = compose("privacy-notice", facts(said=Responsible()))
    assert "[to fill in: who decides why and how" in " ".join(words_on(pdf(paperwork.make(empty, "pdf"))).split())
    opened = docx.Document(io.BytesIO(paperwork.make(empty, "docx")))
    marked = [run for p in opened.paragraphs for run in p.runs if run.font.highlight_color is not None]
    # Those in tables are not among a document's paragraphs.
    assert len(marked) == empty.blanks()


def test_a_review_that_is_overdue_says_so():
    late = facts(missing=("review_on",))
    assert "look at all of it again" in words_of(compose("dpia", late))
    assert "look at all of it again" not in words_of(compose("dpia"))


def test_a_made_up_town_says_so():
    assert "nobody in it is real" in words_of(compose("dpia", facts(is_demo=True)))


def test_tables_say_what_the_program_goes_by():
    record = compose("record-of-processing")
    (roles,) = [b for b in record.blocks if isinstance(b, tables.Table) and len(b.head) == 1 + len(ROLES)]
    assert len(roles.rows) == len(ACTS)
    for act, row in zip(ACTS, roles.rows, strict=True):
        assert [cell[0].words == "yes" for cell in row[1:]] == [can(role, act) for role in ROLES], act
    life = words_of(compose("retention"))
    # Twelve, thirteen and twenty-four months from 22 November 2026.
    assert all(day in life for day in ("22 November 2027", "22 December 2027", "22 November 2028"))
    known = load_catalogue().categories.values()
    told = words_of(compose("dpia"))
    assert all(one.label in told for one in known if one.reveals or one.sensitive)


# --- the assessment -----------------------------------------------------------------------------------------------


def test_every_test_that_is_named_is_there():
    named = tables.tests_of(paperwork.about("dpia"))
    assert len(named) > 40
    there: dict[str, set[str]] = {}
    for test in named:
        file, _, function = test.partition("::")
        if file not in there:
            tree = ast.parse((HERE / file).read_text(encoding="utf-8"))
            there[file] = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert function in there[file], test
    printed = words_of(compose("dpia"))
    assert all(test in printed for test in named)


def test_twelve_risks_are_scored_before_and_after_and_each_has_measures():
    risks = paperwork.about("dpia").risks
    assert len(risks) == 12
    order = ("low", "medium", "high")
    for risk in risks:
        before, after = tables.level_of(*risk["before"]), tables.level_of(*risk["after"])
        assert order.index(after) < order.index(before), risk["what"]
        assert any(measure.get("tests") for measure in risk["measures"]), risk["what"]
        assert risk["left"].strip()
    said = words_of(compose("dpia"))
    assert [f"Step {n}." in said for n in range(1, 9)] == [True] * 7 + [False]
    assert "no risk stays high" in said
    assert not [risk for risk in risks if tables.level_of(*risk["after"]) == "high"]


# --- the card -----------------------------------------------------------------------------------------------------


def test_the_card_has_exactly_the_words_that_are_read_out():
    version = newest_wording()
    asked: set[str] = set()
    for card in CARDS:
        paper, words = on_paper(card), " ".join(words_of(compose(card)).split())
        parts = {"opening", "risk", *tables.asked_on(paperwork.about(card)), "closing"}
        for part in PARTS:
            said = read_out(part, version, "this place", RESPONSIBLE.controllers)
            assert (letters(said) in letters(paper)) is (said in words) is (part in parts), (card, part)
        assert letters(f"Words: version {version}, {text.long_date(said_from(version))}") in letters(words)
        asked |= parts
    assert asked == {*PARTS}
    assert set(CARDS) == {name for name in paperwork.names() if "card" in name}


@pytest.mark.parametrize(
    "said",
    [
        RESPONSIBLE,
        Responsible(),
        Responsible(
            "The Elmbridge and District Neighbours’ Partnership with the Borough Council",
            "the data protection officer, Town Hall, High Street, Elmbridge, 020 7946 0018",
            concern="the adult social care team, 020 7946 0019, at night 020 7946 0020",
        ),
    ],
)
@pytest.mark.parametrize("card", CARDS)
def test_the_card_is_one_page_in_large_print_with_room_for_a_code(card, said, pdf):
    path = pdf(paperwork.make(compose(card, facts(said=said)), "pdf"))
    with pikepdf.open(path) as opened:
        assert len(opened.pages) == 1
        assert [float(side) for side in opened.pages[0].MediaBox[2:]] == pytest.approx([595.28, 841.89], abs=0.02)
    assert min(sizes(path)) >= 14
    assert "Your code:" in words_on(path)


def sizes(path: Path) -> set[float]:
    """The sizes of letters on every page, in points."""
    found: set[float] = set()

    def look(words, _, matrix, __, size):
        if words.strip():
            found.add(round(abs(size * matrix[3]), 1))

    for page in pypdf.PdfReader(str(path)).pages:
        page.extract_text(visitor_text=look)
    return found


def test_what_everybody_may_have_is_for_people_and_says_so_plainly():
    for name in ("privacy-notice", "consent-card", "letter-review", "letter-everything"):
        said = " ".join(words_of(compose(name)).split())
        longest = max(re.split(r"(?<=[.?!:;])\s", said), key=lambda sentence: len(sentence.split()))
        assert len(longest.split()) <= 40, longest


def test_the_accessibility_statement_claims_no_page_that_is_not_tested():
    # Read, not imported: that file needs a browser.
    tree = ast.parse((HERE / "test_accessibility_browser.py").read_text(encoding="utf-8"))
    (listed,) = [one.value for one in tree.body if isinstance(one, ast.Assign) and one.targets[0].id == "PAGES"]
    looked_at = {path.partition("?")[0].strip("/") or "map" for path in ast.literal_eval(listed)}
    (row,) = [
        row
        for block in compose("accessibility").blocks
        if isinstance(block, tables.Table)
        for row in block.rows
        if "axe" in row[1][0].words
    ]
    named = {run.words for run in row[0] if run.kind == "strong"}
    assert len(named) == 6
    assert named <= {page.TITLE for page in pages() if page.PATH in looked_at}
    assert "does not claim" in " ".join(words_of(compose("accessibility")).split())


# --- who may have it, and what must not be in it -----------------------------------------------------------------


def test_role_by_role_who_may_have_what():
    open_to_all = {"privacy-notice", *CARDS, "accessibility"}
    for role in ROLES:
        may = {name for name in paperwork.names() if paperwork.may_have(role, name)}
        assert may == (set(paperwork.names()) if role in ("worker", "moderator", "steward") else open_to_all), role


def test_role_that_may_not_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(NotAllowedError, match="paperwork"):
        paperwork.write(facts(), [("consent-card", "docx"), ("dpia", "docx")], tmp_path / "o", Actor("r", "resident"))
    assert not (tmp_path / "o").exists()


def test_leak_nothing_of_anybody_on_record_is_in_the_paperwork(tmp_path):
    town = open_town(tmp_path / "w")
    code = town.add(somebody(town, interests="Canary Interest Qx"))[1]
    with town.door("steward") as door:
        given = paperwork.gather(door, town.workspace.name, load_catalogue())
    plants = [
        Plant(one) for one in ("Quenby Zarathustra", "07700 900123", "mends bicycles", "Canary Interest Qx", code)
    ]
    for name in paperwork.names():
        document = paperwork.compose(paperwork.about(name), given)
        assert search(words_of(document).encode(), plants) == [], name
    for kind in paperwork.FORMATS:
        assert search(paperwork.make(document, kind), plants) == []


def test_hostile_words_of_a_workspace_are_printed_exactly(pdf):
    said = Responsible(HOSTILE, HOSTILE, HOSTILE, "consent", HOSTILE, HOSTILE, "2029-03-31")
    given = facts(place=HOSTILE, said=said, reveals=((HOSTILE, "health"),), sensitive=(HOSTILE,))
    for name in ("equality", "letter-everything", "consent-card"):
        document = compose(name, given)
        word = paperwork.make(document, "docx")
        for seen in (words_on(pdf(paperwork.make(document, "pdf"))), read_docx(word)):
            assert letters(seen).count(letters(HOSTILE)) >= 2
        assert not [part for part, content in zipped(word).items() if b'TargetMode="External"' in content]
    assert words_of(compose("dpia", given)).count(HOSTILE) >= 8
    odd = facts(place="a\x07b\ud800\u2028c", said=Responsible("x\ufffe\x00", "\u202ey"))
    for kind in paperwork.FORMATS:
        assert paperwork.make(compose("privacy-notice", odd), kind)


# --- from a workspace, and by hand --------------------------------------------------------------------------------


def test_it_is_filled_from_what_the_workspace_says(tmp_path):
    town = open_town(tmp_path / "w")
    clock: Clock = town.clock
    with town.door("resident") as door:
        given = paperwork.gather(door, "Elmbridge", load_catalogue())
    assert (given.said, given.day, given.missing) == (RESPONSIBLE, clock().date(), ())
    assert ("Faith or belief group", "belief") in given.reveals
    assert given.sensitive == ("Refuge or hostel",)


def test_the_command_writes_says_what_is_left_to_fill_in_and_overwrites_nothing(tmp_path, capsys):
    town = empty_town(tmp_path / "w")
    words = [
        "paperwork",
        str(town.workspace.folder),
        "--only",
        "consent-card,letter-review",
        "--format",
        "docx",
        "--out",
    ]
    out = tmp_path / "out"
    assert cli.main([*words, str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["files"]
    assert [one["document"] for one in told] == ["consent-card", "letter-review"]
    assert all(one["to_fill_in"] > 0 and not one["left_as_it_was"] for one in told)
    assert sorted(path.name for path in out.iterdir()) == [
        "consent-card-Elmbridge.docx",
        "letter-review-Elmbridge.docx",
    ]
    assert cli.main([*words, str(out)]) == 0, "the same day again is the same file"
    filled = out / "letter-review-Elmbridge.docx"
    filled.write_bytes(b"what somebody filled in")
    capsys.readouterr()
    assert cli.main([*words, str(out)]) == 1
    assert "Left letter-review-Elmbridge.docx as it was" in capsys.readouterr().out
    assert filled.read_bytes() == b"what somebody filled in"


@pytest.mark.parametrize(("only", "out"), [("dpia,diary", "o"), ("dpia", "file")])
def test_wrong_use_is_one_sentence(tmp_path, capsys, only, out):
    town = empty_town(tmp_path / "w")
    (tmp_path / "file").write_text("x")
    words = ["paperwork", str(town.workspace.folder), "--only", only, "--out", str(tmp_path / out)]
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert ("there is no such document" in said) is (out == "o")
    assert "Traceback" not in said


def test_there_is_no_such_document():
    with pytest.raises(UsageError, match="no such document"):
        paperwork.about("diary")
