"""Plain downloads, and a geocoder in Nominatim's format.

Downloads are written from

- https://docs.os.uk/os-downloads/products/areas-and-zones-portfolio/code-point-open/code-point-open-technical-specification/product-structure
  and the getting-started page beside it (Code-Point Open: a CSV file for each postcode area, without a header, under
  ``Data/CSV``; the two rows of names in ``Doc/Code-Point_Open_Column_Headers.csv``; National Grid metres),
- https://api.os.uk/downloads/v1 as described by
  https://search.r-project.org/CRAN/refmans/osdatahub/html/list_os_opendata.html (``/products/CodePointOpen/downloads``
  lists the files, and with ``redirect`` sends on to one),
- https://www.gov.uk/government/statistics/english-indices-of-deprivation-2025 (File 7: names of the columns),
- http://paulnorman.ca/blog/2018/01/it-starts-with-the-planet (an extract by address, with its ``.md5`` beside it).

The geocoder is written from https://nominatim.org/release-docs/4.0/api/Output and
https://nominatim.org/release-docs/latest/api/Search/, its manners from
https://operations.osmfoundation.org/policies/nominatim/ (a User-Agent of one's own, at most one request a second).
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import shapely
from shapely.geometry import mapping

from standins.messages import CSV, Reply, Request, as_json
from standins.overpass import nameless
from standins.server import Site, serve, tag_of, zipped

PBF = "application/octet-stream"
ZIP = "application/zip"
PUBLISHED = 1_761_782_400.0
CODE_POINT = "/downloads/v1/products/CodePointOpen/downloads"
CODE_POINT_FILE = "/codepo_gb.zip"


@dataclass(frozen=True)
class Content:
    """A file to be fetched. Without ``tagged`` there is no entity tag, as on some mirrors."""

    body: bytes
    kind: str = PBF
    modified: float | None = PUBLISHED
    tagged: bool = True


class Downloads:
    """Files by path, each with its ``.md5``; ``put`` replaces one while the server runs."""

    def __init__(self, files: Mapping[str, Content]) -> None:
        self.files = dict(files)

    def put(self, path: str, content: Content) -> None:
        self.files[path] = content

    def answer(self, request: Request) -> Reply:
        if request.path == CODE_POINT and CODE_POINT_FILE in self.files:
            return self._listed(request)
        if request.path.endswith(".md5") and request.path.removesuffix(".md5") in self.files:
            name = request.path.removesuffix(".md5")
            digest = hashlib.md5(self.files[name].body, usedforsecurity=False).hexdigest()
            return Reply(f"{digest}  {name.rsplit('/', 1)[-1]}\n".encode(), kind="text/plain")
        held = self.files.get(request.path)
        if held is None:
            return Reply(b"<html><body><h1>404 Not Found</h1></body></html>", status=404)
        return Reply(held.body, kind=held.kind, etag=tag_of(held.body) if held.tagged else None, modified=held.modified)

    def _listed(self, request: Request) -> Reply:
        content = self.files[CODE_POINT_FILE].body
        url = f"http://{request.host}{CODE_POINT_FILE}"
        if "redirect" in request.query:
            return Reply(status=307, headers={"Location": url})
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        one = {"md5": digest, "size": len(content), "url": url, "format": "CSV", "area": "GB"}
        return as_json([{**one, "fileName": CODE_POINT_FILE.removeprefix("/")}])


# --- what the files hold --------------------------------------------------------------------------------------------

SHORT_NAMES = ["PC", "PQ", "EA", "NO", "CY", "RH", "LH", "CC", "DC", "WC"]
LONG_NAMES = [
    "Postcode",
    "Positional_quality_indicator",
    "Eastings",
    "Northings",
    "Country_code",
    "NHS_regional_HA_code",
    "NHS_HA_code",
    "Admin_county_code",
    "Admin_district_code",
    "Admin_ward_code",
]


@dataclass(frozen=True)
class Postcode:
    """A postcode unit with its place in metres on the National Grid."""

    postcode: str
    easting: int
    northing: int
    district: str = ""
    ward: str = ""
    quality: int = 10
    country: str = "E92000001"


def code_point_zip(postcodes: Sequence[Postcode]) -> bytes:
    """The product's zip: one file for each postcode area, names apart from the data."""
    areas: dict[str, list[Postcode]] = {}
    for one in postcodes:
        letters = one.postcode[: 2 if one.postcode[1].isalpha() else 1].lower()
        areas.setdefault(letters, []).append(one)
    members = {f"Data/CSV/{letters}.csv": _rows(_fields(one) for one in held) for letters, held in areas.items()}
    counts = "".join(f"{letters.upper()}\t{len(held)}\n" for letters, held in sorted(areas.items()))
    members |= {
        "Doc/Code-Point_Open_Column_Headers.csv": _rows([SHORT_NAMES, LONG_NAMES]),
        "Doc/metadata.txt": f"ORDNANCE SURVEY\nPRODUCT : OS CODE-POINT OPEN\n{counts}",
        "Doc/licence.txt": "Open Government Licence v3.0\n",
    }
    return zipped({name: text.encode() for name, text in sorted(members.items())})


