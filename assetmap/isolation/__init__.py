"""Isolation: an index of circumstances linked with isolation, and how to reckon it under other choices."""

from assetmap.isolation.choices import GENERAL_INDEX, Recipe, choose_index, index_indicators, like_areas
from assetmap.isolation.correlations import (
    Overlap,
    correlate,
    correlation_facts,
    overlap_sentences,
    overlapping,
    with_labels,
)
from assetmap.isolation.index import Isolation, Part, build_index, redraw_percentiles
from assetmap.isolation.scales import (
    Method,
    exponential_transform,
    mid_rank_percentiles,
    min_max,
    rank_normal,
    z_score,
)
from assetmap.isolation.weights import check_theme_weights, check_weights, member_key, own_weights, weights_in_use

__all__ = [
    "GENERAL_INDEX",
    "Isolation",
    "Method",
    "Overlap",
    "Part",
    "Recipe",
    "build_index",
    "check_theme_weights",
    "check_weights",
    "choose_index",
    "correlate",
    "correlation_facts",
    "exponential_transform",
    "index_indicators",
    "like_areas",
    "member_key",
    "mid_rank_percentiles",
    "min_max",
    "overlap_sentences",
    "overlapping",
    "own_weights",
    "rank_normal",
    "redraw_percentiles",
    "weights_in_use",
    "with_labels",
    "z_score",
]
