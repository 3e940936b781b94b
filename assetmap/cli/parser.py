"""What can be typed: every command with its options and an example."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, get_args

from assetmap import exports
from assetmap.cli import commands as does
from assetmap.cli.commands import connecting, figures
from assetmap.cli.running import WRONG_USAGE
from assetmap.roles import ROLES
from assetmap.schema import Hours, Route, Walker
from assetmap.sources.lists.model import Placeless

_NO_SUCH = re.compile(r"argument (?P<what>[^:]+): invalid choice: '(?P<typed>.*)' \(choose from (?P<there>.*)\)")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command in one sentence."""

    def error(self, message: str) -> Any:
        print(f"{self.prog}: {_meant(message)}; see {self.prog} --help.", file=sys.stderr)
        raise SystemExit(WRONG_USAGE)


def _meant(message: str) -> str:
    """Put what was nearly typed before the long list of all that could be.

    Examples
    --------
    >>> _meant("argument COMMAND: invalid choice: 'gasp' (choose from 'new', 'gaps')")
    "there is no command 'gasp'; did you mean gaps? There are: new, gaps"
    >>> _meant("the following arguments are required: DIR")
    'the following arguments are required: DIR'
    """
    wrong = _NO_SUCH.fullmatch(message)
    if wrong is None:
        return message
    there = [word.strip(" '") for word in wrong["there"].split(",")]
    near = difflib.get_close_matches(wrong["typed"], there, 1)
    meant = f"; did you mean {near[0]}? There are: " if near else "; there are: "
    return f"there is no {wrong['what'].lower()} '{wrong['typed']}'{meant}{', '.join(there)}"


def make_parser() -> argparse.ArgumentParser:
    """Return what reads a command line."""
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
    _add_indicator(commands)
    _add_connect(commands)
    _add_gaps(commands)
    _add_check(commands)
    _add_update(commands)
    _add_fetch(commands)
    _add_report(commands)
    _add_export(commands)
    _add_verify(commands)
    _add_paperwork(commands)
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
        "Make a workspace from the name of a place, or from its files.",
        'assetmap new camden --place "Camden, London"\n'
        "         assetmap new camden --name Camden --zones lsoa21.geojson --zone-id LSOA21CD \\\n"
        "           --osm camden.osm.pbf --indicators census.csv",
    )
    new.add_argument("folder", type=Path, metavar="DIR", help="the workspace's folder; must not hold anything yet")
    new.add_argument(
        "--place",
        metavar="NAME",
        help='fetch everything for a place in England or Wales: "Camden, London", a code such as E09000007,\n'
        "a file with codes or an outline, or west,south,east,north in degrees",
    )
    new.add_argument("--downloads", type=Path, metavar="DIR", help="keep what --place fetches there, to go on later")
    new.add_argument("--offline", action="store_true", help="ask nobody: use only what is in --downloads")
    new.add_argument("--name", help="what the place is called (as --place finds it)")
    new.add_argument("--zones", type=Path, metavar="F", help="boundaries of the small areas")
    new.add_argument("--zone-id", metavar="COL", help="column of the zones with their codes")
    new.add_argument("--zone-name", metavar="COL", help="column of the zones with their names")
    new.add_argument("--population", metavar="COL", help="column with the people who live there (zones or indicators)")
    new.add_argument("--osm", type=Path, metavar="F", help="OpenStreetMap file: .osm.pbf, .osm, .osm.gz, .osm.bz2")
    new.add_argument(
        "--indicators", type=Path, nargs="+", default=[], metavar="F", help="tables, wide or long, .csv or .csv.gz"
    )
    new.add_argument(
        "--reference",
        type=Path,
        nargs="+",
        default=[],
        metavar="F",
        help="the same tables for all of England; --place: england",
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
    new.set_defaults(run=does.make)


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
    name.set_defaults(run=does.name)


def _add_add(commands: Any) -> None:
    add = _command(
        commands,
        "add",
        "Take in a list that somebody keeps, or what came back: our spreadsheet, or the file the phone's form saved.",
        'assetmap add camden halls.csv --category community-centre --map "Where we meet=address" --dry-run',
    )
    _folder(add)
    add.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="lists (.csv .xlsx .ods .geojson .kml .gpx .gpkg .zip .json) and files made from `assetmap export`",
    )
    add.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="COLUMN=FIELD",
        help='what a column holds, such as "Where we meet=address"; "COLUMN=" for nothing;\nmay be given again',
    )
    add.add_argument("--category", default="", metavar="ID", help="the kind of place of every row that names none")
    add.add_argument("--sheet", metavar="NAME", help="the sheet, layer or file within it (the first)")
    add.add_argument("--header", type=int, metavar="N", help="the row of the headings, 0 for none (found out)")
    add.add_argument("--crs", default="", metavar="N|swapped", help="what its coordinates are in (as the file says)")
    add.add_argument("--source", default="", metavar="NAME", help="what the list is called (as the file)")
    add.add_argument(
        "--placeless",
        default="reject",
        choices=get_args(Placeless),
        help="rows without a place: leave them out, or keep them as groups with no fixed place (reject)",
    )
    add.add_argument(
        "--address", default="", choices=("meets", "post"), help="what its addresses are: where they meet, or post goes"
    )
    add.add_argument("--postcodes", type=Path, metavar="F", help="postcodes with coordinates (as in the workspace)")
    add.add_argument("--uprns", type=Path, metavar="F", help="property numbers (UPRN) with coordinates")
    add.add_argument("--rejects", type=Path, metavar="F", help="write what was not taken as .xlsx or .csv, to correct")
    add.add_argument("--dry-run", action="store_true", help="say what would become of it, and write nothing")
    add.add_argument("--json", action="store_true", help="print one JSON object (a list for several) and nothing else")
    add.set_defaults(run=does.add)


