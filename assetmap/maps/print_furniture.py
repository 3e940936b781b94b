"""What must stand on every map that leaves the tool. Without any of it the map is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np
import shapely
from pyproj import CRS, Proj

from assetmap import crs as grids
from assetmap import text
from assetmap.errors import OurError
from assetmap.maps import print_words, print_zones, style
from assetmap.maps.print_paper import Frame
from assetmap.study import Study

Layer = Literal["strengths", "talk"]

#: Lines of the legend that stand on every map, whether or not the map has such areas.
ALWAYS = ("no-data", "not-yet-mapped")
#: The longest the bar may be, as a share of the map's width.
_BAR = 0.22
_HULL = 0.15


@dataclass(frozen=True)
class ScaleBar:
    """A round number of metres on the ground, and its length in points on paper."""

    metres: float
    points: float

    @property
    def words(self) -> str:
        """The number as printed.

        Examples
        --------
        >>> ScaleBar(500, 1).words, ScaleBar(2000, 1).words
        ('500 m', '2 km')
        """
        return f"{self.metres / 1000:g} km" if self.metres >= 1000 else f"{self.metres:g} m"


@dataclass(frozen=True)
class Locator:
    """The whole place in outline with what is seen of it, both in metres, and where on earth it lies."""

    outline: shapely.Geometry
    seen: shapely.Polygon
    words: str


@dataclass(frozen=True)
class Furniture:
    """All of it; making one without a piece raises.

    ``title`` says the message; ``place`` the place, its geography and census year; ``north`` is where true north lies,
    in degrees clockwise from the top of the sheet; ``made`` the date; ``status`` whether it has been moderated;
    ``sources`` what it is made from, with dates; ``licences`` the lines their licences ask for; ``note`` that it
    describes an area and no person.

    Raises
    ------
    OurError
        If a piece is missing or empty.
    """

    title: str
    place: str
    legend: tuple[style.Entry, ...]
    scale: ScaleBar
    north: float
    locator: Locator
    made: str
    status: str
    sources: tuple[str, ...]
    licences: tuple[str, ...]
    note: str

    @property
    def foot(self) -> tuple[str, str]:
        """What stands at the foot of a sheet: what it describes and is made from, and the licences' lines."""
        made = text.say("print-made-from", made=self.made, status=self.status, sources="; ".join(self.sources))
        return f"{self.note} {made}", " ".join(line if line.endswith(".") else f"{line}." for line in self.licences)

    def __post_init__(self) -> None:
        lacking = [f.name for f in fields(self) if not self._is_there(f.name)]
        if lacking:
            raise OurError(
                "a map without its furniture may not leave",
                "the printed map",
                ", ".join(lacking),
                "give the workspace what is missing, or report it",
            )

    def _is_there(self, name: str) -> bool:
        value = getattr(self, name)
        if name == "legend":
            return set(ALWAYS) <= {entry.id for entry in value}
        if name == "scale":
            return isinstance(value, ScaleBar) and value.metres > 0 and value.points > 0
        if name == "north":
            return value is not None and bool(np.isfinite(value))
        if name == "locator":
            return isinstance(value, Locator) and not value.outline.is_empty and bool(value.words)
        if isinstance(value, tuple):
            return bool(value) and all(line.strip() for line in value)
        return bool(value and value.strip())


def furniture_of(study: Study, frame: Frame, outline: shapely.Geometry) -> Furniture:
    """Return the furniture of a study's map as it is seen in a frame; ``outline`` is :func:`place_outline`.

    Raises
    ------
    OurError
        If a piece cannot be made: a source without its date or its licence line, a place without an outline.
    """
    bare = [s.id for s in study.sources if not (s.attribution.strip() and s.as_of.strip())]
    if bare:
        raise OurError(
            "a map without its furniture may not leave", "the printed map", f"no date or credit for {', '.join(bare)}"
        )
    return Furniture(
        title=print_words.message(study),
        place=print_words.place_line(study),
        legend=legend_of(study),
        scale=scale_bar(frame, study.crs),
        north=true_north(frame.x, frame.y, study.crs),
        locator=locator_of(study, frame, outline),
        made=text.say("print-made", date=text.long_date(study.as_of)),
        status=text.say("app-draft"),
        sources=print_words.source_lines(study),
        licences=print_words.licence_lines(study),
        note=text.say("area-not-person"),
    )


