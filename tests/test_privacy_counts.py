"""Counts of people: nothing that was told, taken together, gives away a count that was not."""

from __future__ import annotations

from datetime import date
from itertools import chain, combinations, product

import numpy as np
import pandas as pd
import pytest

from assetmap.privacy.counts import FEW, LEAST, mean_of, mean_over, suppress, tell_again, told_as_of, total, totals

#: Whole numbers small enough to go through every town there is, large enough to be told as 0, *, 10 and 15.
SMALL = range(14)
#: Two small areas, one beside the other, each crossed with one filter: "offers this" and "does not".
CELLS = [("near", "yes"), ("near", "no"), ("far", "yes"), ("far", "no")]
#: Whatever can be asked for: every part of the cells, so every wider area, every filter, and either with the other.
PARTS = list(chain.from_iterable(combinations(range(4), size) for size in range(1, 5)))


def told_of(most: int) -> np.ndarray:
    return suppress(pd.Series(range(most + 1))).to_numpy(object)


def narrowest(worlds: np.ndarray, published: np.ndarray, hidden: np.ndarray) -> int:
    """Return how many counts are possible, at the least, behind a cell that was told as ``*``.

    Whoever reads what was published (one row a world) knows it, the rules, and nothing else: a count is possible where
    some world with the same published figures has it.
    """
    _, same = np.unique(published, axis=0, return_inverse=True)
    fewest = []
    for cell in range(worlds.shape[1]):
        pairs = np.unique(np.column_stack([same.ravel(), worlds[:, cell]])[hidden[:, cell]], axis=0)
        fewest.append(np.unique(pairs[:, 0], return_counts=True)[1].min())
    return int(min(fewest))


@pytest.fixture(scope="module")
def worlds() -> np.ndarray:
    return np.array(list(product(SMALL, repeat=4)))


@pytest.fixture(scope="module")
def hidden(worlds) -> np.ndarray:
    return (told_of(max(SMALL)) == FEW)[worlds]


def test_property_nested_areas_and_filters_narrow_no_suppressed_count(worlds, hidden):
    """Every town of four cells with up to thirteen people in each: 38,416 of them, and all fifteen sums of cells."""
    known, words, told = [], {}, told_of(max(SMALL))
    kinds, codes = np.unique(told.astype(str), return_inverse=True)
    for part in PARTS:
        table = np.empty((len(kinds),) * len(part), dtype=int)
        for cells in product(range(len(kinds)), repeat=len(part)):
            alike = tuple(sorted(cells))
            if alike not in words:
                words[alike] = total(pd.Series(kinds[list(alike)], dtype="str"))
            table[cells] = hash(words[alike])
        known.append(table[tuple(codes[worlds[:, list(part)]].T)])
    assert narrowest(worlds, np.column_stack(known), hidden) == LEAST - 1, "each of 1 to 7 stays possible"


def test_property_planted_were_wider_counts_rounded_themselves_sevens_would_be_found(worlds, hidden):
    """What the test above relies on: the usual way of telling totals is caught by it."""
    wide = np.unique(told_of(4 * max(SMALL)).astype(str), return_inverse=True)[1]
    known = [wide[worlds[:, list(part)].sum(axis=1)] for part in PARTS]
    assert narrowest(worlds, np.column_stack(known), hidden) == 1
    assert suppress(pd.Series([28])).tolist() == ["30"], "four cells of * beside 30 are four sevens"


@pytest.fixture(scope="module")
def years() -> pd.DataFrame:
    """Every cell of up to fifteen people at one date, with whoever of them went and up to sixty who came until another.

    ``mended`` is what is told then by the rules, ``rounded`` what rounding alone would tell.
    """
    every = [(n, came, went) for n in range(16) for came in range(61) for went in range(n + 1)]
    table = pd.DataFrame(every, columns=["first", "came", "went"])
    table["later"] = table["first"] + table["came"] - table["went"]
    told = pd.Series(told_of(80), dtype="str")
    before, rounded = (told[table[name]].set_axis(table.index) for name in ("first", "later"))
    moved = table["came"] + table["went"]
    again = tell_again(before, moved, table["later"])
    # So large a count tells of the edge of this table alone.
    return table.assign(before=before, rounded=rounded, mended=again)[table["later"] <= 40]


