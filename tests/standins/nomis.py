"""Nomis: the census as an API and as bulk zips.

Written from

- https://www.nomisweb.co.uk/api/v01/help (``/api/v01/dataset/<id>.data.csv``, ``date``, ``geography`` by number, by
  code, by ``a...b`` and by ``TYPE<n>``, ``measures``, ``select``, ``RecordLimit``, ``RecordOffset``, ``uid``),
- https://docs.evanodell.com/nomisr/articles/introduction.html and https://github.com/ropensci/nomisr (25,000 rows a
  call for guests, more with a ``uid``; a limit on calls whose figure is not published),
- https://www.nomisweb.co.uk/sources/census_2021_bulk (``census2021-ts003.zip`` holding ``census2021-ts003-lsoa.csv``).

A short answer says nothing by itself: ``RECORD_COUNT`` holds how many rows there are in all, and a page that is as
long as the limit may not be the last. A query that matches nothing is an empty body with status 200, not an error.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from standins.messages import CSV, Reply, Request
from standins.nomis_tables import BY_DATASET, TABLES, Category, Table
from standins.server import Site, serve, tag_of, zipped

GUEST_ROWS = 25_000
MEMBER_ROWS = 100_000
PUBLISHED = 1_670_000_000.0

TYPES = {
    "TYPE150": ("oa", "2021 output areas", 150),
    "TYPE151": ("lsoa", "2021 super output areas - lower layer", 151),
    "TYPE152": ("msoa", "2021 super output areas - middle layer", 152),
}
_TYPE_OF = {kind: (name, number) for kind, name, number in TYPES.values()}
MEASURES = {20100: "Value", 20301: "Percent"}


@dataclass(frozen=True)
class Area:
    """A small area; ``within`` are the codes of what it lies in."""

    code: str
    name: str
    kind: str
    within: frozenset[str] = frozenset()


@dataclass
class Census:
    """Counts by table, area and category: ``counts["ts003"]["E01000001"][1]``."""

    areas: dict[str, Area] = field(default_factory=dict)
    counts: dict[str, dict[str, dict[int, int]]] = field(default_factory=dict)

    def add(self, table: str, area: Area, leaves: Mapping[int, int]) -> None:
        """Give an area its counted categories; sums are made from them."""
        self.areas[area.code] = area
        known = {one.code for one in TABLES[table].leaves}
        full = {code: int(leaves.get(code, 0)) for code in known}
        for one in TABLES[table].categories:
            if one.parts:
                full[one.code] = sum(full[part] for part in one.parts)
        self.counts.setdefault(table, {})[area.code] = full

    def numbers(self) -> dict[str, int]:
        """The areas' numbers in Nomis. The real ones are not known here; these only keep the order of the codes."""
        return {code: 633_000_000 + place for place, code in enumerate(sorted(self.areas))}

    def kinds(self, table: str) -> list[str]:
        return sorted({self.areas[code].kind for code in self.counts.get(table, {})})


