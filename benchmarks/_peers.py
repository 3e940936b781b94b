"""Peers that are installed only for a bench: in a virtual environment of their own, run as child processes."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from benchmarks._job import ROOT, tell

WANTED = Path(__file__).with_name("peers.txt")
FOLDER = ROOT / ".venv-bench"


def wanted() -> dict[str, str]:
    """Return what is to be installed, by the peer's name."""
    lines = [line.strip() for line in WANTED.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    return {line.split("=")[0]: line for line in lines}


def interpreter(folder: Path) -> Path:
    """Return the Python of a virtual environment."""
    return folder / "Scripts" / "python.exe" if sys.platform == "win32" else folder / "bin" / "python"


def is_there(name: str) -> bool:
    """Return whether a peer was installed."""
    return (FOLDER / f"{name}.installed").is_file()


def install(names: list[str]) -> None:
    """Install peers that are not there, what is said about it on standard error; one that fails is left out."""
    for name in names:
        stamp, requirement = FOLDER / f"{name}.installed", wanted()[name]
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == requirement:
            continue
        tell(f"installing {requirement} into {FOLDER.name} ...")
        if not interpreter(FOLDER).is_file():
            venv.create(FOLDER, with_pip=True)
        stamp.unlink(missing_ok=True)
        command = [str(interpreter(FOLDER)), "-m", "pip", "install", "--disable-pip-version-check", "--prefer-binary"]
        if subprocess.run([*command, requirement], stdout=sys.stderr, check=False).returncode:
            tell(f"left out: {name} could not be installed here")
        else:
            stamp.write_text(requirement, encoding="utf-8")


def run_child(script: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Run a script of this folder among the peers, with JSON in and JSON out."""
    command = [str(interpreter(FOLDER)), "-W", "ignore", str(Path(__file__).with_name(script))]
    done = subprocess.run(command, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def left_out(name: str) -> None:
    tell(f"left out: {name} is not installed in {FOLDER.name}; python -m benchmarks puts it there")
