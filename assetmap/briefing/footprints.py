"""Small areas rolled up to larger ones: wards, MSOAs, or the patches of a file (best fit).

Each small area belongs to the larger one in which most of its people live; what is said of the larger is made from the
small ones that belong to it, so the two never disagree.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetmap import crs, text
from assetmap.briefing.facts import Count, Figure, Footprint, Line, Measured
from assetmap.briefing.numbers import Numbers
from assetmap.errors import FileRefusedError, UsageError
from assetmap.maps import payload, style
from assetmap.sources.outlines import take_outlines
from assetmap.sources.vector import Layer, as_text, read_layer
from assetmap.study import Study
from assetmap.summary import people_in

KNOWN: Final = ("ward", "msoa")
#: What a column of names is called, the likeliest first: name, Ward name, WD25NM.
_NAMES: Final = (r"name", r".*[\s_-]name", r"[a-z]+\d\d+nm", r".*name.*", r"nm")


def footprints(numbers: Numbers, by: str) -> tuple[tuple[Footprint, ...], Line | None]:
    """Return the larger areas, and a sentence on how many small areas belong to none; nothing if ``by`` is empty.

    Raises
    ------
    FileRefusedError
        If the file cannot be read, has no column of names or no area of it lies here.
    UsageError
        If wards or MSOAs are asked for and not known here.
    """
    if not by:
        return (), None
    belongs = assign(numbers.study, by)
    without = int(belongs.isna().sum())
    whole = len(belongs)
    made = tuple(_footprint(numbers, k, str(name), belongs[belongs == name].index) for k, name in _order(belongs))
    label, total = text.say("briefing-label-footprint-none"), text.say("briefing-label-footprint-all")
    figures = (numbers.chosen("footprint/all", whole, total), numbers.chosen("footprint/none", without, label))
    outside, beyond = _outside(numbers, made)
    if not without:
        said = text.say_number("briefing-footprint-lead", whole, areas=figures[0].text)
        return made, Line(f"{said}{outside}", (*figures[:1], *beyond))
    said = text.say_number("briefing-footprint-lead-some", without, areas=figures[0].text, without=figures[1].text)
    return made, Line(f"{said}{outside}", (*figures, *beyond))


def _outside(numbers: Numbers, made: tuple[Footprint, ...]) -> tuple[str, tuple[Figure, ...]]:
    """Return a sentence on how many places stand in none, with its figure: else the table would not add up."""
    drawn = len(payload.drawn_assets(numbers.study.assets))
    outside = drawn - sum(int(each.assets.value) for each in made)
    if outside <= 0:
        return "", ()
    unit, label = text.say("briefing-unit-places"), text.say("briefing-label-footprint-outside")
    figure = numbers.whole("footprint/outside", outside, unit, label, numbers.study.name)
    places = text.count(outside, "place or group", "places and groups")
    return f" {text.say_number('briefing-footprint-outside', outside, places=places)}", (figure,)


def assign(study: Study, by: str) -> pd.Series:
    """Return the name of the larger area of each zone; missing where it lies in none.

    Raises
    ------
    FileRefusedError, UsageError
        As :func:`footprints`.
    """
    if by.lower() in KNOWN:
        return _known(study, by.lower())
    return _from_file(study, Path(by))


def _order(belongs: pd.Series) -> list[tuple[int, object]]:
    return list(enumerate(sorted(belongs.dropna().unique(), key=str), 1))


def _known(study: Study, by: str) -> pd.Series:
    zones = study.zones.reindex(study.gaps.index)
    names = zones[by] if by in zones else pd.Series(pd.NA, zones.index)
    if by == "msoa" and names.isna().all() and "official_name" in zones:
        # "Camden 011A" is the first small area of the MSOA "Camden 011".
        names = zones["official_name"].astype("str").str.extract(r"^(.*\d)[A-Z]$")[0]
    if names.isna().all():
        do = "give a GeoJSON file of outlines with names"
        raise UsageError("these larger areas are not known here", "--by", by, do)
    return names.astype("str").where(names.notna())


def _from_file(study: Study, path: Path) -> pd.Series:
    if path.suffix == "" and not path.exists():
        raise UsageError("is neither ward nor msoa nor a file", "--by", str(path), "give one of them")
    layer = read_layer(path)
    column = _name_column(layer, path.name)
    names = [as_text(value) for value in layer.table[column]]
    outlines = take_outlines(layer.shapes, names, layer.crs, layer.faults, path.name)
    shapes = crs.to_crs(gpd.GeoSeries(outlines.shapes, crs=layer.crs), study.crs).to_numpy()
    origins = study.origins[study.origins["zone_id"].isin(study.gaps.index)]
    at, inside = shapely.STRtree(shapes).query(origins.geometry.to_numpy(), predicate="intersects")
    people = origins["population"].fillna(0.0).to_numpy()
    table = pd.DataFrame(
        {
            "zone": origins["zone_id"].to_numpy()[at],
            "name": np.array(names, dtype=object)[outlines.rows[inside]],
            # Where nobody is counted each point weighs a little, so that it is found all the same.
            "people": people[at] + 1e-6,
        }
    )
    if not len(table):
        do = "choose the outlines of this place"
        raise FileRefusedError("has no area in which anybody of this place lives", path.name, do=do)
    summed = table.groupby(["zone", "name"], sort=True)["people"].sum().reset_index()
    most = summed.sort_values(["people", "name"], ascending=[False, True], kind="stable").drop_duplicates("zone")
    return most.set_index("zone")["name"].reindex(study.gaps.index)


def _name_column(layer: Layer, file: str) -> str:
    columns = [str(name) for name in layer.table.columns]
    for pattern in _NAMES:
        for column in columns:
            values = [as_text(value) for value in layer.table[column]]
            if re.fullmatch(pattern, column.lower()) and values and all(value.strip() for value in values):
                return column
    do = f"call one of its columns name; there are {', '.join(columns[:8]) or 'none'}"
    raise FileRefusedError("has no column of names", file, do=do)


def _footprint(numbers: Numbers, number: int, name: str, zones: pd.Index) -> Footprint:
    study = numbers.study
    gaps = study.gaps.loc[zones]
    drawn = payload.drawn_assets(study.assets)
    ground = shapely.union_all(study.zones.geometry.reindex(zones).to_numpy())
    inside = int(shapely.covers(ground, drawn.geometry.to_numpy()).sum())
    unit, label = text.say("briefing-unit-places"), text.say("briefing-label-assets")
    mark = f"footprint/{number}"
    return Footprint(
        name=name,
        areas=tuple(map(str, zones)),
        number=_areas(numbers, f"{mark}/areas", len(zones), name),
        people=numbers.people(f"{mark}/people", people_in(gaps), name),
        assets=numbers.whole(f"{mark}/assets", inside, unit, label, name),
        indicators=tuple(_rates(numbers, number, name, zones)),
        prompts=tuple(
            Count(prompt, words, _areas(numbers, f"{mark}/{prompt}", int((gaps["class"] == prompt).sum()), name))
            for prompt, words in style.class_words().items()
            if prompt != "none" and (gaps["class"] == prompt).any()
        ),
    )


def _areas(numbers: Numbers, figure_id: str, value: float, name: str) -> Figure:
    unit, label = text.say("briefing-unit-areas"), text.say("briefing-label-areas")
    return numbers.whole(figure_id, value, unit, label, name)


def _rates(numbers: Numbers, number: int, name: str, zones: pd.Index) -> list[Measured]:
    """Return the mean of each circumstance over the small areas, weighted by people; a share of households by these."""
    study = numbers.study
    people = study.gaps["population"].reindex(zones).fillna(0.0)
    homes = study.zones["households"].reindex(zones).astype(float) if "households" in study.zones else people
    of_homes = text.label("of", "households", "households")
    found = []
    for indicator in numbers.used:
        rates = study.zones[indicator].reindex(zones).astype(float)
        by_homes = study.catalogue.indicators[indicator].population == of_homes and homes.notna().all()
        weights = (homes if by_homes else people).where(rates.notna(), 0.0)
        if weights.sum() > 0:
            mean = float((rates.fillna(0.0) * weights).sum() / weights.sum())
            found.append(Measured(indicator, name, numbers.rate(indicator, f"footprint-{number}", mean, name)))
    return found
