"""The leak test: nothing of a person and no sensitive place is in any export, page or log; and the search finds."""

from __future__ import annotations

import base64
import bz2
import gzip
import hashlib
import html
import io
import json
import logging
import lzma
import sqlite3
import struct
import tarfile
import urllib.parse
import zipfile
import zlib
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path

import places
import pytest
from leaks.scanner import Plant, geohash, layers, search
from people_town import CHEAP, PASSPHRASE, RESPONSIBLE
from pyproj import Transformer
from screens import AppTest
from shapely import Point, to_wkb
from shapely.geometry import LineString
from streamlit.util import calc_hash

from assetmap import cli, exports, paperwork, serve
from assetmap.catalogue import load_catalogue
from assetmap.maps import packing, payload
from assetmap.privacy import columns_for
from assetmap.privacy.networks import TEAM
from assetmap.roles import ROLES, Actor, can
from assetmap.store import connections as ties
from assetmap.store import introductions
from assetmap.store import people as room
from assetmap.store.assets import add_asset
from assetmap.store.links import link_asset
from assetmap.store.people import Asked, Person, Through, sealing
from assetmap.store.suggestions import Suggestion, suggest
from assetmap.store.workspace import open_workspace
from assetmap.study import build, only_zones
from assetmap.ui import cache, parts
from assetmap.ui.pages import pages

ROOT = Path(__file__).resolve().parent.parent
DAY = date(2026, 11, 22)

# --- the search itself: it finds every plant in every container ---

NAME, PHONE, MAIL, CODE = "Quenby Żarathustra", "07700 900123", "quenby.z@example.org", "EB9 4ZQ"
TEXTS = [Plant(words) for words in (NAME, PHONE, MAIL, CODE)]
SPOT = Plant(lon=-0.141588, lat=51.501009, east=529090.12, north=179645.34)
SAID = f"Ask {NAME}, {PHONE} or {MAIL}, near {CODE}."


def zipped(inner: bytes, name: str = "a.txt") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, inner)
    return out.getvalue()


def tarred(inner: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("a.txt")
        info.size = len(inner)
        archive.addfile(info, io.BytesIO(inner))
    return out.getvalue()


def pdf_stream(inner: bytes) -> bytes:
    import pikepdf

    pdf, out = pikepdf.new(), io.BytesIO()
    pdf.Root.Kept = pdf.make_indirect(pikepdf.Stream(pdf, inner))
    pdf.save(out, compress_streams=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def pdf_info(inner: bytes) -> bytes:
    import pikepdf

    pdf, out = pikepdf.new(), io.BytesIO()
    pdf.docinfo["/Subject"] = inner.decode()
    pdf.save(out)
    return out.getvalue()


def pdf_text(inner: bytes) -> bytes:
    """Letters as a typesetter writes them: numbers of glyphs, one kerned from the next."""
    import typst

    return typst.compile(inner.decode().replace("@", "\\@").encode())


def sqlite_pages(inner: bytes) -> bytes:
    """A long cell, cut over pages that do not lie side by side."""
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA page_size = 512")
    connection.execute("CREATE TABLE t (a, b)")
    connection.execute("INSERT INTO t VALUES (?, ?)", (b"." * 480 + inner + b"." * 700, "x"))
    return connection.serialize()


def png_text(kind: bytes):
    def make(inner: bytes) -> bytes:
        body = {
            b"tEXt": b"Comment\0" + inner,
            b"zTXt": b"Comment\0\0" + zlib.compress(inner),
            b"iTXt": b"Comment\0\1\0en\0Comment\0" + zlib.compress(inner),
        }[kind]
        out = b"\x89PNG\r\n\x1a\n"
        for name, content in ((b"IHDR", b"\0" * 13), (kind, body), (b"IEND", b"")):
            out += struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        return out

    return make


def ole(inner: bytes) -> bytes:
    """A compound file whose stream lies in sectors of 512 bytes in the wrong order."""
    size = 512
    content = b"." * 500 + inner
    content += b"." * (4096 - len(content) % 4096)
    parts_ = [content[i : i + size] for i in range(0, len(content), size)]
    count, end, free = len(parts_), 0xFFFFFFFE, 0xFFFFFFFF
    order = list(reversed(range(2, 2 + count)))
    table = [0xFFFFFFFD, end] + [free] * (size // 4 - 2)
    for here, after in zip(order, [*order[1:], end], strict=True):
        table[here] = after

    def entry(name: str, kind: int, start: int, length: int) -> bytes:
        wide = name.encode("utf-16-le")
        head = wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide) + 2, kind, 1) + b"\xff" * 12
        return head + b"\0" * 36 + struct.pack("<IQ", start, length)

    directory = entry("Root Entry", 5, end, 0) + entry("Contents", 2, order[0], len(content)) + b"\0" * 256
    sectors = dict(zip(order, parts_, strict=True))
    body = struct.pack("<128I", *table) + directory + b"".join(sectors[n] for n in sorted(sectors))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + b"\0" * 10
    head += struct.pack("<8I", 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *([free] * 108))
    return head + body


def workbook(inner: bytes) -> bytes:
    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["B2"] = inner.decode()
    book.save(out)
    return out.getvalue()


def parquet(inner: bytes) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table({"a": [inner.decode(), "x"]}), out, compression="zstd")
    return out.getvalue()


