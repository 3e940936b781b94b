"""One palette and one legend, for screen and print.

Every colour a reader meets on a map is named here once, for light and for dark. The browser gets the same tables
as JSON, so nothing is spelt twice. What a colour says, a shape, a letter or a pattern says too.

The hues are those of the look agreed for the tool; how light they are is set so that as painted, at 60 % over the
ground, the four classes lie 11 to 13 steps of lightness from one another and about as far from the bare ground: in
greyscale, and where both of two neighbours are unsteady, they are still told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Literal

from assetmap import schema, text

Theme = Literal["light", "dark"]
Mark = Literal["plain", "lines", "dots", "dashes", "crosses", "rings", "grid"]

#: How strongly a zone's colour lies over the buildings.
ZONE_OPACITY = 0.6

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "paper": "#FBF9F4",
        "ink": "#22303C",
        "soft": "#5C6873",
        "line": "#E3DCCF",
        "control": "#82796A",
        "panel": "#FFFFFF",
        "accent": "#1F5A8C",
        "accent-ink": "#FFFFFF",
        "accent-wash": "#E8F0F6",
        "focus": "#0B57A4",
        "ground": "#F6F3EC",
        "building": "#E9E2D7",
        "green": "#DCE8CD",
        "water": "#BFD9E6",
        "industry": "#EFEAE3",
        "street": "#FFFFFF",
        "casing": "#CFC6B8",
        "path": "#CDBFA9",
        "rail": "#BDB4A7",
        "halo": "#FBF9F4",
        "street-name": "#55534E",
        "green-name": "#48652F",
        "water-name": "#265B79",
        "rim": "#FFFFFF",
        "priority": "#401E70",
        "watch": "#A78ED0",
        "build-on": "#1D7074",
        "strong-base": "#A0DBC6",
        "state": "#83868B",
        "building-kind": "#0072B2",
        "association-kind": "#B35C00",
        "organisation-kind": "#00775A",
        "culture-kind": "#A8437F",
    }
)
DARK: Mapping[str, str] = MappingProxyType(
    {
        "paper": "#161C22",
        "ink": "#ECE8E0",
        "soft": "#A9B1B9",
        "line": "#343E48",
        "control": "#7F8993",
        "panel": "#1F272F",
        "accent": "#8EC3EE",
        "accent-ink": "#10202E",
        "accent-wash": "#24384A",
        "focus": "#9CD0FF",
        "ground": "#1B2229",
        "building": "#272F37",
        "green": "#21321F",
        "water": "#1D3A4C",
        "industry": "#20272D",
        "street": "#3B454F",
        "casing": "#11161B",
        "path": "#4A4D4B",
        "rail": "#4D545B",
        "halo": "#161C22",
        "street-name": "#B9B6AE",
        "green-name": "#9CBF83",
        "water-name": "#8CBBD6",
        "rim": "#10151A",
        "priority": "#D6C2FF",
        "watch": "#7D67B4",
        "build-on": "#47B0AA",
        "strong-base": "#215A4C",
        "state": "#7C858E",
        "building-kind": "#5DB3EA",
        "association-kind": "#EDA04D",
        "organisation-kind": "#4CC59F",
        "culture-kind": "#E68FC3",
    }
)


@dataclass(frozen=True)
class Pattern:
    """How an area is filled: marks of full colour on a ground of the same colour, ``ground`` of it showing.

    ``gap`` and ``width`` are CSS pixels on screen, tenths of a millimetre times 2.6 in print; ``angle`` is in
    degrees, 0 along the page. ``light`` marks are paper-coloured hairs on a full ground.
    """

    mark: Mark
    ground: float
    angle: int = 0
    gap: float = 8.0
    width: float = 2.0
    light: bool = False


@dataclass(frozen=True)
class Symbol:
    """How a kind of asset is drawn: shape, colour token and letter, always all three."""

    kind: str
    label: str
    shape: Literal["square", "circle", "diamond", "triangle"]
    token: str
    letter: str


@dataclass(frozen=True)
class Entry:
    """One line of the legend. ``swatch`` says which of the other fields draw it."""

    group: str
    id: str
    label: str
    swatch: Literal["class", "steadiness", "state", "symbol"]
    token: str
    pattern: Pattern | None = None
    symbol: Symbol | None = None


# The printed words of classes, states and steadiness are sentences of their own, said by ``text.say``.
CLASSES = schema.CLASSES
STATES = tuple(state for state in schema.STATES if state != "ok")
STEADINESS = ("steady", "fairly", "unsteady")
SYMBOLS: Mapping[str, Symbol] = MappingProxyType(
    {
        "building": Symbol("building", "Buildings", "square", "building-kind", "B"),
        "association": Symbol("association", "Associations", "circle", "association-kind", "A"),
        "organisation": Symbol("organisation", "Organisations", "diamond", "organisation-kind", "O"),
        "culture": Symbol("culture", "Culture", "triangle", "culture-kind", "C"),
    }
)

# The lean of its marks belongs to the class, how much they leave open to the steadiness.
_ANGLES = MappingProxyType({"priority": 45, "watch": 0, "build-on": 135, "strong-base": 90})
# A dark class lies closer and a light one opener, so that the greys of two neighbours lie apart where both are
# unsteady, and the marks of the lightest are seen.
_UNSTEADY: Mapping[str, Pattern] = MappingProxyType(
    {
        "priority": Pattern("dots", 0.68, 0, 5.5, 4.4),
        "watch": Pattern("dashes", 0.62, 0, 5.5, 3.0),
        "build-on": Pattern("crosses", 0.66, 0, 5.5, 4.4),
        "strong-base": Pattern("rings", 0.56, 0, 5.5, 4.4),
    }
)
_STATES: Mapping[str, Pattern] = MappingProxyType(
    {
        "no-data": Pattern("lines", 0.10, 45, 9, 1.1),
        "not-yet-mapped": Pattern("rings", 0.10, 0, 13, 1.1),
        "unreachable": Pattern("dashes", 0.10, 90, 9, 1.2),
        "outside-extract": Pattern("grid", 0.10, 45, 11, 1.0),
        "edge": Pattern("dashes", 0.10, 0, 9, 1.2),
        "no-streets": Pattern("grid", 0.10, 0, 11, 1.0),
        "rural": Pattern("crosses", 0.10, 0, 13, 1.1),
    }
)


def class_words() -> dict[str, str]:
    """Return what people read for each class.

    Examples
    --------
    >>> class_words()["priority"]
    'Talk here first'
    """
    return {name: text.say(f"class-{name}") for name in CLASSES}


def state_words() -> dict[str, str]:
    """Return what people read for each state that is not ``ok``.

    Examples
    --------
    >>> state_words()["not-yet-mapped"]
    'We have not asked yet'
    """
    return {name: text.say(f"state-name-{name}") for name in STATES}


def steadiness_words() -> dict[str, str]:
    """Return what people read for each steadiness.

    Examples
    --------
    >>> steadiness_words()["unsteady"]
    'unsteady: ask first'
    """
    return {name: text.say(f"steadiness-{name}") for name in STEADINESS}


def kind_words() -> dict[str, str]:
    """Return what people read for each kind that is on a map.

    Examples
    --------
    >>> kind_words()["building"]
    'Buildings'
    """
    return {kind: text.label("kind", kind, symbol.label) for kind, symbol in SYMBOLS.items()}


def class_pattern(name: str, steady: str) -> Pattern:
    """Return the fill of a class at a steadiness: firm, wide hatch or dots, each class with marks of its own.

    Examples
    --------
    >>> class_pattern("priority", "steady").mark, class_pattern("watch", "fairly").angle
    ('plain', 0)
    """
    if steady == "steady":
        if name == "priority":
            return Pattern("plain", 1.0)
        return Pattern("lines", 1.0, _ANGLES[name], 7, 0.9, light=True)
    if steady == "fairly":
        return Pattern("lines", 0.58, _ANGLES[name], 11, 5)
    return _UNSTEADY[name]


def state_pattern(state: str) -> Pattern:
    """Return the grey pattern of a state that is not ``ok``."""
    return _STATES[state]


def steadiness_pattern(steady: str) -> Pattern:
    """Return the pattern by which the legend explains a steadiness, whatever the class."""
    return class_pattern("priority", steady)


def legend(layer: Literal["strengths", "talk"] = "talk") -> list[Entry]:
    """Return the legend's lines in order; "No figures" and "We have not asked yet" are always among the areas.

    Parameters
    ----------
    layer
        ``strengths`` has the symbols alone, ``talk`` everything.

    Examples
    --------
    >>> [entry.label for entry in legend("strengths")]
    ['Buildings', 'Associations', 'Organisations', 'Culture']
    >>> legend()[0].label
    'Talk here first'
    """
    kinds, here = kind_words(), text.say("style-here")
    symbols = [
        Entry(here, kind, kinds[kind], "symbol", symbol.token, symbol=replace(symbol, label=kinds[kind]))
        for kind, symbol in SYMBOLS.items()
    ]
    if layer == "strengths":
        return symbols
    classes = [
        Entry(text.say("style-talk"), name, words, "class", name, class_pattern(name, "steady"))
        for name, words in class_words().items()
        if name in _ANGLES
    ]
    steady = [
        Entry(text.say("style-steady"), name, words, "steadiness", "soft", steadiness_pattern(name))
        for name, words in steadiness_words().items()
    ]
    states = [
        Entry(text.say("style-unknown"), name, words, "state", "state", _STATES[name])
        for name, words in state_words().items()
    ]
    return classes + symbols + steady + states


def tokens(theme: Theme) -> Mapping[str, str]:
    """Return the palette of a theme, token to hexadecimal colour."""
    return LIGHT if theme == "light" else DARK


def as_json() -> dict[str, object]:
    """Return everything the browser needs to draw as print does."""
    return {
        "light": dict(LIGHT),
        "dark": dict(DARK),
        "opacity": ZONE_OPACITY,
        "classes": class_words(),
        "states": state_words(),
        "steadiness": steadiness_words(),
        "symbols": {kind: asdict(symbol) | {"label": kind_words()[kind]} for kind, symbol in SYMBOLS.items()},
        "fills": {name: {word: asdict(class_pattern(name, word)) for word in STEADINESS} for name in _ANGLES},
        "stateFills": {name: asdict(pattern) for name, pattern in _STATES.items()},
        "legend": {
            "strengths": [asdict(entry) for entry in legend("strengths")],
            "talk": [asdict(entry) for entry in legend("talk")],
        },
    }


def css_tokens() -> str:
    """Return the palettes as CSS custom properties: light, dark by the reader's system, either if forced."""

    def block(theme: Theme) -> str:
        return "".join(f"--am-{name}:{value};" for name, value in tokens(theme).items()) + f"color-scheme:{theme};"

    root = ".am-root"
    return (
        f"{root}{{{block('light')}}}\n"
        f"@media (prefers-color-scheme: dark){{{root}:not([data-theme=light]){{{block('dark')}}}}}\n"
        f"{root}[data-theme=dark]{{{block('dark')}}}\n"
        f"@media print{{{root},{root}:not([data-theme=light]),{root}[data-theme=dark]{{{block('light')}}}}}\n"
    )
