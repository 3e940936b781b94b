"""Figures of one's own, kept: written as layer files that can be read and mended by hand, and taken out again.

An indicator lies in ``layers/indicators/own-….toml`` with its source beside it, and an index that is a copy of the one
chosen counts it. The index of everybody else stays as it is.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd

from assetmap import text
from assetmap.catalogue import Catalogue, Domain, Index, Indicator, Member, load_catalogue, shipped_layers
from assetmap.errors import AssetmapError, UsageError
from assetmap.intake import catalogue_of
from assetmap.roles import Actor, require
from assetmap.store.database import writing
from assetmap.store.files import write_text
from assetmap.store.toml import Value, to_toml
from assetmap.store.workspace import (
    Workspace,
    change_settings,
    open_workspace,
    read_table,
    save_sources,
    sources_of,
    write_table,
)
from assetmap.work.own_indicators import OWN, OWN_INDEX, Plan, new_id

_LAYERS: Final = "layers"


@dataclass(frozen=True)
class Own:
    """One indicator of one's own as it lies in a workspace, and the indices that count it."""

    id: str
    label: str
    caveat: str
    file: str
    zones: int
    indices: tuple[str, ...]

    def summary(self) -> dict[str, object]:
        """Return it as ``--json`` prints it."""
        return {"id": self.id, "name": self.label, "file": self.file, "zones": self.zones, "indices": [*self.indices]}


def indices_of(workspace: Workspace) -> tuple[str, ...]:
    """Return the ids of the indices there are now."""
    return tuple(catalogue_of(workspace).indices)


def lines(known: tuple[Own, ...]) -> list[str]:
    """Return what there is, a line each."""
    if not known:
        return [text.say("own-none")]
    listed = []
    for own in known:
        indices = text.join_words(own.indices) or text.say("own-uncounted")
        listed.append(text.say("own-listed", id=own.id, label=own.label, file=own.file, indices=indices))
    return listed


def kept_words(planned: Plan, folder: Path) -> str:
    """Return that a plan was kept, which index counts it, and how to look at it."""
    facts = {"id": planned.id, "index": planned.index, "domain": planned.domain, "weight": f"{planned.weight:g}"}
    return text.say("own-kept", folder=folder, **facts)


def keep(workspace: Workspace, planned: Plan, actor: Actor) -> None:
    """Write a plan into the workspace: figures first, then what names them, so that a stop halfway breaks nothing.

    Parameters
    ----------
    workspace
        An open workspace; others may write to it meanwhile.
    planned
        From :func:`assetmap.work.own_indicators.plan`, or from :func:`remove` to put back what was taken out.
    actor
        Who does it.

    Raises
    ------
    NotAllowedError
        If the actor's role may not add figures.
    UsageError
        If somebody added one of the same name meanwhile.
    LayerError
        If the layers would not hold together; nothing is written.
    WorldError
        If the disk refuses.
    """
    require(actor, "figures")
    with workspace.open_store() as store, writing(store.engine):
        catalogue = catalogue_of(workspace)
        new_id(planned.label, catalogue)
        base = catalogue.indices.get(planned.index) or catalogue.indices[planned.base]
        layers: dict[str, str | None] = {
            f"sources/{planned.id}.toml": to_toml(planned.source),
            f"indicators/{planned.id}.toml": to_toml(planned.indicator),
            f"indices/{planned.index}.toml": to_toml(_file_of(_with(base, planned))),
        }
        _try_out(workspace, layers)
        with _or_nothing(workspace, planned.id, layers):
            _keep_figures(workspace, planned)
            _write(workspace, layers)


@contextmanager
def _or_nothing(workspace: Workspace, own_id: str, layers: Mapping[str, str | None]) -> Iterator[None]:
    """Put everything back as it was if the disk refuses halfway."""
    paths = {name: workspace.folder / _LAYERS / name for name in layers}
    before = {name: path.read_text(encoding="utf-8") if path.is_file() else None for name, path in paths.items()}
    try:
        yield
    except AssetmapError:
        _write(workspace, dict(reversed(before.items())))
        _forget_figures(workspace, own_id)
        raise