CONTAINERS = {
    "plain": lambda b: b"<p>" + b + b"</p>",
    "zip": zipped,
    "zip in a zip": lambda b: zipped(zipped(b)),
    "gzip": gzip.compress,
    "gzip in the middle": lambda b: b"\x00binary\xff" * 9 + gzip.compress(b) + b"tail\xff",
    "deflate": zlib.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "tar": tarred,
    "PDF stream": pdf_stream,
    "PDF properties": pdf_info,
    "PDF text": pdf_text,
    "SQLite pages": sqlite_pages,
    "PNG tEXt": png_text(b"tEXt"),
    "PNG zTXt": png_text(b"zTXt"),
    "PNG iTXt": png_text(b"iTXt"),
    "OLE": ole,
    "workbook": workbook,
    "workbook in slides": lambda b: zipped(workbook(b), "ppt/embeddings/sheet.xlsx"),
    "parquet": parquet,
    "a picture in a page": lambda b: (
        b'<img src="data:image/png;base64,' + base64.b64encode(png_text(b"zTXt")(b)) + b'">'
    ),
    "packed in a script": lambda b: b"var x='" + base64.b64encode(zlib.compress(b)) + b"';",
}
ENCODINGS = {
    "utf-8": lambda s: s.encode(),
    "utf-16-le": lambda s: s.encode("utf-16-le"),
    "utf-16-be": lambda s: s.encode("utf-16-be"),
    "base64": lambda s: base64.b64encode(s.encode()),
    "base64 for addresses": lambda s: base64.urlsafe_b64encode(("ÿ>?" + s).encode()),
    "base64 in lines": lambda s: base64.encodebytes((s * 3).encode()),
    "base64 of utf-16": lambda s: base64.b64encode(s.encode("utf-16-le")),
    "hex": lambda s: s.encode().hex().encode(),
    "percent": lambda s: urllib.parse.quote_plus(s, safe="").encode(),
    "every letter percent": lambda s: "".join(f"%{byte:02X}" for byte in s.encode()).encode(),
    "entities": lambda s: "".join(f"&#{ord(c)};" for c in s).encode(),
    "hexadecimal entities": lambda s: "".join(f"&#x{ord(c):x};" for c in s).encode(),
    "entities twice": lambda s: html.escape("".join(f"&#{ord(c)};" for c in s)).encode(),
    "escapes": lambda s: "".join(f"\\u{ord(c):04x}" for c in s).encode(),
    "short escapes": lambda s: "".join(
        f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{{{ord(c):x}}}" for c in s
    ).encode(),
    "JSON": lambda s: json.dumps({"a": s}).encode(),
    "runs": lambda s: "".join(f"<w:r><w:t>{c}</w:t></w:r>" for c in s).encode(),
    "quoted-printable": lambda s: "".join(f"={byte:02X}" for byte in s.encode()).encode(),
    "with spaces between": lambda s: " ".join(s).encode(),
}
#: Containers that hold text and no bytes, or that a typesetter would read as commands.
ONLY_TEXT = {"PDF properties", "PDF text", "workbook", "workbook in slides", "parquet"}


