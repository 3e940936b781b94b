"""One palette and one legend, for screen and print.

Every colour a reader meets on a map is named here once, for light and for dark. The browser gets the same tables
as JSON, so nothing is spelt twice. What a colour says, a shape, a letter or a pattern says too.

The tokens are those of the look agreed for the tool, but for three: as painted at 60 % over the ground, "keep in
view" lay only 6 steps of lightness from "build on what is here" and 7 from "strong base" (10.8 apart for people
without green cones), so ``watch``, ``build-on`` and ``strong-base`` are a little lighter, darker and lighter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assetmap import schema, text

Theme = Literal["light", "dark"]
Vision = Literal["full", "deuteranopia", "protanopia", "grey"]
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
        "priority": "#5B3A8C",
        "watch": "#AE98D2",
        "build-on": "#277F80",
        "strong-base": "#97D6BE",
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
        "priority": "#C9B2F6",
        "watch": "#7F6BB1",
        "build-on": "#45ABA6",
        "strong-base": "#286052",
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
_UNSTEADY: Mapping[str, Mark] = MappingProxyType(
    {"priority": "dots", "watch": "dashes", "build-on": "crosses", "strong-base": "rings"}
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
        return Pattern("lines", 0.55, _ANGLES[name], 11, 5)
    return Pattern(_UNSTEADY[name], 0.52, 0, 5.5, 3.4)


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
    symbols = [
        Entry("What is here", kind, symbol.label, "symbol", symbol.token, symbol=symbol)
        for kind, symbol in SYMBOLS.items()
    ]
    if layer == "strengths":
        return symbols
    classes = [
        Entry("Where to start talking", name, words, "class", name, class_pattern(name, "steady"))
        for name, words in class_words().items()
        if name in _ANGLES
    ]
    steady = [
        Entry("How steady?", name, words, "steadiness", "soft", steadiness_pattern(name))
        for name, words in steadiness_words().items()
    ]
    states = [
        Entry("What we do not know", name, words, "state", "state", _STATES[name])
        for name, words in state_words().items()
    ]
    return classes + steady + states + symbols


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
        "symbols": {kind: asdict(symbol) for kind, symbol in SYMBOLS.items()},
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


# Machado, Oliveira and Fernandes (2009), doi:10.1109/TVCG.2009.113, severity 1.0, on linear RGB.
_VISIONS: Mapping[str, NDArray[np.float64]] = MappingProxyType(
    {
        "full": np.eye(3),
        "deuteranopia": np.array(
            [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
        ),
        "protanopia": np.array(
            [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
        ),
        "grey": np.array([[0.2126, 0.7152, 0.0722]] * 3),
    }
)
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def _channels(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def _linear(colour: str) -> NDArray[np.float64]:
    c = _channels(colour)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2, 0 black to 1 white.

    Examples
    --------
    >>> luminance("#FFFFFF"), luminance("#000000")
    (1.0, 0.0)
    """
    return round(float(_linear(colour) @ np.array([0.2126, 0.7152, 0.0722])), 12)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2, from 1 to 21.

    Examples
    --------
    >>> round(contrast("#000000", "#FFFFFF"), 2), round(contrast("#0072B2", "#FBF9F4"), 2)
    (21.0, 4.93)
    """
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def blend(colour: str, under: str, opacity: float) -> str:
    """Return the colour seen where one lies over another.

    Examples
    --------
    >>> blend("#000000", "#FFFFFF", 0.6)
    '#666666'
    """
    mixed = _channels(colour) * opacity + _channels(under) * (1 - opacity)
    return "#" + "".join(f"{round(c * 255):02X}" for c in mixed)


def simulate(colour: str, vision: Vision) -> str:
    """Return the colour as it looks to eyes without green or red cones, or in greyscale.

    Examples
    --------
    >>> simulate("#FFFFFF", "deuteranopia"), simulate("#0072B2", "grey")
    ('#FFFFFF', '#6D6D6D')
    """
    seen = np.clip(_VISIONS[vision] @ _linear(colour), 0, 1)
    coded = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(c * 255):02X}" for c in coded)


def difference(one: str, other: str) -> float:
    """Return how far apart two colours look: CIE 1976 distance in Lab, where about 2.3 is just seen.

    Examples
    --------
    >>> difference("#FFFFFF", "#FFFFFF"), round(difference("#FFFFFF", "#000000"))
    (0.0, 100)
    """
    return float(np.linalg.norm(_lab(one) - _lab(other)))


def _lab(colour: str) -> NDArray[np.float64]:
    x = _XYZ @ _linear(colour) / _WHITE
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
