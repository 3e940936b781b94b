"""The process in which strangers' files are read: what it cannot do, how it ends, and what comes back of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest
import shapely
from listmaps import collection, feature, geopackage, kml, placemark, point, polygon, shapefile, zipped
from test_list_vector import RECURSIVE, REFUSED

from assetmap.errors import FileRefusedError, NoCrsError, OurError, UsageError
from assetmap.sources import cage, fence, frames
from assetmap.sources.lists import NO_HEADER, Choices, Part, Reject, read_listing
from assetmap.sources.lists.raw import RawListing
from assetmap.work import returns

ROOT = Path(__file__).resolve().parent.parent
#: Opened by Python and the system on any start, whatever is read afterwards.
OWN = ("/proc/", "/sys/", "/dev/", "/etc/", "/usr/", "/lib", "/opt/", "/pyvenv.cfg")


def put(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path, **said) -> FileRefusedError:
    with pytest.raises(FileRefusedError) as caught:
        read_listing(path, Choices(**said))
    return caught.value


def caged(monkeypatch, tmp_path: Path, code: str) -> None:
    """Have the cage run some code in place of its reader, behind the same fence."""
    script = put(
        tmp_path,
        "instead.py",
        "import json, sys\nasked = json.loads(sys.argv[1])\n"
        f"home = {str(ROOT)!r}\nsys.path.append(home)\nfrom assetmap.sources import fence\n"
        f"import os, socket, subprocess, time\nheld = fence.raise_fence(asked['folder'], home)\n{code}\n",
    )
    monkeypatch.setattr(cage, "CAGED", script)


def test_rows_come_back_as_they_were_read(tmp_path):
    rows = [point(name="A", phone="01632960001"), point("x", 1, name="bad"), feature(None, name="B", at="M33 7ZF")]
    listing = read_listing(put(tmp_path, "a.geojson", collection(*rows)))
    assert (listing.file, listing.part, listing.parts, listing.header) == ("a.geojson", "", (Part("", 3),), 1)
    assert listing.cells.index.name == "row"
    assert listing.cells.index.tolist() == [1, 3]
    assert listing.cells["phone"].iloc[0] == "01632960001"
    assert listing.cells.isna().to_numpy().tolist() == [[False, False, True], [False, True, False]]
    assert {str(kind) for kind in listing.cells.dtypes} == {"str"}
    assert listing.shapes.crs.to_epsg() == 4326
    assert listing.shapes.iloc[0] == shapely.Point(-0.1, 51.5)
    assert listing.shapes.iloc[1] is None
    assert listing.shapes.index.equals(listing.cells.index)
    assert [(type(one), one.row) for one in listing.rejects] == [(Reject, 2)]
    assert listing.read == 3


def test_refusals_come_back_in_their_four_parts(tmp_path):
    assert str(refusal(put(tmp_path, "a.geojson", REFUSED["C22 VRT"][1]))) == REFUSED["C22 VRT"][2]
    lost = put(tmp_path, "a.zip", zipped({f"a{k}": v for k, v in shapefile([(1.0, 2.0)], ["A"], crs=None).items()}))
    assert type(refusal(lost)) is NoCrsError
    with pytest.raises(UsageError, match="is not a coordinate system, found 'x'"):
        read_listing(put(tmp_path, "b.geojson", collection(point())), Choices(crs="x"))
    assert str(refusal(tmp_path / "none.csv")) == "none.csv: is not there; check the name and the folder."


def test_hostile_what_is_no_file_is_refused_at_once(tmp_path):
    found = "is a folder or a device, not a file; check the name and the folder."
    (tmp_path / "a.csv").mkdir()
    assert str(refusal(tmp_path / "a.csv")) == f"a.csv: {found}"
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "b.csv")
        assert not returns.is_returned(tmp_path / "b.csv")
        assert str(refusal(tmp_path / "b.csv")) == f"b.csv: {found}"


def test_choices_reach_the_reader(tmp_path):
    path = put(tmp_path, "a.geojson", collection(point(530_000, 180_000)))
    assert read_listing(path, Choices(crs="27700", columns={"name": "name"})).shapes.crs.to_epsg() == 27700


def test_a_file_may_be_called_anything(tmp_path):
    for name in ("-rf.geojson", 'it\'s "here" $(x) é.geojson', "a" * 200 + ".geojson"):
        assert read_listing(put(tmp_path, name, collection(point()))).file == name


def test_larger_than_what_is_taken(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("wb") as made:
        made.truncate(50_000_001)
    assert str(refusal(path)) == (
        "a.csv: is larger than 50 MB, found '50,000,001 bytes'; leave out what is not needed, or split it."
    )


# What the code of a reader that has been taken over could try.
FORBIDDEN = {
    "a connection": "socket.create_connection(('127.0.0.1', 9))",
    "a socket": "socket.socket()",
    "a name looked up": "socket.getaddrinfo('example.org', 80)",
    "a program": "subprocess.run(['true'])",
    "a program by the system": "os.system('true')",
    "a program in its place": "os.execv(sys.executable, [sys.executable, '-c', 'pass'])",
    "a copy of itself": "os.fork()" if hasattr(os, "fork") else "os.system('true')",
    "another file": f"open({str(ROOT / 'README.md')!r} + '/../../secret.txt')",
    "the list of users": "open('/etc/passwd')",
    "a file of ours, to write": f"open({str(ROOT / 'new.txt')!r}, 'w')",
    "a file moved out": "open('x', 'w').close(); os.rename('x', '/tmp/assetmap-moved-out')",
    "a link out": "os.symlink('/etc/passwd', 'x'); open('x')",
    "a database elsewhere": "import sqlite3; sqlite3.connect('/tmp/assetmap-made.db')",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_hostile_code_in_the_cage_is_refused(what, tmp_path, monkeypatch):
    caged(monkeypatch, tmp_path, FORBIDDEN[what])
    fault = refusal(put(tmp_path, "a.geojson", collection(point())))
    assert (fault.what, fault.where) == ("is damaged, or holds something that cannot be read", "a.geojson")
    assert fault.found in ("PermissionError", "FileNotFoundError")
    assert not (ROOT / "new.txt").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux refuses compiled code as well")
@pytest.mark.parametrize("what", ["calls", "folders"])
def test_hostile_compiled_code_is_refused_by_the_kernel(what, tmp_path, monkeypatch):
    # By the C library, past Python's own hook: a socket, and a file that is no business of a reader's.
    asked = {"calls": "libc.socket(2, 1, 0)", "folders": "libc.open(b'/etc/passwd', 0)"}[what]
    code = f"import ctypes\nlibc = ctypes.CDLL(None)\ndone = {asked}\n"
    code += f"raise SystemExit(20 if {what!r} not in held else done != -1)"
    caged(monkeypatch, tmp_path, code)
    found = refusal_code(tmp_path)
    if found == 20:
        pytest.skip(f"this system does not offer it: {what}")
    assert found == 0


def refusal_code(folder: Path) -> int:
    """Return with which code the process ended, run as the cage runs it."""
    inside = folder / "in"
    inside.mkdir()
    path = put(inside, "a.geojson", collection(point()))
    done = subprocess.run(
        cage.command(path, Choices()), env=cage._environment(inside), cwd=inside, check=False, timeout=60
    )
    return done.returncode


def test_nothing_of_our_surroundings_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ASSETMAP_SECRET", "x")
    told = cage._environment(tmp_path)
    assert not {name for name in told if "proxy" in name.lower() or "SECRET" in name}
    assert told["HOME"] == str(tmp_path)


def test_one_that_never_ends_is_ended(tmp_path, monkeypatch):
    caged(monkeypatch, tmp_path, "time.sleep(600)")
    monkeypatch.setattr(cage, "SECONDS", 1)
    fault = refusal(put(tmp_path, "a.geojson", collection(point())))
    assert str(fault) == "a.geojson: takes longer than 1 seconds to read; leave out what is not needed, or split it."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on processor time")
def test_one_that_takes_all_its_time_is_ended_by_the_system(tmp_path, monkeypatch):
    short = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass"
    caged(monkeypatch, tmp_path, short)
    assert refusal(put(tmp_path, "a.geojson", collection(point()))).what == "takes longer than 20 seconds to read"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on memory")
@pytest.mark.parametrize("kind", ["python", "bytes"])
def test_one_that_takes_all_the_memory_is_ended(tmp_path, monkeypatch, kind):
    code = {"python": "held = [bytes(10_000_000) for _ in range(200)]", "bytes": "held = b'x' * 1_500_000_000"}[kind]
    caged(monkeypatch, tmp_path, code)
    fault = refusal(put(tmp_path, "a.geojson", collection(point())))
    assert fault.what == "needs more than 1 GB of memory to read"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("os.abort()", "code -6"),
        ("raise ValueError('secret of the file')", "ValueError"),
        ("print('{\"sizes\": [9]}')", ""),
        ("print('nonsense')", ""),
        ("pass", ""),
    ],
)
def test_one_that_breaks_off_or_lies_is_refused(tmp_path, monkeypatch, code, found):
    caged(monkeypatch, tmp_path, code)
    fault = refusal(put(tmp_path, "a.geojson", collection(point())))
    assert fault.what == "is damaged, or holds something that cannot be read"
    assert fault.found == found or os.name == "nt"
    assert "secret" not in str(fault)


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    read_listing(put(tmp_path, "a.zip", zipped({"a.geojson": collection(point())})))
    refusal(put(tmp_path, "b.geojson", "{"))
    assert list((tmp_path / "t").iterdir()) == []


def test_the_reader_is_of_the_version_that_starts_it_whatever_is_installed(tmp_path, monkeypatch):
    other = shutil.copytree(ROOT / "assetmap", tmp_path / "other" / "assetmap", ignore=shutil.ignore_patterns("ui"))
    monkeypatch.setattr(cage, "CAGED", other / "sources" / "caged.py")
    (other / "sources" / "lists" / "text.py").write_text(
        "from assetmap.errors import FileRefusedError\ndef read(path, choices):\n    raise FileRefusedError('other')\n"
    )
    assert refusal(put(tmp_path, "a.csv", "name,postcode\nA,M33 7ZF\n")).what == "other"


def test_readers_start_without_tables(tmp_path):
    light = "import sys, assetmap.sources.fence, assetmap.sources.frames, assetmap.sources.lists.formats as f; " + (
        "print(*sorted({'pandas', 'geopandas', 'pyarrow', 'numpy', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", light], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""


# How rows cross.
RAW = RawListing(
    "a.csv",
    "Sheet",
    (Part("Sheet", 2), Part("Hidden", 1, shown=False)),
    {"name": ["é", None, "=1+1"], "wei\nrd \ud800": [None, None, "x\ud800\x00y"]},
    [2, 5, 9],
    [shapely.Point(1, 2).wkb, None, None],
    "EPSG:27700",
    NO_HEADER,
    (Reject("Sheet", 3, "phone", "x", "is bad", "mend it"),),
    ("note",),
    ("doubt",),
)


def taken(content: bytes):
    return cage._taken_over(content, "a.csv")


def test_oracle_every_part_of_a_listing_crosses():
    listing = taken(b"".join(frames.pack(RAW)))
    assert listing.cells.index.tolist() == [2, 5, 9]
    names = ["name", "wei\nrd \ufffd"]
    assert listing.cells.columns.tolist() == names
    assert listing.cells.fillna("-").to_numpy().tolist() == [["é", "-"], ["-", "-"], ["=1+1", "x\ufffd\x00y"]]
    assert (listing.part, listing.parts, listing.header) == (RAW.part, RAW.parts, NO_HEADER)
    assert (listing.rejects, listing.notes, listing.doubts) == (RAW.rejects, RAW.notes, RAW.doubts)
    assert listing.shapes.crs.to_epsg() == 27700
    assert listing.read == 4


def test_a_listing_without_shapes_or_rows_crosses():
    empty = taken(b"".join(frames.pack(RawListing("a.csv", "", (), {"name": []}, []))))
    assert (empty.shapes, empty.read, empty.cells.columns.tolist()) == (None, 0, ["name"])
    bare = taken(b"".join(frames.pack(RawListing("a.csv", "", (), {}, [1, 2]))))
    assert bare.read == 2


def test_property_bytes_that_lie_are_refused_and_never_believed():
    content = b"".join(frames.pack(RAW))
    end = content.index(b"\n")
    head = json.loads(content[:end])
    for change in (
        {"count": 4},
        {"count": -1},
        {"names": ["name", "name"]},
        {"names": ["name"]},
        {"sizes": [24, 10**12]},
        {"sizes": [-8, *head["sizes"][1:]]},
        {"has_shapes": False},
        {"fault": "SystemExit", "what": "x", "where": "", "found": "", "do": ""},
        {"fault": "OurError", "what": "x", "where": "", "found": "", "do": ""},
    ):
        with pytest.raises(FileRefusedError):
            taken(json.dumps({**head, **change}).encode() + content[end:])
    for at in range(end + 1, len(content)):
        broken = bytearray(content)
        broken[at] ^= 0xFF
        try:
            assert isinstance(taken(bytes(broken)).cells, pd.DataFrame)
        except FileRefusedError:
            continue
    assert not issubclass(OurError, FileRefusedError)


# What the system itself sees of it.
@lru_cache(maxsize=1)
def tracer() -> str | None:
    """Return strace where it is there and may look on."""
    found = shutil.which("strace")
    if found is None:
        return None
    tried = subprocess.run([found, "-f", "-e", "trace=openat", "true"], capture_output=True, check=False, timeout=60)
    return found if tried.returncode == 0 else None


def traced(path: Path, folder: Path) -> tuple[list[str], list[str]]:
    """Read a file in a cage that is looked at; return the connections it made and the foreign files it opened."""
    strace = tracer()
    log = folder / "trace.txt"
    inside = folder / "inside"
    inside.mkdir()
    copy = inside / path.name
    shutil.copyfile(path, copy)
    if strace:
        command = [strace, "-f", "-qq", "-o", str(log), "-e", "trace=openat,open,socket,connect,execve"]
        command += cage.command(copy, Choices())
    else:
        command = [
            sys.executable,
            str(put(folder, "probe.py", PROBE)),
            str(log),
            str(ROOT),
            cage.command(copy, Choices())[-1],
        ]
    subprocess.run(command, env=cage._environment(inside), cwd=inside, capture_output=True, check=False, timeout=60)
    return seen(log.read_text(encoding="utf-8", errors="replace"), inside)


#: On a machine without strace Python's own hook looks on instead, in the same process without the fence.
PROBE = """
import json, sys
log = open(sys.argv[1], "w", buffering=1)
sys.path.append(sys.argv[2])
def look(event, given):
    if event == "open" and not isinstance(given[0], int):
        log.write(f'1 openat(AT_FDCWD, "{given[0]}", O_RDONLY) = 3\\n')
    if event.startswith("socket."):
        log.write("1 socket(AF_INET, SOCK_STREAM) = 3\\n")