def _fields(one: Postcode) -> list[Any]:
    """Postcodes are seven characters wide: the outward part is padded to four."""
    outward, inward = one.postcode.split()
    health = ("E19000003", "E18000007") if one.country.startswith("E") else ("", "")
    place = [one.quality, one.easting, one.northing, one.country]
    return [outward.ljust(4) + inward, *place, *health, "", one.district, one.ward]


def _rows(rows: Any) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


DOMAINS = {
    "IMD": ("Index of Multiple Deprivation (IMD)", ""),
    "Income": ("Income", " (rate)"),
    "Employment": ("Employment", " (rate)"),
    "Education": ("Education, Skills and Training", ""),
    "Health": ("Health Deprivation and Disability", ""),
    "Crime": ("Crime", ""),
    "Housing_and_Services": ("Barriers to Housing and Services", ""),
    "Environment": ("Living Environment", ""),
}
PLACE_NAMES = (
    "LSOA code (2021)",
    "LSOA name (2021)",
    "Local Authority District code (2024)",
    "Local Authority District name (2024)",
)


def iod_columns() -> list[str]:
    """File 7's columns for the index and its seven domains: score, rank and decile of each."""
    names = list(PLACE_NAMES)
    for title, rate in DOMAINS.values():
        names += [
            f"{title} Score{rate}",
            f"{title} Rank (where 1 is most deprived)",
            f"{title} Decile (where 1 is most deprived 10% of LSOAs)",
        ]
    return names


def iod_csv(rows: Sequence[Sequence[Any]]) -> bytes:
    """File 7, from rows in the order of ``iod_columns``; it begins with a byte order mark."""
    return ("\ufeff" + _rows([iod_columns(), *rows])).encode()


# --- the geocoder ---------------------------------------------------------------------------------------------------

LICENCE = "Data © OpenStreetMap contributors, ODbL 1.0. http://osm.org/copyright"


@dataclass(frozen=True)
class Place:
    """Something with a name that can be looked for; the shape in longitude and latitude."""

    display_name: str
    shape: Any
    osm_type: str = "relation"
    osm_id: int = 1
    kind: tuple[str, str] = ("boundary", "administrative")
    importance: float = 0.6