class Nomis:
    """The API and the bulk files over one census; ``rows`` and ``member_rows`` are the limits of a call."""

    def __init__(self, census: Census, *, rows: int = GUEST_ROWS, member_rows: int = MEMBER_ROWS) -> None:
        self.census = census
        self.rows = rows
        self.member_rows = member_rows
        self._numbers = census.numbers()

    def answer(self, request: Request) -> Reply:
        asked = re.fullmatch(r"/api/v01/dataset/(\w+)\.data\.csv", request.path)
        if asked and asked.group(1).upper() in BY_DATASET:
            return self._data(BY_DATASET[asked.group(1).upper()], request.lower)
        packed = re.fullmatch(r"/output/census/2021/census2021-(ts\d+\w?)\.zip", request.path)
        if packed and packed.group(1) in self.census.counts:
            content = bulk_zip(self.census, TABLES[packed.group(1)])
            return Reply(content, kind="application/x-zip-compressed", etag=tag_of(content), modified=PUBLISHED)
        return Reply(b"<html><body><h1>Page not found</h1></body></html>", status=404)

    def empty(self, _request: Request) -> Reply:
        return Reply(b"", kind=CSV)

    def wrong(self, _request: Request) -> Reply:
        return Reply(b'"TIME","AREA","VALUE"\n"2021","E01000001",1\n', kind=CSV)

    def _data(self, table: Table, asked: Mapping[str, str]) -> Reply:
        areas = self._areas(table, asked.get("geography", ""))
        categories = _picked(table, asked.get(table.dimension.lower()))
        measures = [one for one in MEASURES if one in _numbers(asked.get("measures", "20100,20301"))]
        head = _columns(table)
        wanted = [name.strip().upper() for name in asked.get("select", ",".join(head)).split(",")]
        if asked.get("date", "latest") not in ("latest", "2021") or not set(wanted) <= set(head):
            return self.empty_body()
        every = list(product(areas, categories, measures))
        if not every:
            return self.empty_body()
        limit = self.member_rows if asked.get("uid") else self.rows
        start = int(asked.get("recordoffset", "0"))
        size = min(int(asked.get("recordlimit", str(limit))), limit)
        text = io.StringIO()
        write = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        write.writerow(wanted)
        for at, (area, category, measure) in enumerate(every[start : start + size], start=start):
            row = self._row(table, area, category, measure) | {"RECORD_OFFSET": at, "RECORD_COUNT": len(every)}
            write.writerow([row[name] for name in wanted])
        return Reply(text.getvalue().encode(), kind=CSV)

    def empty_body(self) -> Reply:
        return Reply(b"", kind=CSV)

    def _areas(self, table: Table, text: str) -> list[Area]:
        held = [self.census.areas[code] for code in sorted(self.census.counts.get(table.number, {}))]
        chosen: dict[str, Area] = {}
        for part in filter(None, (one.strip() for one in text.split(","))):
            for area in held:
                if self._means(part, area):
                    chosen.setdefault(area.code, area)
        return list(chosen.values())

    def _means(self, part: str, area: Area) -> bool:
        """Whether one item of ``geography`` takes an area in."""
        low, dots, high = part.partition("...")
        if dots:
            number = self._numbers[area.code]
            return int(low) <= number <= int(high) if low.isdigit() else low <= area.code <= high
        whole, _, number_of_type = part.upper().partition("TYPE")
        if number_of_type:
            kind = TYPES.get(f"TYPE{number_of_type}", ("",))[0]
            return area.kind == kind and (not whole or whole in area.within)
        return part in (area.code, str(self._numbers[area.code]))

    def _row(self, table: Table, area: Area, category: Category, measure: int) -> dict[str, Any]:
        counts = self.census.counts[table.number][area.code]
        value: float = counts[category.code]
        if measure == 20301:
            value = round(100 * value / counts[0], 1) if counts[0] else 0.0
        type_name, type_number = _TYPE_OF[area.kind]
        order = [one.code for one in table.categories].index(category.code)
        dimension = table.dimension
        return {
            "DATE": 2021,
            "DATE_NAME": "2021",
            "DATE_CODE": 2021,
            "DATE_TYPE": "date",
            "DATE_TYPECODE": 0,
            "DATE_SORTORDER": 0,
            "GEOGRAPHY": self._numbers[area.code],
            "GEOGRAPHY_NAME": area.name,
            "GEOGRAPHY_CODE": area.code,
            "GEOGRAPHY_TYPE": type_name,
            "GEOGRAPHY_TYPECODE": type_number,
            "GEOGRAPHY_SORTORDER": self._numbers[area.code] - 633_000_000,
            dimension: category.code,
            f"{dimension}_NAME": category.name,
            f"{dimension}_CODE": f"_{category.code}" if category.code < 1000 else category.code,
            f"{dimension}_TYPE": f"{table.topic} categories",
            f"{dimension}_TYPECODE": 0 if not category.parts else 1000,
            f"{dimension}_SORTORDER": order,
            "MEASURES": measure,
            "MEASURES_NAME": MEASURES[measure],
            "OBS_VALUE": value,
            "OBS_STATUS": "A",
            "OBS_STATUS_NAME": "Normal Value",
            "OBS_CONF": "F",
            "OBS_CONF_NAME": "Free (free for publication)",
            "URN": f"{table.dataset}d1{self._numbers[area.code]}d2{category.code}",
        }


def _columns(table: Table) -> list[str]:
    parts = ("", "_NAME", "_CODE", "_TYPE", "_TYPECODE", "_SORTORDER")
    names = [f"{name}{part}" for name in ("DATE", "GEOGRAPHY", table.dimension) for part in parts]
    observed = "OBS_VALUE OBS_STATUS OBS_STATUS_NAME OBS_CONF OBS_CONF_NAME URN RECORD_OFFSET RECORD_COUNT"
    return [*names, "MEASURES", "MEASURES_NAME", *observed.split()]


def _numbers(text: str) -> set[int]:
    """``0,4...6`` as numbers."""
    found: set[int] = set()
    for part in filter(None, (one.strip() for one in text.split(","))):
        low, _, high = part.partition("...")
        found |= set(range(int(low), int(high or low) + 1))
    return found


def _picked(table: Table, text: str | None) -> Sequence[Category]:
    if text is None:
        return table.categories
    wanted = _numbers(text)
    return [one for one in table.categories if one.code in wanted]


def bulk_csv(census: Census, table: Table, kind: str) -> bytes:
    """One file of a bulk zip: a row for each area, a column for each category, no percentages."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    write.writerow(["date", "geography", "geography code", *(table.column(one) for one in table.categories)])
    for code in sorted(census.counts[table.number]):
        area = census.areas[code]
        if area.kind == kind:
            counts = census.counts[table.number][code]
            write.writerow([2021, area.name, code, *(counts[one.code] for one in table.categories)])
    return text.getvalue().encode()


def bulk_zip(census: Census, table: Table) -> bytes:
    """The zip: a file for each kind of area that is held, and what the table is."""
    files = {
        f"census2021-{table.number}-{kind}.csv": bulk_csv(census, table, kind) for kind in census.kinds(table.number)
    }
    about = f"{table.number.upper()} - {table.topic}\nCensus 2021\nSource: ONS\n"
    return zipped({**files, f"metadata/{table.number}-2021-1.txt": about.encode()})


@contextlib.contextmanager
def running(census: Census, *, certificate: Any = None, **settings: Any) -> Iterator[Site]:
    """Serve the census; ``site.url`` stands for ``https://www.nomisweb.co.uk``."""
    with serve(Nomis(census, **settings), certificate=certificate) as site:
        yield site
