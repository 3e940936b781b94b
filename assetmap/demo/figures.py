"""Census-like figures for the zones, in the form of the bulk tables of the census."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from assetmap.demo.homes import Homes
from assetmap.demo.layout import Layout
from assetmap.demo.plan import TownPlan

#: From the highest need down: four zones of high need, two of some.
NEED = {
    "talk-here-first": 1.00,
    "nobody-mapped-it": 0.96,
    "cut-off-by-the-railway": 0.92,
    "strong-base": 0.88,
    "end-of-the-map": 0.78,
    "served-from-beyond": 0.74,
}
NOISE = 0.012
HIGH, SOME, LITTLE = (0.88, 1.0), (0.70, 0.79), (0.0, 0.61)
_VALUE = "; measures: Value"
_STATUS = "Marital and civil partnership status: "
_MOVED = "Migrant indicator: "
_OTHER_LANGUAGE = "Proficiency in English language: Main language is not English (English or Welsh in Wales): "
_HOUSE, _PEOPLE = "households", "residents"
#: Numerator columns, total column, base, least and most of the share of people or households.
FIGURES: tuple[tuple[tuple[str, ...], str, str, float, float], ...] = (
    (
        (f"Household composition: One person household: Aged 66 years and over{_VALUE}",),
        f"Household composition: Total{_VALUE}",
        _HOUSE,
        0.06,
        0.24,
    ),
    (
        (f"Household composition: One person household: Other{_VALUE}",),
        f"Household composition: Total{_VALUE}",
        _HOUSE,
        0.10,
        0.30,
    ),
    (
        (
            f"{_STATUS}Separated, but still legally married or still legally in a civil partnership{_VALUE}",
            f"{_STATUS}Divorced or civil partnership dissolved{_VALUE}",
            f"{_STATUS}Widowed or surviving civil partnership partner{_VALUE}",
        ),
        f"{_STATUS}Total{_VALUE}",
        _PEOPLE,
        0.12,
        0.27,
    ),
    (
        (
            f"{_MOVED}Address one year ago is student term-time or boarding school address in the UK{_VALUE}",
            f"Migrant indicator: Migrant from within the UK: Address one year ago was in the UK{_VALUE}",
            f"Migrant indicator: Migrant from outside the UK: Address one year ago was outside the UK{_VALUE}",
        ),
        f"Migrant indicator: Total: All usual residents{_VALUE}",
        _PEOPLE,
        0.06,
        0.18,
    ),
    (
        ("General health: Bad health", "General health: Very bad health"),
        "General health: Total: All usual residents",
        _PEOPLE,
        0.03,
        0.12,
    ),
    (
        ("Disability: Disabled under the Equality Act: Day-to-day activities limited a lot",),
        "Disability: Total: All usual residents",
        _PEOPLE,
        0.05,
        0.15,
    ),
    (
        ("Number of cars or vans: No cars or vans in household",),
        "Number of cars or vans: Total: All households",
        _HOUSE,
        0.10,
        0.48,
    ),
    (
        (
            f"{_OTHER_LANGUAGE}Cannot speak English well",
            f"{_OTHER_LANGUAGE}Cannot speak English",
        ),
        "Proficiency in English language: Total: All usual residents aged 3 years and over",
        _PEOPLE,
        0.005,
        0.05,
    ),
    (
        ("Provision of unpaid care: Provides 50 or more hours unpaid care a week",),
        "Provision of unpaid care: Total: All usual residents aged 5 and over",
        _PEOPLE,
        0.02,
        0.055,
    ),
)


def need_of_zones(plan: TownPlan, layout: Layout) -> npt.NDArray[np.float64]:
    """Return how common the circumstances are in each zone, 0-1.

    As many zones as lie at or above the 80th percentile have HIGH need, as many as lie between the 60th and the 80th
    have SOME, so that the planted zones keep their place in towns of any size.
    """
    rng = plan.rng("need")
    need = rng.uniform(*LITTLE, plan.zones)
    planted = {int(layout.zone[layout.roles[role]]): value for role, value in NEED.items()}
    others = rng.permutation(np.setdiff1d(np.arange(plan.zones), list(planted)))
    percentiles = (np.arange(plan.zones) + 0.5) / plan.zones
    high = int((percentiles >= 0.8).sum()) - sum(value >= HIGH[0] for value in NEED.values())
    some = int(((percentiles >= 0.6) & (percentiles < 0.8)).sum()) - sum(value < HIGH[0] for value in NEED.values())
    need[others[:high]] = rng.uniform(*HIGH, high)
    need[others[high : high + some]] = rng.uniform(*SOME, some)
    need[list(planted)] = list(planted.values())
    return need


def count_figures(plan: TownPlan, layout: Layout, homes: Homes) -> pd.DataFrame:
    """Return one row per zone: residents, households and the counts of each table, none above its total."""
    rng = plan.rng("figures")
    need = need_of_zones(plan, layout)
    table = pd.DataFrame({"total_residents": homes.zones["residents"], "total_households": homes.zones["households"]})
    for parts, total, base, least, most in FIGURES:
        whole = homes.zones[base].to_numpy()
        level = np.clip(need + rng.normal(0.0, NOISE, len(need)), 0.0, 1.05)
        number = np.floor((least + (most - least) * level) * whole).astype(np.int64)
        share = np.array([[1.0], [0.7, 0.3], [0.2, 0.5, 0.3]][len(parts) - 1])
        split = np.floor(number[:, None] * share).astype(np.int64)
        split[:, 0] += number - split.sum(axis=1)
        counts = {name: split[:, k] for k, name in enumerate(parts)}
        table = table.assign(**counts, **{total: whole})
    return table.assign(ruc21_code="UN1")
