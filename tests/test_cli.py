"""The command line keeps its promises."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import pytest
from village import write_village

from assetmap import cli
from assetmap.cli import running
from assetmap.schema import GAPS


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    files = write_village(folder / "files")
    words = ["new", str(folder / "w"), "--name", "Nether Village", "--zones", str(files.zones), "--zone-id", "code"]
    words += ["--zone-name", "label", "--osm", str(files.osm), "--indicators", str(files.indicators[0])]
    code = cli.main(words)
    assert code == 0
    return folder / "w"


def test_gaps_as_json_is_one_object_and_nothing_else(village, capsys):
    assert cli.main(["gaps", str(village), "--json"]) == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert {"zones", "people", "assets", "classes", "states", "seconds", "sources"} <= told.keys()
    assert told["zones"] == 9
    assert sum(entry["zones"] for entry in told["states"].values()) == 9
    assert set(told["classes"]) == {"priority", "watch", "build-on", "strong-base", "none"}
    assert all(seconds >= 0 for seconds in told["seconds"].values())


@pytest.mark.parametrize("ending", ["csv", "geojson", "gpkg", "parquet"])
def test_gaps_out_writes_every_kind(village, tmp_path, capsys, ending):
    out = tmp_path / f"gaps.{ending}"
    assert cli.main(["gaps", str(village), "--out", str(out)]) == 0
    assert out.stat().st_size > 0
    assert str(out) in capsys.readouterr().out


def test_the_csv_holds_the_gaps_table_in_full(village, tmp_path):
    out = tmp_path / "gaps.csv"
    assert cli.main(["export", str(village), "--format", "csv", "--out", str(out)]) == 0
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 9
    assert list(rows[0]) == ["zone_id", *GAPS.names]


def test_only_some_zones_and_a_role(village, tmp_path):
    out = tmp_path / "two.csv"
    words = ["export", str(village), "--format", "csv", "--out", str(out), "--zones", "V000,V011", "--role", "partner"]
    assert cli.main(words) == 0
    assert len(out.read_text(encoding="utf-8").strip().splitlines()) == 3


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["gaps", "nowhere"], 1, "not a workspace"),
        (["gaps", "{village}", "--standard", "often"], 2, "neither a number nor the word relative"),
        (["gaps", "{village}", "--full", "900", "--none", "800"], 2, "walking distances"),
        (["gaps", "{village}", "--out", "gaps.docm"], 2, "not a kind of file"),
        (["gaps", "{village}", "--index", "nothing"], 2, "no such index"),
    ],
)
def test_faults_are_one_sentence_on_standard_error(village, capsys, words, code, says):
    assert cli.main([word.replace("{village}", str(village)) for word in words]) == code
    said = capsys.readouterr()
    assert says in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""


def test_a_fault_with_json_is_an_object_in_four_parts(village, capsys):
    assert cli.main(["gaps", str(village), "--index", "nothing", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert set(told["error"]) == {"what", "where", "found", "do"}


def test_a_new_workspace_wants_a_place_or_files(tmp_path, capsys):
    assert cli.main(["new", str(tmp_path / "x")]) == 2
    assert "--place" in capsys.readouterr().err and not (tmp_path / "x").exists()


@pytest.mark.parametrize("words", [["gaps"], ["nonsense"], ["export", "x", "--format", "odt"]])
def test_wrong_usage_is_two(words, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(words)
    assert end.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("command", ["new", "add", "gaps", "check", "report", "export", "demo", "serve"])
def test_every_command_has_help_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main([command, "--help"])
    assert end.value.code == 0
    assert "example: assetmap" in capsys.readouterr().out


def test_check_finds_what_is_missing(village, capsys):
    assert cli.main(["check", str(village), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert any("Not in the tables" in problem for problem in told["problems"])
    assert any("streets.osm" in fact for fact in told["facts"])


def test_report_names_nothing(village, capsys):
    assert cli.main(["report", str(village)]) == 0
    said = capsys.readouterr().out
    assert "Nether" not in said
    assert "V000" not in said
    assert "rows of zones: 9" in said


def test_a_workspace_is_put_into_one_file_and_made_again(village, tmp_path, capsys):
    assert cli.main(["backup", str(village), str(tmp_path / "monday.zip")]) == 0
    assert "monday.zip holds the whole workspace" in capsys.readouterr().out
    assert cli.main(["restore", str(tmp_path / "monday.zip"), str(tmp_path / "again")]) == 0
    assert cli.main(["gaps", str(village), "--out", str(tmp_path / "a.csv")]) == 0
    assert cli.main(["gaps", str(tmp_path / "again"), "--out", str(tmp_path / "b.csv")]) == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    capsys.readouterr()
    assert cli.main(["restore", str(tmp_path / "a.csv"), str(tmp_path / "other")]) == 1
    assert "a.csv: this is not a backup" in capsys.readouterr().err


def test_an_interrupted_new_by_signal_leaves_nothing(tmp_path):
    """A real process, stopped with Ctrl-C while it works."""
    files = write_village(tmp_path / "files")
    script = (
        "import os, signal, sys\n"
        # A shell that puts this run into the background has it ignore Ctrl-C.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from assetmap import cli, intake\n"
        "real = intake.osm.read_in_steps\n"
        "def slow(*given):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(*given)\n"
        "intake.osm.read_in_steps = slow\n"
        "sys.exit(cli.main(sys.argv[1:]))\n"
    )
    words = ["new", str(tmp_path / "w"), "--name", "V", "--zones", str(files.zones), "--zone-id", "code"]
    words += ["--osm", str(files.osm)]
    ended = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "nothing was left half done" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["files"]


def test_hostile_what_a_file_calls_itself_gives_the_terminal_no_orders(capsys):
    running.say_lines(["a\x1b[2Jb.csv: 3 rows"])
    assert capsys.readouterr().out == "a\ufffd[2Jb.csv: 3 rows\n"
