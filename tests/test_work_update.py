"""Two extracts of different dates, one made from the other by an edit script."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shutil

import fake_services as services
import pandas as pd
import pytest
import shapely
from fake_services import run

from assetmap.cli import main
from assetmap.errors import NotAllowedError, UsageError
from assetmap.roles import Actor
from assetmap.sources.overpass import write_extract
from assetmap.store.cache import EXCHANGE
from assetmap.store.engines import close_store
from assetmap.store.history import read_changes
from assetmap.store.lately import read_touched
from assetmap.store.workspace import open_workspace, read_table, sources_of
from assetmap.work.new_place import Wanted, make_from_place
from assetmap.work.update import BEFORE, TABLES, WAITING, Newer, ages, leave_all, look, put_back, take, waiting


def later(elements):
    """Rename the library, take the hall away, open a cafe."""
    edited = [dict(one) for one in elements if one["id"] != 51]
    for one in edited:
        if one["id"] == 50:
            one["tags"] = {**one["tags"], "name": "Mead Library"}
    cafe = {"amenity": "cafe", "name": "New Cafe"}
    edited.insert(-1, {"type": "node", "id": 52, "lat": 53.0031, "lon": -1.48, "tags": cafe, "version": 1})
    return edited


@pytest.fixture
def mead(tmp_path):
    asker, _, _ = services.client(tmp_path / "first", answering(services.street_map()))
    run(make_from_place(tmp_path / "mead", Wanted("Mead", parts=("census", "streets")), asker))
    return tmp_path / "mead"


def answering(elements, cars=services.census):
    def answer(request):
        if "FeatureServer" in request.url:
            return services.feature_service(request)
        if "NM_2063_1" in request.url:
            return cars(request)
        if "interpreter" in request.url:
            return services.Reply({"elements": elements})
        return services.Reply("", 404)

    return answer


PLANTED = {
    ("n50", "renamed", "A Library", "Mead Library"),
    ("n51", "gone", "community-centre", ""),
    ("n52", "new", "", "cafe"),
}


def found(update):
    return {(row.id, row.change, row.was, row.now) for row in update.changes.itertuples()}


def test_planted_changes_in_the_services_wait_and_are_taken(mead, tmp_path):
    def revised(request):
        reply = services.census(request)
        return services.Reply(
            reply.body.replace(
                "E01900001,Mead 001A,No cars or vans in household,Value,20",
                "E01900001,Mead 001A,No cars or vans in household,Value,30",
            )
        )

    asker, _, _ = services.client(tmp_path / "second", answering(later(services.street_map()), revised))
    update, _ = run(look(mead, client=asker))
    revision = ("no-car", "revised", "", "1 of 4 zones, most in E01900001: 20.0 to 30.0")
    assert found(update) == PLANTED | {revision}
    workspace = open_workspace(mead)
    assert sorted(read_table(workspace, "osm_features")["name"]) == ["A Library", "Mead Hall"]
    assert read_table(workspace, "zones")["no-car"].iloc[0] == 20.0
    assert take(mead) == ("osm", "indicators")
    assert sorted(read_table(workspace, "osm_features")["name"]) == ["Mead Library", "New Cafe"]
    assert read_table(workspace, "zones")["no-car"].iloc[0] == pytest.approx(30.0)
    assert (workspace.cache / "before-update" / "osm_features.parquet").is_file()
    assert {source.part for source in sources_of(workspace)} == {"zones", "indicators", "osm"}
    again, _ = run(
        look(mead, client=services.client(tmp_path / "third", answering(later(services.street_map()), revised))[0])
    )
    assert again.changes.empty


def test_planted_changes_in_a_file(mead, tmp_path):
    ordered = sorted(later(services.street_map()), key=lambda one: (one["type"] == "way", one["id"]))
    write_extract(tmp_path / "later.osm.pbf", ordered)
    update, _ = run(look(mead, Newer(osm=tmp_path / "later.osm.pbf")))
    assert found(update) == PLANTED
    assert update.parts == ("osm",)
    assert pd.read_csv(mead / "cache" / "update" / "changes.csv")["id"].tolist() == ["n50", "n51", "n52"]


def test_a_service_that_is_down_changes_nothing(mead, tmp_path):
    asker, _, _ = services.client(tmp_path / "second", lambda _request: services.Reply("down", 503))
    update, _ = run(look(mead, client=asker))
    assert update.changes.empty
    assert update.parts == ()
    assert "503" in update.troubles[0]


def test_offline_it_says_how_old_each_source_is(mead, capsys):
    assert main(["update", str(mead), "--offline"]) == 0
    said = capsys.readouterr().out
    assert "OpenStreetMap: openstreetmap.osm.pbf, of 5 January 2026, read on" in said
    assert said.count("\n") == len(ages(open_workspace(mead))) == 3


def test_nothing_is_taken_that_nobody_has_looked_at(mead):
    with pytest.raises(UsageError, match="nothing is waiting"):
        take(mead)


# --- every kind of change at once, by an edit script ------------------------------------------------------------------


def place_of(number, tags, lon, lat=53.0031):
    return {"type": "node", "id": number, "lat": lat, "lon": lon, "tags": tags, "version": 1}


#: What stands along the street on the first day, and which of it is edited how.
FIRST = {
    60: ({"amenity": "pub", "name": "The Crown"}, -1.496),
    61: ({"amenity": "cafe", "name": "Corner Cafe"}, -1.494),
    62: ({"amenity": "place_of_worship", "name": "St Anne", "opening_hours": "Su 09:00-12:00"}, -1.492),
    63: ({"leisure": "sports_centre", "name": "Mead Baths"}, -1.488),
    64: ({"amenity": "community_centre", "name": "Old School"}, -1.486),
    65: ({"amenity": "doctors", "name": "Mead Surgery"}, -1.484),
}
EDITS = {
    60: lambda one: one | {"tags": {"disused:amenity": "pub", "name": "The Crown"}},
    61: lambda one: one | {"tags": one["tags"] | {"amenity": "pub"}},
    62: lambda one: one | {"tags": one["tags"] | {"opening_hours": "Su 10:00-12:00"}},
    63: lambda one: one | {"lat": one["lat"] + 0.001},
    64: lambda one: one | {"id": 70},
    65: lambda one: one | {"lat": one["lat"] + 0.00004},
}


def first_day():
    more = [place_of(number, tags, lon) for number, (tags, lon) in FIRST.items()]
    elements = services.street_map()
    return [*elements[:-1], *more, elements[-1]]


def second_day():
    """Close, turn into a pub, change hours, move by 111 m, draw anew; the surgery is only set right by 4 m."""
    edited = [EDITS[one["id"]](one) if one["id"] in EDITS else one for one in later(first_day())]
    return sorted(edited, key=lambda one: (one["type"] == "way", one["id"]))


EDITED = PLANTED | {
    ("n60", "gone", "pub", ""),
    ("n61", "another kind", "cafe", "pub"),
    ("n62", "details", "opening_hours: Su 09:00-12:00", "opening_hours: Su 10:00-12:00"),
    ("n63", "moved", "", "111 m"),
    ("n64", "redrawn", "n64", "n70"),
}


@pytest.fixture(scope="module")
def two_days(tmp_path_factory):
    """A workspace of the first day beside which the second day waits."""
    folder = tmp_path_factory.mktemp("days")
    write_extract(folder / "second.osm.pbf", second_day())
    asker, _, _ = services.client(folder / "first", answering(first_day()))
    run(make_from_place(folder / "mead", Wanted("Mead", parts=("census", "streets")), asker))
    found, _ = run(look(folder / "mead", Newer(osm=folder / "second.osm.pbf")))
    close_store(folder / "mead" / "store.sqlite")
    return folder, found


@pytest.fixture
def days(two_days, tmp_path):
    return shutil.copytree(two_days[0] / "mead", tmp_path / "mead")


def names(folder):
    features = read_table(open_workspace(folder), "osm_features")
    return {key: (row["name"], row["category"]) for key, row in features.iterrows()}


def test_planted_edits_of_every_kind_are_reported_and_nothing_else(two_days):
    assert found(two_days[1]) == EDITED
    assert len(two_days[1].changes) == len(EDITED)


def test_planted_boundaries_that_were_split_are_found_where_the_zones_were(mead, tmp_path, monkeypatch):
    halves = [shapely.box(-1.5, 53.0, -1.495, 53.006), shapely.box(-1.495, 53.0, -1.49, 53.006)]
    rows = services.zone_rows()
    made = [
        rows[0]
        | {
            "properties": rows[0]["properties"] | {"LSOA21CD": f"E0190001{number}"},
            "geometry": shapely.geometry.mapping(half),
        }
        for number, half in enumerate(halves)
    ]
    monkeypatch.setattr(services, "zone_rows", lambda: [*made, *rows[1:]])
    asker, _, _ = services.client(tmp_path / "second", answering(services.street_map()))
    update, _ = run(look(mead, client=asker))
    split = {(row.id, row.change, row.now) for row in update.changes.itertuples() if row.part == "zones"}
    assert split == {("E01900001", "split", "E01900010, E01900011")}
    # The same from a file of newer boundaries.
    (tmp_path / "newer.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [*made, *rows[1:]]}), encoding="utf-8"
    )
    update, _ = run(look(mead, Newer(zones=tmp_path / "newer.geojson"), asker))
    assert found(update) == {("E01900001", "split", "E01900001", "E01900010, E01900011")}
    assert update.parts == ()


def test_some_changes_are_taken_and_others_left_as_they_were(days, two_days):
    was = names(days)
    take(days, leave=[("osm", key) for key in ("n50", "n52", "n60", "n64")])
    now = names(days)
    assert now["n50"] == was["n50"] and now["n60"] == was["n60"] and now["n64"] == was["n64"]
    assert "n52" not in now and "n70" not in now
    assert "n51" not in now and now["n61"] == ("Corner Cafe", "pub")
    # What was left is found again, and nothing else.
    again, _ = run(look(days, Newer(osm=two_days[0] / "second.osm.pbf")))
    assert found(again) == {one for one in EDITED if one[0] in ("n50", "n52", "n60", "n64")}


def test_what_was_taken_is_written_down_and_can_be_brought_back(days):
    was = fingerprints(days)
    take(days, actor=Actor("Ada", "moderator"))
    taken = fingerprints(days)
    assert taken != was and waiting(open_workspace(days)) is None
    with open_workspace(days).open_store() as store:
        changes = read_changes(store)
        touched = read_touched(store, changes.index)
    assert list(zip(changes["who"], changes["what"], strict=True)) == [("Ada", "update")]
    assert touched["fields"].tolist() == [("osm",)]
    assert put_back(days) == ("osm",)
    assert fingerprints(days) == was
    # Bringing back is brought back in turn.
    put_back(days)
    assert fingerprints(days) == taken


def test_role_who_may_not_change_anything_takes_nothing(days):
    for act in (lambda who: take(days, actor=who), lambda who: put_back(days, who)):
        with pytest.raises(NotAllowedError):
            act(Actor("Rae", "resident"))
    with pytest.raises(NotAllowedError):
        leave_all(open_workspace(days), Actor("Rae", "commissioner"))
    leave_all(open_workspace(days), Actor("Ada", "worker"))
    assert waiting(open_workspace(days)) is None


def test_the_command_line_leaves_takes_and_brings_back(days, capsys):
    assert main(["update", str(days), "--take", "--leave", "n999"]) == 2
    assert "n999" in capsys.readouterr().err
    assert main(["update", str(days), "--take", "osm", "--leave", "n50"]) == 0
    assert names(days)["n50"][0] == "A Library" and "n51" not in names(days)
    assert main(["update", str(days), "--back", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"back": ["osm"]}
    assert "n51" in names(days)


# --- killed at any moment ---------------------------------------------------------------------------------------------


def fingerprints(folder):
    """What each table is, and which sources are said."""
    cache = folder / "cache"
    kept = [cache / f"{name}.parquet" for part in TABLES.values() for name in part]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (*kept, cache / "sources.json")}


def dying(step, act):
    """Run something in a process of its own that dies at so many steps on the disk; return whether it came to its end.

    Nothing is cleared up after a process that is ended so: it is what a kill does.
    """
    left = itertools.count(step, -1)
    child = os.fork()
    if child == 0:
        for name in ("link", "replace", "rename", "unlink", "rmdir", "mkdir"):
            real = getattr(os, name)

            def counted(*given, _real=real, **more):
                if next(left) == 0:
                    os._exit(9)
                return _real(*given, **more)

            setattr(os, name, counted)
        try:
            act()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_kill_at_any_moment_of_taking_leaves_all_or_nothing(two_days, tmp_path):
    before = fingerprints(two_days[0] / "mead")
    whole = shutil.copytree(two_days[0] / "mead", tmp_path / "whole")
    take(whole)
    close_store(whole / "store.sqlite")
    after = fingerprints(whole)
    seen = []
    for step in range(400):
        folder = shutil.copytree(two_days[0] / "mead", tmp_path / "town")
        came_to_its_end = dying(step, lambda folder=folder: take(folder))
        workspace = open_workspace(folder)
        with workspace.open_store() as store:
            written = len(read_changes(store))
        now = fingerprints(folder)
        assert now in (before, after), step
        assert written == (now == after), step
        assert not (workspace.cache / EXCHANGE).exists(), step
        if now == before:
            # Nothing was lost of what waits either: it can be taken now.
            assert take(folder) == ("osm",) and fingerprints(folder) == after, step
        else:
            assert (workspace.cache / BEFORE / "osm_features.parquet").is_file()
            assert not (workspace.cache / WAITING / "osm_features.parquet").exists()
        close_store(folder / "store.sqlite")
        shutil.rmtree(folder)
        seen.append(now == after)
        if came_to_its_end:
            break
    # There is one moment at which it is decided: before it nothing has happened, from it on everything.
    assert came_to_its_end and seen == sorted(seen) and len(set(seen)) == 2
    assert len(seen) > 20
