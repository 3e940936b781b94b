"""The form for a phone: inert, small, silent; and what it saves, read back row by row without doubling."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from returning import ADA, DAY, HALL, POSTCODES, against, make_place, study_of
from test_export_template import HOSTILE

from assetmap import exports, forms
from assetmap.catalogue import load_catalogue, shipped_layers
from assetmap.errors import AssetmapError, FileRefusedError, UsageError, WorldError
from assetmap.exports import fieldform
from assetmap.maps.scripts import source_hash
from assetmap.sources.returned_form import is_returned_form, read_returned_form
from assetmap.store import assets, community, history
from assetmap.work import returns

UUID = "7d0c1f0e-4f3b-4a6a-9c56-0d7f6a1b2c3d"
ANSWERS = {"name": "Knitters", "category": "social-club", "place": "50.17, -1.99", "meets": "place", "cost": "free"}
ADDITION = {"uuid": UUID, "day": "2026-11-20", "answers": ANSWERS}
CHECK = {"id": "own:1", "mark": "1", "answer": "right", "note": "", "day": "2026-11-20"}
VERDICT = {"id": "osm:n1001", "mark": "abcd", "answer": "closed", "note": "", "day": "2026-11-20"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return make_place(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="module")
def made(place):
    return study_of(place)


@pytest.fixture(scope="module")
def page(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("out") / "form.html"
    fieldform.write(made, path)
    return path.read_text(encoding="utf-8")


def held(page: str) -> dict[str, Any]:
    (found,) = re.findall(r'<script type="application/json" id="ff-data">(.*?)</script>', page, re.S)
    return json.loads(found)


def form(folder: Path, added: Any = (), checked: Any = (), **more: Any) -> Path:
    told = {"form": forms.FIELDFORM, "place": "Nether Village", "made": "2026-11-01"}
    path = folder / "answers.json"
    path.write_text(json.dumps({**told, "added": added, "checked": checked, **more}), encoding="utf-8")
    return path


def read(folder: Path, added: Any = (), checked: Any = (), **more: Any):
    return read_returned_form(form(folder, list(added), list(checked), **more), against(postcodes=POSTCODES))


# --- The page ------------------------------------------------------------------------------------------------


def test_it_says_what_it_is() -> None:
    kind = exports.by_name("fieldform")
    assert kind.SUFFIX == ".html"
    assert kind.LABEL


def test_the_policy_allows_nothing_but_what_is_in_the_page(page) -> None:
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1])
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.S)
    (styles,) = re.findall(r"<style>(.*?)</style>", page, re.S)
    assert policy.split("; ") == [
        "default-src 'none'",
        f"script-src {source_hash(script)}",
        f"style-src {source_hash(styles)}",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert not re.search(r"""(src|href)=["'](?!#)""", page)
    assert not re.search(r"\sstyle=|\son\w+=", re.sub(r"<(script|style).*?</\1>", "", page, flags=re.S))


