"""The nodes of many ways at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from assetmap.sources.osm.packed import NOWHERE, PER_DEGREE
from assetmap.sources.osm.varints import Integers


@dataclass(frozen=True, eq=False)
class Lines:
    """Ways by the ids and positions of their nodes, one way after the other; ``sizes`` says how many each has.

    ``places`` are longitude and latitude in 1e-7 degrees, ``NOWHERE`` of a node that is not in the file.
    """

    ids: Integers
    refs: Integers
    places: NDArray[np.int32]
    sizes: Integers

    def owners(self) -> Integers:
        """Return for each node the place of its way."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def missing(self) -> NDArray[np.bool_]:
        """Tell which nodes are not in the file."""
        return np.asarray((self.places == NOWHERE).any(axis=1), dtype=bool)

    def are_closed(self) -> NDArray[np.bool_]:
        """Tell which ways end at the node where they start; one without nodes does.

        Examples
        --------
        >>> places = np.zeros((5, 2), dtype=np.int32)
        >>> lines = Lines(np.array([1, 2, 3]), np.array([7, 8, 7, 7, 8]), places, np.array([3, 2, 0]))
        >>> lines.are_closed().tolist()
        [True, False, True]
        """
        closed = np.ones(len(self.sizes), dtype=bool)
        some = self.sizes > 0
        ends = np.cumsum(self.sizes)[some]
        closed[some] = self.refs[ends - self.sizes[some]] == self.refs[ends - 1]
        return closed

    def of(self, chosen: Any) -> Lines:
        """Return the ways chosen, by a mask or in ascending order."""
        mask = np.zeros(len(self.sizes), dtype=bool)
        mask[chosen] = True
        nodes = np.repeat(mask, self.sizes)
        return Lines(self.ids[mask], self.refs[nodes], self.places[nodes], self.sizes[mask])

    def without(self, nodes: NDArray[np.bool_]) -> Lines:
        """Return the ways without some of their nodes."""
        if not nodes.any():
            return self
        sizes = np.bincount(self.owners()[~nodes], minlength=len(self.sizes))
        return Lines(self.ids, self.refs[~nodes], self.places[~nodes], sizes)

    def without_missing(self) -> Lines:
        """Return the ways without the nodes that are not in the file."""
        return self.without(self.missing())

    def without_loose_ends(self) -> Lines:
        """Return the ways, open ones without those nodes at either end that are not in the file.

        Examples
        --------
        >>> places = np.array([[NOWHERE, NOWHERE], [0, 0], [NOWHERE, NOWHERE], [1, 1], [NOWHERE, NOWHERE]], np.int32)
        >>> Lines(np.array([9]), np.array([1, 2, 3, 4, 5]), places, np.array([5])).without_loose_ends().refs.tolist()
        [2, 3, 4]
        """
        missing, owners = self.missing(), self.owners()
        if not missing.any():
            return self
        # A node is loose where all of its way up to it, or from it on, is missing.
        there = np.concatenate([[0], np.cumsum(~missing)])
        ends = np.cumsum(self.sizes)
        before = there[:-1] - there[ends - self.sizes][owners]
        behind = there[ends][owners] - there[1:]
        return self.without(missing & ~self.are_closed()[owners] & ((before == 0) | (behind == 0)))

    def are_broken(self) -> NDArray[np.bool_]:
        """Tell which ways have fewer than two nodes, or one that is not in the file."""
        return (self.sizes < 2) | (np.bincount(self.owners()[self.missing()], minlength=len(self.sizes)) > 0)

    def degrees(self) -> NDArray[np.float64]:
        """Return longitude and latitude of each node."""
        return self.places / PER_DEGREE


def joined(parts: Sequence[Lines]) -> Lines:
    """Return all ways of several parts, one after the other."""
    if len(parts) == 1:
        return parts[0]
    return Lines(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.refs for part in parts]),
        np.concatenate([part.places for part in parts]),
        np.concatenate([part.sizes for part in parts]),
    )


def spread(words: Sequence[str | None], rows: Integers) -> Any:
    """Return a column of text: for each row one of the words, nothing where it is -1.

    Examples
    --------
    >>> spread(["a", None], np.array([1, 0, 0, -1])).tolist()
    [nan, 'a', 'a', nan]
    """
    taken = pa.array(words, type=pa.large_string()).take(pa.array(rows, mask=rows < 0))
    return pd.array(taken, dtype="str")
