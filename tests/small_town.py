"""A made-up place of four zones behind loopback stand-ins: what the clients fetch is what these documents say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import requests
import shapely
from fake_services import CODES, square, zone_rows
from standins import arcgis, files, nomis, open_referral, overpass, registers
from standins.arcgis import Layer, layer_of
from standins.overpass_store import Extract, Meta, Node, Way
from standins.server import Site, serve

from assetmap.catalogue import load_catalogue, shipped_layers
from assetmap.place import Place
from assetmap.sources.answers import Limits
from assetmap.sources.web import Client

CATALOGUE = load_catalogue(shipped_layers())
SOURCES = CATALOGUE.sources
ZONES = Place("Mead", codes=CODES)
BASE = "/ESMARspQHYMw9BZ9/arcgis/rest/services"
#: Two output areas in each zone, the western with 30 people and 10 more in each next zone, the eastern with twice that.
AREAS = MappingProxyType({f"E0019000{n}": (CODES[(n - 1) // 2], 30 + 10 * ((n - 1) // 2)) for n in range(1, 9)})
PEOPLE = MappingProxyType({area: people * (1 + (int(area[-1]) + 1) % 2) for area, (_, people) in AREAS.items()})
POSTCODES = ("DE1 1AA", "DE1 1AB", "DE1 1AD")
REFUGE = "Mead Women's Refuge"


def points() -> dict[str, shapely.Point]:
    """The middle of each output area: a quarter and three quarters of the way through its zone."""
    made = {}
    for area in AREAS:
        number = int(area[-1]) - 1
        west, south, east, north = square(number // 2).bounds
        share = 0.25 if number % 2 == 0 else 0.75
        made[area] = shapely.Point(round(west + share * (east - west), 6), round((south + north) / 2, 6))
    return made


def zone_layers() -> list[Layer]:
    rows = zone_rows()
    kept = ("LSOA21CD", "LSOA21NM")
    zones = [{**row, "properties": {name: row["properties"][name] for name in kept}} for row in rows]
    tables = [{"properties": row["properties"]} for row in rows]
    areas = [{"properties": {"OA21CD": area, "LSOA21CD": zone}} for area, (zone, _) in AREAS.items()]
    centres = [
        {"properties": {"OA21CD": area}, "geometry": shapely.geometry.mapping(point)}
        for area, point in points().items()
    ]
    old = [("E01800001", "S", CODES[0]), ("E01800001", "S", CODES[1]), ("E01800002", "M", CODES[2])]
    old += [("E01800003", "M", CODES[2]), (CODES[3], "U", CODES[3])]
    pairs = [{"properties": {"LSOA11CD": a, "CHGIND": b, "LSOA21CD": c}} for a, b, c in old]
    return [
        layer_of(arcgis.LSOA, zones),
        layer_of(arcgis.LSOA_LOOKUP, tables, oid="ObjectId"),
        layer_of(arcgis.LSOA_CENTROID, arcgis.centroids(zones, "LSOA21CD")),
        layer_of(arcgis.OA_LOOKUP, areas, oid="ObjectId"),
        layer_of(arcgis.OA_CENTROID, centres),
        layer_of(arcgis.OLD_LSOA_LOOKUP, pairs, oid="ObjectId"),
        *parish_layers(),
    ]


def parish_layers() -> list[Layer]:
    """Two zones' worth of Mead Magna, a corner of a zone, and one name in two authorities."""
    west = square(0).bounds[0]
    drawn = {
        "E04900001": ("Mead Magna", "Mead", shapely.union(square(1), square(2))),
        "E04900002": ("Mead Parva", "Mead", shapely.box(west + 0.001, 53.001, west + 0.003, 53.002)),
        "E04900003": ("Ashby", "Mead", square(3)),
        "E04900004": ("Ashby", "Farshire", shapely.box(1.0, 52.0, 1.01, 52.01)),
    }
    names = [
        {"properties": {"PAR24CD": code, "PAR24NM": name, "PAR24NMW": "", "LAD24CD": "E0790000X", "LAD24NM": authority}}
        for code, (name, authority, _) in drawn.items()
    ]
    outlines = [
        {"properties": {"PARNCP24CD": code, "PARNCP24NM": name}, "geometry": shapely.geometry.mapping(shape)}
        for code, (name, _, shape) in drawn.items()
    ]
    return [layer_of(arcgis.PARISH_NAMES, names, oid="ObjectId"), layer_of(arcgis.PARISH, outlines)]


