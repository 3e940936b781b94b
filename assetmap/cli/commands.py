"""What each command does: it calls what the pages call, and prints."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from assetmap import exports, languages, text
from assetmap.errors import FileRefusedError, UsageError
from assetmap.roles import Actor
from assetmap.schema import Settings, Step

if TYPE_CHECKING:
    from assetmap import briefing, demo, intake, naming, serve, study, summary
    from assetmap import catalogue as catalogues
    from assetmap.briefing import Wanted
    from assetmap.sources import answers as found_answers
    from assetmap.sources import postcodes, untaken, uprns
    from assetmap.sources.lists import model as list_model
    from assetmap.store import backup
    from assetmap.store import workspace as workspaces
    from assetmap.store.workspace import Workspace
    from assetmap.study import Study
    from assetmap.work import imports, live, new_place, packs, public_lists, returns, update


class Later:
    """A module of assetmap that is imported when something of it is first asked for.

    ``--version``, ``--help`` and a mistyped command answer at once; only what runs waits for the tables.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


if not TYPE_CHECKING:
    demo, intake, naming, serve = (Later(f"assetmap.{name}") for name in ("demo", "intake", "naming", "serve"))
    briefing, study, summary = Later("assetmap.briefing"), Later("assetmap.study"), Later("assetmap.summary")
    postcodes, untaken, uprns = (Later(f"assetmap.sources.{name}") for name in ("postcodes", "untaken", "uprns"))
    list_model, workspaces = Later("assetmap.sources.lists.model"), Later("assetmap.store.workspace")
    backup, imports, returns = (Later(f"assetmap.{name}") for name in ("store.backup", "work.imports", "work.returns"))
    new_place, update = Later("assetmap.work.new_place"), Later("assetmap.work.update")
    public_lists, live = Later("assetmap.work.public_lists"), Later("assetmap.work.live")
    catalogues, found_answers = Later("assetmap.catalogue"), Later("assetmap.sources.answers")
    packs = Later("assetmap.work.packs")

DONE, PROBLEMS, WRONG_USAGE = 0, 1, 2
Result = TypeVar("Result")
#: Who adds files from the command line: whoever can run it holds the files anyway.
_ADDING = Actor("assetmap add", "worker")
_EXPORTING = Actor("assetmap export", "worker")


@dataclass
class Timer:
    """Runs the steps of long work, shows them to a person at a terminal, and keeps the seconds of each."""

    seconds: dict[str, float] = field(default_factory=dict)

    def run(self, steps: Generator[Step, None, Result]) -> Result:
        """Run the steps to their end and return what they made."""
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        console = Console(stderr=True)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            shown = progress.add_task("starting", total=None)
            started = time.perf_counter()
            while True:
                try:
                    step = next(steps)
                except StopIteration as end:
                    result: Result = end.value
                    return result
                taken = self.seconds.get(step.id, 0.0) + time.perf_counter() - started
                self.seconds[step.id] = round(taken, 3)
                started = time.perf_counter()
                progress.update(shown, description=step.sentence())


def make(asked: argparse.Namespace) -> int:
    """Make a workspace from the name of a place, or from files."""
    if asked.place is not None:
        return _make_from_place(asked)
    for flag, given in (("--name", asked.name), ("--zones", asked.zones), ("--zone-id", asked.zone_id)):
        if given is None:
            raise UsageError("is missing", flag, do='give it, or --place "Camden, London" in the place of all files')
    files = intake.Files(
        zones=asked.zones,
        zone_id=asked.zone_id,
        zone_name=asked.zone_name,
        population=asked.population,
        osm=asked.osm,
        indicators=tuple(asked.indicators),
        reference=tuple(asked.reference),
        origins=asked.origins,
        postcodes=asked.postcodes,
        layers=asked.layers,
        names=asked.names,
        zones_crs=asked.zones_crs,
    )
    timer = Timer()
    workspace = timer.run(intake.make_workspace(asked.folder, asked.name, files))
    for line in intake.describe(workspace):
        print(line)
    print(f"Made in {sum(timer.seconds.values()):.1f} s. Next: assetmap gaps {asked.folder}")
    return DONE


