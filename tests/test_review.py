"""OpenStreetMap's rows and the community's word on them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from pyproj import CRS
from shapely import Point
from test_undo import ADA, HALL, make

from assetmap.assets import Said, gather_assets, no_links
from assetmap.catalogue import load_catalogue, shipped_layers
from assetmap.errors import NotAllowedError, UserError
from assetmap.roles import Actor
from assetmap.store import assets, community, links, undo, verdicts
from assetmap.store.history import read_changes, table_digest
from assetmap.work import review

GRID = CRS.from_epsg(27700)
DAY = date(2026, 11, 1)
COLUMNS = ("address", "contact", "opening_times", "accessibility", "outline", "offers", "at_risk")
HOSTILE = "<script>x</script> {{7*7}}\u2028'\""


def table(rows: dict[str, tuple], **more) -> gpd.GeoDataFrame:
    names, categories, points = zip(*rows.values(), strict=True)
    filled = {name: pd.Series([None] * len(rows), dtype=object) for name in COLUMNS}
    base = {**filled, "name": names, "category": categories, "kind": "building", "trust": 0.7, "licence": "ODbL-1.0"}
    made = gpd.GeoDataFrame({**base, **more}, geometry=[Point(*p) if p else None for p in points], crs=GRID)
    return marked(made.set_axis(pd.Index(list(rows), name="asset_id")))


def marked(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows as they are read from OpenStreetMap: each with the mark of what it says."""
    return rows.assign(seen=[verdicts.seen_digest(row) for row in rows.to_dict("records")])


@pytest.fixture
def open_rows() -> gpd.GeoDataFrame:
    rows = {
        "osm:n1": ("Mill Hall", "community-centre", (530000, 180000)),
        "osm:n2": ("Library", "library", (530500, 180000)),
        "osm:w3": (None, "park", (531000, 180000)),
        "osm:n4": ("Corner Café", "cafe", (531500, 180000)),
    }
    return table(rows, contact=["020 7946 0018", None, None, None])


@pytest.fixture
def own() -> gpd.GeoDataFrame:
    rows = {
        "own:1": ("The Mill", "community-centre", (530010, 180000)),
        "own:2": ("Library", "library", (530500, 180010)),
        "own:3": ("Old Shed", "community-centre", None),
    }
    return table(rows, contact=["+44 20 7946 0018", None, None])


def said(*rows) -> pd.DataFrame:
    return pd.concat([no_links(), pd.DataFrame(list(rows), columns=["own_id", "osm_id", "relation"], dtype="str")])


def judged(open_rows, **verdict_of) -> pd.DataFrame:
    rows = [
        (key.replace("_", ":"), verdict, verdicts.seen_digest(open_rows.loc[key.replace("_", ":")]))
        for key, verdict in verdict_of.items()
    ]
    return pd.DataFrame(rows, columns=["osm_id", "verdict", "seen"])


def test_everything_is_asked_once_and_what_was_judged_is_not(open_rows, own) -> None:
    nothing = judged(open_rows)
    queue = review.review_queue(open_rows, own, no_links(), nothing)
    assert queue["question"].to_dict() == dict.fromkeys(["osm:n4", "osm:n2", "osm:n1", "osm:w3"], "new")
    assert list(queue.index) == ["osm:n4", "osm:n2", "osm:n1", "osm:w3"], "by name, nameless last"
    queue = review.review_queue(open_rows, own, no_links(), judged(open_rows, osm_n4="keep", osm_w3="hide"))
    assert sorted(queue.index) == ["osm:n1", "osm:n2"]


def test_what_changed_since_it_was_judged_is_asked_again(open_rows, own) -> None:
    before = judged(open_rows, osm_n4="keep", osm_n2="keep", osm_n1="keep", osm_w3="keep")
    later = open_rows.assign(version=9)
    assert review.review_queue(later, own, no_links(), before).empty, (
        "another version that says the same is no question"
    )
    later.loc["osm:n4", "opening_times"] = "Mo-Fr 09:00-17:00"
    queue = review.review_queue(marked(later), own, no_links(), before)
    assert queue["question"].to_dict() == {"osm:n4": "changed"}


