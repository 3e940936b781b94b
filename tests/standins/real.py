"""The stand-ins filled from the real files that a machine may have; nothing of them is kept in the project.

What those files do not hold cannot be served: there are no output areas of Camden, no zones weighted by where people
live, and of the census tables only those of Trafford and two of Camden's.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape

from standins import arcgis, files, nomis, open_referral, overpass
from standins.arcgis import Layer, layer_of, only
from standins.nomis import Area, Census
from standins.nomis_tables import TABLES
from standins.server import Site

PLACES = {"camden": ("E09000007", "Camden"), "trafford": ("E08000009", "Trafford")}
EXTRACT = "/europe/united-kingdom/england/camden-latest.osm.pbf"
IOD = "/media/File_7_IoD2025_All_Ranks_Scores_Deciles_Population_Denominators.csv"


@dataclass(frozen=True)
class Bench:
    """All the stand-ins, running."""

    overpass: Site
    arcgis: Site
    nomis: Site
    open_referral: Site
    downloads: Site
    geocoder: Site


def _rows(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def portal_layers(data: Path) -> list[Layer]:
    """The boundary layers and look-up tables of the portal, for the two places, under their real names."""
    zones = [one for place in PLACES for one in arcgis.features_in(data / place / "lsoa21.geojson")]
    middle = [one for place in PLACES for one in arcgis.features_in(data / place / "msoa21.geojson")]
    wards = [one for place in PLACES for one in arcgis.features_in(data / place / "wards.geojson")]
    lsoas = only(zones, {"LSOA21CD": "LSOA21CD", "LSOA21NM": "LSOA21NM"})
    return [
        layer_of(arcgis.LSOA, lsoas),
        layer_of(arcgis.MSOA, only(middle, {"MSOA21CD": "MSOA21CD", "MSOA21NM": "MSOA21NM"})),
        layer_of(arcgis.WARD, only(wards, {"WD25CD": "WD25CD", "WD25NM": "WD25NM", "LAD25CD": "LAD25CD"})),
        layer_of(arcgis.LSOA_CENTROID, arcgis.centroids(zones, "LSOA21CD")),
        layer_of(arcgis.DISTRICT, _districts(data)),
        *_output_areas(data, lsoas),
        _lookup(data),
        _old_lookup(data),
    ]


def _districts(data: Path) -> list[dict[str, Any]]:
    made = []
    for place, (code, name) in PLACES.items():
        zones = arcgis.features_in(data / place / "lsoa21.geojson")
        whole = arcgis.outline(name, zones, {"LAD24CD": code, "LAD24NM": name})
        made += only([whole], {"LAD24CD": "LAD24CD", "LAD24NM": "LAD24NM"})
    return made


def _output_areas(data: Path, lsoas: list[dict[str, Any]]) -> list[Layer]:
    """Trafford's output areas, each with the zone that a point inside it lies in, and their look-up table."""
    tree = shapely.STRtree([shape(one["geometry"]) for one in lsoas])
    made = only(arcgis.features_in(data / "trafford" / "oa21.geojson"), {"OA21CD": "area_code"})
    code, name = PLACES["trafford"]
    looked_up = []
    for one in made:
        at = tree.nearest(shape(one["geometry"]).representative_point())
        one["properties"] |= {key: lsoas[at]["properties"][key] for key in ("LSOA21CD", "LSOA21NM")}
        kept = {key: one["properties"][key] for key in ("OA21CD", "LSOA21CD", "LSOA21NM")}
        looked_up.append({"properties": {**kept, "LAD22CD": code, "LAD22NM": name}})
    return [
        layer_of(arcgis.OA, made),
        layer_of(arcgis.OA_LOOKUP, looked_up, oid="ObjectId"),
        layer_of(arcgis.OA_CENTROID, arcgis.centroids(made, "OA21CD")),
    ]


def _lookup(data: Path) -> Layer:
    names = {
        "LSOA21CD": "lsoa21_code",
        "LSOA21NM": "lsoa21_name",
        "WD24CD": "ward24_code",
        "WD24NM": "ward24_name",
        "LAD24CD": "ltla24_code",
        "LAD24NM": "ltla24_name",
    }
    rows = _rows(data / "england" / "lookup_lsoa21_ward24_ltla24.csv.gz")
    return _plain(arcgis.LSOA_LOOKUP, rows, names)


def _old_lookup(data: Path) -> Layer:
    names = {
        "LSOA11CD": "lsoa11_code",
        "LSOA11NM": "lsoa11_name",
        "CHGIND": "change_code",
        "LSOA21CD": "lsoa21_code",
        "LSOA21NM": "lsoa21_name",
        "LAD22CD": "ltla22_code",
        "LAD22NM": "ltla22_name",
    }
    return _plain(arcgis.OLD_LSOA_LOOKUP, _rows(data / "england" / "lookup_lsoa11_lsoa21_ltla22.csv.gz"), names)


def _plain(name: str, rows: list[dict[str, str]], names: dict[str, str]) -> Layer:
    made = [{"properties": {new: row[old] for new, old in names.items()}} for row in rows]
    return layer_of(name, made, oid="ObjectId")


_COUNTED = {
    "ts003": ("household_composition", "indicator"),
    "ts007a": ("population_by_5_year_age_bands", "indicator"),
    "ts037": ("general_health", "general_health"),
    "ts038": ("disability", "disability_category"),
    "ts039": ("unpaid_care", "unpaid_care"),
    "ts045": ("car_van_availability", "availability_category"),
}


