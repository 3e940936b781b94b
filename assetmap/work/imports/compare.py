"""What becomes of each row of a list, as it meets what the same list has brought before.

Three things are compared field by field: what the list said last, what it says now, and what stands here. Where the
list says nothing new, nothing happens; where it does and nobody here has touched the field, it is taken; where
somebody has, the row waits for a person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assetmap import text
from assetmap.store.fields import FIELDS, kept_value
from assetmap.store.lists import Change, Held
from assetmap.work.imports.identity import BY_CONTENT
from assetmap.work.imports.model import Difference

_NUMBERS: Final = ("x", "y", "capacity")
_PLACE: Final = ("x", "y")
#: Nearer than this two places are one: the last figures of a position are the arithmetic's, not the list's.
_CENTIMETRE: Final = 0.01


@dataclass(frozen=True, eq=False)
class Met:
    """The rows of a list that are known by now.

    Parameters
    ----------
    outcomes
        Index ``row``; ``new``, ``update``, ``unchanged`` or ``rejected`` (somebody changed it here).
    ids
        Same index; the number of the record, missing for a new one.
    clashes
        By row and field: what stands here, and what the list says.
    missing
        Name and source id, by id, of records of this list that are not in it now.
    """

    outcomes: pd.Series[str]
    ids: pd.Series[Any]
    changes: tuple[Change, ...]
    differences: tuple[Difference, ...]
    clashes: Mapping[int, Mapping[str, tuple[object, object]]]
    missing: Mapping[str, tuple[str, str]]


def as_kept_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the fields of many rows as the store keeps them, None where not known, with ``source_id``; same index."""
    columns: dict[str, Any] = {"source_id": rows["source_id"].astype(object)}
    for name in (name for name in FIELDS if name in rows):
        values = rows[name]
        known = values.notna().to_numpy(bool)
        kept = np.empty(len(values), dtype=object)
        kept[:] = 0 if name in ("closed", "keep_off_map") else None
        kept[known] = _kept(name, values[known])
        columns[name] = pd.Series(kept, index=rows.index, dtype=object)
    return pd.DataFrame(columns, index=rows.index)


def _kept(name: str, values: pd.Series[Any]) -> list[Any]:
    """Return known values as they are kept: the many ordinary ones at once, others one by one."""
    if name in _NUMBERS and pd.api.types.is_numeric_dtype(values):
        return list(values.astype(float))
    if pd.api.types.is_string_dtype(values) and name not in (*_NUMBERS, "last_checked", "closed", "keep_off_map"):
        kept = values.astype("str")
        said: list[Any] = kept.tolist()
        # Only what is no plain letter can be a sign that is not kept.
        for at in np.flatnonzero(kept.str.contains("[^ -~]", regex=True).to_numpy(bool)).tolist():
            said[at] = text.without_control(said[at])
        return said
    return [kept_value(name, value) for value in values]


def follow_moved(rows: pd.DataFrame, held: Held, left_out: Collection[str] = ()) -> pd.DataFrame:
    """Return the rows with the id of the record they brought before, where only their place has changed since.

    A row without an id of its own is known by its name and place. If its place was corrected, its name still tells it:
    where exactly one row of the list and exactly one record that the list no longer has are called so.

    Parameters
    ----------
    rows
        As for :func:`meet`.
    held
        What the store holds.
    left_out
        Names of the rows that are not taken: one of them may be the record's.
    """
    ids = rows["source_id"]
    if not len(held.rows):
        return rows
    strange = rows.index[~ids.isin(held.rows.index) & ids.str.startswith(BY_CONTENT)]
    gone = held.rows[~held.rows.index.isin(ids) & held.rows.index.str.startswith(BY_CONTENT)]
    gone = gone[gone["deleted_at"].isna()]
    if not len(strange) or not len(gone):
        return rows
    names = rows.loc[strange, "name"].dropna()
    # A name that the list has more than once tells nothing, whichever of them moved.
    names = names[~names.isin([*rows["name"][rows["name"].duplicated()], *left_out])]
    lost = pd.Series(gone.index, index=gone["name"].to_numpy(object))
    lost = lost[~lost.index.duplicated(keep=False)]
    moved = names.map(lost).dropna()
    return rows.assign(source_id=moved.reindex(rows.index).fillna(ids).astype(object))


