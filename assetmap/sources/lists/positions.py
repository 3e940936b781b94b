"""Where each row of a list is: by its shape, its coordinates, its postcode, its UPRN, or the building it names.

The first of these that can be read decides. What cannot be read says so where nothing else places the row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from assetmap import crs as grids
from assetmap import text
from assetmap.categories import plain_words
from assetmap.sources.lists import codes, coordinates
from assetmap.sources.lists.around import Around
from assetmap.sources.lists.model import Choices, Listing
from assetmap.sources.lists.turned import Turning
from assetmap.sources.placing import Placing

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

#: Metres beyond the zones within which a place is still walked to from inside: the far end of a walk.
REACH: Final = 1200.0
#: Metres between a row's coordinates and its postcode from which somebody should look.
APART: Final = 1000.0
_ROWS_SHOWN: Final = 5
_NO_DEGREES: Final = codes.Fault("this is not a latitude and a longitude", "write them as 51.5402 and -0.1426")
_NO_METRES: Final = codes.Fault("this is not an easting and a northing", "write them as 528500 and 183900")
_NO_POINT: Final = codes.Fault("these are no coordinates that can be read", "write them as 51.5402, -0.1426")
_WHERE: Final = "add a postcode, or latitude and longitude"


@dataclass(frozen=True)
class Said:
    """What a list says of where its rows are: by field a column of cells that say something; the same index."""

    listing: Listing
    cells: dict[str, pd.Series]

    def of(self, name: str) -> pd.Series:
        """Return a column, empty where the list has none."""
        if name in self.cells:
            return self.cells[name]
        return pd.Series(None, index=self.listing.cells.index, dtype="str")


@dataclass
class Places:
    """Where the rows are: ``x`` and ``y`` in the workspace's metres, NaN where not known; all arrays in their order.

    ``how`` is one of shape, coordinates, grid, postcode, uprn, building, or empty. ``faults`` is by position why a row
    could not be placed, with the field it was told by and what stood there.
    """

    x: Floats
    y: Floats
    outline: Objects
    how: Objects
    postcodes: pd.Series
    faults: dict[int, tuple[str, str, codes.Fault]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def open(self) -> NDArray[np.bool_]:
        """Which rows have no place yet."""
        return np.isnan(self.x)

    def put(self, x: Floats, y: Floats, how: str) -> None:
        """Place the rows that have no place yet and now are given one."""
        new = self.open & np.isfinite(x) & np.isfinite(y)
        self.x[new], self.y[new], self.how[new] = x[new].round(2), y[new].round(2), how

    def blame(self, rows: NDArray[np.bool_], name: str, said: pd.Series, fault: codes.Fault) -> None:
        """Say why rows have no place; what is said first stays, save that it lies outside."""
        for at, value in zip(np.flatnonzero(rows).tolist(), said[rows].tolist(), strict=True):
            self.faults.setdefault(at, (name, str(value), fault))


def locate(said: Said, around: Around, choices: Choices) -> Places:
    """Return where each row of a list is.

    Parameters
    ----------
    said
        What the list says.
    around
        The place, its tables and what the street map knows by name.
    choices
        What somebody has said of coordinates and addresses: of addresses to which post goes no place is taken.
    """
    index = said.listing.cells.index
    n = len(index)
    codes_said = codes.tidy_all(said.of("postcode"))
    in_address = said.of("address").where(said.of("postcode").isna())
    if in_address.notna().any():
        codes_said = codes_said.fillna(codes.inside(in_address))
    nowhere = np.full(n, np.nan)
    places = Places(nowhere, nowhere.copy(), np.full(n, None, object), np.full(n, "", object), codes_said)
    if choices.address == "post":
        return places
    _by_shape(said, around, places)
    _by_coordinates(said, around, choices, places)
    by_code = _by_postcode(said, around, places)
    _by_uprn(said, around, places)
    _by_building(said, around, places)
    _note_apart(said, places, by_code)
    return places


def _by_shape(said: Said, around: Around, places: Places) -> None:
    if said.listing.shapes is None:
        return
    there = grids.to_crs(said.listing.shapes, around.crs)
    _put_shapes(there.to_numpy(), places, "shape")


def _put_shapes(shapes: Objects, places: Places, how: str) -> None:
    """Place rows by shapes in the workspace's metres: of any but a point, one inside stands for it."""
    good = np.array([shape is not None for shape in shapes], dtype=bool) & ~shapely.is_empty(shapes)
    good &= np.isfinite(shapely.bounds(shapes)).all(axis=1)
    points = shapes.copy()
    other = good & (shapely.get_type_id(shapes) != 0)
    points[other] = shapely.point_on_surface(shapes[other])
    areas = good & places.open & np.isin(shapely.get_type_id(shapes), (3, 6))
    places.outline[areas] = shapely.to_wkb(shapely.force_2d(shapes[areas]))
    x, y = (np.where(good, axis(points), np.nan) for axis in (shapely.get_x, shapely.get_y))
    places.put(x, y, how)


