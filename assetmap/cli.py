"""The command line: it parses and prints. The same calls stand behind the pages of the app."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from assetmap import exports, text
from assetmap.errors import AssetmapError, FileRefusedError, OurError, UsageError
from assetmap.roles import Actor, Role
from assetmap.schema import Hours, Route, Settings, Step, Walker

if TYPE_CHECKING:
    from assetmap import demo, intake, naming, serve, study, summary
    from assetmap.sources import untaken
    from assetmap.store import backup
    from assetmap.store import workspace as workspaces
    from assetmap.store.workspace import Workspace
    from assetmap.work import returns


class _Later:
    """A module of assetmap that is imported when something of it is first asked for.

    ``--version``, ``--help`` and a mistyped command answer at once; only what runs waits for the tables.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


if not TYPE_CHECKING:
    demo, intake, naming, serve = (_Later(f"assetmap.{name}") for name in ("demo", "intake", "naming", "serve"))
    study, summary = _Later("assetmap.study"), _Later("assetmap.summary")
    untaken, workspaces = _Later("assetmap.sources.untaken"), _Later("assetmap.store.workspace")
    backup, returns = _Later("assetmap.store.backup"), _Later("assetmap.work.returns")

DONE, PROBLEMS, WRONG_USAGE = 0, 1, 2
Result = TypeVar("Result")
#: Who adds files from the command line: whoever can run it holds the files anyway.
_ADDING = Actor("assetmap add", "worker")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command in one sentence."""

    def error(self, message: str) -> Any:
        print(f"{self.prog}: {message}; see {self.prog} --help.", file=sys.stderr)
        raise SystemExit(WRONG_USAGE)


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 found problems, 2 wrong usage.

    Examples
    --------
    >>> main(["--version"])
    Traceback (most recent call last):
    SystemExit: 0
    """
    parser = _parser()
    asked = parser.parse_args(arguments)
    if not hasattr(asked, "run"):
        parser.print_help()
        return WRONG_USAGE
    try:
        code: int = asked.run(asked)
    except AssetmapError as fault:
        return _tell(fault, as_json=getattr(asked, "json", False))
    except KeyboardInterrupt:
        print("Stopped; nothing was left half done.", file=sys.stderr)
        return PROBLEMS
    except BrokenPipeError:
        return DONE
    return code


