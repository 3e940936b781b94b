"""Is it here already? What something new may be the same as, one box each with three answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import pandas as pd
import shapely
import streamlit as st

from assetmap import text
from assetmap.similar import Likeness, find_similar
from assetmap.store.links import Relation
from assetmap.study import Study
from assetmap.ui import finding, parts

_MOST: Final = 3


def alike(made: Study, values: Mapping[str, Any], answered: Collection[str]) -> pd.DataFrame:
    """Return what new values may be the same as and nobody has answered for yet."""
    current = made.assets[made.assets["same_as"].isna()]
    found = find_similar(likeness(values), current, _MOST + len(answered))
    return found[~found.index.isin(list(answered))].head(_MOST)


def likeness(values: Mapping[str, Any]) -> Likeness:
    """Return by what something new is recognised."""
    point = shapely.Point(values["x"], values["y"]) if "x" in values else None
    return Likeness(str(values["name"]), str(values["category"]), point, str(values.get("contact") or ""))


def ask(
    made: Study,
    found: pd.DataFrame,
    same: Callable[[str], None],
    other: Callable[[str, Relation], None],
    same_words: str,
) -> None:
    """Show each that was found with three answers: it is this one, a part of it, or a different one.

    Parameters
    ----------
    made
        The study in which they were found.
    found
        Of :func:`alike`.
    same, other
        What is done with an answer, by the id it is about.
    same_words
        What the first button says.
    """
    parts.html(f'<h2 role="status">{text.html(text.say("add-alike-title"))}</h2>')
    for asset_id, row in found.iterrows():
        key, there = str(asset_id), made.assets.loc[asset_id]
        what = made.catalogue.categories[str(there["category"])].label
        why = [text.say(f"add-alike-why-{row['why']}")]
        if row["metres"] == row["metres"]:
            why.append(text.say("add-alike-where", metres=f"{row['metres']:.0f}"))
        name = finding.name_of(made, key)
        with st.container(key=f"alike-{text.file_name(key)}", border=True, gap="xsmall"):
            head = text.say("add-alike-one", name=name, what=what)
            parts.html(f"<p><b>{text.html(head)}</b></p>")
            address = there.get("address")
            parts.paragraphs([", ".join(why), "" if pd.isna(address) else str(address)], "quiet")
            with st.container(horizontal=True, gap="small"):
                st.button(same_words, key=f"same-{key}", on_click=same, args=(key,))
                relations: tuple[Relation, ...] = ("part", "different")
                for relation in relations:
                    label = text.say(f"add-alike-{relation}")
                    st.button(label, key=f"{relation}-{key}", on_click=other, args=(key, relation))
