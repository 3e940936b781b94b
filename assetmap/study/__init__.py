"""One frozen study of a place: the river end to end, yielding its steps as it goes."""

from assetmap.study.build import ENGLAND, Prepared, build, finish, judge, measure, prepare
from assetmap.study.model import Study, only_zones, themes_of
from assetmap.study.tables import Tables, last_walks, read_tables

__all__ = [
    "ENGLAND",
    "Prepared",
    "Study",
    "Tables",
    "build",
    "finish",
    "judge",
    "last_walks",
    "measure",
    "only_zones",
    "prepare",
    "read_tables",
    "themes_of",
]
