"""The palette: contrast, greyscale, colour vision, and patterns beside every colour."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from assetmap import schema
from assetmap.catalogue import contrast
from assetmap.maps import colour as seen_as
from assetmap.maps import style

THEMES = ("light", "dark")
COLOURED = [name for name in style.CLASSES if name != "none"]


@pytest.mark.parametrize("theme", THEMES)
def test_words_and_controls_contrast(theme):
    palette = style.tokens(theme)
    for under in ("paper", "panel", "ground"):
        for text in ("ink", "soft"):
            assert contrast(palette[text], palette[under]) >= 4.5, (text, under)
        for part in ("control", "focus", "accent"):
            assert contrast(palette[part], palette[under]) >= 3, (part, under)
    assert contrast(palette["accent-ink"], palette["accent"]) >= 4.5
    assert contrast(palette["accent"], palette["accent-wash"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_labels_contrast_with_what_they_lie_on(theme):
    palette = style.tokens(theme)
    for text, under in product(("street-name",), ("street", "ground", "halo", "building")):
        assert contrast(palette[text], palette[under]) >= 4.5, (text, under)
    assert contrast(palette["green-name"], palette["green"]) >= 4.5
    assert contrast(palette["water-name"], palette["water"]) >= 4.5
    assert contrast(palette["ink"], palette["halo"]) >= 7


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", style.SYMBOLS)
def test_symbols_contrast_with_everything_they_may_lie_on(theme, kind):
    palette = style.tokens(theme)
    colour, rim = palette[style.SYMBOLS[kind].token], palette["rim"]
    for under in ("paper", "ground", "building", "green", "water", "street", "panel"):
        assert contrast(colour, palette[under]) >= 3, under
    # Over a zone's colour the shape borders on its own rim, and the letter lies on the shape in the rim's colour.
    assert contrast(colour, rim) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_classes_differ_by_lightness_and_in_every_colour_vision(theme):
    palette = style.tokens(theme)
    painted = {name: seen_as.blend(palette[name], palette["ground"], style.ZONE_OPACITY) for name in COLOURED}
    for one, other in combinations(COLOURED, 2):
        for vision in ("full", "deuteranopia", "protanopia"):
            apart = seen_as.difference(seen_as.simulate(painted[one], vision), seen_as.simulate(painted[other], vision))
            assert apart >= 15, (one, other, vision)
        grey = seen_as.difference(seen_as.simulate(painted[one], "grey"), seen_as.simulate(painted[other], "grey"))
        assert grey >= 8, (one, other, "grey")
    assert seen_as.simulate(palette["priority"], "grey") != seen_as.simulate(palette["build-on"], "grey")


def test_every_fill_has_a_pattern_of_its_own():
    fills = {(name, word): style.class_pattern(name, word) for name in COLOURED for word in style.STEADINESS}
    assert len(set(fills.values())) == len(fills)
    states = [style.state_pattern(state) for state in style.STATES]
    assert len(set(states)) == len(states)
    for word in style.STEADINESS:
        marks = {(fills[name, word].mark, fills[name, word].angle) for name in COLOURED}
        assert len(marks) == len(COLOURED), "classes differ by pattern at the same steadiness"


@pytest.mark.parametrize("theme", THEMES)
def test_missing_knowledge_is_never_the_strongest_fill(theme):
    palette = style.tokens(theme)

    def weight(token, pattern):
        # Share of ink: the ground's, and about a fifth more for marks.
        ink = min(1.0, pattern.ground + (0.2 if pattern.mark != "plain" else 0))
        seen = seen_as.blend(palette[token], palette["ground"], style.ZONE_OPACITY * ink)
        return seen_as.difference(seen, palette["ground"])

    strongest_state = max(weight("state", style.state_pattern(state)) for state in style.STATES)
    weakest_class = min(weight(name, style.class_pattern(name, "unsteady")) for name in COLOURED)
    assert strongest_state < weakest_class


@pytest.mark.parametrize("theme", THEMES)
def test_marks_of_missing_knowledge_can_be_seen(theme):
    palette = style.tokens(theme)
    assert contrast(palette["state"], palette["ground"]) >= 3


def test_legend_says_the_printed_words_once():
    labels = [entry.label for entry in style.legend()]
    assert len(labels) == len(set(labels))
    assert {"Talk here first", "Keep in view", "No figures", "We have not asked yet"} <= set(labels)
    assert [entry.swatch for entry in style.legend("strengths")] == ["symbol"] * 4
    assert not any(word in " ".join(labels).lower() for word in ("lonely", "worst", "gap map"))


def test_vocabularies_are_those_of_the_tables():
    assert set(style.CLASSES) == set(schema.CLASSES)
    assert set(style.STATES) | {"ok"} == set(schema.STATES)
    assert set(style.SYMBOLS) | {"person"} == set(schema.KINDS)


def test_no_red():
    for theme, (name, colour) in product(THEMES, style.LIGHT.items()):
        colour = style.tokens(theme)[name]
        r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert not (r > 150 and g < 80 and b < 80), (theme, name)


def test_same_tokens_in_both_themes_and_in_css():
    assert set(style.LIGHT) == set(style.DARK)
    css = style.css_tokens()
    for name, colour in style.LIGHT.items():
        assert f"--am-{name}:{colour};" in css


def test_simulation_oracle_white_and_greys_stay():
    for grey in ("#FFFFFF", "#808080", "#000000"):
        for vision in ("full", "deuteranopia", "protanopia", "grey"):
            seen = seen_as.simulate(grey, vision)
            assert seen_as.difference(seen, grey) < 0.5
