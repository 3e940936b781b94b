"""OpenStreetMap as it is now, from Overpass: what OSMnx asks for, sent by our own client, kept as an extract.

OSMnx writes the questions and cuts a large place into pieces. It would ask a busy service again for ever and takes a
cut answer for a whole one, so its sending is done by :class:`~assetmap.sources.web.Client`. What comes back becomes
an ``.osm.pbf`` file that :mod:`assetmap.sources.osm` reads like any other.

An answer that was cut short says so in ``remark`` with status 200
(https://dev.overpass-api.de/overpass-doc/en/preface/commons.html).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import osmium
import shapely

from assetmap.catalogue import Catalogue, Source
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped, Question
from assetmap.sources.osm.ground import AREA_KEYS
from assetmap.sources.web import Client, address_of, digest_of
from assetmap.store.files import replacing

KIND: Final = "overpass"
SOURCE: Final = "openstreetmap"
FILE: Final = "openstreetmap.osm.pbf"
#: Keys that alone make nothing to count or to draw; buildings are asked for apart, near the zones only.
_LEFT_OUT: Final = frozenset({"name", "building", "natural"})
_LINE_KEYS: Final = ("railway", "waterway")
_ORDER: Final = ("node", "way", "relation")

Rows = Found | NoneMapped | Failed


@dataclass(frozen=True)
class Area:
    """What is asked for: streets and places in ``wide``, buildings in ``near`` only; both in degrees."""

    near: shapely.Polygon
    wide: shapely.Polygon


@dataclass
class _Heard:
    """Elements by kind and id as answers come in; the newest version of each is kept."""

    elements: dict[tuple[str, int], Mapping[str, Any]] = field(default_factory=dict)
    answers: list[Found] = field(default_factory=list)
    newest: str = ""

    def take(self, document: Mapping[str, Any], answer: Found) -> None:
        self.answers.append(answer)
        base = document.get("osm3s")
        if isinstance(base, Mapping):
            self.newest = max(self.newest, str(base.get("timestamp_osm_base") or ""))
        for element in document["elements"]:
            key = (str(element["type"]), int(element["id"]))
            known = self.elements.get(key)
            # One piece may know the tags of a node that another gives without: the fuller one stays.
            if known is None or _weight(element) > _weight(known):
                self.elements[key] = element


def fetch(client: Client, source: Source, catalogue: Catalogue, area: Area) -> Generator[Step, None, Rows]:
    """Fetch streets, places and ground of an area.

    Parameters
    ----------
    client
        Who asks.
    source
        ``openstreetmap`` of the catalogue.
    catalogue
        Whose categories say which keys matter.
    area
        Where.

    Returns
    -------
    Found, NoneMapped or Failed
        An ``.osm.pbf`` file; ``last_modified`` holds the moment the service's data is of. A place without any street
        is none mapped.
    """
    heard = _Heard()
    asked = digest_of(shapely.to_wkt(area.near), shapely.to_wkt(area.wide))
    for number, query in enumerate(questions(catalogue, source, area)):
        question = Question(
            f"overpass.{number}.json",
            f"{address_of(source.id, source.service)}/interpreter",
            form={"data": query},
            check=check_answer,
            seconds=_seconds(source) + 30.0,
        )
        answer = yield from client.fetch(question)
        if isinstance(answer, Failed):
            return Failed(answer.service, answer.reason, client.kept(FILE, asked))
        heard.take(json.loads(answer.path.read_text(encoding="utf-8")), answer)
        yield Step("fetched-streets", len(heard.elements))
    streets = sum(1 for one in heard.elements.values() if one["type"] == "way" and "highway" in one.get("tags", {}))
    if streets == 0:
        return NoneMapped("streets")
    return _kept(client, heard, asked)


def questions(catalogue: Catalogue, source: Source, area: Area) -> list[str]:
    """Return what OSMnx would ask Overpass for: all streets, all places by key, the ground.

    Each ends in ``out meta`` in the place of OSMnx's ``out``: the version and the date of an object tell how old it is.
    """
    import osmnx

    keys = sorted((catalogue.osm_keys | AREA_KEYS) - _LEFT_OUT)
    tags: dict[str, bool | str | list[str]] = dict.fromkeys((*keys, "kerb", "barrier"), True)
    tags |= {"natural": ["water", "wood", "scrub", "heath", "grassland"]}
    tags |= dict.fromkeys(_LINE_KEYS, True)
    asked: list[str] = []
    with _listening(osmnx, source, asked):
        with _only_asking(osmnx):
            osmnx.graph_from_polygon(area.wide, custom_filter='["highway"]', simplify=False, retain_all=True)
        with _only_asking(osmnx):
            osmnx.features_from_polygon(area.wide, tags)
        with _only_asking(osmnx):
            osmnx.features_from_polygon(area.near, {"building": True})
    return [f"{query.removesuffix('out;')}out meta;" for query in asked]


@contextmanager
def _listening(osmnx: Any, source: Source, asked: list[str]) -> Iterator[None]:
    """Let OSMnx write its questions into a list in the place of sending them; its settings are as before afterwards."""
    sender = osmnx._overpass._overpass_request
    settings = osmnx.settings
    wanted: dict[str, Any] = {"cache_only_mode": True, "use_cache": False, "requests_timeout": int(_seconds(source))}
    wanted |= {"overpass_settings": "[out:json][timeout:{timeout}]{maxsize}", "log_file": False}
    before = {name: getattr(settings, name) for name in wanted}

    def listen(data: Mapping[str, str]) -> dict[str, Any]:
        asked.append(data["data"])
        return {"elements": []}

    try:
        for name, value in wanted.items():
            setattr(settings, name, value)
        osmnx._overpass._overpass_request = listen
        yield
    finally:
        osmnx._overpass._overpass_request = sender
        for name, value in before.items():
            setattr(settings, name, value)


@contextmanager
def _only_asking(osmnx: Any) -> Iterator[None]:
    """Expect OSMnx to stop once it has asked: told to keep answers only, it says so by an error."""
    try:
        yield
    except osmnx._errors.CacheOnlyInterruptError:
        return


def check_answer(path: Path) -> str:
    """Return what is wrong with an answer of Overpass, nothing where it is whole."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return "answered with something that is not JSON"
    if not isinstance(document, dict):
        return "answered with something that is not an object"
    if remark := document.get("remark"):
        return f"cut its answer short ({str(remark)[:120]})"
    elements = document.get("elements")
    if not isinstance(elements, list) or not all(_is_element(element) for element in elements):
        return "answered with something that is not a list of elements"
    return ""


