"""The register of packs: what was handed over, to whom, why and when, with the fingerprint of every file.

Rows are added and never changed. Who received what is a group or an organisation and never a person's address: a row
that holds one is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd
from sqlalchemy import insert, select

from assetmap import text
from assetmap.errors import UserError
from assetmap.privacy import personal_signs
from assetmap.roles import Actor, Role, require, require_reader
from assetmap.store import tables
from assetmap.store.database import Store, reading, writing_briefly
from assetmap.store.history import new_id

COLUMNS: Final = ("made_at", "made_by", "role", "made_for", "why", "file", "what", "as_of", "sha256", "bytes")
_LONGEST: Final = 500


@dataclass(frozen=True)
class Entry:
    """One pack, as it left.

    Parameters
    ----------
    role
        For whose eyes it was made.
    made_for, why
        The group or organisation it is for, and what for; both may be empty.
    file
        What it was called.
    what
        What was chosen: zones, themes, parts, language.
    as_of
        The day of the study, ISO.
    study
        Fingerprint of the study.
    sha256, bytes
        Of the zip.
    listing
        SHA-256 of the list of fingerprints in it, by which a folder is known.
    files
        SHA-256 by the name of each file in it.
    """

    role: Role
    made_for: str
    why: str
    file: str
    what: Mapping[str, Any]
    as_of: str
    study: str
    sha256: str
    bytes: int
    listing: str
    files: Mapping[str, str] = field(default_factory=dict)


def refuse_contacts(made_for: str, why: str) -> None:
    """Refuse words that hold somebody's address, before any work is done.

    Raises
    ------
    UserError
        If there is a phone number, e-mail address or postcode in them, or they are too long.
    """
    for name, words in (("for", made_for), ("why", why)):
        found = personal_signs(words)
        if found:
            do = "name the group or organisation and leave out how to reach anybody"
            raise UserError("holds an address of somebody", f"register, {name}", found[0], do)
        if len(words) > _LONGEST:
            raise UserError("is too long", f"register, {name}", f"{len(words)} characters", "say it in a sentence")


def enter_pack(store: Store, entry: Entry, actor: Actor) -> int:
    """Put a pack into the register and return its number.

    Raises
    ------
    NotAllowedError
        If the actor's role may not take files away, or none for such eyes.
    UserError
        As :func:`refuse_contacts`.
    """
    require(actor, "export")
    require_reader(actor, entry.role)
    refuse_contacts(entry.made_for, entry.why)
    row = {
        "made_at": text.now().isoformat(timespec="seconds"),
        "made_by": text.without_control(actor.name),
        "role": entry.role,
        "made_for": text.without_control(entry.made_for.strip()),
        "why": text.without_control(entry.why.strip()),
        "file": text.without_control(entry.file),
        "what": json.dumps(dict(entry.what), ensure_ascii=False, sort_keys=True),
        "as_of": entry.as_of,
        "study": entry.study,
        "sha256": entry.sha256,
        "bytes": entry.bytes,
        "listing": entry.listing,
        "files": json.dumps(dict(entry.files), ensure_ascii=False),
    }
    with writing_briefly(store.engine) as connection:
        made = connection.execute(insert(tables.packs), row).inserted_primary_key
    return new_id(made)


def read_register(store: Store, actor: Actor) -> pd.DataFrame:
    """Return the register, the newest first.

    Returns
    -------
        Index ``id``; columns :data:`COLUMNS`, ``what`` as a mapping.

    Raises
    ------
    NotAllowedError
        If the actor's role may not know who received what.
    """
    require(actor, "register")
    return _rows(store, tables.packs.c.id.is_not(None))


def find_pack(store: Store, fingerprint: str, listing: str) -> pd.DataFrame:
    """Return what the register says of a pack, by the fingerprint of its zip or of the list in it; the newest first.

    Whoever holds the pack may ask.

    Returns
    -------
        As :func:`read_register`; no rows where it does not know it.
    """
    packs = tables.packs
    return _rows(store, packs.c.sha256 == fingerprint if fingerprint else packs.c.listing == listing)


def _rows(store: Store, which: Any) -> pd.DataFrame:
    table = tables.packs
    chosen = select(table.c.id, *(table.c[name] for name in COLUMNS)).where(which).order_by(table.c.id.desc())
    with reading(store.engine) as connection:
        found = connection.execute(chosen)
        rows = pd.DataFrame(found.all(), columns=list(found.keys())).set_index("id")
    return rows.assign(what=[json.loads(said) for said in rows["what"]])