def sport_layers() -> list[Layer]:
    """A hall open to all, a school's pitch that is private, a pool that has closed."""
    at = {1: -1.495, 2: -1.485, 3: -1.475}
    sites = [
        {
            "properties": {
                "siteid": number,
                "sitename": name,
                "thoroughfarename": "Long Street",
                "postcode": "DE1 1AA",
                "website": "https://example.org",
                "lat": 53.003,
                "long": at[number],
            },
            "geometry": {"type": "Point", "coordinates": [at[number], 53.003]},
        }
        for number, name in ((1, "Mead Hall"), (2, "Mead School"), (3, "Mead Baths"))
    ]
    kinds = [(1, "Sports Hall", "Pay and Play", "Operational"), (1, "Squash Courts", "Pay and Play", "Operational")]
    kinds += [(2, "Grass Pitches", "Private Use", "Operational"), (3, "Swimming Pool", "Pay and Play", "Closed")]
    facilities = [
        {
            "properties": {
                "facilityid": number,
                "siteid": site,
                "facilitytype": kind,
                "accessibilitytypestr": access,
                "facstatus": status,
            },
            "geometry": {"type": "Point", "coordinates": [at[site], 53.003]},
        }
        for number, (site, kind, access, status) in enumerate(kinds, start=11)
    ]
    return [
        layer_of("GIS_Active_Places_Power_Sites", sites, oid="OBJECTID"),
        layer_of("GIS_Active_Places_Power_Facility", facilities, oid="OBJECTID", number=1),
    ]


def census() -> nomis.Census:
    held = nomis.Census()
    for number, code in enumerate(CODES):
        area = nomis.Area(code, f"Mead 001{'ABCD'[number]}", "lsoa", frozenset({"E07900001"}))
        held.add("ts045", area, {1: 20 + 5 * number, 2: 80})
        held.add("ts003", area, {1: 30, 2: 20, 4: 50})
    for area, people in PEOPLE.items():
        held.add("ts001", nomis.Area(area, area, "oa"), {1: people - 1, 2: 1})
    return held


def extract() -> Extract:
    """One street through the zones with a library on it."""
    meta = Meta(2, "2026-02-28T23:00:00Z", 1, "mapper", 1)
    nodes = {n: Node(round(-1.499 + 0.002 * n, 6), 53.003, {}, meta) for n in range(1, 20)}
    nodes[50] = Node(-1.498, 53.0031, {"amenity": "library", "name": "Mead Library"}, meta)
    street = Way(tuple(range(1, 20)), {"highway": "residential", "name": "Long St"}, meta)
    return Extract(nodes, {7: street})


def libraries() -> bytes:
    rows = [
        {"Library name": "Mead Library", "Postcode": "DE1 1AA", "Longitude": "-1.498", "Latitude": "53.0031"},
        {"Library name": "Old Library", "Postcode": "DE1 1AB", "Longitude": "-1.48", "Latitude": "53.003"},
        {"Library name": "Far Library", "Postcode": "LE1 1AA", "Longitude": "-1.1", "Latitude": "52.6"},
        {"Library name": "Unplaced Library", "Postcode": "de11ad"},
    ]
    rows[1]["Year closed"] = "2013"
    return registers.library_list(rows)


def practices() -> bytes:
    listed = [
        registers.Practice("A90001", "DR O'BRIEN'S PRACTICE", "DE1 1AA"),
        registers.Practice("A90002", "CLOSED SURGERY", "DE1 1AA", status="INACTIVE"),
        registers.Practice("A90003", "HMP MEAD", "DE1 1AB", role="RO177|RO82"),
        registers.Practice("A90004", "FAR SURGERY", "LE1 1AA"),
    ]
    return registers.practice_report(listed)


def charities() -> bytes:
    home = {"charity_contact_address1": "7 Secret Lane", "charity_contact_phone": "07700 900123"}
    home |= {"charity_contact_email": "jane.doe@example.org"}
    here = {"charity_contact_postcode": "DE1 1AB", **home}
    listed = [
        {"registered_charity_number": 900001, "charity_name": 'MEAD "TOGETHER" TRUST', **here},
        {"registered_charity_number": 900002, "charity_name": REFUGE.upper(), **here},
        {"registered_charity_number": 900003, "charity_name": "GONE", **here, "charity_registration_status": "Removed"},
        {"registered_charity_number": 900001, "charity_name": "A BRANCH", **here, "linked_charity_number": 1},
        {"registered_charity_number": 900004, "charity_name": "FAR TRUST", "charity_contact_postcode": "LE1 1AA"},
    ]
    listed[0]["charity_activities"] = "Lunch, and company."
    return registers.charity_zip(listed)


