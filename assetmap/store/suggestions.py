"""What somebody suggests: kept beside the records, and never one of them until a moderator lets it in.

Of whoever suggested it nothing is kept but their role, as of every change. Letting a suggestion in, finding that it
was here already and declining it are each one change, so that one undo takes all of it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, get_args

import pandas as pd
from sqlalchemy import Connection, func, select

from assetmap import text
from assetmap.errors import UserError
from assetmap.roles import Actor, require
from assetmap.store import tables
from assetmap.store.assets import find_asset
from assetmap.store.database import Store, reading, writing_briefly
from assetmap.store.fields import as_kept, own_record
from assetmap.store.history import Author, begin_change
from assetmap.store.links import Relation
from assetmap.store.records import change_row, conflict, find_row, insert_row
from assetmap.store.verdicts import Judgement, own_of, write_verdict

#: ``new``: something that is not on the map. Of what is: ``more`` to say of it, something is ``wrong``, it ``closed``.
About = Literal["new", "more", "wrong", "closed"]
#: ``same``: it was here already.
Status = Literal["open", "accepted", "same", "declined"]
ABOUT: Final[tuple[About, ...]] = get_args(About)
#: What can be suggested of something that is on the map; ``place`` is x and y.
FIELDS: Final = (
    "name",
    "place",
    "address",
    "opening_times",
    "contact",
    "accessibility",
    "cost",
    "languages",
    "offers",
    "wishes",
)
#: Longest text of one answer, in characters.
LONGEST: Final = 500
#: So many may wait at once; more than anybody could read is no help to anybody.
MOST_OPEN: Final = 2000
_COLUMNS: Final = ("about", "asset_id", "name", "category", "meets", "field", "value", "x", "y", "note")


@dataclass(frozen=True)
class Suggestion:
    """One thing somebody suggests.

    Parameters
    ----------
    about
        See :data:`About`.
    name
        What it is about, as people call it.
    asset_id
        Of something that is on the map, such as ``own:7`` or ``osm:n12``; empty for something new.
    category, meets
        Of something new.
    field, value
        One thing it should say; of something new what goes on there (``offers``).
    x, y
        Where it is, in the workspace's metres; None where that is not known.
    note
        For whoever decides; it never reaches the map.
    """

    about: About
    name: str
    asset_id: str = ""
    category: str | None = None
    meets: str | None = None
    field: str | None = None
    value: str | None = None
    x: float | None = None
    y: float | None = None
    note: str | None = None


@dataclass(frozen=True)
class Acceptance:
    """What a suggestion becomes when it is let in.

    Parameters
    ----------
    says
        Of a new record all it says, else the fields that change.
    version
        Of the own record that changes: the version the moderator saw.
    answers
        How a new record belongs with others that are like it, by their ids.
    judgement
        Of an object of OpenStreetMap: the verdict that takes it over or leaves it off.
    asset_id
        The own record that changes, where it is another than the suggestion was about: one that took it over since.
    """

    says: Mapping[str, object] = field(default_factory=dict)
    version: int = 0
    answers: Mapping[str, Relation] = field(default_factory=dict)
    judgement: Judgement | None = None
    asset_id: str = ""


def suggest(store: Store, suggestion: Suggestion, actor: Actor) -> int:
    """Keep a suggestion and return its number; the same one, while it waits, is kept once.

    Raises
    ------
    NotAllowedError
        If the actor's role may not suggest.
    UserError
        If something it needs is missing or too long, what it is about is not there, or too many wait already.
    """
    require(actor, "suggest")
    row = _checked(suggestion)
    table = tables.suggestions
    with writing_briefly(store.engine) as connection:
        if suggestion.asset_id.startswith("own:"):
            find_asset(connection, suggestion.asset_id)
        waiting = [table.c.status == "open", table.c.deleted_at.is_(None)]
        same = [table.c[name].is_(None) if row[name] is None else table.c[name] == row[name] for name in _COLUMNS]
        there = connection.execute(select(table.c.id).where(*waiting, *same)).scalar()
        if there is not None:
            return int(there)
        if connection.execute(select(func.count()).select_from(table).where(*waiting)).scalar_one() >= MOST_OPEN:
            raise UserError("too many suggestions wait already", do="tell a moderator of this place")
        return insert_row(connection, table, row, begin_change(connection, actor, "suggest"))


def _checked(suggestion: Suggestion) -> dict[str, Any]:
    """Return a suggestion as the store keeps it."""
    given = asdict(suggestion)
    row = {name: _plain(given[name]) for name in _COLUMNS}
    needs = ["name", *_needs(suggestion)]
    lacking = next((name for name in needs if row[name] in (None, "")), None)
    if lacking:
        raise UserError("something is missing", "a suggestion", lacking, "fill it in")
    if suggestion.about not in ABOUT or (suggestion.field and suggestion.field not in FIELDS):
        raise UserError("there is no such suggestion", found=f"{suggestion.about} {suggestion.field or ''}".strip())
    long = next((name for name, value in row.items() if isinstance(value, str) and len(value) > LONGEST), None)
    if long:
        raise UserError("this is too long", "a suggestion", long, f"use at most {LONGEST} characters")
    return row


def _needs(suggestion: Suggestion) -> tuple[str, ...]:
    if suggestion.about == "new":
        return ("category",)
    if suggestion.about == "closed":
        return ("asset_id",)
    return ("asset_id", "field", "x" if suggestion.field == "place" else "value")


def _plain(value: object) -> object:
    if not isinstance(value, str):
        return value
    return text.without_control(value).strip()


def count_open(store: Store) -> int:
    """Return how many suggestions wait."""
    table = tables.suggestions
    chosen = select(func.count()).select_from(table).where(table.c.status == "open", table.c.deleted_at.is_(None))
    with reading(store.engine) as connection:
        return int(connection.execute(chosen).scalar_one())


def read_suggestions(store: Store, status: Status | None = "open", keys: Iterable[int] | None = None) -> pd.DataFrame:
    """Return suggestions, the oldest first; those taken back only where they are asked for by their numbers.

    Parameters
    ----------
    store
        An open store.
    status
        Only those; None for all.
    keys
        Only those of these numbers; None for all.

    Returns
    -------
        Index ``id``; the fields of :class:`Suggestion`, ``status``, ``reason``, ``became`` (the asset it became or
        was), ``version``, ``created_at`` and ``updated_at`` (UTC), empty text where nothing is said; ``removed``,
        whether it was taken back.
    """
    table = tables.suggestions
    shown = ("id", *_COLUMNS, "status", "reason", "became", "version", "created_at", "updated_at")
    removed = table.c.deleted_at.is_not(None).label("removed")
    chosen = select(*(table.c[name] for name in shown), removed).order_by(table.c.id)
    if status is not None:
        chosen = chosen.where(table.c.status == status)
    chosen = chosen.where(table.c.deleted_at.is_(None) if keys is None else table.c.id.in_(sorted(keys)))
    with reading(store.engine) as connection:
        found = pd.DataFrame(connection.execute(chosen).all(), columns=[*shown, "removed"]).set_index("id")
    texts = [name for name in found.columns if name not in ("x", "y", "version", "removed")]
    said = {name: found[name].astype(object).where(found[name].notna(), "") for name in texts}
    return found.astype({"removed": bool}).assign(**said)


def withdraw_suggestion(store: Store, key: int, version: int, actor: Actor) -> None:
    """Take back a suggestion that still waits, for whoever made it.

    Raises
    ------
    NotAllowedError
        If the actor's role may not suggest.
    UserError
        If it waits no more.
    """
    require(actor, "suggest")
    with writing_briefly(store.engine) as connection:
        before = _waiting(connection, key, version)
        author = begin_change(connection, actor, "withdraw")
        change_row(connection, tables.suggestions, before, {"deleted_at": author.at}, author)


def accept_suggestion(store: Store, key: int, version: int, becomes: Acceptance, actor: Actor) -> str:
    """Let a suggestion onto the map and return the asset it became or changed, all in one transaction.

    Raises
    ------
    NotAllowedError
        If the actor's role may not publish.
    ConflictError
        If somebody decided on it, or changed the record it is about, meanwhile.
    UserError
        If what it would become cannot be kept.
    """

    def act(connection: Connection, before: Mapping[str, Any], author: Author) -> dict[str, Any]:
        if before["about"] == "new":
            became = _add(connection, becomes, author)
        elif becomes.judgement is not None:
            became = _judge(connection, becomes.judgement, author)
        else:
            became = _change(connection, becomes.asset_id or str(before["asset_id"]), becomes, author)
        return {"status": "accepted", "became": became}

    return _decide(store, (key, version), "accept", act, actor)


def same_suggestion(
    store: Store, key: int, version: int, asset_id: str, becomes: Acceptance | None, actor: Actor
) -> str:
    """Say that what is suggested is here already; with ``becomes``, its record says more from now on.

    Raises
    ------
    NotAllowedError
        If the actor's role may not publish.
    ConflictError
        If somebody decided on it, or changed that record, meanwhile.
    """

    def act(connection: Connection, _before: Mapping[str, Any], author: Author) -> dict[str, Any]:
        if becomes is not None and becomes.says:
            _change(connection, asset_id, becomes, author)
        return {"status": "same", "became": asset_id}

    return _decide(store, (key, version), "same", act, actor)


def decline_suggestion(store: Store, key: int, version: int, reason: str, actor: Actor) -> None:
    """Decline a suggestion with a reason, which whoever made it reads.

    Raises
    ------
    NotAllowedError
        If the actor's role may not publish.
    ConflictError
        If somebody decided on it meanwhile.
    UserError
        If no reason is given.
    """
    said = text.without_control(reason).strip()[:LONGEST]
    if not said:
        raise UserError("a reason is missing", do="say why in a few words: whoever suggested it reads them")
    _decide(store, (key, version), "decline", lambda *_: {"status": "declined", "reason": said}, actor)


def _decide(
    store: Store,
    which: tuple[int, int],
    what: str,
    act: Callable[[Connection, Mapping[str, Any], Author], dict[str, Any]],
    actor: Actor,
) -> str:
    require(actor, "publish")
    with writing_briefly(store.engine) as connection:
        before = _waiting(connection, *which)
        author = begin_change(connection, actor, what)
        said = act(connection, before, author)
        change_row(connection, tables.suggestions, before, said, author)
    return str(said.get("became", ""))


def _waiting(connection: Connection, key: int, version: int) -> dict[str, Any]:
    """Return a suggestion that waits, as it was seen."""
    before = find_row(connection, tables.suggestions, key)
    if before["version"] != version or before["status"] != "open":
        raise conflict(connection, tables.suggestions, before, {"status": "open"})
    return before


def _add(connection: Connection, becomes: Acceptance, author: Author) -> str:
    key = insert_row(connection, tables.assets, own_record(becomes.says), author)
    for other, relation in becomes.answers.items():
        insert_row(connection, tables.links, {"asset_id": key, "osm_id": other, "relation": relation}, author)
    return f"own:{key}"


def _judge(connection: Connection, judgement: Judgement, author: Author) -> str:
    write_verdict(connection, judgement, author)
    return own_of(connection, judgement) or judgement.osm_id


def _change(connection: Connection, asset_id: str, becomes: Acceptance, author: Author) -> str:
    before = find_asset(connection, asset_id)
    kept = as_kept(becomes.says, asset_id)
    if before["version"] != becomes.version:
        raise conflict(connection, tables.assets, before, kept)
    different = {name: value for name, value in kept.items() if before[name] != value}
    if different:
        change_row(connection, tables.assets, before, different, author)
    return asset_id
