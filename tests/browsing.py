"""How the browser tests wait: what a page shows a moment later is asked for until it is there."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

Answer = TypeVar("Answer")
PATIENCE = 30.0
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

_running: list[Any] = []


def chromium() -> Any:
    """Return the browser of this worker, begun once: what it has fetched and compiled serves file after file."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    if not _running:
        driver = sync_api.sync_playwright().start()
        _running.append(driver)
        args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        _running.append(driver.chromium.launch(executable_path=CHROMIUM, args=args))
    return _running[1]


def close_chromium() -> None:
    """Close it, if it is open: its driver leaves a loop running, in which other tests cannot run theirs."""
    while _running:
        opened = _running.pop()
        opened.stop() if hasattr(opened, "stop") else opened.close()


def eventually(ask: Callable[[], Answer], seconds: float = PATIENCE) -> Answer:
    """Ask until the answer is true, and return it; a machine that is busy draws late, not wrongly."""
    latest = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < latest, "it did not come about"
        time.sleep(0.1)