def grants() -> dict[str, list[dict]]:
    def one(number: int) -> dict:
        return {
            "id": f"360G-made-up-{number}",
            "title": f"Grant {number}",
            "awardDate": "2025-01-01",
            "fundingOrganization": [{"id": "GB-CHC-1", "name": "A Fund"}],
            "recipientOrganization": [
                {
                    "id": "GB-CHC-900001",
                    "name": "Mead Together Trust",
                    "charityNumber": "900001",
                    "streetAddress": "7 Secret Lane",
                    "postalCode": "DE1 1AB",
                }
            ],
        }

    return {"GB-CHC-900001": [one(number) for number in range(5)]}


def services() -> list[dict]:
    place = {"id": "p", "location": {"id": "l", "name": "The Hall", "latitude": 53.0, "longitude": -1.5}}
    return [
        {
            "id": f"s{n}",
            "name": f"Service {n}",
            "status": "active",
            "organization": {"id": "o", "name": "Mead Trust"},
            "service_at_locations": [place],
        }
        for n in range(5)
    ]


def postcodes() -> list[files.Postcode]:
    # 433545, 345000 on the national grid is near 53.0 north, 1.5 west.
    return [files.Postcode(code, 433800 + 300 * n, 345200) for n, code in enumerate(POSTCODES)] + [
        files.Postcode("DE9 9ZZ", 533800, 345200)
    ]


@dataclass
class Town:
    """The stand-ins, running, and where each source's address is told."""

    arcgis: Site
    sport: Site
    nomis: Site
    overpass: Site
    feed: Site
    downloads: Site
    geocoder: Site
    giving: Site
    addresses: dict[str, str] = field(default_factory=dict)

    def sites(self) -> tuple[Site, ...]:
        return self.arcgis, self.sport, self.nomis, self.overpass, self.feed, self.downloads, self.geocoder, self.giving


@contextmanager
def running(**settings) -> Iterator[Town]:
    held = {
        files.CODE_POINT_FILE: files.Content(files.code_point_zip(postcodes()), kind=files.ZIP),
        "/iod.csv": files.table("LSOA code (2021),IMD score\n" + "".join(f"{code},1.5\n" for code in CODES)),
        "/libraries.csv": files.Content(libraries(), kind="text/csv"),
        "/report": files.Content(practices(), kind="text/csv", tagged=False),
        "/charity.zip": files.Content(charities(), kind=files.ZIP),
    }
    outline = shapely.union_all([square(number) for number in range(4)])
    with ExitStack() as stack:
        items = {arcgis.OA_CENTROID_ITEM: arcgis.OA_CENTROID}
        town = Town(
            stack.enter_context(arcgis.running(zone_layers(), items=items, **settings)),
            stack.enter_context(arcgis.running(sport_layers())),
            stack.enter_context(nomis.running(census())),
            stack.enter_context(overpass.running(extract())),
            stack.enter_context(open_referral.running(services())),
            stack.enter_context(files.downloads(held)),
            stack.enter_context(files.geocoder([files.Place("Mead, Derbyshire, England", outline)])),
            stack.enter_context(serve(registers.Giving(grants(), most=2))),
        )
        there = town.downloads.url
        town.addresses = {
            "ons-boundaries": town.arcgis.url + BASE,
            "active-places": town.sport.url + BASE,
            "ons-census-2021": f"{town.nomis.url}/api/v01",
            "openstreetmap": f"{town.overpass.url}/api",
            "nominatim": town.geocoder.url,
            "code-point-open": f"{there}{files.CODE_POINT}?area=GB&format=CSV&redirect",
            "iod-2025": f"{there}/iod.csv",
            "libraries-england": f"{there}/libraries.csv",
            "nhs-gp-practices": f"{there}/report",
            "charity-register": f"{there}/charity.zip",
            "threesixty-giving": f"{town.giving.url}/api/v1",
        }
        yield town


def tell_addresses(town: Town, monkeypatch) -> None:
    """Let the sources be asked for at the stand-ins."""
    for source, address in town.addresses.items():
        monkeypatch.setenv(f"ASSETMAP_{source.upper().replace('-', '_')}_URL", address)


QUICK = Limits(pause=0, connect=2, read=0.5, slow_after=0.2, slowest=20_000)


def client(folder: Path, limits: Limits = QUICK, **more) -> tuple[Client, list[float]]:
    """A client as it is in use, but that nothing is waited for between two tries: the waits are listed."""
    waits: list[float] = []
    session = requests.Session()
    session.trust_env = False
    return Client(folder, limits=limits, sleep=waits.append, session=session, **more), waits
