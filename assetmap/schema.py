"""The tables that travel: their columns, types and units, and one check that holds them to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, get_args

from assetmap import text
from assetmap.errors import OurError, UsageError

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

#: The one source of everything in the made-up town.
MADE_UP: Final = "demo-town"

ColumnType = Literal["text", "number", "count", "date", "point", "area", "bytes"]
Table = TypeVar("Table", "pd.DataFrame", "gpd.GeoDataFrame")


@dataclass(frozen=True)
class Column:
    """One column: its type, its unit or vocabulary, and what it means when it is empty."""

    name: str
    type: ColumnType
    meaning: str
    empty: str = "never empty"


@dataclass(frozen=True)
class TableSpec:
    """A table's index and columns. Columns beyond these may follow (one per indicator, for example)."""

    name: str
    index: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """The column names in order."""
        return [column.name for column in self.columns]


KINDS = ("building", "association", "organisation", "culture", "person")
SOURCES_OF_KNOWLEDGE = ("resident", "worker", "partner", "open data")
CLASSES = ("priority", "watch", "build-on", "strong-base", "none")
STATES = MappingProxyType(
    {
        "ok": "asked and answered",
        "no-data": "no index for this zone",
        "not-yet-mapped": "there is reason to think that what is here has not been mapped",
        "unreachable": "most people here live off the paths of our map",
        "outside-extract": "the street map does not reach here",
        "edge": "the class would differ if something stood just beyond the end of the map",
        "no-streets": "no street map is loaded",
        "rural": "a small rural place with little in walking distance",
    }
)

ASSETS = TableSpec(
    "assets",
    "asset_id",
    (
        Column("name", "text", "as people call it", "no name is known"),
        Column("kind", "text", f"one of {', '.join(KINDS)}"),
        Column("category", "text", "id of a file in layers/assets"),
        Column("geometry", "point", "where people find it, in the workspace's metres"),
        Column("outline", "bytes", "its ground plan as WKB in the workspace's metres", "drawn as a point"),
        Column("address", "text", "public address", "not known"),
        Column("contact", "text", "an organisation's public contact, never a named person's", "not known"),
        Column("opening_times", "text", "in OpenStreetMap's syntax", "not known"),
        Column("accessibility", "text", "what is known of getting in", "not known"),
        Column("capacity", "number", "places or plots", "not known"),
        Column("offers", "text", "what goes on or is lent here", "not known"),
        Column("wishes", "text", "what they would like to have or do", "not known"),
        Column("languages", "text", "spoken there besides English", "not known"),
        Column("cost", "text", "what coming costs", "not known"),
        Column("meets", "text", "place, moves, online or none", "at its place, as far as is known"),
        Column("at_risk", "text", "why it may close", "no risk is recorded"),
        Column("risk_date", "text", "the day by which it may, as an ISO date", "not known"),
        Column("photo", "text", "its picture in the workspace", "none"),
        Column("seen", "text", "a short hash of what OpenStreetMap says of it", "one of the community's own"),
        Column("source", "text", "id of a file in layers/sources"),
        Column("source_id", "text", "the source's own id"),
        Column("licence", "text", "licence of this row"),
        Column("identified_by", "text", f"one of {', '.join(SOURCES_OF_KNOWLEDGE)}"),
        Column("last_checked", "date", "when somebody last said it is right", "never checked"),
        Column("version", "count", "rises by one at each change"),
        Column("trust", "number", "0 closed, 0.7 open data only, 1 checked within 12 months"),
    ),
)

ZONES = TableSpec(
    "zones",
    "zone_id",
    (
        Column("zone_name", "text", "the name residents use, else a published one, else a ward and a landmark"),
        Column("name_from", "text", "own, file, library, landmark or number: who or what it is named by"),
        Column("population", "number", "people who live here", "not known"),
        Column("households", "number", "households here", "not known"),
        Column("rural_urban", "text", "rural-urban class of 2021", "not known"),
        Column("geometry", "area", "the zone's outline in the workspace's metres"),
    ),
)

ORIGINS = TableSpec(
    "origins",
    "origin_id",
    (
        Column("zone_id", "text", "the zone these people live in"),
        Column("population", "number", "people walking from here", "not known"),
        Column("geometry", "point", "where their walk begins, in the workspace's metres"),
        Column("how", "text", "oa-centroid, zone-centroid or representative-point"),
    ),
)

GAPS = TableSpec(
    "gaps",
    "zone_id",
    (
        Column("zone_name", "text", "as in zones"),
        Column("population", "number", "people who live here", "not known"),
        Column("isolation", "number", "0-100, circumstances linked with isolation; never printed", "no index"),
        Column("isolation_pct", "number", "percentile of isolation, 0-100", "no index"),
        Column("access", "number", "coverage by theme, 0-100", "no streets"),
        Column("access_upper", "number", "access if everything stood just beyond the map's end", "no streets"),
        Column(
            "nearest_minutes",
            "number",
            "minutes on foot to the nearest asset that counts; inf over 35 minutes",
            "no streets",
        ),
        Column(
            "count_within", "number", "assets that count within 10 minutes on foot, mean over residents", "no streets"
        ),
        Column("themes_within", "number", "themes with an asset that counts within 10 minutes on foot", "no streets"),
        Column("state", "text", f"one of {', '.join(STATES)}"),
        Column("class", "text", f"one of {', '.join(CLASSES)}", "state is not ok"),
        Column("provisional_class", "text", "the class the figures alone would give", "cannot be reckoned"),
        Column("confidence", "number", "share of re-drawn runs in which the class holds, 0-1", "no class"),
        Column("rank", "number", "place in the list, 1 is talked about first", "no class"),
        Column("reasons", "text", "sentences, strengths first"),
    ),
)


