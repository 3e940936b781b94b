"""Weights: what each figure counts in an index, as its file says and as somebody chose otherwise.

A choice is a mapping of keys to numbers, kept in ``Settings.index_weights``. A key is the id of a domain
(``barriers``), of an indicator (``no-car``) or, where several are averaged as one, of any of these or all joined by a
plus sign (``bad-health+limited-a-lot``). Only proportions matter: within a domain, and among domains.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from assetmap.catalogue import Index, Indicator, Member, Theme
from assetmap.errors import UsageError

WEIGHT_COLUMNS = ("domain", "domain_label", "domain_weight", "indicators", "label", "weight", "share", "loaded")


def member_key(member: Member) -> str:
    """Return the key of a sub-indicator: its indicator's id, or several joined by a plus sign.

    Examples
    --------
    >>> member_key(Member(("bad-health", "limited-a-lot"), 1.0, False))
    'bad-health+limited-a-lot'
    """
    return "+".join(member.indicators)


def weights_in_use(
    index: Index, indicators: Mapping[str, Indicator], loaded: Collection[str], chosen: Mapping[str, float]
) -> pd.DataFrame:
    """Return what each figure of an index counts now, one row for each, for controls and for the provenance.

    Parameters
    ----------
    index, indicators
        From the catalogue.
    loaded
        Ids of the indicators that this workspace has.
    chosen
        Weights that replace the file's, such as ``settings.index_weights``. Keys that this index does not have are
        passed over: they belong to another one.

    Returns
    -------
    pandas.DataFrame
        Index ``key``, under which a weight is given, in the order of the file. ``domain`` (also the key of the
        domain's own weight), ``domain_label``, ``domain_weight``; ``indicators``, a tuple of ids, more than one where
        they are averaged as one; ``label``, their labels joined by "; "; ``weight``, 0 where it is switched off;
        ``share``, 0 to 1, its part of the whole index among what is loaded, 0 where it is not; ``loaded``, whether
        any of its indicators is.

    Raises
    ------
    UsageError
        If a weight is negative or not a number.

    Examples
    --------
    >>> from assetmap.catalogue import load_catalogue
    >>> shipped = load_catalogue()
    >>> told = weights_in_use(
    ...     shipped.indices["isolation"], shipped.indicators, ["no-car", "limited-english"], {"no-car": 3}
    ... )
    >>> told.loc[["no-car", "limited-english", "moved-last-year"], ["weight", "share", "loaded"]].values.tolist()
    [[3.0, 0.75, True], [1.0, 0.25, True], [1.0, 0.0, False]]
    """
    weights = resolve_weights(index, own_weights(index, chosen))
    rows = [
        {
            "key": member_key(member),
            "domain": domain.id,
            "domain_label": domain.label,
            "domain_weight": weights[domain.id],
            "indicators": member.indicators,
            "label": "; ".join(indicators[name].label for name in member.indicators),
            "weight": weights[member_key(member)],
            "loaded": any(name in loaded for name in member.indicators),
        }
        for domain in index.domains
        for member in domain.members
    ]
    table = pd.DataFrame(rows).set_index("key")
    return table.assign(share=_shares(table))[list(WEIGHT_COLUMNS)]


def _shares(table: pd.DataFrame) -> pd.Series[float]:
    """Return each row's part of the whole, of the domains that have anything to say."""
    heard = table["weight"].where(table["loaded"], 0.0)
    in_domain = heard.groupby(table["domain"]).transform("sum")
    within = (heard / in_domain).where(in_domain > 0, 0.0)
    speaking = table["domain_weight"].where(in_domain > 0, 0.0)
    total = float(speaking.groupby(table["domain"]).first().sum())
    shares: pd.Series[float] = within * speaking / total if total > 0 else within * 0.0
    return shares


def own_weights(index: Index, chosen: Mapping[str, float]) -> dict[str, float]:
    """Return those of the chosen weights whose keys this index has.

    Weights chosen for one index stay with the study while another is looked at.
    """
    known = _names(index)
    return {name: weight for name, weight in chosen.items() if name in known}


def check_weights(index: Index, indices: Iterable[Index], chosen: Mapping[str, float]) -> dict[str, float]:
    """Return the chosen weights that concern an index, once all of them make sense.

    Parameters
    ----------
    index
        The index about to be built.
    indices
        All of them: a key must belong to one.
    chosen
        Weights by key.

    Raises
    ------
    UsageError
        If no index has a key, a weight is negative or not a number, one figure gets two weights, or nothing of a
        domain, or no domain, is left with a weight.
    """
    known = {name for one in indices for name in _names(one)} | set(_names(index))
    for name, weight in chosen.items():
        _require_known(name, known, index.id)
        _require_amount(name, weight, index.id)
    mine = own_weights(index, chosen)
    require_some(index, resolve_weights(index, mine), mine)
    return mine


def resolve_weights(index: Index, chosen: Mapping[str, float]) -> dict[str, float]:
    """Return the weight of each domain and each sub-indicator by key, after the choices made.

    Raises
    ------
    UsageError
        If a weight is for something that the index does not have, is negative or not a number, or one figure gets
        two that differ.
    """
    weights = {domain.id: domain.weight for domain in index.domains}
    for member in (m for domain in index.domains for m in domain.members):
        weights[member_key(member)] = 0.0 if member.optional else member.weight
    names, given = _names(index), dict[str, float]()
    for name, weight in chosen.items():
        _require_known(name, names, index.id)
        _require_amount(name, weight, index.id)
        if given.setdefault(names[name], weight) != weight:
            do = "give one weight, since these figures are averaged as one"
            raise UsageError("one figure is given two weights", f"{index.id}, {names[name]}", name, do)
    return weights | given


def require_some(index: Index, weights: Mapping[str, float], chosen: Mapping[str, float]) -> None:
    """Refuse choices that leave a domain with a weight but nothing in it, or the index without any domain.

    Raises
    ------
    UsageError
        Naming the domain and what to do.
    """
    if not chosen:
        return
    if not any(weights[domain.id] > 0 for domain in index.domains):
        names = ", ".join(domain.id for domain in index.domains)
        raise UsageError("every domain has the weight 0", index.id, names, "give one of them a weight above 0")
    for domain in index.domains:
        keys = [member_key(member) for member in domain.members]
        if weights[domain.id] > 0 and not any(weights[key] > 0 for key in keys):
            do = f"give one of them a weight above 0, or leave the domain out with {domain.id} = 0"
            raise UsageError(f"every figure of {domain.label} has the weight 0", index.id, ", ".join(keys), do)


def check_theme_weights(themes: Mapping[str, Theme], chosen: Mapping[str, float]) -> None:
    """Refuse weights of themes that make no sense, in the words of :func:`check_weights`.

    Raises
    ------
    UsageError
        If there is no such theme, a weight is negative or not a number, or no theme is left with one.
    """
    for name, weight in chosen.items():
        _require_known(name, themes, "the themes")
        _require_amount(name, weight, "the themes")
    if chosen and not any(chosen.get(theme.id, theme.weight) > 0 for theme in themes.values()):
        raise UsageError("every theme has the weight 0", "the themes", do="give one of them a weight above 0")


def _names(index: Index) -> dict[str, str]:
    """Return the key of a domain or sub-indicator for every name it goes by."""
    names = {domain.id: domain.id for domain in index.domains}
    for member in (m for domain in index.domains for m in domain.members):
        names |= dict.fromkeys((member_key(member), *member.indicators), member_key(member))
    return names


def _require_known(name: str, known: Collection[str], where: str) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        do = f"did you mean {near[0]}?" if near else f"weights may be given to {', '.join(sorted(known))}"
        raise UsageError("a weight is given to something that is not there", where, name, do)


def _require_amount(name: str, weight: float, where: str) -> None:
    if not (math.isfinite(weight) and weight >= 0):
        raise UsageError("a weight must be zero or more", f"{where}, {name}", str(weight), "correct it")