# --- coordinates ------------------------------------------------------------------------------------------------------


def _by_coordinates(said: Said, around: Around, choices: Choices, places: Places) -> None:
    turning = Turning(around, Placing(choices.crs, "--crs"), len(places.x))
    lat, lon = (coordinates.degrees_of(said.of(name)) for name in ("latitude", "longitude"))
    points = said.of("point")
    if points.notna().any():
        _put_shapes(turning.shapes(coordinates.shapes_of(points)), places, "coordinates")
        first, second = coordinates.pairs_of(points)
        lat, lon = np.where(np.isnan(lat), first, lat), np.where(np.isnan(lon), second, lon)
    places.put(*turning.degrees(lat, lon, places.open), "coordinates")
    east, north = (coordinates.metres_of(said.of(name)) for name in ("easting", "northing"))
    places.put(*turning.metres(east, north), "coordinates")
    for name in ("grid_reference", "point"):
        open_cells = said.of(name).where(pd.Series(places.open, index=points.index))
        if open_cells.notna().any():
            places.put(*turning.metres(*coordinates.grid_of(open_cells).T), "grid")
    places.doubts.extend(turning.doubts(said.listing.cells.index))
    _blame_coordinates(said, places, turning.zero)


def _blame_coordinates(said: Said, places: Places, zero: NDArray[np.bool_]) -> None:
    for first, second, fault in (("latitude", "longitude", _NO_DEGREES), ("easting", "northing", _NO_METRES)):
        both = said.of(first).fillna("") + ", " + said.of(second).fillna("")
        told = (said.of(first).notna() | said.of(second).notna()).to_numpy(bool)
        places.blame(told & places.open & ~zero, first, both, fault)
    for name in ("point", "grid_reference"):
        places.blame(said.of(name).notna().to_numpy(bool) & places.open, name, said.of(name), _NO_POINT)


# --- tables -----------------------------------------------------------------------------------------------------------


def _by_postcode(said: Said, around: Around, places: Places) -> tuple[Floats, Floats]:
    """Place rows by the table of postcodes and return where every row's postcode is."""
    n = len(places.x)
    x, y = np.full(n, np.nan), np.full(n, np.nan)
    told = said.of("postcode").fillna(places.postcodes)
    if around.postcodes is None:
        do = "add latitude and longitude; whoever set this place up can load a table of postcodes (--postcodes)"
        fault = codes.Fault("no table of postcodes is loaded here", do, nowhere=True)
        places.blame(told.notna().to_numpy(bool) & places.open, "postcode", told, fault)
        return x, y
    at = around.postcodes.index.get_indexer(pd.Index(places.postcodes.fillna("")))
    found = at >= 0
    lon, lat = (around.postcodes[name].to_numpy(float)[at[found]] for name in ("lon", "lat"))
    x[found], y[found] = grids.project(lon, lat, around.crs).T
    places.put(x, y, "postcode")
    _blame_postcodes(told, around.postcodes.index, places)
    return x, y


def _blame_postcodes(told: pd.Series, known: pd.Index, places: Places) -> None:
    rows = places.open & told.notna().to_numpy(bool)
    doubtful = codes.Doubtful(known)
    why = {said: doubtful.why(said) for said in told[rows].unique()}
    for at, said in zip(np.flatnonzero(rows).tolist(), told[rows].tolist(), strict=True):
        if why[said].outside:
            places.faults[at] = ("postcode", said, why[said])
        else:
            places.faults.setdefault(at, ("postcode", said, why[said]))


