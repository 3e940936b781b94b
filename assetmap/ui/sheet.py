"""One area's sheet in its fixed order: what is here, what residents say, then the figures and why.

Everything here is pure: a study goes in, HTML with every text made safe comes out.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from assetmap import text
from assetmap.gaps import Reason
from assetmap.maps import style
from assetmap.ui.cache import Shown

_MOST_HERE = 6


def heading_html(shown: Shown, zone: str, *, finding: bool) -> str:
    """Return the title of a sheet, who lives there and, where asked for, what the figures prompt."""
    row = shown.study.gaps.loc[zone]
    people = row["population"]
    under = [] if np.isnan(people) else [text.say("app-sheet-people", people=f"{people:,.0f}")]
    title = f'<h2 class="sheet-title" id="sheet">{text.html(row["zone_name"])}</h2>'
    under_html = f'<p class="under">{text.html(" · ".join([*under, zone]))}</p>'
    return title + under_html + (_finding_line(shown, zone) if finding else "")


def _finding_line(shown: Shown, zone: str) -> str:
    steady = shown.steadiness.loc[zone]
    found = str(shown.findings.loc[zone])
    said = ""
    if pd.notna(steady) and found in style.CLASSES and found != "none":
        said = f'<span class="steady">{text.html(text.say("app-sheet-steady"))}<b>{text.html(steady)}</b></span>'
    return f'<p class="finding">{chip(found)}{said}</p>'


def chip(finding: str) -> str:
    """Return a class or a state as a small label; its words come from the sentences, never from data."""
    words = {**style.class_words(), **style.state_words()}.get(finding, finding)
    kind = finding if finding in style.CLASSES else "state"
    return f'<span class="chip chip-{kind}">{text.html(words)}</span>'


def body_html(shown: Shown, zone: str) -> str:
    """Return the sheet below its title."""
    said = shown.reasons[zone]
    parts = [_section("app-sheet-here", _here(shown, zone, said))]
    residents = " ".join(_of(said, "residents"))
    parts.append(_section("app-sheet-residents", f"<blockquote>{text.html(residents)}</blockquote>"))
    unknown = _of(said, "state")
    if unknown:
        parts.append(_section("app-sheet-unknown", _paragraphs(unknown)))
    figures = "".join(_circumstance(shown, reason) for reason in said if reason.kind == "circumstance")
    figures += _paragraphs(_of(said, "themes")) + _paragraphs([*_of(said, "farther"), *_of(said, "compared")], "quiet")
    if figures:
        parts.append(_section("app-sheet-figures", figures))
    return "".join(parts)


def _section(heading: str, inside: str) -> str:
    return f'<section class="group"><h3>{text.html(text.say(heading))}</h3>{inside}</section>'


def _of(said: Iterable[Reason], kind: str) -> list[str]:
    return [reason.sentence for reason in said if reason.kind == kind]


def _paragraphs(sentences: Iterable[str], kind: str = "") -> str:
    return "".join(f'<p class="{kind}">{text.html(sentence)}</p>' for sentence in sentences)


def _here(shown: Shown, zone: str, said: tuple[Reason, ...]) -> str:
    near = shown.near.get(zone)
    if near is None or not len(near):
        return _paragraphs(_of(said, "here") or _of(said, "state")[:1])
    # The nearest of each kind of place before the second of any.
    turn = near.groupby("theme").cumcount()
    chosen = near.assign(turn=turn).sort_values(["turn", "minutes"], kind="stable").iloc[:_MOST_HERE]
    chosen = chosen.sort_values("minutes", kind="stable")
    rows = "".join(
        f"<li><span>{text.html(name)}</span><span>{text.html(minutes_of(minutes))}</span></li>"
        for name, minutes in zip(chosen["name"], chosen["minutes"], strict=True)
    )
    more = len(near) - len(chosen)
    walk = f"{walk_minutes(said):.0f}"
    rest = _paragraphs([text.say("app-sheet-more-here", count=f"{more:,}", walk=walk)], "quiet") if more else ""
    return f'<ul class="here">{rows}</ul>{rest}'


def minutes_of(minutes: float) -> str:
    """Return minutes on foot as printed: whole, at least one.

    Examples
    --------
    >>> minutes_of(0.2), minutes_of(4.6)
    ('1 min', '5 min')
    """
    return text.say("minutes", minutes=f"{max(1.0, minutes):.0f}")


def walk_minutes(said: Iterable[Reason]) -> float:
    """Return the minutes of a short walk, as the reasons say it."""
    return next((float(str(reason.facts["walk"])) for reason in said if "walk" in reason.facts), 10.0)


def _circumstance(shown: Shown, reason: Reason) -> str:
    indicator = str(reason.facts["indicator"])
    rates = shown.study.zones[indicator].astype(float).dropna()
    sentence = f"<p>{text.html(reason.sentence)}</p>"
    low, high = float(rates.min()), float(rates.max())
    if not len(rates) or high <= low or not low <= float(str(reason.facts["middle"])) <= high:
        return sentence
    here, middle = ((float(str(reason.facts[name])) - low) / (high - low) * 100 for name in ("rate", "middle"))
    label = text.html(text.say("app-sheet-strip", place=shown.study.name))
    return (
        f'{sentence}<div class="strip" title="{label}" aria-hidden="true">'
        f'<i class="middle" style="left:{middle:.1f}%"></i><i class="now" style="left:{here:.1f}%"></i></div>'
    )


def line(shown: Shown, zone: str) -> str:
    """Return an area in one or two sentences for the list: what is here first, then the foremost figure."""
    said = {reason.kind: reason for reason in reversed(shown.reasons[zone])}
    parts = ""
    if "here" in said:
        named = [str(said["here"].facts[key]) for key in ("name_1", "name_2") if key in said["here"].facts]
        parts += text.say("app-list-here", places=text.join_words(named)) if named else ""
    if "themes" in said:
        facts = said["themes"].facts
        parts += text.say("app-list-themes", themes=f"{float(str(facts['themes'])):.0f}", all=facts["all"])
    if "state" in said:
        return f"{parts} {said['state'].sentence}".strip()
    if "circumstance" in said:
        parts += text.say("app-list-why", words=said["circumstance"].facts["words"])
    return parts.strip()
