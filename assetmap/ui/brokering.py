"""Who may introduce groups to each other: an organisation that has said who leads on safeguarding there."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.store.database import Store
from assetmap.store.history import Noting
from assetmap.store.introductions import forget_broker, read_brokers, say_broker
from assetmap.ui import doing, finding, parts, tied
from assetmap.ui.parts import View

_KEYS: Final = ("broker-which", "broker-lead", "broker-policy")
_LONGEST: Final = 200


def show(view: View) -> None:
    """Show who may introduce groups, and let another organisation be named."""
    made = view.shown.study
    with view.question.opened.workspace.open_store() as store:
        brokers = read_brokers(store)
    here = brokers[brokers["asset_id"].isin(made.assets.index)]
    with st.expander(text.say("broker-title", count=len(here)), key="brokers"):
        parts.paragraphs([text.say("broker-lead")], "quiet")
        for _, row in here.iterrows():
            _line(view, row)
        _form(view)


def _line(view: View, row: pd.Series) -> None:
    asset_id = str(row["asset_id"])
    name = finding.name_of(view.shown.study, asset_id)
    day = text.long_date(date.fromisoformat(str(row["policy_on"])))
    said = text.say("broker-line", name=name, office=row["safeguarding_lead"], day=day)
    with st.container(key=f"broker-{text.file_name(asset_id)}", horizontal=True, vertical_alignment="center"):
        parts.paragraphs([said])
        st.button(
            text.say("broker-remove"),
            key=f"broker-remove-{asset_id}",
            width="content",
            on_click=_forget,
            args=(view, asset_id, name),
        )


def _form(view: View) -> None:
    groups = tied.groups_of(view.shown.study)
    named = groups[groups["name"].fillna("") != ""]
    names = tied.said_names(view.shown.study, named).sort_values()
    with st.form("broker", border=False, clear_on_submit=True):
        st.selectbox(
            text.say("broker-which"),
            names.index.tolist(),
            index=None,
            format_func=lambda key: parts.plain_option(str(names.get(key, key))),
            placeholder=text.say("tie-open-hint"),
            key=_KEYS[0],
        )
        st.text_input(text.say("broker-office"), max_chars=_LONGEST, key=_KEYS[1], help=text.say("broker-office-help"))
        st.date_input(text.say("broker-policy"), None, max_value=view.question.day, format="DD/MM/YYYY", key=_KEYS[2])
        st.form_submit_button(text.say("broker-save"), on_click=_keep, args=(view,))


def _keep(view: View) -> None:
    which, office, day = (st.session_state[key] for key in _KEYS)
    if not (which and str(office).strip() and day):
        doing.fail(text.say("broker-needs"))
        return

    def act(store: Store, who: Noting) -> int:
        say_broker(store, who, str(which), str(office), day)
        return doing.change_of(store, who)

    _done(view, act, "broker-done", finding.name_of(view.shown.study, str(which)))


def _forget(view: View, asset_id: str, name: str) -> None:
    def act(store: Store, who: Noting) -> int:
        forget_broker(store, who, asset_id)
        return doing.change_of(store, who)

    _done(view, act, "broker-gone", name)


def _done(view: View, act: Any, sentence: str, name: str) -> None:
    change = doing.write(view, act)
    if change is not None:
        doing.say(text.say(sentence, name=name), change)