def _by_uprn(said: Said, around: Around, places: Places) -> None:
    told = said.of("uprn")
    if around.uprns is None or not told.notna().any():
        return
    numbers = pd.to_numeric(told.str.strip(), errors="coerce").fillna(-1).astype("int64")
    at = around.uprns.index.get_indexer(pd.Index(numbers))
    found = at >= 0
    x, y = np.full(len(at), np.nan), np.full(len(at), np.nan)
    lon, lat = (around.uprns[name].to_numpy(float)[at[found]] for name in ("lon", "lat"))
    x[found], y[found] = grids.project(lon, lat, around.crs).T
    places.put(x, y, "uprn")
    fault = codes.Fault("this UPRN is not in the table", _WHERE, nowhere=True)
    places.blame(told.notna().to_numpy(bool) & places.open, "uprn", told, fault)


def _by_building(said: Said, around: Around, places: Places) -> None:
    """Place rows that name a building of which the street map knows one alone."""
    if around.buildings is None or not places.open.any():
        return
    outside = np.zeros(len(places.x), dtype=bool)
    outside[[at for at, (_, _, fault) in places.faults.items() if fault.outside]] = True
    rows = np.flatnonzero(places.open & ~outside)
    names = around.buildings["name"].fillna("").map(plain_words).to_numpy(object)
    points = shapely.point_on_surface(around.buildings.geometry.to_numpy())
    once = pd.Series(np.arange(len(names)), index=names)
    once = once[~once.index.duplicated(keep=False) & (once.index != "")]
    placed = []
    for at in rows:
        found = next((part for part in _parts(said, int(at)) if part in once.index), None)
        if found is None:
            continue
        point = points[once[found]]
        places.x[at], places.y[at] = round(float(point.x), 2), round(float(point.y), 2)
        places.how[at] = "building"
        places.faults.pop(int(at), None)
        placed.append(at)
    if placed:
        shown = rows_said(said.listing.cells.index[np.array(placed)])
        places.notes.append(
            f"{text.count(len(placed), 'row')} placed where the street map has a building of that name: {shown}."
        )


def _parts(said: Said, at: int) -> list[str]:
    """Return what may be a building's name in one row: the venue, each line of the address, its own name."""
    lines: list[str] = []
    for name in ("building", "address", "name"):
        value = said.of(name).iloc[at]
        if isinstance(value, str):
            lines += [value] if name != "address" else value.split(",")
    return [plain for plain in map(plain_words, lines) if plain and not plain.isdigit()]


def _note_apart(said: Said, places: Places, by_code: tuple[Floats, Floats]) -> None:
    both = np.isin(places.how, ("shape", "coordinates", "grid")) & np.isfinite(by_code[0])
    apart = np.flatnonzero(both)
    metres = np.hypot(places.x[apart] - by_code[0][apart], places.y[apart] - by_code[1][apart])
    apart = apart[metres > APART]
    if len(apart):
        shown = rows_said(said.listing.cells.index[apart])
        places.notes.append(
            f"{text.count(len(apart), 'row')} with coordinates more than 1 km from the postcode beside them:"
            f" {shown}; the coordinates were taken."
        )


def rows_said(rows: pd.Index) -> str:
    """Return the numbers of some rows as they are listed in a sentence."""
    shown = text.join_words([str(row) for row in rows[:_ROWS_SHOWN]])
    more = f" and {len(rows) - _ROWS_SHOWN:,} more" if len(rows) > _ROWS_SHOWN else ""
    return f"row{'s' if len(rows) > 1 else ''} {shown}{more}"


def are_outside(x: Floats, y: Floats, around: Around) -> NDArray[np.bool_]:
    """Tell which points lie beyond a walk from the zones' outline: nobody who lives here walks there."""
    outside = np.zeros(len(x), dtype=bool)
    there = np.flatnonzero(np.isfinite(x))
    if around.zones is None or not len(there):
        return outside
    outlines = around.zones.geometry.to_numpy()
    west, south, east, north = shapely.total_bounds(outlines) + np.array([-REACH, -REACH, REACH, REACH])
    near = there[(x[there] >= west) & (x[there] <= east) & (y[there] >= south) & (y[there] <= north)]
    points = shapely.points(x[near], y[near])
    inside = np.zeros(len(near), dtype=bool)
    # Asked of the outlines, which are few and can be prepared, and only of what lies in none of them how near it is.
    inside[shapely.STRtree(points).query(outlines, predicate="intersects")[1]] = True
    rest = np.flatnonzero(~inside)
    inside[rest[np.unique(shapely.STRtree(points[rest]).query(outlines, predicate="dwithin", distance=REACH)[1])]] = (
        True
    )
    outside[there] = True
    outside[near[inside]] = False
    return outside