@pytest.mark.parametrize("container", CONTAINERS)
def test_leak_the_search_finds_every_text_in_every_container(container):
    packed = CONTAINERS[container](SAID.encode())
    assert {hit.plant for hit in search(packed, TEXTS)} == set(TEXTS)
    if container not in ONLY_TEXT:
        for name in ("utf-16-le", "base64", "percent", "entities", "escapes", "runs", "hex"):
            packed = CONTAINERS[container](ENCODINGS[name](SAID))
            assert {hit.plant for hit in search(packed, TEXTS)} == set(TEXTS), name


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_leak_the_search_finds_every_text_in_every_encoding(encoding):
    for before in (b"", b"odd", b'{"x":"'):
        assert {hit.plant for hit in search(before + ENCODINGS[encoding](SAID), TEXTS)} == set(TEXTS)


PLACED = {
    "four decimals": b"[-0.1416, 51.5010]",
    "seven decimals": b"lat=51.5010090 lon=-0.1415880",
    "swapped": b'{"coordinates":[51.50101,-0.14159]}',
    "metres": b"529090,179645",
    "metres with decimals": b"<e>529090.1</e><n>179645.3</n>",
    "WKB little": Point(-0.141588, 51.501009).wkb,
    "WKB big": to_wkb(Point(-0.141588, 51.501009), byte_order=0),
    "WKB in hex": Point(529090.12, 179645.34).wkb_hex.encode(),
    "WKB in a line, odd start": b"x" + LineString([(1, 2), (529090.12, 179645.34)]).wkb,
    "WKT": Point(529090.12, 179645.34).wkt.encode(),
    "geohash": b"see gcpuuz2 there",
    "longer geohash": b"gcpuuz2xyz0",
    "in utf-16": "-0.14159 51.50101".encode("utf-16-le"),
}


@pytest.mark.parametrize("written", PLACED)
def test_leak_the_search_finds_a_place_however_it_is_written(written):
    assert geohash(SPOT.lon, SPOT.lat).startswith("gcpuuz")
    said = PLACED[written].replace(b"gcpuuz2", geohash(SPOT.lon, SPOT.lat).encode())
    for container in ("plain", "zip", "gzip", "SQLite pages", "packed in a script", "OLE"):
        assert [hit.plant for hit in search(CONTAINERS[container](said), [SPOT])][:1] == [SPOT], container


def test_leak_the_search_finds_a_place_in_our_own_packed_map():
    assert packing.UNIT == 1e-5

    def whole(value: float) -> bytes:
        step = round(value / packing.UNIT)
        zig, out = (step << 1) ^ (step >> 63), b""
        while True:
            zig, low = zig >> 7, zig & 127
            out += bytes([low | (128 if zig else 0)])
            if not zig:
                return out

    streams = [whole(SPOT.lon), whole(SPOT.lat)]
    body = json.dumps({"streams": [len(s) for s in streams]}).encode()
    blob = payload.MAGIC + len(body).to_bytes(4, "little") + body + b"".join(streams)
    assert search(base64.b64encode(zlib.compress(blob)), [SPOT])


def test_leak_the_search_finds_nothing_where_nothing_is():
    other = "Ask at the Hall, 020 7946 0001, hall@example.org, N1 9GU, -0.14259 51.50201, 529190 179745."
    for container in CONTAINERS.values():
        assert search(container(other.encode()), [*TEXTS, SPOT]) == []
    assert len(list(layers(zipped(zipped(b"x" * 99))))) >= 3