def census(data: Path) -> Census:
    """Trafford's tables as counted, and two of Camden's and Trafford's made whole again from their shares."""
    held = Census()
    for table, (stem, column) in _COUNTED.items():
        for kind in ("lsoa", "oa"):
            path = data / "trafford" / "census2021" / f"2021_{stem}_{kind}_trafford.csv"
            if path.is_file():
                _add_counted(held, table, kind, _rows(path), column)
    _add_residents(held)
    for place, (code, _name) in PLACES.items():
        for row in _rows(data / place / "lsoa21_indicators.csv"):
            area = Area(row["lsoa21_code"], row["lsoa21_name"], "lsoa", frozenset({code}))
            _add_shares(held, "ts011", area, row, "")
            _add_shares(held, "ts054", area, row, "tenure_")
    return held


def _add_counted(held: Census, table: str, kind: str, rows: list[dict[str, str]], column: str) -> None:
    codes = {one.name.rsplit(": ", 1)[-1] if table == "ts039" else one.name: one.code for one in TABLES[table].leaves}
    counts: dict[tuple[str, str], dict[int, int]] = {}
    for row in rows:
        place = (row["area_code"], row["area_name"])
        counts.setdefault(place, {})[codes[row[column]]] = int(float(row["value"]))
    for (code, name), leaves in counts.items():
        held.add(table, Area(code, name, kind, frozenset({PLACES["trafford"][0]})), leaves)


def _add_residents(held: Census) -> None:
    """Table TS001 is not among the files: the people of the age bands, all as living in households."""
    for code, counts in dict(held.counts["ts007a"]).items():
        held.add("ts001", held.areas[code], {1: counts[0]})


def _add_shares(held: Census, table: str, area: Area, row: dict[str, str], prefix: str) -> None:
    leaves = TABLES[table].leaves
    shares = {one.code: float(row[prefix + one.name] or 0) for one in leaves}
    held.add(table, area, whole_counts(shares, int(float(row["total_households"]))))


def whole_counts(shares: dict[int, float], near: int) -> dict[int, int]:
    """Counts from shares of a total that is not known but near: the one that makes every count most nearly whole.

    >>> whole_counts({1: 0.25, 2: 0.75}, 102)
    {1: 25, 2: 75}
    """

    def off(total: int) -> tuple[float, int]:
        return round(sum(abs(part * total - round(part * total)) for part in shares.values()), 6), abs(total - near)

    total = min(range(max(near - 10, 1), near + 11), key=off)
    return {code: round(part * total) for code, part in shares.items()}


def services(data: Path) -> list[dict[str, Any]]:
    """The fictional services of the example feed, each with what the example of a whole service adds."""
    listed = json.loads((data / "open_referral" / "oruk_v3_service_list_data.json").read_text(encoding="utf-8"))
    whole = json.loads((data / "open_referral" / "ukprofile_service_full.json").read_text(encoding="utf-8"))
    return [
        {**{name: value for name, value in whole.items() if isinstance(value, list)}, **one}
        for one in listed["contents"]
    ]


def postcodes(data: Path) -> list[files.Postcode]:
    made = []
    for place, (code, _name) in PLACES.items():
        for row in _rows(data / place / "postcodes.csv"):
            grid = int(float(row["easting"])), int(float(row["northing"]))
            made.append(files.Postcode(row["postcode"], *grid, district=code, quality=int(float(row["quality"]))))
    return made


def indices(data: Path) -> bytes:
    """File 7 of the Indices of Deprivation 2025, for all of England."""
    names = {row["lsoa21_code"]: row for row in _rows(data / "england" / "lookup_lsoa21_ward24_ltla24.csv.gz")}
    rows = []
    for row in _rows(data / "england" / "imd2025_england_lsoa21.csv.gz"):
        place = names[row["lsoa21_code"]]
        values: list[Any] = [place[name] for name in ("lsoa21_code", "lsoa21_name", "ltla24_code", "ltla24_name")]
        for domain in files.DOMAINS:
            values += [row[f"{domain}_score"], *(int(float(row[f"{domain}_{part}"])) for part in ("rank", "decile"))]
        rows.append(values)
    return files.iod_csv(rows)


def places(data: Path) -> list[files.Place]:
    """The two boroughs, outlined by their zones. The numbers of the relations are made up."""
    titles = {
        "camden": "London Borough of Camden, London, Greater London, England, United Kingdom",
        "trafford": "Trafford, Greater Manchester, England, United Kingdom",
    }
    made = []
    for number, (place, title) in enumerate(titles.items(), start=1):
        zones = [shape(one["geometry"]) for one in arcgis.features_in(data / place / "lsoa21.geojson")]
        made.append(files.Place(title, files.outline_of(zones), osm_id=number))
    return made


def downloads(data: Path) -> dict[str, files.Content]:
    return {
        EXTRACT: files.Content((data / "camden" / "camden.osm.pbf").read_bytes()),
        IOD: files.Content(indices(data), kind="text/csv"),
        files.CODE_POINT_FILE: files.Content(files.code_point_zip(postcodes(data)), kind=files.ZIP),
    }


@contextlib.contextmanager
def running(data: Path) -> Iterator[Bench]:
    """Start every stand-in on the real files."""
    with contextlib.ExitStack() as stack:
        yield Bench(
            stack.enter_context(overpass.running(data / "camden" / "camden.osm.pbf")),
            stack.enter_context(
                arcgis.running(portal_layers(data), items={arcgis.OA_CENTROID_ITEM: arcgis.OA_CENTROID})
            ),
            stack.enter_context(nomis.running(census(data))),
            stack.enter_context(open_referral.running(services(data))),
            stack.enter_context(files.downloads(downloads(data))),
            stack.enter_context(files.geocoder(places(data))),
        )
