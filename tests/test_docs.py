"""The documents: every Python block runs, every command is one that works, nothing points nowhere."""

from __future__ import annotations

import re
import shlex
from dataclasses import asdict
from pathlib import Path

import places
import pytest

from assetmap import cli, study
from assetmap.holdings import catalogue_of
from assetmap.store.cache import digest
from assetmap.store.workspace import fingerprint

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)


def blocks(page: Path, language: str) -> list[str]:
    return [body for found, body in BLOCK.findall(page.read_text(encoding="utf-8")) if found == language]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_python_blocks_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), {})  # noqa: S102


@pytest.fixture(scope="module")
def reckoned():
    """Every study that the commands asked for, by all that it is made from."""
    return {}


@pytest.fixture
def once(reckoned, monkeypatch):
    """Reckon the same study once for all the commands that ask for it: most take the demo town as it was made."""
    build = study.build

    def remember(workspace, viewer, settings, as_of):
        made_from = fingerprint(workspace, catalogue_of(workspace).fingerprint)
        key = (workspace.name, made_from, viewer, digest(asdict(settings)), as_of)
        if key not in reckoned:
            reckoned[key] = yield from build(workspace, viewer, settings, as_of)
        return reckoned[key]

    monkeypatch.setattr(study, "build", remember)


@pytest.mark.slow
@pytest.mark.usefixtures("once")
@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "console")], ids=lambda p: p.name)
def test_commands_work(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    if page.name != "command-line.md":
        # One page makes the demo town anew; for the others it lies here as if the command had made it before.
        places.copied(places.demo_town(), tmp_path / "demo")
    for block in blocks(page, "console"):
        for line in block.splitlines():
            assert line.startswith("$ assetmap "), line
            code = run(shlex.split(line.removeprefix("$ assetmap ")))
            said = capsys.readouterr()
            assert code == 0, (line, said.out, said.err)


def run(words: list[str]) -> int:
    try:
        return cli.main(words)
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_between_pages_hold(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_no_address_of_a_package_index_anywhere():
    for name in ("constraints.txt", "pyproject.toml", "Makefile", ".ci/run"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8"), name