def _tell(fault: AssetmapError, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": fault.parts()}, ensure_ascii=False))
    report = " This is a fault in assetmap; please report it." if isinstance(fault, OurError) else ""
    print(f"{fault}{report}", file=sys.stderr)
    return WRONG_USAGE if isinstance(fault, UsageError) else PROBLEMS


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="assetmap",
        description="What a place has, where to start talking, and how steady that finding is.",
        epilog="Try: assetmap demo",
    )
    parser.add_argument("--version", action="version", version=f"assetmap {metadata.version('assetmap')}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    _add_new(commands)
    _add_name(commands)
    _add_add(commands)
    _add_gaps(commands)
    _add_check(commands)
    _add_report(commands)
    _add_export(commands)
    _add_backup(commands)
    _add_restore(commands)
    _add_demo(commands)
    _add_serve(commands)
    return parser


def _command(commands: Any, name: str, line: str, example: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(
        name, help=line, description=line, epilog=f"example: {example}", formatter_class=argparse.RawTextHelpFormatter
    )
    return made


def _add_new(commands: Any) -> None:
    new = _command(
        commands,
        "new",
        "Make a workspace from the files of a place.",
        "assetmap new camden --name Camden --zones lsoa21.geojson --zone-id LSOA21CD \\\n"
        "           --osm camden.osm.pbf --indicators census.csv",
    )
    new.add_argument("folder", type=Path, metavar="DIR", help="the workspace's folder; must not hold anything yet")
    new.add_argument("--name", required=True, help="what the place is called")
    new.add_argument("--zones", type=Path, required=True, metavar="F", help="boundaries of the small areas")
    new.add_argument("--zone-id", required=True, metavar="COL", help="column of the zones with their codes")
    new.add_argument("--zone-name", metavar="COL", help="column of the zones with their names")
    new.add_argument("--population", metavar="COL", help="column with the people who live there (zones or indicators)")
    new.add_argument("--osm", type=Path, metavar="F", help="OpenStreetMap file: .osm.pbf, .osm, .osm.gz, .osm.bz2")
    new.add_argument(
        "--indicators", type=Path, nargs="+", default=[], metavar="F", help="tables, wide or long, .csv or .csv.gz"
    )
    new.add_argument(
        "--reference", type=Path, nargs="+", default=[], metavar="F", help="the same tables for all of England"
    )
    new.add_argument("--origins", type=Path, metavar="F", help="output areas or other points people walk from")
    new.add_argument("--postcodes", type=Path, metavar="F", help="postcodes with coordinates")
    new.add_argument("--layers", type=Path, metavar="DIR", help="further layer files of your own")
    new.add_argument("--names", type=Path, metavar="F", help="the House of Commons Library's list of MSOA names, .csv")
    new.add_argument(
        "--zones-crs",
        default="",
        metavar="N|swapped",
        help="what the zones are in where the file says it wrong:\nan EPSG number, or swapped for latitude first",
    )
    new.set_defaults(run=_new)


def _add_name(commands: Any) -> None:
    name = _command(
        commands,
        "name",
        "Call a zone what residents call it; without a zone, list what each is called.",
        'assetmap name camden E01000001 "The Mead" --said-by "tenants\' meeting"',
    )
    _folder(name)
    name.add_argument("zone", nargs="?", metavar="ZONE", help="the zone's code")
    name.add_argument("called", nargs="?", metavar="NAME", help='the name; "" takes it away again')
    name.add_argument("--said-by", default="", metavar="WHO", help="the group or meeting that says so, not a person")
    name.add_argument("--file", type=Path, metavar="F", help="a list with columns zone_id and name, .csv")
    name.set_defaults(run=_name)


def _add_add(commands: Any) -> None:
    add = _command(
        commands,
        "add",
        "Take in what came back: our spreadsheet, or the file the phone's form saved.",
        "assetmap add camden returned.xlsx phone.json --dry-run",
    )
    _folder(add)
    add.add_argument("files", type=Path, nargs="+", metavar="FILE", help="files made from `assetmap export`")
    add.add_argument("--dry-run", action="store_true", help="say what would become of it, and write nothing")
    add.add_argument("--json", action="store_true", help="print one JSON object (a list for several) and nothing else")
    add.set_defaults(run=_add)


def _add_gaps(commands: Any) -> None:
    gaps = _command(
        commands,
        "gaps",
        "Say where to start talking, how steady that is, and why.",
        "assetmap gaps camden --standard relative --out where-to-start.csv",
    )
    _folder(gaps)
    gaps.add_argument("--index", metavar="ID", help="the index of circumstances; default: what the tables allow")
    gaps.add_argument("--reference", choices=("local", "england"), help="what isolation is compared with")
    gaps.add_argument(
        "--standard", metavar="50|relative", help="access below this is low, or: compared within this place"
    )
    gaps.add_argument("--full", type=float, metavar="M", help="metres up to which a place is fully within reach (400)")
    gaps.add_argument("--none", type=float, metavar="M", help="metres from which it is not (1200)")
    gaps.add_argument("--walker", choices=get_args(Walker), help="whose pace: usual 4.8 km/h, slow 0.8 m/s")
    gaps.add_argument("--route", choices=get_args(Route), help="any way, or step-free ones only")
    gaps.add_argument("--hours", choices=get_args(Hours), help="count what is open then; any: whatever its hours")
    gaps.add_argument(
        "--weight",
        action="append",
        metavar="ID=W",
        help="how much a figure or a domain of the index counts (0 leaves it out); may be given again",
    )
    gaps.add_argument(
        "--theme-weight", action="append", metavar="ID=W", help="how much a theme counts in access; may be given again"
    )
    gaps.add_argument("--out", type=Path, metavar="F", help="write the table to .csv, .geojson, .gpkg or .parquet")
    gaps.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    gaps.set_defaults(run=_gaps)


def _add_check(commands: Any) -> None:
    check = _command(
        commands,
        "check",
        "Look a workspace over: what was found of each kind of place, and what is missing.",
        "assetmap check camden --osm camden.osm.pbf",
    )
    _folder(check)
    check.add_argument(
        "--osm",
        type=Path,
        metavar="F",
        help="count as well what this OpenStreetMap file names that no kind of place takes",
    )
    check.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    check.set_defaults(run=_check)


def _add_report(commands: Any) -> None:
    report = _command(
        commands, "report", "Versions and sizes for a fault report; no names.", "assetmap report camden > report.txt"
    )
    _folder(report)
    report.set_defaults(run=_report)


def _add_export(commands: Any) -> None:
    export = _command(
        commands,
        "export",
        "Write what a role may see to one file.",
        "assetmap export camden --format gpkg --out camden.gpkg",
    )
    _folder(export)
    export.add_argument("--format", required=True, choices=exports.names(), help="the kind of file")
    export.add_argument("--out", type=Path, required=True, metavar="F", help="where to write it")
    export.add_argument("--role", default="worker", choices=get_args(Role), help="who will read it (worker)")
    export.add_argument("--zones", metavar="ID,ID", help="only these zones")
    export.add_argument("--paper", metavar="A3", help="of a poster: A5 to A1; A3-landscape turns it (A3)")
    export.set_defaults(run=_export)


def _add_backup(commands: Any) -> None:
    made = _command(
        commands, "backup", "Put the whole workspace into one file.", "assetmap backup camden camden-monday.zip"
    )
    _folder(made)
    made.add_argument("file", type=Path, metavar="FILE", help="the file to make; others may go on working meanwhile")
    made.set_defaults(run=_backup)


def _add_restore(commands: Any) -> None:
    made = _command(
        commands,
        "restore",
        "Make a workspace from a backup; what is there now is kept beside it.",
        "assetmap restore camden-monday.zip camden",
    )
    made.add_argument("file", type=Path, metavar="FILE", help="a file made by assetmap backup")
    made.add_argument("folder", type=Path, metavar="DIR", help="a new folder, or the workspace to replace")
    made.add_argument(
        "--erased",
        type=Path,
        metavar="F",
        help="tombstones.jsonl of the workspace as it was last, so that what was erased stays erased",
    )
    made.set_defaults(run=_restore)


def _add_demo(commands: Any) -> None:
    made = _command(
        commands, "demo", "Make the demo town if it is missing, and open the app on it.", "assetmap demo --port 8600"
    )
    made.add_argument("--folder", type=Path, default=Path("demo-workspace"), metavar="DIR", help="where it lies")
    made.add_argument("--make-only", action="store_true", help="make it and print what was found, without the app")
    _app_options(made)
    made.set_defaults(run=_demo)


def _add_serve(commands: Any) -> None:
    serving = _command(commands, "serve", "Open the app on a workspace, on this computer.", "assetmap serve camden")
    _folder(serving)
    _app_options(serving)
    serving.set_defaults(run=_serve)


def _app_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, metavar="N", help="port of the app (the first free one from 8501)")
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")


def _folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="the workspace's folder")


