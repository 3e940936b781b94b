"""What a phone sends back: additions and checks as JSON, read strictly, row by row."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, NoReturn
from uuid import UUID

from assetmap import forms, text
from assetmap.errors import FileRefusedError, UserError
from assetmap.sources.postcodes import tidy_postcode
from assetmap.sources.returned import LOOK, OTHER_LISTS, Against, ReadBack, Reject, read_answer
from assetmap.sources.whereabouts import read_place
from assetmap.store.batch import Batch, Sent
from assetmap.store.files import disk_fault
from assetmap.store.verdicts import Judgement

SOURCE: Final = "fieldform"
LARGEST: Final = 5_000_000
ROWS: Final = 20_000
ADDED, CHECKED = "added", "checked"
_TOP: Final = frozenset({"form", "place", "made", ADDED, CHECKED})
_ADDITION: Final = frozenset({"uuid", "day", "answers"})
_CHECK: Final = frozenset({"id", "mark", "answer", "note", "day"})
_SAVE: Final = "save the file in the form again and send that one"
_ANSWERS: Final = ("right", "closed", "wrong")


@dataclass
class _Reading:
    against: Against
    made: date
    new: dict[str, dict[str, object]] = field(default_factory=dict)
    sent: dict[str, Sent] = field(default_factory=dict)
    verdicts: dict[str, Judgement] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    duplicates: int = 0


def is_returned_form(path: Path) -> bool:
    """Return whether a file begins as the phone's form writes it, whatever its name."""
    try:
        with path.open("rb") as file:
            start = file.read(400).removeprefix(b"\xef\xbb\xbf")
    except OSError:
        return False
    return bool(re.match(rb'\s*\{\s*"form"\s*:\s*"assetmap-fieldform-', start))


def read_returned_form(path: Path, against: Against) -> ReadBack:
    """Return what a phone's form says when it comes back.

    Parameters
    ----------
    path
        JSON as ``exports/fieldform.js`` writes it.
    against
        Categories, postcodes and the place. A day before the form was made or after ``against.day`` is a phone's
        clock gone wrong; the nearest of the two counts.

    Returns
    -------
        Every addition and check is counted in exactly one way; see :class:`ReadBack`. Row numbers count from 1
        within ``added`` and ``checked``.

    Raises
    ------
    FileRefusedError
        If it is not JSON, is too large, or is not what the form writes.
    WorldError
        If the disk refuses.
    """
    document = _load(path)
    made = _top_day(document.get("made"), path.name)
    reading = _Reading(against, min(made, against.day))
    added, checked = (_list(document, name, path.name) for name in (ADDED, CHECKED))
    for number, row in enumerate(added, 1):
        _row(_read_addition, ADDED, number, row, reading)
    for number, row in enumerate(checked, 1):
        _row(_read_check, CHECKED, number, row, reading)
    return ReadBack(
        Batch(tuple(reading.new.values()), tuple(reading.sent.values()), tuple(reading.verdicts.values())),
        reading.places,
        len(added) + len(checked),
        0,
        reading.duplicates,
        tuple(reading.rejects),
        {},
        tuple(reading.remarks),
    )


# --- The file ------------------------------------------------------------------------------------------------


def _load(path: Path) -> dict[str, Any]:
    def refuse(word: str) -> NoReturn:
        raise FileRefusedError("holds a number that is not one", path.name, word, _SAVE)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice = next(key for key, _ in pairs if [k for k, _ in pairs].count(key) > 1)
            raise FileRefusedError("says one thing twice", path.name, twice[:60], _SAVE)
        return found

    try:
        document = json.loads(_read(path), parse_constant=refuse, object_pairs_hook=once)
    except json.JSONDecodeError as fault:
        place = f"line {fault.lineno}, column {fault.colno}"
        raise FileRefusedError("is not JSON, or stops in the middle", path.name, place, _SAVE) from fault
    except (RecursionError, ValueError) as fault:
        raise FileRefusedError("is nested too deeply or holds a number too long", path.name, do=_SAVE) from fault
    if not isinstance(document, dict) or document.get("form") != forms.FIELDFORM:
        found = str(document.get("form", ""))[:60] if isinstance(document, dict) else type(document).__name__
        raise FileRefusedError("is not a form that was made here", path.name, found, OTHER_LISTS)
    if unknown := sorted(set(document) - _TOP):
        raise FileRefusedError("holds something the form does not write", path.name, unknown[0][:60], _SAVE)
    return document


