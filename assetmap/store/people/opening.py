"""Opening the door: which workspace it is, whether it is locked, and with what key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from assetmap import text
from assetmap.catalogue import Catalogue
from assetmap.errors import UserError
from assetmap.roles import Actor
from assetmap.schema import MADE_UP
from assetmap.store.copies import FOLDER, forget_copies
from assetmap.store.database import Store, reading, writing
from assetmap.store.people import audit, state
from assetmap.store.people.door import Door
from assetmap.store.people.erasing import erase_due
from assetmap.store.people.sealing import COST, Keys, find_passphrase, new_key, open_key, seal_key
from assetmap.store.workspace import Workspace, sources_of

#: In the made-up town nobody is real, and its passphrase is no secret.
DEMO_PASSPHRASE: Final = "nobody in this town is real"  # noqa: S105 (no secret)


@contextmanager
def open_people(
    workspace: Workspace,
    actor: Actor,
    catalogue: Catalogue,
    passphrase: str | Keys = "",
    clock: Callable[[], datetime] = text.system_clock,
) -> Iterator[Door]:
    """Open the door for one block of work.

    On the way whoever's permission ran out long ago is erased. Lines of the audit that were kept long enough go, and so
    do the store's copies of itself, where records about people are kept.

    Parameters
    ----------
    workspace
        An open workspace.
    actor
        Who comes, and in which role.
    catalogue
        The workspace's layers: which places tell of health, belief, ethnicity or sexuality.
    passphrase
        What the records are locked with, or the keys themselves; the environment's where it is empty.
    clock
        What time it is.

    Raises
    ------
    UserError
        If it is not the passphrase.
    """
    is_demo = any(source.licence == MADE_UP for source in sources_of(workspace))
    categories = catalogue.categories.values()
    told_of = frozenset(category.id for category in categories if category.reveals)
    known = frozenset(category.id for category in categories if not category.sensitive)
    with workspace.open_store() as store:
        keys = _keys(store, workspace.folder, passphrase, is_demo=is_demo)
        door = Door(store, workspace.folder, actor, keys, told_of, known, is_demo, clock)
        erase_due(door)
        _forget_past(door)
        if has_key(door):
            # In a copy lies whoever was erased since it was made.
            forget_copies(workspace.folder / FOLDER, least=0)
        yield door


def _keys(store: Store, folder: Path, passphrase: str | Keys, *, is_demo: bool) -> Keys | None:
    if isinstance(passphrase, Keys):
        return passphrase
    with reading(store.engine) as connection:
        kept = state.get(connection, state.KEY)
    said = passphrase or find_passphrase(folder) or (DEMO_PASSPHRASE if is_demo else "")
    return open_key(kept, said) if kept and said else None


def _forget_past(door: Door) -> None:
    """Empty the lines of the audit that were kept as long as they may be; only with the key, which vouches for it."""
    if door.keys is None:
        return
    with reading(door.store.engine) as connection:
        if not audit.past_lines(connection, door.today):
            return
    with writing(door.store.engine) as connection:
        gone = audit.forget(connection, door.keys, audit.past_lines(connection, door.today))
        door.note(connection, "forget-past", "", [str(gone)])


def has_key(door: Door) -> bool:
    """Return whether the records have a key, open or not."""
    with reading(door.store.engine) as connection:
        return state.get(connection, state.KEY) is not None


def set_key(door: Door, passphrase: str, cost: int = COST) -> Door:
    """Make the key that records about people are sealed with, and return the door opened with it.

    With the door open already, the same key is sealed with another passphrase.

    Raises
    ------
    NotAllowedError
        If the actor's role may not.
    UserError
        If there is a key already and it is not open, the passphrase is too short, or another than everybody knows is
        wanted in the made-up town.
    """
    door.allow("responsible")
    if door.is_demo and passphrase.strip() != DEMO_PASSPHRASE:
        do = f"use “{DEMO_PASSPHRASE}”; make a place of your own to write down anybody real"
        raise UserError("the made-up town keeps the passphrase that everybody knows", do=do)
    with writing(door.store.engine) as connection:
        if state.get(connection, state.KEY) is None:
            keys, kept = new_key(passphrase, cost)
            act = "set-key"
            audit.begin_steps(connection, keys)
        else:
            keys, act = door.open_keys(), "change-passphrase"
            new_key(passphrase, 2)  # it is held to the same rules
            kept = seal_key(keys, passphrase, cost)
        state.put(connection, state.KEY, kept)
        opened = replace(door, keys=keys)
        opened.note(connection, act)
    return opened
