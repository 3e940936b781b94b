"""Add what you know: click where it is, name it, say what it is; what it may be already is asked before it is kept."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from assetmap import text
from assetmap.roles import Act, can
from assetmap.store.assets import own_number
from assetmap.study import Study
from assetmap.ui import adding, card, finding, parts, picked, suggesting
from assetmap.ui.parts import Layer, View

TITLE: Final = "Add what you know"
PATH: Final = "add"
ORDER: Final = 30
GROUP: Final = ""
ACT: Final[Act] = "suggest"
LAYER: Final[Layer] = "strengths"

_LATELY: Final = 20


def show(view: View) -> None:
    """Draw what stands beside and below the map."""
    with view.beside:
        if picked.asset():
            card.show(view, picked.asset())
        else:
            parts.title(text.say("add-title"), text.say("add-lead"))
            if not can(view.question.role, "add"):
                parts.paragraphs([text.say("suggest-lead")], "quiet")
            with st.container(key="adding"):
                adding.show(view)
            suggesting.show_mine(view)
            with st.container(key="next", horizontal=True, gap="small"):
                parts.take_along(view)
    with view.below:
        _lately(view)


def _lately(view: View) -> None:
    """Show the community's own records as a table, the newest first."""
    made = view.shown.study
    own = made.assets[made.assets.index.astype(str).str.startswith("own:")]
    # Their numbers rise as they are added.
    newest = own.loc[sorted(own.index, key=own_number, reverse=True)[:_LATELY]]
    if not len(newest):
        parts.paragraphs([text.say("add-lately-none")])
    rows = [
        (
            finding.name_of(made, str(key)),
            made.catalogue.categories[str(row["category"])].label,
            _where(made, row),
            "" if pd.isna(row["last_checked"]) else text.long_date(row["last_checked"].date()),
        )
        for key, row in newest.iterrows()
    ]
    parts.table(text.say("add-lately"), text.say("add-lately-head").split(";"), rows)


def _where(made: Study, row: pd.Series) -> str:
    """Return the address, else the area in which it stands."""
    if isinstance(row["address"], str) and row["address"]:
        return row["address"]
    if row.geometry is None or row.geometry.is_empty:
        return text.say("card-not-on-map")
    zone = finding.zone_at(made.zones, row.geometry)
    return str(made.gaps.loc[zone, "zone_name"]) if zone else ""
