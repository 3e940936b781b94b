from __future__ import annotations

import json

import pytest
import requests
from fake_services import Reply, client, run

from assetmap.sources import web
from assetmap.sources.answers import Failed, Found, Limits, Question
from assetmap.sources.web import address_of

ASKED = Question("list.json", "https://example.org/list", {"page": "1"})
BODY = json.dumps({"rows": list(range(60_000))}).encode()


def replies(*listed):
    """Answer with one reply after the other, the last for ever."""
    left = list(listed)
    return lambda _request: left.pop(0) if len(left) > 1 else left[0]


def test_an_answer_is_kept_with_its_date_and_hash(tmp_path):
    asker, wire, waits = client(tmp_path, replies(Reply(BODY, headers={"ETag": '"one"'})))
    found, _ = run(asker.fetch(ASKED))
    assert isinstance(found, Found)
    assert found.path.read_bytes() == BODY
    assert (found.bytes, found.fetched_at, found.etag) == (len(BODY), "2026-03-01T12:00:00+00:00", '"one"')
    assert waits == []
    assert wire.sent[0].headers["User-Agent"].startswith("assetmap/")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list.json", "list.json.json"]


def test_the_contact_goes_along_and_no_password_does(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSETMAP_CONTACT", "team@example.org")
    asker, wire, _ = client(tmp_path, replies(Reply(BODY, headers={"Set-Cookie": "a=b"})))
    run(asker.fetch(ASKED))
    run(asker.fetch(Question("other", "https://example.org/other")))
    assert "team@example.org" in wire.sent[0].headers["User-Agent"]
    assert "Authorization" not in wire.sent[1].headers
    assert "Cookie" not in wire.sent[1].headers


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_busy_service_is_asked_again(tmp_path, status):
    asker, wire, waits = client(tmp_path, replies(Reply("busy", status), Reply("busy", status), Reply(BODY)))
    found, steps = run(asker.fetch(ASKED))
    assert isinstance(found, Found)
    assert len(wire.sent) == 3
    assert 1 <= waits[0] <= 3
    assert 2 <= waits[1] <= 6
    assert [step.id for step in steps if step.id == "waiting"] == ["waiting"] * 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_not_asked_again(tmp_path, status):
    asker, wire, _ = client(tmp_path, replies(Reply("no", status)))
    failed, _ = run(asker.fetch(ASKED))
    assert isinstance(failed, Failed)
    assert str(status) in failed.sentence()
    assert len(wire.sent) == 1


def test_retry_after_in_seconds_is_waited_for(tmp_path):
    asker, _, waits = client(tmp_path, replies(Reply("", 429, {"Retry-After": "40"}), Reply(BODY)))
    found, _ = run(asker.fetch(ASKED))
    assert isinstance(found, Found)
    assert 40 <= waits[0] <= 40.3


def test_retry_after_as_a_date_goes_by_the_clock_of_the_service(tmp_path):
    # The service's clock is ten years behind ours: the wait is half a minute all the same.
    late = {"Date": "Tue, 01 Mar 2016 12:00:00 GMT", "Retry-After": "Tue, 01 Mar 2016 12:00:30 GMT"}
    asker, _, waits = client(tmp_path, replies(Reply("", 503, late), Reply(BODY)))
    run(asker.fetch(ASKED))
    assert 30 <= waits[0] <= 30.3


def test_a_service_that_asks_to_wait_an_hour_is_left_alone(tmp_path):
    asker, wire, waits = client(tmp_path, replies(Reply("", 429, {"Retry-After": "3600"})))
    failed, _ = run(asker.fetch(ASKED))
    assert "60 minutes" in failed.sentence()
    assert (len(wire.sent), waits) == (1, [])


@pytest.mark.parametrize("tenth", range(10))
def test_a_cut_connection_goes_on_where_it_broke_off(tmp_path, tenth):
    at = len(BODY) * tenth // 10

    def answer(request):
        start = int(request.headers.get("Range", "bytes=0-")[6:-1])
        if start == 0 and len(wire.sent) == 1:
            return Reply(BODY, headers={"ETag": '"one"'}, cut=at)
        head = {"ETag": '"one"', "Content-Range": f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"}
        return Reply(BODY[start:], 206 if start else 200, head)

    asker, wire, _ = client(tmp_path, answer)
    found, _ = run(asker.fetch(ASKED))
    assert found.path.read_bytes() == BODY
    assert wire.sent[1].headers.get("If-Range") == ('"one"' if at else None)


def test_a_list_that_changed_meanwhile_is_not_patched_together(tmp_path):
    new = BODY.replace(b"1", b"2")
    asker, _, _ = client(tmp_path, replies(Reply(BODY, headers={"ETag": '"one"'}, cut=40_000), Reply(new)))
    found, _ = run(asker.fetch(ASKED))
    assert found.path.read_bytes() == new


def test_without_a_mark_a_cut_answer_begins_anew(tmp_path):
    asker, wire, _ = client(tmp_path, replies(Reply(BODY, cut=40_000), Reply(BODY)))
    found, _ = run(asker.fetch(ASKED))
    assert "Range" not in wire.sent[1].headers
    assert found.path.read_bytes() == BODY


def test_a_stopped_fetch_goes_on_in_the_next_run(tmp_path):
    asker, _, _ = client(tmp_path, replies(Reply(BODY, headers={"ETag": '"one"'}, cut=40_000)), limits=Limits(tries=1))
    failed, _ = run(asker.fetch(ASKED))
    assert isinstance(failed, Failed)

    start = (tmp_path / "list.json.part").stat().st_size
    assert 0 < start <= 40_000

    def rest(request):
        assert request.headers["Range"].removeprefix("bytes=").removesuffix("-") == str(start)
        return Reply(BODY[start:], 206, {"Content-Range": f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"})

    found, _ = run(client(tmp_path, rest)[0].fetch(ASKED))
    assert found.path.read_bytes() == BODY


def test_what_has_not_changed_is_not_sent_again(tmp_path):
    asker, wire, _ = client(tmp_path, replies(Reply(BODY, headers={"ETag": '"one"'}), Reply(b"", 304)))
    first, _ = run(asker.fetch(ASKED))
    second, _ = run(asker.fetch(ASKED))
    assert wire.sent[1].headers["If-None-Match"] == '"one"'
    assert second.sha256 == first.sha256


def test_a_failure_names_the_last_good_copy_and_keeps_it(tmp_path):
    asker, _, _ = client(tmp_path, replies(Reply(BODY), Reply("<html>down", 503)))
    first, _ = run(asker.fetch(ASKED))
    failed, _ = run(asker.fetch(ASKED))
    assert failed.last == first
    assert failed.sentence() == "example.org: answered 503; the copy of 2026-03-01 is used."
    assert first.path.read_bytes() == BODY


def test_the_copy_of_another_question_is_no_copy_of_this(tmp_path):
    asker, _, _ = client(tmp_path, replies(Reply(BODY), Reply("", 404)))
    run(asker.fetch(ASKED))
    failed, _ = run(asker.fetch(Question("list.json", "https://example.org/list", {"page": "2"})))
    assert failed.last is None


def test_offline_asks_nobody(tmp_path):
    asker, wire, _ = client(tmp_path, replies(Reply(BODY)))
    run(asker.fetch(ASKED))
    quiet, silent, _ = client(tmp_path, replies(Reply(BODY)), offline=True)
    failed, _ = run(quiet.fetch(ASKED))
    assert (len(wire.sent), len(silent.sent)) == (1, 0)
    assert failed.last.path.read_bytes() == BODY


def test_html_in_the_place_of_json_is_asked_again_and_then_refused(tmp_path):
    def check(path):
        return "" if path.read_bytes().startswith(b"{") else "answered with something that is not JSON"

    question = Question("list.json", "https://example.org/list", check=check)
    asker, wire, _ = client(tmp_path, replies(Reply("<html>too many</html>")))
    failed, _ = run(asker.fetch(question))
    assert "not JSON" in failed.reason
    assert len(wire.sent) == 5
    assert not [path for path in tmp_path.iterdir() if ".part" in path.name]


@pytest.mark.parametrize(
    ("fault", "said", "tries"),
    [
        (requests.exceptions.SSLError("self-signed"), "certificate", 1),
        (requests.exceptions.ConnectTimeout("slow"), "in time", 5),
        (requests.exceptions.ReadTimeout("slow"), "in time", 5),
        (requests.exceptions.ConnectionError("refused"), "could not be reached", 5),
    ],
)
def test_faults_of_the_wire_are_named(tmp_path, fault, said, tries):
    asker, wire, _ = client(tmp_path, replies(Reply(fault=fault)))
    failed, _ = run(asker.fetch(ASKED))
    assert said in failed.reason
    assert len(wire.sent) == tries


@pytest.mark.parametrize(
    "target",
    [
        "http://example.org/x",
        "file:///etc/passwd",
        "https://127.0.0.1/x",
        "https://169.254.169.254/x",
        "https://[::1]/x",
        "https://10.0.0.7/x",
        "https://user:secret@example.org/x",
    ],
)
def test_hostile_redirects_are_refused(tmp_path, target):
    asker, wire, _ = client(tmp_path, replies(Reply("", 302, {"Location": target})))
    failed, _ = run(asker.fetch(ASKED))
    assert isinstance(failed, Failed)
    assert len(wire.sent) == 1


def test_a_redirect_within_the_service_is_followed_but_not_for_ever(tmp_path):
    asker, wire, _ = client(tmp_path, replies(Reply("", 302, {"Location": "/elsewhere"}), Reply(BODY)))
    found, _ = run(asker.fetch(ASKED))
    assert found.path.read_bytes() == BODY
    assert wire.sent[1].url == "https://example.org/elsewhere"
    round_, wire, _ = client(tmp_path / "b", replies(Reply("", 302, {"Location": "/again"})))
    failed, _ = run(round_.fetch(ASKED))
    assert "without end" in failed.reason
    assert len(wire.sent) == 6


def test_too_much_is_refused_before_and_while_it_comes(tmp_path):
    small = Limits(pause=0, largest=500)
    asker, _, _ = client(tmp_path, replies(Reply(BODY)), limits=small)
    failed, _ = run(asker.fetch(ASKED))
    assert "too much" in failed.reason
    silent, _, _ = client(tmp_path, replies(Reply(BODY, headers={"Content-Length": ""})), limits=small)
    failed, _ = run(silent.fetch(ASKED))
    assert "more than" in failed.reason
    assert not list(tmp_path.iterdir())


def test_questions_to_one_host_keep_their_distance(tmp_path):
    asker, _, waits = client(tmp_path, replies(Reply(BODY)), limits=Limits(pause=1.0))
    run(asker.fetch(ASKED))
    run(asker.fetch(Question("b", "https://example.org/b")))
    run(asker.fetch(Question("c", "https://elsewhere.example/c")))
    assert waits == [1.0]


def test_an_address_can_be_given_from_outside(monkeypatch):
    monkeypatch.setenv("ASSETMAP_ONS_BOUNDARIES_URL", "http://127.0.0.1:9/rest/")
    assert address_of("ons-boundaries", {"address": "https://example.org"}) == "http://127.0.0.1:9/rest"


def test_a_long_download_says_how_much_and_how_long_remains(tmp_path, monkeypatch):
    """4 MB at 100 kB a second by the own clock of the client: so much has come, and the rest takes so long."""
    whole = bytes(4_000_000)
    asker, _, _ = client(tmp_path, replies(Reply(whole)))
    arriving = web.pieces

    def slowly(response, most):
        for piece in arriving(response, most):
            asker.sleep(len(piece) / 100_000)
            yield piece

    monkeypatch.setattr(web, "pieces", slowly)
    found, steps = run(asker.fetch(ASKED))
    assert found.path.read_bytes() == whole
    seen = [step for step in steps if step.id == "fetching"]
    assert len(seen) >= 30
    for step in seen:
        assert step.total == 4_000
        assert step.left == pytest.approx((4_000_000 - step.count * 1000) / 100_000, abs=0.02)
    assert [step.left for step in seen] == sorted((step.left for step in seen), reverse=True)
    assert seen[0].sentence().startswith("fetching: 16 kB so far of 4,000, about 40 s left")


def test_a_download_that_goes_on_says_what_remains_of_the_whole(tmp_path, monkeypatch):
    """Half came before the line was cut: the time left goes by the speed of now, the rest by the whole."""
    whole = bytes(2_000_000)
    tag = {"ETag": '"one"'}
    rest = Reply(whole[1_000_000:], 206, {**tag, "Content-Range": "bytes 1000000-1999999/2000000"})
    asker, wire, _ = client(tmp_path, replies(Reply(whole, headers=tag, cut=1_000_000), rest))
    arriving = web.pieces

    def slowly(response, most):
        for piece in arriving(response, most):
            if len(wire.sent) > 1:
                asker.sleep(len(piece) / 100_000)
            yield piece

    monkeypatch.setattr(web, "pieces", slowly)
    _, steps = run(asker.fetch(ASKED))
    later = [step for step in steps if step.id == "fetching"]
    assert later[0].total == 2_000
    assert later[0].count > 1_000
    assert later[-1].left == pytest.approx((2_000_000 - later[-1].count * 1000) / 100_000, abs=0.02)


def test_a_download_of_unknown_size_says_how_much_has_come_and_no_time(tmp_path, monkeypatch):
    asker, _, _ = client(tmp_path, replies(Reply(bytes(300_000), headers={"Content-Length": ""})))
    arriving = web.pieces

    def slowly(response, most):
        for piece in arriving(response, most):
            asker.sleep(1.5)
            yield piece

    monkeypatch.setattr(web, "pieces", slowly)
    _, steps = run(asker.fetch(ASKED))
    seen = [step for step in steps if step.id == "fetching"]
    assert {(step.total, step.left) for step in seen} == {(0, None)}
    assert seen[-1].count > 250
