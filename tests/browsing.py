"""How the browser tests wait: what a page shows a moment later is asked for until it is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")
PATIENCE = 30.0


def eventually(ask: Callable[[], Answer], seconds: float = PATIENCE) -> Answer:
    """Ask until the answer is true, and return it; a machine that is busy draws late, not wrongly."""
    latest = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < latest, "it did not come about"
        time.sleep(0.1)