def _keep_figures(workspace: Workspace, planned: Plan) -> None:
    """Put the figures beside the zones', with where they came from; what a stop left of them gives way."""
    _forget_figures(workspace, planned.id)
    zones = read_table(workspace, "zones")
    write_table(workspace, "zones", zones.assign(**{planned.id: planned.figures.reindex(zones.index)}))
    told = read_table(workspace, "indicator_sources")
    write_table(workspace, "indicator_sources", pd.concat([told, _origin(planned)], ignore_index=True))
    save_sources(workspace, [*sources_of(workspace), planned.cached])


def _origin(planned: Plan) -> pd.DataFrame:
    row = {
        "id": planned.id,
        "file": planned.cached.file,
        "columns": planned.column,
        "source": planned.id,
        "vintage": str(planned.indicator["vintage"]),
    }
    return pd.DataFrame([row], dtype="str")


def own_indicators(workspace: Workspace, catalogue: Catalogue) -> tuple[Own, ...]:
    """Return the indicators of one's own that lie in a workspace, by name."""
    files = {source.licence: source for source in sources_of(workspace) if source.licence.startswith(OWN)}
    found = [
        Own(
            name,
            known.label,
            known.caveat,
            files[name].file,
            files[name].counts.get("zones", 0),
            tuple(index.id for index in catalogue.indices.values() if name in index.indicators),
        )
        for name, known in catalogue.indicators.items()
        if name in files
    ]
    return tuple(sorted(found, key=lambda own: own.label.casefold()))


def remove(workspace: Workspace, own_id: str, actor: Actor) -> Plan:
    """Take an indicator of one's own out again, and return what puts it back.

    An index made for it goes with the last such indicator in it. Where this place counts by that index, it counts by
    the one it was a copy of.

    Raises
    ------
    NotAllowedError
        If the actor's role may not; what this place counts by is a setting, which fewer roles may change.
    UsageError
        If there is no such indicator, or an index written by hand counts it.
    LayerError
        If other layers would not hold together without it; nothing is written.
    WorldError
        If the disk refuses.
    """
    require(actor, "figures")
    with workspace.open_store() as store, writing(store.engine):
        catalogue = catalogue_of(workspace)
        known = {own.id: own for own in own_indicators(workspace, catalogue)}
        if own_id not in known:
            do = f"choose one of {', '.join(known)}" if known else "none has been added here"
            raise UsageError("there is no such figure of your own", "--remove", own_id, do)
        own = known[own_id]
        back = _as_plan(workspace, catalogue, own)
        layers = {f"indices/{name}.toml": _without(catalogue.indices[name], own_id) for name in own.indices}
        layers |= {f"indicators/{own_id}.toml": None, f"sources/{own_id}.toml": None}
        _try_out(workspace, layers)
        gone = [name for name in own.indices if layers[f"indices/{name}.toml"] is None]
        _leave_settings(workspace, own_id, gone, actor)
        _write(workspace, layers)
        _forget_figures(workspace, own_id)
    return back


def _without(index: Index, own_id: str) -> str | None:
    """Return an index file without an indicator; None where no other of one's own is left in it."""
    if not index.id.endswith(OWN_INDEX):
        do = f"take {own_id} out of layers/indices/{index.id}.toml first"
        raise UsageError("an index written by hand counts this figure", "--remove", index.id, do)
    domains = tuple(
        replace(domain, members=tuple(member for member in domain.members if own_id not in member.indicators))
        for domain in index.domains
    )
    left = replace(index, domains=domains)
    return to_toml(_file_of(left)) if any(name.startswith(OWN) for name in left.indicators) else None


def _leave_settings(workspace: Workspace, own_id: str, gone: list[str], actor: Actor) -> None:
    """Let the settings name nothing that goes."""
    now = open_workspace(workspace.folder)
    settings = now.settings
    weights = {key: weight for key, weight in settings.index_weights.items() if own_id not in key.split("+")}
    index = settings.index.removesuffix(OWN_INDEX) if settings.index in gone else settings.index
    left = settings.but(index=index, index_weights=weights)
    if left != settings:
        change_settings(now, left, actor)


