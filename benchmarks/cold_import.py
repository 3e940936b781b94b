"""A new Python process that loads the app's code and ends: what a user waits for before anything is drawn.

The code is compiled, as pip leaves it when it installs: the first round, which does not count, sees to that.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from benchmarks._job import Job, figures, in_turn, usual_job

GOALS = {None: {"goal_s": 1.5}}
MODULE = {"full": "assetmap.ui.shell", "tiny": "assetmap.errors"}


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    works = [
        lambda words=words: subprocess.run([sys.executable, "-c", words], check=True, capture_output=True, env=usual)
        for words in (f"import {MODULE[job.size]}", "pass")
    ]
    (ours_s, python_s), _, runs = in_turn(works, job.rounds)
    yield figures("any", None, ours_s, None, runs=runs, python_alone_s=round(python_s, 3), **GOALS[None])
