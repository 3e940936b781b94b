"""Public services in miniature, answered inside the process: what a client is sent is what a test wrote down."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import requests
import shapely
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from assetmap.sources.answers import Limits
from assetmap.sources.web import Client

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Reply:
    """What a service answers; ``cut`` lets the connection go after so many bytes, ``fault`` before any."""

    body: bytes | str | dict | list = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    fault: Exception | None = None


class Cut(io.BytesIO):
    """A body that breaks off."""

    def __init__(self, body: bytes, at: int) -> None:
        super().__init__(body[:at])

    def read(self, amount: int | None = -1) -> bytes:
        piece = super().read(amount)
        if not piece:
            raise ConnectionResetError("cut")
        return piece

    read1 = read


class Wire(BaseAdapter):
    """Takes every request of a session to one function."""

    def __init__(self, answer: Callable[[requests.PreparedRequest], Reply]) -> None:
        super().__init__()
        self.answer = answer
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request, **_):
        self.sent.append(request)
        reply = self.answer(request)
        if reply.fault is not None:
            raise reply.fault
        body = reply.body if isinstance(reply.body, bytes) else to_bytes(reply.body)
        stream = io.BytesIO(body) if reply.cut is None else Cut(body, reply.cut)
        headers = {"Content-Length": str(len(body)), **reply.headers}
        response = requests.Response()
        response.status_code, response.headers, response.url = (
            reply.status,
            requests.structures.CaseInsensitiveDict(headers),
            request.url,
        )
        response.raw = HTTPResponse(stream, headers, reply.status, preload_content=False, decode_content=False)
        response.request, response.reason = request, ""
        return response

    def close(self) -> None:
        return None


def to_bytes(body: str | dict | list) -> bytes:
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def client(
    folder: Path, answer: Callable[[requests.PreparedRequest], Reply], **more
) -> tuple[Client, Wire, list[float]]:
    """Return a client whose every request goes to a function, with the list of its waits."""
    wire, waits = Wire(answer), []
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", wire)
    session.mount("http://", wire)
    now = [0.0]

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    made = Client(
        folder,
        session=session,
        sleep=sleep,
        clock=lambda: now[0],
        moment=lambda: NOON,
        limits=more.pop("limits", Limits(pause=0.0)),
        **more,
    )
    return made, wire, waits


def run(steps):
    """Return what steps end with, and the steps."""
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return end.value, seen


def asked_of(request: requests.PreparedRequest) -> dict[str, str]:
    query = urlsplit(request.url).query if request.body is None else request.body
    return dict(parse_qsl(query if isinstance(query, str) else query.decode()))


# --- a made-up place of four zones in two wards -----------------------------------------------------------------------

CODES = tuple(f"E0190000{number}" for number in range(1, 5))
CATEGORIES = ("Total: All households", "No cars or vans in household", "1 car or van in household")


def square(number: int) -> shapely.Polygon:
    """Zone 0 to 3, side by side, about 700 m wide."""
    west = -1.5 + 0.01 * number
    return shapely.box(west, 53.0, west + 0.01, 53.006)


def zone_rows() -> list[dict]:
    return [
        {
            "type": "Feature",
            "properties": {
                "LSOA21CD": code,
                "LSOA21NM": f"Mead 001{'ABCD'[number]}",
                "WD24CD": f"E0590000{1 + number // 2}",
                "WD24NM": ("East Ward", "West Ward")[number // 2],
                "LAD24CD": "E07900001",
                "LAD24NM": "Mead",
            },
            "geometry": shapely.geometry.mapping(square(number)),
        }
        for number, code in enumerate(CODES)
    ]


def feature_service(request: requests.PreparedRequest, page: int = 1000) -> Reply:
    """Answer as a feature service does, knowing the few conditions that are asked here."""
    asked = asked_of(request)
    rows = [row for row in zone_rows() if fits(row, asked)]
    if asked.get("returnCountOnly") == "true":
        return Reply({"count": len(rows)})
    start, size = int(asked["resultOffset"]), min(page, int(asked["resultRecordCount"]))
    part = [thinned(row, asked) for row in rows[start : start + size]]
    body: dict = {"type": "FeatureCollection", "features": part}
    if start + size < len(rows):
        body["properties"] = {"exceededTransferLimit": True}
    return Reply(body)


def fits(row: dict, asked: dict[str, str]) -> bool:
    where = asked["where"]
    properties = row["properties"]
    if " IN (" in where:
        name, _, listed = where.partition(" IN (")
        return properties.get(name) in listed.rstrip(")").replace("'", "").split(",")
    if where.startswith("UPPER("):
        name, _, value = where[6:].partition(")=")
        return properties.get(name, "").upper() == value.strip("'")
    if "geometry" in asked:
        west, south, east, north = map(float, asked["geometry"].split(","))
        return shapely.geometry.shape(row["geometry"]).intersects(shapely.box(west, south, east, north))
    return where == "1=1"


def thinned(row: dict, asked: dict[str, str]) -> dict:
    wanted = asked["outFields"].split(",")
    geometry = row["geometry"] if asked["returnGeometry"] == "true" else None
    return {**row, "properties": {k: v for k, v in row["properties"].items() if k in wanted}, "geometry": geometry}


def census(request: requests.PreparedRequest, limit: int = 25000) -> Reply:
    """Answer as Nomis does: households by cars, 100 in the first zone, 110 in the second, and so on."""
    asked = asked_of(request)
    codes = [code for code in asked["geography"].split(",") if code in CODES]
    rows = [row for code in codes for row in car_rows(code)]
    start = int(asked["recordoffset"])
    lines = [f"{row},{len(rows)}" for row in rows[start : start + min(limit, int(asked["recordlimit"]))]]
    heading = "GEOGRAPHY_CODE,GEOGRAPHY_NAME,C2021_CARS_5_NAME,MEASURES_NAME,OBS_VALUE,RECORD_COUNT"
    return Reply("\n".join([heading, *lines]) + "\n", headers={"Content-Type": "text/csv"})


def car_rows(code: str) -> Iterator[str]:
    number = CODES.index(code)
    total, none = 100 + 10 * number, 20 + 5 * number
    for category, value in zip(CATEGORIES, (total, none, total - none), strict=True):
        yield f"{code},Mead 001{'ABCD'[number]},{category},Value,{value}"


def street_map() -> list[dict]:
    """One street through the zones with a library at its western end and a hall in the third zone."""
    at = {"version": 2, "timestamp": "2026-01-05T10:00:00Z"}
    nodes = [{"type": "node", "id": n, "lat": 53.003, "lon": -1.499 + 0.002 * n, **at} for n in range(1, 20)]
    hall = {"amenity": "community_centre", "name": "Mead Hall"}
    return [
        *nodes,
        {
            "type": "node",
            "id": 50,
            "lat": 53.0031,
            "lon": -1.498,
            "tags": {"amenity": "library", "name": "A Library"},
            **at,
        },
        {"type": "node", "id": 51, "lat": 53.0031, "lon": -1.475, "tags": hall, **at},
        {
            "type": "way",
            "id": 7,
            "nodes": list(range(1, 20)),
            "tags": {"highway": "residential", "name": "Long St"},
            **at,
        },
    ]


def overpass(request: requests.PreparedRequest) -> Reply:
    query = asked_of(request)["data"]
    elements = street_map()
    if "'building'" in query and "amenity" not in query:
        elements = []
    return Reply({"osm3s": {"timestamp_osm_base": "2026-02-28T23:00:00Z"}, "elements": elements})
