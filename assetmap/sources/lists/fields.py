"""The fields of a record beside its name, kind and place, from the columns of a list; each read as in our own forms."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from assetmap import forms, text
from assetmap.errors import UserError
from assetmap.sources.lists import contacts, days, kinds, positions, times
from assetmap.sources.lists.around import Around
from assetmap.sources.lists.model import Choices
from assetmap.sources.lists.sieve import PERSON, POST, Sieve, join_lines
from assetmap.sources.returned import read_choice, read_number

_WORDS: Final = ("languages", "cost", "at_risk", "licence")
_SHOWN: Final = 3


def read_fields(
    sieve: Sieve, names: pd.Series, places: positions.Places, choices: Choices, around: Around
) -> dict[str, pd.Series]:
    """Return the fields that the list has columns for, by name; rows with an answer that cannot be read are left out.

    Parameters
    ----------
    sieve
        The list's rows.
    names
        What each is called.
    places
        Where each is.
    choices
        What somebody has said of its addresses.
    around
        The day on which it is read.
    """
    found = _address(sieve, places, choices) | _contact(sieve, names)
    opened = sieve.parts("opening_times")
    if opened:
        found["opening_times"] = times.join_times(opened)
    found |= {name: sieve.said(name) for name in _WORDS if sieve.matched.has(name)}
    offers = _offers(sieve, choices, around)
    if offers is not None:
        found["offers"] = offers
        own = contacts.tells_of_person(found["offers"]) & ~sieve.out
        if own.any():
            shown = positions.rows_said(sieve.rows[own.to_numpy(bool)])
            sieve.doubts.append(f"A mobile number or private mailbox stands in “{sieve.heading('offers')}”: {shown}.")
    found |= _choices(sieve) | _days(sieve, around)
    if sieve.matched.has("capacity"):
        said = sieve.said("capacity")
        found["capacity"] = _read(sieve, "capacity", said.mask(said.str.strip() == "0"), read_number).astype("float64")
    moving = places.open & ~sieve.out
    if moving.any():
        meets = found.get("meets", pd.Series(None, index=sieve.rows, dtype="str"))
        found["meets"] = meets.mask(meets.isna() & moving, "none")
    return found


def _offers(sieve: Sieve, choices: Choices, around: Around) -> pd.Series | None:
    """Return what each offers, None where the list does not say.

    Where somebody gave the whole list a category, the list's own words for a kind of thing are kept here: a sports club
    that the list calls "Badminton" is one where badminton is played.
    """
    said = sieve.said("offers") if sieve.matched.has("offers") else None
    if not choices.category or not sieve.matched.has("category"):
        return said
    known, called = kinds.kinds_of(around.catalogue), sieve.said("category")
    told = {cell: None if known.exact(cell) else " ".join(cell.split()) for cell in called.dropna().unique()}
    words = called.map(told).astype("str")
    kept = words[~sieve.out].dropna()
    if kept.empty:
        return said
    shown = text.join_words([f"“{word[:40]}”" for word in kept.unique()[:_SHOWN]])
    sieve.notes.append(f"Words for a kind, such as {shown}, are kept as what {text.count(len(kept), 'row')} offer.")
    return words if said is None else join_lines({"words": words, "offers": said})


def _address(sieve: Sieve, places: positions.Places, choices: Choices) -> dict[str, pd.Series]:
    """Return the address where it meets, its postcode at the end; one where post goes is left out and counted."""
    lines, post = sieve.parts("address"), sieve.parts("post_address")
    if choices.address == "meets":
        lines, post = lines | post, {}
    elif choices.address == "post":
        lines, post = {}, lines | post | sieve.parts("postcode")
    if post:
        sieve.keep_out(POST, pd.DataFrame(post).notna().any(axis=1))
    if choices.address == "post" or not (lines or sieve.matched.has("postcode", "building")):
        return {}
    address = join_lines(lines) if lines else pd.Series(None, index=sieve.rows, dtype="str")
    building = sieve.said("building")
    if building.notna().any():
        there = pd.Series([_holds(*pair) for pair in zip(address, building, strict=True)], index=sieve.rows)
        address = address.where(building.isna() | there, (building + ", " + address).fillna(building))
    code = places.postcodes.fillna(sieve.said("postcode").str.strip())
    there = _ends_in_one(address, code)
    return {"address": address.where(code.isna() | there, (address + ", " + code).fillna(code))}


def _ends_in_one(address: pd.Series, code: pd.Series) -> pd.Series:
    """Tell which addresses hold their postcode already, however it is spaced."""
    lines, wanted = address.tolist(), code.tolist()
    likely = address.str.contains(r"[0-9][A-Za-z][A-Za-z]", regex=True).fillna(value=False).to_numpy(bool)
    likely = likely & code.notna().to_numpy(bool)
    for at in np.flatnonzero(likely):
        likely[at] = "".join(wanted[at].split()).upper() in "".join(lines[at].split()).upper()
    return pd.Series(likely, index=address.index)


def _holds(whole: object, part: object) -> bool:
    return isinstance(whole, str) and isinstance(part, str) and part.casefold() in whole.casefold()


def _contact(sieve: Sieve, names: pd.Series) -> dict[str, pd.Series]:
    people = sieve.parts("person")
    out = pd.Series(data=False, index=sieve.rows)
    for said in people.values():
        out |= said.notna()
    reached = sieve.parts("contact", "phone", "email", "website")
    found: dict[str, pd.Series] = {}
    if reached:
        found["contact"], own = contacts.join_public(list(reached.values()), names)
        out |= own
    sieve.keep_out(PERSON, out & ~sieve.out)
    return found


_YES: Final = {"yes": "step-free", "y": "step-free", "true": "step-free", "no": "not step-free", "n": "not step-free"}


def _choices(sieve: Sieve) -> dict[str, pd.Series]:
    """Return answers that are one of a few; of getting in, what is none of them is kept as it stands."""
    found = {}
    if sieve.matched.has("accessibility"):
        found["accessibility"] = sieve.said("accessibility").map(
            {said: _getting_in(said) for said in sieve.said("accessibility").dropna().unique()}
        )
    for name, allowed in (("meets", forms.MEETS), ("identified_by", forms.IDENTIFIED_BY)):
        if sieve.matched.has(name):
            found[name] = _read(sieve, name, sieve.said(name), partial(read_choice, choices=allowed))
            found[name] = found[name].astype("str")
    return found


def _getting_in(said: str) -> str:
    plain = " ".join(said.split())
    if plain.casefold() in _YES:
        return _YES[plain.casefold()]
    try:
        return read_choice(plain, forms.ACCESSIBILITY)
    except UserError:
        return said


def _read(sieve: Sieve, name: str, said: pd.Series, read: Callable[[str], Any]) -> pd.Series:
    """Return a column of answers, each different one read once; rows with one that cannot be read are left out."""
    answers: dict[str, Any] = {}
    faults: dict[str, UserError] = {}
    for cell in said.dropna().unique():
        try:
            answers[cell] = read(cell)
        except UserError as fault:
            faults[cell] = fault
    sieve.refuse_cells(sieve.heading(name), said, faults)
    return said.map(answers)


def _days(sieve: Sieve, around: Around) -> dict[str, pd.Series]:
    found: dict[str, pd.Series] = {}
    for name in ("last_checked", "risk_date"):
        if sieve.matched.has(name):
            said, heading = sieve.said(name), sieve.heading(name)
            read = days.read_days(said, heading)
            sieve.refuse_cells(heading, said, read.faults)
            found[name] = read.days
            sieve.doubts += read.doubts
    if "last_checked" in found:
        to_come = (found["last_checked"] > around.day.isoformat()).fillna(value=False).to_numpy(bool)
        why = ("this day is still to come", "give the day it was seen")
        sieve.refuse(to_come, sieve.heading("last_checked"), sieve.said("last_checked"), why)
    if sieve.matched.has("closed"):
        said, heading = sieve.said("closed"), sieve.heading("closed")
        read = days.read_closed(said, around.day, heading)
        sieve.refuse_cells(heading, said, read.faults)
        found["closed"] = read.days
        # A year by itself says enough of a thing that has closed.
        sieve.doubts += [doubt for doubt in read.doubts if "not a whole date" not in doubt]
    return found
