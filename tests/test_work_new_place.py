"""A workspace from a name, against services in miniature."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import fake_services as services
import pytest
from browsing import eventually
from fake_services import Reply, run
from standins import messages
from standins.server import serve
from test_standins import Page

from assetmap.errors import UsageError, WorldError
from assetmap.store.workspace import read_table, sources_of
from assetmap.work.new_place import Wanted, make_from_place


def all_services(request, **instead):
    for part, answer in instead.items():
        if part in request.url:
            return answer(request) if callable(answer) else answer
    if "FeatureServer" in request.url:
        return services.feature_service(request)
    if "NM_2063_1" in request.url:
        return services.census(request)
    if "interpreter" in request.url:
        return services.overpass(request)
    return Reply("not here", 404)


def make(tmp_path, wanted, **instead):
    asker, wire, _ = services.client(tmp_path / "downloads", lambda request: all_services(request, **instead))
    (workspace, troubles), steps = run(make_from_place(tmp_path / "mead", wanted, asker))
    return workspace, troubles, steps, wire


def test_a_name_becomes_a_workspace(tmp_path):
    workspace, troubles, _, _ = make(tmp_path, Wanted("mead, england"))
    zones = read_table(workspace, "zones")
    assert list(zones.index) == list(services.CODES)
    assert workspace.name == "Mead"
    # 20 of 100 households, 25 of 110, 30 of 120, 35 of 130 have no car.
    assert zones["no-car"].round(3).tolist() == [20.0, 22.727, 25.0, 26.923]
    assert sorted(read_table(workspace, "osm_features")["name"]) == ["A Library", "Mead Hall"]
    assert len(read_table(workspace, "street_edges")) == 18
    kept = sorted(path.name for path in (workspace.cache / "downloads").iterdir() if not path.name.endswith(".json"))
    assert kept == ["census2021-ts045.csv", "openstreetmap.osm.pbf", "wards.csv", "zones.geojson"]
    assert zones["ward"].tolist() == ["East Ward", "East Ward", "West Ward", "West Ward"]
    # The tables and postcodes that these services do not have are said, one by one.
    assert len(troubles) == 12
    assert {source.licence for source in sources_of(workspace)} == {
        "ons-boundaries",
        "ons-census-2021",
        "openstreetmap",
    }
    assert not [path for path in tmp_path.iterdir() if path.name not in ("mead", "downloads")]


def test_a_ward_is_found_by_name_and_a_zone_by_code(tmp_path):
    workspace, _, _, _ = make(tmp_path, Wanted("West Ward, Mead", parts=()))
    assert list(read_table(workspace, "zones").index) == list(services.CODES[2:])
    asker, _, _ = services.client(tmp_path / "d", all_services)
    (one, _), _ = run(make_from_place(tmp_path / "one", Wanted(services.CODES[1], parts=()), asker))
    assert list(read_table(one, "zones").index) == [services.CODES[1]]
    (box, _), _ = run(make_from_place(tmp_path / "box", Wanted("-1.494,52.9,-1.482,53.1", parts=()), asker))
    assert list(read_table(box, "zones").index) == [services.CODES[1]]


def test_what_the_portal_does_not_know_the_geocoder_may(tmp_path):
    outline = {
        "type": "Polygon",
        "coordinates": [[[-1.5, 52.9], [-1.48, 52.9], [-1.48, 53.1], [-1.5, 53.1], [-1.5, 52.9]]],
    }
    found = Reply(
        [
            {"name": "Old Mead", "geojson": {"type": "Point", "coordinates": [0, 0]}},
            {"name": "Old Mead", "geojson": outline},
        ]
    )
    workspace, _, _, wire = make(tmp_path, Wanted("Old Mead, England", parts=()), **{"/search": found})
    assert workspace.name == "Old Mead"
    assert list(read_table(workspace, "zones").index) == list(services.CODES[:2])
    asked = [services.asked_of(request) for request in wire.sent if "/search" in request.url]
    assert [one["q"] for one in asked] == ["Old Mead, England"]


def test_a_place_that_nobody_knows_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(UsageError, match="no place of this name"):
        make(tmp_path, Wanted("Nowhere"), **{"/search": Reply([])})
    assert not (tmp_path / "mead").exists()


def test_a_service_without_zones_makes_no_workspace(tmp_path):
    down = Reply("down", 503)
    with pytest.raises(WorldError, match="503"):
        make(tmp_path, Wanted(services.CODES[0]), FeatureServer=down)
    assert not (tmp_path / "mead").exists()


def test_a_failed_source_is_said_and_the_rest_is_made(tmp_path):
    cut = Reply({"elements": [], "remark": 'runtime error: Query timed out in "query" at line 1 after 181 seconds.'})
    workspace, troubles, _, _ = make(tmp_path, Wanted("Mead", parts=("census", "streets")), interpreter=cut)
    assert not workspace.has_table("osm_features")
    assert any("cut its answer short (runtime error" in line for line in troubles)


def test_a_second_run_needs_only_the_downloads(tmp_path):
    first, _, _, _ = make(tmp_path, Wanted("Mead", parts=("census", "streets")))
    asker, wire, _ = services.client(tmp_path / "downloads", all_services, offline=True)
    (again, troubles), _ = run(make_from_place(tmp_path / "again", Wanted("Mead", parts=("census", "streets")), asker))
    assert wire.sent == []
    assert (
        read_table(again, "zones").drop(columns="geometry").equals(read_table(first, "zones").drop(columns="geometry"))
    )
    assert (
        read_table(again, "osm_features")
        .drop(columns=["geometry", "outline"])
        .equals(read_table(first, "osm_features").drop(columns=["geometry", "outline"]))
    )
    assert any("the copy of 2026-03-01 is used" in line for line in troubles)


@pytest.mark.parametrize("after", range(1, 12, 2))
def test_stopping_at_any_step_leaves_nothing(tmp_path, after):
    asker, _, _ = services.client(tmp_path / "downloads", all_services)
    steps = make_from_place(tmp_path / "mead", Wanted("Mead"), asker)
    for _ in range(after):
        next(steps)
    steps.close()
    assert not (tmp_path / "mead").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".mead")]


def test_nothing_but_the_place_is_sent(tmp_path):
    _, _, _, wire = make(tmp_path, Wanted("Mead"))
    for request in wire.sent:
        sent = json.dumps([request.url, str(request.body), dict(request.headers)])
        assert str(tmp_path) not in sent
        assert set(request.headers) <= {
            "User-Agent",
            "Accept-Encoding",
            "Accept",
            "Connection",
            "Accept-Language",
            "Content-Length",
            "Content-Type",
        }


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_kill_ctrl_c_in_the_middle_of_a_download_leaves_nothing(tmp_path):
    (tmp_path / "tmp").mkdir()
    with serve(Page()) as site:
        # The portal answers byte by byte, and would for minutes.
        site.fail(messages.drip(chunk=1, pause=0.5), on="/")
        told = {"ASSETMAP_ONS_BOUNDARIES_URL": f"{site.url}/page", "TMPDIR": str(tmp_path / "tmp")}
        command = [sys.executable, "-m", "assetmap.cli", "new", str(tmp_path / "mead"), "--place", "Mead"]
        made = subprocess.Popen(command, env={**os.environ, **told}, stderr=subprocess.PIPE, text=True)
        eventually(lambda: site.count() or list((tmp_path / "tmp").rglob("*.part")) or made.poll() is not None, 60)
        assert made.poll() is None
        made.send_signal(signal.SIGINT)
        _, said = made.communicate(timeout=60)
    assert made.returncode not in (0, None)
    assert "Traceback" not in said
    assert not (tmp_path / "mead").exists()
    assert not list((tmp_path / "tmp").glob("assetmap*"))
