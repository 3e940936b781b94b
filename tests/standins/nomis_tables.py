"""The census tables that the stand-in of Nomis knows: their numbers, categories and the names of their columns.

Numbers of data sets and dimensions (``NM_2023_1``, ``c2021_hhcomp_15``) are those of
https://www.nomisweb.co.uk/api/v01/dataset/def.sdmx.json as quoted in public code; the columns of the bulk files are
those of the files listed at https://www.nomisweb.co.uk/sources/census_2021_bulk. The two do not agree with one
another: the API says "One-person household", the bulk file "One person household"; some bulk tables end each column
in "; measures: Value" and some do not.
"""

from __future__ import annotations

from dataclasses import dataclass

VALUE = "; measures: Value"


@dataclass(frozen=True)
class Category:
    """A row of a table's code list; ``parts`` are the codes it is the sum of, none where it was counted itself."""

    code: int
    name: str
    parts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Table:
    """One topic summary: ``total`` is its first column, ``topic`` and ``ending`` frame the names in the bulk file."""

    number: str
    dataset: str
    dimension: str
    topic: str
    categories: tuple[Category, ...]
    ending: str = ""
    bulk_total: str | None = None

    @property
    def leaves(self) -> list[Category]:
        return [one for one in self.categories if not one.parts]

    def column(self, category: Category) -> str:
        name = category.name.replace("One-person", "One person")
        if category.code == 0 and self.bulk_total is not None:
            name = self.bulk_total
        return f"{self.topic}: {name}{self.ending}"


def _numbered(*names: str, start: int = 1) -> list[Category]:
    return [Category(code, name) for code, name in enumerate(names, start=start)]


def _totalled(total: str, categories: list[Category]) -> tuple[Category, ...]:
    leaves = tuple(one.code for one in categories if not one.parts)
    return (Category(0, total, leaves), *categories)


def _household() -> tuple[Category, ...]:
    family, couple = "Single family household", "Married or civil partnership couple"
    other, living = "Other household types", "Cohabiting couple family"
    return _totalled(
        "Total: All households",
        [
            Category(1001, "One-person household", (1, 2)),
            *_numbered("One-person household: Aged 66 years and over", "One-person household: Other"),
            Category(1002, family, tuple(range(3, 13))),
            *_numbered(f"{family}: All aged 66 years and over", start=3),
            Category(1003, f"{family}: {couple}", (4, 5, 6)),
            *_numbered(
                f"{family}: {couple}: No children",
                f"{family}: {couple}: Dependent children",
                f"{family}: {couple}: All children non-dependent",
                start=4,
            ),
            Category(1004, f"{family}: {living}", (7, 8, 9)),
            *_numbered(
                f"{family}: {living}: No children",
                f"{family}: {living}: With dependent children",
                f"{family}: {living}: All children non-dependent",
                start=7,
            ),
            Category(1005, f"{family}: Lone parent family", (10, 11)),
            *_numbered(
                f"{family}: Lone parent family: With dependent children",
                f"{family}: Lone parent family: All children non-dependent",
                start=10,
            ),
            Category(1006, f"{family}: Other single family household", (12,)),
            Category(12, f"{family}: Other single family household: Other family composition"),
            Category(1007, other, (13, 14)),
            Category(13, f"{other}: With dependent children"),
            Category(14, f"{other}: Other, including all full-time students and all aged 66 years and over"),
        ],
    )


def _partnership() -> tuple[Category, ...]:
    married = "Married or in a registered civil partnership"
    apart = "Separated, but still legally married or still legally in a civil partnership"
    divorced, widowed = "Divorced or civil partnership dissolved", "Widowed or surviving civil partnership partner"
    return _totalled(
        "Total: All usual residents aged 16 years and over",
        [
            Category(1, "Never married and never registered a civil partnership"),
            Category(1001, married, (2, 3, 4, 5)),
            Category(1002, f"{married}: Married", (2, 3)),
            *_numbered(f"{married}: Married: Opposite sex", f"{married}: Married: Same sex", start=2),
            Category(1003, f"{married}: In a registered civil partnership", (4, 5)),
            *_numbered(
                f"{married}: In a registered civil partnership: Opposite sex",
                f"{married}: In a registered civil partnership: Same sex",
                start=4,
            ),
            Category(1004, apart, (6, 7)),
            Category(6, f"{apart}: Separated, but still married"),
            Category(7, f"{apart}: Separated, but still in a registered civil partnership"),
            Category(1005, divorced, (8, 9)),
            Category(8, f"{divorced}: Divorced"),
            Category(9, f"{divorced}: Formerly in a civil partnership now legally dissolved"),
            Category(1006, widowed, (10, 11)),
            Category(10, f"{widowed}: Widowed"),
            Category(11, f"{widowed}: Surviving partner from civil partnership"),
        ],
    )


def _care() -> tuple[Category, ...]:
    few, some = "Provides 19 hours or less unpaid care a week", "Provides 20 to 49 hours unpaid care a week"
    return _totalled(
        "Total: All usual residents aged 5 and over",
        [
            Category(1, "Provides no unpaid care"),
            Category(1001, few, (2, 3)),
            Category(2, f"{few}: Provides 9 hours or less unpaid care a week"),
            Category(3, f"{few}: Provides 10 to 19 hours unpaid care a week"),
            Category(1002, some, (4, 5)),
            Category(4, f"{some}: Provides 20 to 34 hours unpaid care a week"),
            Category(5, f"{some}: Provides 35 to 49 hours unpaid care a week"),
            Category(6, "Provides 50 or more hours unpaid care a week"),
        ],
    )


