"""Public lists of places: what is kept of them, what never is, and what the reading of lists makes of them."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pytest
import shapely
import small_town
from fake_services import run
from small_town import SOURCES
from standins import messages

from assetmap.cli import main
from assetmap.errors import UsageError
from assetmap.sources import active_places, charities, gp_practices, grants_received, libraries
from assetmap.sources.answers import Failed, Found, NoneMapped
from assetmap.sources.lists.model import Choices
from assetmap.sources.public_list import Here, here_of
from assetmap.store.assets import read_assets
from assetmap.store.workspace import open_workspace, read_table
from assetmap.work import imports, public_lists
from assetmap.work.new_place import Wanted, make_from_place

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
PRIVATE = ("Secret Lane", "07700", "jane.doe", "DE1 1AB")
DAY = date(2026, 3, 1)


@pytest.fixture(scope="module")
def town():
    with small_town.running() as town:
        yield town


@pytest.fixture(scope="module")
def mead(town, tmp_path_factory):
    """A workspace made from its name alone, every service answering."""
    folder = tmp_path_factory.mktemp("mead")
    with pytest.MonkeyPatch.context() as patch:
        small_town.tell_addresses(town, patch)
        client, _ = small_town.client(folder / "downloads")
        wanted = Wanted("Mead", parts=("streets", "postcodes", "origins", "lists"))
        (workspace, troubles), _ = run(make_from_place(folder / "mead", wanted, client))
    assert troubles == ()
    return workspace


@pytest.fixture
def asked(town, tmp_path, monkeypatch):
    small_town.tell_addresses(town, monkeypatch)
    return small_town.client(tmp_path)[0]


@pytest.fixture(scope="module")
def here(mead):
    return here_of(read_table(mead, "zones"), read_table(mead, "postcodes"))


def table(found) -> pd.DataFrame:
    return pd.read_csv(found.path, dtype="str", keep_default_na=False)


def test_the_place_is_its_outline_and_the_postcodes_in_it(here):
    assert here.postcodes == set(small_town.POSTCODES)
    assert here.holds(-1.495, 53.003) and not here.holds(-1.1, 52.6)


def test_libraries_are_those_of_the_place_by_position_or_else_by_postcode(asked, here):
    found, _ = run(libraries.fetch(asked, SOURCES["libraries-england"], here))
    rows = table(found).set_index("library name")
    assert list(rows.index) == ["Mead Library", "Old Library", "Unplaced Library"]
    assert rows["year closed"].tolist() == ["", "2013", ""]


def test_practices_are_those_that_see_patients_and_are_open(asked, here):
    found, _ = run(gp_practices.fetch(asked, SOURCES["nhs-gp-practices"], here))
    (row,) = table(found).to_dict("records")
    assert (row["organisation code"], row["practice name"]) == ("A90001", "Dr O'Brien's Practice")
    assert "role" not in row and "status" not in row


def test_charities_are_kept_without_where_their_post_goes(asked, here):
    found, _ = run(charities.fetch(asked, SOURCES["charity-register"], here))
    rows = table(found)
    assert list(rows["registered charity number"]) == ["900001", "900002"]
    assert rows["charity name"][0] == 'MEAD "TOGETHER" TRUST'
    for path in asked.folder.iterdir():
        assert not [word for word in PRIVATE if word.encode() in path.read_bytes()], path.name


def test_sport_is_what_is_open_and_not_private(asked, here):
    found, _ = run(active_places.fetch(asked, SOURCES["active-places"], here))
    (row,) = table(found).to_dict("records")
    assert (row["name"], row["kind of place"], row["offers"]) == (
        "Mead Hall",
        "Sports or leisure centre",
        "Sports Hall; Squash Courts",
    )


def test_grants_are_paged_to_the_end_and_kept_without_addresses(asked, town):
    found, _ = run(grants_received.fetch(asked, SOURCES["threesixty-giving"], ["900001", "900009"]))
    kept = json.loads(found.path.read_text())["grants"]
    assert [one["id"][-1] for one in kept] == list("01234")
    assert kept[0]["recipientOrganization"] == [
        {"id": "GB-CHC-900001", "name": "Mead Together Trust", "charityNumber": "900001"}
    ]
    none, _ = run(grants_received.fetch(asked, SOURCES["threesixty-giving"], ["900009"]))
    assert isinstance(none, NoneMapped)


@pytest.mark.parametrize("source", [charities, gp_practices])
def test_without_postcodes_it_is_said_what_is_needed(asked, here, source):
    failed, _ = run(source.fetch(asked, SOURCES[source.SOURCE], Here(here.outline, frozenset())))
    assert isinstance(failed, Failed) and "the postcodes of the place are needed" in failed.sentence()


@pytest.mark.parametrize("source", [libraries, gp_practices, charities, active_places])
def test_a_place_without_any_is_none_mapped(asked, here, source):
    sea = Here(shapely.box(0.5, 50.0, 0.6, 50.1), frozenset({"ZE3 9JW"}))
    answer, _ = run(source.fetch(asked, SOURCES[source.SOURCE], sea))
    assert isinstance(answer, NoneMapped)
    assert not [path for path in asked.folder.iterdir() if "england" in path.name and path.suffix == ".zip"]


# --- as lists that wait -----------------------------------------------------------------------------------------------


def test_a_new_place_has_lists_that_wait_and_nothing_taken_from_them(mead):
    waiting = sorted(path.name for path in (mead.cache / "lists").iterdir() if not path.name.endswith(".json"))
    assert waiting == ["active-places.csv", "gp-practices.csv", "libraries.csv"]
    with mead.open_store() as store:
        assert read_assets(store, DAY).empty
    assert len(read_table(mead, "origins")) == 8
    assert read_table(mead, "origins")["population"].sum() == sum(small_town.PEOPLE.values())


def planned(workspace, path, **said):
    return run(imports.plan_import(workspace, path, Choices(**said), DAY))[0]


def test_libraries_go_through_the_reading_of_lists(mead):
    plan = planned(mead, mead.cache / "lists" / "libraries.csv", category="library")
    assert plan.counts["rejected"] == 0 and plan.read == 3
    rows = plan.rows.set_index("name")
    assert set(rows["category"]) == {"library"}
    # Nobody here has told of them: a register knows what was once written down.
    assert plan.matched.of("identified_by") == ["identified by"] and plan.matched.has("licence")
    # OpenStreetMap has the first of them: it is linked, not doubled.
    linked = {plan.rows.loc[row, "name"]: osm for row, osm in plan.links.items()}
    assert linked == {"Mead Library": "osm:n50"}


def test_practices_and_sport_need_nothing_said(mead):
    for name, kind in (("gp-practices.csv", "gp-surgery"), ("active-places.csv", "sports-centre")):
        plan = planned(mead, mead.cache / "lists" / name)
        assert set(plan.rows["category"]) == {kind} and plan.counts["rejected"] == 0, name


def test_charities_are_groups_without_a_place_and_a_refuge_is_left_out(mead, asked, here):
    found, _ = run(charities.fetch(asked, SOURCES["charity-register"], here))
    plan = planned(mead, found.path, placeless="keep")
    assert (plan.counts["imported"], plan.counts["rejected"]) == (1, 1)
    assert plan.kept_out == {"a place kept off every map": 1}
    assert small_town.REFUGE.upper() not in str(plan.rejects)
    (row,) = plan.rows[plan.rows["outcome"] == "new"].to_dict("records")
    assert pd.isna(row["x"]) and row["source_id"] == "900001"
    # Without a word on places nothing of a register is taken.
    assert planned(mead, found.path).counts["imported"] == 0


def test_grants_go_through_the_reading_of_lists(mead, asked):
    found, _ = run(grants_received.fetch(asked, SOURCES["threesixty-giving"], ["900001"]))
    plan = planned(mead, found.path, placeless="keep")
    # Five grants of one group are one record.
    assert (plan.counts["imported"], plan.read) == (1, 5)


# --- assetmap fetch ---------------------------------------------------------------------------------------------------


def test_fetch_says_what_waits_and_how_to_look_at_it(mead, town, monkeypatch, capsys):
    small_town.tell_addresses(town, monkeypatch)
    monkeypatch.setattr(public_lists, "Client", lambda folder: small_town.client(folder)[0])
    assert main(["fetch", str(mead.folder), "charities", "libraries"]) == 0
    said = capsys.readouterr().out
    assert (
        f"Register of charities: 2 rows wait in {mead.folder}/cache/lists/charities.csv, without the addresses" in said
    )
    assert f"assetmap add {mead.folder} {mead.folder}/cache/lists/libraries.csv --category library --dry-run" in said
    answers, _ = run(public_lists.fetch_for(mead, public_lists.Asked(("services",), feed=town.feed.url)))
    assert isinstance(answers["services"], Found)


@pytest.mark.parametrize(
    ("asked_for", "said"),
    [
        (public_lists.Asked(("pubs",)), "not a list"),
        (public_lists.Asked(("grants",)), "--charity"),
        (public_lists.Asked(("services",)), "--feed"),
    ],
)
def test_fetch_says_what_it_needs(mead, asked_for, said):
    with pytest.raises(UsageError, match=said):
        run(public_lists.fetch_for(mead, asked_for))


def test_a_list_that_cannot_be_had_leaves_the_one_before(mead, town, monkeypatch, capsys):
    small_town.tell_addresses(town, monkeypatch)
    monkeypatch.setattr(public_lists, "Client", lambda folder: small_town.client(folder)[0])
    assert main(["fetch", str(mead.folder), "libraries"]) == 0
    before = (open_workspace(mead.folder).cache / "lists" / "libraries.csv").read_bytes()
    town.downloads.fail(messages.gateway_timeout(), times=5)
    capsys.readouterr()
    assert main(["fetch", str(mead.folder), "libraries"]) == 1
    assert "answered 504" in capsys.readouterr().out
    assert (mead.cache / "lists" / "libraries.csv").read_bytes() == before
