"""Sentences in other languages: catalogues that fit the English ones, and English where one says nothing."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from string import Formatter

import pikepdf
import places
import pytest
from babel.messages.pofile import read_po
from tagged import words_on

from assetmap import exports, languages, study, text
from assetmap.errors import UsageError
from assetmap.exports import walkabout
from assetmap.maps import print as print_map
from assetmap.store.workspace import open_workspace

ROOT = Path(__file__).resolve().parent.parent
OTHERS = [language for language in languages.known() if language != "en"]
#: Sentences that are a list in one text: every language has as many pieces.
LISTS = ("-head", "months")


def load_script():
    spec = importlib.util.spec_from_file_location("messages", ROOT / "scripts" / "messages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def english():
    """Every message in English, by its id."""
    return load_script().gather()


@pytest.fixture(scope="module")
def village():
    workspace = open_workspace(places.village())
    return study.finish(study.build(workspace, "worker", workspace.settings, date(2026, 11, 22)))


def catalogue(language: str):
    with (languages.LOCALE / language / "LC_MESSAGES" / "assetmap.po").open("rb") as file:
        return [message for message in read_po(file, abort_invalid=True) if message.id]


def holes(words: str) -> list[tuple[str, str, str]]:
    return sorted((name, form, turn or "") for _, name, form, turn in Formatter().parse(words) if name is not None)


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_exists_in_english_and_is_of_what_it_says_now(language, english):
    stale = {m.context for m in catalogue(language) if english.get(m.context) != m.id}
    assert not stale, f"run python scripts/messages.py {language} --only-translated, then translate these again"
    assert not [m.context for m in catalogue(language) if m.fuzzy or not m.string]


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_agree_in_every_language(language):
    for message in catalogue(language):
        assert holes(message.string) == holes(message.id), message.context
        if message.context.endswith(LISTS):
            assert message.string.count(";") == message.id.count(";"), message.context


def test_every_english_sentence_can_be_said(english):
    assert len(english) > 1000
    for name, words in english.items():
        holes(words)
        assert words, name


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_missing_is_said_in_english_and_counted(language):
    with languages.in_language(language) as speaking:
        assert text.say("step-zones", count="3") == "read 3 zones"
        assert text.say("step-zones", count="4") == "read 4 zones"
        assert (
            text.say("area-not-person") != "This describes an area. It says nothing about any one person or household."
        )
        assert speaking.missing == {"step-zones"}


def test_a_sentence_that_changed_in_english_is_no_longer_taken_for_translated():
    with languages.in_language("cy") as speaking:
        assert languages.translate("sheet-found", "What we found today") == "What we found today"
        assert languages.translate("sheet-found", "What we found") == "Yr hyn a welsom"
        assert speaking.missing == {"sheet-found"}


def test_what_a_translator_was_unsure_of_is_left_out(tmp_path):
    (tmp_path / "x.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
        '#, fuzzy\nmsgctxt "a"\nmsgid "one"\nmsgstr "un"\n\nmsgctxt "b"\nmsgid "two"\nmsgstr "dau"\n\n'
        'msgctxt "c"\nmsgid "three"\nmsgstr ""\n',
        encoding="utf-8",
    )
    assert dict(languages.read_catalogue(tmp_path / "x.po")) == {"b": ("two", "dau")}


def test_a_language_is_spoken_in_one_block_of_one_thread_only():
    heard = []
    with languages.in_language("cy"):
        other = threading.Thread(target=lambda: heard.append((text.say("sheet-found"), languages.tag())))
        other.start()
        other.join()
        assert (text.say("sheet-found"), languages.tag()) == ("Yr hyn a welsom", "cy")
        with languages.in_language("en"):
            assert text.say("sheet-found") == "What we found"
        assert languages.tag() == "cy"
    assert heard == [("What we found", "en-GB")]
    assert text.say("sheet-found") == "What we found"


def test_there_is_no_such_language():
    with pytest.raises(UsageError, match="no catalogue"), languages.in_language("tlh"):
        pass


def test_oracle_dates_counts_and_lists_in_welsh():
    with languages.in_language("cy"):
        assert text.long_date(date(2026, 11, 22)) == "22 Tachwedd 2026"
        assert text.join_words(["bara", "caws"]) == "bara a caws"
        assert text.join_words(["bara", "menyn", "afal"]) == "bara, menyn ac afal"
        assert text.count(1200, "area") == "1,200 ardal"
    assert text.join_words(["bread", "apples"]) == "bread and apples"


def test_walk_about_sheets_are_whole_in_welsh(village, tmp_path):
    with languages.in_language("cy") as speaking:
        walkabout.write_large(village, tmp_path / "w.html")
    page = (tmp_path / "w.html").read_text(encoding="utf-8")
    assert speaking.missing == set()
    assert '<html lang="cy">' in page
    for words in ("Taith gerdded: ", "Yn gywir o hyd", "Llyfrgell", "22 Tachwedd 2026", "--type:18pt"):
        assert words in page
    for words in ("Walk-about", "Still right", ">Library<", "November", "What we found"):
        assert words not in page


def test_the_map_on_paper_is_whole_in_welsh_but_for_what_licences_say(village, tmp_path):
    with languages.in_language("cy") as speaking:
        sheet = print_map.draw_sheet(village, "A5")
        exports.on_paper("poster").write_on(village, tmp_path / "p.pdf", "A5")
    assert speaking.missing == set()
    said = " ".join(line for words in sheet.canvas.words for line in words.lines)
    for words in ("Sgwrsio yma yn gyntaf", "Nid ydym wedi gofyn eto", "Gwnaed 22 Tachwedd"):
        assert words in said
    for words in ("Talk here first", "No figures", "Made ", "people"):
        assert words not in said
    with pikepdf.open(tmp_path / "p.pdf") as pdf:
        assert str(pdf.Root.Lang).startswith("cy")


#: What is not said in Welsh yet, by format: what grows here has to be translated.
NOT_IN_WELSH = {"poster": 0, "page": 0, "briefing": 0, "html": 0, "walkabout": 0}


@pytest.fixture(scope="module")
def in_welsh(tmp_path_factory):
    """Each printed format written in Welsh of a village studied in Welsh: its file, and what it said in English."""
    folder, made = tmp_path_factory.mktemp("cy"), {}
    for name in NOT_IN_WELSH:
        with languages.in_language("cy") as speaking:
            workspace = open_workspace(places.village())
            settings = workspace.settings.but(standard="relative")
            found = study.finish(study.build(workspace, "worker", settings, date(2026, 11, 22)))
            # As if its map could speak for every area.
            found = replace(found, gaps=found.gaps.assign(state="ok", **{"class": found.gaps["provisional_class"]}))
            file = folder / f"{name}{exports.by_name(name).SUFFIX}"
            exports.by_name(name).write(found, file)
        made[name] = (file, set(speaking.missing))
    return made


@pytest.mark.parametrize("name", NOT_IN_WELSH)
def test_what_is_not_said_in_welsh_is_counted(in_welsh, name, record_property):
    missing = in_welsh[name][1]
    record_property(f"not in Welsh, {name}", len(missing))
    assert len(missing) <= NOT_IN_WELSH[name], sorted(missing)


def test_the_briefing_is_whole_in_welsh(in_welsh):
    file = in_welsh["briefing"][0]
    with pikepdf.open(file) as pdf:
        assert str(pdf.Root.Lang).startswith("cy")
    said = " ".join(words_on(file).split())
    for words in ("Beth sydd yma", "Angen yn ei gyd-destun", "Lleoedd i gwrdd", "mae mwy o", "Pam gofyn yma"):
        assert words in said
    for words in ("What is here", "Places to meet", "more people", "households", "Who acts", "Buildings", "Already"):
        assert words not in said


def test_the_map_in_one_file_has_its_own_words_in_welsh(in_welsh):
    page = in_welsh["html"][0].read_text(encoding="utf-8")
    assert '<html lang="cy">' in page
    for words in (
        "Chwilio am stryd, grŵp neu le",
        "Dewiswch ardal",
        "Haenau",
        "Adeiladau",
        "Print mawr",
        "Cymdeithasau",
    ):
        assert words in page
    for words in ("Find a street", "Choose an area", "Drawing the map", "Big type", '"Buildings"', "Works offline"):
        assert words not in page


def test_every_sentence_that_the_scripts_say_is_there():
    scripts = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "assetmap" / "maps").glob("*.js"))
    asked = set(re.findall(r'"((?:map|style)-[a-z-]+)"', scripts))
    known = text.sentences_of("map-", "style-")
    assert asked <= set(known)
    assert {name for name in known if name.startswith("map-")} <= asked


def test_easy_words_are_short_and_english(village):
    with languages.in_language("en-easy") as speaking:
        said = [text.say(name) for name in ("page-residents-none", "page-figures-none", "pack-mind-words")]
        assert languages.tag() == "en-GB"
        assert not speaking.missing
    for sentence in [part for line in said for part in line.split(".") if part]:
        assert len(sentence.split()) <= 15


def test_english_asks_no_catalogue():
    code = "import sys; from assetmap import text; text.say('area-not-person'); sys.exit('babel' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_renewed_catalogue_keeps_what_was_said_and_marks_what_changed(english):
    script = load_script()
    with (languages.LOCALE / "cy" / "LC_MESSAGES" / "assetmap.po").open("rb") as file:
        old = read_po(file)
    changed = {**english, "sheet-found": "What we came upon", "brand-new": "New"}
    made = {m.context: m for m in script.renew(old, changed, only_translated=False) if m.id}
    assert (made["sheet-found"].string, made["sheet-found"].fuzzy) == ("Yr hyn a welsom", True)
    assert (made["brand-new"].string, made["months"].fuzzy) == ("", False)
    assert set(made) == set(changed)
