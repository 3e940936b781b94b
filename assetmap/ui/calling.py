"""The calls that would tell most: whom to ring, why, and one tap for what they said."""

from __future__ import annotations

import re
from typing import Any, Final

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.store.assets import change_asset, check_asset
from assetmap.store.database import Store
from assetmap.store.history import Noting
from assetmap.store.verdicts import Judgement, judge_object
from assetmap.ui import cache, doing, finding, parts
from assetmap.ui.parts import View

_NUMBER: Final = re.compile(r"(?<![\w.])(?:\+|0)[\d\s().–-]{8,16}\d(?!\w)")
_ANSWERED: Final = "assetmap-answered"
_MOST: Final = 20
_MOST_ZONES: Final = 3


@st.fragment
def show(view: View) -> None:
    """Show the list; an answer is written at once, and the map is made again when this part is left."""
    doing.refused()
    calls = cache.calls(view.question, view.shown).table.head(_MOST)
    if not len(calls):
        parts.paragraphs([text.say("check-calls-none")])
        return
    parts.html(f"<h2>{text.html(text.say('check-calls-title', count=len(calls)))}</h2>")
    has_streets = view.shown.study.access is not None
    parts.paragraphs([text.say("check-calls-lead" if has_streets else "check-call-unknown")], "quiet")
    told = False
    for asset_id, row in calls.iterrows():
        if has_streets and not row["zones"] and not told:
            # Said once: what moves nothing comes last.
            parts.paragraphs([text.say("check-call-moves")], "quiet")
            told = True
        _call(view, str(asset_id), row)


def _call(view: View, asset_id: str, row: pd.Series) -> None:
    made = view.shown.study
    asset = made.assets.loc[asset_id]
    what = made.catalogue.categories[str(asset["category"])].label
    with st.container(key=f"call-{text.file_name(asset_id)}", border=True, gap="xsmall"):
        name = finding.name_of(made, asset_id)
        where = finding.area_of(made, asset_id)
        under = " · ".join(part for part in (what, where) if part)
        parts.html(f'<p><b>{text.html(name)}</b> <span class="quiet">{text.html(under)}</span></p>')
        parts.paragraphs([contact_words(asset), why_words(row)])
        if ring := ring_link(asset.get("contact")):
            parts.html(ring)
        answered = st.session_state.get(_ANSWERED, {}).get(asset_id)
        if answered is not None:
            parts.html(f'<p role="status"><b>{text.html(answered[0])}</b></p>')
            if answered[1]:
                st.button(
                    text.say("do-undo"), key=f"unanswer-{asset_id}", on_click=_undo, args=(view, asset_id, answered[1])
                )
            return
        with st.container(horizontal=True, gap="small"):
            for answer in ("right", "closed", "none"):
                st.button(
                    text.say(f"check-call-{answer}"),
                    key=f"{answer}-{asset_id}",
                    on_click=_answer,
                    args=(view, asset_id, answer),
                )


def contact_words(asset: pd.Series) -> str:
    """Return how to reach an asset, as far as the viewer may know it."""
    contact = asset.get("contact")
    if isinstance(contact, str) and contact:
        return text.say("check-call-contact", contact=contact)
    address = asset.get("address")
    return address if isinstance(address, str) and address else text.say("check-call-nobody")


def ring_link(contact: object) -> str:
    """Return a link that rings the first telephone number of a contact from a phone; empty where there is none.

    Examples
    --------
    >>> ring_link("Ring 01632 960001, or hall@example.org")
    '<p><a class="send" href="tel:01632960001">Ring 01632 960001</a></p>'
    >>> ring_link("hall@example.org")
    ''
    """
    found = _NUMBER.search(contact) if isinstance(contact, str) else None
    if found is None:
        return ""
    number = "".join(one for one in found[0].replace("(0)", "") if one.isdigit() or one == "+")
    return f'<p><a class="send" href="tel:{number}">{text.html(text.say("check-call-ring", number=found[0]))}</a></p>'


def why_words(row: pd.Series) -> str:
    """Return why a call is worth making: whose zones an answer could change; empty where it would change none."""
    zones = list(row["zones"])
    if not zones:
        return ""
    named = zones[:_MOST_ZONES]
    said = text.join_words(named)
    if len(zones) > len(named):
        said = text.say("html-and-more", names=", ".join(named), more=len(zones) - len(named))
    return text.say("check-call-people", zones=said, people=f"{row['people']:,.0f}")


def _answer(view: View, asset_id: str, answer: str) -> None:
    noted = (text.say(f"check-call-noted-{answer}"), 0)
    if answer != "none":
        change = _write(view, asset_id, answer)
        if change is None:
            return
        noted = (noted[0], change)
    st.session_state[_ANSWERED] = {**st.session_state.get(_ANSWERED, {}), asset_id: noted}


def _write(view: View, asset_id: str, answer: str) -> int | None:
    if not asset_id.startswith("own:"):
        row = cache.open_rows(view.question.opened).loc[asset_id]
        verdict: Any = "keep" if answer == "right" else "hide"
        judgement = Judgement(asset_id, verdict, row["seen"], doing.today(view))

        def judge(store: Store, who: Noting) -> int:
            judge_object(store, judgement, who)
            return doing.change_of(store, who)

        return doing.write(view, judge)
    record = finding.record(view, asset_id)
    if record is None:
        doing.fail(text.say("clash-removed"))
        return None
    version = int(record["version"])

    def check(store: Store, who: Noting) -> int:
        if answer == "right":
            check_asset(store, asset_id, version, who, doing.today(view))
        else:
            change_asset(store, asset_id, version, {"closed": True, "last_checked": doing.today(view)}, who)
        return doing.change_of(store, who)

    return doing.write(view, check)


def _undo(view: View, asset_id: str, change_id: int) -> None:
    if doing.undo(view, change_id):
        doing.forget()
        left = {key: noted for key, noted in st.session_state.get(_ANSWERED, {}).items() if key != asset_id}
        st.session_state[_ANSWERED] = left


def write_answer(view: View, asset_id: str, answer: str) -> int | None:
    """Write that an asset is still right or has closed; return the change, None where it was refused."""
    return _write(view, asset_id, answer)
