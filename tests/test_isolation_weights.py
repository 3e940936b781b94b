"""Weights of figures and themes: what is in use, what is refused, and that they do what they say."""

from __future__ import annotations

import dataclasses
import json
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from village import write_village

from assetmap import cli, intake, study
from assetmap.catalogue import load_catalogue
from assetmap.errors import NoIndexError, UsageError
from assetmap.isolation import Recipe, build_index, check_theme_weights, check_weights, own_weights, weights_in_use
from assetmap.roles import Actor
from assetmap.store.workspace import change_settings, open_workspace

SHIPPED = load_catalogue()
INDEX = SHIPPED.indices["isolation"]
ALL = tuple(SHIPPED.indicators)


def in_use(loaded, chosen, index=INDEX):
    return weights_in_use(index, SHIPPED.indicators, loaded, chosen)


def test_oracle_the_files_own_weights_are_equal_within_a_domain() -> None:
    told = in_use(ALL, {})
    on = told[told["weight"] > 0]
    assert len(on) == 8
    # Two domains of four figures each: an eighth of the whole.
    assert on["share"].tolist() == pytest.approx([1 / 8] * 8)
    assert told.loc[told["weight"] == 0, "share"].eq(0).all()
    assert told.loc["bad-health+limited-a-lot", "indicators"] == ("bad-health", "limited-a-lot")
    assert told.loc["bad-health+limited-a-lot", "label"] == (
        "In bad or very bad health; Day-to-day activities limited a lot"
    )
    assert told["loaded"].all()


def test_oracle_shares_worked_by_hand() -> None:
    loaded = ["lives-alone-66-plus", "moved-last-year", "bad-health", "no-car"]
    told = in_use(loaded, {"people-alone": 3, "moved-last-year": 2, "bad-health": 0.5})
    shares = told.loc[told["share"] > 0, "share"].round(6).to_dict()
    assert shares == {
        "lives-alone-66-plus": 0.25,  # 3/4 of the whole, a third of its domain
        "moved-last-year": 0.5,
        "bad-health+limited-a-lot": round(0.25 / 3, 6),
        "no-car": round(0.25 * 2 / 3, 6),
    }
    assert told.loc["limited-english", ["weight", "share", "loaded"]].tolist() == [1.0, 0.0, False]
    assert told["domain_weight"].unique().tolist() == [3.0, 1.0]


def test_a_domain_without_any_loaded_figure_has_no_share() -> None:
    told = in_use(["no-car", "limited-english"], {})
    assert told.groupby("domain")["share"].sum().to_dict() == {"barriers": 1.0, "people-alone": 0.0}
    assert in_use([], {})["share"].eq(0).all()


def test_keys_of_other_indices_wait_for_their_index() -> None:
    chosen = {"lone-parents": 2.0, "no-car": 0.0}
    assert own_weights(INDEX, chosen) == {"no-car": 0.0}
    assert in_use(ALL, chosen).loc["no-car", "weight"] == 0
    working = in_use(ALL, chosen, SHIPPED.indices["isolation-working-age"])
    assert working.loc["lone-parents", "weight"] == 2
    assert check_weights(INDEX, SHIPPED.indices.values(), chosen) == {"no-car": 0.0}


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"no-cars": 1.0}, "did you mean no-car?"),
        ({"barrier": 1.0}, "did you mean barriers?"),
        ({"xyz": 1.0}, "weights may be given to"),
        ({"no-car": -1.0}, "a weight must be zero or more"),
        ({"no-car": float("nan")}, "a weight must be zero or more"),
        ({"lone-parents": float("inf")}, "a weight must be zero or more"),
        ({"bad-health": 1.0, "limited-a-lot": 2.0}, "one figure is given two weights"),
        ({"people-alone": 0.0, "barriers": 0.0}, "every domain has the weight 0"),
        (
            dict.fromkeys(["bad-health", "no-car", "limited-english", "unpaid-care-50-plus"], 0.0),
            "leave the domain out with barriers = 0",
        ),
    ],
)
def test_weights_that_make_no_sense_are_refused(chosen: dict[str, float], words: str) -> None:
    with pytest.raises(UsageError) as fault:
        check_weights(INDEX, SHIPPED.indices.values(), chosen)
    assert words in str(fault.value)


def test_a_domain_may_be_left_out_by_its_own_weight() -> None:
    none = dict.fromkeys(["bad-health", "no-car", "limited-english", "unpaid-care-50-plus"], 0.0)
    assert check_weights(INDEX, SHIPPED.indices.values(), none | {"barriers": 0.0})
    told = in_use(ALL, {"barriers": 0.0})
    assert told.loc[told["domain"] == "barriers", "share"].eq(0).all()


def test_what_is_off_is_switched_on_by_a_weight() -> None:
    told = in_use(ALL, {"income-deprivation": 1.0})
    assert told.loc["income-deprivation", "share"] == pytest.approx(0.5 / 5)


def test_theme_weights_are_checked_in_the_same_words() -> None:
    themes = SHIPPED.themes
    check_theme_weights(themes, {"food": 2.0})
    with pytest.raises(UsageError, match="did you mean food"):
        check_theme_weights(themes, {"foods": 2.0})
    with pytest.raises(UsageError, match="zero or more"):
        check_theme_weights(themes, {"food": -2.0})
    with pytest.raises(UsageError, match="every theme has the weight 0"):
        check_theme_weights(themes, dict.fromkeys(themes, 0.0))


