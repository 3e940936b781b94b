"""Where a stranger's file is read: a process of its own, which sees that file and nothing else.

It has no network, can start no program, and gets a limited memory and time: see ``sources/fence.py``. What comes back
are bytes of text and shapes, never objects.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from assetmap import errors
from assetmap.errors import FileRefusedError, UsageError, UserError
from assetmap.sources.fence import MEMORY, SECONDS, TOO_LARGE, WRITES
from assetmap.sources.lists.formats import LARGEST
from assetmap.sources.lists.model import Choices, Listing, Part, Reject
from assetmap.store.files import disk_fault

#: What runs in the process of its own.
CAGED: Final = Path(__file__).with_name("caged.py")
_DO: Final = "save it as .csv and try that; if it is refused again, ask for the list in another format"
_TEXT: Final = pd.StringDtype(na_value=np.nan)


def read_in_cage(path: Path, choices: Choices) -> Listing:
    """Return one part of a stranger's file.

    Raises
    ------
    FileRefusedError
        If the file cannot be taken, takes too long or too much memory, or stops its reader dead.
    UsageError
        If a choice makes no sense.
    WorldError
        If the disk refuses.
    """
    if not path.is_file():
        what = "is a folder or a device, not a file" if path.exists() else "is not there"
        raise FileRefusedError(what, path.name, do="check the name and the folder")
    try:
        size = path.stat().st_size
        if size > LARGEST:
            do = "leave out what is not needed, or split it"
            raise FileRefusedError(f"is larger than {LARGEST // 1_000_000} MB", path.name, f"{size:,} bytes", do)
        with TemporaryDirectory(prefix="assetmap-list-", ignore_cleanup_errors=True) as outside:
            inside = Path(outside) / "cage"
            inside.mkdir()
            copy = inside / path.name
            shutil.copyfile(path, copy)
            content = _run(copy, choices, Path(outside))
    except OSError as fault:
        raise disk_fault(path, fault) from fault
    return _taken_over(content, path.name)


def command(path: Path, choices: Choices) -> list[str]:
    """Return the command that reads a file which lies in the folder of a cage."""
    asked = {"path": str(path), "folder": str(path.parent), "choices": _plain(choices)}
    return [sys.executable, "-I", "-B", "-X", "utf8", str(CAGED), json.dumps(asked)]


def _plain(choices: Choices) -> dict[str, Any]:
    said = {name: getattr(choices, name) for name in choices.__dataclass_fields__}
    return said | {"columns": dict(choices.columns)}


def _environment(folder: Path) -> dict[str, str]:
    """Return all that the process is told of its surroundings: no proxy, no password, no setting of anybody's."""
    single = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    own = {name: str(folder) for name in ("HOME", "TMPDIR", "TEMP", "TMP", "USERPROFILE")}
    # PROJ and GDAL, where a reader has them loaded, must not go out for grids or drivers.
    shut = {"PROJ_NETWORK": "OFF", "GDAL_SKIP": "VRT,WFS,WMS,HTTP", "CPL_CURL_ENABLED": "NO", "LANG": "C.UTF-8"}
    windows = {name: os.environ[name] for name in ("SYSTEMROOT", "PATH") if os.name == "nt" and name in os.environ}
    return single | own | shut | windows


def _run(path: Path, choices: Choices, outside: Path) -> bytes:
    """Return what the process wrote; how it ended otherwise is a refusal."""
    written, said = outside / "rows", outside / "said"
    with written.open("wb") as rows, said.open("wb") as words:
        process = subprocess.Popen(  # noqa: S603
            command(path, choices),
            stdin=subprocess.DEVNULL,
            stdout=rows,
            stderr=words,
            cwd=path.parent,
            env=_environment(path.parent),
            close_fds=True,
            start_new_session=True,
        )
        try:
            code = process.wait(SECONDS)
        except subprocess.TimeoutExpired as fault:
            raise _too_long(path.name) from fault
        finally:
            process.kill()
            process.wait()
    if code:
        raise _ended(path.name, code, said)
    if written.stat().st_size > WRITES:
        raise _too_large(path.name)
    return written.read_bytes()


def _too_long(name: str) -> FileRefusedError:
    do = "leave out what is not needed, or split it"
    return FileRefusedError(f"takes longer than {SECONDS} seconds to read", name, do=do)


def _too_large(name: str) -> FileRefusedError:
    do = "leave out what is not needed, or split it"
    return FileRefusedError(f"needs more than {MEMORY // 1_000_000_000} GB of memory to read", name, do=do)


