"""Who acts in a zone: which organisation, what it does, paid by whom and until when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.roles import can
from assetmap.store.community import SERVICES, change_entry, remove_entry, write_entry
from assetmap.store.database import Store
from assetmap.store.history import Noting
from assetmap.ui import details, doing, facts, parts
from assetmap.ui.parts import View

_BOXES: Final = (
    ("organisation", "act-organisation"),
    ("does", "act-does"),
    ("sector", "act-sector-ask"),
    ("funder", "act-funder-ask"),
)
_LONGEST: Final = 200


def show(view: View, zone: str) -> None:
    """Show who acts in a zone; a role that may change things can write it down."""
    services = view.shown.study.services
    here = services[services["zone_id"] == zone]
    today = view.question.day.isoformat()
    lines = "".join(f"<li>{text.html(say_service(row, today))}</li>" for _, row in here.iterrows())
    body = f'<ul class="acts">{lines}</ul>' if lines else f'<p class="quiet">{text.html(text.say("act-none"))}</p>'
    parts.html(f'<section class="group"><h3>{text.html(text.say("act-title"))}</h3>{body}</section>')
    if not can(view.question.role, "change"):
        return
    doing.show(view, "zone")
    with st.expander(text.say("act-add"), key="act-add"):
        _form(view, zone, None, {})
    for key, row in here.iterrows():
        number = int(str(key))
        label = parts.plain_label(text.say("act-change", organisation=row["organisation"]))
        with st.expander(label, key=f"act-{number}"):
            _form(view, zone, number, {str(name): value for name, value in row.items()})


def say_service(row: Mapping[str, Any] | pd.Series, today: str) -> str:
    """Return one service in a line.

    Examples
    --------
    >>> say_service({"organisation": "Age Concern", "does": "befriending", "sector": None, "funder": "the council",
    ...              "until": "2027-03-31"}, "2026-11-22")
    'Age Concern: befriending · paid by the council · until 31 March 2027'
    """
    said = [str(row["organisation"])]
    if row["does"]:
        said = [text.say("act-line-does", organisation=row["organisation"], does=row["does"])]
    said += [text.say(f"act-{name}", value=row[name]) for name in ("sector", "funder") if row[name]]
    if row["until"]:
        ended = str(row["until"]) < today
        said.append(text.say("act-ended" if ended else "act-until", value=facts.say_fact("risk_date", row["until"])))
    return " · ".join(said)


def _form(view: View, zone: str, number: int | None, now: Mapping[str, Any]) -> None:
    # A new version is a new form, so that it begins with what is kept now.
    key = f"act-{zone}-{number or 'new'}-{now.get('version', st.session_state.get(_TURN, 0))}"
    with st.form(key, border=False):
        for name, sentence in _BOXES:
            st.text_input(text.say(sentence), str(now.get(name) or ""), max_chars=_LONGEST, key=f"{key}-{name}")
        st.date_input(
            text.say("act-until-ask"), details.as_day(now.get("until")), format="DD/MM/YYYY", key=f"{key}-until"
        )
        st.form_submit_button(text.say("act-save"), on_click=_keep, args=(view, zone, number, now, key))
    if number is not None:
        st.button(text.say("act-remove"), key=f"{key}-remove", on_click=_strike, args=(view, number, now))


_TURN: Final = "assetmap-acts"


def _keep(view: View, zone: str, number: int | None, now: Mapping[str, Any], key: str) -> None:
    values: dict[str, Any] = {name: str(st.session_state[f"{key}-{name}"]).strip() or None for name, _ in _BOXES}
    until = st.session_state[f"{key}-until"]
    values["until"] = until.isoformat() if until else None
    if not values["organisation"]:
        doing.fail(text.say("act-needs-name"))
        return

    def act(store: Store, who: Noting) -> int:
        if number is None:
            row = {"zone_id": zone, "source": "community", **values}
            write_entry(store, SERVICES, row, who)
        else:
            change_entry(store, SERVICES, number, int(now["version"]), values, who)
        return doing.change_of(store, who)

    change = doing.write(view, act)
    if change is not None:
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
        doing.say(text.say("act-saved", organisation=values["organisation"]), change)


def _strike(view: View, number: int, now: Mapping[str, Any]) -> None:
    def act(store: Store, who: Noting) -> int:
        remove_entry(store, SERVICES, number, int(now["version"]), who)
        return doing.change_of(store, who)

    change = doing.write(view, act)
    if change is not None:
        doing.say(text.say("act-struck", organisation=now["organisation"]), change)