def _make_from_place(asked: argparse.Namespace) -> int:
    """Make a workspace by fetching what is open on a place."""
    if asked.zones is not None or asked.osm is not None or asked.indicators:
        raise UsageError("goes without files", "--place", asked.place, "leave out --zones, --osm and --indicators")
    if asked.offline and asked.downloads is None:
        raise UsageError("needs --downloads", "--offline", do="name the folder in which everything was fetched")
    wanted = new_place.Wanted(asked.place, asked.name or "", asked.layers, asked.downloads, offline=asked.offline)
    wanted = wanted.also("origins", "lists")
    if asked.reference:
        if [path.name for path in asked.reference] != ["england"]:
            raise UsageError("goes without files", "--reference", asked.reference[0].name, "write --reference england")
        wanted = wanted.also("england")
    timer = Timer()
    workspace, troubles = timer.run(new_place.make_from_place(asked.folder, wanted))
    for line in (*intake.describe(workspace), *troubles):
        print(line)
    print(f"Made in {sum(timer.seconds.values()):.1f} s. Next: assetmap gaps {asked.folder}")
    return PROBLEMS if troubles else DONE


def look_for_changes(asked: argparse.Namespace) -> int:
    """Say what has changed in the sources, or put in place what the last look found."""
    if asked.back:
        back = update.put_back(asked.folder)
        print(json.dumps({"back": back}) if asked.json else text.say("update-back", parts=text.join_words(back)))
        return DONE
    if asked.take is not None:
        taken = update.take(asked.folder, asked.take, leave=_left(asked))
        print(json.dumps({"taken": taken}) if asked.json else text.say("update-taken", parts=text.join_words(taken)))
        return DONE
    newer = update.Newer(asked.osm, tuple(asked.indicators), asked.zones)
    found = Timer().run(update.look(asked.folder, newer, offline=asked.offline))
    if asked.json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        for line in found.sentences(str(asked.folder), looked=not asked.offline):
            print(line)
    return PROBLEMS if found.troubles else DONE


def _left(asked: argparse.Namespace) -> list[tuple[str, str]]:
    """Return the changes that are not to be taken, by part and id."""
    found = update.waiting(workspaces.open_workspace(asked.folder))
    there = [] if found is None else list(zip(found.changes["part"], found.changes["id"], strict=True))
    known = {key for _, key in there}
    for key in asked.leave:
        if key not in known:
            raise UsageError("is not among the changes", "--leave", key, "give an id from the list of changes")
    return [one for one in there if one[1] in asked.leave]


def name(asked: argparse.Namespace) -> int:
    """Call zones what residents call them, or list what each is called."""
    workspace = workspaces.open_workspace(asked.folder)
    actor = Actor("assetmap name", "worker")
    if asked.file:
        listed = naming.call_zones_of(workspace, asked.file, actor)
        print(text.say("named-zones", changed=listed.changed, zones=text.count(listed.read, "name")))
        return DONE
    if asked.zone is not None and asked.called is not None:
        naming.call_zones(workspace, {asked.zone: naming.SaidName(asked.called, asked.said_by)}, actor)
    zones = naming.named_zones(workspace)
    if asked.zone is None:
        for zone, row in zones.iterrows():
            print(f"{zone}  {row['zone_name']}  ({row['name_from']})")
        return DONE
    if asked.zone not in zones.index:
        raise UsageError("there is no such zone", "ZONE", asked.zone, f"give an id such as {zones.index[0]}")
    called, said = zones.loc[asked.zone, ["zone_name", "name_from"]]
    sentence = "named-zone" if said == "own" else "unnamed-zone"
    print(text.say(sentence, zone=asked.zone, name=called))
    return DONE


def _settings(workspace: Workspace, asked: argparse.Namespace) -> Settings:
    given = {
        "index": asked.index,
        "reference": asked.reference,
        "standard": _standard(asked.standard),
        "full": asked.full,
        "none": asked.none,
        "walker": asked.walker,
        "route": asked.route,
        "hours": asked.hours,
        "index_weights": _weights(asked.weight, "--weight", workspace.settings.index_weights),
        "theme_weights": _weights(asked.theme_weight, "--theme-weight", workspace.settings.theme_weights),
    }
    return workspace.settings.but(**{name: value for name, value in given.items() if value is not None})


def _weights(listed: list[str] | None, flag: str, saved: Mapping[str, float]) -> dict[str, float] | None:
    """Return the weights of the workspace with those given instead; None where none are."""
    if not listed:
        return None
    weights = dict(saved)
    for pair in listed:
        name, equals, number = pair.partition("=")
        try:
            weights[name.strip()] = float(number)
        except ValueError as fault:
            do = "write it as no-car=0.5" if flag == "--weight" else "write it as food=2"
            raise UsageError("is not a name and a number" if equals else "lacks a weight", flag, pair, do) from fault
    return weights


