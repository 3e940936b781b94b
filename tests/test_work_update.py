"""Two extracts of different dates, one made from the other by an edit script."""

from __future__ import annotations

import fake_services as services
import pandas as pd
import pytest
from fake_services import run

from assetmap.cli import main
from assetmap.errors import UsageError
from assetmap.sources.overpass import write_extract
from assetmap.store.workspace import open_workspace, read_table, sources_of
from assetmap.work.new_place import Wanted, make_from_place
from assetmap.work.update import Newer, ages, look, take


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
    assert "osm: openstreetmap.osm.pbf, of 2026-01-05, read on" in said
    assert said.count("\n") == len(ages(open_workspace(mead))) == 3


def test_nothing_is_taken_that_nobody_has_looked_at(mead):
    with pytest.raises(UsageError, match="nothing is waiting"):
        take(mead)