def meet(rows: pd.DataFrame, held: Held) -> Met:
    """Compare a list with what the store holds of it.

    Parameters
    ----------
    rows
        Index ``row``; ``source_id``, each once, and the fields that the list carries, as the store keeps them.
    held
        What the store holds.
    """
    fields = [name for name in FIELDS if name in rows]
    known = rows.index[rows["source_id"].isin(held.rows.index)]
    keys = rows.loc[known, "source_id"]
    now, last, said = held.rows.loc[keys], held.last_said.loc[keys], rows.loc[known]
    removed = now["deleted_at"].notna().to_numpy(bool)
    back = keys.isin(held.back).to_numpy(bool)
    here = np.column_stack([_differ(name, said, now) for name in fields] or [np.zeros((len(known), 0), bool)])
    news = here & np.column_stack([_differ(name, said, last) for name in fields] or [here])
    touched = np.column_stack([_differ(name, now, last) for name in fields] or [here])
    _later_check_stands(fields, news, touched, said, now)
    clash = news & touched & ~removed[:, None]
    taken = np.where(back[:, None], here, news)
    outcome = np.select(
        [removed & back, removed, clash.any(axis=1), taken.any(axis=1)],
        ["new", "unchanged", "rejected", "update"],
        "unchanged",
    )
    outcomes = pd.Series("new", rows.index, dtype="str")
    outcomes[known] = outcome
    ids = pd.Series(now["id"].to_numpy(object), index=known).reindex(rows.index)
    told = _Told(fields, said, now, np.flatnonzero(np.isin(outcome, ["new", "update", "rejected"])))
    writes = [at for at in told.places if outcome[at] != "rejected"]
    changes = tuple(told.change(at, taken[at], "again" if removed[at] else "") for at in writes)
    differences = tuple(one for at in writes if not removed[at] for one in told.differences(at, taken[at]))
    clashes = {int(known[at]): told.both(at, clash[at]) for at in told.places if outcome[at] == "rejected"}
    gone = held.rows[held.rows["deleted_at"].isna() & ~held.rows.index.isin(rows["source_id"])]
    named = zip(gone["id"], gone["name"], gone.index, strict=True)
    missing = {f"own:{number}": (str(name or number), str(key)) for number, name, key in named}
    return Met(outcomes, ids, changes, differences, clashes, missing)


def _differ(name: str, one: pd.DataFrame, other: pd.DataFrame) -> NDArray[np.bool_]:
    """Return in which rows a field differs; what is not known on both sides does not."""
    if name in _NUMBERS:
        a, b = one[name].to_numpy(float, na_value=np.nan), other[name].to_numpy(float, na_value=np.nan)
        near = np.abs(a - b) < (_CENTIMETRE if name in _PLACE else 1e-9)
        apart: NDArray[np.bool_] = ~(near | (np.isnan(a) & np.isnan(b)))
        return apart
    a, b = one[name].to_numpy(object), other[name].to_numpy(object)
    different: NDArray[np.bool_] = np.not_equal(a, b).astype(bool)
    return different


def _later_check_stands(
    fields: list[str], news: NDArray[np.bool_], touched: NDArray[np.bool_], said: pd.DataFrame, now: pd.DataFrame
) -> None:
    """Let the later of two days on which somebody checked stand: a check is not an opinion."""
    if "last_checked" not in fields:
        return
    at = fields.index("last_checked")
    later = said["last_checked"].fillna("").to_numpy(object) > now["last_checked"].fillna("").to_numpy(object)
    news[:, at] &= later
    touched[:, at] = False


class _Told:
    """Says of single rows, by their place among the known ones, what differs."""

    def __init__(self, fields: list[str], said: pd.DataFrame, now: pd.DataFrame, places: NDArray[np.intp]) -> None:
        self.fields, self.places = fields, [int(at) for at in places]
        self._rows = dict(zip(self.places, said.index[places], strict=True))
        self._said = dict(zip(self.places, said.iloc[places].to_dict("records"), strict=True))
        self._now = dict(zip(self.places, now.iloc[places].to_dict("records"), strict=True))

    def _chosen(self, mask: NDArray[np.bool_]) -> list[str]:
        names = [name for name, is_meant in zip(self.fields, mask, strict=True) if is_meant]
        # A place is changed whole or not at all.
        whole = [axis for axis in _PLACE if axis in self.fields and axis not in names]
        return [*names, *whole] if set(names) & set(_PLACE) else names

    def change(self, at: int, mask: NDArray[np.bool_], again: str) -> Change:
        """Return what is to be written; ``again`` for a removed record that comes again."""
        before = self._now[at]
        values = {name: self._said[at][name] for name in self._chosen(mask)}
        values |= {"deleted_at": None} if again else {}
        return Change(int(self._rows[at]), int(before["id"]), int(before["version"]), values)

    def both(self, at: int, mask: NDArray[np.bool_]) -> dict[str, tuple[object, object]]:
        """Return what stands here and what the list says, of the fields meant; of a place as one."""
        said, now = self._said[at], self._now[at]
        both: dict[str, tuple[object, object]] = {}
        for name in self._chosen(mask):
            if name in _PLACE:
                both["place"] = (_point(now), _point(said))
            elif name not in ("outline", "kind"):
                both[name] = (now[name], said[name])
        return both

    def differences(self, at: int, mask: NDArray[np.bool_]) -> list[Difference]:
        """Return what an update changes."""
        row, asset_id, name = int(self._rows[at]), f"own:{self._now[at]['id']}", str(self._now[at]["name"] or "")
        return [Difference(row, asset_id, name, field, *pair) for field, pair in self.both(at, mask).items()]


def _point(row: dict[Any, Any]) -> str | None:
    return None if row["x"] is None else f"{float(row['x']):.0f}, {float(row['y']):.0f}"
