"""What every document says: each number once, with what stands behind it, and sentences that agree with them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from places import demo_town, village

from assetmap import briefing, crs, intake, study
from assetmap.briefing import Wanted, gather, need, read_own_words
from assetmap.briefing.facts import Figure, Measured
from assetmap.catalogue import load_catalogue
from assetmap.errors import FileRefusedError, OurError, UsageError
from assetmap.gaps import reasons
from assetmap.maps import print_words
from assetmap.store.workspace import open_workspace
from assetmap.study.words import as_made_up

DAY = date(2026, 11, 22)


def build(folder):
    workspace = open_workspace(folder)
    return study.finish(study.build(workspace, "worker", workspace.settings, DAY))


@pytest.fixture(scope="module")
def made():
    return build(demo_town())


@pytest.fixture(scope="module")
def told(made):
    return gather(made)


def test_every_number_has_an_id_a_unit_a_source_and_a_date(told):
    figures = told.figures()
    assert len(figures) > 100
    assert len({figure.id for figure in figures}) == len(figures)
    for figure in figures:
        assert all((figure.text, figure.unit, figure.source, figure.year, figure.label, figure.where)), figure
        assert figure.value == figure.value


def test_two_numbers_under_one_id_are_a_fault_of_ours(told):
    wrong = replace(told.strengths.kinds[0], number=replace(told.strengths.kinds[0].number, value=7.0, text="7"))
    broken = replace(told, strengths=replace(told.strengths, kinds=(told.strengths.kinds[0], wrong)))
    with pytest.raises(OurError, match="share an id"):
        broken.figures()


def test_property_every_sentence_holds_its_numbers_as_printed(told):
    lines = [line for line in told.lines() if line.figures]
    assert len(lines) > 20
    for line in lines:
        for figure in line.figures:
            assert figure.text in line.text, (line.text, figure)


def test_property_what_is_printed_is_the_number_rounded(told):
    for figure in told.figures():
        shown = re.search(r"-?[\d,]+(?:\.\d+)?", figure.text)
        if shown is None or figure.note.startswith("Farther"):
            continue
        number = float(shown.group().replace(",", ""))
        step = 10.0 ** -len(shown.group().partition(".")[2])
        least = 1.0 if figure.unit == "minutes on foot" else -1e9
        assert abs(max(figure.value, least) - number) <= step / 2 + 1e-9, figure


def test_oracle_circumstances_are_those_of_the_zones_table(made, told):
    for row in told.need.indicators:
        rates = made.zones[row.id].dropna()
        assert row.middle.value == pytest.approx(rates.median())
        assert (row.lowest.value, row.highest.value) == (rates.min(), rates.max())
        assert list(row.spread) == sorted(rates)
        assert [m.figure.value for m in row.areas] == [rates[area.id] for area in told.areas]


def test_oracle_the_share_of_people_with_a_kind_near_is_counted_where_they_set_out(made, told):
    people = made.origins["population"]
    for theme in told.strengths.themes:
        near = made.access.reach.theme_metres[theme.id].loc[people.index] <= 800
        assert theme.people.value == pytest.approx(100 * people[near].sum() / people.sum()), theme.id


def test_places_beyond_the_areas_are_not_said_to_be_in_the_place(made, told):
    drawn = made.assets[made.assets["same_as"].isna()]
    beyond = sum(not made.zones.geometry.intersects(point).any() for point in drawn.geometry)
    assert 0 < beyond < len(drawn)
    assert told.strengths.title.endswith("are already here in and around Aldermere")
    inside = replace(made, assets=made.assets[made.assets.within(made.zones.union_all())])
    assert gather(inside).strengths.title.endswith("are already here in Aldermere")


def test_what_is_farther_than_a_short_walk_is_never_printed_as_just_that(made):
    numbers = briefing.Numbers(made)
    assert [numbers.minutes("x", m, "a", "b", past=10.0).text for m in (10.3, 10.6)] == ["just over 10 min", "11 min"]


def test_a_mean_number_of_kinds_is_said_to_be_about_so_many(made):
    said = {reason.zone_id: reason.sentence for reason in made.reasons if reason.kind == "themes"}
    found = made.gaps["themes_within"]
    mean, few = found[(found % 1 > 0) & (found > 0.5)], found[(found > 0) & (found <= 0.5)]
    assert len(mean) > 1
    assert len(few) > 1
    assert all(said[zone].startswith(f"About {value:.0f} of 8 everyday") for zone, value in mean.items())
    assert all(said[zone].startswith("No more than half of the people here have any") for zone in few.index)
    assert all(said[zone].startswith(f"{value:.0f} of 8") for zone, value in found[found % 1 == 0].items())
    shown = gather(made, Wanted(zones=(str(mean.index[0]), str(few.index[0]))))
    assert [line.brief[:8] for area in shown.areas for line in area.here if "everyday kinds" in line.text] == [
        f"About {mean.iloc[0]:.0f} ",
        "No more ",
    ]


def test_what_an_index_lacks_is_named_and_england_is_called_england(made):
    lacking = replace(made, isolation=replace(made.isolation, missing=("rents-privately",)))
    assert gather(lacking).need.notes[-1].endswith("not loaded for all areas that are compared: Renting privately.")
    zone, isolation = str(made.ordered.index[0]), replace(made.isolation, reference=study.ENGLAND)
    context = reasons.Context(made.name, made.themes, made.catalogue.indicators)
    scores = isolation.scores.loc[zone].to_dict()
    said = [sentence for _, sentence, _ in reasons._circumstances(made.zones.loc[zone], scores, isolation, context)]
    assert said
    assert all(" in the middle area of England (" in sentence for sentence in said)


def test_only_some_kinds_are_said_to_be_all_that_is_shown(made):
    told = gather(study.only_themes(made, ["meeting"]))
    assert [theme.id for theme in told.strengths.themes] == ["meeting"]
    assert told.geography.endswith("Of the places and groups only these kinds are shown: Places to meet.")


def test_the_map_and_the_briefing_count_alike_where_our_map_cannot_say(made, told):
    unasked = (made.gaps["state"] == "not-yet-mapped").sum()
    unsure = (~made.gaps["state"].isin(["ok", "not-yet-mapped"])).sum()
    assert unasked == 1
    assert told.talk.unsure.text.startswith(f"Our map cannot say in {unsure} areas")
    assert f"We have not asked yet: 1 area. Our map cannot say in {unsure} areas" in print_words.sentence(made)


def test_where_there_is_nothing_no_places_are_said_to_be_here(made):
    zone = made.gaps.index[(made.gaps["class"] == "priority") & (made.gaps["count_within"] == 0)][0]
    said = print_words.message(study.only_zones(made, [str(zone)]))
    name = made.gaps.loc[zone, "zone_name"]
    assert said == f"Start talking around {name}; our map shows no place or group there yet"


def test_what_somebody_adds_to_the_made_up_town_is_theirs(made):
    ours = replace(
        made.catalogue.indicators["no-car"], id="own-bus", label="Bus passes", source="own-bus", vintage="2026"
    )
    catalogue = replace(made.catalogue, indicators={**made.catalogue.indicators, "own-bus": ours})
    again = as_made_up(catalogue, ["demo-town", "own-bus"]).indicators
    assert again["own-bus"] == ours
    assert again["no-car"].source == "demo-town"
    source = replace(made.sources[0], id="own-bus", title="Bus passes")
    added = replace(made, catalogue=catalogue, sources=(*made.sources, source))
    assert briefing.Numbers(added).origin("own-bus") == ("Bus passes", "2026")
    used = SimpleNamespace(used=(*made.isolation.used, "own-bus"))
    line = print_words.place_line(replace(added, isolation=used))
    assert "All figures are made up, but for what was added here (Bus passes)." in line


def test_the_order_is_strengths_then_residents_then_figures(told):
    for area in told.areas:
        lines = list(area.lines)
        first = [lines.index(part[0]) for part in (area.here, area.residents, area.why) if part]
        assert first == sorted(first)


def test_areas_are_chosen_in_the_order_asked_and_known(made):
    zones = tuple(made.gaps.index[[5, 2]])
    assert tuple(area.id for area in gather(made, Wanted(zones)).areas) == zones
    with pytest.raises(UsageError, match="no such zone"):
        gather(made, Wanted(("E99",)))


def test_the_middle_of_the_place_stays_where_only_some_zones_are_in_the_study(made, told):
    part = gather(study.only_zones(made, [told.areas[0].id]), Wanted((told.areas[0].id,)))
    assert [row.middle.value for row in part.need.indicators] == [row.middle.value for row in told.need.indicators]


def test_the_middle_area_of_england_is_said_where_it_is_loaded(made, told):
    name = told.need.indicators[0].id
    there = gather(replace(made, england=pd.DataFrame({name: [1.0, 2.0, 60.0]})))
    row = there.need.indicators[0]
    assert row.england is not None
    assert row.england.value == 2.0
    assert "2.0 % in the middle area of England" in row.line.text
    assert all(other.england is None for other in there.need.indicators[1:])


def test_nothing_is_named_where_there_are_no_figures_and_no_streets(tmp_path):
    zones = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"id": f"Z{n}", "n": 100},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[n / 100, 51], [n / 100 + 0.01, 51], [n / 100, 51.01], [n / 100, 51]]],
                },
            }
            for n in range(3)
        ],
    }
    (tmp_path / "z.geojson").write_text(json.dumps(zones))
    files = intake.Files(zones=tmp_path / "z.geojson", zone_id="id", population="n")
    list(intake.make_workspace(tmp_path / "w", "Bare", files))
    told = gather(build(tmp_path / "w"))
    assert told.areas == ()
    assert told.need.indicators == ()
    assert told.figures()
    one = gather(build(tmp_path / "w"), Wanted(("Z1",)))
    assert one.areas[0].themes is None
    assert one.areas[0].prompt == ""


def test_what_was_seen_on_a_walk_and_said_by_residents_stands_in_its_area(made):
    zone = made.gaps.index[0]
    rows = [
        (zone, "2026-05-03", "the Tuesday group", "the hall is open again"),
        (zone, "2027-01-01", "tomorrow's group", ""),
    ]
    walks = pd.DataFrame(rows, columns=["zone_id", "walked_on", "walked_by", "note"])
    words = (briefing.Words("We know each other here", "Mill Street tenants", zone),)
    area = gather(replace(made, walks=walks), Wanted((zone,), words=words)).areas[0]
    assert [line.text for line in area.residents] == [
        "“We know each other here” (Mill Street tenants)",
        "Walked round on 3 May 2026 by the Tuesday group: the hall is open again",
    ]
    assert area.asked


def test_oracle_promises_are_counted_and_a_day_gone_by_is_late(made):
    rows = [("open", "2027-01-01"), ("open", "2026-11-21"), ("done", None), ("late", None), ("withdrawn", None)]
    decisions = pd.DataFrame(rows, columns=["status", "due"]).assign(decision="d", agreed_on="2026-01-01", zone_id=None)
    told = gather(replace(made, decisions=decisions))
    assert told.act.promises.text == "Promises: 1 kept, 1 open, 2 late, 1 withdrawn."


def test_who_acts_in_the_chosen_areas_alone_is_said(made):
    first, other = made.gaps.index[:2]
    columns = ["zone_id", "organisation", "does", "sector", "funder", "until", "source"]
    rows = [[first, "Hall Trust", "lunches", "voluntary", "the council", "2027-03-31", "w"], [other, "X", *[None] * 5]]
    told = gather(replace(made, services=pd.DataFrame(rows, columns=columns)), Wanted((first,)))
    (row,) = told.act.acting
    assert (row.organisation, row.funder, row.until) == ("Hall Trust", "the council", "31 March 2027")


def test_a_role_that_may_not_know_who_promised_gets_no_such_column(made):
    assert made.decisions is not None
    assert "who" not in made.decisions


COVER = """
title = "Three places to start"
prepared_for = "the Health and Wellbeing Board"
contact = "hello@example.org"
foreword = \"\"\"
First.

