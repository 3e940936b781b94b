"""What recorded ties say, in plain words. Pure: a web goes in, sentences come out."""

from __future__ import annotations

from typing import Final

import pandas as pd

from assetmap import text
from assetmap.privacy.networks import LEAST_NODES
from assetmap.study import Study
from assetmap.ui import tied
from assetmap.ui.tied import Web

_NAMED: Final = 3
#: A group through which no share of all shortest ways to speak of passes is not named.
_LEAST_THROUGH: Final = 0.05


def title(web: Web) -> str:
    """Return the message of the picture in one line."""
    if not len(web.ties):
        return text.say("tie-title-none")
    ends = pd.concat([web.ties["from_id"], web.ties["to_id"]]).nunique()
    ties = text.count(len(web.ties), "recorded tie")
    return text.say("tie-title", groups=text.count(ends, "group"), ties=ties)


def lead(made: Study, web: Web) -> str:
    """Return the line under it: that a tie nobody recorded is not a tie that is not there."""
    if not tied.is_team(made.role):
        return text.say("tie-lead-outside", place=made.name)
    return text.say("tie-lead" if len(web.ties) else "tie-lead-none", place=made.name)


def sentences(made: Study, web: Web) -> list[str]:
    """Return what the recorded ties say, each in one sentence; nothing where nothing may be said."""
    if web.measures is None:
        return [text.say("tie-few", least=LEAST_NODES)]
    if not tied.is_team(made.role):
        # Of the ties it does not see nobody outside can say how many there are, nor who has none.
        return [
            sentence for sentence in (_components(web), _through(web, tied.said_names(made, web.groups))) if sentence
        ]
    if not len(web.ties):
        return [text.say("tie-none", groups=text.count(len(web.groups), "group"))]
    names = tied.said_names(made, web.groups)
    said = [_density(web), _components(web), _through(web, names), _alone(web, names), _mixing(web)]
    return [sentence for sentence in said if sentence]


def _density(web: Web) -> str:
    measures = web.measures
    if measures is None:
        return ""
    share = 100 * measures.density
    return text.say(
        "tie-density",
        groups=text.count(measures.nodes, "group"),
        share=text.say("tie-under-one") if 0 < share < 1 else f"{share:.0f}",
        mean=f"{measures.mean_degree:.1f}",
    )


def _components(web: Web) -> str:
    """Return into how many groups of groups the tied ones fall."""
    table = web.measures.table if web.measures is not None else pd.DataFrame()
    sizes = table.loc[table["degree"] > 0, "component"].value_counts()
    if not len(sizes):
        return ""
    if len(sizes) == 1:
        return text.say("tie-one-component")
    return text.say("tie-components", count=len(sizes), largest=int(sizes.iloc[0]))


def _through(web: Web, names: pd.Series) -> str:
    """Name the groups many links pass through: groups, never anybody in them."""
    table = web.measures.table if web.measures is not None else pd.DataFrame()
    most = table["betweenness"].sort_values(ascending=False, kind="stable")
    most = most[most >= max(_LEAST_THROUGH * float(most.sum()), 1e-12)].head(_NAMED)
    if not len(most):
        return ""
    return text.say("tie-through", names=text.join_words(names[key] for key in most.index))


def _alone(web: Web, names: pd.Series) -> str:
    table = web.measures.table if web.measures is not None else pd.DataFrame()
    alone = table.index[table["degree"] == 0]
    if not len(alone):
        return text.say("tie-nobody-alone")
    own = [key for key in alone if str(key).startswith("own:")] or list(alone)
    # What people here wrote down themselves is named before what only the street map knows.
    named = text.join_words(names[key] for key in own[:_NAMED])
    return text.say("tie-alone", count=f"{len(alone):,}", groups=text.count(len(table), "group"), names=named)


def _mixing(web: Web) -> str:
    mixing = web.mixing
    if mixing is None or mixing.says == "nothing":
        return ""
    across = round(100 * (mixing.value + 1) / 2)
    low, high = (round(100 * (edge + 1) / 2) for edge in (mixing.low, mixing.high))
    return text.say(f"tie-mixing-{mixing.says}", across=across, low=low, high=high)


def group_rows(web: Web, names: pd.Series, most: int) -> list[list[str]]:
    """Return the groups as rows: ties, the share of ways that pass through, the group of groups; best tied first."""
    if web.measures is None:
        return []
    table = web.measures.table.sort_values("degree", ascending=False, kind="stable").head(most)
    whole = float(web.measures.table["betweenness"].sum()) or 1.0
    order = {part: number for number, part in enumerate(pd.unique(table["component"]), 1)}
    return [
        [
            str(names.loc[str(key)]),
            f"{int(row['degree']):,}",
            text.say("percent", value=f"{100 * row['betweenness'] / whole:.0f}"),
            str(order[row["component"]]) if row["degree"] else text.say("tie-no-links"),
        ]
        for key, row in table.iterrows()
    ]
