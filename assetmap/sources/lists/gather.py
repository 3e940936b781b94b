"""Rows of a map file put together: their columns as they turn up, their shapes made usable, their system settled."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely

from assetmap.errors import FileRefusedError
from assetmap.sources.lists.model import Choices, Part, Reject
from assetmap.sources.lists.place import settle
from assetmap.sources.lists.raw import COLUMNS, RawListing

MEND: Final = "mend this row in your map program, or leave it out"
_POSTCODE: Final = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b", re.IGNORECASE)
_FEW: Final = 3
_FLAT: Final = 2
_NUMBERS: Final = (int, float)


class EndlessNumberError(ValueError):
    """A coordinate such as 1e999, after which no other number of the file can be trusted."""


@dataclass
class Gathered:
    """The rows of one part of a file while it is being read.

    Parameters
    ----------
    file
        The file's name, as messages give it.
    sheet
        What stands as the sheet of a row that is rejected.
    """

    file: str
    sheet: str = ""
    columns: dict[str, list[str | None]] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def add(self, row: int, cells: Mapping[str, str | None], shape: Any) -> None:
        """Take a row: its cells by column, empty text as None, and its shape, None where it has none.

        A point may come as its numbers: two hundred thousand of them are made shapes faster together than each.

        Raises
        ------
        FileRefusedError
            If there are too many columns.
        """
        there = len(self.rows)
        for name, value in cells.items():
            column = self.columns.get(name)
            if column is None:
                if len(self.columns) >= COLUMNS:
                    do = "leave out the columns that are not needed"
                    raise FileRefusedError(f"has more than {COLUMNS} columns", self.file, do=do)
                column = self.columns.setdefault(name, [])
            column.extend([None] * (there - len(column)))
            column.append(value or None)
        self.rows.append(row)
        self.shapes.append(shape)

    def reject(self, row: int, reason: str, value: str = "", do: str = MEND) -> None:
        """Leave a row out and say why."""
        self.rejects.append(Reject(self.sheet, row, "", value[:80], reason, do))

    def add_without_shape(self, row: int, cells: Mapping[str, str | None], choices: Choices) -> None:
        """Take a row that has no place on the map where its words may give one; else leave it out."""
        words = (value for value in cells.values() if value)
        if choices.placeless == "keep" or any(_POSTCODE.search(value) for value in words):
            self.add(row, cells, None)
        else:
            self.reject(row, "has no place: its shape is empty", do="give it a place or a postcode")

    def listing(self, part: str, parts: Iterable[Part], named: str, choices: Choices) -> RawListing:
        """Return what was gathered, its shapes valid and flat, in a system that their numbers can be in.

        Parameters
        ----------
        part, parts
            As in :class:`RawListing`.
        named
            The coordinate system that the file names; empty where it names none.
        choices
            What was said of the list.

        Raises
        ------
        NoCrsError, CrsMismatchError, UsageError
            If the system cannot be known.
        """
        shapes = self._flat()
        settled = settle(shapes, named, self.file, choices.crs)
        self.doubts += settled.doubts
        shapes = self._valid(settled.shapes)
        for at in settled.nowhere:
            self.reject(self.rows[at], "lies nowhere on Earth", settled.found(at), "correct its coordinates")
        keep = [at for at in range(len(self.rows)) if at not in settled.nowhere]
        length = len(self.rows)
        columns = {}
        for name, column in self.columns.items():
            column.extend([None] * (length - len(column)))
            columns[name] = column if len(keep) == length else [column[at] for at in keep]
        return RawListing(
            self.file,
            part,
            tuple(parts),
            columns,
            [self.rows[at] for at in keep],
            [None if shape is None else bytes(shape) for shape in shapely.to_wkb(shapes[keep])],
            settled.crs,
            1,
            tuple(sorted(self.rejects, key=lambda reject: reject.row)),
            tuple(self.notes),
            tuple(self.doubts),
        )

    def _flat(self) -> Any:
        shapes = np.empty(len(self.shapes), dtype=object)
        shapes[:] = self.shapes
        at = [number for number, shape in enumerate(self.shapes) if isinstance(shape, tuple)]
        shapes[at] = shapely.points([self.shapes[number][:2] for number in at]) if at else None
        high = shapely.has_z(shapes)
        high[[number for number in at if len(self.shapes[number]) > _FLAT]] = True
        if high.any():
            self.notes.append(f"{self.file}: heights were dropped from {rows_said(self.rows, np.flatnonzero(high))}.")
        return shapely.force_2d(shapes)

    def _valid(self, shapes: Any) -> Any:
        wrong = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
        if not len(wrong):
            return shapes
        mended = shapes.copy()
        for at in wrong:
            mended[at] = _areas_only(shapes[at])
        said = rows_said(self.rows, wrong)
        self.doubts.append(f"{self.file}: an outline that crosses itself was mended in {said}; look at it on the map.")
        return mended


def _areas_only(shape: Any) -> Any:
    """Return a shape made valid, without the lines and points that mending an area can leave."""
    made = shapely.make_valid(shape)
    if shapely.get_dimensions(shape) != 2:
        return made
    areas = [part for part in shapely.get_parts(made) if shapely.get_dimensions(part) == 2]
    flat = [area for part in areas for area in shapely.get_parts(part)]
    return made if not flat else flat[0] if len(flat) == 1 else shapely.multipolygons(flat)


def rows_said(rows: Sequence[int], at: Any) -> str:
    """Return which rows are meant, the first few by number.

    Examples
    --------
    >>> rows_said([1, 2, 3, 4, 5], [0, 1, 2, 4])
    '4 rows (1, 2, 3 and more)'
    """
    numbers = [str(rows[one]) for one in at]
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    more = " and more" if len(numbers) > _FEW else ""
    return f"{len(numbers)} rows ({', '.join(numbers[:_FEW])}{more})"


def numbers(points: Sequence[Any]) -> Any:
    """Return an (n, 2) or (n, 3) array of finite numbers; text that looks like numbers is not taken for them.

    Raises
    ------
    EndlessNumberError
        If one is without an end.
    ValueError
        If one is not a number, or a point has fewer than two.

    Examples
    --------
    >>> numbers([[1, 2], [3, 4.5]]).tolist()
    [[1.0, 2.0], [3.0, 4.5]]
    """
    found = _all_at_once(points)
    if found is None:
        found = _one_by_one(points)
    if found.dtype.kind not in "iuf" or found.ndim != 2 or found.shape[1] < _FLAT:
        raise ValueError("a coordinate is not a pair of numbers")
    if np.isinf(found).any():
        raise EndlessNumberError("a number without an end")
    if np.isnan(found[:, :2]).any():
        raise ValueError("a coordinate is not a number")
    return found[:, :3].astype(float)


def pair(point: Any) -> tuple[float, ...]:
    """Return the two or three numbers of a point.

    Raises
    ------
    EndlessNumberError
        If one is without an end.
    ValueError
        If one is not a number, or there are fewer than two.

    Examples
    --------
    >>> pair([1, 2.5, 3, 4])
    (1, 2.5, 3)
    """
    told = tuple(point[:3])
    if len(told) < _FLAT or any(type(number) not in _NUMBERS for number in told):
        raise ValueError("a coordinate is not a pair of numbers")
    if any(math.isinf(number) for number in told):
        raise EndlessNumberError("a number without an end")
    if any(math.isnan(number) for number in told[:2]):
        raise ValueError("a coordinate is not a number")
    return told


def _all_at_once(points: Sequence[Any]) -> Any:
    """Return the points as they stand where all have as many numbers, else None."""
    try:
        return np.array(points)
    except ValueError:
        return None


def _one_by_one(points: Sequence[Any]) -> Any:
    """Return the points cut to the length of the shortest."""
    width = min((len(point) for point in points if isinstance(point, list | tuple)), default=0)
    return np.array([point[: min(width, 3)] for point in points])


def ring(points: Sequence[Any]) -> Any:
    """Return the numbers of a ring of an area.

    Raises
    ------
    ValueError
        If it has too few points or does not end where it began.
    """
    found = numbers(points)
    if (found[0, :2] != found[-1, :2]).any():
        raise ValueError("an outline is not closed")
    if len(found) < 4:
        raise ValueError("an outline has fewer than three corners")
    return found


def cell(value: object) -> str | None:
    """Return a value of JSON as the text that stood there, None for nothing.

    Examples
    --------
    >>> cell("007"), cell(True), cell(12345678901234567890123), cell([1, "a"]), cell("")
    ('007', 'true', '12345678901234567890123', '[1, "a"]', None)
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        # Just below the depth at which the reader itself gives up.
        return "[...]"
