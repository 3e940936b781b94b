"""Reads one stranger's file in a process of its own, behind a fence, and hands its rows over as plain bytes.

Run by ``sources/cage.py`` as a script, so that it starts in a moment. What it writes to standard output is in
:mod:`assetmap.sources.frames`; a refusal goes the same way. Anything else ends it, which its parent reports.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

#: With this code it ends itself for want of memory.
NO_MEMORY = 77


def main(arguments: Sequence[str]) -> int:
    """Read as the one argument says, in JSON; return the code to end with."""
    # It lives for one file: looking for what could be thrown away would cost a third of its time.
    gc.disable()
    asked = json.loads(arguments[0])
    home = str(Path(__file__).resolve().parents[2])
    # After Python's own, so that nothing of it is hidden by a file that happens to lie there, and before what is
    # installed: the reader is of the same version as what started it, also where another one is installed.
    installed = (at for at, path in enumerate(sys.path) if path.endswith(("site-packages", "dist-packages")))
    sys.path.insert(next(installed, len(sys.path)), home)
    fence = import_module("assetmap.sources.fence")
    held = fence.raise_fence(asked["folder"], home)
    frames = import_module("assetmap.sources.frames")
    formats = import_module("assetmap.sources.lists.formats")
    model = import_module("assetmap.sources.lists.model")
    errors = import_module("assetmap.errors")
    try:
        raw = formats.read_list(Path(asked["path"]), model.Choices(**asked["choices"]))
        chunks = frames.pack(raw, held)
    except errors.UserError as fault:
        chunks = frames.pack_fault(fault, held)
    except (MemoryError, RecursionError) as fault:
        sys.stderr.write(f"{type(fault).__name__}\n")
        sys.stderr.flush()
        # Without a word to anybody: cleaning up needs memory as well.
        os._exit(NO_MEMORY if isinstance(fault, MemoryError) else 1)
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