def test_leak_the_search_passes_over_only_what_it_has_looked_into():
    inner, seen = zipped(SAID.encode()), {}
    assert search(inner, TEXTS, seen)
    assert search(zipped(inner, "other.txt"), TEXTS, seen) == []
    assert search(zipped(f"{SAID} Now.".encode()), TEXTS, seen), "other words are looked into"
    # What lay so deep that it was not looked into is looked into where it lies higher up.
    packed = [zipped(SAID.encode())]
    for _ in range(9):
        packed.append(zipped(packed[-1]))
    seen = {}
    assert search(packed[-1], TEXTS, seen) == []
    assert search(packed[3], TEXTS, seen)


# --- nothing is there to be found ---

GIVEN = (
    "Quenby",
    "Zelophehad",
    "Ysolde",
    "Xanthippe",
    "Wulfstan",
    "Vortigern",
    "Ughtred",
    "Theophania",
    "Sosthenes",
    "Radegund",
)
CANARY_NAMES = [f"{name} Canarywright{letter}" for name, letter in zip(GIVEN, "abcdefghij", strict=True)]
CANARY_PHONES = [f"07700 9009{n}{n}" for n in range(5)]
CANARY_MAILS = [f"canary{n}.{name.lower()}@leak.example" for n, name in enumerate(GIVEN[5:])]
CANARY_CODES = [f"ZY{n}7 {n}QX" for n in range(5)]
CANARY_GIFTS = [f"canarygift{word}" for word in ("alpaca", "bassoon", "crochet", "dulcimer", "esperanto")]
#: Whoever told of a tie, what was said of an introduction and what waits for a moderator: in no file, and on no page
#: outside the team.
TOLD = [f"canarytold{word}" for word in ("source", "note", "office", "suggestion")]
#: Groups that anybody may see, ten of them strongly tied: a web that is told of outside the team, too.
OPEN = [f"Open Group {n}" for n in range(11)]
TEXT_CANARIES = [Plant(w) for w in (*CANARY_NAMES, *CANARY_PHONES, *CANARY_MAILS, *CANARY_CODES, *CANARY_GIFTS)]


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """The village with ten people in it, who agreed to nothing but the team, and ten places that must not be found."""
    folder = places.copied(places.village(), tmp_path_factory.mktemp("leaks") / "w")
    workspace, found = open_workspace(folder), list(TEXT_CANARIES)
    assert len(found) == 30
    with workspace.open_store() as store:
        for n in range(10):
            x, y = 400_137.3 + 131.7 * n, 30_213.9 + 97.3 * n
            kind = (
                {"category": "refuge", "kind": "organisation"}
                if n % 2
                else {"category": "community-centre", "kind": "building"}
            )
            name = f"Sanctuarium {GIVEN[n]}"
            values = {"name": name, **kind, "x": x, "y": y, "keep_off_map": not n % 2, "address": f"{n} Hidden Mews"}
            add_asset(store, values, Actor("a", "worker"))
            lon, lat = degrees(x, y)
            found += [Plant(name), Plant(f"{n} Hidden Mews"), Plant(lon=lon, lat=lat, east=x, north=y)]
        found += plant_ties(store, hidden=[f"own:{n}" for n in range(1, 11)])
    with room.open_people(workspace, Actor("s", "steward"), load_catalogue()) as door:
        room.say_responsible(door, RESPONSIBLE)
        door = room.set_key(door, PASSPHRASE, CHEAP)
        for n, name in enumerate(CANARY_NAMES):
            contact = CANARY_PHONES[n] if n < 5 else CANARY_MAILS[n - 5]
            gifts = CANARY_GIFTS[n] if n < 5 else f"knows the group at {CANARY_CODES[n - 5]}"
            met, looked = Through("The Old Mill", "osm:n1", "community-centre"), frozenset({"postcode"})
            person = Person(name, contact, met, gifts, adult=True, risk="no", looked_at=looked)
            room.add_person(door, person, Asked(frozenset({"hold", "team"}), door.today))
    return folder, found


