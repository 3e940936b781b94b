"""Which ties a viewer may see, and whether a measure of them may be told. Pure: tables in, smaller tables out.

Within the team: every tie between assets that it may see. Outside it: ties between groups only, only those that three
or more things hold together, and nothing at all of a web of fewer than ten: in a small one a tie is a person.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assetmap.roles import Role, can
from assetmap.schema import among

#: Who records ties must see them.
TEAM: Final = frozenset[Role]({"worker", "moderator", "steward"})
#: What a web is made of that is told of outside the team; a hall that two groups meet at is no group.
GROUPS: Final = frozenset({"association", "organisation"})
#: Outside the team: fewest groups of a web that is told of, and least strength of a tie (3 is three or more).
LEAST_NODES: Final = 10
LEAST_STRENGTH: Final = 3


def ties_for(role: Role, ties: pd.DataFrame, kinds: pd.Series) -> pd.DataFrame:
    """Return the ties a role may see, as a new table.

    Parameters
    ----------
    role
        Who is looking.
    ties
        Columns ``from_id``, ``to_id``, ``strength``.
    kinds
        The kind of each asset that the role may see, by its id: a tie to any other is left out.

    Examples
    --------
    >>> ties = pd.DataFrame({"from_id": ["a"] * 2, "to_id": ["b", "x"], "strength": [3, 3]})
    >>> kinds = pd.Series({"a": "association", "b": "building"})
    >>> len(ties_for("worker", ties, kinds)), len(ties_for("resident", ties, kinds))
    (1, 0)
    """
    if not can(role, "read"):
        return ties.iloc[:0].copy()
    open_ends = kinds[kinds != "person"].index
    seen = ties[_within(ties, open_ends) & (ties["from_id"] != ties["to_id"])]
    if role not in TEAM:
        groups = kinds[kinds.isin(GROUPS)].index
        seen = seen[_within(seen, groups) & (seen["strength"] >= LEAST_STRENGTH)]
        if not may_tell(role, len({*seen["from_id"], *seen["to_id"]})):
            seen = seen.iloc[:0]
        # Who told of it, and in which file, stays within the team.
        seen = seen.assign(source="") if "source" in seen else seen
    return seen.reset_index(drop=True)


def _within(ties: pd.DataFrame, ids: pd.Index) -> NDArray[np.bool_]:
    """Tell which ties have both ends among these."""
    return among(pd.Index(ties["from_id"]), ids) & among(pd.Index(ties["to_id"]), ids)


def may_tell(role: Role, nodes: int) -> bool:
    """Return whether a measure of a web of so many groups may be told to a role.

    Examples
    --------
    >>> may_tell("worker", 3), may_tell("commissioner", 9), may_tell("commissioner", 10)
    (True, False, True)
    """
    return role in TEAM or nodes >= LEAST_NODES


def columns_of_measures(role: Role, columns: Collection[str]) -> tuple[str, ...]:
    """Return the columns of a table of measures that a role may see, a row a group.

    Outside the team only which piece of the web a group is in and how many links pass through it: its own ties and who
    is dependent on whom are its own business.

    Examples
    --------
    >>> columns_of_measures("partner", ["degree", "betweenness", "constraint", "component"])
    ('betweenness', 'component')
    """
    told = columns if role in TEAM else [name for name in columns if name in ("betweenness", "component")]
    return tuple(told)
