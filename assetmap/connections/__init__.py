"""The web of ties between assets: what it is like, what is in the data already, and whom to introduce to whom.

::

    measures.py        density, pieces, groups that many links pass through; two dates on the same assets
    betweenness.py     the shortest ways through each, for many sources at once
    mixing.py          do ties stay within a theme, against chance
    found.py           ties that the data speak of
    shared.py          what two groups share: a place, a theme, a time
    scores.py          what a tie between two groups would be worth
    branches.py        which venues are branches of a chain
    introductions.py   pairs of groups without a tie, by what a tie would do
    walks.py           how far groups are from each other on foot
    web.py             where each is drawn

Tables in, new tables out. All of it speaks of ties that were recorded; a person is never an end of one.
"""

from assetmap.connections.branches import branches_of
from assetmap.connections.found import find_ties
from assetmap.connections.introductions import (
    GROUPS,
    REST_DAYS,
    Choices,
    groups_of,
    path_between,
    propose,
    to_record,
)
from assetmap.connections.measures import Measures, Panel, measure, panel
from assetmap.connections.mixing import Mixing, external_internal
from assetmap.connections.shared import WALK
from assetmap.connections.walks import no_walks, walks_between
from assetmap.connections.web import lay_out

__all__ = [
    "GROUPS",
    "REST_DAYS",
    "WALK",
    "Choices",
    "Measures",
    "Mixing",
    "Panel",
    "branches_of",
    "external_internal",
    "find_ties",
    "groups_of",
    "lay_out",
    "measure",
    "no_walks",
    "panel",
    "path_between",
    "propose",
    "to_record",
    "walks_between",
]
