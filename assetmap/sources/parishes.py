"""Parishes of England and communities of Wales by their names, and what is no area at all: primary care networks.

The portal's list of names says in which authority each parish lies; its outlines are another data set, by the same
codes. No list says which zones a parish is made of, since it may be smaller than one.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Final

import shapely

from assetmap.catalogue import Source
from assetmap.errors import UsageError
from assetmap.place import Place
from assetmap.schema import Step
from assetmap.sources.answers import Failed, Found, NoneMapped
from assetmap.sources.feature_service import ask, layer, quoted, read_json, records, service_words
from assetmap.sources.web import Client

KIND: Final = "parishes"
_NETWORK: Final = re.compile(r"\bPCN\b|\bprimary care networks?\b|^U\d{5}$", re.IGNORECASE)


def find_by_name(
    client: Client, source: Source, name: str, within: str
) -> Generator[Step, None, Place | NoneMapped | Failed]:
    """Return the parish or community of this name, as an outline.

    Parameters
    ----------
    client
        Who asks.
    source
        ``ons-boundaries`` of the catalogue.
    name
        Its name, in letters of any size.
    within
        What stood after the comma: tells parishes of one name apart where it is their authority's name.

    Raises
    ------
    UsageError
        If several parishes have the name and ``within`` does not tell which.
    """
    names = service_words(source, "fields")
    listed = layer(source, "parishes", ("parish", "parish_name", "parish_authority"), shapes=False)
    rows = yield from ask(client, listed, f"UPPER({names['parish_name']})={quoted(name.upper())}", "named-parish.json")
    if isinstance(rows, Failed) and rows.last is not None:
        rows = rows.last
    if not isinstance(rows, Found):
        return rows
    there = {
        str(row[names["parish"]]): (str(row[names["parish_name"]]), str(row[names["parish_authority"]]))
        for row in records(rows.path)
    }
    if len(there) > 1:
        there = {code: one for code, one in there.items() if one[1].lower() == within.lower()} or there
    if len(there) > 1:
        known = "; ".join(sorted(f"{said}, {authority}" for said, authority in there.values())[:12])
        raise UsageError("is the name of several parishes", "--place", name, f"write one of: {known}")
    code, (said, _) = next(iter(there.items()))
    return (yield from _outline(client, source, code, said))


def _outline(
    client: Client, source: Source, code: str, name: str
) -> Generator[Step, None, Place | NoneMapped | Failed]:
    outlines = layer(source, "parish_outlines", ("parish_outline",))
    rows = yield from ask(client, outlines, f"{outlines.key}={quoted(code)}", "parish.geojson")
    if isinstance(rows, Failed) and rows.last is not None:
        rows = rows.last
    if not isinstance(rows, Found):
        return rows
    shapes = [shapely.geometry.shape(row["geometry"]) for row in read_json(rows.path)["features"]]
    return Place(name, shapely.union_all(shapely.make_valid(shapes)), said_by=source.id)


def refuse_network(typed: str) -> None:
    """Refuse the name or code of a primary care network, before anybody is asked.

    Raises
    ------
    UsageError
        Where it is one: a network is a list of practices, whose patients live where they like.

    Examples
    --------
    >>> refuse_network("Camden, London")
    >>> refuse_network("North Mead PCN")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    assetmap.errors.UsageError: --place: is a primary care network, of which no areas are published: ...
    """
    if _NETWORK.search(typed.strip()):
        raise UsageError(
            "is a primary care network, of which no areas are published: it is a list of GP practices",
            "--place",
            typed.strip()[:80],
            "give the wards or zones that it serves, or a file of its outline from the network itself",
        )
