"""Paths on paper: written as SVG and read back, thinned within a bound, clipped and packed as pixels."""

from __future__ import annotations

import io
import re
import zlib

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from assetmap.maps import print_pixels, print_thin, print_zones
from assetmap.maps.print_canvas import outline_of
from assetmap.maps.print_pixels import draw_pixels
from assetmap.maps.print_png import write_png
from assetmap.maps.print_svg import Drawn, Look, Outline, path_data
from assetmap.maps.print_thin import thin

HEIGHT = 785.2
#: Points that each command takes, and matplotlib's code for it.
COMMANDS = {"M": (1, 1), "l": (1, 2), "q": (2, 3), "c": (3, 4)}


def read_back(data):
    """Return the codes and points, in hundredths from the upper edge, that SVG's own rules find in a path."""
    codes, points = [], []
    for command, rest in re.findall(r"([MlqczZ])([^MlqczZ]*)", data):
        if command == "z":
            codes.append(79)
            points.append((0, 0))
            continue
        numbers = [int(number) for number in re.findall(r"-?\d+", rest)]
        assert " ".join(re.findall(r"-?\d+", rest)).replace(" -", "-") == rest
        taken, code = COMMANDS[command]
        for start in range(0, len(numbers), 2 * taken):
            base = (0, 0) if command == "M" else points[-1]
            taken_numbers = numbers[start : start + 2 * taken]
            for x, y in zip(taken_numbers[::2], taken_numbers[1::2], strict=True):
                codes.append(code)
                points.append((base[0] + x, base[1] + y))
    return codes, points


place = st.tuples(st.floats(-2500, 2500), st.floats(-2500, 2500))
piece = st.tuples(place, st.lists(st.sampled_from(["l", "q", "c"]), max_size=6), st.booleans())


def outline_from(pieces, draw_place):
    codes, points = [], []
    for start, commands, closed in pieces:
        codes.append(1)
        points.append(start)
        for command in commands:
            taken, code = COMMANDS[command]
            codes += [code] * taken
            points += [draw_place() for _ in range(taken)]
        if closed:
            codes.append(79)
            points.append(start)
    return Outline(np.array(points, float).reshape(-1, 2), np.array(codes, np.uint8))


@given(st.data(), st.lists(st.lists(piece, max_size=4), max_size=4))
def test_oracle_property_a_path_read_by_the_rules_of_svg_is_the_path_that_was_written(data, drawn):
    outlines = [outline_from(pieces, lambda: data.draw(place)) for pieces in drawn]
    written = path_data(outlines, HEIGHT)
    assert len(written) == len(outlines)
    for outline, words in zip(outlines, written, strict=True):
        codes, points = read_back(words)
        assert codes == outline.codes.tolist()
        shown = outline.codes != 79
        wanted = (outline.points * (1, -1) + (0, HEIGHT))[shown] * 100
        assert np.abs(np.array(points).reshape(-1, 2)[shown] - wanted).max(initial=0) <= 0.5001


def test_paths_worked_by_hand():
    curve = Outline(np.array([[1, 9], [2, 9], [2, 8], [2, 7]]), np.array([1, 3, 3, 2], np.uint8))
    far = Outline(np.array([[0, 0], [-1e9, 0], [12.34, 1e9]]), np.array([1, 2, 2], np.uint8))
    assert path_data([curve, far], 10) == ["M100 100q100 0 100 100l0 100", "M0 1000l-499999 0 501233-500999"]
    assert path_data([], 10) == []


@given(
    st.lists(st.tuples(st.integers(0, 2000), st.integers(-25, 25)), min_size=3, max_size=60, unique_by=lambda p: p[0])
)
def test_property_a_thinned_line_strays_by_no_more_than_a_few_times_what_is_allowed(at):
    points = np.array(sorted(at), float) / 100
    codes = np.array([1, *[2] * (len(points) - 1)], np.uint8)
    thinned = thin(Outline(points, codes), 0.1)
    assert thinned.points[0].tolist() == points[0].tolist()
    assert thinned.points[-1].tolist() == points[-1].tolist()
    # Each of the two passes takes out no two neighbours, so each adds what it is allowed at most.
    assert shapely.distance(shapely.linestrings(thinned.points), shapely.points(points)).max() <= 2 * 0.1 + 1e-9


