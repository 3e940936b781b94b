"""What a name speaks of."""

from __future__ import annotations

import pytest

from assetmap.catalogue import load_catalogue, shipped_layers
from assetmap.suggest import suggest_categories


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue(shipped_layers())


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("Mill Road Library", "library"),
        ("MILL ROAD LIBRARIES", "library"),
        ("St. Mary's Church Hall", "community-centre"),
        ("The Rose Café", "cafe"),
        ("Heath Allotments", "allotments"),
        ("Eastfield food bank", "food-bank"),
        ("Eastfield foodbnk", "food-bank"),
        ("Citizens advise", "advice-centre"),
    ],
)
def test_a_name_says_what_it_is(catalogue, name, category) -> None:
    assert category in [found.id for found in suggest_categories(name, catalogue)]


@pytest.mark.parametrize("name", ["", "   ", "12", "…", "\u202e", "{{7*7}}", "a" * 5000])
def test_hostile_or_empty_names_suggest_little_and_never_fail(catalogue, name) -> None:
    assert len(suggest_categories(name, catalogue)) <= 3


def test_a_refuge_is_never_suggested(catalogue) -> None:
    sensitive = {category.id for category in catalogue.categories.values() if category.sensitive}
    assert sensitive
    for name in ("refuge", "women's refuge", "safe house", "asylum hostel"):
        assert not sensitive & {found.id for found in suggest_categories(name, catalogue, 50)}