Second.\"\"\"
[[words]]
text = "We look out for each other"
said_by = "Mill Street tenants"
zone = "Z1"
[[options]]
what = "A worker for two years"
low = 60000
high = 95000
source = "the finance team, May 2026"
"""


def test_a_cover_and_the_communitys_words_are_read_from_a_file(tmp_path, made):
    (tmp_path / "c.toml").write_text(COVER, encoding="utf-8")
    cover, words, options = read_own_words(tmp_path / "c.toml")
    assert cover is not None
    assert (cover.title, cover.foreword) == ("Three places to start", ("First.", "Second."))
    assert words[0].zone_id == "Z1"
    told = gather(made, Wanted(cover=cover, words=words, options=options))
    assert told.contact == "hello@example.org"
    assert told.act.options[-1].cost is not None
    assert told.act.options[-1].cost.text == "From £60,000 to £95,000 (the finance team, May 2026)."


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("title = ", "is not TOML"),
        ("tilte = 'x'", "tilte"),
        ("title = 3", "title is not a text"),
        ("words = 'x'", "is not a list of tables"),
        ("[[words]]\nsaid_by = 'x'", "without a text"),
        ("[[words]]\ntext = 'x'\nphone = '1'", "phone"),
        ("[[options]]\nwhat = 'x'\nsource = 'y'\nlow = 5\nhigh = 5", "without a range"),
        ("[[options]]\nwhat = 'x'\nsource = 'y'\nlow = true\nhigh = 5", "without a range"),
        ("[[options]]\nwhat = 'x'\nlow = 1\nhigh = 5", "without a name or a source"),
    ],
)
def test_hostile_covers_are_refused_in_one_sentence(tmp_path, written, said):
    (tmp_path / "c.toml").write_text(written, encoding="utf-8")
    with pytest.raises(FileRefusedError, match=said):
        read_own_words(tmp_path / "c.toml")


def test_a_cover_that_is_not_there_is_one_clear_message(tmp_path):
    with pytest.raises(UsageError, match="is not there"):
        read_own_words(tmp_path / "none.toml")


def test_a_village_has_a_briefing(tmp_path):
    told = gather(build(village()))
    assert told.strengths.title
    assert told.figures()


def outlines(folder, frame, names):
    """A file of boxes side by side over a place, in degrees, each with a name."""
    west, south, east, north = frame.total_bounds
    corners = crs.unproject(np.array([west, east]), np.array([south, north]), frame.crs)
    step = (corners[1][0] - corners[0][0] + 0.02) / len(names)
    features = []
    for k, name in enumerate(names):
        left, right = corners[0][0] - 0.01 + k * step, corners[0][0] - 0.01 + (k + 1) * step
        low, high = corners[0][1] - 0.01, corners[1][1] + 0.01
        ring = [[left, low], [right, low], [right, high], [left, high], [left, low]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"code": k, "Team name": name}, "geometry": shape})
    path = folder / "teams.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_oracle_a_roll_up_holds_every_person_once_and_weighs_by_people(made, tmp_path):
    told = gather(made, Wanted(by=str(outlines(tmp_path, made.zones, ["West <b>", "East"]))))
    larger = told.talk.footprints
    assert [each.name for each in larger] == ["East", "West <b>"]
    assert sum(each.people.value for each in larger) == made.gaps["population"].sum()
    assert sum(each.number.value for each in larger) == len(made.gaps)
    outside = next(figure for figure in told.figures() if figure.id == "footprint/outside")
    everything = sum(kind.number.value for kind in told.strengths.kinds)
    assert outside.value + sum(each.assets.value for each in larger) == everything
    assert told.talk.footprint_line.text.endswith(f"{outside.text} places and groups on our map stand in none of them.")
    east = list(larger[0].areas)
    for found in larger[0].indicators:
        name = found.area_id
        # A share of households is one of the households of the larger area, not of its people.
        of = "households" if made.catalogue.indicators[name].population == "households" else "population"
        average = np.average(made.zones[name][east], weights=made.zones[of][east])
        assert found.figure.value == pytest.approx(average), name
    told.figures()


def test_wards_that_are_not_known_and_files_without_names_are_one_clear_message(made, tmp_path):
    with pytest.raises(UsageError, match="not known here"):
        gather(made, Wanted(by="ward"))
    with pytest.raises(UsageError, match="neither ward nor msoa"):
        gather(made, Wanted(by="parish"))
    path = outlines(tmp_path, made.zones, ["", "East"])
    with pytest.raises(FileRefusedError, match="no column of names"):
        gather(made, Wanted(by=str(path)))


def test_wards_that_are_known_are_rolled_up_to(made):
    wards = pd.Series(["Mill", "Park"] * (len(made.zones) // 2), made.zones.index)
    told = gather(replace(made, zones=made.zones.assign(ward=wards)), Wanted(by="ward"))
    assert [each.name for each in told.talk.footprints] == ["Mill", "Park"]


@pytest.mark.parametrize(
    ("here", "england", "others"),
    [
        (18.0, 16.0, "18.0 %, against 14.0 % in Town and 16.0 % in England."),
        (18.0, 20.0, "18.0 %, against 14.0 % in Town; it is 20.0 % in England."),
        (13.0, 12.0, "Nothing stands out in Elm (13.0 %), against 14.0 % in Town; it is 12.0 % in England."),
        (13.0, 15.0, "Nothing stands out in Elm (13.0 %), against 14.0 % in Town and 15.0 % in England."),
    ],
)
def test_a_place_is_said_to_be_exceeded_only_where_it_is(told, here, england, others):
    def rate(value, where):
        return Figure(where, value, f"{value:.1f} %", "percent of households", "a table", "2021", "alone", where)

    alone = load_catalogue().indicators["lives-alone"]
    there = (rate(14.0, "Town"), rate(england, "England"))
    line = need._compare(told, alone, (Measured("A", "Elm", rate(here, "Elm")),), there)
    assert line.text.endswith(others)