def test_a_linked_record_is_asked_about_only_where_the_two_differ(open_rows, own) -> None:
    ties = said(("own:1", "osm:n1", "same"), ("own:2", "osm:n2", "same"))
    queue = review.review_queue(open_rows, own, ties, judged(open_rows))
    assert queue["question"].to_dict() == {"osm:n1": "differs", "osm:n4": "new", "osm:w3": "new"}
    assert queue.loc["osm:n1", "own_id"] == "own:1"
    assert review.differences(open_rows.loc["osm:n1"], own.loc["own:1"]) == (
        review.Difference("name", "Mill Hall", "The Mill"),
    )
    queue = review.review_queue(open_rows, own, ties, judged(open_rows, osm_n1="link"))
    assert "osm:n1" not in queue.index


def test_what_closed_and_what_is_gone_come_first(open_rows, own) -> None:
    ties = said(("own:1", "osm:n1", "same"), ("own:2", "osm:n2", "part"), ("own:3", "osm:n99", "same"))
    open_rows.loc["osm:n2", "trust"] = 0.0
    queue = review.review_queue(open_rows, own, ties, judged(open_rows))
    assert queue["question"].tolist()[:3] == ["gone", "closed", "differs"]
    assert queue.index[0] == "osm:n99"
    assert queue["name"].iloc[0] == "Old Shed"
    gone = pd.DataFrame({"osm_id": ["osm:n99"], "verdict": ["keep"], "seen": [review.GONE]})
    assert "osm:n99" not in review.review_queue(open_rows, own, ties, gone).index


def test_spelling_spacing_and_empty_fields_are_no_difference() -> None:
    theirs = {"name": "St. Mary's Hall", "opening_times": "Mo-Fr 09:00-17:00", "address": "1 High St"}
    ours = {"name": "Saint Marys Hall", "opening_times": "mo-fr  09:00-17:00", "address": None}
    assert review.differences(theirs, ours) == ()


def test_a_likely_twin_is_found(open_rows, own) -> None:
    found = review.likely_same(open_rows.loc["osm:n1"], "osm:n1", own)
    assert found.index[0] == "own:1"
    assert found["why"].iloc[0] == "contact"


def test_hostile_words_stay_words_in_a_note(open_rows) -> None:
    open_rows.loc["osm:n1", "name"] = HOSTILE
    note = review.note_text(open_rows.loc["osm:n1"], GRID, "Closed\nin  May")
    first, address = note.split("\n")
    assert first == f"From a local community's own map: {HOSTILE} (node 1): Closed in May"
    assert address.startswith("https://www.openstreetmap.org/note/new#map=19/51.50")


# --- what a verdict does -----------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path):
    with make(tmp_path / "town").open_store() as opened:
        yield opened


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue(shipped_layers())


def kept(store) -> Said:
    reviews = community.read_entries(store, community.REVIEWS)
    hidden = reviews.loc[reviews["verdict"] == "hide", "osm_id"]
    right = reviews[reviews["verdict"] == "keep"]
    checked = {key: date.fromisoformat(day) for key, day in zip(right["osm_id"], right["checked_on"], strict=True)}
    return Said(links.read_links(store), frozenset(hidden), checked, DAY)


def test_what_somebody_found_right_counts_as_checked_for_a_year(store, open_rows, catalogue) -> None:
    open_rows = open_rows.assign(last_checked=pd.Series(pd.NaT, open_rows.index, dtype="datetime64[us]"))
    verdicts.judge_object(store, verdicts.Judgement("osm:n1", "keep", "x", date(2025, 11, 20)), ADA)
    verdicts.judge_object(store, verdicts.Judgement("osm:n2", "keep", "x", date(2025, 10, 1)), ADA)
    own = assets.read_assets(store, DAY)
    trust = gather_assets(open_rows, own, catalogue, kept(store))[0]["trust"]
    assert trust[["osm:n1", "osm:n2", "osm:n4"]].tolist() == [1.0, 0.7, 0.7]
    # Found right again, it is fresh again.
    verdicts.judge_object(store, verdicts.Judgement("osm:n2", "keep", "x", DAY), ADA)
    assert gather_assets(open_rows, own, catalogue, kept(store))[0].loc["osm:n2", "trust"] == 1.0


