"""A new Python process that loads the app's code and ends: what a user waits for before anything is drawn.

``whole_s`` is its time where it loads what draws the map as well: the page says meanwhile that it is opening.

The code is compiled, as pip leaves it when it installs: the first round, which does not count, sees to that.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks._job import Job, figures, in_turn, significant, usual_job

GOALS = {None: {"goal_s": 1.5}}
MODULES = {
    "full": ("assetmap.ui.opening", "assetmap.ui.shell"),
    "tiny": ("assetmap.errors", "assetmap.text"),
}


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    works = [
        lambda words=words: subprocess.run([sys.executable, "-c", words], check=True, capture_output=True, env=usual)
        for words in (*(f"import {module}" for module in MODULES[job.size]), "pass")
    ]
    (ours_s, whole_s, python_s), _, runs = in_turn(works, job.rounds)
    more = {"whole_s": significant(whole_s), "python_alone_s": round(python_s, 3)}
    yield figures("any", None, ours_s, None, runs=runs, **more, **GOALS[None])