def _disability() -> tuple[Category, ...]:
    disabled, other = "Disabled under the Equality Act", "Not disabled under the Equality Act"
    return _totalled(
        "Total: All usual residents",
        [
            Category(1001, disabled, (1, 2)),
            Category(1, f"{disabled}: Day-to-day activities limited a lot"),
            Category(2, f"{disabled}: Day-to-day activities limited a little"),
            Category(1002, other, (3, 4)),
            Category(
                3,
                f"{other}: Has long term physical or mental health condition but day-to-day activities are not limited",
            ),
            Category(4, f"{other}: No long term physical or mental health conditions"),
        ],
    )


def _english() -> tuple[Category, ...]:
    other = "Main language is not English (English or Welsh in Wales)"
    ways = (
        "Can speak English very well",
        "Can speak English well",
        "Cannot speak English well",
        "Cannot speak English",
    )
    return _totalled(
        "Total: All usual residents aged 3 years and over",
        [
            Category(1, "Main language is English (English or Welsh in Wales)"),
            Category(1001, other, (2, 3, 4, 5)),
            *_numbered(*(f"{other}: {way}" for way in ways), start=2),
        ],
    )


def _tenure() -> tuple[Category, ...]:
    return _totalled(
        "Total: All households",
        [
            Category(1001, "Owned", (1, 2)),
            *_numbered("Owned: Owns outright", "Owned: Owns with a mortgage or loan"),
            Category(1002, "Shared ownership", (3,)),
            Category(3, "Shared ownership: Shared ownership"),
            Category(1003, "Social rented", (4, 5)),
            Category(4, "Social rented: Rents from council or Local Authority"),
            Category(5, "Social rented: Other social rented"),
            Category(1004, "Private rented", (6, 7)),
            Category(6, "Private rented: Private landlord or letting agency"),
            Category(7, "Private rented: Other private rented"),
            Category(8, "Lives rent free"),
        ],
    )


_AGES = ["Aged 4 years and under", *(f"Aged {low} to {low + 4} years" for low in range(5, 85, 5))]

TABLES = {
    table.number: table
    for table in (
        Table(
            "ts001",
            "NM_2021_1",
            "C2021_RESTYPE_3",
            "Residence type",
            _totalled(
                "Total: All usual residents", _numbered("Lives in a household", "Lives in a communal establishment")
            ),
            VALUE,
            "Total",
        ),
        Table("ts002", "NM_2022_1", "C2021_LPSTAT_12", "Marital and civil partnership status", _partnership(), VALUE),
        Table("ts003", "NM_2023_1", "C2021_HHCOMP_15", "Household composition", _household(), VALUE, "Total"),
        Table(
            "ts007a",
            "NM_2020_1",
            "C2021_AGE_19",
            "Age",
            _totalled("Total", _numbered(*_AGES, "Aged 85 years and over")),
        ),
        Table(
            "ts011",
            "NM_2031_1",
            "C2021_DEP_6",
            "Household deprivation",
            _totalled(
                "Total: All households",
                _numbered(
                    "Household is not deprived in any dimension",
                    *(f"Household is deprived in {n} dimension{s}" for n, s in (("one", ""), ("two", "s"))),
                    *(f"Household is deprived in {n} dimensions" for n in ("three", "four")),
                ),
            ),
            VALUE,
        ),
        Table(
            "ts019",
            "NM_2039_1",
            "C2021_MIGIND_4",
            "Migrant indicator",
            _totalled(
                "Total: All usual residents",
                _numbered(
                    "Address one year ago is the same as the address of enumeration",
                    "Address one year ago is student term-time or boarding school address in the UK",
                    "Migrant from within the UK: Address one year ago was in the UK",
                    "Migrant from outside the UK: Address one year ago was outside the UK",
                ),
            ),
            VALUE,
        ),
        Table("ts029", "NM_2048_1", "C2021_ENGPRF_6", "Proficiency in English language", _english()),
        Table(
            "ts037",
            "NM_2055_1",
            "C2021_HEALTH_6",
            "General health",
            _totalled(
                "Total: All usual residents",
                _numbered(*(f"{how} health" for how in ("Very good", "Good", "Fair", "Bad", "Very bad"))),
            ),
        ),
        Table("ts038", "NM_2056_1", "C2021_DISABILITY_5", "Disability", _disability()),
        Table("ts039", "NM_2057_1", "C2021_CARER_7", "Provision of unpaid care", _care()),
        Table(
            "ts045",
            "NM_2063_1",
            "C2021_CARS_5",
            "Number of cars or vans",
            _totalled(
                "Total: All households",
                _numbered(
                    "No cars or vans in household",
                    "1 car or van in household",
                    "2 cars or vans in household",
                    "3 or more cars or vans in household",
                ),
            ),
        ),
        Table("ts054", "NM_2072_1", "C2021_TENURE_9", "Tenure of household", _tenure()),
    )
}

BY_DATASET = {table.dataset: table for table in TABLES.values()}
