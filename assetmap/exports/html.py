"""The whole map in one file that opens anywhere, without the internet: from a stick, from an e-mail.

Strengths first, then where to start talking; every map with its sentence and its table, every figure with its source.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from assetmap import summary, text
from assetmap.access import walk_settings
from assetmap.errors import OurError
from assetmap.maps import print_words
from assetmap.maps.document import Group, Page, Row, Section, Sheet, Table, map_document
from assetmap.maps.web import pack_study
from assetmap.schema import CLASSES, STATES
from assetmap.store.files import write_text

if TYPE_CHECKING:
    from assetmap.gaps import Reason
    from assetmap.study import Study

SUFFIX: Final = ".html"
LABEL: Final = "Map in one file (HTML)"

#: The fixed order of a sheet: what is here, what residents say, then the figures.
_PARTS: Final = (
    ("html-here", ("here", "themes", "farther")),
    ("html-residents", ("residents",)),
    ("html-figures", ("circumstance", "compared", "state")),
)
_NEAR_ROWS: Final = 6


def write(study: Study, path: Path) -> None:
    """Write the map, its list, a sheet for each zone, and its sources.

    Raises
    ------
    OurError
        If a source has no attribution: a map without its furniture does not leave the tool.
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    bare = [source.id for source in study.sources if not source.attribution]
    if bare or not study.sources:
        raise OurError("a map without the lines of its sources may not leave", "html", ", ".join(bare) or "no source")
    write_text(path, map_document(pack_study(study), page_of(study)))


def page_of(study: Study) -> Page:
    """Return what stands around the map."""
    gaps = study.gaps
    sheets = _sheets(study)
    return Page(
        title=print_words.message(study),
        place=study.name,
        under=_under(gaps),
        sentence=" ".join([print_words.sentence(study), *print_words.only_some(study)]),
        made=text.say("html-made", date=text.long_date(study.as_of)),
        sheets=sheets,
        sections=(_list(study), _sources(study)),
    )


def _under(gaps: pd.DataFrame) -> str:
    people, zones = summary.people_in(gaps), text.count(len(gaps), "area")
    if people != people:
        return text.say("html-under-uncounted", zones=zones)
    return text.say_number("html-under", people, people=f"{people:,.0f}", zones=zones)


def _sheets(study: Study) -> tuple[Sheet, ...]:
    said: dict[str, list[Reason]] = {zone: [] for zone in study.gaps.index}
    for reason in study.reasons:
        if reason.zone_id in said:
            said[reason.zone_id].append(reason)
    near: dict[str, pd.DataFrame] = {str(zone): places for zone, places in study.found.near.groupby("zone_id")}
    steady = study.steadiness
    return tuple(
        Sheet(
            zone_id=zone,
            title=str(row["zone_name"]),
            under=text.say_number("html-people", row["population"], people=f"{row['population']:,.0f}")
            if row["population"] == row["population"]
            else "",
            finding=str(row["class"] if row["state"] == "ok" else row["state"]),
            steadiness=str(steady[zone]) if row["state"] == "ok" and isinstance(steady[zone], str) else "",
            groups=_groups(said[zone], near.get(zone)),
        )
        for zone, row in zip(study.gaps.index, study.gaps.to_dict("records"), strict=True)
    )


def _groups(said: list[Reason], near: pd.DataFrame | None) -> tuple[Group, ...]:
    made = []
    for heading, kinds in _PARTS:
        listed = [r for kind in kinds for r in said if r.kind == kind]
        rows: tuple[Row, ...] = ()
        if heading == "html-here" and near is not None and len(near):
            # The places stand as rows, so the sentence that names them need not be said twice.
            listed = [r for r in listed if r.kind != "here"]
            first = near.head(_NEAR_ROWS)
            rows = tuple(
                Row(str(name), _minutes(minutes)) for name, minutes in zip(first["name"], first["minutes"], strict=True)
            )
        quoted = heading == "html-residents"
        sentences = tuple(r.sentence for r in listed)
        if rows or sentences:
            quote = " ".join(sentences) if quoted else ""
            made.append(Group(text.say(heading), quote=quote, rows=rows, sentences=() if quoted else sentences))
    return tuple(made)


def _minutes(minutes: float) -> str:
    return text.say("minutes", minutes=f"{max(1, round(minutes))}") if np.isfinite(minutes) else ""


def _list(study: Study) -> Section:
    ordered = study.ordered
    steady = study.steadiness.reindex(ordered.index)
    words = {name: text.say(f"class-{name}") for name in CLASSES}
    words |= {name: text.say(f"state-name-{name}") for name in STATES}
    rows = tuple(
        (
            str(row["zone_name"]),
            f"{row['population']:,.0f}" if row["population"] == row["population"] else "",
            words[str(row["class"] if row["state"] == "ok" else row["state"])],
            str(word) if row["state"] == "ok" and isinstance(word, str) else "",
            f"{row['themes_within']:.0f}" if row["themes_within"] == row["themes_within"] else "",
        )
        for row, word in zip(ordered.to_dict("records"), steady, strict=True)
    )
    headings = tuple(text.say("html-list-head").split(";"))
    caption = "html-list-caption-part" if study.is_part else "html-list-caption"
    caption = text.say(caption, name=study.name, zones=text.count(len(ordered), "area"))
    table = Table(caption, headings, rows, tuple(map(str, ordered.index)))
    return Section(text.say("html-list"), (print_words.sentence(study),), table)


def _sources(study: Study) -> Section:
    lines = tuple(
        text.say("html-source", title=s.title, as_of=s.as_of, licence=s.licence, attribution=s.attribution)
        + (f" {s.licence_url}" if s.licence_url else "")
        for s in study.sources
    )
    index = (
        text.say(
            "html-index",
            name=study.isolation.name,
            population=study.isolation.population,
            indicators=text.join_words(study.catalogue.indicators[i].label for i in study.isolation.used),
        )
        if study.isolation
        else study.no_index
    )
    return Section(
        text.say("html-sources"), (index, text.say("html-walks", **_walks(study)), *study.missing), lines=lines
    )


def _walks(study: Study) -> dict[str, str]:
    used = walk_settings(study.settings)
    return {"full": f"{used.full:g}", "none": f"{used.none:g}"}