sys.addaudithook(look)
from pathlib import Path
from assetmap.sources.lists.formats import read_list
from assetmap.sources.lists.model import Choices
asked = json.loads(sys.argv[3])
read_list(Path(asked["path"]), Choices(**asked["choices"]))
"""


def seen(log: str, inside: Path) -> tuple[list[str], list[str]]:
    own = (*OWN, str(inside), str(ROOT / "assetmap"), sys.prefix, sys.base_prefix, os.path.realpath(sys.base_prefix))
    connections = [line for line in log.splitlines() if re.search(r"\b(socket|connect)\(", line) and "= -1" not in line]
    started = [line for line in log.splitlines() if re.search(r"\bexecve\(", line) and "= -1" not in line][1:]
    opened = re.findall(r'open(?:at)?\((?:AT_FDCWD, )?"([^"]+)"[^\n]*= \d+', log)
    # Links and relative paths are followed, so that no name hides where it leads.
    real = [(inside / path).resolve() for path in opened]
    foreign = [str(path) for path in real if not str(path).startswith(own) or str(path) == "/etc/passwd"]
    # Running from a checkout, Python looks at what stands beside the package as well.
    return connections + started, [path for path in foreign if path not in (str(ROOT), str(ROOT.parent))]


HOSTILE = {
    "C4 a link to follow": (
        "a.geojson",
        collection(point(), crs={"type": "link", "properties": {"href": "http://127.0.0.1:9/x", "type": "proj4"}}),
    ),
    "C22 VRT": (REFUSED["C22 VRT"][0], REFUSED["C22 VRT"][1]),
    "C22 WFS": (REFUSED["C22 WFS in XML"][0], REFUSED["C22 WFS in XML"][1]),
    "C28 zip-slip": ("a.zip", zipped({"../../../../tmp/assetmap-slipped.geojson": collection(point())})),
    "C30 DOCTYPE": (REFUSED["C30 DOCTYPE"][0], REFUSED["C30 DOCTYPE"][1]),
    "C30 NetworkLink": (
        "b.kml",
        kml("<NetworkLink><Link><href>http://127.0.0.1:9/x</href></Link></NetworkLink>" + placemark("A")),
    ),
}


@pytest.mark.parametrize("case", [*HOSTILE, "C31 recursive view"])
def test_hostile_files_open_no_connection_and_no_other_file(case, tmp_path):
    if case in HOSTILE:
        path = put(tmp_path, *HOSTILE[case])
    else:
        path = geopackage(tmp_path / "a.gpkg", [("A", shapely.Point(-0.1, 51.5))], RECURSIVE)
    connections, foreign = traced(path, tmp_path)
    assert connections == []
    assert foreign == []
    assert not Path("/tmp/assetmap-slipped.geojson").exists()  # noqa: S108


def test_planted_a_look_that_sees_nothing_would_not_count(tmp_path):
    # The same look at a program that does open another file and a socket sees both.
    other = put(tmp_path, "other.txt", "x")
    log = (
        f'7 openat(AT_FDCWD, "{other}", O_RDONLY) = 3\n7 socket(AF_INET, SOCK_STREAM, 0) = 4\n7 connect(4) = -1 EPERM\n'
    )
    connections, foreign = seen(log, tmp_path / "inside")
    assert (len(connections), foreign) == (1, [str(other)])


def test_hostile_sizes_end_soon(tmp_path):
    # Nesting, a zip that would swell, and a table that is all one cell: each in a moment, not at the limit.
    start = time.monotonic()
    for name, content in (
        ("a.geojson", '{"type":"FeatureCollection","features":' + "[" * 2_000_000),
        ("a.zip", zipped({"a.csv": bytes(40_000_000)})),
        ("b.geojson", collection(polygon([[0, 51]] * 200_000))),
    ):
        path = put(tmp_path, name, content)
        try:
            assert read_listing(path).read == 1
        except FileRefusedError as fault:
            assert "seconds" not in fault.what
    assert time.monotonic() - start < 3 * fence.SECONDS