def behind(known: pd.DataFrame, how: str) -> int:
    """Return how many counts are possible, at the least, behind ``*`` at either date."""
    told = known.groupby(["before", how])
    least = []
    for date_, words in (("first", "before"), ("later", how)):
        counts = told[date_].nunique().reset_index()
        least += counts.loc[counts[words] == FEW, date_].tolist()
    return min(least)


SOME = [(came, went) for came in range(LEAST) for went in range(LEAST - came) if came + went]


def test_property_two_dates_and_the_knowledge_of_any_seven_moves_narrow_no_suppressed_count(years):
    """Whoever knows of up to seven who came or went, as all that did or as some of them, still knows no count.

    But for those who knew them all before: behind ``*`` are seven at the most, so seven known ones are all.
    """
    for came, went in SOME:
        alone = years[(years["came"] == came) & (years["went"] == went)]
        assert behind(alone, "mended") == LEAST - max(1, went), "what is told stays as it was"
        among = years[(years["came"] >= came) & (years["went"] >= went)]
        assert behind(among, "mended") >= min(2, LEAST - max(1, came, went)), (came, went)
    assert behind(years, "mended") == LEAST - 1


def test_property_planted_rounding_alone_gives_away_a_change_of_one(years):
    alone = years[(years["came"] == 1) & (years["went"] == 0)]
    assert behind(alone, "rounded") == 1
    seven = alone[alone["first"] == 7].iloc[0]
    assert (seven["before"], seven["rounded"], seven["mended"]) == ("*", "10", "*"), "one joined, so there were seven"


def test_two_dates_of_nested_areas_and_filters_are_sums_of_what_was_told():
    index = pd.MultiIndex.from_tuples(CELLS, names=["area", "filter"])
    first = suppress(pd.Series([7, 12, 3, 0], index=index))
    moved, counts = pd.Series([1, 9, 2, 0], index=index), pd.Series([8, 21, 1, 0], index=index)
    later = tell_again(first, moved, counts)
    assert later.tolist() == ["*", "20", "*", "0"]
    area = pd.Series(index.get_level_values("area"), index=index)
    assert totals(first, area).to_dict() == {"far": "*", "near": "10"}
    assert totals(later, area).to_dict() == {"far": "*", "near": "20"}
    assert total(later) == total(pd.Series(["20", "*"])) == "20"


def test_what_was_never_told_is_told_and_what_moved_enough_is_told_anew():
    before = pd.Series([pd.NA, "10", "10"], dtype="str")
    assert tell_again(before, pd.Series([0, 8, 7]), pd.Series([9, 1, 99])).tolist() == ["10", "*", "10"]


def test_counts_are_told_as_of_four_days_a_year():
    days = pd.date_range("2026-01-01", "2027-12-31")
    told = {told_as_of(day.date()) for day in days}
    assert len(told) == 8
    assert all(told_as_of(day.date()) <= day.date() for day in days)
    assert told_as_of(date(2027, 1, 1)) == date(2027, 1, 1)


@pytest.mark.parametrize("many", [LEAST, LEAST + 1, 30])
def test_means_of_nested_areas_do_not_give_away_who_lives_in_one_only(many):
    """The mean of all is made of the means that were told: what the others said cancels out of no difference."""
    near, far = pd.Series([4.0] * many), pd.Series([1.0])
    told = suppress(pd.Series([len(near), len(far)]))
    means = pd.Series([mean_of(near), mean_of(far)], dtype="float64")
    assert mean_over(means, told) == 4.0
    for said in (0.0, 10.0):
        assert mean_over(pd.Series([mean_of(near), mean_of(pd.Series([said]))], dtype="float64"), told) == 4.0
    assert mean_over(pd.Series([None, None], dtype="float64"), pd.Series(["*", "*"])) is None
