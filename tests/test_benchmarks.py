"""The benches: each runs on something small, says lines that parse, and stops at figures that differ."""

from __future__ import annotations

import doctest
import json
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from village import write_village

from assetmap.access import catchment
from assetmap.network import Pairs, walk_pairs

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import __main__ as runner  # noqa: E402
from benchmarks import _job, _page, _peers, e2sfca, read_osm, walk_kernel  # noqa: E402

PROMISED = {
    "walk-kernel",
    "e2sfca",
    "add-one-asset",
    "read-osm",
    "pbf-to-gaps",
    "confidence",
    "web-map",
    "print-map",
    "briefing",
    "store-write",
}
FURTHER = {"cold-import", "connections", "import-list"}
PEERS = {
    "networkx",
    "scipy",
    "pyrosm",
    "osmnx",
    "access",
    "folium",
    "pandana",
    "pgrouting",
    "recompute",
    "pandas",
    "geopandas",
    "weasyprint",
    "reportlab",
}
KEYS = ["bench", "place", "peer", "ours_s", "peer_s", "ratio"]
NAMES = sorted(runner.found())


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    folder = tmp_path_factory.mktemp("village")
    files = write_village(folder / "files")
    tiny = _job.Job(_job.Place("village", files), rounds=1, size="tiny", folder=folder)
    yield tiny
    tiny.close()


@pytest.fixture(autouse=True)
def once(monkeypatch):
    monkeypatch.setattr(_job, "SHORT_SECONDS", 0.0)


@pytest.fixture
def no_peers(monkeypatch, tmp_path):
    monkeypatch.setattr(_peers, "FOLDER", tmp_path / "none")


def test_every_bench_is_one_that_was_promised():
    assert set(NAMES) <= PROMISED | FURTHER
    assert {"walk-kernel", "e2sfca", "add-one-asset", "read-osm", "pbf-to-gaps", "confidence", "web-map"} <= set(NAMES)
    for name, module in runner.found().items():
        assert callable(import_module(f"benchmarks.{module}").run), name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore")
def test_each_bench_runs_on_the_village(name, job, no_peers, capsys):
    lines = [{"bench": name, **line} for line in import_module(f"benchmarks.{runner.found()[name]}").run(job)]
    assert lines
    for line in lines:
        line = json.loads(json.dumps(line))
        assert list(line)[:6] == KEYS
        assert line["peer"] is None or line["peer"] in PEERS
        assert line["ours_s"] > 0
        if line["ratio"] is None:
            assert line["peer_s"] is None
        else:
            assert line["ratio"] == pytest.approx(line["peer_s"] / line["ours_s"], rel=0.02)
        assert _page.row(line).count("|") == 8
    absent = getattr(import_module(f"benchmarks.{runner.found()[name]}"), "APART", ())
    assert ("left out" in capsys.readouterr().err) == bool(absent)


def test_lines_are_on_standard_output_and_all_else_on_standard_error(monkeypatch, capsys, tmp_path, job):
    monkeypatch.setattr(runner, "usual_job", lambda: job)
    monkeypatch.setattr(sys, "argv", ["benchmarks", "web-map", "--write", str(tmp_path / "page.md")])
    assert runner.main() == 0
    said = capsys.readouterr()
    assert [json.loads(line)["bench"] for line in said.out.splitlines()] == ["web-map"]
    assert "web-map ..." in said.err
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert page.startswith("# How fast is it, and compared with what?")
    assert "| web-map | 50 points, 9 areas | folium |" in page


def test_a_run_of_some_benches_leaves_the_page_alone(monkeypatch, tmp_path, job, capsys):
    monkeypatch.setattr(runner, "usual_job", lambda: job)
    monkeypatch.setattr(_page, "PAGE", tmp_path / "page.md")
    monkeypatch.setattr(sys, "argv", ["benchmarks", "web-map"])
    assert runner.main() == 0
    assert not (tmp_path / "page.md").exists()


def test_an_unknown_bench_is_refused_by_name(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["benchmarks", "walk-kernal"])
    with pytest.raises(SystemExit) as end:
        runner.main()
    assert end.value.code == 2
    assert "'walk-kernal'" in capsys.readouterr().err


def test_a_bench_whose_figures_differ_gives_no_line_and_fails_the_run(monkeypatch, capsys, job):
    monkeypatch.setattr(runner, "usual_job", lambda: job)
    monkeypatch.setattr(walk_kernel.PlainGraph, "collect", lambda graph, reached: np.zeros((1, 1)))
    lines, failed = runner.run_all(["walk-kernel"])
    assert (lines, failed) == ([], 1)
    assert "not ours" in capsys.readouterr().err


@pytest.mark.parametrize("change", [0.0, 1.0, np.inf])
def test_walks_one_centimetre_off_are_refused_oracle(job, change):
    walked = job.walked()
    pairs = walk_pairs(walked.network, walked.origins, walked.targets, walk_kernel.LIMIT / 100)
    walk = walk_kernel.PlainGraph(walked.network, walked.origins, walked.targets).with_scipy()()
    walk[pairs.origin[0], pairs.target[0]] += change
    if change:
        with pytest.raises(_job.DifferentFigures):
            walk_kernel.agree(pairs, walk)
    else:
        walk_kernel.agree(pairs, walk)


@pytest.mark.parametrize(
    ("ours", "theirs", "equal"),
    [
        ([1.0, np.nan], [1.0, np.nan], True),
        ([1.0, np.inf], [1.0 + 1e-13, np.inf], True),
        ([1.0], [1.0 + 1e-11], False),
        ([np.nan], [1.0], False),
        ([np.inf], [1.0], False),
        ([1.0, 2.0], [1.0], False),
    ],
)
def test_what_counts_as_equal(ours, theirs, equal):
    if equal:
        assert _job.must_equal(ours, theirs, 1e-12, "figures") < 1e-12
    else:
        with pytest.raises(_job.DifferentFigures, match="figures"):
            _job.must_equal(ours, theirs, 1e-12, "figures")


