"""What an own record says: its fields, and how each is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import pandas as pd

from assetmap import text
from assetmap.errors import OurError, UserError
from assetmap.schema import KINDS

TEXTS: Final = (
    "name",
    "kind",
    "category",
    "address",
    "contact",
    "opening_times",
    "accessibility",
    "offers",
    "at_risk",
    "licence",
    "identified_by",
    "languages",
    "cost",
    "wishes",
    "meets",
    "risk_date",
    "photo",
)
_FLAGS: Final = ("closed", "keep_off_map")
FIELDS: Final = (*TEXTS, "x", "y", "outline", "capacity", "last_checked", *_FLAGS)
#: What an own record can be; people are kept apart from all of these.
OPEN_KINDS: Final = tuple(kind for kind in KINDS if kind != "person")
#: Source of what people type in themselves.
COMMUNITY: Final = "community"


def own_record(values: Mapping[str, object]) -> dict[str, Any]:
    """Return what somebody typed in as the store keeps it, known by a number of its own.

    Raises
    ------
    UserError
        As :func:`add_asset`.
    """
    return source_record({"source": COMMUNITY, "source_id": uuid4().hex, **values})


def source_record(values: Mapping[str, object]) -> dict[str, Any]:
    """Return a new row with its ``source`` and ``source_id`` as the store keeps it.

    Raises
    ------
    UserError
        As :func:`add_asset`.
    """
    known = ("source", "source_id")
    require_fields({name: value for name, value in values.items() if name not in known}, "a new asset")
    return plain_record(values)


def as_kept(values: Mapping[str, object], where: str) -> dict[str, Any]:
    """Return values by field as the store keeps them.

    Raises
    ------
    UserError
        If a field is not known.
    """
    require_fields(values, where)
    return {name: kept_value(name, value) for name, value in values.items()}


def require_fields(values: Mapping[str, object], where: str) -> None:
    """Refuse a field that an own record does not have.

    Raises
    ------
    UserError
        Naming the first one.
    """
    unknown = [name for name in values if name not in FIELDS]
    if unknown:
        raise UserError("there is no such field", where, unknown[0], f"use one of {', '.join(FIELDS)}")


def plain_record(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return one row as the store keeps it, only the columns that were given."""
    record = {name: kept_value(name, row[name]) for name in FIELDS if name in row}
    for name in ("source", "source_id"):
        record[name] = _text(row.get(name))
    where = f"{record['source']} {record['source_id']}"
    if not record["source"] or not record["source_id"]:
        raise OurError("an own record needs source and source_id", where)
    if record.get("kind") not in KINDS:
        do = f"use one of {', '.join(KINDS)}"
        raise UserError("there is no such kind of asset", where, str(record.get("kind") or ""), do)
    if record["kind"] == "person":
        do = "add the group or the venue through which they are met"
        raise UserError("records about people are locked in this workspace", where, do=do)
    if not record.get("category"):
        raise UserError("an asset needs a category", where, do="name one of the files in layers/assets")
    return record


def kept_value(name: str, value: object) -> object:
    """Return one field's value as the store keeps it; None where it is not known.

    Examples
    --------
    >>> kept_value("capacity", "40"), kept_value("closed", None), kept_value("name", float("nan"))
    (40.0, 0, None)
    """
    if name in _FLAGS:
        return int(bool(value)) if _is_known(value) else 0
    if not _is_known(value):
        return None
    if name in ("x", "y", "capacity"):
        return float(str(value)) if isinstance(value, str) else float(value)  # type: ignore[arg-type]
    if name == "last_checked":
        return pd.Timestamp(value).date().isoformat()  # type: ignore[arg-type]
    if name == "outline":
        return bytes(value)  # type: ignore[call-overload]
    return _text(value)


def _is_known(value: object) -> bool:
    return value is not None and value is not pd.NaT and value is not pd.NA and value == value


def _text(value: object) -> str | None:
    """Return text byte for byte, save what no database can hold (NUL, lone surrogates)."""
    return text.without_control(str(value)) if _is_known(value) else None
