"""What each zone is called: residents' own name, else a published one, else its ward and a landmark; never a code."""

from assetmap.naming.give import NAME_FROM, give_names, is_code
from assetmap.naming.landmarks import find_landmarks, main_streets
from assetmap.naming.own import Listed, call_zones, call_zones_of, named_zones, with_own_names
from assetmap.store.names import SaidName

__all__ = [
    "NAME_FROM",
    "Listed",
    "SaidName",
    "call_zones",
    "call_zones_of",
    "find_landmarks",
    "give_names",
    "is_code",
    "main_streets",
    "named_zones",
    "with_own_names",
]
