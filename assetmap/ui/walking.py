"""Who walked where and when; the sheet to take along, and the page to type it back in.

A sheet is typed in by its numbers: "1-4, 7" is quicker than ticking boxes, and can be heard and typed by keyboard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import shapely
import streamlit as st

from assetmap import text
from assetmap.exports import walkabout
from assetmap.exports.walkabout import Listed
from assetmap.roles import can
from assetmap.similar import Likeness, find_similar
from assetmap.store.assets import add_asset
from assetmap.store.community import WALKS, write_entry
from assetmap.store.database import Store
from assetmap.store.history import Noting
from assetmap.store.links import link_asset
from assetmap.ui import adding, calling, doing, facts, finding, parts, picked, state
from assetmap.ui.parts import View

_ROWS: Final = "walk-rows"
_TURN: Final = "walk-turn"
_FIRST_ROWS: Final = 3
_MOST_ROWS: Final = 30
_SHOWN: Final = 30
_SURE: Final = 85.0


@dataclass(frozen=True)
class Found:
    """One row of what was found: as typed, its point where that is known, and what it looks like."""

    row: int
    name: str
    category: str
    point: shapely.Point | None
    address: str
    alike: str


def show(view: View) -> None:
    """Show the walk-abouts, then the sheet of one area and what can be typed back."""
    doing.show(view, "walk")
    _walked(view)
    zone = _zone(view)
    if not zone:
        return
    if can(view.question.role, "add"):
        with st.expander(text.say("walk-add"), key="walk-add"):
            _write_down(view, zone)
    _print(view, zone)
    if can(view.question.role, "change"):
        _type_in(view, zone)


def _walked(view: View) -> None:
    made = view.shown.study
    parts.html(f"<h2>{text.html(text.say('walk-title'))}</h2>")
    if not len(made.walks):
        parts.paragraphs([text.say("walk-none")])
        return
    latest = made.walks.sort_values("walked_on", ascending=False, kind="stable").head(_SHOWN)
    names = made.gaps["zone_name"].astype(str).to_dict()
    rows = [
        (
            names.get(str(row["zone_id"]), str(row["zone_id"])),
            facts.say_fact("risk_date", row["walked_on"]),
            str(row["walked_by"]),
            str(row["note"] or ""),
        )
        for _, row in latest.iterrows()
    ]
    parts.table(text.say("walk-caption"), text.say("walk-head").split(";"), rows)
    never = len(made.gaps) - made.walks["zone_id"].isin(made.gaps.index).groupby(made.walks["zone_id"]).any().sum()
    parts.paragraphs(
        [text.say_number("walk-never", never, areas=text.count(int(never), "area"))] if never else [], "quiet"
    )


def _zone(view: View) -> str:
    names = view.shown.study.gaps["zone_name"].astype(str).sort_values()
    chosen = state.choices().zone
    return str(
        st.selectbox(
            text.say("walk-zone"),
            list(names.index),
            index=list(names.index).index(chosen) if chosen in names.index else 0,
            format_func=lambda zone: parts.plain_option(names[zone]),
            key="walk-zone",
            persist_state="session",
        )
        or ""
    )


# --- written down ------------------------------------------------------------------------------------------------


def _write_down(view: View, zone: str) -> None:
    key = f"walked-{zone}-{st.session_state.get(_TURN, 0)}"
    with st.form(key, border=False):
        st.date_input(
            text.say("walk-day"), view.question.day, max_value=view.question.day, format="DD/MM/YYYY", key=f"{key}-day"
        )
        st.text_input(text.say("walk-who"), max_chars=200, key=f"{key}-who")
        st.text_input(text.say("walk-note"), max_chars=500, key=f"{key}-note")
        st.form_submit_button(text.say("walk-save"), on_click=_keep_walk, args=(view, zone, key))


def _keep_walk(view: View, zone: str, key: str) -> None:
    day: date | None = st.session_state[f"{key}-day"]
    who_walked, note = (str(st.session_state[f"{key}-{name}"]).strip() for name in ("who", "note"))
    if day is None or not who_walked:
        doing.fail(text.say("walk-needs-who"))
        return
    row = {"zone_id": zone, "walked_on": day.isoformat(), "walked_by": who_walked, "note": note or None}

    def act(store: Store, who: Noting) -> int:
        write_entry(store, WALKS, row, who)
        return doing.change_of(store, who)

    change = doing.write(view, act)
    if change is not None:
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
        name = view.shown.study.gaps.loc[zone, "zone_name"]
        doing.say(text.say("walk-saved", zone=name, day=text.long_date(day)), change)


def _print(view: View, zone: str) -> None:
    made, name = view.shown.study, str(view.shown.study.gaps.loc[zone, "zone_name"])
    parts.html(f"<h2>{text.html(text.say('walk-print'))}</h2>")
    large = st.checkbox(text.say("walk-large"), key="walk-large", persist_state="session")
    st.download_button(
        parts.plain_label(text.say("walk-download", zone=name)),
        lambda: walkabout.page(made, [zone], large=large).encode(),
        text.file_name(f"walk-about {name}", ".html"),
        "text/html",
        key="walk-sheet",
        on_click="ignore",
        type="primary",
    )


# --- typed back in -----------------------------------------------------------------------------------------------


@st.fragment
def _type_in(view: View, zone: str) -> None:
    found = walkabout.listed(view.shown.study, zone)
    key = f"typed-{zone}-{st.session_state.get(_TURN, 0)}"
    parts.html(f"<h2>{text.html(text.say('walk-type'))}</h2>")
    parts.paragraphs([text.say("walk-type-lead", mark=found.mark)])
    hint = text.say("walk-numbers-hint")
    typed = {
        answer: st.text_input(text.say(f"walk-{answer}"), placeholder=hint, max_chars=300, key=f"{key}-{answer}")
        for answer in ("right", "closed")
    }
    numbers, unread = read_both(typed, found)
    for answer, chosen in numbers.items():
        if chosen:
            parts.paragraphs([text.say(f"walk-reads-{answer}", names=_named(found, chosen))], "quiet")
    parts.html(f"<h3>{text.html(text.say('walk-found'))}</h3>")
    finds, lacking = _finds(view, found, key)
    again = [one for one in finds if one.alike and not _is_another(view, one, key)]
    with st.container(horizontal=True, gap="small"):
        asked = st.button(text.say("walk-keep"), key=f"{key}-keep", type="primary")
        st.button(text.say("walk-more-rows"), key=f"{key}-more", on_click=_more_rows)
    if asked:
        _take(view, found, numbers, finds, [*unread, *lacking, *(_alike_words(view, one) for one in again)])


def _take(view: View, found: Listed, numbers: Mapping[str, list[int]], finds: list[Found], refused: list[str]) -> None:
    if refused:
        parts.html("".join(f'<p class="refused" role="alert">{text.html(words)}</p>' for words in refused))
    elif not (any(numbers.values()) or finds):
        parts.html(f'<p class="refused" role="alert">{text.html(text.say("walk-kept-nothing"))}</p>')
    else:
        _keep(view, found, numbers, finds)
        st.rerun()


def _more_rows() -> None:
    st.session_state[_ROWS] = min(st.session_state.get(_ROWS, _FIRST_ROWS) + _FIRST_ROWS, _MOST_ROWS)


def _named(found: Listed, numbers: list[int]) -> str:
    names = found.places.set_index("number")["name"]
    return text.join_words(text.say("walk-reads", number=number, name=names[number]) for number in numbers)


def read_numbers(typed: str) -> list[int] | None:
    """Return the numbers of a list such as "1-4, 7", each once; None where it is not one.

    Examples
    --------
    >>> read_numbers("1-3, 7 9"), read_numbers(""), read_numbers("1, x")
    ([1, 2, 3, 7, 9], [], None)
    """
    numbers: list[int] = []
    for part in re.split(r"[,;\s]+", re.sub(r"\s*[-–]\s*", "-", typed.strip())):
        if not part:
            continue
        found = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", part)
        if found is None or int(found[2] or found[1]) < int(found[1]):
            return None
        numbers += range(int(found[1]), int(found[2] or found[1]) + 1)
    return list(dict.fromkeys(numbers))


def read_both(typed: Mapping[str, str], found: Listed) -> tuple[dict[str, list[int]], list[str]]:
    """Return the numbers by answer, and what is wrong with them in words."""
    numbers: dict[str, list[int]] = {}
    refused = []
    known = set(found.places["number"])
    for answer, words in typed.items():
        read = read_numbers(words)
        if read is None:
            refused.append(text.say("walk-unread", found=words))
        strange = [number for number in read or [] if number not in known]
        refused += [text.say("walk-no-number", found=number) for number in strange]
        numbers[answer] = [number for number in read or [] if number in known]
    names = found.places.set_index("number")["name"]
    both = [number for number in numbers["right"] if number in numbers["closed"]]
    refused += [text.say("walk-twice", name=names[number]) for number in both]
    return numbers, refused


def _finds(view: View, found: Listed, key: str) -> tuple[list[Found], list[str]]:
    """Show the rows for what was found and return those that are filled in, with what they lack in words."""
    finds, lacking = [], []
    for row in range(1, int(st.session_state.get(_ROWS, _FIRST_ROWS)) + 1):
        one, words = _find(view, found, row, f"{key}-{row}")
        finds += [one] if one else []
        lacking += words
    return finds, lacking


def _find(view: View, found: Listed, row: int, key: str) -> tuple[Found | None, list[str]]:
    catalogue = view.shown.study.catalogue
    known = {category.id: category for category in adding.choosable(catalogue)}
    with st.container(key=f"find-{row}", horizontal=True, gap="small", vertical_alignment="bottom"):
        name = st.text_input(text.say("walk-row-name", row=row), max_chars=200, key=f"{key}-name").strip()
        category = st.selectbox(
            text.say("walk-row-kind", row=row),
            list(known),
            index=None,
            format_func=lambda kind: parts.plain_option(adding.searchable(known[kind])),
            placeholder=text.say("add-other-kind-hint"),
            filter_mode="contains",
            key=f"{key}-kind",
        )
        near = st.number_input(text.say("walk-row-near", row=row), 1, 999, None, key=f"{key}-near")
        where = st.text_input(text.say("walk-row-where", row=row), max_chars=200, key=f"{key}-where").strip()
    if not name:
        return None, []
    values = {"name": name, "category": category or "", "kind": known[category].kind if category else ""}
    refused = adding.refusals({**values, "meets": "none"}, catalogue)
    if not category and len(refused) == 1 and not catalogue.is_sensitive_name(name):
        refused = [text.say("walk-needs-kind", row=row, name=name)]
    point = _point(view, found, near, where)
    one = Found(row, name, str(category or ""), point, where if finding.read_pair(where) is None else "", "")
    return Found(**{**vars(one), "alike": _likest(view, one)}), refused


def _point(view: View, found: Listed, near: Any, where: str) -> shapely.Point | None:
    """Return where a find is: next to a number, else at a postcode or a point, else not known."""
    if near is not None and int(near) in set(found.places["number"]):
        point: shapely.Point = found.places.set_index("number").geometry[int(near)]
        return point
    degrees = finding.read_place(view, where) if where else None
    return None if degrees is None else picked.in_metres(degrees, view.shown.study.crs)


def _likest(view: View, one: Found) -> str:
    assets = view.shown.study.assets
    current = assets[assets["same_as"].isna()]
    alike = find_similar(Likeness(one.name, one.category, one.point), current, 1)
    return str(alike.index[0]) if len(alike) and alike["score"].iloc[0] >= _SURE else ""


def _is_another(view: View, one: Found, key: str) -> bool:
    parts.paragraphs([_alike_words(view, one)])
    return st.checkbox(
        parts.plain_label(text.say("walk-another", name=one.name)), key=f"{key}-{one.row}-another-{one.alike}"
    )


def _alike_words(view: View, one: Found) -> str:
    return text.say("walk-alike", name=one.name, other=finding.name_of(view.shown.study, one.alike))


def _keep(view: View, found: Listed, numbers: Mapping[str, list[int]], finds: list[Found]) -> None:
    """Write everything that was typed, each as a change of its own, so that each can be taken back alone."""
    ids = {int(number): str(key) for key, number in found.places["number"].items()}
    kept = {
        answer: sum(calling.write_answer(view, ids[number], answer) is not None for number in chosen)
        for answer, chosen in numbers.items()
    }
    new = sum(_add(view, one) for one in finds)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.session_state.pop(_ROWS, None)
    doing.say(text.say("walk-kept", right=kept["right"], closed=kept["closed"], new=new))


def _add(view: View, one: Found) -> bool:
    category = view.shown.study.catalogue.categories[one.category]
    values: dict[str, Any] = {"name": one.name, "category": one.category, "kind": category.kind}
    values |= {"meets": "place", "identified_by": "worker", "last_checked": doing.today(view)}
    values |= {"address": one.address} if one.address else {}
    values |= {"x": one.point.x, "y": one.point.y} if one.point is not None else {}

    def act(store: Store, who: Noting) -> str:
        asset_id = add_asset(store, values, who)
        if one.alike:
            link_asset(store, asset_id, one.alike, "different", who)
        return asset_id

    return doing.write(view, act) is not None
