"""What a list says, row by row: what becomes a record of ours, what cannot, and what is kept out of it.

Every row of the list is either in ``rows`` or in ``rejects``, once. What one answer means is read as in our own forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assetmap import forms, text
from assetmap.sources.columns import Matched
from assetmap.sources.lists import cells as looks
from assetmap.sources.lists import codes, contacts, kinds, positions, sensitive
from assetmap.sources.lists.around import Around
from assetmap.sources.lists.fields import read_fields
from assetmap.sources.lists.model import Choices, Listing, Reject
from assetmap.sources.lists.sieve import PERSON, SENSITIVE, Sieve, join_lines
from assetmap.sources.returned import HELP, NEVER_KEPT

Bools = NDArray[np.bool_]

_PLACED: Final = (
    "postcode",
    "latitude",
    "longitude",
    "easting",
    "northing",
    "grid_reference",
    "point",
    "uprn",
    "building",
)
#: By how a row was placed, the fields that may have said it.
_TOLD_BY: Final = {
    "coordinates": ("latitude", "easting", "point"),
    "grid": ("grid_reference", "point"),
    "postcode": ("postcode", "address"),
    "uprn": ("uprn",),
    "building": ("building", "address", "name"),
}


@dataclass(frozen=True)
class Understood:
    """What became of a list's rows.

    Parameters
    ----------
    rows
        Index ``row``: the rows that can be taken. Columns: ``source_id`` (missing where the list has none), ``name``,
        ``kind``, ``category``, ``x``, ``y`` (NaN where a row has no fixed place), and those fields of a record that
        the list has a column for, as :mod:`assetmap.store.fields` names them; missing where a row says nothing.
    rejects
        The rows that cannot be taken, each once, in their order.
    notes
        What was found on the way, a sentence each.
    doubts
        What somebody should confirm before the list is taken, a sentence each.
    kept_out
        By what it is, how many rows held something that is not stored.
    postcodes
        The postcode of each row taken in its usual form, missing where it has none; index of ``rows``.
    placed
        How each row taken was placed: shape, coordinates, grid, postcode, uprn, building, or empty.
    """

    rows: pd.DataFrame
    rejects: tuple[Reject, ...]
    notes: tuple[str, ...]
    doubts: tuple[str, ...]
    kept_out: Mapping[str, int]
    postcodes: pd.Series
    placed: pd.Series


def understand(listing: Listing, matched: Matched, choices: Choices, around: Around) -> Understood:
    """Return what becomes of each row of a list.

    Parameters
    ----------
    listing
        The list as it was read.
    matched
        What its columns hold.
    choices
        What somebody has said of it.
    around
        The place, its tables, the categories and the day.

    Raises
    ------
    UsageError
        If the category or the coordinate system said is not known.
    """
    sieve = Sieve(listing, matched)
    category = kinds.chosen(choices.category, around.catalogue) if choices.category else ""
    known = kinds.kinds_of(around.catalogue)
    _refuse_failed(sieve)
    _refuse_sensitive(sieve, known, around)
    names = _names(sieve)
    # What lies elsewhere needs no kind, so that is said of it first.
    places = _places(sieve, around, choices)
    told = _kinds(sieve, known, names, category)
    columns = {"source_id": sieve.said("source_id"), "name": names, **_kind(told.ids, around)}
    columns |= {"x": pd.Series(places.x, sieve.rows), "y": pd.Series(places.y, sieve.rows)}
    if any(outline is not None for outline in places.outline):
        columns["outline"] = pd.Series(places.outline, sieve.rows, dtype="object")
    columns |= read_fields(sieve, names, places, choices, around)
    rows = pd.DataFrame(columns, index=sieve.rows)
    rows = _as_one_group(sieve, rows) if matched.register is not None else rows
    _refuse_long(sieve, rows)
    kept = ~sieve.out
    doubts = (*told.doubts, *places.doubts, *sieve.doubts, *_ask_of_addresses(sieve, choices))
    return Understood(
        rows[kept],
        tuple(sieve.rejects[at] for at in sorted(sieve.rejects)),
        (*matched.notes, *places.notes, *sieve.notes),
        doubts,
        dict(sieve.kept_out),
        places.postcodes[kept],
        pd.Series(places.how, index=sieve.rows, dtype="str")[kept],
    )


# --- what can never be taken ------------------------------------------------------------------------------------------


def _refuse_failed(sieve: Sieve) -> None:
    for column, name in sieve.matched.columns.items():
        if name:
            said = sieve.listing.cells[column]
            failed = said.str.strip().isin(looks.FAILED).to_numpy(bool)
            sieve.refuse(failed, column, said, ("a formula here has failed", "write what it should say"))


def _refuse_sensitive(sieve: Sieve, known: kinds.Kinds, around: Around) -> None:
    """Leave out places of which nothing may be kept; neither name nor address is repeated."""
    told = sieve.parts("name", "organisation", "building", "address", "post_address", "category")
    named = sensitive.named_so(told, around.catalogue, len(sieve.rows))
    for said in sieve.parts("category").values():
        kept_away = [cell for cell in said.dropna().unique() if known.is_sensitive(cell)]
        named |= said.isin(kept_away).to_numpy(bool)
    sieve.keep_out(SENSITIVE, named)
    sieve.refuse(named, "", None, (NEVER_KEPT, HELP))


def _names(sieve: Sieve) -> pd.Series:
    heading = sieve.heading("name")
    names = sieve.listing.cells[heading] if heading else pd.Series(None, index=sieve.rows, dtype="str")
    names = names.mask(names.str.strip() == "").fillna(sieve.said("organisation"))
    which = "say which column holds the name: under What each column holds, or with --map Title=name"
    do = "write what people call it" if heading else which
    sieve.refuse(names.isna().to_numpy(bool), heading, None, ("has no name", do))
    person = contacts.is_one_person(names).to_numpy(bool) & ~sieve.out
    sieve.keep_out(PERSON, person)
    why = ("this is one person and not a group or a place", "give the group or the venue through which they are met")
    sieve.refuse(person, heading, None, why)
    return names


def _kinds(sieve: Sieve, known: kinds.Kinds, names: pd.Series, category: str) -> kinds.Told:
    title = " ".join((PurePath(sieve.listing.file).stem, sieve.listing.part))
    register = sieve.matched.register
    rest = register.category if register is not None else ""
    said = sieve.said("category")
    told = kinds.tell_kinds(known, said, names, title, (category, rest))
    heading = sieve.heading("category")
    do = f"write it in the column {heading or 'category'}, or leave it out; --category makes all rows of one kind"
    untold = told.ids.isna().to_numpy(bool)
    sieve.refuse(untold, heading, said, ("of what kind this is could not be told", do))
    return told


def _kind(ids: pd.Series, around: Around) -> dict[str, pd.Series]:
    of = {name: category.kind for name, category in around.catalogue.categories.items()}
    return {"kind": ids.map(of).astype("str"), "category": ids}


# --- where ------------------------------------------------------------------------------------------------------------


def _places(sieve: Sieve, around: Around, choices: Choices) -> positions.Places:
    cells = {name: sieve.said(name) for name in _PLACED if sieve.matched.has(name)}
    lines = sieve.parts("address", *(("post_address",) if choices.address == "meets" else ()))
    if lines:
        cells["address"] = join_lines(lines)
    places = positions.locate(positions.Said(sieve.listing, cells), around, choices)
    beyond = positions.are_outside(places.x, places.y, around)
    for how in np.unique(places.how[beyond].astype(str)) if beyond.any() else ():
        name = next((name for name in _TOLD_BY.get(how, ()) if sieve.matched.has(name)), "")
        do = "leave it out: nobody who lives here walks there"
        which = beyond & (places.how == how)
        sieve.refuse(which, sieve.heading(name), sieve.said(name), (codes.OUTSIDE, do))
    _refuse_placeless(sieve, places, choices)
    return places


def _refuse_placeless(sieve: Sieve, places: positions.Places, choices: Choices) -> None:
    keep = choices.placeless == "keep"
    for at, (name, said, fault) in places.faults.items():
        if places.open[at] and not (keep and fault.nowhere) and not sieve.out[at]:
            sieve.add(at, sieve.heading(name), said, (fault.reason, fault.do))
    if keep:
        return
    why = ("has no place", "add a postcode, or latitude and longitude; or keep what has no fixed place")
    if choices.address == "post":
        why = ("has no place: its address is where post goes", "add where it meets; or keep what has no fixed place")
    elif sieve.matched.has("post_address") and not sieve.matched.has("address", *_PLACED):
        why = ("has no place: its address is where post goes", "say that it meets there, or add where it does")
    sieve.refuse(places.open, "", None, why)


# --- the list as a whole ----------------------------------------------------------------------------------------------


def _as_one_group(sieve: Sieve, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a register with all rows of one group saying what the first of them that says it says."""
    ids = rows["source_id"].fillna(rows["name"])
    taken = rows[~sieve.out]
    first = taken.groupby(ids[~sieve.out]).first()
    spread = first.reindex(ids).set_axis(rows.index)
    told = [name for name in rows.columns if name not in ("outline", "source_id")]
    one = rows.assign(**{name: spread[name].astype(rows[name].dtype) for name in told})
    if "meets" in one:
        # A row with a place is where its group meets, though another of its rows has none.
        one["meets"] = one["meets"].mask((one["meets"] == "none") & one["x"].notna())
    return one


def _refuse_long(sieve: Sieve, rows: pd.DataFrame) -> None:
    for name in rows.columns:
        if rows[name].dtype == "str":
            long = (rows[name].str.len() > forms.LONGEST).fillna(value=False).to_numpy(bool)
            why = ("this is too long", f"shorten it to {forms.LONGEST:,} characters")
            sieve.refuse(long, sieve.heading(name), rows[name], why)


def _ask_of_addresses(sieve: Sieve, choices: Choices) -> list[str]:
    register = sieve.matched.register
    if choices.address or register is None or not sieve.matched.has("address", "postcode", "post_address"):
        return []
    given = sieve.said("postcode").notna() | sieve.said("post_address").notna()
    if not given.any():
        return []
    rows = text.count(int(given.sum()), "row")
    return [
        f"This is {register.called}: the addresses of {rows} may be where post goes, which can be somebody's home."
        " Say whether they are where the groups meet."
    ]
