"""What may go wrong on the way from each service, through the real client and real connections on this computer.

Each fault meets the first try of one service: what is only busy is asked again and comes, what is wrong is refused by
name and the copy of before stays. Nothing is waited for between two tries.
"""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import pytest
import small_town
from fake_services import CODES, run, square
from small_town import SOURCES, ZONES, Town
from standins import arcgis, files, messages
from standins import nomis as nomis_standin
from standins import overpass as overpass_standin
from standins.messages import changed
from standins.server import self_signed

from assetmap.sources import (
    active_places,
    charities,
    deprivation,
    geocoder,
    gp_practices,
    grants_received,
    libraries,
    nomis,
    ons,
    os_postcodes,
    output_areas,
    overpass,
    referral_feed,
)
from assetmap.sources.answers import Failed, Found, Limits, NoneMapped, Question
from assetmap.sources.public_list import Here

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

HERE = Here(square(0).union(square(1)).union(square(2)), frozenset(small_town.POSTCODES))
AREA = overpass.Area(square(0), square(0))
CARS = ("ts045", "NM_2063_1")


def zones_of():
    return gpd.GeoDataFrame(geometry=[square(number) for number in range(4)], crs="EPSG:4326")


#: By service: which stand-in answers, and what the client asks.
ASKED = {
    "arcgis": ("arcgis", lambda c: ons.fetch(c, SOURCES["ons-boundaries"], ZONES)),
    "nomis": ("nomis", lambda c: nomis.fetch_table(c, SOURCES["ons-census-2021"], CARS, CODES)),
    "overpass": ("overpass", lambda c: overpass.fetch(c, SOURCES["openstreetmap"], small_town.CATALOGUE, AREA)),
    "open_referral": ("feed", lambda c: referral_feed.fetch(c, c.feed, 2)),
    "iod": ("downloads", lambda c: deprivation.fetch(c, SOURCES["iod-2025"], CODES)),
    "code-point": ("downloads", lambda c: os_postcodes.fetch(c, SOURCES["code-point-open"], zones_of())),
    "libraries": ("downloads", lambda c: libraries.fetch(c, SOURCES["libraries-england"], HERE)),
    "practices": ("downloads", lambda c: gp_practices.fetch(c, SOURCES["nhs-gp-practices"], HERE)),
    "charities": ("downloads", lambda c: charities.fetch(c, SOURCES["charity-register"], HERE)),
    "sport": ("sport", lambda c: active_places.fetch(c, SOURCES["active-places"], HERE)),
    "grants": ("giving", lambda c: grants_received.fetch(c, SOURCES["threesixty-giving"], ["900001"])),
}
EVERY = pytest.mark.parametrize("service", list(ASKED))
#: Of each way of answering one; the others are fetched by the same lines.
EACH_KIND = pytest.mark.parametrize("service", ["arcgis", "nomis", "overpass", "code-point"])


@pytest.fixture(scope="module")
def town():
    with small_town.running() as town:
        yield town


@pytest.fixture(scope="module")
def questions():
    """What OSMnx would ask for, written once."""
    return overpass.questions(small_town.CATALOGUE, SOURCES["openstreetmap"], AREA)


@pytest.fixture(autouse=True)
def mended(town, questions, monkeypatch):
    monkeypatch.setattr(overpass, "questions", lambda *_: questions)
    small_town.tell_addresses(town, monkeypatch)
    for site in town.sites():
        site.mend()
    return town


def asking(town: Town, folder, service: str, **more):
    """Return the stand-in, a function that asks once, and the waits."""
    client, waits = small_town.client(folder, **more)
    client.feed = town.feed.url
    part, fetch = ASKED[service]
    return getattr(town, part), (lambda: run(fetch(client))[0]), waits


def comes_in_the_end(town, tmp_path, service, fault):
    site, ask, waits = asking(town, tmp_path, service)
    # Postcodes are first sent on from where they are listed to where they lie; the fault is meant for the file.
    site.fail(fault, on=files.CODE_POINT_FILE if service == "code-point" else "/")
    assert isinstance(ask(), Found)
    assert not [path for path in tmp_path.iterdir() if ".part" in path.name]
    return waits


def is_refused(town, tmp_path, service, fault, said):
    """The fault lasts: it is named, and the copy of before stays with its date."""
    site, ask, _ = asking(town, tmp_path, service)
    first = ask()
    site.fail(fault, times=50)
    failed = ask()
    assert isinstance(failed, Failed)
    assert any(part in failed.reason for part in said.split("|")), failed.reason
    assert failed.last is not None and failed.last.sha256 == first.sha256
    assert first.fetched_at[:10] in failed.sentence()
    assert first.path.is_file()
    assert not [path for path in tmp_path.iterdir() if ".part" in path.name]


@EVERY
def test_429_with_retry_after(town, tmp_path, service):
    waits = comes_in_the_end(town, tmp_path, service, messages.too_many(retry_after=7))
    assert 7 <= max(waits) <= 7.5


