"""What a study and a workspace say in lines and in plain data, for the command line and for fault reports."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from types import MappingProxyType
from typing import Any

import pandas as pd

from assetmap import text
from assetmap.intake import missing
from assetmap.schema import CLASSES, STATES
from assetmap.store.database import sqlite_facts
from assetmap.store.workspace import Workspace, folder_size, read_table, sources_of
from assetmap.study import Study


def version() -> str:
    """Return the version of this package."""
    return metadata.version("assetmap")


def summary(study: Study) -> dict[str, Any]:
    """Return the figures of a study as plain data, for ``gaps --json``."""
    gaps = study.gaps
    people = gaps["population"].fillna(0)

    def counts(column: str, ids: list[str]) -> dict[str, dict[str, float]]:
        return {
            name: {"zones": int((gaps[column] == name).sum()), "people": float(people[gaps[column] == name].sum())}
            for name in ids
        }

    return {
        "place": study.name,
        "zones": len(gaps),
        "people": float(people.sum()),
        "assets": len(study.assets),
        "index": study.settings.index,
        "standard": study.settings.standard,
        "reference": study.settings.reference,
        "classes": counts("class", list(CLASSES)),
        "states": counts("state", list(STATES)),
        "sources": [
            {"id": s.id, "title": s.title, "licence": s.licence, "as_of": s.as_of, "attribution": s.attribution}
            for s in study.sources
        ],
        "missing": list(study.missing),
        "as_of": study.as_of.isoformat(),
        "fingerprint": study.fingerprint,
    }


def lines(study: Study) -> Iterator[str]:
    """Yield what a study found, a line each, in the words that can be printed on the map of somebody's home."""
    gaps = study.gaps
    yield text.say(
        "found-place",
        name=study.name,
        zones=text.count(len(gaps), "zone"),
        people=f"{gaps['population'].sum():,.0f}",
        assets=text.count(len(study.assets), "asset"),
    )
    for name in CLASSES:
        yield from _count_line(gaps[gaps["class"] == name], text.say(f"class-{name}"))
    for name in STATES:
        if name != "ok":
            yield from _count_line(gaps[gaps["state"] == name], text.say(f"state-name-{name}"))
    yield from _standard_lines(study)
    first = study.ordered[study.ordered["class"].isin(["priority", "watch"])].head(5)
    words = study.steadiness.reindex(first.index)
    for name, printed, word, why in zip(first["zone_name"], first["class"], words, first["reasons"], strict=True):
        yield text.say("found-zone", name=name, printed=text.say(f"class-{printed}"), steady=word, reasons=why)
    yield from study.missing
    if study.no_index:
        yield study.no_index
    yield text.say("area-not-person")


def _count_line(chosen: pd.DataFrame, printed: str) -> Iterator[str]:
    if len(chosen):
        people = f"{chosen['population'].sum():,.0f}"
        yield text.say("found-count", printed=printed, zones=text.count(len(chosen), "zone"), people=people)


def _standard_lines(study: Study) -> Iterator[str]:
    if study.access is None:
        return
    if study.settings.standard == "relative":
        yield text.say("standard-relative")
        return
    low = study.gaps["access"] < float(study.settings.standard)
    flagged = study.gaps["provisional_class"].isin(["priority", "watch"])
    standard = f"{float(study.settings.standard):g}"
    if not low.any():
        yield text.say("standard-none-below", standard=standard)
    elif not (flagged & (study.gaps["state"] == "ok")).any():
        yield text.say(
            "standard-none-flagged",
            low=text.count(int(low.sum()), "zone"),
            standard=standard,
            unsure=text.count(int(flagged.sum()), "zone"),
        )


@dataclass(frozen=True)
class Checked:
    """What a look over a workspace found: facts by name, and problems that somebody should mend."""

    facts: Mapping[str, str]
    problems: tuple[str, ...]


def check_workspace(workspace: Workspace) -> Checked:
    """Look a workspace over: what it holds, how old each source is, and what is missing."""
    facts = {"name": workspace.name, "coordinates": workspace.crs.to_string(), "sqlite": _sqlite()}
    for source in sources_of(workspace):
        day = f", of {source.as_of}" if source.as_of else ""
        facts[f"{source.part} {source.file}"] = f"read {source.read_at[:10]}{day}"
    return Checked(MappingProxyType(facts), tuple(missing(workspace)))


def report(workspace: Workspace) -> dict[str, str]:
    """Return versions and sizes for a fault report: no names, no places, no records."""
    packages = ("assetmap", "geopandas", "numpy", "osmium", "pandas", "scipy", "shapely", "sqlalchemy")
    facts = {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}
    facts |= {name: metadata.version(name) for name in packages}
    facts["sqlite"] = _sqlite()
    facts["workspace bytes"] = f"{folder_size(workspace.folder):,}"
    for name in ("zones", "origins", "osm_features", "street_edges", "ground", "reference"):
        facts[f"rows of {name}"] = f"{len(read_table(workspace, name)):,}" if workspace.has_table(name) else "none"
    return facts


def _sqlite() -> str:
    facts = sqlite_facts()
    return f"{facts.module} {facts.version}, journal {facts.journal_mode}"