def _standard(word: str | None) -> float | str | None:
    if word is None or word == "relative":
        return word
    try:
        return float(word)
    except ValueError as fault:
        raise UsageError(
            "is neither a number nor the word relative", "--standard", word, "try --standard 50"
        ) from fault


def gaps(asked: argparse.Namespace) -> int:
    """Say where to start talking."""
    workspace = workspaces.open_workspace(asked.folder)
    timer = Timer()
    made = timer.run(study.build(workspace, "worker", _settings(workspace, asked), text.now().date()))
    if asked.out:
        exports.by_suffix(asked.out).write(made, asked.out)
    if asked.json:
        print(json.dumps(summary.summary(made) | {"seconds": timer.seconds}, ensure_ascii=False, allow_nan=False))
        return DONE
    for line in summary.lines(made):
        print(line)
    if asked.out:
        print(f"The whole table is in {asked.out}.")
    print(f"Reckoned in {sum(timer.seconds.values()):.1f} s.")
    return DONE


def add(asked: argparse.Namespace) -> int:
    """Take in lists, and files that came back."""
    workspace = workspaces.open_workspace(asked.folder)
    if asked.rejects and len(asked.files) > 1:
        raise UsageError("is one file for one list", "--rejects", asked.rejects.name, "add the lists one by one")
    if asked.rejects and asked.rejects.resolve() == asked.files[0].resolve():
        raise UsageError("would be written over the list itself", "--rejects", asked.rejects.name, "give another name")
    told: list[dict[str, Any]] = []
    for path in asked.files:
        take = _take_return if returns.is_returned(path) else _take_list
        try:
            told.append(take(workspace, path, asked))
        except FileRefusedError as fault:
            told.append({"file": path.name, "error": fault.parts()})
            print(fault, file=sys.stderr)
    if asked.json:
        print(json.dumps(told if len(told) > 1 else told[0], ensure_ascii=False))
    return PROBLEMS if any("error" in one or one["rejected"] for one in told) else DONE


def _take_return(workspace: Workspace, path: Path, asked: argparse.Namespace) -> dict[str, Any]:
    found = returns.take_in(workspace, path, _ADDING, text.now().date(), "try" if asked.dry_run else "keep")
    _say([] if asked.json else returns.lines(found))
    return found.summary()


def _take_list(workspace: Workspace, path: Path, asked: argparse.Namespace) -> dict[str, Any]:
    choices = list_model.Choices(
        part=asked.sheet,
        header=asked.header,
        columns=_columns(asked.map),
        category=asked.category,
        crs=asked.crs,
        placeless=asked.placeless,
        address=asked.address,
        source=asked.source,
    )
    tables = imports.Tables(
        postcodes.read_postcodes(asked.postcodes) if asked.postcodes else None,
        uprns.read_uprns(asked.uprns) if asked.uprns else None,
    )
    timer = Timer()
    plan = timer.run(imports.plan_import(workspace, path, choices, text.now().date(), tables))
    if asked.rejects:
        # First: where it cannot be written, nothing is taken in either.
        imports.write_rejects(plan, plan.rejects, asked.rejects)
    taken = imports.tried(plan) if asked.dry_run else timer.run(imports.carry_out(workspace, plan, _ADDING))
    if asked.rejects and taken.rejects != plan.rejects:
        imports.write_rejects(plan, taken.rejects, asked.rejects)
    _say([] if asked.json else imports.lines(taken))
    if asked.rejects and not asked.json:
        print(text.say("import-rejects-written", file=asked.rejects.name))
    return taken.summary() | {"seconds": timer.seconds}


def _columns(pairs: list[str]) -> dict[str, str]:
    """Return what each column holds, as it was said."""
    columns = {}
    for pair in pairs:
        name, equals, held = pair.rpartition("=")
        if not equals or not name.strip():
            raise UsageError("does not name a column and what it holds", "--map", pair, 'write "Where we meet=address"')
        columns[name] = held.strip()
    return columns


def _say(lines: list[str]) -> None:
    for line in lines:
        print(line)