def _add_indicator(commands: Any) -> None:
    own = _command(
        commands,
        "indicator",
        "Add figures of your own by small area, ward, output area or postcode; without a file, list them.",
        "assetmap indicator camden waiting.csv --column Waiting --per Households --dry-run",
    )
    _folder(own)
    figures.add_options(own)


def _add_connect(commands: Any) -> None:
    ties = _command(
        commands,
        "connect",
        "Record ties between groups and places from a spreadsheet with a row for each tie.",
        "assetmap connect camden who-works-with-whom.csv --dry-run",
    )
    _folder(ties)
    connecting.add_options(ties)


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
    gaps.set_defaults(run=does.gaps)


def _add_check(commands: Any) -> None:
    check = _command(
        commands,
        "check",
        "Look a workspace over: what was found of each kind of place, and what is missing.\n"
        "With --live: ask each public service for one row, and say which answers as expected.",
        "assetmap check camden --osm camden.osm.pbf\n         assetmap check --live",
    )
    check.add_argument("folder", type=Path, nargs="?", metavar="DIR", help="the workspace's folder")
    check.add_argument("--live", action="store_true", help="ask the services that places are fetched from")
    check.add_argument(
        "--osm",
        type=Path,
        metavar="F",
        help="count as well what this OpenStreetMap file names that no kind of place takes",
    )
    check.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    check.set_defaults(run=does.check)


def _add_update(commands: Any) -> None:
    update = _command(
        commands,
        "update",
        "Say what has changed in the sources since they were read; take it when you have looked.",
        "assetmap update camden --osm camden-march.osm.pbf",
    )
    _folder(update)
    update.add_argument("--osm", type=Path, metavar="F", help="a newer OpenStreetMap file, instead of asking")
    update.add_argument("--indicators", type=Path, nargs="+", default=[], metavar="F", help="newer tables")
    update.add_argument("--zones", type=Path, metavar="F", help="newer boundaries, to compare with")
    update.add_argument("--offline", action="store_true", help="ask nobody: say how old each source is")
    update.add_argument(
        "--take", nargs="*", metavar="PART", help="put in place what the last look found: osm, indicators"
    )
    update.add_argument("--leave", nargs="+", default=[], metavar="ID", help="with --take: not these, by their ids")
    update.add_argument("--back", action="store_true", help="bring back what was there before the last --take")
    update.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    update.set_defaults(run=does.look_for_changes)


def _add_fetch(commands: Any) -> None:
    fetch = _command(
        commands,
        "fetch",
        "Fetch public lists of a place, to look at before anything of them is taken.",
        "assetmap fetch camden charities\n"
        "         assetmap fetch camden grants --charity 1164883\n"
        "         assetmap fetch camden services --feed https://council.example/feed",
    )
    _folder(fetch)
    fetch.add_argument(
        "lists",
        nargs="*",
        metavar="LIST",
        help="libraries, gp-practices, active-places, charities, grants, services (the first three)",
    )
    fetch.add_argument("--charity", nargs="+", default=[], metavar="N", help="charities to ask for grants of")
    fetch.add_argument("--feed", metavar="URL", help="where a council's directory in Open Referral UK answers")
    fetch.set_defaults(run=does.fetch)


