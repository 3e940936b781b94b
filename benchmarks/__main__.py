"""Run the benches of this folder, all or those named: ``python -m benchmarks [NAME ...]``.

A bench is a module with a function ``run(job) -> Iterable[dict]``; walk_kernel.py is the bench "walk-kernel". Every
figure is one JSON object on a line of standard output; what is going on is said on standard error. Peers that are not
installed with assetmap go into a virtual environment of their own. A run of all benches also writes the page of the
documents that holds them.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import _page, _peers
from benchmarks._job import DifferentFigures, tell, usual_job


def found() -> dict[str, str]:
    """Return the benches' names and their modules."""
    modules = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    return {module.replace("_", "-"): module for module in modules}


def run_all(names: list[str]) -> tuple[list[dict[str, Any]], int]:
    """Run benches one after the other; return their lines, and how many came to figures that are not the peer's."""
    benches, job, lines, failed = found(), usual_job(), [], 0
    modules = {name: import_module(f"benchmarks.{benches[name]}") for name in names}
    _peers.install(sorted({peer for module in modules.values() for peer in getattr(module, "APART", ())}))
    for name, module in modules.items():
        tell(f"{name} ...")
        try:
            for figures in module.run(job):
                lines.append({"bench": name, **figures})
                print(json.dumps(lines[-1]), flush=True)
        except DifferentFigures as fault:
            failed += 1
            tell(f"{name}: {fault}")
    job.close()
    return lines, failed


def main() -> int:
    benches = found()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Run benches; each figure is a line.")
    parser.add_argument("name", nargs="*", help=f"of {', '.join(benches)}; all where none is named")
    parser.add_argument("--write", type=Path, metavar="PAGE", help=f"write a page; {_page.PAGE.name} after all benches")
    given = parser.parse_args()
    for name in given.name:
        if name not in benches:
            parser.error(f"no bench is called {name!r}; there are {', '.join(benches)}")
    load, started = _page.load(), perf_counter()
    lines, failed = run_all(given.name or list(benches))
    minutes = (perf_counter() - started) / 60.0
    tell(f"{len(lines)} lines in {minutes:.1f} minutes")
    page = given.write or (None if given.name or failed else _page.PAGE)
    if page is not None:
        _page.write(page, lines, _page.Run(minutes, load))
        tell(f"written: {page}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