def _read(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise FileRefusedError("is too large", path.name, f"{size:,} bytes", f"send at most {LARGEST:,} bytes")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        raise disk_fault(path, fault) from fault
    except UnicodeDecodeError as fault:
        raise FileRefusedError("is not UTF-8 text", path.name, f"byte {fault.start}", _SAVE) from fault


def _top_day(value: object, name: str) -> date:
    try:
        return _date(value)
    except UserError as fault:
        raise FileRefusedError("does not say when its form was made", name, fault.found, _SAVE) from fault


def _date(value: object) -> date:
    try:
        if not isinstance(value, str):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError as fault:
        raise UserError("this is not a day", found=str(value)[:60], do=_SAVE) from fault


def _list(document: Mapping[str, Any], name: str, file: str) -> Sequence[Any]:
    rows = document.get(name, [])
    if not isinstance(rows, list):
        raise FileRefusedError(f"“{name}” is not a list", file, str(rows)[:60], _SAVE)
    if len(rows) > ROWS:
        raise FileRefusedError("has too many rows", file, f"{len(rows):,}", f"send at most {ROWS:,}")
    return rows


# --- Rows ----------------------------------------------------------------------------------------------------


def _row(read: Any, part: str, number: int, row: object, reading: _Reading) -> None:
    try:
        read(number, row, reading)
    except UserError as fault:
        reading.rejects.append(Reject(part, number, fault.where, fault.found, fault.what, fault.do))


def _take(row: object, known: frozenset[str]) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise UserError("this is not what the form writes", found=str(row)[:60], do=_SAVE)
    if unknown := sorted(set(row) - known):
        raise UserError("the form does not write this", unknown[0][:60], str(row[unknown[0]])[:60], _SAVE)
    return row


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name, "")
    if not isinstance(value, str) or len(value) > forms.LONGEST:
        found = str(value)[:60]
        raise UserError("this is not text, or too long", name, found, f"write at most {forms.LONGEST:,} characters")
    return text.without_control(value.strip())


def _day(row: Mapping[str, Any], reading: _Reading) -> date:
    return max(reading.made, min(_date(row.get("day")), reading.against.day))


def _read_addition(number: int, given: object, reading: _Reading) -> None:
    row = _take(given, _ADDITION)
    key = _uuid(row.get("uuid"))
    answers = row.get("answers")
    if not isinstance(answers, dict):
        raise UserError("there are no answers", "answers", str(answers)[:60], _SAVE)
    values = _answers(answers, number, reading)
    for name in ("name", "category"):
        if not values.get(name):
            raise UserError("this is missing", name, do="add it in the form, then save the file again")
    _day(row, reading)
    kind = reading.against.catalogue.categories[str(values["category"])].kind
    record = {**values, "kind": kind, "source": SOURCE, "source_id": key}
    if key not in reading.new:
        reading.new[key] = record
        reading.places[f"{SOURCE} {key}"] = (ADDED, number)
    elif reading.new[key] == record:
        reading.duplicates += 1
    else:
        raise UserError("two additions have one number and say different things", "uuid", key, _SAVE)


def _uuid(value: object) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError as fault:
        raise UserError("this addition has no number of its own", "uuid", str(value)[:60], _SAVE) from fault


def _answers(answers: Mapping[str, Any], number: int, reading: _Reading) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, value in answers.items():
        if name not in forms.BY_FIELD:
            raise UserError("the form does not ask this", str(name)[:60], str(value)[:60], _SAVE)
        if not isinstance(value, str | int | float | bool | None):
            raise UserError("this is not an answer", name, str(value)[:60], _SAVE)
        try:
            values |= _place(value, number, reading) if name == "place" else _answer(name, value, reading)
        except UserError as fault:
            raise UserError(fault.what, name, fault.found, fault.do) from fault
    address = " ".join(str(part) for part in (values.get("address"), values.pop("postcode", None)) if part)
    return {**values, "address": address} if address else values


def _answer(name: str, value: Any, reading: _Reading) -> dict[str, object]:
    empty = value is None or (isinstance(value, str) and not value.strip())
    return {} if empty else read_answer(forms.BY_FIELD[name], value, reading.against)


def _place(value: Any, number: int, reading: _Reading) -> dict[str, object]:
    """Return a place; a postcode that nobody here knows goes into the address, for a phone cannot be asked again."""
    said = "" if value is None else str(value).strip()
    if not said:
        return {}
    try:
        x, y = read_place(said, reading.against.area)
    except UserError:
        code = tidy_postcode(said)
        if code is None:
            raise
        reading.remarks.append(f"{ADDED} {number}: {code} is not a postcode we have a place for; it is in the address.")
        return {"postcode": code}
    return {"x": x, "y": y}


def _read_check(number: int, given: object, reading: _Reading) -> None:
    row = _take(given, _CHECK)
    key, mark, answer = (_text(row, name) for name in ("id", "mark", "answer"))
    day, note = _day(row, reading), _text(row, "note")
    if answer not in _ANSWERS:
        raise UserError("there is no such answer", "answer", answer[:60], f"use one of {', '.join(_ANSWERS)}")
    if answer == "wrong":
        raise UserError("somebody says that something is wrong here", key, note, LOOK)
    if key in reading.places:
        _again(key, answer, reading)
        return
    if re.fullmatch(r"own:\d{1,18}", key):
        version = int(mark) if re.fullmatch(r"\d{1,9}", mark) else 0
        values = {"closed": True} if answer == "closed" else {"closed": False, "last_checked": day}
        reading.sent[key] = Sent(key, version, values)
    elif re.fullmatch(r"osm:[nwr]\d{1,18}", key) and mark:
        reading.verdicts[key] = Judgement(key, "hide" if answer == "closed" else "keep", mark, day)
    else:
        raise UserError("this is not a record that was on the form", "id", key[:60], _SAVE)
    reading.places[key] = (CHECKED, number)


def _again(key: str, answer: str, reading: _Reading) -> None:
    """Count a second check of one record, or refuse it where it says the opposite."""
    if key in reading.sent:
        before = "closed" if reading.sent[key].fields["closed"] else "right"
    else:
        before = "closed" if reading.verdicts[key].verdict == "hide" else "right"
    if before != answer:
        raise UserError("two checks of one record say different things", "id", key, "ask who was there last")
    reading.duplicates += 1
