"""One row of each service: which answers as expected, which has moved or changed, which is down."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import small_town
from fake_services import run
from standins import arcgis, files, messages

from assetmap.catalogue import load_catalogue, shipped_layers
from assetmap.cli import main
from assetmap.sources.probes import all_probes
from assetmap.work import live

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
#: The tables that the made-up census has; the others have no row, which counts as changed.
TABLES = {"ts001", "ts003", "ts045"}


@pytest.fixture(scope="module")
def town():
    with small_town.running() as town:
        yield town


@pytest.fixture
def told(town, tmp_path, monkeypatch):
    """Return a function that asks all services and gives what each part said."""
    small_town.tell_addresses(town, monkeypatch)
    monkeypatch.setattr("assetmap.sources.probes._ZONE", "E01900001")
    monkeypatch.setattr("assetmap.sources.probes._AREA", "E00190001")
    monkeypatch.setattr("assetmap.sources.probes._CHARITY", "900001")
    monkeypatch.setattr("assetmap.sources.probes._NAME", "Mead")
    for site in town.sites():
        site.mend()

    def ask(layers=None):
        catalogue = load_catalogue(shipped_layers(), *([layers] if layers else []))
        answers, _ = run(live.ask_all(catalogue, small_town.client(tmp_path / "asked")[0]))
        return {(one.source, one.part): one for one in answers}

    return ask


def expected(answers):
    return {key for key, one in answers.items() if one.state == "expected"}


def test_every_part_of_every_service_is_asked_for_and_answers(told, town):
    answers = told()
    assert {source for source, _ in answers} == set(town.addresses)
    untold = {(source, part) for source, part in answers if source == "ons-census-2021" and part not in TABLES}
    assert set(answers) - expected(answers) == untold
    assert live.problems(answers.values()) == len(untold)
    assert ("ons-boundaries", "output_area_centres") in expected(answers)


def test_each_is_asked_for_little(told, town):
    told()
    whole = [one for one in town.downloads.log if one.status == 200 and "range" not in one.headers]
    assert whole == []


def test_a_service_that_is_down_is_named_and_asked_twice(told, town):
    town.giving.fail(messages.gateway_timeout(), times=50)
    answers = told()
    one = answers["threesixty-giving", "grants received"]
    assert (one.state, one.said) == ("down", "answered 504 Gateway Timeout")
    assert one.sentence() == "threesixty-giving, grants received: is down: answered 504 Gateway Timeout"


def test_a_data_set_that_was_renamed_is_changed(told, monkeypatch):
    moved = [
        arcgis.renamed(one, f"{one.name}_v9") if one.name == arcgis.LSOA else one for one in small_town.zone_layers()
    ]
    with arcgis.running(moved, items={arcgis.OA_CENTROID_ITEM: arcgis.OA_CENTROID}) as site:
        monkeypatch.setenv("ASSETMAP_ONS_BOUNDARIES_URL", site.url + small_town.BASE)
        answers = told()
    assert answers["ons-boundaries", "zones"].said == "refused the question (400 Invalid URL)"
    assert answers["ons-boundaries", "lookup"].state == "expected"


def test_a_field_that_was_renamed_is_changed(told, tmp_path):
    shipped = (shipped_layers() / "sources" / "libraries-england.toml").read_text()
    own = tmp_path / "layers" / "sources"
    own.mkdir(parents=True)
    (own / "libraries-england.toml").write_text(shipped.replace('"Library name|Name"', '"Branch"'))
    answers = told(tmp_path / "layers")
    one = answers["libraries-england", "list"]
    assert (one.state, one.said) == ("changed", "has no column Branch any more; mend the name in layers/sources")


def test_a_service_that_moved_for_good_says_where_to(told, town, monkeypatch):
    there = f"{town.downloads.url}/iod.csv"
    with files.downloads({}) as old:
        old.fail(messages.redirect_to(there, code=301), times=5)
        monkeypatch.setenv("ASSETMAP_IOD_2025_URL", f"{old.url}/old.csv")
        answers = told()
    assert answers["iod-2025", "list"].said.startswith(f"answers at {there} for good")


def test_a_sign_in_page_is_changed(told, town):
    town.downloads.fail(messages.html_instead(), times=50)
    answers = told()
    for part in (("iod-2025", "list"), ("code-point-open", "zip file"), ("nhs-gp-practices", "report")):
        assert answers[part].state == "changed"


def test_the_command_line_says_it_and_ends_with_1_where_something_is_wrong(told, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(live, "Client", lambda folder: small_town.client(folder)[0])
    assert main(["check", "--live", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["problems"] == len([one for one in said["live"] if one["state"] != "expected"]) > 0
    assert set(said["live"][0]) == {"source", "part", "state", "said", "seconds", "address"}
    monkeypatch.setattr(live, "all_probes", lambda c: (p for p in all_probes(c) if p.source == "nominatim"))
    assert main(["check", "--live"]) == 0
    assert capsys.readouterr().out.startswith("nominatim, search: answers as expected (")


def test_check_without_a_folder_needs_live(capsys):
    assert main(["check"]) == 2
    assert "--live" in capsys.readouterr().err


def test_questions_go_through_the_proxy_that_the_environment_names(town, tmp_path, monkeypatch):
    # To a proxy the whole address is said; the stand-in answers by its path.
    monkeypatch.setenv("HTTP_PROXY", town.downloads.url)
    monkeypatch.setenv("http_proxy", town.downloads.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("ASSETMAP_IOD_2025_URL", "http://services.example/iod.csv")
    monkeypatch.setattr(live, "all_probes", lambda c: (p for p in all_probes(c) if p.source == "iod-2025"))
    client, _ = small_town.client(tmp_path)
    client.session.trust_env = True
    (told,), _ = run(live.ask_all(small_town.CATALOGUE, client))
    assert told.state == "expected"
    assert town.downloads.log[-1].headers["host"] == "services.example"
    (offline,), _ = run(live.ask_all(small_town.CATALOGUE, small_town.client(tmp_path, offline=True)[0]))
    assert (offline.state, offline.said) == ("down", "assetmap was told to stay offline")


def test_the_nightly_look_is_off_until_somebody_turns_it_on():
    script = Path(__file__).resolve().parent.parent / ".ci" / "nightly"
    done = subprocess.run([script], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True)
    assert "is off" in done.stdout
    assert "check --live" in script.read_text(encoding="utf-8")
