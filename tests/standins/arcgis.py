"""An ArcGIS feature service, as the Open Geography Portal of the Office for National Statistics runs on one.

Written from

- https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer-.htm (``where``,
  ``outFields``, ``outSR``, ``resultOffset``, ``resultRecordCount``, ``returnCountOnly``, ``exceededTransferLimit``),
- https://developers.arcgis.com/rest/services-reference/enterprise/layer-feature-service-.htm (the layer resource,
  ``maxRecordCount``),
- https://pro.arcgis.com/en/pro-app/latest/help/data/services/web-feature-layer-query-patterns.htm (paging: go on
  until ``exceededTransferLimit`` is false *or absent*, whatever the length of a page),
- https://developers.arcgis.com/rest/users-groups-and-items/item/ (the page of a data set: ``url`` is its service),
- https://geoportal.statistics.gov.uk/items/cbfe64cc03d74af982c1afec639bafd1 (2011 to 2021: its fields and its service),
- https://medium.com/@traffordDataLab/pushing-the-boundaries-with-the-open-geography-portal-api-4d70637bddc3 and
  https://r-leyshon.github.io/blogging/blogs/06-working-with-ONS-open-geo-portal.html (the portal's use of it).

Errors come with status 200 and ``{"error": {"code", "message", "details"}}``. Where GeoJSON carries the flag differs:
the hosted service puts it in ``properties`` of the collection, ArcGIS Enterprise beside ``features``; both can be had.
The boundary layers hold no code of the local authority: the choice of zones goes through a look-up table.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import shapely
from pyproj import Transformer
from shapely.geometry import mapping, shape

from standins.arcgis_where import WhereError, condition
from standins.messages import Reply, Request, as_json
from standins.server import Site, serve

NATIONAL_GRID = 27700
LON_LAT = 4326


@dataclass(frozen=True)
class Layer:
    """Rows with or without a shape. Shapes are in longitude and latitude; the service's own grid is ``wkid``."""

    name: str
    rows: tuple[Mapping[str, Any], ...]
    shapes: tuple[Any, ...] = ()
    oid: str = "FID"
    wkid: int = NATIONAL_GRID
    number: int = 0

    @property
    def fields(self) -> list[str]:
        return list(self.rows[0]) if self.rows else [self.oid]

    @property
    def geometry_type(self) -> str | None:
        if not self.shapes:
            return None
        return "esriGeometryPoint" if self.shapes[0].geom_type == "Point" else "esriGeometryPolygon"


def layer_of(name: str, features: Sequence[Mapping[str, Any]], **settings: Any) -> Layer:
    """A layer from GeoJSON features, numbered from 1 in ``FID`` (or ``oid``) where they have no number."""
    oid = settings.get("oid", "FID")
    rows = tuple({oid: place, **feature["properties"]} for place, feature in enumerate(features, start=1))
    shapes = tuple(shape(feature["geometry"]) for feature in features if feature.get("geometry"))
    return Layer(name, rows, shapes, **settings)


