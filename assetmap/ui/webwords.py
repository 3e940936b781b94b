"""What recorded ties say, in plain words. Pure: a web goes in, sentences come out."""

from __future__ import annotations

from typing import Final

import pandas as pd

from assetmap import text
from assetmap.connections import Measures
from assetmap.privacy.networks import LEAST_NODES
from assetmap.study import Study
from assetmap.ui import tied
from assetmap.ui.tied import Measured, Web

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


def sentences(made: Study, web: Web, said: Measured) -> list[str]:
    """Return what the recorded ties say, each in one sentence; nothing where nothing may be said."""
    measures = said.measures
    if measures is None:
        return [text.say("tie-few", least=LEAST_NODES)]
    if not len(web.ties):
        return [text.say("tie-none", groups=text.count(len(web.groups), "group"))]
    names = tied.said_names(made, web.groups)
    told = [_components(measures), _through(measures, names)]
    if tied.is_team(made.role):
        # Of the ties it does not see nobody outside can say how many there are, nor who has none.
        told = [_density(measures), *told, _alone(measures, names), _mixing(said)]
    return [sentence for sentence in told if sentence]


def _density(measures: Measures) -> str:
    share = 100 * measures.density
    return text.say(
        "tie-density",
        groups=text.count(measures.nodes, "group"),
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


def _through(measures: Measures, names: pd.Series) -> str:
    """Name the groups many links pass through: groups, never anybody in them."""
    most = measures.table["betweenness"].sort_values(ascending=False, kind="stable")
    most = most[most >= max(_LEAST_THROUGH * float(most.sum()), 1e-12)].head(_NAMED)
    if not len(most):
        return ""
    said = text.say("tie-through", names=text.join_words(str(names.loc[str(key)]) for key in most.index))
    tied = measures.nodes - measures.without_ties
    if measures.sources >= tied:
        return said
    return f"{said} {text.say('tie-sampled', some=f'{measures.sources:,}', all=f'{tied:,}')}"


def _alone(measures: Measures, names: pd.Series) -> str:
    alone = [str(key) for key in measures.table.index[measures.table["degree"] == 0]]
    if not alone:
        return text.say("tie-nobody-alone")
    # What people here wrote down themselves is named before what only the street map knows.
    own = [key for key in alone if key.startswith("own:")] or alone
    named = text.join_words(str(names.loc[key]) for key in own[:_NAMED])
    return text.say("tie-alone", count=f"{len(alone):,}", groups=text.count(measures.nodes, "group"), names=named)


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
