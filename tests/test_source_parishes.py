"""Parishes by name: which zones are theirs, which of one name is meant, and what is no area."""

from __future__ import annotations

import pytest
import small_town
from fake_services import CODES, run
from small_town import CATALOGUE, SOURCES
from standins import arcgis

from assetmap.errors import UsageError
from assetmap.sources import ons
from assetmap.sources.answers import Found
from assetmap.work.new_place import find_place

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
BOUNDARIES = SOURCES["ons-boundaries"]


@pytest.fixture
def client(tmp_path, monkeypatch):
    with arcgis.running(small_town.zone_layers()) as site:
        monkeypatch.setenv("ASSETMAP_ONS_BOUNDARIES_URL", site.url + small_town.BASE)
        yield small_town.client(tmp_path)[0]


def zones(client, typed):
    place, _ = run(find_place(client, CATALOGUE, typed))
    found, _ = run(ons.fetch(client, BOUNDARIES, place))
    assert isinstance(found, Found)
    return place, tuple(sorted(row["LSOA21CD"] for row in ons.records(found.path)))


def test_a_parish_has_the_zones_with_their_middle_in_it(client):
    place, codes = zones(client, "mead magna")
    assert (place.name, place.said_by) == ("Mead Magna", "ons-boundaries")
    assert codes == CODES[1:3]


def test_a_parish_smaller_than_a_zone_has_the_zone_it_lies_in(client):
    assert zones(client, "Mead Parva, Mead")[1] == (CODES[0],)


def test_parishes_of_one_name_are_told_apart_by_their_authority(client):
    assert zones(client, "Ashby, Mead")[1] == (CODES[3],)
    with pytest.raises(UsageError, match=r"several parishes.*Ashby, Farshire; Ashby, Mead"):
        run(find_place(client, CATALOGUE, "Ashby"))


@pytest.mark.parametrize("typed", ["North Mead PCN", "Mead Primary Care Network, Mead", "U12345"])
def test_a_primary_care_network_is_refused_and_nobody_is_asked(tmp_path, typed):
    silent, _ = small_town.client(tmp_path, offline=True)
    with pytest.raises(UsageError, match="list of GP practices"):
        run(find_place(silent, CATALOGUE, typed))
