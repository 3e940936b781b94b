"""Packed files taken apart in columns: against osmium, object for object, and against damage."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
import osmium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetmap import crs
from assetmap.catalogue import load_catalogue
from assetmap.errors import FileRefusedError
from assetmap.sources.osm import read_extract
from assetmap.sources.osm.kinds import tags_of
from assetmap.sources.osm.packed import NOWHERE, Objects, read_packed
from assetmap.sources.osm.positions import Positions
from assetmap.sources.osm.varints import PADDING, DamageError, fields_of, packed, signed, sums_within, taken_apart

EVERYWHERE = (-180.0, -90.0, 180.0, 90.0)


def number(value: int) -> bytes:
    """Write one number as protocol buffers do."""
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def piece(field: int, content: bytes) -> bytes:
    return number(field << 3 | 2) + number(len(content)) + content


def blob(kind: bytes, content: bytes) -> bytes:
    inner = piece(1, content)
    head = piece(1, kind) + number(3 << 3) + number(len(inner))
    return len(head).to_bytes(4, "big") + head + inner


def block(group: bytes, *texts: bytes) -> bytes:
    strings = b"".join(piece(1, text) for text in (b"", *texts))
    return blob(b"OSMHeader", b"") + blob(b"OSMData", piece(1, strings) + piece(2, group))


def zigzag(values: list[int]) -> bytes:
    return b"".join(number(((value << 1) ^ (value >> 63)) & (2**64 - 1)) for value in values)


def read(content: bytes) -> list[Objects]:
    return [part for part in read_packed(io.BytesIO(content)) if isinstance(part, Objects)]


@given(st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=5), max_size=6))
def test_property_packed_numbers_are_what_was_written(columns):
    pieces = [b"".join(map(number, column)) for column in columns]
    ends = np.cumsum([0, *map(len, pieces)])
    raw = np.frombuffer(b"".join(pieces) + bytes(PADDING), dtype=np.uint8)
    values, sizes = packed(raw, (ends[:-1], ends[1:]))
    assert values.tolist() == [value for column in columns for value in column]
    assert sizes.tolist() == [len(column) for column in columns]


@given(st.lists(st.lists(st.integers(-(2**40), 2**40), max_size=5), max_size=6))
def test_property_steps_are_summed_within_their_piece(columns):
    steps = np.array([value for column in columns for value in column], dtype=np.int64)
    found = sums_within(steps, np.array([len(column) for column in columns], dtype=np.int64))
    assert found.tolist() == [value for column in columns for value in np.cumsum(column, dtype=np.int64).tolist()]


@given(st.lists(st.tuples(st.integers(0, 2**62), st.binary(max_size=200)), min_size=1, max_size=6))
def test_property_messages_taken_apart_at_once_are_those_taken_apart_one_by_one(rows):
    messages = [number(1 << 3) + number(value) + piece(20, b"left out") + piece(2, text) for value, text in rows]
    ends = np.cumsum([0, *map(len, messages)])
    content = b"".join(messages)
    raw = np.frombuffer(content + bytes(PADDING), dtype=np.uint8)
    found = taken_apart(raw, (ends[:-1], ends[1:]), {1: 0, 2: 2, 3: 2})
    assert found[1][0].tolist() == [value for value, _ in rows]
    assert [content[a:b] for a, b in zip(*found[2], strict=True)] == [text for _, text in rows]
    assert not (found[3][1] - found[3][0]).any()
    alone = [list(fields_of(message, 0, len(message))) for message in messages]
    assert [fields[0][1] for fields in alone] == [value for value, _ in rows]


@pytest.mark.parametrize(
    "raw",
    [b"\x80", b"\x08", b"\x08\x80\x80", b"\x12\x05ab", b"\x09abcdefgh", b"\x80" * 11 + b"\x01", b"\x12" + b"\xff" * 9],
)
def test_hostile_messages_are_refused(raw):
    with pytest.raises(DamageError):
        list(fields_of(raw, 0, len(raw)))
    ends = np.array([len(raw)])
    with pytest.raises(DamageError):
        taken_apart(np.frombuffer(raw + bytes(PADDING), dtype=np.uint8), (ends * 0, ends), {1: 0, 2: 2})


def test_nodes_written_one_by_one_and_in_columns_are_the_same():
    one = number(1 << 3) + zigzag([7]) + number(8 << 3) + zigzag([520_000_000]) + number(9 << 3) + zigzag([-10_000_000])
    single = piece(1, one + piece(2, number(1)) + piece(3, number(2)) + piece(4, number(8) + number(3)))
    columns = piece(1, zigzag([7])) + piece(8, zigzag([520_000_000])) + piece(9, zigzag([-10_000_000]))
    dense = piece(2, columns + piece(10, bytes([1, 2, 0])) + piece(5, piece(1, number(3))))
    for content in (single, dense):
        (nodes,) = read(block(content, b"amenity", b"library"))
        assert (nodes.ids.tolist(), nodes.x.tolist(), nodes.y.tolist()) == ([7], [-10_000_000], [520_000_000])
        assert (tags_of(nodes, 0), nodes.versions.tolist()) == ({"amenity": "library"}, [3])


def test_a_node_that_is_gone_has_no_position():
    columns = piece(1, zigzag([7])) + piece(8, zigzag([520_000_000])) + piece(9, zigzag([0]))
    (nodes,) = read(block(piece(2, columns + piece(5, piece(1, number(3)) + piece(6, number(0))))))
    assert nodes.x.tolist() == [NOWHERE]


@pytest.mark.parametrize(
    "group",
    [
        piece(2, piece(1, zigzag([7])) + piece(8, zigzag([1, 2])) + piece(9, zigzag([1]))),
        piece(2, piece(1, zigzag([7])) + piece(8, zigzag([1])) + piece(9, zigzag([1])) + piece(10, bytes([1, 0]))),
        piece(3, number(1 << 3) + number(5) + piece(2, number(1))),
        piece(3, number(1 << 3) + number(5) + piece(2, number(9)) + piece(3, number(9))),
        piece(3, piece(8, zigzag([1, 2]))),
        piece(4, number(1 << 3) + number(5) + piece(8, number(0)) + piece(9, zigzag([1])) + piece(10, b"")),
        piece(4, number(1 << 3) + number(5) + piece(8, number(8)) + piece(9, zigzag([1])) + piece(10, number(1))),
        b"\x1a\x7f",
    ],
)
def test_hostile_blocks_are_refused(group):
    with pytest.raises(DamageError):
        read(block(group, b"key"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x00",
        b"\x7f\xff\xff\xff",
        blob(b"OSMData", b""),
        blob(b"OSMHeader", piece(4, b"SomethingNew")),
        blob(b"OSMHeader", b"") * 2,
        blob(b"OSMHeader", b"")[:-1] + b"x",
        block(piece(2, b""), b"\xff\xfe"),
    ],
)
def test_hostile_files_are_refused(content):
    with pytest.raises(DamageError):
        for part in read_packed(io.BytesIO(content)):
            getattr(part, "tags", None)


def test_hostile_a_small_blob_that_grows_is_stopped_at_what_it_says():
    import zlib

    inner = number(2 << 3) + number(10) + piece(3, zlib.compress(bytes(50_000_000)))
    head = piece(1, b"OSMHeader") + number(3 << 3) + number(len(inner))
    with pytest.raises(DamageError, match="another size"):
        read(len(head).to_bytes(4, "big") + head + inner)


def test_positions_of_nodes_out_of_order_and_on_disk(tmp_path):
    for known in (Positions(), Positions(tmp_path)):
        known.add(np.array([9, 4]), np.array([90, 40], np.int32), np.array([91, 41], np.int32))
        known.add(np.array([2]), np.array([20], np.int32), np.array([21], np.int32))
        x, y = known.find(np.array([4, 3, 2, 99]))
        assert (x.tolist(), y.tolist()) == ([40, NOWHERE, 20, NOWHERE], [41, NOWHERE, 21, NOWHERE])


def write_small(path: Path) -> bytes:
    """A packed file with an outlined relation, a street and a tagged node."""
    lines = [
        f"n{i} v1 dV t2024-01-01T00:00:00Z T x{-1 + (i % 2) / 100} y{52 + (i // 2 % 2) / 100}" for i in range(1, 5)
    ]
    lines[0] = lines[0].replace(" T ", " Tamenity=library,name=Mill%20%Road ")
    lines.append("w10 v2 dV t2024-01-01T00:00:00Z T Nn1,n4,n2,n3,n1")
    lines.append("w11 v2 dV t2024-01-01T00:00:00Z Thighway=path,foot=yes Nn1,n2,n99")
    lines.append("r20 v1 dV t2024-01-01T00:00:00Z Ttype=multipolygon,leisure=park Mw10@outer")
    text = path.with_suffix(".opl")
    text.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with osmium.SimpleWriter(str(path)) as writer, osmium.io.Reader(str(text)) as opened:
        osmium.apply(opened, writer)
    return path.read_bytes()


def test_hostile_a_flipped_bit_is_refused_or_read_as_osmium_reads_it(tmp_path):
    """Nothing but the two ways out is allowed: a plain refusal, or all that osmium finds."""
    whole = write_small(tmp_path / "small.osm.pbf")
    choice, refused = random.Random(4), 0  # noqa: S311
    for _ in range(300):
        changed = bytearray(whole)
        changed[choice.randrange(len(whole))] ^= 1 << choice.randrange(8)
        try:
            found = read(bytes(changed))
        except DamageError:
            refused += 1
            continue
        path = tmp_path / "changed.osm.pbf"
        path.write_bytes(changed)
        theirs = [(thing.type_str(), thing.id, dict(thing.tags)) for thing in osmium.FileProcessor(str(path))]
        assert [(p.kind, i, tags_of(p, at)) for p in found for at, i in enumerate(p.ids.tolist())] == theirs
    assert refused > 100


def test_a_form_that_only_osmium_knows_is_read_by_it(tmp_path):
    write_small(tmp_path / "small.osm.pbf")
    usual = read_extract(tmp_path / "small.osm.pbf", load_catalogue(), crs.BRITISH_GRID, EVERYWHERE)
    assert (len(usual.edges), usual.ground["layer"].tolist(), usual.tally.matched) == (1, [], 2)
    path = tmp_path / "lz4.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(str(path), "pbf,pbf_compression=lz4")) as writer:
        for thing in osmium.FileProcessor(str(tmp_path / "small.osm.pbf")):
            writer.add(thing)
    with pytest.raises(DamageError, match="compressed in another way"):
        read(path.read_bytes())
    other = read_extract(path, load_catalogue(), crs.BRITISH_GRID, EVERYWHERE)
    assert other.tally == usual.tally
    assert other.features.equals(usual.features)


def test_a_way_that_reaches_off_the_globe_is_refused(tmp_path):
    (tmp_path / "far.opl").write_text(
        "n1 v1 T x-1 y52\nn2 v1 T x-1 y52.1\nw3 v1 Thighway=path Nn1,n2\n", encoding="utf-8"
    )
    path = tmp_path / "far.osm.pbf"
    columns = piece(1, zigzag([1, 1])) + piece(8, zigzag([0, 1_500_000_000])) + piece(9, zigzag([0, 0]))
    way = number(1 << 3) + number(3) + piece(2, number(1)) + piece(3, number(2)) + piece(8, zigzag([1, 1]))
    path.write_bytes(block(piece(2, columns) + piece(3, way), b"highway", b"path"))
    with pytest.raises(FileRefusedError, match="invalid location"):
        read_extract(path, load_catalogue(), crs.BRITISH_GRID, EVERYWHERE)


@pytest.mark.real
@pytest.mark.parametrize(
    "name", ["camden/camden", "extracts/helsinki", "extracts/leeds-campus", "extracts/liechtenstein-2015"]
)
def test_oracle_every_object_is_what_osmium_reads(real_data, name):
    path = real_data / f"{name}.osm.pbf"
    theirs = iter(osmium.FileProcessor(str(path)))
    with path.open("rb") as stream:
        box, *groups = read_packed(stream)
    header = osmium.io.Reader(str(path)).header().box()
    corners = [(corner.lon, corner.lat) for corner in (header.bottom_left, header.top_right) if header.valid()]
    assert box == (corners[0] + corners[1] if corners else None)
    for group in groups:
        ends = np.cumsum(group.sizes).tolist() if len(group.sizes) else []
        for at, ident in enumerate(group.ids.tolist()):
            thing = next(theirs)
            assert (thing.type_str(), thing.id, thing.version) == (group.kind, ident, group.versions[at])
            assert round(thing.timestamp.timestamp() * 1000) == group.moments[at]
            if len(thing.tags):
                assert tags_of(group, at) == dict(thing.tags)
            if group.kind == "n":
                assert (thing.location.x, thing.location.y) == (group.x[at], group.y[at])
            elif group.kind == "w":
                assert [node.ref for node in thing.nodes] == group.refs[ends[at] - group.sizes[at] : ends[at]].tolist()
            else:
                here = slice(ends[at] - int(group.sizes[at]), ends[at])
                members = [(m.ref, "nwr".index(m.type), m.role) for m in thing.members]
                roles = [group.strings[role] for role in group.roles[here].tolist()]
                assert members == list(zip(group.refs[here].tolist(), group.kinds[here].tolist(), roles, strict=True))
    assert next(theirs, None) is None


def test_signed_numbers():
    assert [signed(value) for value in (0, 1, 2, 3, 2**64 - 1)] == [0, -1, 1, -2, -(2**63)]


NAMES = [
    "Women's Refuge",
    "the womens  refuge, Leeds",
    "Café",
    "refuge island",
    "Refugee Council",
    "a\nb",
    "",
    "ＲＥＦＵＧＥ",
]


@given(st.lists(st.sampled_from(NAMES) | st.text(max_size=30), max_size=8))
def test_property_names_judged_together_are_those_judged_one_by_one(names):
    catalogue = load_catalogue_once()
    expected = [at for at, name in enumerate(names) if catalogue.is_sensitive_name(name)]
    assert catalogue.sensitive_names(names) == expected


def load_catalogue_once():
    if not KNOWN:
        KNOWN.append(load_catalogue())
    return KNOWN[0]


KNOWN: list = []
