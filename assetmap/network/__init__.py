"""The walking network: streets made ready once, then searched for every walk within a limit.

All lengths are whole centimetres, rounded up. Coordinates are metres in the working CRS; a node has no height and a
street may be walked both ways.

A street map is mostly bends. Chains of nodes with exactly two neighbours are joined into one *edge* between *junctions*
(exact: no walk can leave a chain half-way), and a place lies on an edge as two distances, to its start and to its end.
Places therefore need no junction of their own, and the searches run on the junctions only.
"""

from __future__ import annotations

from assetmap.network.prepare import Streets, covered_area, exits, prepare_network, snap
from assetmap.network.walk import NOWHERE, Network, Pairs, Snapped, nearest_metres, walk_pairs, walks_from

__all__ = [
    "NOWHERE",
    "Network",
    "Pairs",
    "Snapped",
    "Streets",
    "covered_area",
    "exits",
    "nearest_metres",
    "prepare_network",
    "snap",
    "walk_pairs",
    "walks_from",
]
