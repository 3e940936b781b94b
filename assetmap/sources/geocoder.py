"""The outline of a place by its name, from Nominatim.

One question for each place, never more than one a second, the answer kept
(https://operations.osmfoundation.org/policies/nominatim/, https://nominatim.org/release-docs/latest/api/Search/).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Final

import shapely

from assetmap.catalogue import Source
from assetmap.place import Place
from assetmap.schema import Step
from assetmap.sources.answers import Failed, NoneMapped, Question
from assetmap.sources.web import Client, address_of

KIND: Final = "nominatim"
SOURCE: Final = "nominatim"
_AREAS: Final = ("Polygon", "MultiPolygon")


def fetch(client: Client, source: Source, name: str) -> Generator[Step, None, Place | NoneMapped | Failed]:
    """Return the place that a name means, with its outline in degrees.

    Parameters
    ----------
    client
        Who asks.
    source
        ``nominatim`` of the catalogue.
    name
        As a person writes it: ``Camden, London``.

    Returns
    -------
    Place, NoneMapped or Failed
        The first answer that is an area: a point has no zones in it.
    """
    asked = {
        "q": name,
        "format": "jsonv2",
        "polygon_geojson": "1",
        "limit": "5",
        "countrycodes": str(source.service.get("countries", "gb")),
    }
    address = f"{address_of(source.id, source.service)}/search"
    answer = yield from client.fetch(Question("place.json", address, asked, check=_check))
    if isinstance(answer, Failed):
        if answer.last is None:
            return answer
        answer = answer.last
    for found in json.loads(answer.path.read_text(encoding="utf-8")):
        if found.get("geojson", {}).get("type") in _AREAS:
            return _place_of(found, name, source.id)
    return NoneMapped(name)


def _place_of(found: Mapping[str, Any], name: str, source: str) -> Place:
    outline = shapely.make_valid(shapely.geometry.shape(found["geojson"]))
    said = str(found.get("name") or name.partition(",")[0])
    return Place(said, outline, said_by=source)


def _check(path: Path) -> str:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return "answered with something that is not JSON"
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        return "answered with something that is not a list of places"
    return ""