def test_a_supply_shared_otherwise_is_refused(job, monkeypatch):
    monkeypatch.setattr(e2sfca, "catchment", lambda *given: catchment(*given) * (1 + 1e-9) + 1e-9)
    with pytest.raises(_job.DifferentFigures, match="e2sfca"):
        list(e2sfca.run(job))


def test_streets_that_the_peer_did_not_find_are_refused(job):
    walked = job.walked()
    edges = walked.prepared.tables.edges
    extract = type("Read", (), {"edges": edges, "features": pd.DataFrame(index=["n1", "n2"])})
    found = {"ways": edges["way_id"].tolist(), "places": ["n1", "n2", "n3"]}
    assert read_osm.agree(extract, found) == {"streets_in_both": 1.0, "places_in_both": 1.0}
    with pytest.raises(_job.DifferentFigures):
        read_osm.agree(extract, found | {"places": ["n3"]})


def test_times_are_medians_after_a_first_round_and_a_child_tells_its_own():
    calls = []
    timed = _job.in_turn([lambda: calls.append("a"), lambda: {"seconds": float(len(calls))}], 3)
    assert (len(calls), timed.runs, timed.seconds[1]) == (4, 3, 3.0)
    slow = _job.in_turn([lambda: {"seconds": 11.0}], 5)
    assert (slow.runs, slow.seconds) == (3, [11.0])


def test_a_short_work_is_done_again_at_each_turn_and_its_mean_counts(monkeypatch):
    monkeypatch.setattr(_job, "SHORT_SECONDS", 10.0)
    clock = iter([0.0, 4.0, 8.0, 12.0])
    monkeypatch.setattr(_job, "perf_counter", lambda: next(clock))
    done = []
    assert _job._timed(lambda: done.append(1)) == (4.0, None)
    assert len(done) == 3


def test_peers_apart_are_pinned_without_an_address_and_none_is_installed_twice(monkeypatch, tmp_path, capsys):
    assert "://" not in _peers.WANTED.read_text(encoding="utf-8")
    wanted = {
        peer for name in runner.found().values() for peer in getattr(import_module(f"benchmarks.{name}"), "APART", ())
    }
    assert wanted <= set(_peers.wanted())
    assert all("==" in line for line in _peers.wanted().values())
    monkeypatch.setattr(_peers, "FOLDER", tmp_path)
    for name, line in _peers.wanted().items():
        assert not _peers.is_there(name)
        (tmp_path / f"{name}.installed").write_text(line, encoding="utf-8")
    monkeypatch.setattr(_peers.subprocess, "run", lambda *a, **k: pytest.fail("nothing is to be installed"))
    _peers.install(sorted(wanted))
    assert all(_peers.is_there(name) for name in wanted)


def test_a_peer_that_cannot_be_installed_is_left_out_by_name(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(_peers, "FOLDER", tmp_path)
    monkeypatch.setattr(_peers.venv, "create", lambda *a, **k: None)
    monkeypatch.setattr(_peers.subprocess, "run", lambda *a, **k: type("Done", (), {"returncode": 1}))
    _peers.install(["pyrosm"])
    assert not _peers.is_there("pyrosm")
    assert "pyrosm could not be installed" in capsys.readouterr().err


@pytest.mark.parametrize("module", [_job, _page], ids=["job", "page"])
def test_examples_hold(module):
    tried = doctest.testmod(module)
    assert tried.attempted
    assert not tried.failed


def test_the_page_says_which_goals_were_missed():
    line = {"bench": "read-osm", "place": "camden", "peer": "pyrosm", "ours_s": 0.9, "peer_s": 2.7, "ratio": 3.0}
    page = _page.page([line | {"goal_s": 1.0, "goal_ratio": 10, "runs": 5}], _page.Run(1.0, 0.1))
    assert "| read-osm | camden | pyrosm | 900 ms | 2.7 s | **3** | under 1 s: held; 10 times: missed |" in page
    assert "cores" in page
    assert "busy" not in page
    assert "://" not in page
    assert "busy with other work" in _page.page([line], _page.Run(1.0, 3.0))


def test_the_page_of_the_documents_was_written_by_a_run():
    page = (ROOT / "docs" / "how-fast.md").read_text(encoding="utf-8")
    for name in ("walk-kernel", "e2sfca", "add-one-asset", "read-osm", "pbf-to-gaps", "confidence", "web-map"):
        assert f"\n| {name} | " in page, name
        assert f"\n## {name}\n" in page, name


def test_a_table_of_credits_gives_what_each_walk_alone_does_property():
    rng = np.random.default_rng(0)
    origin = np.sort(rng.integers(0, 50, 6_000)).astype(np.int32)
    pairs = Pairs(origin, rng.integers(0, 9, 6_000).astype(np.int32), rng.integers(0, 9_000, 6_000).astype(np.int32))
    supply, people = pd.Series(rng.uniform(0, 9, 9)), pd.Series(rng.uniform(0, 9, 50))
    by_table, few = catchment(pairs, supply, people, d0=40.0), []
    credit = np.maximum((np.exp(-0.5 * (pairs.metres / 40.0) ** 2) - np.exp(-0.5)) / (1 - np.exp(-0.5)), 0.0)
    demand = np.bincount(pairs.target, people.to_numpy()[origin] * credit, 9)
    few = np.bincount(origin, (supply.to_numpy() / demand)[pairs.target] * credit, 50)
    assert np.abs(by_table - few).max() < 1e-12