def test_hidden_rows_leave_the_map_and_come_back_with_undo(store, open_rows, catalogue) -> None:
    verdicts.judge_object(store, verdicts.Judgement("osm:n4", "hide", "x", DAY), ADA)
    own = assets.read_assets(store, date(2026, 11, 1))
    assert "osm:n4" not in gather_assets(open_rows, own, catalogue, kept(store))[0].index
    undo.undo_change(store, 1, ADA)
    assert "osm:n4" in gather_assets(open_rows, own, catalogue, kept(store))[0].index


def test_taking_over_is_one_change_and_one_undo(store, open_rows, catalogue) -> None:
    before = table_digest(store)
    row = open_rows.loc["osm:n1"]
    judgement = verdicts.Judgement("osm:n1", "merge", verdicts.seen_digest(row), DAY, values=review.taken_over(row))
    assert verdicts.judge_object(store, judgement, ADA) == "own:1"
    own = assets.read_assets(store, date(2026, 11, 1))
    assert own.loc["own:1", ["name", "licence", "identified_by"]].tolist() == ["Mill Hall", "ODbL-1.0", "worker"]
    gathered, ties, _ = gather_assets(open_rows, own, catalogue, kept(store))
    assert gathered.loc["osm:n1", "same_as"] == "own:1"
    assert ties.to_dict("records") == [{"own_id": "own:1", "osm_id": "osm:n1", "relation": "same"}]
    assert read_changes(store)["rows"].tolist() == [3]
    undo.undo_change(store, 1, ADA)
    assert table_digest(store) == before


def test_what_people_say_goes_before_what_two_rows_look_like(store, open_rows, catalogue) -> None:
    library = {"kind": "building", "category": "library", "name": "Library", "x": 530500.0, "y": 180005.0}
    key = assets.add_asset(store, library, ADA)
    own = assets.read_assets(store, date(2026, 11, 1))
    assert gather_assets(open_rows, own, catalogue, kept(store))[0].loc["osm:n2", "same_as"] == key
    judgement = verdicts.Judgement("osm:n2", "link", "x", DAY, key, "different")
    verdicts.judge_object(store, judgement, ADA)
    gathered, ties, _ = gather_assets(open_rows, own, catalogue, kept(store))
    assert gathered["same_as"].isna().all()
    assert ties["relation"].tolist() == ["different"]
    other = assets.add_asset(store, HALL, ADA)
    verdicts.judge_object(store, verdicts.Judgement("osm:n4", "link", "x", DAY, other), ADA)
    own = assets.read_assets(store, date(2026, 11, 1))
    assert gather_assets(open_rows, own, catalogue, kept(store))[0].loc["osm:n4", "same_as"] == other


def test_a_verdict_said_again_is_one_row_with_the_last(store) -> None:
    for verdict in ("keep", "hide", "keep"):
        verdicts.judge_object(store, verdicts.Judgement("osm:n1", verdict, "x", DAY), ADA)
    assert community.read_entries(store, community.REVIEWS)["verdict"].tolist() == ["keep"]


def test_role_and_nonsense_are_refused(store) -> None:
    with pytest.raises(NotAllowedError):
        verdicts.judge_object(store, verdicts.Judgement("osm:n1", "hide", "x", DAY), Actor("eve", "partner"))
    with pytest.raises(UserError, match="no such verdict"):
        verdicts.judge_object(store, verdicts.Judgement("osm:n1", "burn", "x", DAY), ADA)
    with pytest.raises(UserError, match="no such own record"):
        verdicts.judge_object(store, verdicts.Judgement("osm:n1", "link", "x", DAY, "own:9"), ADA)
    assert community.read_entries(store, community.REVIEWS).empty
