"""The only place that keeps what was reckoned, by fingerprint and never by table.

What lies here is shared by every session: it is read, never assigned into. The key of a study holds who is looking, the
day, the fingerprint of workspace and layers, and the choices.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from types import MappingProxyType
from typing import Any, Final, Generic, NamedTuple, TypeVar

import geopandas as gpd
import pandas as pd
import streamlit as st

from assetmap import exports, study
from assetmap.access import Access
from assetmap.assets import from_openstreetmap
from assetmap.catalogue import Catalogue, load_catalogue, shipped_layers
from assetmap.gaps import Reason
from assetmap.holdings import catalogue_of
from assetmap.maps import payload, style, tieweb, web
from assetmap.roles import Role
from assetmap.schema import Settings, Step
from assetmap.store.cache import digest
from assetmap.store.workspace import Workspace, fingerprint, open_workspace, sources_of
from assetmap.study import Prepared, Study, read_features
from assetmap.ui.weighing import buildable, loaded
from assetmap.work.freshness import Calls, telling_calls

Value = TypeVar("Value")
Told = Callable[[Step], object]
#: How many of each are kept; a prepared place of 5,000 zones takes some hundreds of megabytes.
_PLACES: Final = 4
_STUDIES: Final = 24
#: Of how many ways of walking what was measured last is kept to begin from.
_WALKS: Final = 3
#: The choices that come after walking: whatever they are, what is within a walk stays the same.
_JUDGED: Final = frozenset({"index", "index_weights", "reference", "standard"})


@dataclass(frozen=True)
class Opened:
    """A workspace as it was when it last changed."""

    workspace: Workspace
    catalogue: Catalogue
    fingerprint: str


@dataclass(frozen=True, eq=False)
class Shown:
    """A study with what its pages look up again and again, by zone; ``likeness`` compares its figures."""

    study: Study
    likeness: pd.DataFrame
    steadiness: pd.Series
    findings: pd.Series
    reasons: Mapping[str, tuple[Reason, ...]]
    near: Mapping[str, pd.DataFrame]


class Circumstances(NamedTuple):
    """The indicators a place has figures of, and the indices that can be built from them."""

    loaded: tuple[str, ...]
    buildable: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One packed part of the map and the key it is known by in the browser."""

    key: str
    text: str


