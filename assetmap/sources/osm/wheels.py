"""Which ways can be taken without a step: on wheels, with a pushchair, a walking frame or heavy shopping.

What a tag does not say is taken to be passable, for most ways carry no such tag: a step-free route is a claim about
what is mapped, not a promise about the pavement.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

#: Steeper than this, in percent, is too steep: 8 % (1 in 12) is the usual upper bound for a ramp.
STEEPEST: Final = 8.0

#: Tags of a way in the order in which they decide, whether wheels can take it, and why.
WHEELS: Final[Mapping[tuple[str, str], tuple[bool, str]]] = MappingProxyType(
    {
        ("wheelchair", "yes"): (True, "open to wheelchairs, by its own tag"),
        ("wheelchair", "designated"): (True, "open to wheelchairs, by its own tag"),
        ("wheelchair", "no"): (False, "not for wheelchairs, by its own tag"),
        ("ramp:wheelchair", "yes"): (True, "steps with a ramp for wheelchairs"),
        ("highway", "steps"): (False, "steps"),
        ("highway", "elevator"): (True, "a lift between levels"),
    }
)

#: What stands on a way at one point, whether wheels get past it, and why. What is not in it is passable: a gate, a
#: bollard or a lift gate leaves room.
BARRIERS: Final[Mapping[str, tuple[bool, str]]] = MappingProxyType(
    {
        "stile": (False, "has to be climbed"),
        "horse_stile": (False, "has to be stepped over"),
        "step": (False, "has to be stepped over"),
        "log": (False, "has to be stepped over"),
        "kissing_gate": (False, "too narrow to turn in"),
        "hampshire_gate": (False, "wire that has to be lifted away"),
        "turnstile": (False, "too narrow"),
        "full-height_turnstile": (False, "too narrow"),
        "cycle_barrier": (False, "too narrow to turn in"),
        "motorcycle_barrier": (False, "too narrow"),
        "sump_buster": (False, "a block in the way"),
        "debris": (False, "a block in the way"),
        "kerb": (True, "only a raised one stops wheels"),
        "gate": (True, "can be opened"),
        "bollard": (True, "leaves room"),
    }
)
#: Whether a node stops wheels hangs on these.
BARRIER_KEYS: Final = frozenset({"barrier", "kerb", "wheelchair"})
#: Ways made for walking. Where one of them meets a street at a kerb or a barrier, the street itself goes on.
FOOTWAYS: Final = frozenset({"footway", "path", "pedestrian", "steps", "corridor", "cycleway", "bridleway", "track"})

_INCLINE: Final = re.compile(r"\s*[-+]?\s*(\d+(?:[.,]\d+)?)\s*(%|°)?\s*")


def step_free(tags: Any) -> tuple[bool, str]:
    """Return whether a way can be taken without a step, and the reason.

    Parameters
    ----------
    tags
        The way's tags; anything with ``get``. A slope that is said in words (``up``, ``down``) is not known, and
        passable.

    Examples
    --------
    >>> step_free({"highway": "steps"}), step_free({"highway": "steps", "ramp:wheelchair": "yes"})[0]
    ((False, 'steps'), True)
    >>> step_free({"highway": "footway", "incline": "-12 %"})
    (False, 'steeper than 8 %')
    >>> step_free({"highway": "footway", "incline": "up"})
    (True, 'nothing in the way is mapped')
    """
    for (key, value), answer in WHEELS.items():
        if tags.get(key) == value:
            return answer
    slope = incline(tags.get("incline"))
    if slope is not None and slope > STEEPEST:
        return False, f"steeper than {STEEPEST:.0f} %"
    return True, "nothing in the way is mapped"


def stops_wheels(tags: Any) -> bool:
    """Tell whether a node stops wheels: a raised kerb, a stile, a turnstile; ``wheelchair`` on it goes first.

    Examples
    --------
    >>> stops_wheels({"barrier": "kissing_gate"}), stops_wheels({"barrier": "kissing_gate", "wheelchair": "yes"})
    (True, False)
    >>> stops_wheels({"highway": "crossing", "kerb": "raised"}), stops_wheels({"barrier": "kerb", "kerb": "lowered"})
    (True, False)
    """
    wheelchair = tags.get("wheelchair")
    if wheelchair in {"yes", "designated"}:
        return False
    barrier = tags.get("barrier")
    if tags.get("kerb") == "raised" or (barrier is not None and wheelchair == "no"):
        return True
    return not BARRIERS.get(barrier, (True, ""))[0]


def incline(value: str | None) -> float | None:
    """Return a slope in percent, without its direction; None where the text says no number.

    Examples
    --------
    >>> incline("10%"), incline("-12 %"), incline("up"), round(incline("5°"), 1)
    (10.0, 12.0, None, 8.7)
    """
    found = None if value is None else _INCLINE.fullmatch(value)
    if found is None:
        return None
    number = float(found[1].replace(",", "."))
    if found[2] != "°":
        return number
    return math.inf if number >= 90 else 100.0 * math.tan(math.radians(number))
