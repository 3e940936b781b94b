"""What recorded ties say, in plain words. Pure: a web goes in, sentences come out."""

from __future__ import annotations

from typing import Final

import pandas as pd

from assetmap import text
from assetmap.connections import GROUPS, Measures
from assetmap.privacy.networks import LEAST_NODES
from assetmap.study import Study
from assetmap.ui import tied
from assetmap.ui.tied import Measured, Web

_NAMED: Final = 3
#: A group through which no share of all shortest ways to speak of passes is not named.
_LEAST_THROUGH: Final = 0.05


def title(made: Study, web: Web) -> str:
    """Return the message of the picture in one line."""
    if not len(web.ties):
        return text.say("tie-title-none")
    ends = pd.Index(pd.concat([web.ties["from_id"], web.ties["to_id"]]).unique())
    ties = text.count(len(web.ties), "recorded tie")
    return text.say("tie-title", groups=_counted(made, web, ends), ties=ties)


def _are_groups(made: Study, web: Web) -> pd.Series:
    """Return which are groups: a building or a custom is not, nor a venue, where people go and do not belong."""
    venues = [category.id for category in made.catalogue.categories.values() if category.venue]
    found: pd.Series = web.groups["kind"].isin(list(GROUPS)) & ~web.groups["category"].isin(venues)
    return found


def _counted(made: Study, web: Web, ids: pd.Index) -> str:
    """Return how many there are, called what they are."""
    if _are_groups(made, web).loc[ids].all():
        return text.count(len(ids), "group")
    return text.count(len(ids), "group or place", "groups and places")


def lead(made: Study, web: Web) -> str:
    """Return the line under it: that a tie nobody recorded is not a tie that is not there."""
    if not tied.is_team(made.role):
        return text.say("tie-lead-outside", place=made.name)
    return text.say("tie-lead" if len(web.ties) else "tie-lead-none", place=made.name)


def sentences(made: Study, web: Web, said: Measured) -> list[str]:
    """Return what the recorded ties say, each in one sentence; nothing where nothing may be said."""
    measures = said.measures
    if measures is None:
        return [text.say("tie-few", least=LEAST_NODES)]
    if not len(web.ties):
        return [text.say("tie-none", groups=_counted(made, web, web.groups.index))]
    names = tied.said_names(made, web.groups)
    groups = _are_groups(made, web)
    told = [_components(measures), _through(measures, names, groups)]
    if tied.is_team(made.role):
        # Of the ties it does not see nobody outside can say how many there are, nor who has none.
        all_of_them = _counted(made, web, web.groups.index)
        told = [_density(measures, all_of_them), *told, _alone(measures, names, groups), _mixing(said)]
    return [sentence for sentence in told if sentence]


def _density(measures: Measures, groups: str) -> str:
    share = 100 * measures.density
    return text.say(
        "tie-density",
        groups=groups,
        share=text.say("tie-under-one") if 0 < share < 1 else f"{share:.0f}",
        mean=f"{measures.mean_degree:.1f}",
    )


def _components(measures: Measures) -> str:
    """Return into how many circles the tied ones fall."""
    if not measures.components:
        return ""
    if measures.components == 1:
        return text.say("tie-one-component")
    return text.say("tie-components", count=measures.components, largest=measures.largest)


def _through(measures: Measures, names: pd.Series, groups: pd.Series) -> str:
    """Name what many links pass through: groups, and places as what they are, never anybody in them."""
    most = measures.table["betweenness"].sort_values(ascending=False, kind="stable")
    most = most[most >= max(_LEAST_THROUGH * float(most.sum()), 1e-12)].head(_NAMED)
    if not len(most):
        return ""
    key = "tie-through" if groups.loc[most.index].all() else "tie-through-places"
    said = text.say(key, names=text.join_words(str(names.loc[str(key)]) for key in most.index))
    tied = measures.nodes - measures.without_ties
    if measures.sources >= tied:
        return said
    return f"{said} {text.say('tie-sampled', some=f'{measures.sources:,}', all=f'{tied:,}')}"


def _alone(measures: Measures, names: pd.Series, groups: pd.Series) -> str:
    """Say how many groups have no links recorded yet, and how many places."""
    table = measures.table
    alone = table.index[table["degree"] == 0]
    if not len(alone):
        return text.say("tie-nobody-alone")
    own, places = groups.loc[alone], int((~groups.loc[table.index]).sum())
    named = [str(key) for key in alone[own]]
    said = []
    if named:
        # What people here wrote down themselves is named before what only the street map knows.
        first = [key for key in named if key.startswith("own:")] or named
        words = text.join_words(str(names.loc[key]) for key in first[:_NAMED])
        all_groups = text.count(len(table) - places, "group")
        said.append(text.say("tie-alone", count=f"{len(named):,}", groups=all_groups, names=words))
    if len(alone) > len(named):
        count = len(alone) - len(named)
        said.append(text.say("tie-alone-places", count=f"{count:,}", places=text.count(places, "place")))
    return " ".join(said)


def _mixing(said: Measured) -> str:
    mixing = said.mixing
    if mixing is None or mixing.says == "nothing":
        return ""
    across = round(100 * (mixing.value + 1) / 2)
    low, high = (round(100 * (edge + 1) / 2) for edge in (mixing.low, mixing.high))
    return text.say(f"tie-mixing-{mixing.says}", across=across, low=low, high=high)


def group_rows(measures: Measures, names: pd.Series, most: int) -> list[list[str]]:
    """Return the groups as rows: ties, the share of ways that pass through, the group of groups; best tied first."""
    table = measures.table.sort_values("degree", ascending=False, kind="stable").head(most)
    whole = float(measures.table["betweenness"].sum()) or 1.0
    return [
        [
            str(names.loc[str(key)]),
            f"{int(row['degree']):,}",
            text.say("percent", value=f"{100 * row['betweenness'] / whole:.0f}"),
            f"{int(row['component']):,}" if row["degree"] else text.say("tie-no-links"),
        ]
        for key, row in table.iterrows()
    ]
