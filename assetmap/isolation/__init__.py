"""Isolation: an index of circumstances linked with isolation, and how to reckon it under other choices."""

from assetmap.isolation.choices import GENERAL_INDEX, Recipe, choose_index, index_indicators, like_areas
from assetmap.isolation.index import Isolation, Part, build_index, redraw_percentiles
from assetmap.isolation.scales import (
    Method,
    exponential_transform,
    mid_rank_percentiles,
    min_max,
    rank_normal,
    z_score,
)

__all__ = [
    "GENERAL_INDEX",
    "Isolation",
    "Method",
    "Part",
    "Recipe",
    "build_index",
    "choose_index",
    "exponential_transform",
    "index_indicators",
    "like_areas",
    "mid_rank_percentiles",
    "min_max",
    "rank_normal",
    "redraw_percentiles",
    "z_score",
]
