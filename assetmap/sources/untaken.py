"""What an extract names that no category takes, in groups, with the reason why not.

The reading of an extract counts these objects and forgets them. This reads the file once more, keeps no object,
place or name, and counts the named ones by what they are, so that somebody who misses a kind of place can see whether
the street map holds it and why it was left.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import osmium
import pandas as pd

from assetmap import text
from assetmap.catalogue import Catalogue, shipped_layers
from assetmap.errors import FileRefusedError, LayerError

FILE = "untaken.toml"


@dataclass(frozen=True)
class Reasons:
    """Why named things are left: ``places`` by key and by ``key=value``, ``rest`` by key alone.

    An object belongs to the first key of ``places`` that it has, else to the first of ``rest``.
    """

    places: Mapping[str, str]
    values: Mapping[str, str]
    rest: Mapping[str, str]

    def of(self, key: str, value: str) -> str:
        """Return the reason for one group; a sentence asking for one where nobody has given any.

        Examples
        --------
        >>> read_reasons().of("shop", "clothes")
        'Things are bought here; people do not come for each other.'
        """
        return (
            self.values.get(f"{key}={value}") or self.places.get(key) or self.rest.get(key) or text.say("untaken-why")
        )


@dataclass(frozen=True)
class Untaken:
    """What was counted. ``named`` = ``taken`` + ``sensitive`` + the objects of ``groups`` and of ``rest``.

    ``groups`` (``tag``, ``objects``, ``reason``): kinds of place, the largest first. ``rest`` (``key``, ``objects``,
    ``reason``): streets, houses, stops and other things that are not places to go.
    """

    named: int
    taken: int
    sensitive: int
    groups: pd.DataFrame
    rest: pd.DataFrame

    def plain(self) -> dict[str, Any]:
        """Return it as plain data, with all groups."""
        tables = {"groups": self.groups.to_dict("records"), "rest": self.rest.to_dict("records")}
        return {"named": self.named, "taken": self.taken, "sensitive": self.sensitive, **tables}


def read_reasons(path: Path | None = None) -> Reasons:
    """Read the reasons for which named things are left.

    Parameters
    ----------
    path
        A file such as ``layers/untaken.toml``, which is read where none is given.

    Raises
    ------
    LayerError
        If a table of the file is missing or a reason is not a sentence.
    """
    path = path or shipped_layers() / FILE
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise LayerError("cannot be read", path.name, str(fault), "mend it or put it back") from fault
    for name in ("places", "values", "rest"):
        table = raw.get(name)
        if not isinstance(table, dict):
            raise LayerError("a table is missing", path.name, name, f"add [{name}] with a reason for each tag")
        for tag, reason in table.items():
            if not isinstance(reason, str) or not reason.strip():
                raise LayerError("a reason must be a sentence", f"{path.name}, {name}", tag, "say why it is left")
    return Reasons(*(MappingProxyType(dict(raw[name])) for name in ("places", "values", "rest")))


def count_untaken(path: Path, catalogue: Catalogue, reasons: Reasons) -> Untaken:
    """Count the named objects of an extract that no category takes.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``; the whole file is counted, also what lies outside a place.
    catalogue
        Whose categories take objects.
    reasons
        As from :func:`read_reasons`.

    Raises
    ------
    FileRefusedError
        If the file is not there or cannot be read to its end.
    """
    if not path.is_file():
        raise FileRefusedError("is not there", path.name, do="check the name and the folder")
    counts = _Counts()
    try:
        for thing in osmium.FileProcessor(str(path)).with_filter(osmium.filter.KeyFilter("name")):
            counts.add({tag.k: tag.v for tag in thing.tags}, catalogue, reasons)
    except (RuntimeError, ValueError, UnicodeDecodeError) as fault:
        raise FileRefusedError(
            "cannot be read to its end as OpenStreetMap data",
            path.name,
            str(fault).splitlines()[0][:120],
            "download the extract again",
        ) from fault
    return counts.tables(reasons)


class _Counts:
    """Adds objects up; every one ends in exactly one count."""

    def __init__(self) -> None:
        self.named = self.taken = self.sensitive = 0
        self.places: Counter[tuple[str, str]] = Counter()
        self.closed: Counter[tuple[str, str]] = Counter()
        self.rest: Counter[str] = Counter()

    def add(self, tags: Mapping[str, str], catalogue: Catalogue, reasons: Reasons) -> None:
        self.named += 1
        taker = catalogue.taker(tags)
        if taker is not None and taker.sensitive:
            self.sensitive += 1
        elif taker is not None:
            self.taken += 1
        elif key := next((key for key in reasons.places if tags.get(key, "no") != "no"), None):
            counter = self.closed if _is_asked_for(key, tags, catalogue) else self.places
            counter[key, tags[key].split(";")[0].strip()] += 1
        else:
            self.rest[next((key for key in reasons.rest if key in tags), "")] += 1

    def tables(self, reasons: Reasons) -> Untaken:
        rows = [(f"{key}={value}", n, reasons.of(key, value)) for (key, value), n in self.places.items()]
        shut = text.say("untaken-closed")
        rows += [(text.say("untaken-closed-tag", tag=f"{k}={v}"), n, shut) for (k, v), n in self.closed.items()]
        rest = [(key or text.say("untaken-name-only"), n, reasons.of(key, "")) for key, n in self.rest.items()]
        return Untaken(self.named, self.taken, self.sensitive, _table("tag", rows), _table("key", rest))


def _is_asked_for(key: str, tags: Mapping[str, str], catalogue: Catalogue) -> bool:
    """Tell whether a category asks for what this object is, and leaves it out as private, closed or the like."""
    return any(
        category.asks_for(tags) and any(key == needed for rule in category.osm for needed, _ in rule.needs)
        for category in catalogue.categories.values()
    )


def _table(first: str, rows: list[tuple[str, int, str]]) -> pd.DataFrame:
    ordered = sorted(rows, key=lambda row: (-row[1], row[0]))
    return pd.DataFrame(ordered, columns=[first, "objects", "reason"])
