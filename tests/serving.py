"""One app for one browser test after another: it shows whatever place was put before it last."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from browsing import eventually

from assetmap import serve


@dataclass(frozen=True)
class Server:
    """A running app, its address, and the link by which it finds its place."""

    address: str
    link: Path

    def show(self, folder: Path) -> str:
        """Put a workspace before the app and return its address."""
        other = self.link.with_name("next")
        other.symlink_to(folder, target_is_directory=True)
        other.replace(self.link)
        return self.address


def unused_port() -> int:
    with socket.socket() as asked:
        asked.bind((serve.ADDRESS, 0))
        port: int = asked.getsockname()[1]
        return port


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Start the app on a link in a folder, and stop it."""
    server = Server(f"http://{serve.ADDRESS}:{(port := unused_port())}", folder / "shown")
    process = subprocess.Popen(serve.command(port), env={**os.environ, serve.WORKSPACE: str(server.link)})
    try:
        eventually(lambda: process.poll() is not None or _answers(server.address), 120)
        assert process.poll() is None, "the app did not start"
        yield server
    finally:
        process.terminate()
        process.wait(20)


def _answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/_stcore/health", timeout=5) as answer:  # noqa: S310 (our own)
            return bool(answer.status == 200)
    except OSError:
        return False