def _as_plan(workspace: Workspace, catalogue: Catalogue, own: Own) -> Plan:
    """Return the plan that would write an indicator as it lies here."""
    indicator, source = catalogue.indicators[own.id], catalogue.sources[own.id]
    cached = next(one for one in sources_of(workspace) if one.licence == own.id)
    told = read_table(workspace, "indicator_sources")
    index = own.indices[0] if own.indices else ""
    domain, member = _place_in(catalogue.indices.get(index), own.id)
    return Plan(
        id=own.id,
        label=own.label,
        column=str(told.loc[told["id"] == own.id, "columns"].iloc[0]),
        figures=read_table(workspace, "zones")[own.id],
        method=own.caveat,
        counts=dict(cached.counts),
        notes=(),
        doubts=(),
        index=index,
        base=index.removesuffix(OWN_INDEX),
        domain=domain,
        weight=member.weight,
        indicator=_indicator_file(indicator),
        source={
            "title": source.title,
            "publisher": source.publisher,
            "licence": source.licence,
            "attribution": source.attribution,
            "as_of": source.as_of,
        },
        cached=cached,
    )


def _place_in(index: Index | None, own_id: str) -> tuple[str, Member]:
    for domain in index.domains if index else ():
        for member in domain.members:
            if own_id in member.indicators:
                return domain.id, member
    return "", Member((own_id,), 1.0, False)


def _indicator_file(indicator: Indicator) -> Mapping[str, Value]:
    document: dict[str, Value] = {
        name: str(getattr(indicator, name))
        for name in ("label", "sentence", "population", "direction", "unit", "vintage", "source", "caveat")
    }
    if indicator.domain_hint:
        document["domain_hint"] = indicator.domain_hint
    return document | {"reads": [{"form": "wide", "columns": [indicator.id]}]}


# --- Layer files -----------------------------------------------------------------------------------------------


def _with(base: Index, planned: Plan) -> Index:
    """Return an index that counts one figure more; a copy says in its label that it is one."""
    added = Member((planned.id,), planned.weight, False)
    domains = tuple(
        replace(domain, members=(*domain.members, added)) if domain.id == planned.domain else domain
        for domain in base.domains
    )
    label = base.label if base.id == planned.index else text.say("own-index-label", label=base.label)
    return replace(base, label=label, domains=domains)


def _file_of(index: Index) -> Mapping[str, Value]:
    document: dict[str, Value] = {"label": index.label, "population": index.population, "method": index.method}
    if index.modelled:
        document["modelled"] = list(index.modelled)
    if index.fallback:
        document["fallback"] = index.fallback
    if index.why:
        document["why"] = index.why
    return document | {"domains": [_domain_file(domain) for domain in index.domains]}


def _domain_file(domain: Domain) -> Mapping[str, Value]:
    members: list[Mapping[str, Value]] = []
    for member in domain.members:
        made: dict[str, Value] = {"indicators": list(member.indicators), "weight": member.weight}
        members.append(made | ({"optional": True} if member.optional else {}))
    return {"id": domain.id, "label": domain.label, "weight": domain.weight, "members": members}


def _try_out(workspace: Workspace, layers: Mapping[str, str | None]) -> None:
    """Read the layers as they would be, before any of them is written."""
    own = workspace.folder / _LAYERS
    with tempfile.TemporaryDirectory(prefix="assetmap-") as folder:
        trial = Path(folder, _LAYERS)
        if own.is_dir():
            shutil.copytree(own, trial)
        for name, content in layers.items():
            path = trial / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(content, encoding="utf-8", newline="")
        load_catalogue(shipped_layers(), trial)


def _write(workspace: Workspace, layers: Mapping[str, str | None]) -> None:
    """Write or remove layer files in this order, and the folders that are empty then."""
    for name, content in layers.items():
        path = workspace.folder / _LAYERS / name
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, content)
    for folder in (*(workspace.folder / _LAYERS).glob("*/"), workspace.folder / _LAYERS):
        # One that holds anything stays.
        with suppress(OSError):
            folder.rmdir()


def _forget_figures(workspace: Workspace, own_id: str) -> None:
    """Let go of an indicator's figures and of what was said of their file, where there are any."""
    kept = [source for source in sources_of(workspace) if source.licence != own_id]
    if len(kept) < len(sources_of(workspace)):
        save_sources(workspace, kept)
    told = read_table(workspace, "indicator_sources")
    if (told["id"] == own_id).any():
        write_table(workspace, "indicator_sources", told[told["id"] != own_id].reset_index(drop=True))
    zones = read_table(workspace, "zones")
    if own_id in zones:
        write_table(workspace, "zones", zones.drop(columns=own_id))