class FeatureServer:
    """Layers under ``/<org>/arcgis/rest/services/<name>/FeatureServer/0``.

    ``most`` is ``maxRecordCount``. ``flag`` says where GeoJSON carries ``exceededTransferLimit``, ``final`` whether
    the last page says false or leaves it out. ``jumbled`` gives pages in a fresh order each time unless the client
    says ``orderByFields``: nothing in the documentation promises an order without it.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        *,
        most: int = 2000,
        flag: Literal["properties", "top"] = "properties",
        final: Literal["absent", "false"] = "absent",
        jumbled: bool = False,
        items: Mapping[str, str] | None = None,
    ) -> None:
        self.items = dict(items or {})
        self.layers = {layer.name: layer for layer in layers}
        self.most = most
        self.flag = flag
        self.final = final
        self.jumbled = jumbled
        self._asked = 0

    def answer(self, request: Request) -> Reply:
        steps = [step for step in request.path.split("/") if step]
        name = steps[steps.index("services") + 1] if "services" in steps[:-1] else ""
        layer = self.layers.get(name)
        rest = steps[steps.index(name) + 1 :] if layer is not None else []
        if steps[:-1][-4:] == ["sharing", "rest", "content", "items"]:
            return self._item(steps[-1], request.host)
        if layer is None or rest[:1] != ["FeatureServer"]:
            return failed(400, "Invalid URL", "Invalid URL")
        if rest == ["FeatureServer"]:
            return as_json(self._service(layer))
        if rest == ["FeatureServer", str(layer.number)]:
            return as_json(self._described(layer))
        if rest == ["FeatureServer", str(layer.number), "query"]:
            return self._query(layer, request.form)
        return failed(400, "Invalid URL", "Invalid URL")

    def _item(self, number: str, host: str) -> Reply:
        """The page of a data set; one that is not there, or not for everybody, is an error with status 200."""
        name = self.items.get(number)
        if name is None:
            return failed(400, "Item does not exist or is inaccessible.")
        url = f"http://{host}{address(name).rpartition('/')[0]}"
        return as_json({"id": number, "type": "Feature Service", "title": name, "access": "public", "url": url})

    def empty(self, request: Request) -> Reply:
        if request.form.get("f") == "geojson":
            return as_json({"type": "FeatureCollection", "features": []})
        return as_json({"objectIdFieldName": "FID", "features": []})

    def wrong(self, _request: Request) -> Reply:
        return as_json({"type": "Topology", "arcs": [], "objects": {"zones": {}}})

    def error(self, _request: Request, status: int) -> Reply:
        return as_json({"error": {"code": status, "message": "The service is not available.", "details": []}})

    def _service(self, layer: Layer) -> dict[str, Any]:
        about = {"id": 0, "name": layer.name, "type": "Feature Layer", "geometryType": layer.geometry_type}
        held = "layers" if layer.shapes else "tables"
        return {"currentVersion": 11.4, "maxRecordCount": self.most, "layers": [], "tables": [], held: [about]}

    def _described(self, layer: Layer) -> dict[str, Any]:
        return {
            "currentVersion": 11.4,
            "id": 0,
            "name": layer.name,
            "type": "Feature Layer" if layer.shapes else "Table",
            "geometryType": layer.geometry_type,
            "extent": {"spatialReference": {"wkid": layer.wkid, "latestWkid": layer.wkid}},
            "objectIdField": layer.oid,
            "fields": [field_of(layer, name) for name in layer.fields],
            "maxRecordCount": self.most,
            "supportedQueryFormats": "JSON, geoJSON",
            "advancedQueryCapabilities": {"supportsPagination": True, "supportsOrderBy": True},
            "editingInfo": {"lastEditDate": 1654782398000},
            "copyrightText": "Source: Office for National Statistics licensed under the Open Government Licence v.3.0",
        }

    def _query(self, layer: Layer, asked: Mapping[str, str]) -> Reply:
        try:
            found = _chosen(layer, asked)
            names = _out_fields(layer, asked.get("outFields", ""))
            start, size = _whole(asked, "resultOffset", 0), _whole(asked, "resultRecordCount", self.most)
            found = self._ordered(layer, found, asked.get("orderByFields", ""))
        except (WhereError, TypeError) as wrong:
            return failed(400, "Cannot perform query. Invalid query parameters.", str(wrong))
        if asked.get("returnCountOnly", "").lower() == "true":
            return self._counted(found, asked)
        if asked.get("returnIdsOnly", "").lower() == "true":
            ids = [layer.rows[at][layer.oid] for at in found]
            return as_json({"objectIdFieldName": layer.oid, "objectIds": ids})
        page = found[start : start + min(size, self.most)]
        more = start + len(page) < len(found)
        shown = _Shown(layer, names, asked)
        if asked.get("f", "html") == "geojson":
            return as_json(self._flagged(shown.geojson(page), more))
        if asked.get("f") in ("json", "pjson"):
            made = shown.esri(page)
            return as_json(made | self._flag(more))
        return Reply(b"<html><head><title>Query</title></head><body><form></form></body></html>")

    def _counted(self, found: list[int], asked: Mapping[str, str]) -> Reply:
        if asked.get("f") == "geojson":
            return as_json({"type": "FeatureCollection", "count": len(found), "features": []})
        return as_json({"count": len(found)})

    def _flag(self, more: bool) -> dict[str, bool]:
        return {"exceededTransferLimit": more} if more or self.final == "false" else {}

    def _flagged(self, collection: dict[str, Any], more: bool) -> dict[str, Any]:
        flag = self._flag(more)
        if not flag:
            return collection
        return collection | (flag if self.flag == "top" else {"properties": flag})

    def _ordered(self, layer: Layer, found: list[int], order: str) -> list[int]:
        self._asked += 1
        if not order.strip():
            turn = self._asked % max(len(found), 1) if self.jumbled else 0
            return found[turn:] + found[:turn]
        for part in reversed(order.split(",")):
            name, _, way = part.strip().partition(" ")
            if name not in layer.fields:
                raise WhereError(f"'Invalid field: {name}' parameter is invalid")
            key: Callable[[int], Any] = lambda at, name=name: (layer.rows[at][name] is None, layer.rows[at][name])  # noqa: E731
            found = sorted(found, key=key, reverse=way.strip().upper() == "DESC")
        return found


def failed(code: int, message: str, *details: str) -> Reply:
    """An error the way ArcGIS says it: with status 200."""
    return as_json({"error": {"code": code, "message": message, "details": list(details)}})


def field_of(layer: Layer, name: str) -> dict[str, Any]:
    sample = next((row[name] for row in layer.rows if row.get(name) is not None), "")
    kind = "String"
    if name == layer.oid:
        kind = "OID"
    elif isinstance(sample, int):
        kind = "Integer"
    elif isinstance(sample, float):
        kind = "Double"
    return {"name": name, "type": f"esriFieldType{kind}", "alias": name, "nullable": name != layer.oid}


def _whole(asked: Mapping[str, str], name: str, otherwise: int) -> int:
    text = asked.get(name, "")
    if not text:
        return otherwise
    if not text.isdigit():
        raise WhereError(f"'{name}' parameter is invalid")
    return int(text)


def _out_fields(layer: Layer, text: str) -> list[str]:
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    if "*" in wanted:
        return layer.fields
    known = {name.upper(): name for name in layer.fields}
    for name in wanted:
        if name.upper() not in known:
            raise WhereError(f"'Invalid field: {name}' parameter is invalid")
    return [known[name.upper()] for name in wanted] or [layer.oid]


def _chosen(layer: Layer, asked: Mapping[str, str]) -> list[int]:
    where, area = asked.get("where", ""), _area(asked)
    if not where and area is None and "objectIds" not in asked:
        raise WhereError("'where' clause is required")
    test = condition(where or "1=1", layer.fields)
    found = [at for at, row in enumerate(layer.rows) if test(row)]
    if "objectIds" in asked:
        ids = {int(part) for part in asked["objectIds"].split(",")}
        found = [at for at in found if layer.rows[at][layer.oid] in ids]
    return found if area is None else [at for at in found if shapely.intersects(layer.shapes[at], area)]


def _area(asked: Mapping[str, str]) -> Any:
    """The ``geometry`` of the query in longitude and latitude, where there is one."""
    text, kind = asked.get("geometry", ""), asked.get("geometryType", "esriGeometryEnvelope")
    if not text:
        return None
    given = json.loads(text) if text.lstrip().startswith("{") else [float(part) for part in text.split(",")]
    if kind == "esriGeometryPoint":
        made = shapely.Point(given["x"], given["y"]) if isinstance(given, dict) else shapely.Point(*given)
    elif kind == "esriGeometryPolygon":
        made = shapely.Polygon(given["rings"][0], given["rings"][1:])
    else:
        box = [given[side] for side in ("xmin", "ymin", "xmax", "ymax")] if isinstance(given, dict) else given
        made = shapely.box(*box)
    grid = _wkid(asked.get("inSR", ""), NATIONAL_GRID)
    return made if grid == LON_LAT else _moved(made, grid, LON_LAT)


def _wkid(text: str, otherwise: int) -> int:
    """``4326`` or ``{"wkid": 4326}``."""
    if not text:
        return otherwise
    return int(json.loads(text)["wkid"]) if text.lstrip().startswith("{") else int(text)


@lru_cache
def _path(start: int, end: int) -> Transformer:
    return Transformer.from_crs(start, end, always_xy=True)


def _moved(geometry: Any, start: int, end: int) -> Any:
    return geometry if start == end else shapely.transform(geometry, _path(start, end).transform, interleaved=False)


@dataclass(frozen=True)
class _Shown:
    """How the rows of a page are written."""

    layer: Layer
    names: Sequence[str]
    asked: Mapping[str, str]

    def row(self, at: int) -> dict[str, Any]:
        return {name: self.layer.rows[at].get(name) for name in self.names}

    def shape(self, at: int, grid: int) -> Any:
        if not self.layer.shapes or self.asked.get("returnGeometry", "true").lower() == "false":
            return None
        return _moved(self.layer.shapes[at], LON_LAT, grid)

    def geojson(self, page: Sequence[int]) -> dict[str, Any]:
        """GeoJSON is in longitude and latitude unless ``outSR`` says otherwise."""
        grid = _wkid(self.asked.get("outSR", ""), LON_LAT)
        features = []
        for at in page:
            made = self.shape(at, grid)
            features.append(
                {
                    "type": "Feature",
                    "id": self.layer.rows[at][self.layer.oid],
                    "geometry": None if made is None else mapping(made),
                    "properties": self.row(at),
                }
            )
        collection: dict[str, Any] = {"type": "FeatureCollection", "features": features}
        if grid != LON_LAT:
            collection["crs"] = {"type": "name", "properties": {"name": f"EPSG:{grid}"}}
        return collection

    def esri(self, page: Sequence[int]) -> dict[str, Any]:
        """The service's own JSON, in its own grid unless ``outSR`` says otherwise."""
        grid = _wkid(self.asked.get("outSR", ""), self.layer.wkid)
        features = []
        for at in page:
            made = self.shape(at, grid)
            feature: dict[str, Any] = {"attributes": self.row(at)}
            if made is not None:
                feature["geometry"] = esri_geometry(made)
            features.append(feature)
        head: dict[str, Any] = {"objectIdFieldName": self.layer.oid, "globalIdFieldName": ""}
        if self.layer.shapes:
            head |= {"geometryType": self.layer.geometry_type, "spatialReference": {"wkid": grid, "latestWkid": grid}}
        return head | {"fields": [field_of(self.layer, name) for name in self.names], "features": features}


