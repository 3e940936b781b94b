"""The print map: furniture or nothing, true scale and north, names apart, the same bytes, colours told apart."""

from __future__ import annotations

import io
import re
from dataclasses import fields, replace
from datetime import date
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from places import camden, demo_town
from places import village as village_folder
from pyproj import CRS, Geod, Proj
from tagged import letters
from village import Village, write_village

from assetmap import crs as grids
from assetmap import intake, study, text
from assetmap.errors import OurError, UsageError
from assetmap.maps import print as print_map
from assetmap.maps import print_labels, print_patterns, print_words, print_zones, style
from assetmap.maps.print_canvas import Canvas, Label, outline_of
from assetmap.maps.print_furniture import ALWAYS, Furniture, ScaleBar, scale_bar, true_north
from assetmap.maps.print_paper import SIZES, Box, Frame, choose_paper, fit_frame
from assetmap.maps.print_symbols import Marks, gather_marks
from assetmap.maps.print_type import FAMILY, families, printable, width_of, wrap
from assetmap.store.workspace import open_workspace

DAY = date(2026, 11, 22)
PLACES = {
    "in Camden": (grids.BRITISH_GRID, -0.14, 51.55),
    "in Penzance": (grids.BRITISH_GRID, -5.54, 50.12),
    "in Helsinki": (CRS.from_epsg(32635), 24.94, 60.17),
    "in Dublin": (grids.IRISH_TM, -6.26, 53.35),
}


def build(folder, standard="relative"):
    workspace = open_workspace(folder)
    return study.finish(study.build(workspace, "worker", workspace.settings.but(standard=standard), DAY))


@pytest.fixture(scope="module")
def village():
    return build(village_folder())


@pytest.fixture(scope="module")
def town():
    return build(demo_town())


@pytest.fixture(scope="module")
def sheet(town):
    return print_map.draw_sheet(town, "A3")


def picture_of(canvas, dpi=72):
    return np.asarray(Image.open(io.BytesIO(canvas.png(dpi))).convert("RGB"))


# Furniture


EMPTY = {
    "title": " ",
    "place": "",
    "legend": (),
    "scale": ScaleBar(500, 0),
    "north": float("nan"),
    "locator": None,
    "made": "",
    "status": "",
    "sources": (),
    "licences": ("",),
    "note": "",
}


def test_every_piece_of_furniture_is_tried_below():
    assert set(EMPTY) == {field.name for field in fields(Furniture)}


@pytest.mark.parametrize("piece", EMPTY)
def test_a_map_that_lacks_a_piece_of_its_furniture_is_refused(sheet, piece):
    with pytest.raises(OurError, match="without its furniture") as caught:
        replace(sheet.furniture, **{piece: EMPTY[piece]})
    assert caught.value.found == piece


@pytest.mark.parametrize("line", ALWAYS)
def test_the_legend_always_says_what_is_not_known(sheet, line):
    assert line in {entry.id for entry in sheet.furniture.legend}
    without = tuple(entry for entry in sheet.furniture.legend if entry.id != line)
    with pytest.raises(OurError, match="furniture"):
        replace(sheet.furniture, legend=without)


@pytest.mark.parametrize("lacking", ["attribution", "as_of"])
def test_a_source_without_its_line_or_date_is_refused(village, lacking):
    bare = replace(village, sources=(replace(village.sources[0], **{lacking: ""}),))
    with pytest.raises(OurError, match="furniture"):
        print_map.draw(bare, "A5")


def test_the_sheet_says_its_message_place_date_and_draft(village):
    furniture = print_map.draw_sheet(village, "A4").furniture
    assert "already here" in furniture.title
    assert furniture.place.startswith("Nether Village: 9 areas")
    assert "Census 2021" in furniture.place
    assert furniture.made == "Made 22 November 2026"
    assert furniture.status == "draft, not yet moderated"
    assert any("openstreetmap.org/copyright" in line for line in furniture.licences)


def test_a_made_up_place_gives_no_credit_to_real_sources(sheet):
    assert not any("OpenStreetMap" in line or "National Statistics" in line for line in sheet.furniture.licences)


# Scale and north


