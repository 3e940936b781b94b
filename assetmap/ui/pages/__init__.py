"""The pages, found by themselves: each file has ``TITLE``, ``PATH``, ``ORDER``, ``LAYER`` and ``show(view)``."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from assetmap.roles import Act
from assetmap.ui.parts import Layer, View


class Page(Protocol):
    """What a file in this folder offers.

    ``TITLE`` stands in the list of pages, ``PATH`` in the address, ``ORDER`` sorts them, ``GROUP`` is the heading it
    stands under (empty: none), ``ACT`` is what a role must hold to see it, and ``LAYER`` is what the map beside it
    shows, or None for a page without a map.
    """

    TITLE: str
    PATH: str
    ORDER: int
    GROUP: str
    ACT: Act
    LAYER: Layer | None

    def show(self, view: View) -> None:
        """Draw the page."""


def pages() -> list[Page]:
    """Return every page in its order.

    Examples
    --------
    >>> [page.PATH for page in pages()][:2]
    ['map', 'where-to-start']
    """
    found = [cast("Page", import_module(f"{__name__}.{module.name}")) for module in iter_modules(__path__)]
    return sorted(found, key=lambda page: page.ORDER)
