"""Every role against every page, every file and every call of the store: answers written out by hand, and asked for.

What is found in the code and has no answer here fails: whoever adds a page, a format or a call says who may use it.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
from dataclasses import replace
from datetime import date
from importlib import import_module
from pathlib import Path

import geopandas as gpd
import pandas as pd
import places
import pytest
import test_people
from people_town import open_town
from screens import AppTest
from streamlit.util import calc_hash
from village import Village

import assetmap.store
from assetmap import cli, exports, roles, serve
from assetmap.errors import AssetmapError, NotAllowedError
from assetmap.privacy import assets_for, columns_for
from assetmap.privacy.people import USES, Standing, fields_for
from assetmap.roles import NOBODY, ROLES, Actor, can, readers
from assetmap.schema import ASSETS, Settings
from assetmap.store import (
    assets,
    batch,
    change_settings,
    community,
    connections,
    database,
    exchange,
    introductions,
    links,
    lists,
    names,
    register,
    suggestions,
    tombstones,
    undo,
    verdicts,
)
from assetmap.store import people as room
from assetmap.study import build
from assetmap.ui.pages import pages
from assetmap.work import packs

PACKAGE = Path(roles.__file__).parent
ROOT = PACKAGE.parent
EVERY = (*ROLES, NOBODY)
DAY = date(2026, 11, 23)

#: By their first letters: resident, worker, moderator, partner, commissioner, steward. Nobody, who is logged out, is in
#: none of them.
PAGES = {
    "start": "RWMPCS",
    "map": "RWMPCS",
    "where-to-start": "RWMPCS",
    "sources": "RWMPCS",
    "help": "RWMPCS",
    "people": "RWMPCS",
    "connections": "RWMPCS",
    "add": "RWMPS",
    "check": "WMS",
    "lists": "WMS",
    "briefings": "WMPCS",
    "incident": "S",
}
#: Who takes files away, each of them; they are made of what the role may see.
TAKES = "WMPCS"
FILES = {
    *("briefing", "csv", "data", "docx", "fieldform", "geojson", "gpkg", "hsds", "html", "ics", "kml", "minutes"),
    *("notebook", "pack", "page", "parquet", "poster", "pptx", "template", "walkabout", "xlsx"),
}
#: For whose eyes each role may make a pack: its own, and those of roles that see no more.
PACKS_FOR = {"R": "", "W": "PCRW", "M": "PCRM", "P": "P", "C": "C", "S": "PCRS", "N": ""}
#: What of a group or place only some may see; everything else that may be seen at all, everybody may who has a role.
COLUMNS = {"contact": "RWMPS", "at_risk": "WMS", "risk_date": "WMS", "photo": "WMS"}
NEVER = {"keep_off_map", "deleted_at", "created_at", "updated_at"}
#: Who sees an entry of a connected person by what was agreed; the steward keeps the records and sees each.
PEOPLE = {"team": "WS", "partners": "PS", "publish": "RMS", "introduce": "S", "hold": "S"}
#: Every call of the store that takes who does it.
CALLS = {
    "assets.add_asset": "WMS",
    "assets.add_assets": "WMS",
    "assets.change_asset": "WMS",
    "assets.check_asset": "WMS",
    "assets.remove_asset": "WMS",
    "assets.restore_asset": "WMS",
    "batch.write_batch": "WMS",
    "community.write_entry": "WMS",
    "community.change_entry": "WMS",
    "community.remove_entry": "WMS",
    "connections.connect": "WMS",
    "connections.connect_many": "WMS",
    "connections.disconnect": "WMS",
    "connections.retie": "WMS",
    "connections.refuse": "WMS",
    "introductions.record_introduction": "WMS",
    "introductions.say_broker": "WMS",
    "introductions.forget_broker": "WMS",
    "exchange.exchange": "WMS",
    "links.link_asset": "WMS",
    "lists.write_list": "WMS",
    "names.write_zone_names": "WMS",
    "register.enter_pack": TAKES,
    "register.read_register": "WMS",
    "suggestions.suggest": "RWMPS",
    "suggestions.withdraw_suggestion": "RWMPS",
    "suggestions.accept_suggestion": "M",
    "suggestions.same_suggestion": "M",
    "suggestions.decline_suggestion": "M",
    "tombstones.erase_asset": "S",
    "tombstones.erase_suggestion": "M",
    "undo.undo_change": "WMS",
    "undo.undo_import": "WMS",
    "verdicts.judge_object": "WMS",
    "workspace.change_settings": "WS",
}
#: Who may write in which notebook.
NOTEBOOKS = {
    "aliases": "WMS",
    "services": "WMS",
    "walks": "WMS",
    "decisions": "WMS",
    "reviews": "WMS",
    "users": "S",
}
#: They write and take nobody: done to the whole workspace, by whoever holds its folder, or a part of another call.
OF_THE_FOLDER = {
    "exchange.finish",  # the second half of an exchange that was allowed, perhaps after a stop
    "tombstones.apply_tombstones",  # a restore
    "tombstones.erase_lapsed_suggestions",  # what is over by the day alone
    "database.writing",
    "database.writing_briefly",
}
#: Of the room of people, beside what it offers: each is called by what asks first.
INNER = {"audit.note", "door.lacking", "door.require_unlocked", "erasing.erase_due", "erasing.after_restore"}
INNER |= {"model.uses_now", "records.require_seen", "records.values_of"}


def letters(names_):
    return {name: name[0].upper() for name in names_}


def who(said: str) -> set[str]:
    return {role for role, letter in letters(EVERY).items() if letter in said}


def modules(package):
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" not in found.name:
            yield found.name, import_module(found.name)


def functions(module):
    for name, made in inspect.getmembers(module, inspect.isfunction):
        if made.__module__ == module.__name__ and not name.startswith("_"):
            yield name, made


def takes_somebody(made) -> bool:
    """Whether a call takes an actor or somebody at the door; one inside another's transaction was asked before."""
    given = [str(one.annotation) for one in inspect.signature(made).parameters.values()]
    named = any(
        word in one.replace("|", " ").split() for one in given for word in ("Actor", "Noting", "Door", "Exchange")
    )
    return named and not (given and given[0] == "Connection")


