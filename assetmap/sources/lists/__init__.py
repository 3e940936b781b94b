"""Lists that others already hold, of every kind: read in a cage, understood afterwards.

:func:`read_listing` is the way in. What is imported here is light, because each reader starts in a process of its own.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

from assetmap.sources.lists.model import NO_HEADER, Choices, Listing, Part, Reject

__all__ = ["NO_HEADER", "Choices", "Listing", "Part", "Reject", "read_listing"]

_AS_IT_STANDS: Final = Choices()


def read_listing(path: Path, choices: Choices = _AS_IT_STANDS) -> Listing:
    """Return one part of a stranger's file, every row of it accounted for, read where it can do no harm.

    Raises
    ------
    FileRefusedError
        If the whole file cannot be taken: the message says why and what to do.
    UsageError
        If a choice makes no sense.
    WorldError
        If the disk refuses.
    """
    cage: Any = import_module("assetmap.sources.cage")
    return cast("Listing", cage.read_in_cage(path, choices))