@pytest.mark.parametrize("place", PLACES)
def test_oracle_the_scale_bar_is_as_long_as_the_ground_says(place):
    crs, longitude, latitude = PLACES[place]
    x, y = grids.project(np.array([longitude]), np.array([latitude]), crs)[0]
    frame = Frame(Box(0, 0, 800, 600), x, y, 7.3)
    bar = scale_bar(frame, crs)
    ends = np.array([x - bar.points / 2 * frame.metres, x + bar.points / 2 * frame.metres])
    degrees = grids.unproject(ends, np.array([y, y]), crs)
    measured = Geod(ellps="WGS84").inv(*degrees[0], *degrees[1])[2]
    assert measured == pytest.approx(bar.metres, rel=2e-4)


@pytest.mark.parametrize("metres", [0.1, 0.7, 3.3, 9.5, 40.0, 333.0])
def test_the_scale_bar_is_a_round_number_and_leaves_the_map_its_room(metres):
    frame = Frame(Box(0, 0, 800, 600), 400_000, 300_000, metres)
    bar = scale_bar(frame, grids.BRITISH_GRID)
    assert f"{bar.metres:.3e}"[0] in "125"
    assert f"{bar.metres:.3e}"[2:5] == "000"
    assert 0.08 * 800 < bar.points < 0.23 * 800


@pytest.mark.parametrize("place", PLACES)
def test_oracle_north_is_turned_by_the_grids_convergence(place):
    crs, longitude, latitude = PLACES[place]
    x, y = grids.project(np.array([longitude]), np.array([latitude]), crs)[0]
    clockwise = true_north(x, y, crs)
    assert clockwise == pytest.approx(-Proj(crs).get_factors(longitude, latitude).meridian_convergence, abs=1e-6)
    # A step to the north on the earth is a step in that direction on the grid.
    up = grids.project(np.array([longitude]), np.array([latitude + 1e-4]), crs)[0]
    assert clockwise == pytest.approx(np.degrees(np.arctan2(up[0] - x, up[1] - y)), abs=0.01)


def test_planted_the_arrow_leans_as_north_does(village):
    """Far west of the grid's middle north leans to the right of the sheet, so the arrow's point does too."""
    from assetmap.maps import print_panels

    canvas = Canvas(60, 60, "#FFFFFF")
    print_panels._draw_north(canvas, 20.0, Box(0, 0, 60, 60), 20)
    dark = picture_of(canvas, 144)[:, :, 0] < 128
    rows = np.flatnonzero(dark[14:].any(axis=1)) + 14  # below the letter
    columns = np.flatnonzero(dark[rows[0]])
    assert columns.mean() > 60  # the middle of the box


def test_the_drawn_bar_is_as_long_as_it_says(village):
    from assetmap.maps import print_panels

    canvas = Canvas(300, 40, "#FFFFFF")
    print_panels._draw_scale(canvas, ScaleBar(500, 200.0), Box(0, 0, 300, 40), 8)
    dark = picture_of(canvas, 144)[:, :, 0] < 128
    longest = dark.sum(axis=1).max()
    assert longest / 2 == pytest.approx(200, abs=1.2)


# Paper


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("turn", ["portrait", "landscape"])
def test_every_paper_both_ways(village, size, turn):
    made = print_map.draw_sheet(village, f"{size}-{turn}")
    short, long = (side * 72 / 25.4 for side in SIZES[size])
    wanted = (short, long) if turn == "portrait" else (long, short)
    assert (made.paper.width, made.paper.height) == pytest.approx(wanted, abs=0.01)
    box = made.frame.box
    assert box.width > 0.4 * made.paper.width
    assert box.height > 0.3 * made.paper.height
    lines, furniture = [line for words in made.canvas.words for line in words.lines], made.furniture
    said = letters(" ".join(lines))
    wanted = [furniture.title, furniture.place, furniture.note, *furniture.sources, *furniture.licences, furniture.made]
    wanted += [furniture.status, text.say("print-north"), *(entry.label for entry in furniture.legend)]
    assert [words for words in wanted if letters(printable(words)) not in said] == []
    # The scale says its length, and the locator where on the earth it lies.
    assert any(re.search(r"\d k?m$", line.replace("\u00a0", " ")) for line in lines)
    assert "°" in said
    # Points, on the sheet and on the map: what is smaller nobody reads in a hall.
    assert min(one.size for one in (*made.canvas.words, *made.labels)) >= 6.0


