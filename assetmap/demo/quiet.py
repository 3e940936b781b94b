"""Zones in which little is to be within a walk: what may still be placed near them.

No walk is shorter than the straight line, and none from one side of the railway to the other is shorter than by way of
the best crossing. Credit for those lengths is therefore never less than the credit for the walk, and what is kept low
here is low by any street.
"""

from __future__ import annotations

import numpy as np

from assetmap.demo.homes import Homes
from assetmap.demo.layout import Floats, Ints, Layout

QUIET = ("talk-here-first", "nobody-mapped-it", "end-of-the-map", "cut-off-by-the-railway")
MOST = 0.38  # of full access: well under any standard that a study may set
FULL, NONE = 400.0, 1_200.0  # metres of the default walk


class QuietZones:
    """Keeps account of how much is near the planted zones of low access, theme by theme."""

    def __init__(self, layout: Layout, homes: Homes, themes: list[str]) -> None:
        number = [int(layout.zone[layout.roles[role]]) for role in QUIET]
        origins = homes.origins[homes.origins["zone"].isin(number)]
        self.layout, self.themes = layout, {theme: k for k, theme in enumerate(themes)}
        self.origins = origins[["x", "y"]].to_numpy(dtype=float)
        self.north = layout.seeds[_cells(layout, origins["zone"].to_numpy()), 1] > 0
        share = origins["population"] / origins.groupby("zone")["population"].transform("sum")
        self.weight = (origins["zone"].to_numpy()[:, None] == number) * share.to_numpy()[:, None]
        self.crossings = layout.warp(np.column_stack([layout.crossings, np.zeros(len(layout.crossings))]))
        self.missed = np.ones((len(origins), len(themes)))

    def add(self, sheet: tuple[float, float], theme: str, trust: float) -> bool:
        """Count a place at a point of the sheet, unless a zone would have too much; tell whether it was counted."""
        left = 1.0 - trust * np.clip((NONE - self._least_walk(sheet)) / (NONE - FULL), 0.0, 1.0)
        missed = self.missed.copy()
        missed[:, self.themes[theme]] *= left
        now, then = ((1.0 - table.mean(axis=1)) @ self.weight for table in (self.missed, missed))
        # A place that changes nothing for any of them is always welcome.
        if bool(np.any((then > MOST) & (then > now))):
            return False
        self.missed = missed
        return True

    def _least_walk(self, sheet: tuple[float, float]) -> Floats:
        """Return metres from each origin to a point that no walk can be shorter than."""
        place = self.layout.warp(np.array([sheet]))[0]
        straight = np.hypot(*(self.origins - place).T)
        legs = np.hypot(*(self.crossings - place).T)
        out = np.hypot(*(self.origins[:, None, :] - self.crossings[None, :, :]).transpose(2, 0, 1))
        same_side = self.north == (sheet[1] > 0)
        least: Floats = np.where(same_side, straight, (out + legs[None, :]).min(axis=1))
        return least


def _cells(layout: Layout, zones: Ints) -> Ints:
    """Return the cell of each zone."""
    cell = np.flatnonzero(layout.zone >= 0)
    return cell[np.argsort(layout.zone[cell])][zones]