weights = st.sampled_from([0.0, 0.5, 1.0, 2.0, 7.0])


@given(st.lists(weights, min_size=2, max_size=2), st.lists(weights, min_size=4, max_size=4), st.integers(1, 9))
def test_property_the_table_shows_what_the_index_does(domains, barriers, times) -> None:
    """The weights shown are those the index uses, and only proportions matter."""
    rates = pd.DataFrame(
        {name: [((k + 3) * (n + 2)) % 17 for k in range(12)] for n, name in enumerate(INDEX.indicators)}, dtype=float
    )
    names = ["bad-health", "no-car", "limited-english", "unpaid-care-50-plus"]
    chosen = dict(zip(["people-alone", "barriers"], domains, strict=True)) | dict(zip(names, barriers, strict=True))
    try:
        built = build_index(rates, INDEX, SHIPPED.indicators, Recipe(weights=chosen))
    except UsageError:
        with pytest.raises(UsageError):
            check_weights(INDEX, SHIPPED.indices.values(), chosen)
        return
    except NoIndexError:
        told = in_use(ALL, chosen)
        assert told.loc[told["share"] > 0, "indicators"].map(len).sum() < 3
        return
    told = in_use(ALL, chosen)
    shown = told.loc[told["share"] > 0, "weight"].to_dict()
    assert {part.id: part.weight for part in built.parts} == shown
    assert told["share"].sum() == pytest.approx(1.0)
    again = build_index(
        rates, INDEX, SHIPPED.indicators, Recipe(weights={k: times * w for k, w in chosen.items()} | rest(times))
    )
    assert again.percentile.tolist() == built.percentile.tolist()


def rest(times: int) -> dict[str, float]:
    people = [m.indicators[0] for d in INDEX.domains if d.id == "people-alone" for m in d.members if not m.optional]
    return dict.fromkeys(people, float(times))


def test_a_heavier_figure_moves_the_order_its_way() -> None:
    people = [m.indicators[0] for d in INDEX.domains for m in d.members if not m.optional]
    rates = pd.DataFrame({name: [1.0, 2.0, 3.0, 4.0] for name in people}).assign(**{"no-car": [4.0, 3.0, 2.0, 1.0]})
    light = build_index(rates, INDEX, SHIPPED.indicators)
    heavy = build_index(rates, INDEX, SHIPPED.indicators, Recipe(weights={"no-car": 9.0, "barriers": 9.0}))
    assert light.percentile.is_monotonic_increasing
    assert heavy.percentile.is_monotonic_decreasing


def test_the_catalogue_is_untouched() -> None:
    before = dataclasses.asdict(INDEX)
    in_use(ALL, {"no-car": 3.0})
    assert dataclasses.asdict(INDEX) == before


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    steps = intake.make_workspace(
        tmp_path_factory.mktemp("weights") / "w",
        "Nether Village",
        write_village(tmp_path_factory.mktemp("files") / "f"),
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def gaps(workspace, capsys, *words: str) -> tuple[int, dict]:
    code = cli.main(["gaps", str(workspace.folder), "--json", *words])
    return code, json.loads(capsys.readouterr().out)


def test_the_command_line_takes_weights_without_keeping_them(village, capsys) -> None:
    code, plain = gaps(village, capsys)
    assert code == 0
    assert plain["index"] == "isolation-published"
    code, weighed = gaps(
        village, capsys, "--weight", "disabled=0", "--weight", "barriers=2", "--theme-weight", "food=3"
    )
    assert code == 0
    assert "disabled" in plain["correlations"]["indicators"]
    assert "disabled" not in weighed["correlations"]["indicators"]
    assert weighed["fingerprint"] != plain["fingerprint"]
    assert gaps(village, capsys)[1]["fingerprint"] == plain["fingerprint"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--weight", "disabld=1"), "did you mean disabled?"),
        (("--weight", "disabled=-1"), "zero or more"),
        (("--weight", "disabled=much"), "not a name and a number"),
        (("--weight", "disabled"), "lacks a weight"),
        (("--weight", "barriers=0", "--weight", "people-alone=0"), "every domain has the weight 0"),
        (("--theme-weight", "foods=1"), "did you mean food?"),
        (("--theme-weight", "food=-1"), "zero or more"),
    ],
)
def test_the_command_line_refuses_weights_that_make_no_sense(village, capsys, words, says) -> None:
    code, told = gaps(village, capsys, *words)
    assert code == 2
    assert says in told["error"]["what"] + told["error"]["do"]


def test_weights_are_kept_with_the_workspace_and_its_studies(village) -> None:
    chosen = {"bad-health+limited-a-lot": 0.5, "disabled": 2.0, "barriers": 3.0}
    changed = change_settings(village, village.settings.but(index_weights=chosen), Actor("ada", "steward"))
    again = open_workspace(village.folder)
    assert again.settings == changed.settings
    assert dict(again.settings.index_weights) == chosen
    made = study.finish(study.build(again, "worker", again.settings, date(2026, 11, 22)))
    assert made.isolation.domain_weights["barriers"] == 3.0
    assert {part.id: part.weight for part in made.isolation.parts}["disabled"] == 2.0
    assert made.settings.index_weights == chosen
    change_settings(village, village.settings, Actor("ada", "steward"))
