"""How colours look: laid over one another, in greyscale, to eyes without green or red cones, and how far apart."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Vision = Literal["full", "deuteranopia", "protanopia", "grey"]

# Machado, Oliveira and Fernandes (2009), doi:10.1109/TVCG.2009.113, severity 1.0, on linear RGB.
VISIONS: Mapping[str, NDArray[np.float64]] = MappingProxyType(
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
    seen = np.clip(VISIONS[vision] @ _linear(colour), 0, 1)
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