def test_role_letters_are_each_of_one_role_and_nobody_is_in_no_answer():
    assert len(set(letters(EVERY).values())) == len(EVERY) == 7
    for answer in (*PAGES.values(), TAKES, *CALLS.values(), *NOTEBOOKS.values(), *COLUMNS.values()):
        assert "N" not in answer
    assert not any(can(NOBODY, act) for act in roles.ACTS)
    assert readers(NOBODY) == ()


def test_role_every_call_of_the_store_that_takes_somebody_has_an_answer():
    found = set()
    for module, made in modules(assetmap.store):
        inside = module.removeprefix("assetmap.store.")
        for name, call in functions(made):
            if not takes_somebody(call):
                continue
            if inside.startswith("people."):
                known = name in room.__all__ or f"{inside.removeprefix('people.')}.{name}" in INNER
                assert known, f"{inside}.{name} is at the door and no table says for whom"
            else:
                found.add(f"{inside}.{name}")
    assert found - set(CALLS) == set(), "say in CALLS who may do this"
    assert set(room.__all__) == set(test_people.MATRIX) | test_people.OPEN


def test_role_every_call_of_the_store_that_writes_takes_somebody():
    for path in sorted((PACKAGE / "store").glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            called = {c.func.id for c in ast.walk(node) if isinstance(c, ast.Call) and isinstance(c.func, ast.Name)}
            given = {one.arg for one in node.args.args}
            if called & {"writing", "writing_briefly"} and not given & {"actor", "wanted"}:
                assert f"{path.stem}.{node.name}" in OF_THE_FOLDER, f"{path.stem}.{node.name} writes for anybody"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A town in which each call of the store can be made, and would do something."""
    return open_town(tmp_path_factory.mktemp("matrix") / "town")


@pytest.fixture
def calls(town, tmp_path):
    """Every call as somebody would make it who may: on a record, a suggestion and a change of its own."""
    ada, mo = Actor("ada", "worker"), Actor("mo", "moderator")
    hall = {"name": "Hall", "kind": "building", "category": "community-centre", "x": 5.0, "y": 6.0}
    said = suggestions.Suggestion("new", "A choir", category="choir")
    values = {"source": ["l"], "source_id": ["1"], "name": ["A"], "kind": ["building"], "category": ["library"]}
    rows = gpd.GeoDataFrame(values, geometry=[None], crs=27700)
    service = {"zone_id": "Z1", "organisation": "Advice Hub"}
    entry = register.Entry("partner", "The forum", "", "a.zip", {}, "2026-11-22", "s", "0" * 64, 1, "0" * 64)
    seen = verdicts.Judgement("osm:n9", "keep", "0" * 16, DAY)
    taking = lists.Taking("l.csv", "l", pd.DataFrame({"source_id": []}))
    file = tmp_path / "part"
    file.write_text("x")

    def make(store):
        own = assets.add_asset(store, hall, ada)
        there = suggestions.suggest(store, said, ada)
        change = int(database_first(store, "SELECT max(id) FROM changes WHERE what = 'add'"))
        removed = assets.add_asset(store, {**hall, "name": "Old hall"}, ada)
        assets.remove_asset(store, removed, 1, ada)
        key = community.write_entry(store, community.SERVICES, service, ada)
        many = assets.add_assets(store, rows.assign(source_id=[own]), ada, "l.csv").import_id
        tie = connections.connect(store, ada, own, "osm:n5", "knows")
        book, folder = community.SERVICES, town.workspace.folder
        closed = suggestions.suggest(store, replace(said, name="A band"), ada)
        suggestions.decline_suggestion(store, closed, 1, "known", mo)
        accepting = suggestions.Acceptance({**hall, "name": "A choir", "kind": "association", "category": "choir"})
        return {
            "assets.add_asset": lambda a: assets.add_asset(store, hall, a),
            "assets.add_assets": lambda a: assets.add_assets(store, rows, a),
            "assets.change_asset": lambda a: assets.change_asset(store, own, 1, {"offers": "chess"}, a),
            "assets.check_asset": lambda a: assets.check_asset(store, own, 1, a, DAY),
            "assets.remove_asset": lambda a: assets.remove_asset(store, own, 1, a),
            "assets.restore_asset": lambda a: assets.restore_asset(store, removed, a),
            "batch.write_batch": lambda a: batch.write_batch(store, batch.Batch(), a, "f.csv"),
            "community.write_entry": lambda a: community.write_entry(store, book, service, a),
            "community.change_entry": lambda a: community.change_entry(store, book, key, 1, {"does": "x"}, a),
            "community.remove_entry": lambda a: community.remove_entry(store, book, key, 1, a),
            "connections.connect": lambda a: connections.connect(store, a, own, "osm:n7", "knows"),
            "connections.connect_many": lambda a: connections.connect_many(store, a, []),
            "connections.retie": lambda a: connections.retie(store, a, tie, connections.Tie(own, "osm:n6", "runs")),
            "connections.refuse": lambda a: connections.refuse(store, a, connections.Tie(own, "osm:n9", "funds")),
            "connections.disconnect": lambda a: connections.disconnect(store, a, tie),
            "introductions.record_introduction": lambda a: introductions.record_introduction(store, a, own, "osm:n8"),
            "introductions.say_broker": lambda a: introductions.say_broker(
                store, a, own, "Safeguarding lead", date(2020, 1, 1)
            ),
            "introductions.forget_broker": lambda a: introductions.forget_broker(store, a, own),
            "exchange.exchange": lambda a: exchange.exchange(
                town.workspace.cache, exchange.Exchange({"part": file}, (), a, "update", {"part": ("a", "b")}), store
            ),
            "links.link_asset": lambda a: links.link_asset(store, own, "osm:n7", "same", a),
            "lists.write_list": lambda a: next(lists.write_list(store, taking, a), None),
            "names.write_zone_names": lambda a: names.write_zone_names(store, {"Z1": names.SaidName("The Mill")}, a),
            "register.enter_pack": lambda a: register.enter_pack(
                store, replace(entry, role=(readers(a.role) or ("partner",))[0]), a
            ),
            "register.read_register": lambda a: register.read_register(store, a),
            "suggestions.suggest": lambda a: suggestions.suggest(store, replace(said, name="A quilt group"), a),
            "suggestions.withdraw_suggestion": lambda a: suggestions.withdraw_suggestion(store, there, 1, a),
            "suggestions.accept_suggestion": lambda a: suggestions.accept_suggestion(store, there, 1, accepting, a),
            "suggestions.same_suggestion": lambda a: suggestions.same_suggestion(store, there, 1, own, None, a),
            "suggestions.decline_suggestion": lambda a: suggestions.decline_suggestion(store, there, 1, "no", a),
            "tombstones.erase_asset": lambda a: tombstones.erase_asset(store, folder, removed, a),
            "tombstones.erase_suggestion": lambda a: tombstones.erase_suggestion(store, folder, closed, a),
            "undo.undo_change": lambda a: undo.undo_change(store, change, a, "leave"),
            "undo.undo_import": lambda a: undo.undo_import(store, many, a),
            "verdicts.judge_object": lambda a: verdicts.judge_object(store, seen, a),
            "workspace.change_settings": lambda a: change_settings(town.workspace, Settings(), a),
        }

    return make


def database_first(store, statement):
    with database.reading(store.engine) as connection:
        return connection.exec_driver_sql(statement).scalar()


def written(store) -> list[int]:
    return [
        database_first(store, f"SELECT count(*) FROM {table}")  # noqa: S608
        for table in ("history", "changes", "packs", "audit", "suggestions", "assets")
    ]


@pytest.mark.parametrize("role", EVERY)
def test_role_every_call_of_the_store_answers_as_it_is_written(town, calls, role):
    with town.workspace.open_store() as store:
        made = calls(store)
        assert set(made) == set(CALLS)
        for name, call in made.items():
            before = written(store)
            try:
                call(Actor(f"a {role}", role))
                is_allowed = True
            except NotAllowedError:
                is_allowed = False
                assert written(store) == before, f"{name} was refused and wrote"
            except AssetmapError as fault:
                # Another call of this round took what it needs: it was let in all the same.
                is_allowed = True
                assert "there is no such" in str(fault) or "meanwhile" in str(fault) or "already" in str(fault), name
            assert is_allowed == (role in who(CALLS[name])), name


@pytest.mark.parametrize("role", EVERY)
def test_role_every_notebook_answers_as_it_is_written(town, role):
    assert {one.name for one in community.NOTEBOOKS} == set(NOTEBOOKS)
    for notebook in community.NOTEBOOKS:
        with town.workspace.open_store() as store:
            is_allowed = True
            try:
                community.write_entry(store, notebook, {}, Actor("x", role))
            except NotAllowedError:
                is_allowed = False
            except AssetmapError:
                pass
        assert is_allowed == (role in who(NOTEBOOKS[notebook.name])), notebook.name


def test_role_every_page_has_an_answer_and_is_offered_by_it():
    assert {page.PATH for page in pages()} == set(PAGES)
    for page in pages():
        assert {role for role in EVERY if can(role, page.ACT)} == who(PAGES[page.PATH]), page.PATH


def test_role_every_file_has_an_answer_and_no_pack_is_for_eyes_that_see_more(town, tmp_path):
    assert set(exports.names()) == FILES
    assert {role for role in EVERY if can(role, "export")} == who(TAKES)
    for role in EVERY:
        assert set(readers(role)) == who(PACKS_FOR[role[0].upper()])
        for reader in EVERY:
            order = packs.Order(Settings(), DAY, reader, parts=("there is none",))
            is_allowed = reader in who(PACKS_FOR[role[0].upper()])
            # Who is let in is told that there is no such part: nothing is made.
            with pytest.raises(AssetmapError) as told:
                packs.Making(town.workspace, order, Actor("x", role))
            assert isinstance(told.value, NotAllowedError) != is_allowed, (role, reader)


def test_role_no_study_is_made_for_nobody_so_no_page_and_no_file(town, tmp_path, capsys):
    with pytest.raises(NotAllowedError, match="nobody"):
        next(build(town.workspace, NOBODY, Settings(), DAY))
    with pytest.raises(SystemExit) as end:
        cli.main(["export", str(town.workspace.folder), "--format", "csv", "--out", "x.csv", "--role", NOBODY])
    assert end.value.code == 2


@pytest.mark.parametrize("role", EVERY)
def test_role_every_column_of_a_file_answers_as_it_is_written(role):
    table = gpd.GeoDataFrame(
        {name: ["said"] for name in (*ASSETS.names, *NEVER) if name not in ("geometry", "outline")}
    )
    table = table.assign(kind="building", keep_off_map=False).set_geometry(gpd.GeoSeries([None], crs=27700))
    seen = set(assets_for(role, table))
    assert not seen & NEVER
    for name, said in COLUMNS.items():
        assert (name in seen) == (role in who(said)), name
    rest = set(table) - NEVER - set(COLUMNS)
    assert rest & seen == (set() if role == NOBODY else rest & set(columns_for("commissioner")))


@pytest.mark.parametrize("use", PEOPLE)
def test_role_every_entry_of_a_person_answers_as_it_is_written(use):
    assert set(PEOPLE) == set(USES) - {"special"}
    standing = Standing(frozenset({"hold", use}), DAY)
    assert {role for role in EVERY if fields_for(role, standing, DAY)} == who(PEOPLE[use])
    named = {role for role in EVERY if "name" in fields_for(role, standing, DAY)}
    assert named == who(PEOPLE[use]) & {"worker", "steward"}


def open_app(monkeypatch, folder, role, path):
    monkeypatch.setenv(serve.WORKSPACE, str(folder))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["assetmap-role"] = role
    app._page_hash = calc_hash(path)
    app.run()
    assert not app.exception
    return app, "\n".join(one.proto.body for one in app.get("html") if "<style" not in one.proto.body)


@pytest.mark.parametrize("role", [NOBODY, "admin"])
def test_role_whoever_is_logged_out_sees_no_page_of_the_app_and_no_way_in(monkeypatch, role):
    folder = places.village()
    for path in PAGES:
        app, told = open_app(monkeypatch, folder, role, path)
        assert "You are not logged in" in told
        assert Village().name not in told and "V011" not in told
        assert not [*app.button, *app.text_input, *app.selectbox, *app.checkbox], path
        assert not dict(app.query_params)


def test_role_a_page_that_is_not_offered_is_not_drawn_by_its_address(monkeypatch):
    _, told = open_app(monkeypatch, places.village(), "resident", "incident")
    assert "What to do, in this order" not in told


#: Calls at the door that tell of anybody; who answers for the records, everybody may read.
TELLING = {
    "who_may_introduce",
    "read_people",
    "read_person",
    "everything",
    "own_door",
    "read_extent",
    "read_audit",
    "values_of",
    "Concerned",
}
#: Beside the app: what a restore erases again, who of the team may be asked to bring two groups together, and papers
#: that are filled in with who answers.
NEAR_PEOPLE = {
    "store/backup.py": set(),
    "work/introducing.py": {"who_may_introduce"},
    "cli/commands/documenting.py": set(),
}
NEAR_PEOPLE |= {"paperwork/facts.py": set()}


def test_role_only_the_app_comes_near_people_so_no_file_or_cache_holds_them():
    for path in PACKAGE.rglob("*.py"):
        inside = path.relative_to(PACKAGE).as_posix()
        source = path.read_text(encoding="utf-8")
        near = "assetmap.store.people" in source or "assetmap.store import people" in source
        if not near or inside.startswith("store/people/"):
            continue
        assert "cache_data" not in source and "cache_resource" not in source, f"{inside} would keep what was seen"
        if not inside.startswith("ui/"):
            named = {getattr(one, "attr", getattr(one, "id", "")) for one in ast.walk(ast.parse(source))}
            assert named & TELLING == NEAR_PEOPLE[inside], f"{inside} tells of people"


def test_role_whoever_counts_people_is_the_steward_or_asks_how_counts_are_told():
    """No count of people leaves the team but by the rules for small counts."""
    for path in PACKAGE.rglob("*.py"):
        inside = path.relative_to(PACKAGE).as_posix()
        source = path.read_text(encoding="utf-8")
        if inside.startswith(("store/people/", "privacy/")):
            continue
        for word in ("count_people", "len(seen)", "len(extent.people)"):
            known = {"ui/connected.py": "len(seen)", "ui/pages/incident.py": "len(extent.people)"}
            assert word not in source or known.get(inside) == word or "privacy.counts" in source, f"{inside}: {word}"
    assert test_people.MATRIX["count_people"][1] == {"steward"}
