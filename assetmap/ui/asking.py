"""Asking public services from a page: a wait that notices when it is called off."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

_NAP: Final = 0.25


def client(stack: ExitStack, touch: Callable[[], object]) -> Any:
    """Return a client whose downloads go with the stack, and which touches the page while it waits.

    A page that is touched ends its run if somebody has pressed a button meanwhile.
    """
    own = stack.enter_context(TemporaryDirectory(prefix="assetmap-place-", ignore_cleanup_errors=True))
    web = import_module("assetmap.sources.web")
    return web.Client(Path(own) / "downloads", sleep=lambda seconds: nap(seconds, touch))


def nap(seconds: float, touch: Callable[[], object]) -> None:
    """Wait, looking up now and then."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _NAP))
        touch()