class Geocoder:
    """``/search``, ``/lookup`` and ``/status``. With ``strict`` more than one request in a second gets 429."""

    def __init__(self, places: Sequence[Place], *, strict: bool = False, open_to_all: bool = False) -> None:
        self.places = list(places)
        self.strict = strict
        self.open_to_all = open_to_all
        self._last = 0.0
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Reply:
        asked = request.query
        if not self.open_to_all and nameless(request.headers.get("user-agent", "")):
            return replace(self.error(request, 403), status=403)
        if self._hurried():
            return replace(self.error(request, 429), status=429)
        if request.path == "/status":
            return Reply(b"OK", kind="text/plain")
        if request.path == "/lookup":
            ids = asked.get("osm_ids", "").split(",")
            found = [one for one in self.places if f"{one.osm_type[0].upper()}{one.osm_id}" in ids]
            return as_json([self._place(one, asked) for one in found])
        if request.path != "/search":
            return replace(self.error(request, 404), status=404)
        return self._search(asked)

    def _hurried(self) -> bool:
        if not self.strict:
            return False
        with self._lock:
            now = time.monotonic()
            hurried, self._last = now - self._last < 1, now
            return hurried

    def _search(self, asked: Mapping[str, str]) -> Reply:
        structured = ("amenity", "street", "city", "county", "state", "country", "postalcode")
        text = asked.get("q") or ", ".join(asked[name] for name in structured if name in asked)
        if not text:
            return as_json({"error": {"code": 400, "message": "Nothing to search for."}}, status=400)
        words = text.casefold().replace(",", " ").split()
        found = [one for one in self.places if set(words) <= _words(one.display_name)]
        found.sort(key=lambda one: -one.importance)
        limit = max(1, min(int(asked.get("limit", "10")), 40))
        return as_json([self._place(one, asked) for one in found[:limit]])

    def _place(self, one: Place, asked: Mapping[str, str]) -> dict[str, Any]:
        west, south, east, north = one.shape.bounds
        middle = one.shape.representative_point()
        group = "category" if asked.get("format", "jsonv2") == "jsonv2" else "class"
        made: dict[str, Any] = {
            "place_id": 100_000 + one.osm_id,
            "licence": LICENCE,
            "osm_type": one.osm_type,
            "osm_id": one.osm_id,
            "lat": f"{middle.y:.7f}",
            "lon": f"{middle.x:.7f}",
            group: one.kind[0],
            "type": one.kind[1],
            "place_rank": 16,
            "importance": one.importance,
            "addresstype": "borough",
            "name": one.display_name.split(",")[0],
            "display_name": one.display_name,
            "boundingbox": [f"{south:.7f}", f"{north:.7f}", f"{west:.7f}", f"{east:.7f}"],
        }
        if asked.get("polygon_geojson") == "1":
            made["geojson"] = mapping(one.shape)
        return made

    def empty(self, _request: Request) -> Reply:
        return as_json([])

    def wrong(self, _request: Request) -> Reply:
        return as_json({"results": [{"formatted": "Camden", "bounds": {}}]})

    def error(self, _request: Request, status: int) -> Reply:
        said = {403: "Usage limit reached or no User-Agent of your own", 429: "Bandwidth limit exceeded"}.get(
            status, "Error"
        )
        return Reply(f"<html><head><title>{status}</title></head><body><p>{said}</p></body></html>".encode())


def _words(text: str) -> set[str]:
    return set(text.casefold().replace(",", " ").split())


def outline_of(shapes: Sequence[Any]) -> Any:
    """The outline of a place from its zones."""
    return shapely.union_all(list(shapes))


@contextlib.contextmanager
def downloads(files: Mapping[str, Content], *, certificate: Any = None) -> Iterator[Site]:
    """Serve files by path; ``site.service.put`` changes one."""
    with serve(Downloads(files), certificate=certificate) as site:
        yield site


@contextlib.contextmanager
def geocoder(places: Sequence[Place], *, certificate: Any = None, **settings: Any) -> Iterator[Site]:
    """Serve a geocoder; ``site.url`` stands for ``https://nominatim.openstreetmap.org``."""
    with serve(Geocoder(places, **settings), certificate=certificate) as site:
        yield site


def table(rows: str) -> Content:
    """A CSV file to be fetched, from its text."""
    return Content(rows.encode(), kind=CSV)
