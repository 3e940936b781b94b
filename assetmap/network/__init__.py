"""The walking network: streets made ready once, then searched for every walk within a limit.

All lengths are whole centimetres, rounded up. Coordinates are metres in the working CRS; a node has no height and a
street may be walked both ways.

A street map is mostly bends. Chains of nodes with exactly two neighbours are joined into one *edge* between *junctions*
(exact: no walk can leave a chain half-way), and a place lies on an edge as two distances, to its start and to its end.
Places therefore need no junction of their own. Of the junctions in turn most are taken out without changing any
distance (see `assetmap.network.contract`), and the searches run on the small core that stays.
"""

from __future__ import annotations

from assetmap.network.model import NOWHERE, Network, Pairs, Snapped
from assetmap.network.places import snap
from assetmap.network.prepare import Streets, covered_area, exits, prepare_network, prepare_step_free
from assetmap.network.walk import Searches, nearest_metres, walk_pairs, walks_from

__all__ = [
    "NOWHERE",
    "Network",
    "Pairs",
    "Searches",
    "Snapped",
    "Streets",
    "covered_area",
    "exits",
    "nearest_metres",
    "prepare_network",
    "prepare_step_free",
    "snap",
    "walk_pairs",
    "walks_from",
]
