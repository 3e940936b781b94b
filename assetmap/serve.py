"""Start the app on this computer: Streamlit as a process of its own, on 127.0.0.1 and nowhere else."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal
from urllib.error import URLError

from assetmap.errors import OurError, UsageError, WorldError
from assetmap.store.workspace import open_workspace

ADDRESS: Final = "127.0.0.1"
FIRST_PORT: Final = 8501
#: Names the folder that the app shows.
WORKSPACE: Final = "ASSETMAP_WORKSPACE"
#: Names the folder in which places lie, each in a folder of its own.
FOLDER: Final = "ASSETMAP_FOLDER"
_TRIES: Final = 40
_START_SECONDS: Final = 60.0


def serve(
    folder: Path | None, port: int | None, browser: Literal["open", "leave"], tell: Callable[[str], object]
) -> int:
    """Run the app on a workspace until it is stopped, and return the exit code.

    Parameters
    ----------
    folder
        An open-able workspace; None opens the page on which a place is named, made or chosen.
    port
        The port; None takes the first free one from 8501 on.
    browser
        Whether to open the reader's browser once the app answers.
    tell
        Takes the line that says where the app is.

    Raises
    ------
    WorkspaceError
        If the folder is not a workspace.
    UsageError
        If somebody else has the port.
    WorldError
        If the app does not answer.
    """
    chosen = free_port(port)
    # The arguments are ours; the folder travels in the environment.
    process = subprocess.Popen(command(chosen), env={**os.environ, **_told(folder)})  # noqa: S603
    address = f"http://{ADDRESS}:{chosen}"
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        _wait_until_up(address, process)
        tell(f"{folder.name if folder else 'assetmap'} is open at {address} (Ctrl+C closes it).")
        if browser == "open":
            webbrowser.open(address)
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)
        if process.poll() is None:
            process.terminate()
            process.wait()


def _told(folder: Path | None) -> dict[str, str]:
    """Return what the app is told: its place, and where others lie."""
    if folder is None:
        return {WORKSPACE: "", FOLDER: str(Path.cwd())}
    open_workspace(folder)
    return {WORKSPACE: str(folder.resolve()), FOLDER: str(folder.resolve().parent)}


def _stop(*_: object) -> None:
    """End as Ctrl+C does, so that the app never outlives the command."""
    raise KeyboardInterrupt


def command(port: int) -> list[str]:
    """Return the command that starts the app: every line of our configuration is passed on, so no other one matters."""
    return [
        *(sys.executable, "-m", "streamlit", "run", str(_ours("app.py"))),
        *(f"--{name}={_spelt(value)}" for name, value in _flat(configuration())),
        f"--server.port={port}",
    ]


def configuration() -> Mapping[str, Any]:
    """Return ``.streamlit/config.toml``, found beside this package."""
    return tomllib.loads(_ours(".streamlit/config.toml").read_text(encoding="utf-8"))


def _ours(name: str) -> Path:
    """Return a file that lies in the package when it was installed, else in the checkout."""
    here = Path(__file__).resolve().parent
    for path in (here / name, here.parent / name):
        if path.is_file():
            return path
    raise OurError("a file of the app is missing", name, do="install assetmap again")


def _flat(section: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in section.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _spelt(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def free_port(port: int | None) -> int:
    """Return the port if nobody has it; without one, the first free one from 8501 on."""
    tried = [port] if port is not None else list(range(FIRST_PORT, FIRST_PORT + _TRIES))
    for candidate in tried:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as asked:
            asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                asked.bind((ADDRESS, candidate))
            except (OSError, OverflowError):
                continue
            return candidate
    raise UsageError("the port is not free", "--port", str(tried[0]), "leave it out, or name another")


def _wait_until_up(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:  # noqa: S310 (our own)
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.1)
    raise WorldError("the app did not start", address, do="try another --port, and look at the lines above")
