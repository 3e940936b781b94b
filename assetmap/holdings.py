"""What a workspace holds and what it lacks: its layers, and what was said of its files when they were read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

import pandas as pd

from assetmap import text
from assetmap.catalogue import Catalogue, load_catalogue, shipped_layers
from assetmap.isolation import GENERAL_INDEX, choose_index, index_indicators
from assetmap.store.workspace import Workspace, read_table

#: What sources hold that has a word of its own for people.
_SAID: Final = frozenset({"osm", "indicators", "zones", "origins", "reference", "postcodes", "names"})


def catalogue_of(workspace: Workspace) -> Catalogue:
    """Return the layers of a workspace: those shipped, and its own above them."""
    own = workspace.folder / "layers"
    return load_catalogue(shipped_layers(), *([own] if own.is_dir() else []))


def missing(workspace: Workspace) -> Iterator[str]:
    """Yield one line on each thing that this workspace lacks and how to give it."""
    zones = read_table(workspace, "zones")
    if not workspace.has_table("osm_features"):
        yield text.say("missing-streets")
    if zones["population"].isna().all():
        yield text.say("missing-population")
    catalogue = catalogue_of(workspace)
    loaded = {name for name in catalogue.indicators if name in zones and zones[name].notna().any()}
    # The usual figures are always worth having; those of the index in use are needed for it.
    wanted = index_indicators(catalogue.indices[GENERAL_INDEX])
    wanted += index_indicators(catalogue.indices[choose_index(loaded, catalogue.indices)])
    absent = [catalogue.indicators[name].label for name in dict.fromkeys(wanted) if name not in loaded]
    if absent:
        yield text.say("missing-indicators", labels="; ".join(absent))
    yield from notes(workspace, "problem")


def notes(workspace: Workspace, kind: Literal["problem", "note"]) -> Iterator[str]:
    """Yield what was said of the files when they were read: what is missing, or what was taken otherwise than given."""
    said = read_table(workspace, "notes")
    kinds = said["kind"] if "kind" in said else pd.Series("problem", said.index)
    for note in said.loc[kinds == kind, "note"]:
        yield str(note)


def part_words(part: str) -> str:
    """Return what a source holds, in words.

    Examples
    --------
    >>> part_words("zones")
    'boundaries'
    """
    return text.say(f"update-part-{part}") if part in _SAID else part
