"""A pack: one zip of whatever formats there are, sealed, made in a process of its own, and in the register."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import places
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_hostile import PAYLOADS

from assetmap import cli, exports, study, text
from assetmap.errors import FileRefusedError, NotAllowedError, OurError, UsageError, UserError, WorldError
from assetmap.exports import _sealed, pack
from assetmap.roles import ROLES, Actor, can, readers
from assetmap.store import register
from assetmap.store.workspace import open_workspace
from assetmap.work import packing, packs

DAY = date(2026, 11, 22)
ADA = Actor("ada", "worker")
LIGHT = ("csv", "geojson")
ALWAYS = ("datapackage.json", "FINGERPRINTS.txt")


@pytest.fixture(scope="module")
def village(tmp_path_factory):
    return open_workspace(places.copied(places.village(), tmp_path_factory.mktemp("packs") / "w"))


@pytest.fixture(scope="module")
def made(village):
    return study.finish(study.build(village, "worker", village.settings, DAY))


@pytest.fixture(scope="module")
def handed(village, tmp_path_factory):
    """A pack made as the command line makes it, for somebody and for a reason."""
    target = tmp_path_factory.mktemp("handed") / "v.zip"
    order = packs.Order(
        village.settings, DAY, "worker", ("V000", "V011"), ("food",), LIGHT, made_for="Mill forum", why="first talk"
    )
    steps = packs.make_pack(village, order, target, ADA)
    told = []
    while True:
        try:
            told.append(next(steps))
        except StopIteration as end:
            return target, end.value, told


def write(made, path: Path, kinds=LIGHT):
    for _ in pack.write_parts(made, path, kinds):
        pass
    return path


def little(folder: Path) -> Path:
    """A pack of two small files."""
    parts = []
    for name, words in (("a.txt", b"first, first, first"), ("data/b.bin", bytes(range(40)))):
        file = folder / name.replace("/", "-")
        file.write_bytes(words)
        parts.append((name, file))
    _sealed.seal(folder / "p.zip", parts, DAY)
    return folder / "p.zip"


def unpacked(file: Path, folder: Path) -> Path:
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    return folder


# --- what is in it -------------------------------------------------------------------------------------------------


def test_every_format_is_offered_and_each_name_is_there_once():
    offered = pack.parts_of(pack.all_kinds())
    names = [part.name for part in offered]
    assert {part.kind for part in offered} == set(exports.names()) - {"pack"}
    assert set(pack.kinds()) < set(pack.all_kinds())
    assert len({name.lower() for name in names}) == len(names)
    assert all(
        name == "/".join(text.file_name(Path(p).stem) + Path(p).suffix for p in name.split("/")) for name in names
    )


def test_every_usual_file_says_what_it_is_for():
    for part in pack.parts_of(pack.all_kinds()):
        assert not part.name.startswith("data/") or pack.purpose(part.kind)
        assert part.name.startswith("data/") or pack.purpose(part.kind) != exports.by_name(part.kind).LABEL


def test_a_format_joins_by_its_file_alone(made, tmp_path, monkeypatch):
    def written(_study, path):
        path.write_text("new", encoding="utf-8")

    new, known = SimpleNamespace(SUFFIX=".new", LABEL="A thing nobody knew", write=written), exports.by_name
    monkeypatch.setattr(exports, "names", lambda: ["csv", "newest", "pack"])
    monkeypatch.setattr(exports, "by_name", lambda name: new if name == "newest" else known(name))
    with zipfile.ZipFile(write(made, tmp_path / "p.zip", ())) as archive:
        assert archive.namelist() == ["READ-ME.txt", "data/areas.csv", "data/newest.new", *ALWAYS]
        assert "data/newest.new\nA thing nobody knew" in archive.read("READ-ME.txt").decode()


def test_what_a_study_has_too_little_for_is_left_out_and_said(made, tmp_path, monkeypatch):
    def refuse(_study, _path):
        raise UserError("too little is known", "fish", do="count fish")

    known = exports.by_name
    shy = SimpleNamespace(SUFFIX=".geojson", LABEL="", write=refuse)
    monkeypatch.setattr(exports, "by_name", lambda name: shy if name == "geojson" else known(name))
    with zipfile.ZipFile(write(made, tmp_path / "p.zip")) as archive:
        assert archive.namelist() == ["READ-ME.txt", "data/areas.csv", *ALWAYS]
        assert "Not in this pack. fish: too little is known; count fish." in archive.read("READ-ME.txt").decode()


def test_a_fault_of_ours_leaves_no_pack(made, tmp_path, monkeypatch):
    def fail(_study, _path):
        raise OurError("a map without its furniture")

    monkeypatch.setattr(exports.by_name("geojson"), "write", fail)
    with pytest.raises(OurError):
        write(made, tmp_path / "p.zip")
    assert not list(tmp_path.iterdir())


def test_sheets_for_the_street_are_not_made_for_a_whole_borough(made, tmp_path, monkeypatch):
    monkeypatch.setattr(pack, "MOST_SHEETS", 2)
    with zipfile.ZipFile(write(made, tmp_path / "p.zip", ("walkabout", "csv"))) as archive:
        assert [name for name in archive.namelist() if "walk" in name] == []
        assert "up to 2 areas" in archive.read("READ-ME.txt").decode()


def test_there_is_no_such_part(made, tmp_path):
    for wrong in ("pack", "dragon"):
        with pytest.raises(UsageError, match="no such part"):
            write(made, tmp_path / "p.zip", (wrong,))


def test_themes_choose_which_places_are_shown(made):
    food = study.only_themes(made, ["food"])
    assert set(food.assets["theme"]) == {"food"}
    assert len(made.assets) > len(food.assets) > 0
    assert set(food.found.near["theme"]) <= {"food"}
    pd.testing.assert_frame_equal(food.gaps, made.gaps)
    with pytest.raises(UsageError, match="no such theme"):
        study.only_themes(made, ["dragons"])


def test_a_pack_has_the_cover_and_the_larger_areas_that_were_asked_for(made, tmp_path, monkeypatch):
    (tmp_path / "cover.toml").write_text('title = "For the board"\n[[words]]\ntext = "More benches"\n')
    asked = []

    def write_about(study, path, wanted):
        asked.append(wanted)
        path.write_bytes(b"")

    monkeypatch.setattr(exports.by_name("docx"), "write_about", write_about)
    wards = made.zones.assign(ward=pd.Series(range(len(made.zones)), made.zones.index) % 2)
    about = packing._about("ward", str(tmp_path / "cover.toml"))
    for zones in ((), ("V000",)):
        for _ in pack.write_parts(replace(made, zones=wards), tmp_path / "p.zip", ("docx",), zones, about):
            pass
    assert [(one.zones, one.by, one.cover.title, one.words[0].text) for one in asked] == [
        ((), "ward", "For the board", "More benches"),
        (("V000",), "ward", "For the board", "More benches"),
    ]
    with pytest.raises(UsageError, match="neither ward nor msoa"):
        list(pack.write_parts(made, tmp_path / "q.zip", ("docx",), (), packing._about("parish", "")))


def test_a_cover_of_a_pack_is_read_before_anything_is_made(village, tmp_path, capsys):
    out = tmp_path / "p.zip"
    asked = ["export", str(village.folder), "--format", "pack", "--out", str(out), "--cover", str(tmp_path / "no.toml")]
    assert cli.main(asked) == cli.WRONG_USAGE
    assert "no.toml" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(("role", "left"), [("partner", 0), ("worker", 2)])
def test_role_a_web_cut_to_some_themes_is_told_of_outside_the_team_only_while_it_is_large(made, role, left):
    ends = [f"own:{number}" for number in range(901, 913)]
    one, other = list(made.themes)[:2]
    groups = made.assets.iloc[[0] * 12].set_axis(pd.Index(ends, name="asset_id"))
    groups = groups.assign(kind="association", theme=[one] * 3 + [other] * 9)
    ties = pd.DataFrame({"from_id": ends[:-1], "to_id": ends[1:], "strength": 3, "source": ""})
    whole = replace(made, role=role, assets=groups, connections=ties)
    assert len(study.only_themes(whole, [one, other]).connections) == 11
    assert len(study.only_themes(whole, [one]).connections) == left


def test_f8_the_same_study_gives_the_same_bytes_in_another_process_too(made, handed, tmp_path):
    food = study.only_themes(made, ["food"])
    for _ in pack.write_parts(food, tmp_path / "p.zip", LIGHT, ("V000", "V011")):
        pass
    assert (tmp_path / "p.zip").read_bytes() == handed[0].read_bytes()


@pytest.mark.parametrize("name", PAYLOADS)
def test_hostile_names_stand_in_the_read_me_as_text(made, tmp_path, name):
    gaps = made.gaps.assign(zone_name=[name, *made.gaps["zone_name"][1:]])
    path = write(replace(made, gaps=gaps, name=name), tmp_path / "p.zip", ("csv",))
    with zipfile.ZipFile(path) as archive:
        told = archive.read("READ-ME.txt").decode()
        assert archive.namelist() == ["READ-ME.txt", "data/areas.csv", *ALWAYS]
    flat = " ".join(told.split())
    assert flat.count(" ".join(text.one_line(name).split())) >= 2
    assert told.count("\u202e") == told.count("\u202c")
    assert not set("\u2028\u2029\r\x0b\x0c") & set(told)


def test_the_read_me_is_plain_names_its_files_and_their_sources(made, tmp_path):
    path = write(made, tmp_path / "p.zip")
    with zipfile.ZipFile(path) as archive:
        told = archive.read("READ-ME.txt").decode()
        assert all(name in told for name in archive.namelist() if name != "READ-ME.txt")
    assert all(len(line) <= 88 or " " not in line for line in told.splitlines())
    flat = " ".join(told.split())
    assert text.say("area-not-person") in flat
    for source in made.sources:
        assert " ".join(source.attribution.split()) in flat
        assert source.licence in flat
    for word in ("isolation", "lonely", "gap map", "priority", "index"):
        assert word not in told.lower().replace("gaps.csv", "")


# --- the seal ------------------------------------------------------------------------------------------------------


def test_a_pack_is_as_it_left(tmp_path):
    found = _sealed.check(little(tmp_path))
    assert (found.is_as_it_left, set(found.files)) == (True, {"a.txt", "data/b.bin", "FINGERPRINTS.txt"})
    folder = _sealed.check(unpacked(tmp_path / "p.zip", tmp_path / "out"))
    assert (folder.is_as_it_left, folder.listing, folder.fingerprint) == (True, found.listing, "")


def test_oracle_the_list_is_one_that_sha256sum_reads(tmp_path):
    folder = unpacked(little(tmp_path), tmp_path / "out")
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", "FINGERPRINTS.txt"], cwd=folder, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "a.txt: OK\ndata/b.bin: OK\n")


@settings(max_examples=300)
@given(st.data())
def test_property_a_changed_byte_of_a_zip_is_always_found(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("seal")
    path = little(folder)
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    assert is_found(path)


@settings(max_examples=100)
@given(st.data())
def test_property_a_changed_byte_of_an_unpacked_file_is_always_found(tmp_path_factory, data):
    top = tmp_path_factory.mktemp("seal")
    folder = unpacked(little(top), top / "out")
    file = data.draw(st.sampled_from(sorted(path for path in folder.rglob("*") if path.is_file())))
    content = bytearray(file.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    file.write_bytes(content)
    fates = _sealed.check(folder).files
    assert [name for name, fate in fates.items() if fate != "same"] == [file.relative_to(folder).as_posix()]


@given(st.binary(min_size=1, max_size=20), st.booleans())
def test_property_bytes_before_or_behind_are_found(tmp_path_factory, more, before):
    path = little(tmp_path_factory.mktemp("seal"))
    content = path.read_bytes()
    path.write_bytes(more + content if before else content + more)
    assert is_found(path)


def is_found(path: Path) -> bool:
    try:
        return not _sealed.check(path).is_as_it_left
    except FileRefusedError:
        return True


def test_what_is_missing_and_what_was_added_is_named(tmp_path):
    folder = unpacked(little(tmp_path), tmp_path / "out")
    (folder / "a.txt").unlink()
    (folder / "mine.docx").write_bytes(b"x")
    fates = dict(_sealed.check(folder).files)
    assert fates == {"FINGERPRINTS.txt": "same", "a.txt": "missing", "data/b.bin": "same", "mine.docx": "added"}


def test_planted_a_pack_packed_anew_with_another_content_names_the_file(tmp_path):
    old = little(tmp_path)
    with zipfile.ZipFile(old) as archive, zipfile.ZipFile(tmp_path / "q.zip", "w") as again:
        for name in archive.namelist():
            again.writestr(name, archive.read(name).replace(b"first", b"worst"))
        again.comment = archive.comment
    found = _sealed.check(tmp_path / "q.zip")
    assert (found.whole, found.files["a.txt"], found.files["data/b.bin"]) == (False, "changed", "same")


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04" + b"y" * 300, b"%PDF-1.7" * 50])
def test_what_is_no_pack_is_one_clear_message(tmp_path, content):
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(FileRefusedError, match=r"x\.zip"):
        _sealed.check(tmp_path / "x.zip")


def test_a_zip_or_a_folder_that_is_not_ours_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a", "b" * 200)
    (tmp_path / "out").mkdir()
    for path, message in (
        (tmp_path / "x.zip", "is no pack"),
        (tmp_path / "out", "no pack"),
        (tmp_path / "n", "not there"),
    ):
        with pytest.raises(FileRefusedError, match=message):
            _sealed.check(path)


def test_hostile_zip_that_says_it_is_huge_is_not_unpacked(tmp_path, monkeypatch):
    path = little(tmp_path)
    monkeypatch.setattr(_sealed, "_MOST_BYTES", 10)
    with pytest.raises(FileRefusedError, match="more than a pack"):
        _sealed.check(path)


# --- the process of its own, and the register ------------------------------------------------------------------------


def test_hostile_zip_of_much_that_packs_small_is_never_held_whole(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb:
        bomb.writestr("big", bytes(40_000_000))
        bomb.writestr(_sealed.LISTING, b"no list")
    tracemalloc.start()
    try:
        assert not _sealed.check(tmp_path / "p.zip").is_as_it_left
        assert tracemalloc.get_traced_memory()[1] < 15_000_000
    finally:
        tracemalloc.stop()
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb:
        bomb.writestr(_sealed.LISTING, bytes(5_000_000))
    with pytest.raises(FileRefusedError, match="more than a pack does"):
        _sealed.check(tmp_path / "p.zip")


def test_a_disk_that_is_full_in_the_end_leaves_no_entry(village, tmp_path, monkeypatch):
    def full(path):
        raise OSError(errno.ENOSPC, "No space left on device")

    before = rows(village)
    monkeypatch.setattr(packs, "flush", full)
    with pytest.raises(WorldError, match="No space left"):
        list(packs.make_pack(village, packs.Order(village.settings, DAY, parts=("csv",)), tmp_path / "p.zip", ADA))
    assert (list(tmp_path.iterdir()), rows(village)) == ([], before)


def test_each_step_is_told_and_the_register_knows_it(village, handed):
    target, done, told = handed
    assert [step.count for step in told if step.id == "pack-part"] == [1, 2]
    assert (told[0].id, told[-1].id) == ("tables", "pack-sealed")
    with village.open_store() as store:
        row = register.read_register(store, ADA).loc[done.number]
    assert (row["made_by"], row["role"], row["made_for"], row["why"]) == ("ada", "worker", "Mill forum", "first talk")
    assert row["what"] == {"zones": ["V000", "V011"], "themes": ["food"], "parts": list(LIGHT), "language": "en"}
    assert (row["file"], row["as_of"], row["bytes"]) == ("v.zip", "2026-11-22", target.stat().st_size)
    assert row["sha256"] == done.sealed.fingerprint


def test_the_register_does_not_change_what_a_study_is_made_from(village, made, handed):
    again = study.finish(study.build(village, "worker", village.settings, DAY))
    assert again.fingerprint == made.fingerprint


def test_verify_says_so_and_ends_with_its_code(village, handed, tmp_path, capsys, monkeypatch):
    target, done, _ = handed
    monkeypatch.chdir(tmp_path)
    assert cli.main(["verify", str(target)]) == 0
    assert "as it left" in capsys.readouterr().out
    for where in (target, unpacked(target, tmp_path / "out")):
        assert cli.main(["verify", str(where), str(village.folder)]) == 0
        assert f"Number {done.number} in the register" in capsys.readouterr().out
    assert cli.main(["verify", str(target), str(village.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["as_it_left"], told["register"][0]["made_for"]) == (True, "Mill forum")
    # The workspace in which one stands is asked by itself.
    monkeypatch.chdir(village.folder)
    assert cli.main(["verify", str(target)]) == 0
    assert "in the register" in capsys.readouterr().out


def test_verify_finds_problems_and_wrong_use(village, made, handed, tmp_path, capsys):
    other = write(made, tmp_path / "other.zip", ("csv",))
    assert cli.main(["verify", str(other), str(village.folder)]) == 1
    assert "does not know it" in capsys.readouterr().out
    folder = unpacked(handed[0], tmp_path / "out")
    (folder / "data" / "areas.csv").write_text("zone_id\n", encoding="utf-8")
    assert cli.main(["verify", str(folder), str(village.folder)]) == 1
    said = capsys.readouterr().out
    assert "data/areas.csv: another content than left." in said
    assert "out is not as it left." in said
    assert cli.main(["verify", str(tmp_path / "none.zip")]) == 1
    assert "none.zip: is not there" in capsys.readouterr().err
    with pytest.raises(SystemExit) as end:
        cli.main(["verify"])
    assert end.value.code == 2


@pytest.mark.parametrize("role", ROLES)
def test_role_by_role_who_may_make_a_pack(village, tmp_path, role):
    order = packs.Order(village.settings, DAY, role, parts=("dragon",))
    fault = UsageError if can(role, "export") else NotAllowedError
    with pytest.raises(fault):
        next(packs.make_pack(village, order, tmp_path / "p.zip", Actor("x", role)))
    with village.open_store() as store:
        if not can(role, "register"):
            with pytest.raises(NotAllowedError):
                register.read_register(store, Actor("x", role))
        if not can(role, "export"):
            with pytest.raises(NotAllowedError):
                register.enter_pack(store, None, Actor("x", role))
            assert readers(role) == ()


def test_role_nobody_makes_a_pack_for_eyes_that_see_more(village, tmp_path):
    for role, reader in (("partner", "worker"), ("commissioner", "partner"), ("moderator", "steward")):
        order = packs.Order(village.settings, DAY, reader, parts=("csv",))
        with pytest.raises(NotAllowedError, match=f"may not make a pack for the role {reader}"):
            next(packs.make_pack(village, order, tmp_path / "p.zip", Actor("x", role)))
    assert readers("partner") == ("partner",)
    assert readers("commissioner") == ("commissioner",)
    assert set(readers("worker")) & {"moderator", "steward"} == set()


@pytest.mark.parametrize("words", ["pat@example.org", "ring 01632 960001", "+44 7700 900123", "send to NW5 2AA"])
def test_leak_nobodys_address_stands_in_the_register(village, tmp_path, words):
    for said in ({"made_for": words}, {"why": words}):
        with pytest.raises(UserError, match="address of somebody"):
            next(packs.make_pack(village, packs.Order(village.settings, DAY, **said), tmp_path / "p.zip", ADA))
    assert not list(tmp_path.iterdir())


def is_gone(making, seconds=30.0) -> bool:
    latest = time.monotonic() + seconds
    while making._folder.exists() and time.monotonic() < latest:
        time.sleep(0.05)
    return not making._folder.exists()


def test_kill_a_cancelled_pack_leaves_nothing(village, tmp_path, monkeypatch):
    before = rows(village)
    beside = tmp_path / "beside"
    beside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(beside))
    monkeypatch.setenv("TMPDIR", str(beside))
    making = packs.Making(village, packs.Order(village.settings, DAY, parts=("page", "pptx")), ADA)
    # Until a file that goes into it lies somewhere, half made.
    while making.is_running and not list(beside.glob("**/1.pdf")):
        time.sleep(0.02)
    assert making.is_running
    assert 0 <= making.share < 1
    making.cancel()
    assert not making.is_running
    assert making._process.poll() == -signal.SIGKILL
    assert is_gone(making)
    with pytest.raises((WorldError, OurError), match="not finished"):
        making.hand_over(tmp_path / "p.zip")
    assert (list(tmp_path.iterdir()), list(beside.iterdir()), rows(village)) == ([beside], [], before)


def test_kill_a_pack_dies_with_whoever_started_it(village):
    code = (
        "import sys; from pathlib import Path; from datetime import date\n"
        "from assetmap.roles import Actor; from assetmap.work import packs\n"
        "from assetmap.store.workspace import open_workspace\n"
        "w = open_workspace(Path(sys.argv[1]))\n"
        "m = packs.Making(w, packs.Order(w.settings, date(2026, 11, 22)), Actor('ada', 'worker'))\n"
        "print(m._process.pid, m._folder, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(village.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        pid, folder = parent.stdout.readline().split()
        parent.kill()
    assert is_gone(SimpleNamespace(_folder=Path(folder)))
    latest = time.monotonic() + 30
    while is_alive(int(pid)) and time.monotonic() < latest:
        time.sleep(0.05)
    assert not is_alive(int(pid))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Whoever adopted it may not have noted its death yet.
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z")


def test_a_refusal_in_the_other_process_is_told_as_it_was(village, tmp_path):
    order = packs.Order(village.settings, DAY, zones=("nowhere",), parts=LIGHT)
    with pytest.raises(UserError, match="there is no such zone, found 'nowhere'"):
        list(packs.make_pack(village, order, tmp_path / "p.zip", ADA))
    assert not list(tmp_path.iterdir())


def rows(village) -> int:
    with village.open_store() as store:
        return len(register.read_register(store, ADA))


def test_only_a_pack_is_for_somebody(village, tmp_path, capsys):
    for more in (["--for", "us"], ["--why", "so"], ["--parts", "csv"]):
        assert (
            cli.main(["export", str(village.folder), "--format", "csv", "--out", str(tmp_path / "x.csv"), *more]) == 2
        )
    assert (
        cli.main(["export", str(village.folder), "--format", "pack", "--out", str(tmp_path / "p"), "--paper", "A4"])
        == 2
    )
    assert not list(tmp_path.iterdir())
