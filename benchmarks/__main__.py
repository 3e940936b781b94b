"""Run the benches of this folder, all or those named: ``python -m benchmarks [NAME ...]``.

A bench is a module with a function ``run() -> Iterable[dict]``; walk_kernel.py is the bench "walk-kernel". Every
figure is one JSON object on a line of standard output; what is going on is said on standard error.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path


def found() -> dict[str, str]:
    """Return the benches' names and their modules."""
    modules = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    return {module.replace("_", "-"): module for module in modules}


def main() -> None:
    benches = found()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Run benches; each figure is a line.")
    parser.add_argument("name", nargs="*", help=f"of {', '.join(benches)}; all where none is named")
    names = parser.parse_args().name or list(benches)
    for name in names:
        if name not in benches:
            parser.error(f"no bench is called {name!r}; there are {', '.join(benches)}")
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        for figures in import_module(f"benchmarks.{benches[name]}").run():
            print(json.dumps({"bench": name, **figures}), flush=True)


if __name__ == "__main__":
    main()
