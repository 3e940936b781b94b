"""What every test may lean on."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine must not fail a property: speed is measured elsewhere.
settings.register_profile("assetmap", deadline=None)
settings.load_profile("assetmap")

ROOT = Path(__file__).resolve().parent.parent
#: Where the workers of one run find the places they share (tests/places.py).
PLACES = "ASSETMAP_TEST_PLACES"


def pytest_configure(config: pytest.Config) -> None:
    # Workers take the folder from the process that starts them.
    if not hasattr(config, "workerinput"):
        os.environ[PLACES] = tempfile.mkdtemp(prefix="assetmap-places-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(PLACES), ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Keep each file's tests together, as they share what is made once; all that drives the app has one worker."""
    from xdist.scheduler import LoadFileScheduling

    class OneApp(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file: str = super()._split_scope(nodeid)
            if not file.endswith("_browser.py"):
                return file
            return "browsers of the app" if "test_ui_" in file else "browsers of files"

    config.option.loadscopereorder = False
    return OneApp(config, log)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if "browser" in item.keywords and not (nextitem and "browser" in nextitem.keywords):
        from browsing import close_chromium

        close_chromium()


def _real_data() -> Path:
    return Path(os.environ.get("ASSETMAP_REAL_DATA", ROOT.parent / "shared" / "data")).resolve()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files, where this machine has one."""
    return _real_data()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """The app, running until the last test is done; ``show`` puts a place before it."""
    from serving import running

    with running(tmp_path_factory.mktemp("server")) as started:
        yield started


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        # What takes longest begins first, so that no worker is left alone with it at the end.
        slow = {item.path for item in items if "slow" in item.keywords or "real" in item.keywords}
        items.sort(key=lambda item: (not item.path.stem.endswith("_browser"), item.path not in slow))
    for item in items:
        if "browser" in item.keywords:
            # A browser on a loaded machine may miss a click; what is wrong is wrong three times.
            item.add_marker(pytest.mark.flaky(reruns=2))
    folder = _real_data()
    if folder.is_dir():
        return
    absent = pytest.mark.skip(reason=f"real data not on this machine (ASSETMAP_REAL_DATA, looked in {folder.name})")
    for item in items:
        if "real" in item.keywords:
            item.add_marker(absent)
