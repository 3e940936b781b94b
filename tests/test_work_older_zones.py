"""A workspace of the 2011 census beside boundaries of 2021: the published list tells what became of each zone."""

from __future__ import annotations

import json

import fake_services as services
import pytest
import shapely
from fake_services import Reply, run

from assetmap.intake import Files, make_workspace
from assetmap.work.update import Newer, look

#: West to east, in hundredths of a degree: split in two, two joined to one, the same but drawn otherwise, and alike.
OLD = {"E01800001": (0, 2), "E01800002": (2, 3), "E01800003": (3, 4), "E01800004": (4, 6), "E01800005": (6, 7)}
NEW = {"E01800011": (0, 1), "E01800012": (1, 2), "E01800023": (2, 4), "E01800004": (4, 5.8), "E01800005": (6, 7)}
LIST = (
    ("E01800001", "S", "E01800011"),
    ("E01800001", "S", "E01800012"),
    ("E01800002", "M", "E01800023"),
    ("E01800003", "M", "E01800023"),
    ("E01800004", "U", "E01800004"),
    ("E01800005", "U", "E01800005"),
)


def drawn(path, zones, census):
    rows = [
        {
            "type": "Feature",
            "properties": {f"LSOA{census}CD": code, f"LSOA{census}NM": f"Mead {code[-2:]}"},
            "geometry": shapely.geometry.mapping(shapely.box(-1.5 + west / 100, 53, -1.5 + east / 100, 53.006)),
        }
        for code, (west, east) in zones.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    return path


@pytest.fixture
def older(tmp_path):
    files = Files(drawn(tmp_path / "old.geojson", OLD, 11), "LSOA11CD", "LSOA11NM")
    run(make_workspace(tmp_path / "mead", "Mead", files))
    return tmp_path / "mead"


def portal(pairs):
    def answer(request):
        asked = services.asked_of(request)
        fields = ("LSOA11CD", "CHGIND", "LSOA21CD")
        rows = [{"type": "Feature", "properties": dict(zip(fields, pair, strict=True))} for pair in pairs]
        rows = [row for row in rows if f"'{row['properties']['LSOA11CD']}'" in asked["where"]]
        return Reply({"count": len(rows)} if "returnCountOnly" in asked else {"features": rows})

    return answer


def compared(older, tmp_path, answer, zones):
    asker, wire, _ = services.client(tmp_path / "asked", answer)
    update, _ = run(look(older, Newer(zones=drawn(tmp_path / "new.geojson", zones, 21)), asker))
    said = [(row.id, row.change, row.now) for row in update.changes.itertuples() if row.part == "zones"]
    return said, update, wire


def test_planted_split_and_join_are_told_as_published_and_the_same_is_no_change(older, tmp_path):
    said, update, wire = compared(older, tmp_path, portal(LIST), NEW)
    assert said == [
        ("E01800001", "split", "E01800011, E01800012"),
        ("E01800002", "joined", "E01800023"),
        ("E01800003", "joined", "E01800023"),
    ]
    assert update.troubles == () and update.parts == ()
    # Only what differs is asked for: not the zone that both maps draw alike.
    assert not any("E01800005" in services.asked_of(request)["where"] for request in wire.sent)


def test_planted_list_is_believed_where_outlines_would_say_otherwise(older, tmp_path):
    # By outlines the first zone lies in one new zone only; the list knows of both.
    zones = NEW | {"E01800011": (0, 1.99), "E01800012": (1.99, 2)}
    said, _, _ = compared(older, tmp_path, portal(LIST), zones)
    assert said[0] == ("E01800001", "split", "E01800011, E01800012")
    assert len(said) == 3


def test_without_the_list_outlines_tell_and_it_is_said(older, tmp_path):
    said, update, _ = compared(older, tmp_path, lambda _: Reply("down", 503), NEW)
    assert [row[:2] for row in said] == [
        ("E01800001", "split"),
        ("E01800002", "joined"),
        ("E01800003", "joined"),
        ("E01800004", "redrawn"),
    ]
    assert "503" in update.troubles[0]


def test_a_correction_of_zones_of_2021_is_not_explained_away(older, tmp_path):
    # The list has only codes that both censuses have; one zone here is gone for another reason.
    zones = {code: box for code, box in NEW.items() if code in OLD} | {"E01800099": (0, 2)}
    said, _, _ = compared(older, tmp_path, portal(LIST[4:]), zones)
    assert ("E01800001", "redrawn", "E01800099") in said
    assert any(row[:2] == ("E01800004", "redrawn") for row in said)
