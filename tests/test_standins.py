"""The server under the stand-ins, its faults and its log; and the stand-ins on real files."""

from __future__ import annotations

import csv
import http.client
import io
import json
import ssl
import threading
import time
import urllib.error
import urllib.request
import zipfile
from email.utils import formatdate, parsedate_to_datetime

import pytest
import shapely
from shapely.geometry import shape
from standins import arcgis, files, messages, nomis, open_referral, real
from standins.asking import AGENT, ask, asked, table_of
from standins.messages import Reply
from standins.server import self_signed, serve, tag_of

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
TENTHS = [tenth / 10 for tenth in range(10)]


class Page:
    """A service of one page: 1,000 bytes, each telling its place."""

    content = bytes(place % 251 for place in range(1000))

    def answer(self, request):
        if request.path != "/page":
            return Reply(b"elsewhere", status=404)
        return Reply(self.content, kind="application/octet-stream", etag=tag_of(self.content), modified=1_700_000_000.0)

    def empty(self, _request):
        return Reply(b"[]")


def test_the_log_holds_who_asked_for_what_and_how_often():
    with serve(Page()) as site:
        ask(f"{site.url}/page?a=1")
        ask(f"{site.url}/other", form={"b": "2"}, User_Agent="another/2")
    assert [(one.method, one.path, one.status) for one in site.log] == [("GET", "/page", 200), ("POST", "/other", 404)]
    assert site.log[0].query == {"a": "1"} and site.log[1].form == {"b": "2"}
    assert site.user_agents() == {AGENT, "another/2"}
    assert site.count() == 2 and site.count("/page") == 1
    assert site.busiest(3600) == 2 and len(site.gaps()) == 1


def test_a_fault_meets_the_requests_it_was_planned_for_and_no_more():
    with serve(Page()) as site:
        site.fail(messages.too_many(retry_after=7), times=2, on="/page")
        statuses = [ask(f"{site.url}/{path}")[0] for path in ("other", "page", "page", "page")]
        site.fail(messages.gateway_timeout())
        site.mend()
        statuses.append(ask(f"{site.url}/page")[0])
    assert statuses == [404, 429, 429, 200, 200]


