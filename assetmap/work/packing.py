"""Makes one pack in a process of its own; ``work/packs.py`` starts it, reads how far it is and may end it at any time.

Run as ``python -m assetmap.work.packing FOLDER``: what is asked lies there as ``asked.json``, and there it writes the
pack, each step as a line of ``steps``, and in the end ``told.json``. It dies with whoever started it, leaving nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from collections.abc import Generator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

from assetmap import languages, study
from assetmap.briefing import Wanted, read_own_words
from assetmap.errors import AssetmapError, OurError, UserError, WorldError
from assetmap.exports import pack
from assetmap.schema import Settings, Step
from assetmap.store.workspace import open_workspace

ASKED: Final = "asked.json"
STEPS: Final = "steps"
TOLD: Final = "told.json"
MADE: Final = "pack.zip"
_TRIES: Final = 50
_FAULTS: Final = {"user": UserError, "world": WorldError, "our": OurError}


def fault_kind(fault: AssetmapError) -> str:
    """Return whose fault it is, as it travels between the two processes."""
    return next(kind for kind, family in _FAULTS.items() if isinstance(fault, family))


def fault_again(kind: str, parts: dict[str, str]) -> AssetmapError:
    """Return the fault that travelled."""
    return _FAULTS[kind](**parts)


def main(arguments: Sequence[str]) -> int:
    """Make the pack that a folder asks for; return the code to end with."""
    folder = Path(arguments[0])
    threading.Thread(target=_die_with_parent, args=(folder,), daemon=True).start()
    asked = json.loads((folder / ASKED).read_text(encoding="utf-8"))
    try:
        told = _follow(_make(asked, folder), folder)
    except AssetmapError as fault:
        told = {"fault": fault_kind(fault), "parts": fault.parts()}
    working = folder / f"{TOLD}.half"
    working.write_text(json.dumps(told), encoding="utf-8")
    working.replace(folder / TOLD)
    return 0


def _die_with_parent(folder: Path) -> None:
    """Wait for whoever started this to close their end of the pipe, which they do at the latest when they die."""
    os.read(0, 1)
    # The work goes on beside this and may put one more file there; once the folder is gone it cannot.
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
    os._exit(1)


def _make(asked: dict[str, Any], folder: Path) -> Generator[Step, None, dict[str, Any]]:
    workspace = open_workspace(Path(asked["workspace"]))
    settings = Settings().but(**asked["settings"])
    with languages.in_language(asked["language"]) as speaking:
        made = yield from study.build(workspace, asked["role"], settings, date.fromisoformat(asked["day"]))
        if asked["themes"]:
            made = study.only_themes(made, asked["themes"])
        about = _about(asked["by"], asked["cover"])
        sealed = yield from pack.write_parts(made, folder / MADE, asked["parts"], asked["zones"], about)
    return {
        "sealed": {**vars(sealed), "files": dict(sealed.files)},
        "study": made.fingerprint,
        "in_english": len(speaking.missing),
    }


def _about(by: str, cover: str) -> Wanted | None:
    """Return what was asked of the documents about areas; None for nothing of their own."""
    if not by and not cover:
        return None
    own = read_own_words(Path(cover)) if cover else (None, (), ())
    return Wanted((), by, *own)


def _follow(steps: Generator[Step, None, dict[str, Any]], folder: Path) -> dict[str, Any]:
    with (folder / STEPS).open("a", encoding="utf-8") as said:
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                told: dict[str, Any] = end.value
                return told
            said.write(json.dumps(asdict(step)) + "\n")
            said.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