def test_thinning_piece_by_piece_is_thinning_at_once(monkeypatch):
    random = np.random.default_rng(7)
    points = np.round(np.cumsum(random.normal(0, 0.2, (500, 2)), axis=0), 2)
    codes = np.where(np.arange(500) % 37 == 0, 1, 2).astype(np.uint8)
    whole = thin(Outline(points, codes), 0.18)
    monkeypatch.setattr(print_thin, "_BLOCK", 11)
    parts = thin(Outline(points, codes), 0.18)
    assert len(whole.points) < 500
    assert parts.points.tolist() == whole.points.tolist()
    assert parts.codes.tolist() == whole.codes.tolist()


def test_rings_run_one_way_whichever_way_they_came():
    square = shapely.box(0, 0, 2, 2)
    far = shapely.box(500_000, 200_000, 500_001, 200_002)
    made = outline_of(np.array([square, shapely.reverse(square), shapely.reverse(far), far], dtype=object))
    rings = np.split(made.points, np.flatnonzero(made.codes == 1)[1:])
    assert [bool(shapely.is_ccw(shapely.linearrings(ring))) for ring in rings] == [True] * 4
    assert [shapely.polygons(ring).area for ring in rings] == [4, 4, 2, 2]


def test_a_pair_of_zones_that_lie_on_one_another_does_not_vanish():
    twice = np.array([shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    assert print_zones.union_of(twice).area == 2
    odd = np.array([shapely.box(0, 0, 1, 1), shapely.GeometryCollection([shapely.box(1, 0, 2, 1)])])
    assert print_zones.union_of(odd).area == 2


@pytest.mark.parametrize("high", [1, 16, 33])
@pytest.mark.parametrize("parts", [3, 4])
def test_oracle_pixels_are_read_back_from_png_as_they_were(high, parts):
    pixels = np.random.default_rng(high).integers(0, 256, (high, 5, parts)).astype(np.uint8)
    opened = Image.open(io.BytesIO(write_png(pixels, 300)))
    assert opened.mode == "RGB"
    assert opened.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    assert np.asarray(opened).tolist() == pixels[:, :, :3].tolist()


@pytest.mark.parametrize("high", [1, 3, 200])
def test_a_png_that_is_packed_in_bands_is_one_stream_with_its_checksum(high):
    pixels = np.random.default_rng(high).integers(0, 256, (high, 301, 3)).astype(np.uint8)
    made = write_png(pixels, 300)
    at = made.index(b"IDAT")
    unpacker = zlib.decompressobj()
    lines = unpacker.decompress(made[at + 4 : at + 4 + int.from_bytes(made[at - 4 : at])])
    assert unpacker.eof
    assert not unpacker.unused_data
    assert lines == b"".join(b"\0" + line.tobytes() for line in pixels)


def test_an_upright_clip_shows_what_a_mask_of_the_same_shape_shows(monkeypatch):
    held = outline_of(np.array([shapely.box(10, 5, 30, 25)], dtype=object))
    disc = outline_of(np.array([shapely.Point(28, 20).buffer(15)], dtype=object))
    drawn = [Drawn(disc, Look("#0072B2"), held), Drawn(disc, Look("#B35C00", 0.5, 3.0), held)]
    quick = draw_pixels((50, 40), "#FFFFFF", drawn, 144)
    monkeypatch.setattr(print_pixels, "_is_upright", lambda _: False)
    masked = draw_pixels((50, 40), "#FFFFFF", drawn, 144)
    assert quick.tolist() == masked.tolist()
    assert (quick[:, :, 3] == 255).all()
    painted = np.argwhere((quick[:, :, :3] != 255).any(axis=2))
    assert painted.min(axis=0).tolist() == [80 - 50, 23]
    assert painted.max(axis=0).tolist() == [80 - 10 - 1, 60 - 1]


@pytest.mark.parametrize(
    ("shape", "upright"),
    [
        (shapely.box(0, 0, 2, 1), True),
        (shapely.Polygon([(0, 0), (2, 0), (2, 1), (0, 1.1)]), False),
        (shapely.Polygon([(1, 0), (2, 1), (1, 2), (0, 1)]), False),
        (shapely.Polygon([(0, 0), (2, 0), (2, 1)]), False),
    ],
)
def test_only_an_upright_rectangle_is_clipped_by_whole_pixels(shape, upright):
    assert print_pixels._is_upright(outline_of(np.array([shape], dtype=object))) is upright