@pytest.mark.parametrize(
    ("fault", "status", "wait"),
    [
        (messages.too_many(retry_after=3), 429, "3"),
        (messages.too_many(retry_after=None), 429, None),
        (messages.too_many(retry_after="Sun, 06 Nov 1994 08:49:37 GMT"), 429, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (messages.unavailable(), 503, None),
        (messages.unavailable(retry_after=2), 503, "2"),
        (messages.gateway_timeout(), 504, None),
        (messages.status(410), 410, None),
    ],
)
def test_refusals_carry_their_status_and_when_to_come_back(fault, status, wait):
    with serve(Page()) as site:
        site.fail(fault)
        got, headers, _ = ask(f"{site.url}/page")
    assert (got, headers.get("Retry-After")) == (status, wait)


@pytest.mark.parametrize("how", ["length", "chunked", "silent", "reset"])
@pytest.mark.parametrize("share", TENTHS)
def test_a_connection_cut_at_each_tenth_of_the_body(how, share):
    with serve(Page()) as site:
        site.fail(messages.cut(share, how))
        client = http.client.HTTPConnection("127.0.0.1", int(site.url.rsplit(":", 1)[1]), timeout=10)
        client.request("GET", "/page", headers={"User-Agent": AGENT})
        try:
            reply = client.getresponse()
            got, broken = reply.read(), False
        except http.client.IncompleteRead as short:
            got, broken = short.partial, True
        except ConnectionError:
            got, broken = b"", True
        finally:
            client.close()
    assert Page.content.startswith(got)
    if how == "reset":
        assert broken and len(got) <= round(share * 1000)
    else:
        # Without a promised length only the content can show that something is missing.
        assert broken == (how != "silent")
        assert len(got) == round(share * 1000)


def test_silence_lasts_until_the_client_gives_up():
    with serve(Page()) as site:
        site.fail(messages.silence(30))
        with pytest.raises(TimeoutError):
            ask(f"{site.url}/page", timeout=0.2)
    assert [one.status for one in site.log] == [0]


def test_a_slow_drip_is_the_right_answer_in_small_pieces():
    with serve(Page()) as site:
        site.fail(messages.drip(chunk=100, pause=0.01))
        assert ask(f"{site.url}/page")[2] == Page.content


def test_other_content_than_was_asked_for():
    with serve(Page()) as site:
        site.fail(messages.html_instead())
        site.fail(messages.empty_result())
        site.fail(messages.wrong_schema())
        portal, empty, wrong = (ask(f"{site.url}/page") for _ in range(3))
    assert portal[0] == 200 and portal[1].get_content_type() == "text/html" and b"Sign in" in portal[2]
    assert empty[2] == b"[]"
    assert json.loads(wrong[2])["api"] == "v2"


def test_redirects_to_another_host_and_in_a_loop():
    with serve(Page()) as there, serve(Page()) as here:
        here.fail(messages.redirect_to(f"{there.url}/page", code=301))
        here.fail(messages.redirect_loop())
        moved, looped = ask(f"{here.url}/page"), ask(f"{here.url}/page")
    assert (moved[0], moved[1]["Location"]) == (301, f"{there.url}/page")
    assert (looped[0], looped[1]["Location"]) == (302, "/page")


def test_a_clock_that_is_wrong_shows_in_the_date_alone():
    with serve(Page()) as site:
        site.fail(messages.clock_skew(-86_400))
        _, headers, body = ask(f"{site.url}/page")
    behind = time.time() - parsedate_to_datetime(headers["Date"]).timestamp()
    assert 86_000 < behind < 87_000 and body == Page.content


def test_a_copy_that_is_still_good_is_not_sent_again():
    tag = tag_of(Page.content)
    with serve(Page()) as site:
        page = f"{site.url}/page"
        first = ask(page)
        same = ask(page, If_None_Match=f'"x", {tag}')
        dated = ask(page, If_Modified_Since=formatdate(1_700_000_000.0, usegmt=True))
        other = ask(page, If_None_Match='"x"')
    assert first[1]["ETag"] == tag and first[1]["Last-Modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert [same[0], dated[0], other[0]] == [304, 304, 200]
    assert same[2] == b"" and other[2] == Page.content


def test_a_download_can_be_taken_up_where_it_broke_off():
    tag = tag_of(Page.content)
    with serve(Page()) as site:
        page = f"{site.url}/page"
        rest = ask(page, Range="bytes=600-", If_Range=tag)
        middle = ask(page, Range="bytes=10-19")
        last = ask(page, Range="bytes=-5")
        changed = ask(page, Range="bytes=600-", If_Range='"older"')
        beyond = ask(page, Range="bytes=1000-")
    assert (rest[0], rest[1]["Content-Range"], rest[2]) == (206, "bytes 600-999/1000", Page.content[600:])
    assert (middle[2], last[2]) == (Page.content[10:20], Page.content[-5:])
    assert (changed[0], changed[2]) == (200, Page.content)
    assert (beyond[0], beyond[1]["Content-Range"]) == (416, "bytes */1000")


def test_gzip_is_used_only_where_the_client_takes_it():
    with serve(Page(), gzipped=True) as site:
        packed = ask(f"{site.url}/page", Accept_Encoding="gzip, deflate")
        plain = ask(f"{site.url}/page")
    assert packed[1]["Content-Encoding"] == "gzip" and packed[2][:2] == b"\x1f\x8b"
    assert plain[1]["Content-Encoding"] is None and plain[2] == Page.content


def test_a_certificate_nobody_knows_is_refused_before_anything_is_asked(tmp_path):
    made = self_signed()
    made.write_authority(tmp_path / "ca.pem")
    with serve(Page(), certificate=made) as site:
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            ask(f"{site.url}/page")
        assert site.count() == 0
        trusting = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusting))
        with opener.open(f"{site.url}/page", timeout=10) as reply:
            assert reply.read() == Page.content
    with serve(Page(), certificate=self_signed("elsewhere.example")) as site, pytest.raises(urllib.error.URLError):
        ask(f"{site.url}/page")


