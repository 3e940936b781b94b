"""What every test may lean on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine must not fail a property: speed is measured elsewhere.
settings.register_profile("assetmap", deadline=None)
settings.load_profile("assetmap")

ROOT = Path(__file__).resolve().parent.parent


def _real_data() -> Path:
    return Path(os.environ.get("ASSETMAP_REAL_DATA", ROOT.parent / "shared" / "data")).resolve()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files, where this machine has one."""
    return _real_data()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
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
