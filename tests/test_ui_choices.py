"""How we count, as controls: each changes what is shown, stays, travels in the link, and can be kept and taken back."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from screens import AppTest
from streamlit.util import calc_hash
from test_ui_app import HOSTILE, demo_workspace, drawn, make, open_app, said, village, words  # noqa: F401 (fixtures)
from village import Village

from assetmap import text
from assetmap.catalogue import load_catalogue
from assetmap.errors import NoIndexError
from assetmap.isolation import build_index, correlate
from assetmap.roles import ROLES, can
from assetmap.schema import Settings
from assetmap.store.workspace import change_settings, open_workspace
from assetmap.ui import changes, choices, kinds, likeness, state, weighing
from assetmap.ui.cache import Shown

# The fixtures are imported by name.
# ruff: noqa: F811


def control(app: AppTest, key: str):
    """The segmented control or pills with this key."""
    (found,) = [group for group in app.get("button_group") if group.key == key]
    return found


def there(app: AppTest, key: str) -> bool:
    return any(button.key == key for button in app.button)


def go(app: AppTest, path: str) -> AppTest:
    app._page_hash = calc_hash(path)
    return app.run()


def toasts(app: AppTest) -> str:
    return " ".join(toast.value for toast in app.toast)


def save_name(app: AppTest) -> AppTest:
    (save,) = [button for button in app.button if button.label == "Save this name"]
    return save.click().run()


@pytest.fixture
def counting(monkeypatch, drawn, village):
    """The list of the village, and the settings and the study it was last drawn under."""
    return open_app(monkeypatch, village, "where-to-start")


SWITCHES = (
    ("walker", "slow", "at a slow pace"),
    ("hours", "sunday", "on a Sunday"),
    ("hours", "evening", "in the evening"),
)
SAID_IN_FULL = {"slow": "0.8 metres a second", "sunday": "between 10 am and 6 pm", "evening": "between 6 pm and 9 pm"}


@pytest.mark.parametrize(("name", "value", "spoken"), SWITCHES)
def test_a_switch_changes_the_answer_stays_and_travels(monkeypatch, drawn, village, counting, name, value, spoken):
    before = drawn[-1][1].study
    control(counting, f"choice-{name}").set_value(value).run()
    question, shown, _ = drawn[-1]
    assert question.settings == Settings(**{name: value})
    assert not shown.study.gaps["access"].equals(before.gaps["access"]), "other walks, other places within them"
    assert spoken in words(counting).split("In the list:")[0], "the list says under which choices it holds"
    assert said(counting) == {name: value}
    go(counting, "map")
    assert SAID_IN_FULL[value] in words(counting)
    go(counting, "where-to-start")
    assert control(counting, f"choice-{name}").value == value
    again = open_app(monkeypatch, village, "map", zone="V000", **{name: value})
    assert drawn[-1][0].settings == Settings(**{name: value})
    assert f"Walks here are counted {spoken}" in words(again)
    usual = {"walker": "usual", "hours": "any"}[name]
    control(counting, f"choice-{name}").set_value(usual).run()
    assert said(counting) == {}


def test_without_steps_is_offered_only_where_the_map_tells_steps_apart(monkeypatch, drawn, village, counting):
    told = "step_free" in drawn[-1][1].study.edges
    offered = [group.key for group in counting.get("button_group")]
    assert ("choice-route" in offered) == told
    asked = open_app(monkeypatch, village, "where-to-start", route="step-free", theme_weights="faith:0")
    assert not asked.exception
    if told:
        assert drawn[-1][0].settings.route == "step-free"
    else:
        assert drawn[-1][0].settings == Settings()
        assert "nothing was changed" in toasts(asked)


def test_a_theme_that_does_not_count_changes_access_as_worked_by_hand(drawn, counting):
    """Access is the weighted mean of the themes covered: without one of eight, the other seven share the whole."""
    before = drawn[-1][1].study
    control(counting, "theme_weights-faith").set_value(0.0).run()
    after = drawn[-1][1].study
    covered = before.access.coverage if hasattr(before.access, "coverage") else None
    assert said(counting) == {"theme_weights": "faith:0"}
    assert after.themes["faith"].weight == 0
    assert "Faith and belief not counted" in words(counting)
    assert "Was: " in words(counting)
    if covered is not None and list(covered.index) == list(after.gaps.index):
        rest = covered.drop(columns="faith").mean(axis=1) * 100
        pd.testing.assert_series_equal(after.gaps["access"], rest, check_names=False)
    # Faith is near the second zone: what is left there can only be less, or what faith added was more than a share.
    assert not after.gaps["access"].equals(before.gaps["access"])


def test_a_figure_that_counts_double_changes_the_index_and_its_share(drawn, counting):
    before = drawn[-1][1].study
    control(counting, "index_weights-disabled").set_value(2.0).run()
    after = drawn[-1][1].study
    assert said(counting) == {"index_weights": "disabled:2"}
    assert "counted double" in words(counting)
    assert dict(after.settings.index_weights) == {"disabled": 2.0}
    assert {part.id: part.weight for part in after.isolation.parts}["disabled"] == 2.0
    assert before.isolation.parts != after.isolation.parts
    control(counting, "index_weights-disabled").set_value(1.0).run()
    assert said(counting) == {}, "back to what the place has is no choice"


def test_the_last_of_its_kind_cannot_be_left_out(drawn, counting):
    rows = [g.key for g in counting.get("button_group") if g.key.startswith("theme_weights-")]
    for key in rows[:-1]:
        control(counting, key).set_value(0.0).run()
    control(counting, rows[-1]).set_value(0.0).run()
    assert "Something must count" in toasts(counting)
    assert control(counting, rows[-1]).value == 1.0
    assert not counting.exception
    counting.button(key="usual-theme_weights").click().run()
    assert said(counting) == {}


def test_links_that_leave_nothing_to_count_are_refused_in_words(monkeypatch, drawn, village):
    made = drawn_figures(monkeypatch, village, drawn)
    link = ",".join(f"{key}:0" for key in made)
    app = open_app(monkeypatch, village, "where-to-start", index_weights=link)
    assert not app.exception
    assert drawn[-1][0].settings == Settings()
    assert "nothing was changed" in toasts(app)
    assert said(app) == {}


def drawn_figures(monkeypatch, village, drawn) -> list[str]:
    app = open_app(monkeypatch, village, "where-to-start")
    found = [g.key for g in app.get("button_group") if g.key.startswith("index_weights-")]
    assert found
    index = load_catalogue().indices[drawn[-1][1].study.settings.index]
    return ["+".join(member.indicators) for domain in index.domains for member in domain.members]


def test_every_index_that_can_be_built_is_offered_and_names_its_people(monkeypatch, drawn, demo_workspace):
    app = open_app(monkeypatch, demo_workspace, "where-to-start")
    field = app.selectbox(key="choice-index")
    made = drawn[-1][1].study
    indices = made.catalogue.indices
    assert field.value == made.settings.index == "isolation"
    offered = weighing.buildable(made)
    assert list(field.options) == [choices.index_words(indices[name], indices["isolation"].label) for name in offered]
    assert "Everyone who lives here" in field.options
    assert len(offered) > 1
    unbuilt = [name for name in indices if name not in offered]
    assert unbuilt
    other = next(name for name in offered if name != "isolation")
    field.set_value(other).run()
    assert not app.exception
    assert drawn[-1][1].study.isolation.index_id == other
    assert said(app) == {"index": other}
    assert indices[other].population in words(app)
    assert indices[other].label in words(app)
    app.selectbox(key="choice-index").set_value("isolation").run()
    assert said(app) == {}


def test_an_index_is_offered_exactly_where_it_can_be_built(monkeypatch, drawn, village, demo_workspace):
    for folder in (village, demo_workspace):
        open_app(monkeypatch, folder, "where-to-start")
        made = drawn[-1][1].study
        for index in made.catalogue.indices.values():
            try:
                build_index(made.zones, index, made.catalogue.indicators)
            except NoIndexError:
                assert index.id not in weighing.buildable(made)
            else:
                assert index.id in weighing.buildable(made)


def test_weights_chosen_for_one_index_wait_while_another_is_shown(monkeypatch, drawn, demo_workspace):
    link = "limited-english:0,bad-health+limited-a-lot:2"
    for index in ("isolation", "isolation-older", "isolation-newcomers"):
        app = open_app(monkeypatch, demo_workspace, "where-to-start", index=index, index_weights=link)
        assert not app.exception
        assert not toasts(app)
        assert drawn[-1][0].settings.index_weights["limited-english"] == 0.0


@pytest.mark.parametrize("role", ROLES)
def test_who_may_keep_weights_for_everyone(monkeypatch, drawn, tmp_path, role):
    folder = make(tmp_path)
    app = open_app(monkeypatch, folder, "where-to-start", role, theme_weights="faith:0.5", hours="sunday")
    assert there(app, "keep-counting") == can(role, "settings")
    if not can(role, "settings"):
        choices.keep(drawn[-1][0])
        assert open_workspace(folder).settings == Settings(), "the store refuses as well"
        return
    app.button(key="keep-counting").click().run()
    assert not app.exception
    kept = Settings(theme_weights={"faith": 0.5}, hours="sunday")
    assert open_workspace(folder).settings == kept
    assert drawn[-1][0].settings == kept
    assert said(app) == {}
    assert control(app, "theme_weights-faith").value == 0.5
    app.button(key="undo-keep").click().run()
    assert open_workspace(folder).settings == Settings()
    assert not there(app, "undo-keep")


def test_a_change_somebody_made_since_is_not_undone(monkeypatch, drawn, tmp_path):
    folder = make(tmp_path)
    app = open_app(monkeypatch, folder, "where-to-start", theme_weights="faith:0.5")
    app.button(key="keep-counting").click().run()
    workspace = open_workspace(folder)
    change_settings(workspace, workspace.settings.but(full=300.0), choices._actor(drawn[-1][0]))
    app.button(key="undo-keep").click().run()
    assert open_workspace(folder).settings == Settings(theme_weights={"faith": 0.5}, full=300.0)
    assert "changed how this place counts since" in toasts(app)


def test_kept_weights_can_be_laid_aside_by_one_reader(monkeypatch, drawn, tmp_path):
    folder = make(tmp_path)
    workspace = open_workspace(folder)
    app = open_app(monkeypatch, folder, "where-to-start")
    change_settings(workspace, Settings(theme_weights={"faith": 3.0}), choices._actor(drawn[-1][0]))
    app = open_app(monkeypatch, folder, "where-to-start")
    assert "3 times" in control(app, "theme_weights-faith").options
    app.button(key="usual-theme_weights").click().run()
    assert said(app) == {"theme_weights": "faith:1"}
    assert drawn[-1][0].settings.theme_weights == {"faith": 1.0}
    app.button(key="back-saved").click().run()
    assert drawn[-1][0].settings.theme_weights == {"faith": 3.0}


def test_a_figure_averaged_with_another_takes_the_place_of_either():
    below = {"bad-health": 2.0, "no-car": 0.5}
    assert state.overlay(below, {"bad-health+limited-a-lot": 0.0}) == {"no-car": 0.5, "bad-health+limited-a-lot": 0.0}
    assert state.overlay({"bad-health+limited-a-lot": 0.0}, {"limited-a-lot": 1.0}) == {"limited-a-lot": 1.0}
    saved = Settings(index_weights={"bad-health": 2.0})
    chosen = state.Choices(index_weights={"bad-health+limited-a-lot": 0.5}).settings(saved, load_catalogue())
    assert chosen.index_weights == {"bad-health+limited-a-lot": 0.5}


def test_the_way_of_counting_is_said_in_few_words_however_much_was_chosen():
    catalogue = load_catalogue()
    themes = dict.fromkeys(catalogue.themes, 0.5)
    way = changes.way_of_counting(Settings(theme_weights=themes, index_weights={"no-car": 0.0}), catalogue)
    assert way.count("counted half") == 4
    assert way.endswith("more weights changed")
    assert changes.way_of_counting(Settings(), catalogue) == "a fixed standard of 50, walks of 400 to 1,200 m"


def test_likeness_by_hand():
    """Ten areas: b rises with a, c falls as a rises, d goes up and down."""
    zones = pd.DataFrame(
        {
            "a": range(10),
            "b": [k**2 for k in range(10)],
            "c": [-k for k in range(10)],
            "d": [0, 9, 1, 8, 2, 7, 3, 6, 4, 5],
        }
    )
    matrix = correlate(zones, ["a", "b", "c", "d"])
    shown = likeness.table_html(matrix, ["A", HOSTILE, "C", "D"])
    assert '<td class="like-4">1.00</td>' in shown
    assert '<td class="like-4">−1.00</td>' in shown
    assert "<img" not in shown
    assert shown.count("<td class=") == 6, "each pair once"
    assert likeness.shading(matrix.loc["a", "d"]) == ""


def test_likeness_of_the_demo_town_is_a_table_and_sentences(monkeypatch, drawn, demo_workspace):
    app = open_app(monkeypatch, demo_workspace, "where-to-start")
    shown: Shown = drawn[-1][1]
    assert 'class="like"' in words(app)
    for line in likeness.warnings(shown.study, shown.likeness):
        assert line.split(" and ")[0] in words(app)


def test_too_few_areas_to_tell_are_said(counting):
    assert "Too few areas or figures are here to tell" in words(counting)


def test_a_kind_of_place_is_found_by_any_word_for_it(monkeypatch, drawn, village):
    app = open_app(monkeypatch, village)
    field = app.selectbox(key="find-kind")
    (bingo,) = [option for option in field.options if "bingo" in option.lower()][:1] or [""]
    assert bingo
    (library,) = [option for option in field.options if option.startswith("Libraries 1")]
    assert "public library" in library
    field.set_value("library").run()
    assert said(app) == {"categories": "library"}
    assert "On the map now: Libraries" in words(app)
    assert control(app, "kinds-learning").value == ["library"]
    go(app, "where-to-start")
    go(app, "map")
    assert said(app) == {"categories": "library"}
    control(app, "kinds-learning").set_value([]).run()
    assert said(app) == {}


def test_a_kind_nobody_has_found_is_asked_for(monkeypatch, drawn, village):
    app = open_app(monkeypatch, village)
    app.selectbox(key="find-kind").set_value("allotments").run()
    assert "Do you know one?" in words(app)
    assert "Allotments: none on our map of Nether Village" in words(app)
    assert said(app) == {}
    assert "Also looked for, none found:" in words(app)


def test_sensitive_kinds_are_never_listed(monkeypatch, drawn, village):
    app = open_app(monkeypatch, village)
    catalogue = load_catalogue()
    hidden = [category for category in catalogue.categories.values() if category.sensitive]
    assert hidden
    assert not {category.id for category in hidden} & {category.id for category in kinds.drawable(catalogue)}
    everything = words(app) + " ".join(app.selectbox(key="find-kind").options)
    go(app, "sources")
    for category in hidden:
        assert category.plural not in everything + words(app)


def test_themes_and_kinds_chosen_together_show_both():
    catalogue = load_catalogue()
    assert state.Choices(themes=("faith",)).shows(catalogue) == (["faith"], None)
    assert state.Choices().shows(catalogue) == (None, None)
    themes, categories = state.Choices(themes=("faith",), categories=("library",)).shows(catalogue)
    assert themes is None
    assert set(categories) == {"library"} | {c.id for c in catalogue.categories.values() if c.theme == "faith"}


def test_the_sources_page_says_what_is_loaded_and_what_was_looked_for(monkeypatch, drawn, village):
    app = open_app(monkeypatch, village, "sources")
    markup = words(app)
    catalogue = load_catalogue()
    for name in ("disabled", "mental-health", "connectivity"):
        indicator = catalogue.indicators[name]
        assert indicator.label in markup
        assert indicator.vintage in markup
        assert text.html(indicator.caveat) in markup
    assert "not loaded here: Aged 66 and over, living alone" in markup
    assert "do you know one?" in " ".join(expander.label for expander in app.expander)
    assert re.search(r"<th[^>]*>Libraries</th><td[^>]*>Learning and libraries</td><td[^>]*>1</td>", markup)


@pytest.mark.parametrize("role", ROLES)
def test_what_people_call_an_area_is_kept_by_those_who_may(monkeypatch, drawn, tmp_path, role):
    folder = make(tmp_path)
    app = open_app(monkeypatch, folder, "map", role, zone="V011")
    may = any(field.key == "called-V011" for field in app.text_input)
    assert may == can(role, "change")
    if not may:
        assert "Named as in the file of areas." in words(app)
        return
    app.text_input(key="called-V011").set_value("The Backs")
    app.text_input(key="said-by-V011").set_value("Tuesday lunch club")
    save_name(app)
    assert not app.exception
    assert drawn[-1][1].study.gaps.loc["V011", "zone_name"] == "The Backs"
    assert "The Backs" in words(app)
    assert any("Residents gave this name" in expander.label for expander in app.expander)
    app.text_input(key="called-V011").set_value("")
    save_name(app)
    assert drawn[-1][1].study.gaps.loc["V011", "zone_name"] == "Zone 5"


def test_hostile_names_people_use_are_text(monkeypatch, drawn, tmp_path):
    folder = make(tmp_path, Village())
    app = open_app(monkeypatch, folder, "where-to-start", zone="V000")
    app.text_input(key="called-V000").set_value(HOSTILE)
    save_name(app)
    assert not app.exception
    assert drawn[-1][1].study.gaps.loc["V000", "zone_name"] == HOSTILE
    assert "<img" not in words(app)
    assert "{{" not in words(app)


def test_a_name_another_area_has_is_refused_in_words(monkeypatch, drawn, village):
    app = open_app(monkeypatch, village, zone="V000")
    app.text_input(key="called-V000").set_value("Zone 2")
    save_name(app)
    assert not app.exception
    assert "has this name already" in toasts(app)
