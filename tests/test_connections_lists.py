"""Ties from a spreadsheet: assets by id or name, everything else a reject that says what to do, one undo for all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import places
import pytest
from test_undo import latest

from assetmap import cli, study
from assetmap.errors import MissingColumnError, UsageError
from assetmap.roles import Actor
from assetmap.sources.lists import read_listing
from assetmap.store import connections as ties
from assetmap.store import undo
from assetmap.store.workspace import open_workspace
from assetmap.study.tables import ties_of
from assetmap.work import tie_lists
from assetmap.work.introducing import Told
from assetmap.work.tie_lists import read_ties

ADA = Actor("ada", "worker")
ASSETS = gpd.GeoDataFrame(
    {
        "name": ["The Mill Hall", "Mill Road Choir", "St Anne's Chapel", "St Anne's Chapel", "Growers", "Mill Hall"],
        "kind": ["building", "association", "building", "building", "association", "building"],
        "source_id": ["h1", "c1", "n3", "n4", "g1", "w9"],
        "same_as": [None, None, None, None, None, "own:1"],
    },
    geometry=[None] * 6,
    index=["own:1", "own:2", "osm:n3", "osm:n4", "own:5", "osm:w9"],
)


def read(tmp_path: Path, lines: str, **said: str):
    file = tmp_path / "who knows whom.csv"
    file.write_text(lines, encoding="utf-8")
    return read_ties(read_listing(file), ASSETS, said)


def test_rows_become_ties_or_say_why_not(tmp_path: Path) -> None:
    listed = read(
        tmp_path,
        "Group,With,How,Strength,Phone\n"
        "Mill Road Choir,mill hall,meets at,5,\n"
        "own:5,c1,,,07700 900123\n"
        "The Mill Hall,Growers,hosts,2,\n"
        "Ada Lovelace,Growers,knows,1,\n"
        "Growers,St. Annes Chapel,knows,1,\n"
        "Growers,Mill Rood Choir,knows,1,\n"
        "Growers,g1,knows,1,\n"
        "Growers,The Mill Hall,loves,1,\n"
        "Growers,The Mill Hall,knows,often,\n",
    )
    assert listed.read == 9
    assert [(tie.from_id, tie.to_id, tie.relation, tie.strength) for tie in listed.ties] == [
        ("own:2", "own:1", "meets at", 3),
        ("own:5", "own:2", "knows", 1),
        ("own:5", "own:1", "meets at", 2),
    ]
    told = [(reject.row, reject.column, reject.do) for reject in listed.rejects]
    assert told[0][:2] == (5, "Group")
    assert "names of people are not taken" in told[0][2]
    assert "osm:n3, osm:n4" in told[1][2]
    assert "did you mean Mill Road Choir" in told[2][2]
    assert [row for row, *_ in told] == [5, 6, 7, 8, 9, 10]
    assert all(reject.reason and reject.do for reject in listed.rejects)


def test_hostile_list_of_thousands_of_people_is_refused_row_by_row_and_soon(tmp_path: Path, monkeypatch) -> None:
    asked, extract = [], tie_lists.process.extract
    monkeypatch.setattr(tie_lists.process, "extract", lambda *a, **k: asked.append(a[0]) or extract(*a, **k))
    rows = [f"Growers,Quenby Canary {number}\n" for number in range(1500)]
    listed = read(
        tmp_path, "\ufeffFrom,To\n" + "".join(rows) + '"=HYPERLINK(""x"")",Growers\nGrowers,Growers\nGrowers,c1\n'
    )
    assert (listed.read, len(listed.ties), len(listed.rejects)) == (1503, 1, 1502)
    assert len(asked) == len(set(asked)) <= 600, "likeness is slow, and of no use for a list of people"


def test_a_file_named_after_somebodys_address_is_not_the_source_of_a_tie(tmp_path: Path) -> None:
    file = tmp_path / "from quenby@example.org.csv"
    file.write_text("From,To\nGrowers,c1\n", encoding="utf-8")
    assert read_ties(read_listing(file), ASSETS).ties[0].source == "a list"


def test_ends_are_found_by_what_columns_hold(tmp_path: Path) -> None:
    listed = read(tmp_path, "no,who,whom\n1,Growers,Mill Road Choir\n2,Mill Road Choir,The Mill Hall\n")
    assert (listed.columns.one, listed.columns.other, len(listed.ties)) == ("who", "whom", 2)
    turned = read(tmp_path, "no,who,whom\n1,Growers,Mill Road Choir\n", one="whom", other="who")
    assert turned.columns.one == "whom"
    with pytest.raises(UsageError, match="no such column"):
        read(tmp_path, "who,whom\nGrowers,Mill Road Choir\n", one="whoever")
    with pytest.raises(MissingColumnError, match="no two columns"):
        read(tmp_path, "person,friend\nAda Lovelace,Mary Somerville\n")


def test_the_command_takes_a_list_in_whole_and_undoes_it_whole(tmp_path: Path, capsys) -> None:
    folder = places.copied(places.demo_town(), tmp_path / "w")
    workspace = open_workspace(folder)
    with workspace.open_store() as store:
        before = ties.read_connections(store)
    assert len(before) == len(pd.read_csv(folder / "files" / "connections.csv")) > 30
    file = tmp_path / "more.csv"
    file.write_text("from,to,kind\nG001,G002,shares with\nG001,Grace Hopper,knows\n", encoding="utf-8")
    assert cli.main(["connect", str(folder), str(file), "--dry-run", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["read"], told["ties"], told["rejected"], told["added"]) == (2, 1, 1, 0)
    assert cli.main(["connect", str(folder), str(file)]) == 1
    said = capsys.readouterr().out
    assert "Grace Hopper is no group or place on this map" in said
    assert cli.main(["connect", str(folder), str(file), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["unchanged"] == 1
    with workspace.open_store() as store:
        after = ties.read_connections(store)
        assert len(after) == len(before) + 1
        undo.undo_change(store, latest(store), ADA)
        assert ties.read_connections(store).equals(before)
        assert "Hopper" not in str(after.to_dict())


def test_role_sees_in_a_study_what_it_may() -> None:
    workspace = open_workspace(places.demo_town())
    made = study.finish(study.build(workspace, "partner", workspace.settings, date(2026, 11, 22)))
    current = made.assets[made.assets["same_as"].isna()]
    assert {*made.connections["from_id"], *made.connections["to_id"]} <= set(current.index)
    with workspace.open_store() as store:
        assert 0 < len(made.connections) < len(ties.read_connections(store))
    assert set(made.connections["strength"]) == {3}
    assert set(made.connections["source"]) == {""}


def test_a_tie_follows_the_row_that_speaks_for_its_end() -> None:
    told = pd.DataFrame(
        [(1, "own:2", "osm:w9", "knows", 1), (2, "own:2", "own:1", "knows", 2), (3, "osm:n7", "own:5", "runs", 1)],
        columns=["id", "from_id", "to_id", "relation", "strength"],
    )
    seen = ties_of(told, ASSETS, {"osm:n7": "osm:n3"}, "worker")
    assert seen[["from_id", "to_id", "strength"]].to_numpy().tolist() == [["own:2", "own:1", 2], ["osm:n3", "own:5", 1]]
    gone = ties_of(told, ASSETS.drop(index="own:2"), {}, "worker")
    assert gone.empty


@dataclass(frozen=True)
class Merged:
    """Of a study what says which rows speak for others."""

    assets: gpd.GeoDataFrame
    repeats: dict[str, str]


def test_who_said_never_is_known_by_whatever_id_the_group_has_now() -> None:
    past = pd.DataFrame([("osm:w9", "own:2", "2026-01-01", "never")], columns=["a_id", "b_id", "asked_on", "outcome"])
    told = Told(past, pd.DataFrame({"asset_id": ["osm:n7", "own:5"]}))
    made = Merged(ASSETS, {"osm:n7": "osm:w9"})
    now = told.as_spoken(made)  # type: ignore[arg-type]
    assert now.past[["a_id", "b_id", "outcome"]].to_numpy().tolist() == [["own:1", "own:2", "never"]]
    assert now.brokers["asset_id"].tolist() == ["own:1", "own:5"]
    assert told.recorded(made, "own:1") == "osm:n7", "it is recorded as it was said"  # type: ignore[arg-type]
    turned = Told(past.assign(b_id="osm:n3", a_id="own:5"), told.brokers).as_spoken(made)  # type: ignore[arg-type]
    assert turned.past[["a_id", "b_id"]].to_numpy().tolist() == [["osm:n3", "own:5"]]
    assert Told(past.iloc[:0], told.brokers.iloc[:0]).as_spoken(made).past.empty  # type: ignore[arg-type]
