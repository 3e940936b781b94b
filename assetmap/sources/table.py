"""Indicator tables: ``.csv`` and ``.csv.gz``, wide or long, to one rate for each zone and indicator.

Nobody has to say which column holds the area codes or which file holds which indicator: the code column is the
one in which the zones' ids occur, and the layer files under ``layers/indicators`` and ``layers/counts`` say by
which columns or rows a number is known (``reads``).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from assetmap.catalogue import Catalogue
from assetmap.errors import MissingColumnError
from assetmap.sources.area_codes import Table, locate, only, only_like, only_zones
from assetmap.sources.delimited import read_grid
from assetmap.sources.figures import Origin, read_counts, read_rates, to_numbers
from assetmap.sources.names import MSOA_CODE, OFFICIAL_NAME

KIND = "table"

#: The two-part class of 2021 by its code; zones carry the words.
RURAL_URBAN: Mapping[str, str] = MappingProxyType(
    {
        "UN1": "Urban: Nearer to a major town or city",
        "UF1": "Urban: Further from a major town or city",
        "RLN1": "Larger rural: Nearer to a major town or city",
        "RLF1": "Larger rural: Further from a major town or city",
        "RSN1": "Smaller rural: Nearer to a major town or city",
        "RSF1": "Smaller rural: Further from a major town or city",
    }
)

_AUTHORITY = re.compile(r"(E0[6-9]|W06|S12|N09)\d{6}")
_REGION = re.compile(r"E12\d{6}")
#: Headings under which tables give the name of a zone's ward: ward24_name, WD25NM, Ward name, ward.
_WARD_HEADING = re.compile(r"(ward|wd)\d{0,4}([ _]?(name|nm))?", re.IGNORECASE)
_LONDON = "E12000007"


@dataclass(frozen=True)
class IndicatorTables:
    """What the tables of a workspace say about its zones; every table and series is indexed by ``zone_id``.

    ``rates`` has one column for each indicator found (percent or score, NaN where missing); ``missing`` are the
    ids of indicators in no table; ``residents``, ``households``, ``rural_urban``, ``authority``, ``ward``, ``region``,
    ``official_name`` (such as Camden 001A) and ``msoa`` (codes) are None where no table holds them; ``provenance`` is
    by indicator or count id; ``notes`` are sentences on files left out or only partly used.
    """

    rates: pd.DataFrame
    residents: pd.Series[float] | None
    households: pd.Series[float] | None
    rural_urban: pd.Series[str] | None
    authority: pd.Series[str] | None
    ward: pd.Series[str] | None
    region: pd.Series[str] | None
    official_name: pd.Series[str] | None
    msoa: pd.Series[str] | None
    provenance: Mapping[str, tuple[Origin, ...]]
    missing: tuple[str, ...]
    notes: tuple[str, ...]


def read_tables(paths: Iterable[Path], zone_ids: Sequence[str], catalogue: Catalogue) -> IndicatorTables:
    """Read every indicator and count that the tables hold for these zones.

    Parameters
    ----------
    paths
        ``.csv`` or ``.csv.gz`` files with commas, semicolons or tabs, as :mod:`assetmap.sources.delimited` reads
        them. Where two files hold the same indicator the first goes, and the second fills only zones that have no
        row in the first.
    zone_ids
        Ids of the zones; all come out, in this order. Rows for other areas are left out.
    catalogue
        Layers whose ``reads`` say where numbers are found.

    Returns
    -------
    IndicatorTables
        Rates as percentages or scores. Withheld values (``*``, ``-``, ``[c]``, ``:``) and empty cells are NaN; so
        is a sum with a part missing and a division by 0.

    Raises
    ------
    MissingColumnError
        No column of a table holds the zones' codes.
    CensusYearError
        The codes of a table are those of another census.
    FileRefusedError
        A file is not a table of text, a cell is not a number, a share or percentage lies outside its bounds, or an
        area has two rows that differ.
    """
    zones = pd.Index(list(zone_ids), dtype="str", name="zone_id")
    notes: list[str] = []
    located = [table for path in paths if (table := locate(read_grid(path), zones, notes)) is not None]
    tables = [only_zones(table, zones, notes) for table in located]
    counts, provenance = read_counts(tables, catalogue, notes)
    rates, found = read_rates(tables, counts, catalogue, notes)
    authority = _label(tables, zones, _AUTHORITY)
    return IndicatorTables(
        rates=rates.reindex(zones),
        residents=counts["residents"].reindex(zones) if "residents" in counts else None,
        households=counts["households"].reindex(zones) if "households" in counts else None,
        rural_urban=_rural_urban(tables, zones),
        authority=authority,
        ward=_ward(tables, zones),
        region=_region(tables, zones, authority),
        official_name=_label(tables, zones, OFFICIAL_NAME),
        msoa=_label(tables, zones, MSOA_CODE),
        provenance=MappingProxyType(provenance | found),
        missing=tuple(name for name in catalogue.indicators if name not in rates),
        notes=tuple(dict.fromkeys(notes)),
    )


def read_numbers(paths: Iterable[Path], zone_ids: Sequence[str], column: str) -> pd.Series[float]:
    """Return one named column of the tables by zone, for figures that no layer file reads.

    Parameters
    ----------
    paths, zone_ids
        As for :func:`read_tables`; the first table that has the column goes.
    column
        Its name in the header.

    Returns
    -------
    pandas.Series
        Index ``zone_id``, NaN where the table holds no number for a zone.

    Raises
    ------
    MissingColumnError
        No table has the column.
    """
    zones = pd.Index(list(zone_ids), dtype="str", name="zone_id")
    tables = [table for path in paths if (table := locate(read_grid(path), zones, [])) is not None]
    for table in tables:
        if column in table.rows:
            kept = only(table, table.codes.isin(zones))
            values = to_numbers(kept, kept.rows[column], column).set_axis(pd.Index(kept.codes, name="zone_id"))
            return values[~values.index.duplicated()].reindex(zones)
    names = [name for table in tables for name in table.rows.columns]
    near = difflib.get_close_matches(column, names, 1)
    do = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(names[:20])}"
    raise MissingColumnError("there is no such column in the zones or the tables", "--population", column, do)


def read_labels(paths: Iterable[Path], zone_ids: Sequence[str], pattern: re.Pattern[str]) -> pd.Series[str] | None:
    """Return the first column of the tables most of whose cells have a pattern, such as the codes of larger areas.

    Parameters
    ----------
    paths, zone_ids
        As for :func:`read_tables`.
    pattern
        What a whole cell looks like.

    Returns
    -------
    pandas.Series or None
        Index ``zone_id``, missing where a cell has another form; None where no table has such a column.

    Raises
    ------
    MissingColumnError, CensusYearError, FileRefusedError
        As for :func:`read_tables`.
    """
    zones = pd.Index(list(zone_ids), dtype="str", name="zone_id")
    located = [table for path in paths if (table := locate(read_grid(path), zones, [])) is not None]
    return _label([only(table, table.codes.isin(zones)) for table in located], zones, pattern)


def reference_rates(paths: Iterable[Path], catalogue: Catalogue, zone_ids: Sequence[str] = ()) -> pd.DataFrame:
    """Return the rates of every area in the tables, to compare a place with all of England.

    Parameters
    ----------
    paths, catalogue
        As for :func:`read_tables`.
    zone_ids
        Ids of the place's zones, which tell the code column, and the country and size of area to compare with;
        without them these are the lower-layer areas of England (``E01...``).

    Returns
    -------
    pandas.DataFrame
        Index ``area_code``, one column for each indicator found, in percent or score; NaN where missing.

    Raises
    ------
    MissingColumnError, CensusYearError, FileRefusedError
        As for :func:`read_tables`.
    """
    zones = pd.Index(list(zone_ids), dtype="str")
    located = [table for path in paths if (table := locate(read_grid(path), zones, [])) is not None]
    tables = [only_like(table, zone_ids[0] if zone_ids else "E01000001") for table in located]
    counts, _ = read_counts(tables, catalogue, [])
    rates, _ = read_rates(tables, counts, catalogue, [])
    return rates.sort_index().rename_axis("area_code")


# --- Labels --------------------------------------------------------------------------------------------------


def _ward(tables: Sequence[Table], zones: pd.Index[str]) -> pd.Series[str] | None:
    """Return the name of each zone's ward, from the first table with one row for each zone that gives it."""
    for table in tables:
        for column in table.rows.columns if not table.is_long else ():
            if _WARD_HEADING.fullmatch(column) and column != table.code_column:
                names = table.rows[column].str.strip()
                held = names.where(names != "").set_axis(pd.Index(table.codes), axis=0)
                return held[~held.index.duplicated()].reindex(zones).rename(None)
    return None


