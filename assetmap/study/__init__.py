"""One frozen study of a place: the river end to end, yielding its steps as it goes."""

from assetmap.study.build import ENGLAND, Indexed, build, finish, index_zones, judge, measure, measure_again
from assetmap.study.model import Study, only_themes, only_zones, themes_of
from assetmap.study.prepare import Prepared, gather, prepare, prepare_again
from assetmap.study.tables import Tables, last_walks, read_features, read_tables, spoken_for

__all__ = [
    "ENGLAND",
    "Indexed",
    "Prepared",
    "Study",
    "Tables",
    "build",
    "finish",
    "gather",
    "index_zones",
    "judge",
    "last_walks",
    "measure",
    "measure_again",
    "only_themes",
    "only_zones",
    "prepare",
    "prepare_again",
    "read_features",
    "read_tables",
    "spoken_for",
    "themes_of",
]
