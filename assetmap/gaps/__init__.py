"""Gaps: isolation by access to state, class, steadiness, reasons and the ordered list."""

from assetmap.gaps.classes import CutPoints, Standard, classify, is_low, order_list, rank_zones
from assetmap.gaps.find import Gaps, Settings, find_gaps, reckon_gaps
from assetmap.gaps.reasons import (
    Context,
    Reason,
    find_reasons,
    join_reasons,
    minutes_words,
    rate_words,
    themes_words,
)
from assetmap.gaps.states import Evidence, find_states, walked_about
from assetmap.gaps.steadiness import Draws, Redrawn, find_evidence, redraw, steadiness, steadiness_word
from assetmap.gaps.walks import Walks, gather_matrix, gather_walks, near_places, redraw_access

__all__ = [
    "Context",
    "CutPoints",
    "Draws",
    "Evidence",
    "Gaps",
    "Reason",
    "Redrawn",
    "Settings",
    "Standard",
    "Walks",
    "classify",
    "find_evidence",
    "find_gaps",
    "find_reasons",
    "find_states",
    "gather_matrix",
    "gather_walks",
    "is_low",
    "join_reasons",
    "minutes_words",
    "near_places",
    "order_list",
    "rank_zones",
    "rate_words",
    "reckon_gaps",
    "redraw",
    "redraw_access",
    "steadiness",
    "steadiness_word",
    "themes_words",
    "walked_about",
]
