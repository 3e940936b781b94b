"""Figures of one's own, planned: what a list by area would become, to be looked at before anything is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from assetmap import text
from assetmap.catalogue import Catalogue, Index
from assetmap.errors import FileRefusedError, UsageError
from assetmap.intake import catalogue_of
from assetmap.isolation import choose_index
from assetmap.sources import gathered
from assetmap.sources.area_lists import (
    AreaList,
    Places,
    looks_like_count,
    looks_like_people,
    looks_like_percent,
    number_columns,
    numbers_of,
)
from assetmap.sources.gathered import Measure
from assetmap.sources.lists.model import Listing
from assetmap.store.cache import CachedSource
from assetmap.store.toml import Value
from assetmap.store.workspace import Workspace, read_table

#: How ids of one's own indicators begin, and those of their indices end, so that they never hide a shipped one.
OWN: Final = "own-"
OWN_INDEX: Final = "-own"
#: Whom a number can be divided by without a column of the list.
RESIDENTS: Final = "residents"
HOUSEHOLDS: Final = "households"
Meaning = Literal["worse", "better"]
Unit = Literal["", "percent", "score"]
_LONGEST: Final = 120
_LONGEST_ID: Final = 48


@dataclass(frozen=True)
class Asked:
    """What somebody says of their figures; what is left empty is suggested by the list.

    Parameters
    ----------
    column
        The column of figures.
    per
        The column they are divided by, or ``residents`` or ``households`` of the areas; empty: rates already.
    name
        What the figure is called; empty: as its column.
    more_is
        Whether more of it goes with isolation (``worse``) or less (``better``).
    unit
        ``percent`` or ``score``; empty: told by the heading and the numbers.
    population
        Of whom the figure speaks.
    index, domain, weight
        Which index counts it, under which heading and how much.
    """

    column: str = ""
    per: str = ""
    name: str = ""
    more_is: Meaning = "worse"
    unit: Unit = ""
    population: str = ""
    index: str = ""
    domain: str = ""
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class Plan:
    """What would be written: look at it before it is.

    Parameters
    ----------
    id, label, column
        The indicator's id, its name as read, and the column it came from.
    figures
        By zone, percent or score; NaN where there is none.
    method
        How the figures came to the zones, in a sentence.
    counts
        ``read``, ``used``, ``outside`` and ``totals`` among the rows; ``zones`` and ``without`` among the zones.
    notes, doubts
        What was told or left out; what somebody should look at before it is kept.
    index, base, domain, weight
        The index that counts it, the one that is a copy of, under which heading and how much.
    indicator, source
        The two layer files as they will be written.
    cached
        What stands among the files that were read.
    """

    id: str
    label: str
    column: str
    figures: pd.Series[float]
    method: str
    counts: Mapping[str, int]
    notes: tuple[str, ...]
    doubts: tuple[str, ...]
    index: str
    base: str
    domain: str
    weight: float
    indicator: Mapping[str, Value]
    source: Mapping[str, Value]
    cached: CachedSource

    def summary(self) -> dict[str, object]:
        """Return it as ``--json`` prints it."""
        return {
            "id": self.id,
            "name": self.label,
            "method": self.method,
            **self.counts,
            "index": self.index,
            "domain": self.domain,
            "weight": self.weight,
            "notes": [*self.notes, *self.doubts],
        }


def lines(planned: Plan) -> list[str]:
    """Return what a plan says of itself, a line each."""
    counts = planned.counts
    used = text.say("own-used", used=f"{counts['used']:,}", read=text.count(counts["read"], "row"))
    given = text.say("own-given", label=planned.label, areas=text.count(counts["zones"], "area"))
    return [given, used, planned.method, *planned.notes, *planned.doubts]


def places_of(workspace: Workspace, lookup: Listing | None = None) -> Places:
    """Return what a workspace knows of where areas lie."""
    return Places(
        gpd.GeoDataFrame(read_table(workspace, "zones")),
        gpd.GeoDataFrame(read_table(workspace, "origins")),
        read_table(workspace, "postcodes") if workspace.has_table("postcodes") else None,
        lookup,
    )


def suggest(listed: AreaList) -> Asked:
    """Return what a list seems to say of itself: the first column of figures, and what it is divided by if counted."""
    columns = number_columns(listed)
    people = [name for name in columns if looks_like_people(name)]
    figures = [name for name in columns if name not in people]
    if not figures:
        return Asked()
    rates = [name for name in figures if looks_like_percent(name)]
    column = (rates or figures)[0]
    per = (people[0] if people else RESIDENTS) if looks_like_count(column) else ""
    return Asked(column=column, per=per, name=_one_line(column))


# --- Planning --------------------------------------------------------------------------------------------------


def plan(workspace: Workspace, listed: AreaList, asked: Asked, file: tuple[str, int], day: date) -> Plan:
    """Return what a list would become, and write nothing.

    Parameters
    ----------
    workspace
        An open workspace.
    listed
        The list with its areas, from :func:`assetmap.sources.area_lists.find_areas`.
    asked
        What somebody says of it.
    file
        SHA-256 and bytes of the file, from :func:`assetmap.store.files.hash_file`.
    day
        The day it is added.

    Raises
    ------
    UsageError
        If the index or domain is not there, a weight is not above 0, or no column of figures was said or is plain.
    MissingColumnError, FileRefusedError
        If a column is not there, a cell is no number, a percentage lies outside 0 to 100, or no zone gets a figure.
    """
    catalogue = catalogue_of(workspace)
    zones = pd.DataFrame(read_table(workspace, "zones"))
    asked = _complete(listed, asked)
    base, index = _index_for(workspace, catalogue, asked, zones)
    label = _one_line(asked.name or asked.column)
    own_id = new_id(label, catalogue)
    values, measure = _gather(listed, asked, zones)
    unit, values, doubts = _unit(listed, asked, values)
    method = gathered.method(listed.belonging, measure, text.without_control(listed.lookup))
    _require_some(listed, values, asked)
    without = int(values.isna().sum())
    counts = {
        "read": listed.read,
        "used": len(listed.cells),
        "outside": listed.outside,
        "totals": listed.totals,
        "zones": len(values) - without,
        "without": without,
    }
    written = text.long_date(day)
    called = text.without_control(listed.file)
    sentence = text.say(f"own-sentence-{asked.more_is}", label=label)
    return Plan(
        own_id,
        label,
        _one_line(asked.column),
        values.rename(own_id),
        method,
        counts,
        listed.notes,
        (*doubts, *_doubts(values, len(values))),
        index,
        base,
        _domain(catalogue.indices[base], asked.domain),
        _weight(asked.weight),
        {
            "label": label,
            "sentence": sentence,
            "population": _population(asked),
            "direction": "more" if asked.more_is == "worse" else "less",
            "unit": unit,
            "vintage": text.say("own-vintage", day=written),
            "source": own_id,
            "caveat": f"{method} {text.say('own-caveat', file=called)}",
            "domain_hint": _domain(catalogue.indices[base], asked.domain),
            "reads": [{"form": "wide", "columns": [own_id]}],
        },
        {
            "title": label,
            "publisher": text.say("own-publisher", place=workspace.name),
            "licence": text.say("own-licence"),
            "attribution": text.say("own-attribution", label=label, file=called),
            "as_of": day.isoformat(),
        },
        _cached(listed, own_id, file, counts["zones"]),
    )


def _complete(listed: AreaList, asked: Asked) -> Asked:
    """Return what was asked with the column of figures in it, which must be plain if nobody named it."""
    if asked.column:
        return asked
    columns = [name for name in number_columns(listed) if not looks_like_people(name)]
    if len(columns) != 1:
        do = f"choose one of {', '.join(columns[:20])}" if columns else "give a list with a column of numbers"
        raise UsageError("say which column holds the figures", "--column", listed.file, do)
    return replace(asked, column=columns[0])


def _index_for(workspace: Workspace, catalogue: Catalogue, asked: Asked, zones: pd.DataFrame) -> tuple[str, str]:
    """Return the index to copy and the id of the copy; a copy made before is built on."""
    loaded = [name for name in catalogue.indicators if name in zones and zones[name].notna().any()]
    chosen = choose_index(loaded, catalogue.indices, asked.index or workspace.settings.index or None)
    copy = chosen if chosen.endswith(OWN_INDEX) else chosen + OWN_INDEX
    return (copy if copy in catalogue.indices else chosen), copy


def _domain(index: Index, asked: str) -> str:
    """Return the domain asked for; unless one is, the last, which by custom holds what makes going out hard."""
    known = [domain.id for domain in index.domains]
    if asked and asked not in known:
        raise UsageError("the index has no such domain", "--domain", asked, f"choose one of {', '.join(known)}")
    return asked or known[-1]


def _weight(weight: float) -> float:
    if not (np.isfinite(weight) and weight > 0):
        raise UsageError("a weight must be a number above 0", "--weight", f"{weight:g}", "give 1 for as much as others")
    return float(weight)


def new_id(label: str, catalogue: Catalogue) -> str:
    """Return the id of a name, which nothing else may have.

    Raises
    ------
    UsageError
        If there is one of this name already.
    """
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
    own_id = OWN + text.file_name(plain, longest=_LONGEST_ID).strip("-").lower()
    if own_id in catalogue.indicators:
        do = "give it another name, or remove that one first"
        raise UsageError("there is a figure of this name already", "--name", label, do)
    return own_id


def _one_line(words: str) -> str:
    """Return a heading as a label: on one line, of a length that fits, and nothing else changed."""
    return " ".join(text.without_control(words).split())[:_LONGEST]


def _gather(listed: AreaList, asked: Asked, zones: pd.DataFrame) -> tuple[pd.Series[float], Measure]:
    """Return the figure of each zone, in the numbers of the list or in percent of what it is divided by."""
    figures, _ = numbers_of(listed, asked.column)
    if not asked.per:
        return gathered.gather_rates(figures, listed.belonging, zones.index), "rate"
    _refuse_negative(listed, figures, asked.column)
    if asked.per in listed.cells:
        whole, _ = numbers_of(listed, asked.per)
        _refuse_negative(listed, whole, asked.per)
        return gathered.gather_shares(figures, whole, listed.belonging, zones.index), "share"
    bases = {RESIDENTS: "population", HOUSEHOLDS: "households"}
    if asked.per not in bases:
        do = f"choose a column of the list, or {RESIDENTS} or {HOUSEHOLDS}"
        raise UsageError("there is no such column to divide by", "--per", asked.per, do)
    people = zones[bases[asked.per]].astype("float64")
    counted = gathered.gather_counts(figures, listed.belonging, zones.index)
    return 100.0 * counted / people.where(people > 0), "count"


def _refuse_negative(listed: AreaList, figures: pd.Series[float], column: str) -> None:
    below = figures[figures < 0]
    if len(below):
        do = "correct it or leave it empty"
        where = f"{listed.file}, {below.index[0]}, column {column}"
        raise FileRefusedError("a number of cases is below 0", where, f"{below.iloc[0]:g}", do)


def _unit(listed: AreaList, asked: Asked, values: pd.Series[float]) -> tuple[str, pd.Series[float], tuple[str, ...]]:
    """Return what the numbers are, the numbers, and what to say of that; a percentage lies between 0 and 100."""
    figures, signed = numbers_of(listed, asked.column)
    doubts: tuple[str, ...] = ()
    percent = asked.unit == "percent" or bool(asked.per) or (not asked.unit and _is_percent(signed, asked.column))
    if not percent:
        if looks_like_count(asked.column) or (figures.dropna() % 1 == 0).all():
            doubts = (text.say("own-doubt-counts", column=asked.column),)
        return "score", values, doubts
    known = figures.dropna()
    if not asked.per and not signed and len(known) and known.between(0, 1).all() and (known % 1 != 0).any():
        values, doubts = 100.0 * values, (text.say("own-note-shares", column=asked.column),)
    wrong = values[(values < -1e-9) | (values > 100 + 1e-9)]
    given = figures[(figures < -1e-9) | (figures > 100 + 1e-9)] if not asked.per else figures.iloc[:0]
    if len(wrong) or len(given):
        found = given if len(given) else wrong
        where = f"{listed.file}, {found.index[0]}, column {asked.column}"
        do = "check what it is divided by" if asked.per else "say what it is divided by, or that these are scores"
        raise FileRefusedError("a percentage lies outside 0 to 100", where, f"{found.iloc[0]:g}", do)
    return "percent", values.clip(0.0, 100.0), doubts


def _population(asked: Asked) -> str:
    """Return of whom the figure speaks: as somebody said, else whatever it is divided by."""
    said, everyone = _one_line(asked.population), text.say("own-population")
    if said not in ("", everyone):
        return said
    if asked.per.lower() == HOUSEHOLDS:
        return text.say("own-population-households")
    return everyone if asked.per.lower() in ("", RESIDENTS) else _one_line(asked.per)


def _is_percent(signed: bool, column: str) -> bool:
    return signed or looks_like_percent(column)


def _require_some(listed: AreaList, values: pd.Series[float], asked: Asked) -> None:
    if values.notna().any():
        return
    do = "check the column and the areas; withheld numbers stay missing"
    raise FileRefusedError("gives no area a figure", f"{listed.file}, column {asked.column}", do=do)


def _doubts(values: pd.Series[float], zones: int) -> list[str]:
    """Return what should be looked at: areas without a figure, and a figure that tells none apart."""
    said = []
    without = int(values.isna().sum())
    if without:
        said.append(text.say("own-doubt-without", areas=text.count(without, "area"), all=f"{zones:,}"))
    if zones > 1 and values.max() == values.min():
        said.append(text.say("own-doubt-same"))
    return said


def _cached(listed: AreaList, own_id: str, file: tuple[str, int], zones: int) -> CachedSource:
    read = text.now().isoformat(timespec="seconds")
    counts = {"read": listed.read, "used": len(listed.cells), "zones": zones}
    return CachedSource("indicators", text.without_control(listed.file), *file, own_id, "", read, counts)