class _Slot(Generic[Value]):
    """A place for one value that takes long to make: made once, whoever asks first."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.value: Value | None = None

    def fill(self, make: Callable[[], Value]) -> Value:
        with self.lock:
            if self.value is None:
                self.value = make()
            return self.value


def opened(folder: Path) -> Opened:
    """Return the workspace; it is read again when any of its files changed, which costs only a look at their dates.

    Raises
    ------
    WorkspaceError
        If the folder is not a workspace that can be read.
    """
    return _opened(str(folder), _stamp(folder))


@st.cache_resource(show_spinner=False, max_entries=_PLACES)
def _opened(folder: str, stamp: str) -> Opened:  # noqa: ARG001 (the stamp is the key)
    workspace = open_workspace(Path(folder))
    catalogue = _catalogue(folder, _stamp_of(_layers(Path(folder))))
    return Opened(workspace, catalogue, fingerprint(workspace, catalogue.fingerprint))


@st.cache_resource(show_spinner=False, max_entries=_PLACES)
def _catalogue(folder: str, layers: str) -> Catalogue:  # noqa: ARG001 (the stamp of the layers is the key)
    return catalogue_of(open_workspace(Path(folder)))


def shipped_catalogue() -> Catalogue:
    """Return the layers as they come with assetmap, for where no place is open yet."""
    return _shipped(_stamp_of(_files(shipped_layers())))


@st.cache_resource(show_spinner=False, max_entries=1)
def _shipped(layers: str) -> Catalogue:  # noqa: ARG001 (the stamp of the layers is the key)
    return load_catalogue(shipped_layers())


def _stamp(folder: Path) -> str:
    """Return name, size and time of every file a study is made from, as one short text."""
    # The journal grows before the store does.
    live = [folder / name for name in ("workspace.toml", "store.sqlite", "store.sqlite-wal")]
    return _stamp_of([*_files(folder / "cache"), *_layers(folder), *live])


def _layers(folder: Path) -> list[Path]:
    return [*_files(folder / "layers"), *_files(shipped_layers())]


def _stamp_of(files: list[Path]) -> str:
    marks = []
    for path in files:
        try:
            found = path.stat()
        except FileNotFoundError:
            continue
        # Opening a store to read it makes an empty journal, which says nothing.
        if found.st_size:
            marks.append(f"{path}:{found.st_size}:{found.st_mtime_ns}")
    return digest(sorted(marks))


def _files(folder: Path) -> list[Path]:
    return [Path(where, name) for where, _, names in os.walk(folder) for name in names]


@st.cache_resource(show_spinner=False, max_entries=_PLACES)
def _prepared(place: str, role: Role, day: date) -> _Slot[Prepared]:  # noqa: ARG001
    return _Slot()


@st.cache_resource(show_spinner=False, max_entries=_STUDIES)
def _measured(place: str, role: Role, day: date, walk: str) -> _Slot[tuple[Access | None]]:  # noqa: ARG001
    return _Slot()


@st.cache_resource(show_spinner=False, max_entries=_PLACES)
def _compared(mark: str, index: str) -> _Slot[study.Indexed]:  # noqa: ARG001
    return _Slot()


class _Latest:
    """What was last prepared and measured of a place for a role on a day: what comes after begins from it.

    Whoever adds one asset then waits for one search from it and not for the whole place. What is made from it is what
    would be made anew, so it does not matter whose turn came between.
    """

    def __init__(self) -> None:
        self.prepared: Prepared | None = None
        self.measured: dict[str, Access] = {}

    def note(self, walk: str, access: Access | None) -> None:
        """Keep what was measured, of the few ways of walking asked for last."""
        if access is not None:
            kept = {name: one for name, one in self.measured.items() if name != walk}
            self.measured = dict([*kept.items(), (walk, access)][-_WALKS:])


@st.cache_resource(show_spinner=False, max_entries=_PLACES)
def _latest(folder: str, role: Role, day: date) -> _Latest:  # noqa: ARG001
    return _Latest()


@st.cache_resource(show_spinner=False, max_entries=_STUDIES)
def _shown(place: str, role: Role, day: date, choices: str) -> _Slot[Shown]:  # noqa: ARG001
    return _Slot()


@dataclass(frozen=True)
class Question:
    """What a study is asked for: of which place, by whom, on which day, under which choices."""

    opened: Opened
    role: Role
    day: date
    settings: Settings
    place: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", f"{self.opened.workspace.folder} {self.opened.fingerprint}")

    @property
    def slot(self) -> _Slot[Shown]:
        """Where the answer lies."""
        return _shown(self.place, self.role, self.day, digest(asdict(self.settings)))


def is_ready(question: Question) -> bool:
    """Return whether the answer lies here already."""
    return question.slot.value is not None


def shown(question: Question, tell: Told) -> Shown:
    """Return the study that was asked for, telling each step of the work if there is any."""
    return question.slot.fill(lambda: _build(question, tell))


def _build(question: Question, tell: Told) -> Shown:
    settings, workspace = question.settings, question.opened.workspace
    key = (question.place, question.role, question.day)
    latest = _latest(str(workspace.folder), question.role, question.day)
    prepared = _prepared(*key).fill(lambda: _run(_prepare(question, latest), tell))
    latest.prepared = prepared
    walk = digest({name: choice for name, choice in asdict(settings).items() if name not in _JUDGED})
    # The themes' weights come after the walking too: another weight begins from what was walked under any.
    ways = digest(
        {name: choice for name, choice in asdict(settings).items() if name not in {*_JUDGED, "theme_weights"}}
    )
    before = latest.measured.get(ways)
    # In a tuple of one, because no streets give None.
    (access,) = _measured(*key, walk).fill(lambda: (study.measure_again(before, prepared, settings),))
    latest.note(ways, access)
    tell(Step("access", len(access.reach.pairs) if access else 0))
    index = digest([settings.index, dict(settings.index_weights), settings.reference])
    indexed = _compared(prepared.mark, index).fill(lambda: study.index_zones(prepared, settings))
    return _index(_run(study.judge(prepared, access, settings, indexed), tell))


def _prepare(question: Question, latest: _Latest) -> Generator[Step, None, Prepared]:
    if latest.prepared is None:
        return study.prepare(question.opened.workspace, question.role, question.day)
    return study.prepare_again(latest.prepared, question.opened.workspace, question.opened.catalogue)


def _run(steps: Generator[Step, None, Value], tell: Told) -> Value:
    while True:
        try:
            tell(next(steps))
        except StopIteration as end:
            made: Value = end.value
            return made


def _index(made: Study) -> Shown:
    reasons: dict[str, list[Reason]] = {str(zone): [] for zone in made.gaps.index}
    for reason in made.reasons:
        reasons[reason.zone_id].append(reason)
    findings = made.gaps["class"].where(made.gaps["state"] == "ok", made.gaps["state"])
    return Shown(
        made,
        made.correlations,
        made.steadiness,
        findings,
        MappingProxyType({zone: tuple(said) for zone, said in reasons.items()}),
        MappingProxyType({str(zone): rows for zone, rows in made.found.near.groupby("zone_id", sort=False)}),
    )


def circumstances(question: Question, made: Study) -> Circumstances:
    """Return what a place can say of circumstances: the same whatever is chosen."""
    return _circumstances(question.place, made)


@st.cache_resource(show_spinner=False, max_entries=_PLACES)
def _circumstances(place: str, _study: Study) -> Circumstances:  # noqa: ARG001
    return Circumstances(loaded(_study), buildable(_study))


def base_part(question: Question, made: Study) -> Part:
    """Return the packed ground and streets: the same for everyone, whatever is chosen."""
    key = digest([question.place, "base"])
    return Part(key, _base(key, made))


@st.cache_resource(show_spinner=False, max_entries=_PLACES)
def _base(key: str, _study: Study) -> str:  # noqa: ARG001
    streets = payload.merge_streets(_study.nodes, _study.edges, _study.crs) if len(_study.edges) else None
    return payload.pack(_study.ground, streets, None, None, None, {})


def place_parts(question: Question, made: Shown) -> tuple[Part, Part]:
    """Return the packed zones with their findings, and the packed assets, as this role may see them."""
    zones = digest([made.study.fingerprint, "zones"])
    assets = digest([question.place, question.role, question.day.isoformat(), "assets"])
    return Part(zones, _zones(zones, made)), Part(assets, _assets(assets, made.study))


@st.cache_resource(show_spinner=False, max_entries=_STUDIES)
def _zones(key: str, _shown: Shown) -> str:  # noqa: ARG001
    made = _shown.study
    about = {**web.describe(made), "categories": {}}
    return payload.pack(None, None, made.zones, made.gaps.assign(steadiness=_shown.steadiness), None, about)


@st.cache_resource(show_spinner=False, max_entries=_PLACES)
def _assets(key: str, _study: Study) -> str:  # noqa: ARG001
    categories = web.describe(_study)["categories"]
    current = _study.assets[_study.assets["same_as"].isna()]
    return payload.pack(None, None, None, None, current, {"categories": categories})


def kept(key: str, make: Callable[[], Value]) -> Value:
    """Return something that is made of a place once; the key says all that it depends on."""
    slot: _Slot[Value] = _kept(key)
    return slot.fill(make)


@st.cache_resource(show_spinner=False, max_entries=4 * _STUDIES)
def _kept(key: str) -> _Slot[Any]:  # noqa: ARG001
    return _Slot()


def open_rows(opened: Opened) -> gpd.GeoDataFrame:
    """Return OpenStreetMap's rows as they were read, before anything is hidden or merged; none of a sensitive place."""
    held = opened.workspace
    read = [asdict(source) for source in sources_of(held)]
    key = digest([str(held.folder), read, opened.catalogue.fingerprint])
    return _open_rows(key, opened)