def legend_of(study: Study, layer: Layer = "talk") -> tuple[style.Entry, ...]:
    """Return the legend's lines: all classes, kinds with their counts, steadiness, and the states that are here.

    Of what is here alone it has no classes, but what we do not know even so.
    """
    counts = print_words.counts_by_kind(study)
    here = set(print_zones.findings(study)) | set(ALWAYS)
    return tuple(
        replace(entry, label=text.say("print-kind-count", kind=entry.label, count=f"{counts[entry.id]:,}"))
        if entry.swatch == "symbol"
        else entry
        for entry in style.legend("talk")
        if (entry.id in here if entry.swatch == "state" else layer == "talk" or entry.swatch == "symbol")
    )


def scale_bar(frame: Frame, crs: CRS) -> ScaleBar:
    """Return the longest bar of a round number (1, 2 or 5) of metres that leaves the map its room.

    Its length is true on the ground at the middle of the frame: the grid's own scale is taken out.
    """
    longest = frame.box.width * _BAR * frame.metres
    power = 10.0 ** np.floor(np.log10(longest))
    metres = float(max(step * power for step in (1, 2, 5) if step * power <= longest))
    stretch = _factors(frame.x, frame.y, crs)["scale"]
    return ScaleBar(metres, metres * stretch / frame.metres)


def true_north(x: float, y: float, crs: CRS) -> float:
    """Return where true north lies at a point of the grid, in degrees clockwise from the grid's north.

    Examples
    --------
    >>> abs(true_north(400_000, 300_000, grids.BRITISH_GRID)) < 0.01
    True
    """
    return -_factors(x, y, crs)["convergence"]


def _factors(x: float, y: float, crs: CRS) -> Mapping[str, float]:
    """Return the grid's convergence in degrees and its scale at a point of it."""
    longitude, latitude = grids.unproject(np.array([x]), np.array([y]), crs)[0]
    factors = Proj(crs).get_factors(longitude, latitude)
    return {"convergence": float(factors.meridian_convergence), "scale": float(factors.parallel_scale)}


def refit(furniture: Furniture, study: Study, frame: Frame, outline: shapely.Geometry) -> Furniture:
    """Return the furniture for another frame of the same study: only what depends on it is made again."""
    return replace(
        furniture,
        scale=scale_bar(frame, study.crs),
        north=true_north(frame.x, frame.y, study.crs),
        locator=locator_of(study, frame, outline),
    )


def locator_of(study: Study, frame: Frame, outline: shapely.Geometry) -> Locator:
    """Return the place in its wider outline: all of its zones, where only some are shown all whose people walk."""
    wider = study.origins[~study.origins["zone_id"].isin(study.zones.index)]
    if len(wider):
        points = shapely.multipoints(study.origins.geometry.to_numpy())
        outline = shapely.union_all([outline, shapely.concave_hull(points, ratio=_HULL).buffer(0)])
    longitude, latitude = grids.unproject(np.array([frame.x]), np.array([frame.y]), study.crs)[0]
    words = (
        f"{abs(latitude):.2f}° {'N' if latitude >= 0 else 'S'}, {abs(longitude):.2f}° {'E' if longitude >= 0 else 'W'}"
    )
    return Locator(outline, shapely.box(*frame.seen()), words)


def place_outline(study: Study) -> shapely.Geometry:
    """Return what the zones make up together, in metres."""
    return print_zones.union_of(study.zones.geometry.to_numpy())