@EVERY
def test_429_without_retry_after(town, tmp_path, service):
    waits = comes_in_the_end(town, tmp_path, service, messages.too_many(retry_after=None))
    assert 1 <= max(waits) <= 3


@EVERY
def test_504(town, tmp_path, service):
    assert comes_in_the_end(town, tmp_path, service, messages.gateway_timeout())


@EVERY
def test_504_for_ever_keeps_the_last_copy(town, tmp_path, service):
    is_refused(town, tmp_path, service, messages.gateway_timeout(), "answered 504")


@EACH_KIND
def test_time_out(town, tmp_path, service, monkeypatch):
    # Overpass is given as long as it asks for; here that is nothing.
    monkeypatch.setattr(overpass, "_seconds", lambda _source: -30.0)
    assert comes_in_the_end(town, tmp_path, service, messages.silence(1.0))


@EACH_KIND
def test_slow_drip(town, tmp_path, service, monkeypatch):
    site, ask, waits = asking(town, tmp_path, service)
    site.fail(messages.drip(chunk=16, pause=0.02))
    assert isinstance(ask(), Found)
    # Whether the first answer is long enough to be given up differs; what comes is the whole either way.
    assert waits in ([], waits[:1])


def test_slow_drip_of_a_long_answer_is_given_up(town, tmp_path):
    site, ask, waits = asking(town, tmp_path, "charities")
    site.fail(messages.drip(chunk=8, pause=0.02))
    began = len(site.log)
    assert isinstance(ask(), Found)
    assert len(waits) == 1 and len(site.log) == began + 2


@pytest.mark.parametrize("how", ["length", "chunked", "reset"])
@pytest.mark.parametrize("tenth", range(10))
def test_cut_connection(town, tmp_path, tenth, how):
    assert comes_in_the_end(town, tmp_path, "charities", messages.cut(tenth / 10, how))


@EVERY
def test_cut_connection_of_each_service(town, tmp_path, service):
    assert comes_in_the_end(town, tmp_path, service, messages.cut(0.5))


@pytest.mark.parametrize("service", ["arcgis", "overpass", "open_referral", "charities", "grants"])
@pytest.mark.parametrize("tenth", [0, 5, 9])
def test_cut_without_a_promised_length_is_seen_by_the_content(town, tmp_path, service, tenth):
    assert comes_in_the_end(town, tmp_path, service, messages.cut(tenth / 10, "silent"))


@pytest.mark.parametrize("tenth", range(10))
def test_cut_of_a_census_table_never_passes_for_a_whole_one(town, tmp_path, tenth):
    _, ask, _ = asking(town, tmp_path / "whole", "nomis")
    whole = ask().path.read_bytes()
    site, ask, _ = asking(town, tmp_path / "cut", "nomis")
    site.fail(messages.cut(tenth / 10, "silent"))
    found = ask()
    assert isinstance(found, Failed | NoneMapped) or found.path.read_bytes() == whole


@EVERY
def test_html_instead(town, tmp_path, service):
    is_refused(town, tmp_path, service, messages.html_instead(), "not JSON|not a table|not a zip|page|no postcodes")


@EVERY
def test_wrong_schema(town, tmp_path, service):
    said = "not a list|no column|no field|not a zip|not Open Referral|no postcodes|does not say|no place|no rows"
    is_refused(town, tmp_path, service, messages.wrong_schema(), said)


@pytest.mark.parametrize("service", ["arcgis", "overpass", "open_referral", "sport", "grants"])
def test_empty_result_is_none_or_a_fault_and_never_an_empty_file(town, tmp_path, service):
    site, ask, _ = asking(town, tmp_path, service)
    site.fail(messages.empty_result(), times=50)
    answer = ask()
    assert isinstance(answer, NoneMapped | Failed)
    assert service == "arcgis" or service == "sport" or isinstance(answer, NoneMapped)


@EVERY
def test_redirect_loop(town, tmp_path, service):
    site, ask, _ = asking(town, tmp_path, service)
    site.fail(messages.redirect_loop(), times=50)
    failed = ask()
    assert isinstance(failed, Failed) and "without end" in failed.reason


@EVERY
def test_clock_skew(town, tmp_path, service):
    comes_in_the_end(town, tmp_path, service, messages.clock_skew(-10 * 365 * 86_400))


# --- what only one of them can do -------------------------------------------------------------------------------------


def test_overpass_truncated_with_a_remark(town, tmp_path):
    is_refused(town, tmp_path, "overpass", overpass_standin.cut_short(), "cut its answer short (runtime error")


def test_arcgis_exceeded_transfer_limit_is_followed_to_the_end(tmp_path, monkeypatch):
    for flag in ("properties", "top"):
        for final in ("absent", "false"):
            with arcgis.running(small_town.zone_layers(), most=3, flag=flag, final=final, jumbled=True) as site:
                monkeypatch.setenv("ASSETMAP_ONS_BOUNDARIES_URL", site.url + small_town.BASE)
                client, _ = small_town.client(tmp_path / f"{flag}-{final}")
                found, _ = run(ons.fetch(client, SOURCES["ons-boundaries"], ZONES))
                assert isinstance(found, Found) and site.count() == 3


