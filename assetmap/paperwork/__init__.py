"""The paperwork that belongs to records about people: one file a document, filled with what the workspace says.

A document is a text file in ``documents/``: it is found by itself, read into one :class:`Document` and set twice from
that, as a tagged PDF and as Word to edit, so that the two cannot differ. What nobody has said yet is a marked blank.
Nothing of any connected person goes in.
"""

from assetmap.paperwork.facts import Facts, gather
from assetmap.paperwork.filling import compose
from assetmap.paperwork.listed import FORMATS, Format, about, may_have, names
from assetmap.paperwork.model import Document
from assetmap.paperwork.writing import Written, file_name, make, write

__all__ = [
    "FORMATS",
    "Document",
    "Facts",
    "Format",
    "Written",
    "about",
    "compose",
    "file_name",
    "gather",
    "make",
    "may_have",
    "names",
    "write",
]
