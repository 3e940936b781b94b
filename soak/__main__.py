"""Try the store's promises, all or those named: ``python -m soak [NAME ...] [--short]``.

A drill is a module with a function ``run(short) -> Iterator[dict]``; disk_full.py is the drill "disk-full". What it
found is one JSON object on a line of standard output, with ``held`` saying whether the promise held; what is going
on is said on standard error. The exit code is 1 if any promise was broken.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from assetmap.store import sqlite_facts

#: By name; those that others lean on come first.
DRILLS = {
    name: name.replace("-", "_") for name in ("kill", "migrations", "conflicts", "disk-full", "backups", "writers")
}


def drill(name: str, *, short: bool) -> Iterator[dict[str, Any]]:
    """Run one drill and give what it found."""
    for found in import_module(f"soak.{DRILLS[name]}").run(short):
        yield {"soak": name, **found}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m soak", description="Try the store's promises; a line each.")
    parser.add_argument("name", nargs="*", help=f"of {', '.join(DRILLS)}; all where none is named")
    parser.add_argument("--short", action="store_true", help="seconds in place of minutes, as the tests do")
    asked = parser.parse_args(arguments)
    for name in asked.name:
        if name not in DRILLS:
            parser.error(f"no drill is called {name!r}; there are {', '.join(DRILLS)}")
    facts = sqlite_facts()
    told = {"sqlite": facts.version, "module": facts.module, "journal": facts.journal_mode, "cores": os.cpu_count()}
    print(json.dumps({"soak": "about", **told, "load": _load()}), flush=True)
    held = True
    for name in asked.name or DRILLS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        begun = time.monotonic()
        for found in drill(name, short=asked.short):
            held &= found["held"]
            print(json.dumps(found, ensure_ascii=False), flush=True)
        print(f"{name}: {time.monotonic() - begun:.0f} s, load {_load()}", file=sys.stderr, flush=True)
    return 0 if held else 1


def _load() -> float | None:
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


if __name__ == "__main__":
    sys.exit(main())
