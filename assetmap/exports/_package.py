"""What a set of files is, for programs: ``datapackage.json`` as the Frictionless specification has it.

Each file with its path, size and SHA-256, what it holds and under which licence, the columns of the tables, and every
source with its line. Made from the study alone, so that it is the same bytes each time.

References
----------
Data Package 1, https://specs.frictionlessdata.io/data-package/ and /table-schema/.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from assetmap import exports, text
from assetmap.exports._listed import one_origin
from assetmap.exports._tables import source_rows
from assetmap.schema import GAPS, Column

if TYPE_CHECKING:
    from assetmap.study import Study

FILE: Final = "datapackage.json"
_ALL: Final = ("zones", "assets_openstreetmap", "assets_own")
#: Which of the study's layers the files of a format hold; all of them where it is not said.
_HOLDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "csv": ("zones",),
        "geojson": ("zones",),
        "parquet": ("zones",),
        "minutes": ("zones", "assets_openstreetmap", "assets_own"),
        "template": ("assets_own", "assets_openstreetmap"),
    }
)
#: Formats that list the assets of one origin.
_ONE_ORIGIN: Final = ("hsds", "ics")
_MEDIA: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".csv": "text/csv",
        ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ".geojson": "application/geo+json",
        ".gpkg": "application/geopackage+sqlite3",
        ".html": "text/html",
        ".ics": "text/calendar",
        ".ipynb": "application/x-ipynb+json",
        ".json": "application/json",
        ".kml": "application/vnd.google-earth.kml+xml",
        ".parquet": "application/vnd.apache.parquet",
        ".pdf": "application/pdf",
        ".png": "image/png",
        ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ".svg": "image/svg+xml",
        ".txt": "text/plain",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".zip": "application/zip",
    }
)
_TYPES: Final[Mapping[str, str]] = MappingProxyType({"text": "string", "number": "number", "count": "integer"})


@dataclass(frozen=True)
class Part:
    """One file of a pack.

    Parameters
    ----------
    path
        Within the pack, with ``/`` between folders.
    content
        Its bytes.
    format
        The name of the format that made it; empty for what no format made, such as a read-me.
    title
        What it is; the format's own label when empty.
    """

    path: str
    content: bytes
    format: str = ""
    title: str = ""


def describe(study: Study, parts: Iterable[Part], title: str = "") -> str:
    """Return ``datapackage.json`` of a pack as text.

    Parameters
    ----------
    study
        What every file was made from.
    parts
        The files, but for this one.
    title
        Of the pack; the place's when empty.
    """
    sources = source_rows(study).to_dict("records")
    listed = list(parts)
    document = {
        "profile": "data-package",
        "name": _slug(study.name),
        "title": text.without_control(title) or text.say("package-title", name=text.without_control(study.name)),
        "description": text.say("area-not-person"),
        "created": f"{study.as_of.isoformat()}T00:00:00Z",
        "licenses": _licences(sources),
        "sources": [_source(row) for row in sources],
        "resources": [_resource(study, part, _name(part, listed), sources) for part in listed],
    }
    plain = {name: value for name, value in document.items() if value != []}
    return json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _resource(study: Study, part: Part, name: str, sources: list[dict[Any, Any]]) -> dict[str, Any]:
    ending = "." + part.path.rpartition(".")[2].lower()
    held = _held(study, part.format)
    mine = [row for row in sources if held.intersection(str(row["layers"]).split(", "))]
    title = part.title or (exports.by_name(part.format).LABEL if part.format else part.path)
    made: dict[str, Any] = {
        "name": name,
        "path": part.path,
        "title": text.without_control(title),
        "format": ending[1:],
        "mediatype": _MEDIA.get(ending, "application/octet-stream"),
        "bytes": len(part.content),
        "hash": f"sha256:{hashlib.sha256(part.content).hexdigest()}",
        "licenses": _licences(mine),
        "sources": [_source(row) for row in mine],
    }
    if ending in (".csv", ".json", ".geojson", ".kml", ".html", ".ics", ".txt", ".ipynb"):
        made["encoding"] = "utf-8"
    if part.format == "csv":
        made |= {"profile": "tabular-data-resource", "schema": _schema()}
    return {key: value for key, value in made.items() if value != []}


def _held(study: Study, kind: str) -> set[str]:
    """Return the layers of the study that a file of a format holds."""
    if kind in _ONE_ORIGIN:
        return {"assets_openstreetmap" if one_origin(study)[1] else "assets_own"}
    return set(_HOLDS.get(kind, _ALL))


def _schema() -> dict[str, Any]:
    first = Column(GAPS.index, "text", "id of the area")
    fields = [_field(column) for column in (first, *GAPS.columns)]
    return {"fields": fields, "primaryKey": GAPS.index, "missingValues": [""]}


def _field(column: Column) -> dict[str, Any]:
    empty = "" if column.empty == "never empty" else f"; empty: {column.empty}"
    made: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES.get(column.type, "string"),
        "description": f"{column.meaning}{empty}",
    }
    if column.name == GAPS.index:
        made["constraints"] = {"required": True, "unique": True}
    return made


def _licences(sources: Iterable[Mapping[Any, Any]]) -> list[dict[str, str]]:
    """Return the licences, each once; one that has no address is known by its name alone."""
    made = {}
    for row in sources:
        licence = {"name": _slug(str(row["licence"]), "licence"), "title": row["licence"], "path": row["licence_url"]}
        made[row["licence"]] = {key: str(value) for key, value in licence.items() if value}
    return list(made.values())


def _source(row: Mapping[Any, Any]) -> dict[str, str]:
    said = {"title": row["title"], "path": row["url"], "version": row["as_of"], "attribution": row["attribution"]}
    return {key: str(value) for key, value in said.items() if value}


def _name(part: Part, parts: list[Part]) -> str:
    """Return a name for a file that no other of the pack has."""
    slugs = [_slug(one.path, "file") for one in parts]
    number = parts.index(part)
    before = slugs[:number].count(slugs[number])
    return f"{slugs[number]}-{before + 1}" if before else slugs[number]


def _slug(value: str, otherwise: str = "place") -> str:
    """Return a name in the letters that the specification allows.

    Examples
    --------
    >>> _slug("St Mary's & Co"), _slug("日本")
    ('st-mary-s-co', 'place')
    """
    return re.sub(r"[^a-z0-9._]+", "-", value.lower()).strip("-._") or otherwise