def _ended(name: str, code: int, said: Path) -> FileRefusedError:
    """Return the refusal of a file whose reader did not come to an end of its own."""
    with said.open("rb") as words:
        words.seek(max(0, said.stat().st_size - 2000))
        lines = words.read().decode("utf-8", "replace").strip().splitlines()
    last = lines[-1] if lines else ""
    if -code == getattr(signal, "SIGXCPU", 0):
        return _too_long(name)
    memory = ("MemoryError", "bad_alloc", "Cannot allocate memory", "ArrowMemoryError")
    if code == TOO_LARGE or -code == getattr(signal, "SIGXFSZ", 0) or any(word in last for word in memory):
        return _too_large(name)
    if last.startswith("RecursionError"):
        return FileRefusedError("is nested too deeply to be a list", name, do=_DO)
    # Only the kind of fault: the rest could hold whatever stands in the file.
    found = last.split(":")[0][:60] if last else f"code {code}"
    return FileRefusedError("is damaged, or holds something that cannot be read", name, found, _DO)


def _taken_over(content: bytes, name: str) -> Listing:
    end = content.find(b"\n")
    try:
        head = json.loads(content[:end])
        if "fault" in head:
            raise _fault(head)
        return _listing(head, content, end + 1)
    except (ValueError, KeyError, TypeError, IndexError, pa.ArrowException, shapely.GEOSException) as fault:
        raise FileRefusedError("is damaged, or holds something that cannot be read", name, do=_DO) from fault


def _fault(head: Mapping[str, str]) -> UserError:
    kind = getattr(errors, str(head["fault"]), None)
    known = isinstance(kind, type) and issubclass(kind, FileRefusedError | UsageError)
    made: UserError = (kind if known else FileRefusedError)(
        *(str(head[part]) for part in ("what", "where", "found", "do"))
    )  # type: ignore[misc]
    return made


def _listing(head: Mapping[str, Any], content: bytes, start: int) -> Listing:
    runs = _cut(content, head["sizes"], start)
    count, names = int(head["count"]), [str(name) for name in head["names"]]
    if len(set(names)) != len(names) or len(runs) != 1 + 3 * (len(names) + bool(head["has_shapes"])):
        raise ValueError("columns and bytes do not agree")
    index = pd.Index(np.frombuffer(runs[0], dtype="<i8", count=count), name="row")
    if not index.is_monotonic_increasing or not index.is_unique:
        raise ValueError("rows are not in their order")
    groups = [runs[at : at + 3] for at in range(1, len(runs), 3)]
    columns = [_column(pa.large_string(), count, group) for group in groups[: len(names)]]
    cells = _table(columns, names, index)
    shapes = None
    if head["has_shapes"]:
        wkb = _column(pa.large_binary(), count, groups[-1]).to_numpy(zero_copy_only=False)
        shapes = gpd.GeoSeries(shapely.from_wkb(wkb), index=index, crs=str(head["crs"]), name="shape")
    return Listing(
        str(head["file"]),
        str(head["part"]),
        tuple(Part(str(name), int(rows), bool(shown)) for name, rows, shown in head["parts"]),
        cells,
        shapes,
        int(head["header"]),
        tuple(
            Reject(str(s), int(r), str(c), str(v), str(reason), str(do)) for s, r, c, v, reason, do in head["rejects"]
        ),
        tuple(map(str, head["notes"])),
        tuple(map(str, head["doubts"])),
    )


def _table(columns: list[pa.Array], names: list[str], index: pd.Index[Any]) -> pd.DataFrame:
    """Return columns of text as a table, without a copy of the text."""
    if not names:
        return pd.DataFrame(index=index, columns=pd.Index([], dtype="str"))
    plain = pa.Table.from_arrays(columns, names=[str(at) for at in range(len(names))])
    cells: pd.DataFrame = plain.to_pandas(types_mapper={pa.large_string(): _TEXT}.get)
    return cells.set_axis(index).set_axis(pd.Index(names, dtype="str"), axis=1)


def _cut(content: bytes, sizes: list[int], start: int) -> list[memoryview]:
    """Return the runs of bytes after the head; they must be all there is."""
    whole = memoryview(content)
    runs = []
    for size in sizes:
        if size < 0 or start + size > len(content):
            raise ValueError("fewer bytes than it says")
        runs.append(whole[start : start + size])
        start += size
    return runs


def _column(kind: pa.DataType, count: int, runs: list[memoryview]) -> pa.Array:
    starts, mask, values = runs
    if len(starts) != 8 * (count + 1) or len(mask) != (count + 7) // 8:
        raise ValueError("a column is not as long as it says")
    array = pa.Array.from_buffers(kind, count, [pa.py_buffer(mask), pa.py_buffer(starts), pa.py_buffer(values)])
    array.validate(full=True)
    return array
