"""What residents suggested, one at a time: let it in, say that it is here already, or decline it with a reason.

Every role that checks sees what waits; whoever holds the publish key decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, cast

import numpy as np
import pandas as pd
import shapely
import streamlit as st

from assetmap import text
from assetmap.privacy.suggestions import is_old, lapses_on
from assetmap.roles import can
from assetmap.store import suggestions, tombstones
from assetmap.store.database import Store
from assetmap.store.history import Noting
from assetmap.store.links import Relation
from assetmap.store.suggestions import Acceptance
from assetmap.store.verdicts import Judgement
from assetmap.ui import adding, alike, cache, details, doing, facts, finding, parts
from assetmap.ui.parts import View
from assetmap.work.review import taken_over
from assetmap.work.suggested import correction, new_record, proposed_text

_AT: Final = "assetmap-deciding"
_ANSWERS: Final = "assetmap-deciding-alike"
_KEYS: Final = "decide-keys"
#: Why something is declined; ``erase`` takes its words away for good, ``other`` is said in one's own words.
_REASONS: Final = ("not-here", "unsure", "known", "late", "erase", "other")


def waiting(view: View) -> int:
    """Return how many suggestions wait; those whose year is over are erased on the way."""
    workspace = view.question.opened.workspace
    with workspace.open_store() as store:
        tombstones.erase_lapsed_suggestions(store, workspace.folder, doing.today(view))
        return suggestions.count_open(store)


def show(view: View) -> None:
    """Show one suggestion with what can be said of it."""
    doing.show(view, "decide")
    workspace = view.question.opened.workspace
    with workspace.open_store() as store:
        tombstones.erase_lapsed_suggestions(store, workspace.folder, doing.today(view))
        rows = suggestions.read_suggestions(store)
    if not len(rows):
        parts.html(f'<p role="status">{text.html(text.say("decide-none"))}</p>')
        parts.paragraphs([text.say("decide-none-how")], "quiet")
        return
    decides = can(view.question.role, "publish")
    parts.paragraphs([text.say("decide-lead" if decides else "decide-not-yours")], "quiet")
    _old(rows, doing.today(view))
    at = _position(rows)
    key, row = int(str(rows.index[at])), rows.iloc[at]
    keys = st.session_state.get(_KEYS, True)
    with st.container(key="decide-card", border=True, gap="small"):
        becomes = _card(view, key, row)
    if decides:
        _decision(view, key, row, becomes, keys=keys)
    _moves(rows, at, keys=keys)
    parts.paragraphs([text.say("check-count", now=f"{at + 1:,}", all=f"{len(rows):,}")], "quiet")
    if decides:
        st.checkbox(text.say("decide-keys"), value=True, key=_KEYS)


def _old(rows: pd.DataFrame, today: date) -> None:
    """Ask to decide first on what has waited too long; the list begins with it."""
    came = [_day(row) for _, row in rows.iterrows()]
    old = sum(is_old(day, today) for day in came)
    if old:
        words = text.count(old, "suggestion has", "suggestions have")
        said = text.say("decide-old", waiting=words, day=text.long_date(lapses_on(min(came))))
        parts.html(f'<div class="changed"><p>{text.html(said)}</p></div>')


def _position(rows: pd.DataFrame) -> int:
    """Return where somebody is in the list; where that one is decided, at the next."""
    last = int(st.session_state.get(_AT, 0))
    after = np.flatnonzero(rows.index.to_numpy() >= last)
    return int(after[0]) if len(after) else len(rows) - 1


def _move(key: int) -> None:
    st.session_state[_AT] = key
    doing.forget()


# --- what is suggested -------------------------------------------------------------------------------------------


def _card(view: View, key: int, row: pd.Series) -> Acceptance | None:
    """Show one suggestion and return what it would become; None while that cannot be said."""
    made = view.shown.study
    when = text.local_time(pd.Timestamp(row["created_at"]).to_pydatetime())
    title = text.say(f"decide-about-{row['about']}", name=row["name"])
    parts.html(
        f'<h2 id="suggestion">{text.html(title)}</h2>'
        f'<p class="under">{text.html(text.say("decide-when", when=when))}</p>'
    )
    came = _day(row)
    if is_old(came, doing.today(view)):
        parts.paragraphs([text.say("decide-is-old", day=text.long_date(lapses_on(came)))])
    if row["note"]:
        parts.paragraphs([text.say("decide-note", note=row["note"])])
    if row["about"] == "new":
        return _new(view, key, row)
    target = _target(view, str(row["asset_id"]))
    record = finding.record(view, target) if target.startswith("own:") else None
    open_rows = cache.open_rows(view.question.opened)
    if record is None and target not in open_rows.index:
        parts.html(f'<p class="refused" role="status">{text.html(text.say("decide-gone"))}</p>')
        return None
    now: Mapping[str, Any] = record if record is not None else open_rows.loc[target].to_dict()
    category = made.catalogue.categories.get(str(now["category"]))
    if category is not None:
        parts.paragraphs([category.label], "quiet")
    changes = correction(row, _said(key, row, now, view), _day(row))
    if record is not None:
        return Acceptance(changes, int(record["version"]), asset_id=target)
    return Acceptance(judgement=_judgement(view, target, row, changes))


def _day(row: pd.Series) -> date:
    return text.local_day(pd.Timestamp(row["created_at"]).to_pydatetime())


def _target(view: View, asset_id: str) -> str:
    """Return the record that speaks for what a suggestion is about: ours, where there is one by now."""
    assets = view.shown.study.assets
    ours = assets["same_as"].get(asset_id) if not asset_id.startswith("own:") else None
    return ours if isinstance(ours, str) and ours.startswith("own:") else asset_id


def _said(key: int, row: pd.Series, now: Mapping[str, Any], view: View) -> Any:
    """Show what the record says now beside what it would say, which the moderator can put in other words."""
    if row["about"] == "closed":
        parts.paragraphs([text.say("decide-closed")])
        return None
    field = str(row["field"])
    if field == "place":
        at = shapely.Point(row["x"], row["y"])
        parts.paragraphs([text.say("decide-moves", where=_where(view, at)), _moved(now, at)])
        return None
    said = facts.say_fact(field, now.get(field)) or text.say("clash-empty")
    parts.paragraphs([text.say("decide-now", field=text.say(f"field-{field}"), said=said)])
    proposed = proposed_text(row, now.get(field))
    parts.paragraphs([text.say("decide-then", said=facts.say_fact(field, row["value"]))])
    answer, unread = details.ask_one(field, f"decide-{key}-{row['version']}", proposed)
    parts.paragraphs(unread)
    return answer


def _where(view: View, at: shapely.Point) -> str:
    """Return the area of a point and what stands next to it."""
    made = view.shown.study
    zone = finding.zone_at(made.zones, at)
    area = str(made.gaps.loc[zone, "zone_name"]) if zone else text.say("decide-outside")
    there = made.assets[made.assets["same_as"].isna() & made.assets["name"].notna()]
    metres = there.geometry.distance(at).dropna()
    if not len(metres):
        return area
    nearest = str(metres.idxmin())
    return text.say("decide-near", area=area, metres=f"{metres.min():.0f}", name=finding.name_of(made, nearest))


def _moved(now: Mapping[str, Any], at: shapely.Point) -> str:
    before = now.get("geometry") if now.get("x") is None else shapely.Point(now["x"], now["y"])
    return "" if before is None else text.say("decide-moved", metres=f"{before.distance(at):.0f}")


def _judgement(view: View, osm_id: str, row: pd.Series, changes: Mapping[str, Any]) -> Judgement:
    open_row = cache.open_rows(view.question.opened).loc[osm_id]
    seen, day = str(open_row["seen"]), doing.today(view)
    if row["about"] == "closed":
        return Judgement(osm_id, "hide", seen, day)
    return Judgement(osm_id, "merge", seen, day, values={**taken_over(open_row), **changes})


def _new(view: View, key: int, row: pd.Series) -> Acceptance | None:
    """Show something new, and what it may be the same as; return the record it would become."""
    made, catalogue = view.shown.study, view.shown.study.catalogue
    category = catalogue.categories.get(str(row["category"]))
    placed = row["x"] == row["x"] and row["x"] is not None
    where = _where(view, shapely.Point(row["x"], row["y"])) if placed else text.say("card-not-on-map")
    parts.paragraphs([" · ".join(filter(None, [category.label if category else "", _meets(row), where]))])
    if not can(view.question.role, "publish"):
        parts.paragraphs([str(row["value"])])
        return None
    name = details.ask_one("name", f"decide-{key}", row["name"])[0]
    offers = details.ask_one("offers", f"decide-{key}", row["value"])[0] if row["value"] else None
    values = new_record({**row, "name": name or "", "value": offers}, category.kind if category else "", _day(row))
    refused = adding.refusals(values, catalogue)
    if refused:
        parts.html("".join(f'<p class="refused" role="status">{text.html(words)}</p>' for words in refused))
        return None
    answers = cast("Mapping[int, Mapping[str, Relation]]", st.session_state.get(_ANSWERS, {})).get(key, {})
    found = alike.alike(made, values, answers)
    if len(found):
        which = (view, key, row, values)
        alike.ask(
            made,
            found,
            lambda asset_id: _same(which, asset_id),
            lambda asset_id, relation: _answer(key, asset_id, relation),
            text.say("decide-same"),
        )
        return None
    return Acceptance(values, answers=answers)


def _meets(row: pd.Series) -> str:
    return "" if row["meets"] == "place" else facts.say_fact("meets", row["meets"])


def _answer(key: int, asset_id: str, relation: Relation) -> None:
    every = dict(st.session_state.get(_ANSWERS, {}))
    st.session_state[_ANSWERS] = {**every, key: {**every.get(key, {}), asset_id: relation}}


# --- what is decided ---------------------------------------------------------------------------------------------


def _decision(view: View, key: int, row: pd.Series, becomes: Acceptance | None, *, keys: bool) -> None:
    reason_key, words_key = f"decide-{key}-reason", f"decide-{key}-words"
    with st.container(key="decide-yes", horizontal=True, gap="small"):
        st.button(
            text.say("decide-accept"),
            key="decide-accept",
            type="primary",
            disabled=becomes is None,
            shortcut="A" if keys else None,
            on_click=_accept,
            args=(view, key, row, becomes),
        )
    with st.container(key="decide-no", horizontal=True, gap="small", vertical_alignment="bottom"):
        reason = st.selectbox(
            text.say("decide-reason"),
            _REASONS,
            index=None,
            format_func=lambda name: text.say(f"decide-reason-{name}"),
            placeholder=text.say("decide-reason-none"),
            key=reason_key,
        )
        if reason == "other":
            st.text_input(text.say("decide-reason-words"), max_chars=suggestions.LONGEST, key=words_key)
        st.button(
            text.say("decide-decline"),
            key="decide-decline",
            shortcut="D" if keys else None,
            on_click=_decline,
            args=(view, key, row, (reason_key, words_key)),
        )


def _moves(rows: pd.DataFrame, at: int, *, keys: bool) -> None:
    ids = [int(str(key)) for key in rows.index]
    with st.container(key="decide-moves", horizontal=True, gap="small"):
        for name, letter, to in (("previous", "Left", at - 1), ("next", "Right", at + 1)):
            is_there = 0 <= to < len(ids)
            st.button(
                text.say(f"check-{name}"),
                key=f"decide-{name}",
                disabled=not is_there,
                shortcut=letter if keys else None,
                on_click=_move,
                args=(ids[to] if is_there else ids[at],),
            )


def _accept(view: View, key: int, row: pd.Series, becomes: Acceptance) -> None:
    name = str(becomes.says.get("name") or row["name"])

    def act(store: Store, who: Noting) -> int:
        suggestions.accept_suggestion(store, key, int(row["version"]), becomes, who)
        return doing.change_of(store, who)

    _done(view, act, text.say(f"decide-accepted-{row['about']}", name=name), key)


def _same(which: tuple[View, int, pd.Series, Mapping[str, Any]], asset_id: str) -> None:
    view, key, row, _ = which
    record = finding.record(view, asset_id) if asset_id.startswith("own:") else None
    more = None
    if record is not None and row["value"]:
        more = Acceptance({"offers": proposed_text({**row, "about": "more"}, record["offers"])}, int(record["version"]))

    def act(store: Store, who: Noting) -> int:
        suggestions.same_suggestion(store, key, int(row["version"]), asset_id, more, who)
        return doing.change_of(store, who)

    other = finding.name_of(view.shown.study, asset_id)
    said = "decide-merged" if more is None else "decide-merged-more"
    _done(view, act, text.say(said, name=row["name"], other=other), key)


def _decline(view: View, key: int, row: pd.Series, boxes: tuple[str, str]) -> None:
    chosen = st.session_state.get(boxes[0])
    if chosen is None:
        doing.fail(text.say("decide-needs-reason"))
        return
    typed = str(st.session_state.get(boxes[1], ""))
    reason = typed if chosen == "other" else text.say(f"decide-reason-{chosen}")

    def act(store: Store, who: Noting) -> int:
        if chosen == "erase":
            tombstones.erase_suggestion(store, view.question.opened.workspace.folder, key, who)
            return 0
        suggestions.decline_suggestion(store, key, int(row["version"]), reason, who)
        return doing.change_of(store, who)

    words = text.say("decide-erased") if chosen == "erase" else text.say("decide-declined", name=row["name"])
    _done(view, act, words, key)


def _done(view: View, act: Any, words: str, key: int) -> None:
    change = doing.write(view, act)
    if change is not None:
        doing.say(words, change)
        st.session_state[_AT] = key
