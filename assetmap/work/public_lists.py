"""Public lists of the places and groups of one area, fetched and laid beside a workspace for somebody to look at.

Nothing of them becomes an asset by itself. Libraries, general practices and places for sport are public buildings, so
their lists come with a new place; what is in them is looked through like any list, and each row is held against
OpenStreetMap and what is here already. The register of charities and the store of grants come only when asked for:
most of their rows are groups without a place of their own, known by an address that may be somebody's home.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import geopandas as gpd

from assetmap import text
from assetmap.catalogue import Catalogue, Source
from assetmap.errors import UsageError
from assetmap.intake import catalogue_of
from assetmap.schema import Step
from assetmap.sources import active_places, charities, gp_practices, grants_received, libraries, referral_feed
from assetmap.sources.answers import Failed, Found, NoneMapped
from assetmap.sources.public_list import Here, here_of
from assetmap.sources.web import Client
from assetmap.store.files import LISTS as FOLDER
from assetmap.store.workspace import Workspace, read_table

Answer = Found | NoneMapped | Failed
Fetch = Callable[[Client, Source, Here], Generator[Step, None, Answer]]


@dataclass(frozen=True)
class PublicList:
    """A list that can be fetched: its source in the catalogue, who fetches it, and what to add it with."""

    source: str
    fetch: Fetch | None
    more: str = ""
    is_register: bool = False


LISTS: Final[Mapping[str, PublicList]] = {
    "libraries": PublicList(libraries.SOURCE, libraries.fetch, " --category library"),
    "gp-practices": PublicList(gp_practices.SOURCE, gp_practices.fetch, " --category gp-surgery"),
    "active-places": PublicList(active_places.SOURCE, active_places.fetch),
    "charities": PublicList(charities.SOURCE, charities.fetch, " --placeless keep", is_register=True),
    "grants": PublicList(grants_received.SOURCE, None, " --placeless keep", is_register=True),
    "services": PublicList(referral_feed.SOURCE, None),
}
#: What comes with a new place without being asked for.
BY_ITSELF: Final = ("libraries", "gp-practices", "active-places")


@dataclass(frozen=True)
class Asked:
    """What is asked for: lists by name; of whom grants are looked for; where a directory of services answers."""

    names: tuple[str, ...] = BY_ITSELF
    charity_numbers: tuple[str, ...] = ()
    feed: str = ""


def fetch_lists(
    client: Client, catalogue: Catalogue, here: Here, names: Sequence[str]
) -> Generator[Step, None, dict[str, Answer]]:
    """Ask for lists of one place, one after the other; one that fails does not stop the others."""
    answers: dict[str, Answer] = {}
    for name in names:
        known = LISTS[name]
        if known.fetch is not None:
            answers[name] = yield from known.fetch(client, catalogue.sources[known.source], here)
    return answers


def fetch_for(
    workspace: Workspace, asked: Asked, client: Client | None = None
) -> Generator[Step, None, dict[str, Answer]]:
    """Fetch lists for a workspace, into its folder of lists.

    Parameters
    ----------
    workspace
        Whose place it is.
    asked
        Which lists.
    client
        Who asks; one of our own when None.

    Returns
    -------
    dict
        The answer to each, by name. A list that came before stays where a new one cannot be had.

    Raises
    ------
    UsageError
        If a list is not known, or what it needs was not said.
    """
    _refuse(asked)
    asker = client or Client(workspace.cache / FOLDER)
    catalogue = catalogue_of(workspace)
    postcodes = read_table(workspace, "postcodes") if workspace.has_table("postcodes") else None
    here = here_of(gpd.GeoDataFrame(read_table(workspace, "zones")), postcodes)
    answers = yield from fetch_lists(asker, catalogue, here, asked.names)
    if "grants" in asked.names:
        source = catalogue.sources[grants_received.SOURCE]
        answers["grants"] = yield from grants_received.fetch(asker, source, asked.charity_numbers)
    if "services" in asked.names:
        answers["services"] = yield from referral_feed.fetch(asker, asked.feed)
    return answers


def _refuse(asked: Asked) -> None:
    for name in asked.names:
        if name not in LISTS:
            raise UsageError("is not a list that can be fetched", "LIST", name, f"choose among {', '.join(LISTS)}")
    if "grants" in asked.names and not asked.charity_numbers:
        raise UsageError("needs the charities to ask for", "grants", do="give their numbers: --charity 1164883")
    if "services" in asked.names and not asked.feed:
        raise UsageError("needs the address of the council's feed", "services", do="give it with --feed https://...")


def sentences(
    answers: Mapping[str, Answer], catalogue: Catalogue, workspace: Workspace, folder: str
) -> Generator[str, None, None]:
    """Yield what a reader is told of each list, a line each."""
    for name, answer in answers.items():
        known, title = LISTS[name], catalogue.sources[LISTS[name].source].title
        if isinstance(answer, NoneMapped):
            yield text.say("fetch-none", service=title, asked=workspace.name)
        elif isinstance(answer, Failed):
            yield answer.sentence()
        found = answer.last if isinstance(answer, Failed) else answer
        if isinstance(found, Found):
            say = partial(text.say, "list-register-waits" if known.is_register else "list-waits")
            file = (
                f"{folder}/{found.path.relative_to(workspace.folder).as_posix()}" if _lies_in(found, workspace) else ""
            )
            rows = text.count(_rows(found.path), "row")
            yield say(title=title, rows=rows, file=file or found.path.name, folder=folder, more=known.more)


def _lies_in(found: Found, workspace: Workspace) -> bool:
    return found.path.is_relative_to(workspace.folder)


def _rows(path: Path) -> int:
    """Return how many rows a list has, or things a JSON file."""
    if path.suffix == ".json":
        document = json.loads(path.read_text(encoding="utf-8"))
        return len(document.get("grants") or document.get("contents") or [])
    with path.open(encoding="utf-8", newline="") as file:
        return max(sum(1 for _ in csv.reader(file)) - 1, 0)
