"""What leaves a workspace as a file, and whether a pack is as it left."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from assetmap import exports, languages, text
from assetmap.cli.running import DONE, PROBLEMS, Later, Timer, say_lines
from assetmap.errors import UsageError
from assetmap.roles import Actor, can

if TYPE_CHECKING:
    from assetmap import briefing, study
    from assetmap.briefing import Wanted
    from assetmap.store import workspace as workspaces
    from assetmap.store.workspace import Workspace
    from assetmap.study import Study
    from assetmap.work import packs
else:
    briefing = Later("assetmap.briefing")
    study = Later("assetmap.study")
    workspaces = Later("assetmap.store.workspace")
    packs = Later("assetmap.work.packs")


def export(asked: argparse.Namespace) -> int:
    """Write one file."""
    workspace = workspaces.open_workspace(asked.folder)
    zones, themes = ([name for name in (listed or "").split(",") if name] for listed in (asked.zones, asked.themes))
    if asked.format == "pack":
        return _export_pack(workspace, asked, zones, themes)
    for flag, given in (("--parts", asked.parts), ("--for", asked.made_for), ("--why", asked.why)):
        if given:
            raise UsageError("belongs to a pack", flag, given, "leave it out, or use --format pack")
    wanted = _wanted(asked, zones)
    with languages.in_language(asked.language) as speaking:
        made = Timer().run(study.build(workspace, asked.role, workspace.settings, text.now().date()))
        if zones and exports.about_areas(asked.format) is None:
            made = study.only_zones(made, zones)
        if themes:
            made = study.only_themes(made, themes)
        _write(made, asked, wanted)
    print(f"Wrote {asked.out}.")
    _tell_english(len(speaking.missing))
    return DONE


def _write(made: Study, asked: argparse.Namespace, wanted: Wanted) -> None:
    about = exports.about_areas(asked.format)
    if asked.paper:
        exports.on_paper(asked.format).write_on(made, asked.out, asked.paper)
    elif asked.large_print:
        exports.in_large_print(asked.format).write_large(made, asked.out)
    elif about is not None:
        about.write_about(made, asked.out, wanted)
    else:
        exports.by_name(asked.format).write(made, asked.out)


def _export_pack(workspace: Workspace, asked: argparse.Namespace, zones: list[str], themes: list[str]) -> int:
    if asked.paper or asked.large_print:
        do = "leave it out: a pack holds the map on A3"
        raise UsageError("is not for a pack", "--paper" if asked.paper else "--large-print", do=do)
    if asked.cover:
        # What is wrong with it is said before anything is made.
        briefing.read_own_words(asked.cover)
    order = packs.Order(
        settings=workspace.settings,
        day=text.now().date(),
        role=asked.role,
        zones=tuple(zones),
        themes=tuple(themes),
        parts=tuple(name for name in (asked.parts or "").split(",") if name),
        language=asked.language,
        by=_from_anywhere(asked.by),
        cover=_from_anywhere(asked.cover),
        made_for=asked.made_for,
        why=asked.why,
    )
    # Whoever can run this holds the files: they come in the role that they make it for, where that takes files away.
    actor = Actor("assetmap export", asked.role if can(asked.role, "export") else "worker")
    handed = Timer().run(packs.make_pack(workspace, order, asked.out, actor))
    size = f"{handed.sealed.bytes / 1e6:.1f}"
    print(text.say("pack-made", file=asked.out.name, files=len(handed.sealed.files) + 1, megabytes=size))
    print(text.say("pack-entered", number=handed.number, fingerprint=handed.sealed.fingerprint))
    _tell_english(handed.in_english)
    return DONE


def _from_anywhere(given: Path | str | None) -> str:
    """Return a file as it is found from any folder, what is none as it is, and nothing for nothing."""
    return str(Path(given).absolute()) if given and Path(given).is_file() else str(given or "")


def _wanted(asked: argparse.Namespace, zones: list[str]) -> Wanted:
    """Return what a briefing is asked for; other formats have no cover and are not rolled up."""
    if exports.about_areas(asked.format) is None:
        for flag, given in (("--by", asked.by), ("--cover", asked.cover)):
            if given:
                do = "leave it out, or use --format pdf or docx"
                raise UsageError("is not for this kind of file", flag, asked.format, do)
    cover, words, options = briefing.read_own_words(asked.cover) if asked.cover else (None, (), ())
    return briefing.Wanted(tuple(zones), asked.by or "", cover, words, options)


def _tell_english(sentences: int) -> None:
    if sentences:
        print(text.say("language-gaps", count=f"{sentences:,}"), file=sys.stderr)


def verify(asked: argparse.Namespace) -> int:
    """Say whether a pack is as it left, and whether the register knows it."""
    here = asked.folder or (Path() if Path("workspace.toml").is_file() else None)
    found = packs.verify(asked.pack, here)
    if asked.json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        say_lines(found.sentences(asked.pack.name))
    return DONE if found.is_good else PROBLEMS