def test_the_page_builds_no_html_from_words(page) -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.S)
    for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function(", "fetch(", "http"):
        assert word not in script, word


def test_it_knows_names_kinds_and_addresses_and_nobodys_contact(page) -> None:
    known = held(page)
    at = known["assets"]["id"].index("own:1")
    told = {name: column[at] for name, column in known["assets"].items() if name != "closed"}
    assert (told["name"], told["address"], told["mark"], told["checked"]) == (
        "Mill Hall",
        "1 Mill Road",
        "1",
        "2026-03-04",
    )
    assert known["categories"][told["category"]]["id"] == "community-centre"
    assert told["spot"] == [5017275, -199714]
    assert [known["assets"]["id"][row] for row in known["assets"]["closed"]] == ["own:3"]
    assert "01632" not in page
    assert "refuge" not in [category["id"] for category in known["categories"]]
    assert len(known["assets"]["mark"][known["assets"]["id"].index("osm:n1001")]) == 16


def test_what_is_kept_off_the_map_is_kept_off_the_phone(tmp_path) -> None:
    place = make_place(tmp_path, {**HALL, "name": "Nobody sees this", "keep_off_map": True})
    fieldform.write(study_of(place), tmp_path / "form.html")
    assert "Nobody sees" not in (tmp_path / "form.html").read_text(encoding="utf-8")


def test_f8_the_same_study_gives_the_same_bytes(made, page, tmp_path) -> None:
    fieldform.write(made, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == page.encode()


@pytest.mark.parametrize("word", [*HOSTILE, "</script><script>alert(1)</script>", "<!--", "nul\x00byte", "\ud800"])
def test_hostile_names_travel_as_data(made, tmp_path, word) -> None:
    own = made.assets.astype({"name": object}).copy()
    own.loc["own:1", "name"] = word
    fieldform.write(replace(made, name=word, assets=own), tmp_path / "form.html")
    page = (tmp_path / "form.html").read_text(encoding="utf-8")
    assert held(page)["assets"]["name"][held(page)["assets"]["id"].index("own:1")] == fieldform._text(word)
    assert page.count("<script") == 2
    assert page.count("<!--") == 0


def test_five_thousand_assets_stay_under_two_megabytes(made, tmp_path) -> None:
    many = made.assets.loc[["own:1"] * 5000].set_axis([f"own:{k}" for k in range(5000)])
    many = many.assign(
        name=[f"The community hall of number {k}" for k in range(5000)], address="12 Some Long Street, NW1 0AA"
    )
    fieldform.write(replace(made, assets=many), tmp_path / "form.html")
    assert (tmp_path / "form.html").stat().st_size < 1_000_000


def test_an_empty_place_and_a_folder_that_is_not_there(made, tmp_path) -> None:
    fieldform.write(replace(made, assets=made.assets.iloc[:0], sources=()), tmp_path / "form.html")
    assert held((tmp_path / "form.html").read_text(encoding="utf-8"))["assets"]["id"] == []
    with pytest.raises(UsageError, match="the folder to write into is not there"):
        fieldform.write(made, tmp_path / "none" / "form.html")


def test_the_file_is_there_whole_or_not_at_all(tmp_path, made, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WorldError, match="No space left"):
        fieldform.write(made, tmp_path / "form.html")
    assert list(tmp_path.iterdir()) == []


# --- What comes back -----------------------------------------------------------------------------------------


def test_additions_and_checks_become_one_batch(tmp_path) -> None:
    found = read(tmp_path, [ADDITION], [CHECK, VERDICT, {**CHECK, "id": "own:2", "answer": "closed"}])
    (new,) = found.batch.new
    assert {name: new[name] for name in ("name", "kind", "source", "source_id", "cost", "meets")} == {
        "name": "Knitters",
        "kind": "association",
        "source": "fieldform",
        "source_id": UUID,
        "cost": "free",
        "meets": "place",
    }
    first, second = found.batch.sent
    assert (first.version, first.fields) == (1, {"closed": False, "last_checked": date(2026, 11, 20)})
    assert second.fields == {"closed": True}
    (verdict,) = found.batch.verdicts
    assert (verdict.osm_id, verdict.verdict, verdict.seen, verdict.day) == (
        "osm:n1001",
        "hide",
        "abcd",
        date(2026, 11, 20),
    )
    assert (found.read, found.rejects) == (4, ())


def test_a_phones_clock_gone_wrong_is_bounded(tmp_path) -> None:
    found = read(tmp_path, (), [{**CHECK, "day": "1970-01-01"}, {**CHECK, "id": "own:2", "day": "2099-01-01"}])
    assert [sent.fields["last_checked"] for sent in found.batch.sent] == [date(2026, 11, 1), DAY]


def test_postcodes_are_looked_up_and_unknown_ones_kept_in_the_address(tmp_path) -> None:
    other = {**ADDITION, "uuid": UUID.replace("7", "8")}
    found = read(
        tmp_path,
        [
            {**ADDITION, "answers": {**ANSWERS, "place": "tr1 1aa"}},
            {**other, "answers": {**ANSWERS, "place": "TR9 9ZZ", "address": "Old Barn"}},
        ],
    )
    assert found.batch.new[0]["x"] > 0
    assert "x" not in found.batch.new[1]
    assert found.batch.new[1]["address"] == "Old Barn TR9 9ZZ"
    assert "postcode" not in found.batch.new[1]
    assert found.remarks == ("added 2: TR9 9ZZ is not a postcode we have a place for; it is in the address.",)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({**ADDITION, "uuid": "1"}, "uuid"),
        ({**ADDITION, "extra": 1}, "extra"),
        ({**ADDITION, "answers": []}, "answers"),
        ({**ADDITION, "day": "soon"}, ""),
        ({**ADDITION, "answers": {"name": "X"}}, "category"),
        ({**ADDITION, "answers": {**ANSWERS, "name": " "}}, "name"),
        ({**ADDITION, "answers": {**ANSWERS, "colour": "red"}}, "colour"),
        ({**ADDITION, "answers": {**ANSWERS, "cost": ["free"]}}, "cost"),
        ({**ADDITION, "answers": {**ANSWERS, "cost": "x" * 5001}}, "cost"),
        ({**ADDITION, "answers": {**ANSWERS, "capacity": "many"}}, "capacity"),
        ({**ADDITION, "answers": {**ANSWERS, "capacity": 10**400}}, "capacity"),
        ({**ADDITION, "answers": {**ANSWERS, "place": "nowhere"}}, "place"),
        ({**ADDITION, "answers": {**ANSWERS, "category": "refuge"}}, "category"),
        (["list"], ""),
        (None, ""),
    ],
)
def test_an_addition_that_cannot_be_is_refused_alone(tmp_path, row, column) -> None:
    found = read(tmp_path, [row, ADDITION])
    assert [(r.sheet, r.row, r.column) for r in found.rejects] == [("added", 1, column)]
    assert len(found.batch.new) == 1


@pytest.mark.parametrize(
    "row",
    [
        {**CHECK, "answer": "maybe"},
        {**CHECK, "answer": "wrong", "note": "It moved"},
        {**CHECK, "id": "people:1"},
        {**CHECK, "id": "own:x"},
        {**CHECK, "id": 7},
        {**CHECK, "day": 5},
        {**VERDICT, "id": "osm:n2", "mark": ""},
        {**CHECK, "extra": 1},
        {**CHECK, "id": "own:2", "note": "x" * 5001},
        7,
    ],
)
def test_a_check_that_cannot_be_is_refused_alone(tmp_path, row) -> None:
    found = read(tmp_path, (), [row, VERDICT])
    assert [(r.sheet, r.row) for r in found.rejects] == [("checked", 1)]
    assert len(found.batch.verdicts) == 1


def test_one_record_checked_twice(tmp_path) -> None:
    found = read(tmp_path, (), [CHECK, CHECK, {**CHECK, "answer": "closed"}, VERDICT, VERDICT])
    assert (found.duplicates, [r.row for r in found.rejects]) == (2, [3])
    assert len(found.batch.sent) == len(found.batch.verdicts) == 1


def test_one_addition_twice(tmp_path) -> None:
    found = read(tmp_path, [ADDITION, ADDITION, {**ADDITION, "answers": {**ANSWERS, "cost": "dear"}}])
    assert (len(found.batch.new), found.duplicates, [r.row for r in found.rejects]) == (1, 1, [3])


@pytest.mark.parametrize(
    ("body", "match"),
    [
        (b"", "not JSON"),
        (b'{"form": "assetmap-fieldform-1"', "not JSON"),
        (b'{"form": "assetmap-fieldform-1", "made": "2026-11-01", "x": NaN}', "number that is not one"),
        (b'{"form": "assetmap-fieldform-1", "form": "b"}', "one thing twice"),
        (b'{"form": "assetmap-fieldform-2", "made": "2026-11-01"}', "not a form that was made here"),
        (b'{"form": "assetmap-fieldform-1", "made": "soon"}', "does not say when"),
        (b'{"form": "assetmap-fieldform-1", "made": "2026-11-01", "people": []}', "does not write"),
        (b'{"form": "assetmap-fieldform-1", "made": "2026-11-01", "added": {}}', "not a list"),
        (b'{"form": "assetmap-fieldform-1", "made": ' + b"[" * 100_000, "nested too deeply|not JSON"),
        (b'{"form": "assetmap-fieldform-1", "made": ' + b"9" * 5000 + b"}", "number too long"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"[1]", "not a form that was made here"),
        (b" " * 5_000_001, "too large"),
    ],
)
def test_a_file_that_is_no_form_is_refused(tmp_path, body, match) -> None:
    path = tmp_path / "answers.json"
    path.write_bytes(body)
    with pytest.raises(FileRefusedError, match=match) as caught:
        read_returned_form(path, against())
    assert str(caught.value).startswith("answers.json: ")


def test_a_form_is_known_by_what_is_in_it(tmp_path) -> None:
    path = form(tmp_path).rename(tmp_path / "holiday.jpg")
    assert is_returned_form(path)
    assert not is_returned_form(tmp_path / "none")
    (tmp_path / "other.json").write_text('{"type": "FeatureCollection"}', encoding="utf-8")
    assert not is_returned_form(tmp_path / "other.json")


@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_answers_are_kept_as_text(tmp_path, word) -> None:
    found = read(tmp_path, [{**ADDITION, "answers": {**ANSWERS, "name": word, "offers": word}}])
    assert (found.batch.new[0]["name"], found.batch.new[0]["offers"]) == (word, word)


# --- Into the store ------------------------------------------------------------------------------------------


def test_sent_back_twice_nothing_is_doubled(tmp_path) -> None:
    workspace = make_place(tmp_path)
    fieldform.write(study_of(workspace), tmp_path / "form.html")
    known = held((tmp_path / "form.html").read_text(encoding="utf-8"))["assets"]
    mark = known["mark"][known["id"].index("osm:n1001")]
    path = form(tmp_path, [ADDITION], [CHECK, {**VERDICT, "mark": mark}])
    first = returns.take_in(workspace, path, ADA, DAY)
    assert (first.read, first.imported, first.updated, first.rejected) == (3, 1, 2, 0)
    with workspace.open_store() as store:
        after = history.content_digest(store)
        assert community.read_entries(store, community.REVIEWS)[["osm_id", "verdict"]].to_numpy().tolist() == [
            ["osm:n1001", "hide"]
        ]
    again = returns.take_in(workspace, path, ADA, date(2027, 1, 1))
    assert (again.imported, again.updated, again.unchanged, again.rejected) == (0, 0, 3, 0)
    with workspace.open_store() as store:
        assert history.content_digest(store) == after
        table = assets.read_assets(store, DAY)
    assert len(table) == 4
    assert str(table.loc["own:1", "last_checked"].date()) == "2026-11-20"


def test_an_addition_changed_on_the_phone_and_sent_again_corrects_its_record(tmp_path) -> None:
    workspace = make_place(tmp_path)
    returns.take_in(workspace, form(tmp_path, [ADDITION]), ADA, DAY)
    later = {**ADDITION, "answers": {**ANSWERS, "cost": "£2", "name": "The Knitters"}}
    taken = returns.take_in(workspace, form(tmp_path, [later]), ADA, DAY)
    assert (taken.imported, taken.updated) == (0, 1)
    with workspace.open_store() as store:
        assert assets.read_assets(store, DAY).loc["own:4", ["name", "cost"]].tolist() == ["The Knitters", "£2"]


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
LIKELY = st.sampled_from(
    [ADDITION, CHECK, VERDICT, *ANSWERS.items(), UUID, "own:1", "right", "2026-11-20", "NW1 0AA", "51.5, -0.1"]
)


@given(
    added=st.lists(
        st.builds(lambda key, value: {**ADDITION, key: value}, st.sampled_from(sorted(ADDITION)), ODD | LIKELY) | ODD,
        max_size=4,
    ),
    answers=st.dictionaries(st.sampled_from(sorted(forms.BY_FIELD)), ODD, max_size=4),
    checked=st.lists(
        st.builds(lambda key, value: {**CHECK, key: value}, st.sampled_from(sorted(CHECK)), ODD | LIKELY) | ODD,
        max_size=4,
    ),
)
def test_property_whatever_the_rows_hold_each_is_accounted_for(tmp_path_factory, added, answers, checked) -> None:
    rows = [*added, {**ADDITION, "answers": {**ANSWERS, **answers}}]
    path = tmp_path_factory.mktemp("form") / "answers.json"
    told = {"form": forms.FIELDFORM, "made": "2026-11-01", "added": rows, "checked": checked}
    path.write_text(json.dumps(told), encoding="utf-8")
    try:
        found = read_returned_form(path, against(postcodes=POSTCODES))
    except AssetmapError:
        return
    batch = found.batch
    said = len(batch.new) + len(batch.sent) + len(batch.verdicts)
    assert said + found.duplicates + found.rejected == found.read == len(rows) + len(checked)


def test_every_category_can_be_suggested_on_the_phone(page) -> None:
    """Each has words to be looked for by; the browser test holds the reckoning to the map's own."""
    known = {category["id"]: category for category in held(page)["categories"]}
    shipped = load_catalogue(shipped_layers()).categories
    assert set(known) == {c.id for c in shipped.values() if not c.sensitive}
    for key, category in known.items():
        assert set(shipped[key].synonyms) <= set(category["terms"])
