"""Layer files (``layers/**/*.toml``) to one frozen :class:`Catalogue`.

What can be drawn and measured is data, one TOML file each; the file's name is its id. The reader is strict:
an unknown key, a missing one, a value of the wrong type or a reference to nothing is a LayerError naming the
file, the key, what was found and what to do. Text is kept byte for byte and never interpreted.
"""

from assetmap.catalogue.colours import PAPER, contrast
from assetmap.catalogue.keys import KINDS, METHODS, REVEALS, WELLBEING
from assetmap.catalogue.load import load_catalogue, shipped_layers
from assetmap.catalogue.model import Catalogue, Count, Domain, Index, Indicator, Member, Read, Source, Theme

__all__ = [
    "KINDS",
    "METHODS",
    "PAPER",
    "REVEALS",
    "WELLBEING",
    "Catalogue",
    "Count",
    "Domain",
    "Index",
    "Indicator",
    "Member",
    "Read",
    "Source",
    "Theme",
    "contrast",
    "load_catalogue",
    "shipped_layers",
]