def test_arcgis_a_page_that_leaves_rows_out_is_named(town, tmp_path):
    def shorter(reply):
        said = json.loads(reply.body)
        if "features" in said:
            del said["features"][-1]
        return replace(reply, body=json.dumps(said).encode())

    is_refused(town, tmp_path, "arcgis", changed(shorter), "and then no more|where it counted|twice")


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_nomis_row_limits(tmp_path, monkeypatch, limit):
    with nomis_standin.running(small_town.census(), rows=limit) as site:
        monkeypatch.setenv("ASSETMAP_ONS_CENSUS_2021_URL", f"{site.url}/api/v01")
        client, _ = small_town.client(tmp_path)
        found, _ = run(nomis.fetch_table(client, SOURCES["ons-census-2021"], CARS, CODES))
        assert found.path.read_text().count("\n") == 1 + len(CODES) * 5
        assert site.count() == -(-len(CODES) * 5 // limit)


def test_nomis_none_is_said_by_nothing_at_all_and_asked_of_the_zip_as_well(town, tmp_path):
    client, waits = small_town.client(tmp_path)
    found, _ = run(nomis.fetch_table(client, SOURCES["ons-census-2021"], CARS, ["E01999999"]))
    assert (found, waits) == (NoneMapped("ts045"), [])
    either, _ = run(nomis.fetch_either(client, SOURCES["ons-census-2021"], CARS, ["E01999999"]))
    assert either == NoneMapped("ts045")
    town.nomis.fail(messages.cut(0.0, "silent"), on="/api")
    whole, _ = run(nomis.fetch_either(client, SOURCES["ons-census-2021"], CARS, CODES))
    assert isinstance(whole, Found) and "geography code" in whole.path.read_text()


def test_a_redirect_to_another_public_host_is_followed_and_to_this_computer_is_not(town, tmp_path):
    # Both hosts are this computer, by its address and by its name; only the second counts as another.
    port = town.downloads.url.rsplit(":", 1)[1]
    site, ask, _ = asking(town, tmp_path, "iod")
    site.fail(messages.redirect_to(f"http://localhost:{port}/iod.csv"), times=50)
    failed = ask()
    assert isinstance(failed, Failed) and "not public" in failed.reason
    site.mend()
    site.fail(messages.redirect_to(f"{site.url}/iod.csv", code=308))
    assert isinstance(ask(), Found)


@pytest.mark.parametrize("name", ["127.0.0.1", "elsewhere.example"])
def test_certificate_error_is_named_and_not_asked_again(tmp_path, name):
    with files.downloads({"/a": files.table("a\n1\n")}, certificate=self_signed(name)) as site:
        client, waits = small_town.client(tmp_path)
        failed, _ = run(client.fetch(Question("a", f"{site.url}/a")))
    assert "certificate" in failed.reason
    assert waits == []


def test_a_certificate_authority_of_ones_own(tmp_path, monkeypatch):
    made = self_signed()
    made.write_authority(tmp_path / "authority.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    with files.downloads({"/a": files.table("a\n1\n")}, certificate=made) as site:
        client, _ = small_town.client(tmp_path / "kept")
        client.session.trust_env = True
        found, _ = run(client.fetch(Question("a", f"{site.url}/a")))
    assert isinstance(found, Found)


@EVERY
def test_offline_uses_the_last_copy_and_asks_nobody(town, tmp_path, service):
    site, ask, _ = asking(town, tmp_path, service)
    first, asked = ask(), site.count()
    _, ask, _ = asking(town, tmp_path, service, offline=True)
    again = ask()
    assert site.count() == asked
    assert isinstance(again, Failed) and again.last is not None and again.last.sha256 == first.sha256


def test_a_stopped_download_goes_on_where_it_broke_off(town, tmp_path):
    once = Limits(pause=0, tries=1)
    site, ask, _ = asking(town, tmp_path, "charities", limits=once)
    site.fail(messages.cut(0.5))
    assert isinstance(ask(), Failed)
    assert isinstance(ask(), Found)
    assert site.log[-1].headers["range"].startswith("bytes=") and site.log[-1].status == 206


def test_output_areas_without_people_are_refused_by_name(town, tmp_path):
    client, _ = small_town.client(tmp_path)
    fetch = (SOURCES["ons-boundaries"], SOURCES["ons-census-2021"], CODES)
    first, _ = run(output_areas.fetch(client, *fetch))
    town.nomis.fail(messages.gateway_timeout(), times=50)
    failed, _ = run(output_areas.fetch(client, *fetch))
    assert "ts001" in failed.reason and failed.last.sha256 == first.sha256


def test_a_place_is_found_by_its_name_after_a_busy_moment(town, tmp_path):
    client, waits = small_town.client(tmp_path)
    town.geocoder.fail(messages.too_many(retry_after=3))
    found, _ = run(geocoder.fetch(client, SOURCES["nominatim"], "Mead, England"))
    assert found.name == "Mead" and waits[0] >= 3
