"""OpenStreetMap files: streets to walk, places to find and ground to draw.

``.osm.pbf``, ``.osm``, ``.osm.gz`` and ``.osm.bz2`` are read by osmium. Every object read is counted once: as
matched by an asset category, or as left out with the reason.
"""

from assetmap.sources.osm.extract import Extract
from assetmap.sources.osm.ground import ground_layer
from assetmap.sources.osm.places import no_features
from assetmap.sources.osm.reading import ENDINGS, KIND, read_extract, read_in_steps
from assetmap.sources.osm.streets import WALKABLE, walkable
from assetmap.sources.osm.tally import Tally
from assetmap.sources.osm.wheels import BARRIERS, WHEELS, step_free, stops_wheels

__all__ = [
    "BARRIERS",
    "ENDINGS",
    "KIND",
    "WALKABLE",
    "WHEELS",
    "Extract",
    "Tally",
    "ground_layer",
    "no_features",
    "read_extract",
    "read_in_steps",
    "step_free",
    "stops_wheels",
    "walkable",
]