def _rural_urban(tables: Sequence[Table], zones: pd.Index[str]) -> pd.Series[str] | None:
    known = frozenset(RURAL_URBAN) | frozenset(RURAL_URBAN.values())
    found = _label(tables, zones, re.compile("|".join(map(re.escape, sorted(known)))))
    return None if found is None else found.replace(dict(RURAL_URBAN))


def _region(tables: Sequence[Table], zones: pd.Index[str], authority: pd.Series[str] | None) -> pd.Series[str] | None:
    """Return the region's code as given; without one, London is known by the codes of its boroughs."""
    region = _label(tables, zones, _REGION)
    if region is None and authority is not None and authority.str.startswith("E09").any():
        region = authority.where(authority.isna(), _LONDON).where(authority.str.startswith("E09"))
    return region


def _label(tables: Sequence[Table], zones: pd.Index[str], pattern: re.Pattern[str]) -> pd.Series[str] | None:
    """Return the first column most of whose cells match, for tables with one row for each zone."""
    for table in tables:
        for column in table.rows.columns if not table.is_long else ():
            cells = table.cells[column]
            matching = sum(pattern.fullmatch(cell) is not None for cell in cells)
            if column != table.code_column and matching * 2 > len(cells):
                texts = table.rows[column].str.strip()
                fits = texts.str.fullmatch(pattern.pattern)
                return texts.where(fits).set_axis(pd.Index(table.codes), axis=0).reindex(zones).rename(None)
    return None
