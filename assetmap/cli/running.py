"""How a command runs: what it loads and when, the steps it shows, and how it ends."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeVar

from assetmap import text
from assetmap.schema import Step

DONE, PROBLEMS, WRONG_USAGE = 0, 1, 2
Result = TypeVar("Result")


class Later:
    """A module of assetmap that is imported when something of it is first asked for.

    ``--version``, ``--help`` and a mistyped command answer at once; only what runs waits for the tables.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


@dataclass
class Timer:
    """Runs the steps of long work, shows them to a person at a terminal, and keeps the seconds of each."""

    seconds: dict[str, float] = field(default_factory=dict)

    def run(self, steps: Generator[Step, None, Result]) -> Result:
        """Run the steps to their end and return what they made."""
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        console = Console(stderr=True)
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            shown = progress.add_task("starting", total=None)
            started = time.perf_counter()
            while True:
                try:
                    step = next(steps)
                except StopIteration as end:
                    result: Result = end.value
                    return result
                taken = self.seconds.get(step.id, 0.0) + time.perf_counter() - started
                self.seconds[step.id] = round(taken, 3)
                started = time.perf_counter()
                progress.update(shown, description=step.sentence())


def say_lines(lines: Iterable[str]) -> None:
    """Print each on a line; what a file calls itself or its sheets gives the terminal no orders."""
    for line in lines:
        print(text.without_control(line))