def esri_geometry(geometry: Any) -> dict[str, Any]:
    """A point, or rings: the outer ones run clockwise, the holes the other way round."""
    if geometry.geom_type == "Point":
        return {"x": geometry.x, "y": geometry.y}
    rings = []
    for part in getattr(geometry, "geoms", [geometry]):
        turned = shapely.orient_polygons(part, exterior_cw=True)
        rings += [[list(place) for place in ring.coords] for ring in (turned.exterior, *turned.interiors)]
    return {"rings": rings}


# --- the portal's layers, from files --------------------------------------------------------------------------------

LSOA = "Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BGC_V5"
OA = "Output_Areas_2021_EW_BGC_V2"
MSOA = "Middle_layer_Super_Output_Areas_December_2021_Boundaries_EW_BGC_V3"
WARD = "Wards_May_2025_Boundaries_UK_BGC"
DISTRICT = "Local_Authority_Districts_May_2024_Boundaries_UK_BGC"
LSOA_CENTROID = "LSOA_PopCentroids_EW_2021_V4"
# The portal's page of the fourth version gives the service's name; the stand-in makes one up.
OA_CENTROID, OA_CENTROID_ITEM = "Output_Areas_2021_PWC", "558170d37ab04f34845034db91a86914"
LSOA_LOOKUP = "LSOA21_WD24_LAD24_EW_LU"
OA_LOOKUP = "OA_LSOA_MSOA_EW_DEC_2021_LU_v3"
PARISH_NAMES = "PAR_DEC_2024_EW_NC"
PARISH = "Parishes_and_Non_Civil_Parished_Areas_December_2024_Boundaries_EW_BGC"
OLD_LSOA_LOOKUP = "LSOA11_LSOA21_LAD22_EW_LU_v5"