def plant_ties(store, hidden: list[str]) -> list[Plant]:
    """Tie what must not be found to groups that may, let it introduce them, and keep a place of the street map off."""
    worker = Actor("a", "worker")
    for n, name in enumerate(OPEN):
        values = {"name": name, "kind": "association", "category": "sports-club", "x": 400_200 + 9 * n, "y": 30_200}
        add_asset(store, values, worker)
    groups = [f"own:{n}" for n in range(11, 22)]
    said = {"strength": 3, "source": f"{CANARY_NAMES[0]} {TOLD[0]}"}
    for one, other in [*pairwise(groups), *((key, groups[0]) for key in hidden), *pairwise(hidden)]:
        ties.connect(store, worker, one, other, "knows", **said)
    introductions.say_broker(store, worker, hidden[0], "the office there", DAY)
    introductions.say_broker(store, worker, groups[1], f"the office of {TOLD[2]}", DAY)
    introductions.record_introduction(store, worker, hidden[0], groups[4], "met", through=hidden[0])
    introductions.record_introduction(store, worker, groups[0], groups[5], note=f"{CANARY_NAMES[1]} {TOLD[1]}")
    suggest(
        store, Suggestion("closed", OPEN[0], groups[0], note=f"{CANARY_NAMES[2]} {TOLD[3]}"), Actor("r", "resident")
    )
    values = {"name": "Sanctuarium Café", "kind": "building", "category": "community-centre", "keep_off_map": True}
    link_asset(store, add_asset(store, values, worker), "osm:n1004", "same", worker)
    return [Plant("Corner Cafe"), Plant("Sanctuarium Café")]


def degrees(x: float, y: float) -> tuple[float, float]:
    return Transformer.from_crs(27700, 4326, always_xy=True).transform(x, y)


@pytest.fixture(scope="module")
def studies(planted):
    """One study for each role; those that see the same columns see the same."""
    workspace, catalogue, made = open_workspace(planted[0]), load_catalogue(), {}
    by_columns = {}
    for role in ROLES:
        if columns_for(role) not in by_columns:
            steps = build(workspace, role, workspace.settings, DAY)
            try:
                while True:
                    next(steps)
            except StopIteration as end:
                by_columns[columns_for(role)] = end.value
        made[role] = replace(by_columns[columns_for(role)], role=role)
    assert catalogue.categories["refuge"].sensitive
    return made


#: Formats that take seconds: written once for those roles that see the same.
DRAWN = ("briefing", "docx", "page", "poster", "pptx", "walkabout")


def write_part(write, study, chosen, part, file, about):
    if part.kind in DRAWN:
        file.write_bytes(b"searched by itself")
    else:
        write(study, chosen, part, file, about)


def test_leak_no_tie_to_a_hidden_place_is_seen_counted_or_measured(studies):
    for role, study in studies.items():
        seen = study.connections
        assert len(seen) == 10, role
        assert {*seen["from_id"], *seen["to_id"]} == {f"own:{n}" for n in range(11, 22)}, role
        assert {"osm:n1004", "own:1"}.isdisjoint(study.assets.index), role
        assert set(seen["source"]) == {""} or role in ("worker", "moderator", "steward")


def test_leak_no_paper_holds_a_canary(planted):
    with room.open_people(open_workspace(planted[0]), Actor("s", "steward"), load_catalogue(), PASSPHRASE) as door:
        facts = paperwork.gather(door, "Village", load_catalogue())
    for name in paperwork.names():
        made = paperwork.make(paperwork.compose(paperwork.about(name), facts), "docx")
        assert leaked(made, [*planted[1], *map(Plant, TOLD)]) == [], name


def leaked(data: bytes, found: list[Plant], seen: dict[bytes, int] | None = None) -> list[tuple[str, str]]:
    return [(hit.plant.words or str(hit.plant), hit.trail) for hit in search(data, found, seen)]


@pytest.fixture(scope="module")
def clean():
    """What the files searched so far hold, by its digest: the same plants need not be looked for in it again."""
    return {}


