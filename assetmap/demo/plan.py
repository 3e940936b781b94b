"""What is asked for, and what is fixed for every made-up town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import numpy as np

from assetmap.errors import UsageError

#: Metres on the National Grid: in the middle of the Channel, on the grid's true-north line, 40 km from any street.
CENTRE = (400_000.0, 30_000.0)
#: The day on which everything in a town was, as the story goes, drawn and counted.
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)

SPACING = 650.0  # metres between the middles of neighbouring zones: about 3,600 people to the square kilometre
FEWEST_ZONES = 20  # fewer could not hold six planted truths and their ranks
PEOPLE_A_ZONE = 1_500
FEWEST_PEOPLE, MOST_PEOPLE = 3_000, 2_000_000


@dataclass(frozen=True)
class TownPlan:
    """What to make. The defaults are the town that is shipped.

    Attributes
    ----------
    people
        Residents, from 3,000 to 2,000,000. Below 30,000 the zones are as wide but hold fewer people each.
    seed
        Any whole number from 0; the same plan gives the same town.
    name
        Invented; it is carried into the tables as it is.
    buildings
        ``"none"`` leaves the houses out, which is quicker where only streets and places matter. The planted
        truths are promised only where the houses are drawn.
    """

    people: int = 30_000
    seed: int = 2026
    name: str = "Aldermere"
    buildings: Literal["all", "none"] = "all"

    def __post_init__(self) -> None:
        """Refuse sizes that cannot be made."""
        if not FEWEST_PEOPLE <= self.people <= MOST_PEOPLE:
            raise UsageError(
                "a made-up town has from 3,000 to 2,000,000 people", "people", f"{self.people:,}", "give a size between"
            )
        if self.seed < 0:
            raise UsageError("a seed is a whole number from 0", "seed", str(self.seed), "give another")

    @property
    def zones(self) -> int:
        """How many zones the town has."""
        return max(FEWEST_ZONES, round(self.people / PEOPLE_A_ZONE))

    def rng(self, stage: str) -> np.random.Generator:
        """Return the random stream of one stage, so that a change in one does not move the others."""
        return np.random.default_rng([self.seed, *stage.encode()])