def features_in(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))["features"])


def only(features: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Features with the properties in ``names`` (new name to old) and the grid reference of a point inside."""
    made = []
    for feature in features:
        inside = shape(feature["geometry"]).representative_point()
        east, north = _path(LON_LAT, NATIONAL_GRID).transform(inside.x, inside.y)
        kept = {new: feature["properties"].get(old) for new, old in names.items()}
        grid = {
            "BNG_E": math.floor(east),
            "BNG_N": math.floor(north),
            "LONG": round(inside.x, 5),
            "LAT": round(inside.y, 5),
        }
        made.append({"type": "Feature", "properties": kept | grid, "geometry": feature["geometry"]})
    return made


def outline(name: str, features: Sequence[Mapping[str, Any]], properties: Mapping[str, Any]) -> dict[str, Any]:
    """One feature whose shape is the union of others: a district from its zones."""
    made = shapely.union_all([shape(feature["geometry"]) for feature in features])
    return {"type": "Feature", "properties": {**properties, "name": name}, "geometry": mapping(made)}


def centroids(features: Sequence[Mapping[str, Any]], code: str) -> list[dict[str, Any]]:
    """A point inside each zone. The portal's own points are weighted by where people live; these are not."""
    made = []
    for feature in features:
        inside = shape(feature["geometry"]).representative_point()
        made.append({"type": "Feature", "properties": {code: feature["properties"][code]}, "geometry": mapping(inside)})
    return made


@contextlib.contextmanager
def running(layers: Sequence[Layer], *, certificate: Any = None, **settings: Any) -> Iterator[Site]:
    """Serve the layers; a layer's address is ``site.url + address(layer.name)``."""
    with serve(FeatureServer(layers, **settings), certificate=certificate) as site:
        yield site


def address(name: str) -> str:
    return f"/ESMARspQHYMw9BZ9/arcgis/rest/services/{name}/FeatureServer/0"


def renamed(layer: Layer, name: str) -> Layer:
    """The same layer under another service name, as when a new version is published."""
    return replace(layer, name=name)