@st.cache_resource(show_spinner=False, max_entries=_PLACES)
def _open_rows(key: str, _opened: Opened) -> gpd.GeoDataFrame:  # noqa: ARG001
    held = _opened.workspace
    rows = from_openstreetmap(read_features(held), _opened.catalogue)
    sensitive = {category.id for category in _opened.catalogue.categories.values() if category.sensitive}
    return rows[~rows["category"].isin(sensitive)]


def calls(question: Question, shown: Shown) -> Calls:
    """Return the calls that would tell most, as this role may know of them."""
    return _calls(digest([question.place, shown.study.fingerprint]), shown.study)


@st.cache_resource(show_spinner=False, max_entries=_STUDIES)
def _calls(key: str, _study: Study) -> Calls:  # noqa: ARG001
    return telling_calls(_study)


@st.cache_data(show_spinner=False, max_entries=_STUDIES)
def exported(kind: str, key: str, zones: tuple[str, ...], _study: Study) -> bytes:  # noqa: ARG001
    """Return a study, or some zones of it, as a file of one of the formats; ``key`` is its fingerprint."""
    chosen = study.only_zones(_study, list(zones)) if zones else _study
    made = exports.by_name(kind)
    with TemporaryDirectory(prefix="assetmap-") as folder:
        path = Path(folder, f"export{made.SUFFIX}")
        made.write(chosen, path)
        return path.read_bytes()


@st.cache_resource(show_spinner=False)
def component(name: str, extra_css: str) -> Callable[..., Any]:
    """Return one of our components, made known to Streamlit once."""
    assets: dict[str, Any] = dict(_COMPONENTS[name]())
    assets["css"] = assets.get("css", "") + extra_css
    made: Callable[..., Any] = st.components.v2.component(f"assetmap_{name}", **assets)
    return made


def _copy_assets() -> Mapping[str, str]:
    script, sheet = ((Path(__file__).parent / name).read_text(encoding="utf-8") for name in ("copy.js", "copy.css"))
    return {"html": '<div class="copy"></div>', "css": style.css_tokens() + sheet, "js": script}


def _look_assets() -> Mapping[str, str]:
    script = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
    return {
        "html": '<div class="look"></div>',
        "css": ".look { height: 1px; scroll-margin-top: 110px; }\n",
        "js": script,
    }


_COMPONENTS: Final[Mapping[str, Callable[[], Mapping[str, str]]]] = MappingProxyType(
    {
        "map": web.component_assets,
        "preview": web.component_assets,
        "ties": tieweb.component_assets,
        "copy": _copy_assets,
        "look": _look_assets,
    }
)