@pytest.mark.parametrize("name", exports.names())
def test_leak_no_export_of_any_role_holds_a_canary_or_a_sensitive_place(
    planted, studies, name, tmp_path, monkeypatch, clean
):
    kind, searched, found = exports.by_name(name), set(), [*planted[1], *map(Plant, TOLD)]
    # What takes seconds to draw is drawn once for those who see the same; the rest for every role.
    is_drawn = name in (*DRAWN, "pack")
    if name == "pack":
        # What it holds is what the other formats write: of those that take long, the files searched by themselves.
        write = kind._write_part
        monkeypatch.setattr(kind, "_write_part", partial(write_part, write))
    drawn = {columns_for(role): role for role in ROLES}.values() if is_drawn else ROLES
    for role in drawn:
        path = tmp_path / f"{role}{kind.SUFFIX}"
        # One sheet for each area, of which every one is drawn alike.
        kind.write(only_zones(studies[role], ["V000"]) if name in ("walkabout", "pack") else studies[role], path)
        data = path.read_bytes()
        digest = hashlib.sha256(data).digest()
        if digest not in searched:
            searched.add(digest)
            there = leaked(data, found, clean)
            if there:
                # What was searched is clean only where nothing is found.
                clean.clear()
            assert there == [], role
        if name == "pack":
            break
    assert searched


def test_leak_a_plant_left_in_a_study_is_found_in_every_export(planted, studies, tmp_path):
    """What the test above relies on: were one of them in the study, the search would say so."""
    study = studies["worker"]
    name = "Sanctuarium Quenby"
    gaps, zones = study.gaps.assign(zone_name=name), study.zones.assign(zone_name=name)
    assets = study.assets.assign(name=name)
    for kind in ("csv", "gpkg", "html", "parquet", "template"):
        path = tmp_path / f"x{exports.by_name(kind).SUFFIX}"
        exports.by_name(kind).write(replace(study, gaps=gaps, zones=zones, assets=assets), path)
        assert search(path.read_bytes(), [Plant(name)]), kind


@pytest.mark.parametrize("role", ROLES)
def test_leak_no_page_map_or_log_of_any_role_holds_a_canary(planted, role, monkeypatch, caplog, capfd):
    folder, found = planted
    packed = []
    monkeypatch.setattr(parts, "draw_map", lambda q, s, _: packed.extend(part.text for part in cache.place_parts(q, s)))
    monkeypatch.setenv(serve.WORKSPACE, str(folder))
    monkeypatch.setenv(sealing.PASSPHRASE, PASSPHRASE)
    caplog.set_level(logging.DEBUG)
    seen = []
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["assetmap-role"] = role
    for page in pages():
        if not can(role, page.ACT):
            continue
        app._page_hash = calc_hash(page.PATH) if page is not pages()[0] else ""
        app.run()
        assert not app.exception, page.PATH
        told = "\n".join(str(element.proto) for element in everything_on(app))
        if page.PATH == "people" and role in ("worker", "steward"):
            assert CANARY_NAMES[0] in told, "the team sees whom it may see, here and nowhere else"
            continue
        seen.append(told)
        # The team reads which office leads on safeguarding, and where it decides what was suggested.
        shown = TOLD[:2] if role in TEAM else TOLD
        assert leaked(told.encode(), [*found, *map(Plant, shown)]) == [], page.PATH
    assert len(seen) >= 3
    assert leaked("\n".join({*packed}).encode(), found) == []
    out = capfd.readouterr()
    assert leaked("\n".join([out.out, out.err, caplog.text, str(dict(app.query_params))]).encode(), found) == []


def everything_on(app):
    def walk(block):
        for child in block.children.values():
            yield child
            if hasattr(child, "children"):
                yield from walk(child)

    return [one for one in walk(app._tree) if hasattr(one, "proto") and one.proto is not None]


@pytest.mark.parametrize("words", [["gaps", "--json"], ["report"], ["check", "--json"]])
def test_leak_no_command_says_a_canary(planted, words, capsys, caplog):
    folder, found = planted
    cli.main([words[0], str(folder), *words[1:]])
    said = capsys.readouterr()
    assert said.out
    assert leaked((said.out + said.err + caplog.text).encode(), found) == []