def test_many_clients_are_answered_at_once():
    with serve(Page()) as site:
        got = []
        clients = [threading.Thread(target=lambda: got.append(ask(f"{site.url}/page")[2])) for _ in range(8)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    assert got == [Page.content] * 8 and site.count() == 8


# --- on the real files


def test_counts_come_back_from_shares_of_a_total_that_is_only_nearly_known():
    assert real.whole_counts({1: 3 / 97, 2: 94 / 97}, 100) == {1: 3, 2: 94}


@pytest.mark.real
def test_real_boundaries_are_chosen_through_the_look_up_table(real_data):
    with arcgis.running(real.portal_layers(real_data)) as site:
        lookup = f"{site.url}{arcgis.address(arcgis.LSOA_LOOKUP)}/query"
        district = "LAD24CD='E09000007'"
        count = asked(lookup, where=district, returnCountOnly="true", f="json")["count"]
        rows = asked(lookup, where=district, outFields="LSOA21CD", f="json")["features"]
        codes = sorted({row["attributes"]["LSOA21CD"] for row in rows})
        chosen = f"LSOA21CD IN ({','.join(repr(code) for code in codes)})"
        form = {"where": chosen, "outFields": "LSOA21CD,LSOA21NM", "f": "geojson", "outSR": "4326"}
        drawn = json.loads(ask(f"{site.url}{arcgis.address(arcgis.LSOA)}/query", form=form)[2])
        whole = asked(
            f"{site.url}{arcgis.address(arcgis.DISTRICT)}/query", where="LAD24NM='Camden'", outFields="*", f="geojson"
        )
        everything = asked(lookup, where="1=1", outFields="LSOA21CD", f="json", resultRecordCount=50_000)
    assert count == 130 and len(codes) == 130 and len(drawn["features"]) == 130
    assert "LAD24CD" not in drawn["features"][0]["properties"]
    zones = shapely.union_all([shape(feature["geometry"]) for feature in drawn["features"]])
    assert shape(whole["features"][0]["geometry"]).symmetric_difference(zones).area == pytest.approx(0, abs=1e-9)
    assert len(everything["features"]) == 2000 and everything["exceededTransferLimit"] is True


@pytest.mark.real
def test_real_census_is_the_same_from_the_api_and_from_the_bulk_file(real_data):
    with nomis.running(real.census(real_data)) as site:
        rows = table_of(
            site,
            "NM_2023_1",
            date="latest",
            geography="E08000009TYPE151",
            c2021_hhcomp_15="0,1",
            measures="20100",
            select="GEOGRAPHY_CODE,C2021_HHCOMP_15,OBS_VALUE",
        )
        body = ask(f"{site.url}/output/census/2021/census2021-ts003.zip")[2]
    with zipfile.ZipFile(io.BytesIO(body)) as held:
        bulk = list(csv.DictReader(io.StringIO(held.read("census2021-ts003-lsoa.csv").decode())))
    ask_for = {"0": "Household composition: Total; measures: Value"}
    ask_for["1"] = "Household composition: One person household: Aged 66 years and over; measures: Value"
    from_bulk = {(row["geography code"], code): row[name] for row in bulk for code, name in ask_for.items()}
    assert {(row["GEOGRAPHY_CODE"], row["C2021_HHCOMP_15"]): row["OBS_VALUE"] for row in rows} == from_bulk
    assert len(rows) == 2 * 139


@pytest.mark.real
def test_real_directory_downloads_and_gazetteer(real_data):
    with open_referral.running(real.services(real_data)) as site:
        page = asked(f"{site.url}/services", per_page=100)
        whole = asked(f"{site.url}/services/{page['contents'][0]['id']}")
    assert page["total_items"] == 128 and len(page["contents"]) == 100 and "schedules" in whole
    with files.downloads(real.downloads(real_data)) as site:
        indices = ask(f"{site.url}{real.IOD}")[2].decode("utf-8-sig").splitlines()
        head = ask(f"{site.url}{real.EXTRACT}", Range="bytes=0-99")
    assert len(indices) == 33_756 and indices[0].startswith("LSOA code (2021),")
    assert head[0] == 206 and b"OSMHeader" in head[2]
    with files.geocoder(real.places(real_data)) as site:
        camden = asked(f"{site.url}/search", q="Camden, London", format="json", polygon_geojson=1)
    outline = shape(camden[0]["geojson"])
    assert len(camden) == 1 and outline.contains(shapely.Point(-0.1426, 51.5390))