@dataclass(frozen=True)
class Step:
    """One finished step of long work, said by the command line, the app and the tests alike.

    ``sentence`` fills ``step-<id>`` of the sentences with the count. Of long work it may say as well of how many
    (``total``), and for how many seconds it will go on (``left``).
    """

    id: str
    count: int = 0
    total: int = 0
    left: float | None = None

    def sentence(self) -> str:
        """Return the step as a reader sees it.

        Examples
        --------
        >>> Step("fetching", 1200, 4800, 75.0).sentence()
        'fetching: 1,200 kB so far of 4,800, about 2 min left'
        """
        said = text.say(f"step-{self.id}", count=f"{self.count:,}")
        if self.total:
            said += text.say("step-total", total=f"{self.total:,}")
        if self.left is not None:
            seconds = math.ceil(self.left)
            left = f"{seconds} s" if seconds < 60 else f"{math.ceil(seconds / 60)} min"
            said += text.say("step-left", left=left)
        return said


Reference = Literal["local", "england"]
Standard = float | Literal["relative"]
Walker = Literal["usual", "slow"]
Route = Literal["any", "step-free"]
Hours = Literal["any", "evening", "sunday"]


@dataclass(frozen=True)
class Settings:
    """The choices a study is made under; all of them travel with it.

    ``index`` empty means: the general index if enough of it is loaded, else the published one. ``standard`` is the
    access below which little is within a walk, or "relative": compared within this place. ``full`` and ``none`` are
    metres: full credit up to the one, no credit from the other. Weights given here replace a layer file's.
    ``walker`` is how fast people walk: ``slow`` is 0.8 m/s, and as many minutes reach less far, so that the metres
    meant by ``full`` and ``none`` shrink with it. ``route`` is which ways they can take, ``hours`` when a place must
    be open.
    """

    index: str = ""
    reference: Reference = "local"
    standard: Standard = 50.0
    full: float = 400.0
    none: float = 1200.0
    theme_weights: Mapping[str, float] = field(default_factory=dict)
    index_weights: Mapping[str, float] = field(default_factory=dict)
    walker: Walker = "usual"
    route: Route = "any"
    hours: Hours = "any"

    @property
    def conditions(self) -> str:
        """What a sentence about walks must add: nothing, or as ", step-free, on a Sunday".

        Examples
        --------
        >>> Settings().conditions, Settings(walker="slow", hours="evening").conditions
        ('', ', at a slow pace, in the evening')
        """
        chosen = (("walker", self.walker, "usual"), ("route", self.route, "any"), ("hours", self.hours, "any"))
        return "".join(f", {text.say(f'choice-{name}-{word}')}" for name, word, plain in chosen if word != plain)

    def but(self, **changes: Any) -> Settings:
        """Return the settings with some of them changed.

        Raises
        ------
        UsageError
            If the distances or the standard make no sense, or a word is not one of those known.
        """
        changed = replace(self, **changes)
        if not 0 <= changed.full < changed.none <= 3000:
            raise UsageError(
                "the walking distances make no sense",
                "--full, --none",
                f"{changed.full:g}, {changed.none:g}",
                "give metres with 0 <= full < none <= 3000",
            )
        for name, words in (("walker", Walker), ("route", Route), ("hours", Hours)):
            if getattr(changed, name) not in get_args(words):
                do = f"give one of {', '.join(get_args(words))}"
                raise UsageError(f"is not a {name}", f"--{name}", str(getattr(changed, name)), do)
        if isinstance(changed.standard, str) and changed.standard != "relative":
            raise UsageError("is not a standard", "--standard", changed.standard, "give a number or the word relative")
        if not isinstance(changed.standard, str) and not 0 < changed.standard <= 75:
            raise UsageError("is not a standard", "--standard", f"{changed.standard:g}", "give more than 0, at most 75")
        return changed


def among(cells: pd.Index, known: pd.Index) -> NDArray[np.bool_]:
    """Tell which cells are among the known ones, however many these are.

    It says what ``isin`` says, which of a column of text needs a hundredth of a millisecond for each known one.

    Examples
    --------
    >>> import pandas as pd
    >>> among(pd.Index(["a", "x", None], dtype="str"), pd.Index(["b", "a", "a"])).tolist()
    [True, False, False]
    """
    found: NDArray[np.bool_] = known.unique().get_indexer(cells) >= 0
    return found


def check(table: Table, spec: TableSpec) -> Table:
    """Return the table if it keeps its promise.

    Parameters
    ----------
    table
        A table about to travel from one room to the next.
    spec
        What it must hold.

    Raises
    ------
    OurError
        If the index has another name or repeats itself, or a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> check(pd.DataFrame({"a": [1]}, index=pd.Index(["z"], name="id")), TableSpec("t", "id", ())).shape
    (1, 1)
    """
    if table.index.name != spec.index:
        raise OurError("a table's index has another name", spec.name, str(table.index.name), f"call it {spec.index}")
    if not table.index.is_unique:
        twice = table.index[table.index.duplicated()][0]
        raise OurError("a table holds one id twice", spec.name, str(twice), "find out where the second came from")
    missing = [name for name in spec.names if name not in table.columns]
    if missing:
        raise OurError("a table lacks columns", spec.name, ", ".join(missing), "add them where the table is made")
    return table
