"""What a study and a workspace say in lines and in plain data, for the command line and for fault reports."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd

from assetmap import text
from assetmap.assets import from_openstreetmap, merge_repeats
from assetmap.holdings import catalogue_of, missing
from assetmap.isolation import correlation_facts, overlapping
from assetmap.schema import CLASSES, STATES
from assetmap.sources.untaken import Untaken
from assetmap.store.assets import read_assets
from assetmap.store.database import sqlite_facts
from assetmap.store.workspace import Workspace, folder_size, read_table, sources_of
from assetmap.study import Study


def version() -> str:
    """Return the version of this package."""
    return metadata.version("assetmap")


def people_in(gaps: pd.DataFrame) -> float:
    """Return how many people live in some areas; NaN where it is known of none of them."""
    known = gaps["population"].dropna()
    return float(known.sum()) if len(known) or not len(gaps) else float("nan")


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
        "walker": study.settings.walker,
        "route": study.settings.route,
        "hours": study.settings.hours,
        "known": {name: {"known": k, "places": n} for name, (k, n) in known_shares(study).items()},
        "classes": counts("class", list(CLASSES)),
        "states": counts("state", list(STATES)),
        "sources": [
            {"id": s.id, "title": s.title, "licence": s.licence, "as_of": s.as_of, "attribution": s.attribution}
            for s in study.sources
        ],
        "missing": list(study.missing),
        "as_of": study.as_of.isoformat(),
        "fingerprint": study.fingerprint,
        "no_index": study.no_index,
        "correlations": _correlations(study),
    }


def _correlations(study: Study) -> dict[str, Any]:
    """Return how alike the indicators of the index order the zones, and a sentence on each pair that counts twice."""
    matrix = study.correlations
    pairs = overlapping(matrix, averaged=study.isolation.averaged if study.isolation else ())
    return correlation_facts(matrix, pairs, study.catalogue.indicators)


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
    yield from conditions(study)
    yield from _standard_lines(study)
    first = study.ordered[study.ordered["class"].isin(["priority", "watch"])].head(5)
    words = study.steadiness.reindex(first.index)
    for name, printed, word, why in zip(first["zone_name"], first["class"], words, first["reasons"], strict=True):
        yield text.say("found-zone", name=name, printed=text.say(f"class-{printed}"), steady=word, reasons=why)
    yield from study.missing
    if study.no_index:
        yield study.no_index
    yield text.say("area-not-person")


def conditions(study: Study) -> Iterator[str]:
    """Yield a sentence for each condition under which walks were reckoned: whose pace, which ways, what hours.

    With hours or ways comes the share of places of which these are known.
    """
    if study.access is None:
        return
    settings, known = study.settings, known_shares(study)
    if settings.walker != "usual":
        yield text.say(f"conditions-walker-{settings.walker}")
    for name, word in (("route", settings.route), ("hours", settings.hours)):
        if name in known:
            number, places = known[name]
            yield text.say(f"conditions-{name}-{word}", known=f"{number:,}", places=text.count(places, "place"))


def known_shares(study: Study) -> dict[str, tuple[int, int]]:
    """Return of how many places that give access it is known what was asked of them, and of how many it was asked.

    ``hours`` where places must be open at some hour: those that keep hours, which parks do not. ``route`` where they
    must be step-free.
    """
    if study.access is None:
        return {}
    assets = study.access.inputs.assets
    asked = assets[assets["counts_towards"].isin(["meeting", "help"])]
    found = {}
    for name, column in (("route", "entry"), ("hours", "hours")):
        if column in asked:
            of = asked[asked[column] != "always"]
            found[name] = (int((of[column] != "unknown").sum()), len(of))
    return found


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
    categories: pd.DataFrame


def check_workspace(workspace: Workspace) -> Checked:
    """Look a workspace over: what it holds and how much of each category, how old each source is, what is missing."""
    facts = {"name": workspace.name, "coordinates": workspace.crs.to_string(), "sqlite": _sqlite()}
    for source in sources_of(workspace):
        day = f", of {source.as_of}" if source.as_of else ""
        facts[f"{source.part} {source.file}"] = f"read {source.read_at[:10]}{day}"
    return Checked(MappingProxyType(facts), tuple(missing(workspace)), found_by_category(workspace))


def found_by_category(workspace: Workspace) -> pd.DataFrame:
    """Return how many places of each category a workspace knows.

    Returns
    -------
    pandas.DataFrame
        One row per category that may be shown, by id, as in the catalogue: ``label``, ``plural``, ``theme``,
        ``counts_towards``; ``found`` on the street map, each place once; ``own``, the community's own records.
    """
    catalogue = catalogue_of(workspace)
    shown = [category for category in catalogue.categories.values() if not category.sensitive]
    columns = ["label", "plural", "theme", "counts_towards"]
    table = pd.DataFrame(
        [[getattr(category, name) for name in columns] for category in shown],
        columns=columns,
        index=pd.Index([category.id for category in shown], name="category"),
    )
    found, own = pd.Series(dtype=int), pd.Series(dtype=int)
    if workspace.has_table("osm_features"):
        features = gpd.GeoDataFrame(read_table(workspace, "osm_features"))
        found = merge_repeats(from_openstreetmap(features, catalogue))[0]["category"].value_counts()
    if workspace.store_path.is_file():
        with workspace.open_store() as store:
            own = read_assets(store, text.now().date())["category"].value_counts()
    return table.assign(
        found=found.reindex(table.index, fill_value=0).astype(int),
        own=own.reindex(table.index, fill_value=0).astype(int),
    )


def category_lines(categories: pd.DataFrame) -> Iterator[str]:
    """Yield what was found of each category, the largest first, and one line that names those not found."""
    total = categories["found"] + categories["own"]
    present = (
        categories[total > 0].assign(total=total[total > 0]).sort_values(["total", "label"], ascending=[False, True])
    )
    yield text.say(
        "check-categories",
        found=len(present),
        all=len(categories),
        places=f"{categories['found'].sum():,}",
        own=f"{categories['own'].sum():,}",
    )
    for row in present.itertuples():
        own = "-own" if row.own else ""
        yield text.say(f"check-category{own}", count=row.total, label=row.plural, own=f"{row.own:,}")
    absent = categories.loc[total == 0, "plural"]
    if len(absent):
        yield text.say("check-absent", labels="; ".join(absent))


def untaken_lines(untaken: Untaken, file: str, most: int = 10) -> Iterator[str]:
    """Yield what an extract names that no category takes: the sums, then the largest groups with their reasons."""
    yield text.say(
        "check-untaken",
        file=file,
        named=f"{untaken.named:,}",
        taken=f"{untaken.taken:,}",
        sensitive=f"{untaken.sensitive:,}",
        places=f"{untaken.groups['objects'].sum():,}",
        rest=f"{untaken.rest['objects'].sum():,}",
    )
    for row in untaken.groups.head(most).itertuples():
        yield text.say("check-untaken-group", objects=row.objects, tag=row.tag, reason=row.reason)


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
