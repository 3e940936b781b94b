"""Where nodes are, by their ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assetmap.sources.osm.packed import NOWHERE
from assetmap.sources.osm.varints import Integers

Units = NDArray[np.int32]


@dataclass
class Positions:
    """Ids and positions of all nodes read so far, 16 bytes each: in memory, or in a folder if one is given."""

    folder: Path | None = None
    ids: list[Integers] = field(default_factory=list)
    places: list[NDArray[np.int32]] = field(default_factory=list)
    _sorted: tuple[Integers, NDArray[np.int32]] | None = None

    def add(self, ids: Integers, x: Units, y: Units) -> None:
        """Keep the positions of some nodes."""
        if not len(ids):
            return
        self._sorted = None
        places = np.column_stack([x, y])
        if self.folder is None:
            self.ids.append(ids)
            self.places.append(places)
            return
        for name, column in (("ids", ids), ("places", places)):
            with (self.folder / name).open("ab") as file:
                column.tofile(file)

    def find(self, ids: Integers) -> tuple[Units, Units]:
        """Return the positions of these nodes, ``NOWHERE`` of one that is not known.

        Examples
        --------
        >>> known = Positions()
        >>> known.add(np.array([3, 7]), np.array([30, 70], dtype=np.int32), np.array([31, 71], dtype=np.int32))
        >>> [column.tolist() for column in known.find(np.array([7, 5, 3]))]
        [[70, 2147483647, 30], [71, 2147483647, 31]]
        """
        known, places = self._in_order()
        if not len(known):
            nowhere = np.full(len(ids), NOWHERE, dtype=np.int32)
            return nowhere, nowhere.copy()
        at = np.minimum(np.searchsorted(known, ids), len(known) - 1)
        is_there = known[at] == ids
        found = places[at]
        return np.where(is_there, found[:, 0], NOWHERE), np.where(is_there, found[:, 1], NOWHERE)

    def _in_order(self) -> tuple[Integers, NDArray[np.int32]]:
        if self._sorted is None:
            ids, places = self._all()
            if len(ids) and not (ids[1:] > ids[:-1]).all():
                order = np.lexsort((places[:, 1], places[:, 0], ids))
                ids, places = ids[order], places[order]
            self._sorted = ids, places
        return self._sorted

    def _all(self) -> tuple[Integers, NDArray[np.int32]]:
        if self.folder is not None and (self.folder / "ids").exists():
            ids: Integers = np.memmap(self.folder / "ids", dtype=np.int64, mode="r")
            return ids, np.memmap(self.folder / "places", dtype=np.int32, mode="r").reshape(-1, 2)
        if not self.ids:
            return np.zeros(0, dtype=np.int64), np.zeros((0, 2), dtype=np.int32)
        ids, places = np.concatenate(self.ids), np.concatenate(self.places)
        self.ids, self.places = [ids], [places]
        return ids, places
