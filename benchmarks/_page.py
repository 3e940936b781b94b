"""The page of the documents that holds the figures of a run."""

from __future__ import annotations

import os
import platform
import sys
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, NamedTuple

from assetmap import text
from benchmarks import _peers
from benchmarks._job import ROOT

PAGE = ROOT / "docs" / "how-fast.md"
INSTALLED = ("networkx", "scipy", "access", "folium", "pandas", "geopandas")
USUAL = {"bench", "place", "peer", "ours_s", "peer_s", "ratio", "goal_s", "goal_ratio"}

#: Things at once, before a run begins, above which other work disturbs it.
CALM = 0.5

HEAD = """# How fast is it, and compared with what?

<!-- Written by: python -m benchmarks. Do not edit; run it again. -->

Every line below was measured in one run on one machine: the same work by assetmap and by another package, taking turns,
medians of five runs unless the line says otherwise. **The ratio is what to read**; seconds are those of that machine
on that day. Where both give the same figures, the run checks that they do, and stops if they do not.

"""
REPEAT = """
## How do I repeat it?

In a checkout, with Python 3.11 or newer and `make`:

```sh
make bench
make bench BENCH=walk-kernel
```

The first takes under twelve minutes and writes this page again; the second runs one bench. Each figure is one JSON
object on a line. Packages that only the benches need go into a folder of their own, `.venv-bench`. Camden's files
are used where `ASSETMAP_REAL_DATA` names a folder that holds them, else the made-up town.
"""


class Run(NamedTuple):
    """How long a run took, and how many other things the machine was doing when it began."""

    minutes: float
    load: float


def load() -> float:
    """Return how many things the machine is doing at once, over the last five minutes; 0 where it does not say."""
    return os.getloadavg()[1] if hasattr(os, "getloadavg") else 0.0


def write(path: Path, lines: list[dict[str, Any]], run: Run) -> None:
    """Write the page from the lines of a run."""
    path.write_text(page(lines, run), encoding="utf-8")


def page(lines: list[dict[str, Any]], run: Run) -> str:
    """Return the page.

    Examples
    --------
    >>> line = {"bench": "cold-import", "place": "any", "peer": None, "ours_s": 1.2, "peer_s": None, "ratio": None}
    >>> [row for row in page([line], Run(0.1, 0.0)).splitlines() if row.startswith("| cold-import")]
    ['| cold-import | any |  | 1.2 s |  |  |  |']
    """
    table = ["| bench | place | beside | ours | theirs | ratio | goal |", "|---|---|---|---|---|---|---|"]
    table += [row(line) for line in lines]
    benches = dict.fromkeys(str(line["bench"]) for line in lines)
    parts = [HEAD, *(f"- {words}\n" for words in machine(run)), "\n", "\n".join(table), "\n"]
    for bench in benches:
        parts += [f"\n## {bench}\n\n{said_of(bench)}\n"]
        details = [detail(line) for line in lines if line["bench"] == bench]
        parts += ["\n" + "\n".join(f"- {words}" for words in details if words) + "\n"] if any(details) else []
    return "".join([*parts, REPEAT])


def row(line: dict[str, Any]) -> str:
    ratio = line["ratio"]
    cells = [line["bench"], line["place"], line["peer"] or "", seconds(line["ours_s"]), seconds(line["peer_s"])]
    return "| " + " | ".join([*cells, "" if ratio is None else f"**{ratio:,.4g}**", goal(line)]) + " |"


def goal(line: dict[str, Any]) -> str:
    """Return what was wanted and whether it is so.

    Examples
    --------
    >>> goal({"ours_s": 2.0, "ratio": 12.0, "goal_s": 1.0, "goal_ratio": 10})
    'under 1 s: missed; 10 times: held'
    """
    words = []
    if "goal_s" in line:
        limit = seconds(line["goal_s"])
        words.append(f"under {limit}: {'held' if line['ours_s'] < line['goal_s'] else 'missed'}")
    if "goal_ratio" in line and line["ratio"] is not None:
        words.append(f"{line['goal_ratio']} times: {'held' if line['ratio'] >= line['goal_ratio'] else 'missed'}")
    return "; ".join(words)


def seconds(value: float | None) -> str:
    """Return a time as it is read.

    Examples
    --------
    >>> seconds(0.00052), seconds(0.0123), seconds(3.14159), seconds(None)
    ('0.52 ms', '12.3 ms', '3.14 s', '')
    """
    if value is None:
        return ""
    return f"{value:.3g} s" if value >= 1 else f"{value * 1000:.3g} ms"


def detail(line: dict[str, Any]) -> str:
    """Return what else a line says, in its own words."""
    more = {name: value for name, value in line.items() if name not in USUAL}
    if not more:
        return ""
    beside = f", beside {line['peer']}" if line["peer"] else ""
    said = ", ".join(
        f"`{name}` {value:,}" if isinstance(value, int) else f"`{name}` {value}" for name, value in more.items()
    )
    return f"{line['place']}{beside}: {said}"


def said_of(bench: str) -> str:
    """Return what a bench says it does: the words at the head of its module."""
    words = import_module(f"benchmarks.{bench.replace('-', '_')}").__doc__ or ""
    return " ".join(words.replace("``", "`").split())


def machine(run: Run) -> list[str]:
    """Return the day, what the machine is (never its name), and the versions compared."""
    system = f"{platform.system()} on {platform.machine()}"
    python = ".".join(map(str, sys.version_info[:3]))
    versions = {name: metadata.version(name) for name in INSTALLED}
    versions |= {name: line.split("==")[1] for name, line in _peers.wanted().items() if name not in versions}
    busy = [
        f"**The machine was busy with other work** ({run.load:.1f} things at once when the run began): seconds are "
        "longer than they need be, and goals in seconds cannot be judged by them"
    ]
    return [
        f"Measured on {text.now().date():%d %B %Y} in {run.minutes:.0f} minutes, "
        f"with assetmap {metadata.version('assetmap')}",
        f"{os.cpu_count()} cores, {memory()}{system}, Python {python}",
        "Beside " + ", ".join(f"{name} {version}" for name, version in versions.items()),
        *(busy if run.load > CALM else []),
    ]


def memory() -> str:
    """Return the machine's memory where it can be asked for, with a comma after it."""
    names = getattr(os, "sysconf_names", {})
    if "SC_PHYS_PAGES" not in names or "SC_PAGE_SIZE" not in names:
        return ""
    return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GB of memory, "
