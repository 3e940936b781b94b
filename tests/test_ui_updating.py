"""What has changed in the sources, on the page of the data: taken one by one or all, left, brought back."""

from __future__ import annotations

import pytest
from test_ui_app import drawn, open_app, words  # noqa: F401 (a fixture)
from test_ui_start import site  # noqa: F401 (a fixture)
from test_work_update import EDITED, days, fingerprints, names, two_days  # noqa: F401 (fixtures)

from assetmap.store.history import read_changes
from assetmap.store.workspace import open_workspace
from assetmap.ui import asking
from assetmap.work.update import waiting

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def page(monkeypatch, drawn, days):  # noqa: F811
    def opened(role="worker"):
        return open_app(monkeypatch, days, "sources", role=role)

    return opened


def keys(app):
    return {one.key for one in app.button}


def test_what_is_ticked_is_taken_and_the_rest_stays(page, days):  # noqa: F811
    app = page()
    ticks = {one.key: one for one in app.checkbox if one.key.startswith("since-")}
    assert len(ticks) == len(EDITED) and all(one.value for one in ticks.values())
    assert "since-back" not in keys(app)
    was = names(days)
    ticks["since-osm-n50-renamed"].uncheck()
    app.button(key="since-take").click().run()
    assert not app.exception
    now = names(days)
    assert now["n50"] == was["n50"] and "n51" not in now and now["n52"][0] == "New Cafe"
    assert "Taken: OpenStreetMap. It can be brought back as it was." in words(app)
    with open_workspace(days).open_store() as store:
        changes = read_changes(store)
    assert changes["what"].tolist() == ["update"] and "worker" in changes["who"].iloc[0]


def test_all_is_left_and_what_was_taken_is_brought_back(page, days):  # noqa: F811
    was = fingerprints(days)
    app = page()
    app.button(key="since-take").click().run()
    assert fingerprints(days) != was
    app.button(key="since-back").click().run()
    assert fingerprints(days) == was
    assert "Brought back as it was: OpenStreetMap." in words(app)


def test_leaving_all_changes_nothing(page, days):  # noqa: F811
    was = fingerprints(days)
    app = page()
    app.button(key="since-leave").click().run()
    assert not app.exception
    assert fingerprints(days) == was and waiting(open_workspace(days)) is None


def test_role_who_may_not_change_sees_what_is_new_and_no_button(page):
    app = page("resident")
    assert not {one for one in keys(app) if one.startswith("since-")}
    assert "A Library is now called Mead Library" in words(app)


def test_without_internet_looking_says_so_and_changes_nothing(page, days, monkeypatch):  # noqa: F811
    monkeypatch.setenv("ASSETMAP_ONS_BOUNDARIES_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(asking, "nap", lambda _seconds, touch: touch())
    was = fingerprints(days)
    app = page()
    app.button(key="since-look").click().run()
    assert not app.exception
    assert "could not be reached" in words(app)
    assert fingerprints(days) == was and waiting(open_workspace(days)) is not None


def test_looking_asks_the_services_and_lays_what_is_new_beside(page, days, monkeypatch, site):  # noqa: F811
    for source in ("ONS_BOUNDARIES", "ONS_CENSUS_2021", "OPENSTREETMAP"):
        monkeypatch.setenv(f"ASSETMAP_{source}_URL", f"{site.url}/{source.lower()}")
    monkeypatch.setattr(asking, "nap", lambda _seconds, touch: touch())
    app = page()
    app.button(key="since-leave").click().run()
    app.button(key="since-look").click().run()
    assert not app.exception
    # The services say what the place of three shops and a hall was like before them: those six are gone.
    found = waiting(open_workspace(days))
    assert found is not None and set(found.changes["id"]) == {"n60", "n61", "n62", "n63", "n64", "n65"}
    assert set(found.changes["change"]) == {"gone"}
