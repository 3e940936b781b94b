"""What the paperwork is filled with: who is responsible, and which places tell something or must not be found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from assetmap.store.people import lacking, who_is_responsible
from assetmap.store.people.responsible import Responsible

if TYPE_CHECKING:
    from assetmap.catalogue import Catalogue
    from assetmap.store.people import Door


@dataclass(frozen=True)
class Facts:
    """What a workspace says of itself that may stand in its paperwork. It holds nothing of any person on record.

    Parameters
    ----------
    place
        What the workspace is called.
    day
        The day the paperwork is of.
    said
        Who is responsible; empty where nobody has said it yet.
    missing
        What is lacking before anybody can be written down, as the door names it.
    is_demo
        Whether the town is made up.
    reveals
        Labels of kinds of place that tell of ``health``, ``belief``, ``ethnicity`` or ``sexuality``, each with which.
    sensitive
        Labels of kinds of place that must not be found.
    """

    place: str
    day: date
    said: Responsible = field(default_factory=Responsible)
    missing: tuple[str, ...] = ()
    is_demo: bool = False
    reveals: tuple[tuple[str, str], ...] = ()
    sensitive: tuple[str, ...] = ()


def gather(door: Door, place: str, catalogue: Catalogue) -> Facts:
    """Return what the paperwork of a workspace is filled with, on the door's day.

    Parameters
    ----------
    door
        Open for anybody, with the key or without.
    place
        What the workspace is called.
    catalogue
        Its layers.
    """
    categories = sorted(catalogue.categories.values(), key=lambda one: one.label)
    return Facts(
        place=place,
        day=door.today,
        said=who_is_responsible(door),
        missing=lacking(door),
        is_demo=door.is_demo,
        reveals=tuple((one.label, one.reveals) for one in categories if one.reveals),
        sensitive=tuple(one.label for one in categories if one.sensitive),
    )