def _add_report(commands: Any) -> None:
    report = _command(
        commands, "report", "Versions and sizes for a fault report; no names.", "assetmap report camden > report.txt"
    )
    _folder(report)
    report.set_defaults(run=does.report)


def _add_export(commands: Any) -> None:
    export = _command(
        commands,
        "export",
        "Write what a role may see to one file.",
        "assetmap export camden --format gpkg --out camden.gpkg",
    )
    _folder(export)
    export.add_argument(
        "--format", required=True, choices=[*exports.names(), *exports.ALSO_CALLED], help="the kind of file"
    )
    export.add_argument("--out", type=Path, required=True, metavar="F", help="where to write it")
    export.add_argument("--role", default="worker", choices=ROLES, help="who will read it (worker)")
    export.add_argument("--zones", metavar="ID,ID", help="only these zones")
    export.add_argument("--paper", metavar="A3", help="of a poster: A5 to A1; A3-landscape turns it (A3)")
    export.add_argument(
        "--by", metavar="ward|msoa|F", help="of a briefing or pack: roll up to wards, MSOAs or the areas of a file"
    )
    export.add_argument(
        "--cover", type=Path, metavar="F", help="of a briefing or pack: its cover, residents' words (.toml)"
    )
    export.add_argument("--large-print", action="store_true", help="of walk-about sheets: larger letters and numbers")
    export.add_argument("--themes", metavar="ID,ID", help="show the places of these themes only")
    export.add_argument("--language", default="en", metavar="cy", help="say it in another language (en)")
    export.add_argument("--parts", metavar="KIND,KIND", help="of a pack: what goes in; default: the usual files")
    export.add_argument("--for", dest="made_for", default="", metavar="WHO", help="of a pack: the group it is for")
    export.add_argument("--why", default="", metavar="WHY", help="of a pack: what for; both go into the register")
    export.set_defaults(run=does.export)


def _add_verify(commands: Any) -> None:
    verify = _command(
        commands,
        "verify",
        "Say whether a pack is as it left, file by file, and whether the register of a workspace knows it.",
        "assetmap verify camden-pack.zip camden",
    )
    verify.add_argument("pack", type=Path, metavar="PACK", help="a pack, or the folder it was unpacked into")
    verify.add_argument(
        "folder", type=Path, nargs="?", metavar="DIR", help="the workspace it came from (this folder, if it is one)"
    )
    verify.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    verify.set_defaults(run=does.verify)


def _add_paperwork(commands: Any) -> None:
    made = _command(
        commands,
        "paperwork",
        "Write the documents that belong to records about people, filled in as far as the workspace says it.",
        "assetmap paperwork camden --only dpia,privacy-notice --format docx --out paperwork",
    )
    _folder(made)
    made.add_argument(
        "--only", default="", metavar="ID,ID", help="these documents only, such as dpia,consent-card (all of them)"
    )
    made.add_argument("--format", choices=("docx", "pdf"), help="Word to fill in, or PDF to print (both)")
    made.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="where to; a file that is there is never written over"
    )
    made.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    made.set_defaults(run=does.write_paperwork)


def _add_backup(commands: Any) -> None:
    made = _command(
        commands, "backup", "Put the whole workspace into one file.", "assetmap backup camden camden-monday.zip"
    )
    _folder(made)
    made.add_argument("file", type=Path, metavar="FILE", help="the file to make; others may go on working meanwhile")
    made.set_defaults(run=does.back_up)


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
    made.set_defaults(run=does.restore)


def _add_demo(commands: Any) -> None:
    made = _command(
        commands, "demo", "Make the demo town if it is missing, and open the app on it.", "assetmap demo --port 8600"
    )
    made.add_argument("--folder", type=Path, default=Path("demo-workspace"), metavar="DIR", help="where it lies")
    made.add_argument("--make-only", action="store_true", help="make it and print what was found, without the app")
    _app_options(made)
    made.set_defaults(run=does.show_demo)


def _add_serve(commands: Any) -> None:
    serving = _command(
        commands, "serve", "Open the app on this computer, on a workspace or to choose one.", "assetmap serve camden"
    )
    help_text = "the workspace's folder; without it, name a place or choose one of this folder"
    serving.add_argument("folder", type=Path, nargs="?", metavar="DIR", help=help_text)
    _app_options(serving)
    serving.set_defaults(run=does.serve_app)


def _app_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, metavar="N", help="port of the app (the first free one from 8501)")
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")


def _folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="the workspace's folder")