def fetch(asked: argparse.Namespace) -> int:
    """Fetch public lists of a workspace's place, to look at before anything is taken."""
    workspace = workspaces.open_workspace(asked.folder)
    wanted = public_lists.Asked(
        tuple(asked.lists) or public_lists.BY_ITSELF, tuple(asked.charity), (asked.feed or "").rstrip("/")
    )
    answers = Timer().run(public_lists.fetch_for(workspace, wanted))
    for line in public_lists.sentences(answers, intake.catalogue_of(workspace), workspace, str(asked.folder)):
        print(line)
    return PROBLEMS if any(isinstance(one, found_answers.Failed) for one in answers.values()) else DONE


def _check_live(asked: argparse.Namespace) -> int:
    """Ask each service for one row."""
    here = intake.catalogue_of(workspaces.open_workspace(asked.folder)) if asked.folder else catalogues.load_catalogue()
    told = Timer().run(live.ask_all(here))
    if asked.json:
        print(json.dumps(live.as_json(told), ensure_ascii=False))
    else:
        _say([one.sentence() for one in told])
    return PROBLEMS if live.problems(told) else DONE


def check(asked: argparse.Namespace) -> int:
    """Look a workspace over, or the services that sources are read from."""
    if asked.live:
        return _check_live(asked)
    if asked.folder is None:
        raise UsageError("is missing", "DIR", do="name the workspace's folder, or ask the services with --live")
    workspace = workspaces.open_workspace(asked.folder)
    found = summary.check_workspace(workspace)
    left = None
    if asked.osm:
        left = untaken.count_untaken(asked.osm, intake.catalogue_of(workspace), untaken.read_reasons())
    if asked.json:
        told = {
            "problems": found.problems,
            "facts": dict(found.facts),
            "categories": found.categories.to_dict("index"),
            "left_over": None if left is None else left.plain(),
        }
        print(json.dumps(told, ensure_ascii=False))
        return PROBLEMS if found.problems else DONE
    for name, value in found.facts.items():
        print(f"{name}: {value}")
    for line in summary.category_lines(found.categories):
        print(line)
    for line in summary.untaken_lines(left, asked.osm.name) if left else ():
        print(line)
    for problem in found.problems:
        print(f"- {problem}")
    return PROBLEMS if found.problems else DONE


def report(asked: argparse.Namespace) -> int:
    """Print versions and sizes."""
    for name, value in summary.report(workspaces.open_workspace(asked.folder)).items():
        print(f"{name}: {value}")
    return DONE


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
    order = packs.Order(
        settings=workspace.settings,
        day=text.now().date(),
        role=asked.role,
        zones=tuple(zones),
        themes=tuple(themes),
        parts=tuple(name for name in (asked.parts or "").split(",") if name),
        language=asked.language,
        made_for=asked.made_for,
        why=asked.why,
    )
    handed = Timer().run(packs.make_pack(workspace, order, asked.out, _EXPORTING))
    size = f"{handed.sealed.bytes / 1e6:.1f}"
    print(text.say("pack-made", file=asked.out.name, files=len(handed.sealed.files) + 1, megabytes=size))
    print(text.say("pack-entered", number=handed.number, fingerprint=handed.sealed.fingerprint))
    _tell_english(handed.in_english)
    return DONE


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
        _say(found.sentences(asked.pack.name))
    return DONE if found.is_good else PROBLEMS


def back_up(asked: argparse.Namespace) -> int:
    """Put the workspace into one file."""
    made = backup.back_up(workspaces.open_workspace(asked.folder), asked.file)
    print(text.say("backup-made", file=asked.file.name, files=made.files, megabytes=f"{made.bytes / 1e6:.1f}"))
    return DONE


def restore(asked: argparse.Namespace) -> int:
    """Make a workspace from a backup."""
    told = backup.restore(asked.file, asked.folder, asked.erased)
    print(text.say("backup-restored", name=told.name, day=told.made.date().isoformat(), folder=asked.folder.name))
    return DONE


def show_demo(asked: argparse.Namespace) -> int:
    """Make the demo town and open it."""
    if not asked.folder.exists():
        Timer().run(demo.make_workspace(asked.folder))
    if not asked.make_only:
        return serve_app(asked)
    workspace = workspaces.open_workspace(asked.folder)
    made = Timer().run(study.build(workspace, "worker", workspace.settings, text.now().date()))
    for line in summary.lines(made):
        print(line)
    print(f"The demo town lies in {asked.folder}, the files it was made from in {asked.folder / 'files'}.")
    return DONE


def serve_app(asked: argparse.Namespace) -> int:
    """Open the app."""
    return serve.serve(asked.folder, asked.port, "leave" if asked.no_browser else "open", _say_where)


def _say_where(line: str) -> None:
    print(line, flush=True)