@pytest.mark.parametrize("dpi", [150, 300, 600])
def test_a_picture_has_as_many_dots_as_it_says(dpi):
    picture = Image.open(io.BytesIO(Canvas(72, 36, "#fff").png(dpi)))
    assert picture.size == (dpi, dpi // 2)
    assert picture.info["dpi"] == pytest.approx((dpi, dpi), abs=0.1)


def test_the_sheet_is_turned_as_the_place_lies():
    assert choose_paper("A3", (0, 0, 1000, 2000)).turn == "portrait"
    assert choose_paper("A3", (0, 0, 2000, 1000)).turn == "landscape"


@pytest.mark.parametrize("asked", ["A0", "A6", "letter", "A3-sideways", "", "3"])
def test_paper_that_we_do_not_print_on_is_one_clear_message(asked):
    with pytest.raises(UsageError, match="is not a paper we print on"):
        choose_paper(asked, (0, 0, 1, 1))


def test_all_of_the_place_is_in_the_frame(sheet, town):
    west, south, east, north = town.zones.total_bounds
    seen = sheet.frame.seen()
    assert seen[0] < west
    assert seen[1] < south
    assert seen[2] > east
    assert seen[3] > north


def test_every_word_stands_on_the_paper(village):
    made = print_map.draw_sheet(village, "A5-portrait")
    for words in made.canvas.words:
        for number, line in enumerate(words.lines):
            assert words.x > 0
            assert words.x + width_of(line, words.size, words.face) < made.paper.width
            assert 0 < words.y - number * words.leading * words.size < made.paper.height


# Names


def test_no_name_lies_on_another(sheet):
    areas = [label.corners for label in sheet.labels]
    assert len(areas) > 60
    tree = shapely.STRtree(areas)
    one, other = tree.query(areas, predicate="intersects")
    assert (one == other).all()


def test_every_zone_of_a_small_town_that_has_a_prompt_is_named(sheet, town):
    written = {" ".join(label.lines) for label in sheet.labels}
    prompted = town.gaps[town.gaps["class"].isin(["priority", "watch", "build-on", "strong-base"])]
    assert set(prompted["zone_name"]) <= written


@pytest.mark.parametrize(("most", "named"), [(40, True), (3, False)])
def test_beside_numbers_the_other_zones_are_named_where_they_are_few(town, monkeypatch, most, named):
    monkeypatch.setattr(print_labels, "_FEW_ZONES", most)
    view = print_map.View("talk", tuple(town.gaps.index[:2]), "whole")
    written = {" ".join(label.lines) for label in print_map.draw_picture(town, 180, 110, 9, view).labels}
    assert bool(written & set(town.gaps["zone_name"][2:])) == named
    assert not written & set(town.gaps["zone_name"][:2])


def test_names_stay_on_the_map(sheet):
    assert all(sheet.frame.box.shape().contains(label.corners) for label in sheet.labels)


@given(
    st.lists(
        st.tuples(
            st.text(min_size=1, max_size=12).map(printable),
            st.floats(0, 300),
            st.floats(0, 200),
            st.floats(-90, 90),
            st.floats(3, 20),
        ),
        max_size=40,
    )
)
def test_property_names_never_overlap_wherever_they_want_to_stand(wanted):
    frame = Frame(Box(0, 0, 300, 200), 0, 0, 1)
    marks = Marks(np.zeros((0, 2)), np.zeros(0, np.int64), np.zeros(0, bool), 4)
    panel = shapely.box(0, 0, 60, 30)
    names = (
        print_labels.Wanted(Label((text,), 0, 0, size, "#000000", "#FFFFFF"), ((x, y, angle),), 9)
        for text, x, y, angle, size in wanted
    )
    placed = print_labels.place_labels(names, print_labels.Taken(frame, marks, [panel]))
    areas = [label.corners for label in placed]
    assert not any(one.intersects(other) for one, other in combinations(areas, 2))
    assert not any(area.intersects(panel) for area in areas)


def test_a_street_name_needs_a_straight_run_as_long_as_itself():
    label = Label(("A Long Street",), 0, 0, 8, "#000000", "#FFFFFF")
    wide = width_of("A Long Street", 8)
    straight = shapely.LineString([(0, 0), (2 * wide, 2 * wide)])
    spots = print_labels._straight(straight, label)
    assert spots
    assert all(angle == pytest.approx(45) for _, _, angle in spots)
    assert print_labels._straight(shapely.LineString([(0, 0), (wide * 0.9, 0)]), label) == []
    corner = shapely.LineString([(0, 0), (0.7 * wide, 0), (0.7 * wide, 0.7 * wide)])
    assert print_labels._straight(corner, label) == []


def test_names_are_never_upside_down():
    label = Label(("Mill Road",), 0, 0, 8, "#000000", "#FFFFFF")
    backwards = shapely.LineString([(200, 0), (0, 20)])
    assert all(-90 <= angle < 90 for _, _, angle in print_labels._straight(backwards, label))


# What is drawn


def test_the_same_study_gives_the_same_bytes(village):
    assert print_map.draw(village, "A4") == print_map.draw(village, "A4")


def test_the_svg_is_whole_says_what_it_shows_and_asks_for_nothing(town):
    svg = print_map.draw(town, "A3")
    root = ElementTree.fromstring(svg)  # noqa: S314
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == print_words.message(town)
    assert root.findtext(f"{space}desc") == print_words.meaning(town)
    tags = {element.tag for element in root.iter()}
    assert not tags & {f"{space}{name}" for name in ("image", "script", "foreignObject", "text", "a")}
    links = [value for element in root.iter() for key, value in element.attrib.items() if key.endswith("href")]
    assert all(link.startswith("#") for link in links)
    assert not re.findall(r"url\((?!#)", svg)


def test_hostile_names_are_inert_in_the_svg(tmp_path):
    names = {"V000": "</title><script>alert(1)</script>", "V001": "$\\frac{1}{0}$ & <b>", "V002": "a\u2028b\ud7ff\x07"}
    list(intake.make_workspace(tmp_path / "w", "<x> & 'y'", write_village(tmp_path / "f", Village(zone_names=names))))
    made = build(tmp_path / "w")
    root = ElementTree.fromstring(print_map.draw(made, "A4"))  # noqa: S314
    assert not [element for element in root.iter() if element.tag.endswith("script")]
    assert root.findtext("{http://www.w3.org/2000/svg}title") == printable(print_words.message(made))


def test_only_what_may_be_on_a_map_is_on_it(village):
    frame = fit_frame(Box(0, 0, 400, 400), tuple(village.zones.total_bounds))
    all_of_them = gather_marks(village.assets, frame, 10.5)
    person = village.assets.assign(kind="person")
    closed = village.assets.assign(trust=0.0)
    assert len(all_of_them.points) > 0
    assert len(gather_marks(person, frame, 10.5).points) == 0
    assert len(gather_marks(closed, frame, 10.5).points) == 0


def test_two_of_a_kind_on_one_spot_are_one_symbol_with_another_behind(village):
    frame = Frame(Box(0, 0, 400, 400), 0, 0, 1)
    assets = village.assets.iloc[:3].assign(kind=["building", "building", "culture"])
    assets = assets.set_geometry(shapely.points([[0, 0], [1, 0], [1, 1]]))
    marks = gather_marks(assets, frame, 10)
    assert sorted(marks.kind.tolist()) == [0, 3]
    assert marks.several[marks.kind == 0].all()
    assert not marks.several[marks.kind == 3].any()


def test_colour_lies_where_people_live_and_never_on_a_park(town):
    """A park planted in the middle of a zone that is to be talked to first stays as green as any park."""
    zone = town.gaps.index[(town.gaps["class"] == "priority").to_numpy()][0]
    middle = town.zones.geometry[zone].representative_point()
    park = town.ground.iloc[:1].assign(layer="green", name="", geometry=[middle.buffer(160)])
    import geopandas as gpd
    import pandas as pd

    ground = gpd.GeoDataFrame(pd.concat([town.ground, park], ignore_index=True), crs=town.crs)
    bare = replace(
        town, ground=ground, edges=town.edges.iloc[:0], nodes=town.nodes.iloc[:0], assets=town.assets.iloc[:0]
    )
    made = print_map.draw_sheet(bare, "A4")
    pixels = picture_of(made.canvas)
    # Off the middle, where the zone's name may stand.
    x, y = made.frame.on_paper(np.array([[middle.x + 90, middle.y - 90]]))[0]
    assert bytes(pixels[round(made.paper.height - y), round(x)]).hex().upper() == style.LIGHT["green"][1:]


def grey_of(pattern, token):
    """The mean lightness of a fill over bare ground, 0 to 255."""
    canvas = Canvas(120, 120, style.LIGHT["ground"])
    area = np.array([shapely.box(0, 0, 120, 120)], dtype=object)
    print_patterns.fill(canvas, area, pattern, style.LIGHT[token])
    seen = picture_of(canvas).astype(float) / 255
    linear = np.where(seen <= 0.04045, seen / 12.92, ((seen + 0.055) / 1.055) ** 2.4)
    y = (linear @ np.array([0.2126, 0.7152, 0.0722])).mean()
    return 116 * np.cbrt(y) - 16


@pytest.mark.parametrize("steady", style.STEADINESS)
def test_classes_as_printed_differ_in_greyscale(steady):
    classes = [name for name in style.CLASSES if name != "none"]
    lightness = {name: grey_of(style.class_pattern(name, steady), name) for name in classes}
    for one, other in combinations(classes, 2):
        assert abs(lightness[one] - lightness[other]) > 6.5, (one, other, lightness)


def test_what_is_not_known_is_never_printed_darkest():
    weakest = max(grey_of(style.class_pattern(n, "unsteady"), n) for n in ("priority", "watch", "build-on"))
    for state in style.STATES:
        assert grey_of(style.state_pattern(state), "state") > weakest, state


def test_every_fill_of_the_legend_looks_different_as_printed():
    """Compared as pictures in greyscale, pixel by pixel."""
    fills = {f"{n} {w}": (style.class_pattern(n, w), n) for n in style.CLASSES[:4] for w in style.STEADINESS}
    fills |= {state: (style.state_pattern(state), "state") for state in style.STATES}
    pictures = {}
    for name, (pattern, token) in fills.items():
        canvas = Canvas(80, 80, style.LIGHT["ground"])
        print_patterns.fill(canvas, np.array([shapely.box(0, 0, 80, 80)], dtype=object), pattern, style.LIGHT[token])
        pictures[name] = picture_of(canvas).astype(int).mean(axis=2)
    for one, other in combinations(fills, 2):
        assert np.abs(pictures[one] - pictures[other]).mean() > 1.5, (one, other)


# Type


def test_letters_come_from_the_package_and_not_from_the_machine():
    assert families("Queen's Crescent, Café £5", "regular") == (FAMILY,)
    assert families("Кафе", "bold")[0] == FAMILY
    assert len(families("সম্প্রদায়", "regular")) == 3


@given(st.text(max_size=80), st.floats(20, 200))
def test_property_wrapping_loses_no_word_and_keeps_to_the_width(words, width):
    plain = printable(words)
    lines = wrap(plain, 8, width)
    assert "".join("".join(lines).split()) == "".join(plain.split())
    assert all(width_of(line, 8) <= width or len(line.strip()) <= 1 for line in lines)


def test_holes_stay_holes():
    ring = shapely.Polygon([(0, 0), (40, 0), (40, 40), (0, 40)], [[(10, 10), (30, 10), (30, 30), (10, 30)]])
    canvas = Canvas(40, 40, "#FFFFFF")
    canvas.area(outline_of(np.array([ring, shapely.reverse(ring)], dtype=object)), "#000000")
    pixels = picture_of(canvas)
    assert pixels[20, 20].tolist() == [255, 255, 255]
    assert pixels[5, 5].tolist() == [0, 0, 0]


def test_no_zone_to_draw_is_one_clear_message(village):
    with pytest.raises(UsageError, match="no areas to draw"):
        print_map.draw(study.only_zones(village, []), "A4")


def test_a_few_zones_are_shown_within_the_whole_place(village):
    few = study.only_zones(village, ["V011"])
    made = print_map.draw_sheet(few, "A5")
    whole = made.furniture.locator.outline.bounds
    assert whole[2] - whole[0] > 2 * (made.frame.seen()[2] - made.frame.seen()[0]) * 0.3
    assert made.furniture.locator.outline.area > few.zones.geometry.area.sum() * 2


@pytest.mark.real
def test_camden_fits_on_every_paper(real_data):
    made = build(camden(real_data))
    for paper in ("A5-portrait", "A3", "A1"):
        drawn = print_map.draw_sheet(made, paper)
        areas = [label.corners for label in drawn.labels]
        one, other = shapely.STRtree(areas).query(areas, predicate="intersects")
        assert (one == other).all()
    assert "(LSOA) of 2021" in drawn.furniture.place


def test_no_badge_hides_another_where_chosen_zones_lie_close():
    zones = shapely.box([0, 1, 60, 2], [0, 1, 60, 0], [4, 5, 64, 6], [4, 5, 64, 4])
    discs = print_zones.badges(np.append(zones, shapely.Polygon()), 8.0, Box(0, 0, 100, 100))
    assert discs[-1].is_empty
    seen = discs[:-1]
    assert not any(a.intersects(b) for n, a in enumerate(seen) for b in seen[n + 1 :])
    assert seen[2].centroid.distance(shapely.Point(62, 62)) < 0.1