def _new(asked: argparse.Namespace) -> int:
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


def _name(asked: argparse.Namespace) -> int:
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


def _gaps(asked: argparse.Namespace) -> int:
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


def _add(asked: argparse.Namespace) -> int:
    workspace = workspaces.open_workspace(asked.folder)
    told: list[dict[str, Any]] = []
    for path in asked.files:
        try:
            found = returns.take_in(workspace, path, _ADDING, text.now().date(), "try" if asked.dry_run else "keep")
        except FileRefusedError as fault:
            told.append({"file": path.name, "error": fault.parts()})
            print(fault, file=sys.stderr)
            continue
        told.append(found.summary())
        if not asked.json:
            for line in returns.lines(found):
                print(line)
    if asked.json:
        print(json.dumps(told if len(told) > 1 else told[0], ensure_ascii=False))
    return PROBLEMS if any("error" in one or one["rejected"] for one in told) else DONE


def _check(asked: argparse.Namespace) -> int:
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


def _report(asked: argparse.Namespace) -> int:
    for name, value in summary.report(workspaces.open_workspace(asked.folder)).items():
        print(f"{name}: {value}")
    return DONE


def _export(asked: argparse.Namespace) -> int:
    workspace = workspaces.open_workspace(asked.folder)
    made = Timer().run(study.build(workspace, asked.role, workspace.settings, text.now().date()))
    if asked.zones:
        made = study.only_zones(made, asked.zones.split(","))
    if asked.paper:
        exports.on_paper(asked.format).write_on(made, asked.out, asked.paper)
    else:
        exports.by_name(asked.format).write(made, asked.out)
    print(f"Wrote {asked.out}.")
    return DONE


def _backup(asked: argparse.Namespace) -> int:
    made = backup.back_up(workspaces.open_workspace(asked.folder), asked.file)
    print(text.say("backup-made", file=asked.file.name, files=made.files, megabytes=f"{made.bytes / 1e6:.1f}"))
    return DONE


def _restore(asked: argparse.Namespace) -> int:
    told = backup.restore(asked.file, asked.folder, asked.erased)
    print(text.say("backup-restored", name=told.name, day=told.made.date().isoformat(), folder=asked.folder.name))
    return DONE


def _demo(asked: argparse.Namespace) -> int:
    if not asked.folder.exists():
        Timer().run(demo.make_workspace(asked.folder))
    if not asked.make_only:
        return _serve(asked)
    workspace = workspaces.open_workspace(asked.folder)
    made = Timer().run(study.build(workspace, "worker", workspace.settings, text.now().date()))
    for line in summary.lines(made):
        print(line)
    print(f"The demo town lies in {asked.folder}, the files it was made from in {asked.folder / 'files'}.")
    return DONE


def _serve(asked: argparse.Namespace) -> int:
    return serve.serve(asked.folder, asked.port, "leave" if asked.no_browser else "open", _say_where)


def _say_where(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