def _is_element(element: Any) -> bool:
    if not isinstance(element, dict) or element.get("type") not in _ORDER or not isinstance(element.get("id"), int):
        return False
    return element["type"] != "node" or isinstance(element.get("lat"), int | float)


def _weight(element: Mapping[str, Any]) -> tuple[int, int]:
    return int(element.get("version") or 0), len(element.get("tags") or {})


def _seconds(source: Source) -> float:
    seconds = source.service.get("seconds", 180)
    return float(seconds) if isinstance(seconds, int) else 180.0


# --- as a file --------------------------------------------------------------------------------------------------------


def _kept(client: Client, heard: _Heard, asked: str) -> Found:
    ordered = sorted(heard.elements.items(), key=lambda item: (_ORDER.index(item[0][0]), item[0][1]))
    path = client.folder / FILE
    with replacing(path, ".osm.pbf") as working:
        write_extract(working, (element for _, element in ordered))
    found = client.keep(FILE, path.read_bytes(), heard.answers, asked)
    return Found(**{**vars(found), "last_modified": heard.newest})


def write_extract(path: Path, elements: Iterable[Mapping[str, Any]]) -> None:
    """Write elements as Overpass gives them to an ``.osm.pbf`` file; nodes, ways and relations must come in order."""
    header = osmium.io.Header()
    header.set("generator", "assetmap")
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        for element in elements:
            _write_one(writer, element)


def _write_one(writer: Any, element: Mapping[str, Any]) -> None:
    facts: dict[str, Any] = {
        "id": element["id"],
        "version": int(element.get("version") or 1),
        "tags": {str(key): str(value) for key, value in (element.get("tags") or {}).items()},
    }
    if element.get("timestamp"):
        facts["timestamp"] = datetime.fromisoformat(str(element["timestamp"]))
    if element["type"] == "node":
        writer.add_node(osmium.osm.mutable.Node(location=(element["lon"], element["lat"]), **facts))
    elif element["type"] == "way":
        writer.add_way(osmium.osm.mutable.Way(nodes=element.get("nodes") or [], **facts))
    else:
        members = [(one["type"][0], one["ref"], one.get("role", "")) for one in element.get("members") or []]
        writer.add_relation(osmium.osm.mutable.Relation(members=members, **facts))
