"""Streamlit's ``AppTest`` as many tests want it: what each of them would find out again is found out once for all runs.

``AppTest`` reads about every installed package at each run, and each copy of a place would be prepared and measured
anew although nothing was written into it yet.
"""

from dataclasses import asdict, replace
from functools import cache

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from assetmap import study
from assetmap.holdings import catalogue_of
from assetmap.store.cache import digest
from assetmap.store.workspace import fingerprint, sources_mark
from assetmap.study.words import in_words

__all__ = ["AppTest", "reckon_copies_once"]

manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
#: How much is kept, and all that it was made from.
_MOST = 24
_KEPT: dict[tuple[object, ...], object] = {}


def _keep(key, make):
    if key not in _KEPT:
        _KEPT[key] = make()
        if len(_KEPT) > _MOST:
            del _KEPT[next(iter(_KEPT))]
    return _KEPT[key]


def _run(steps):
    told = []
    while True:
        try:
            told.append(next(steps))
        except StopIteration as end:
            return told, end.value


def reckon_copies_once(monkeypatch) -> None:
    """Prepare and measure a place once for all its copies: what a study is made from is in its fingerprint.

    Whatever was written since gives another fingerprint, and is read and measured as always.
    """
    prepare, measure, index = study.prepare, study.measure_again, study.index_zones

    def prepare_once(workspace, viewer, as_of):
        layers = in_words(catalogue_of(workspace)).fingerprint
        # Of the copy itself: by it the next study sees that only records changed.
        mark = sources_mark(workspace, layers)
        files = sorted((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in workspace.cache.iterdir())
        key = ("prepared", fingerprint(workspace, layers), str(files), viewer, as_of)
        told, prepared = _keep(key, lambda: _run(prepare(workspace, viewer, as_of)))
        yield from told
        return replace(prepared, mark=mark)

    def once(name, make, prepared, settings):
        # Kept beside what was made from them, so that the number of these assets is of no others.
        key = (name, id(prepared.assets), digest(asdict(settings)))
        return _keep(key, lambda: (prepared, make()))[1]

    def measure_once(before, prepared, settings):
        def make():
            return measure(before, prepared, settings)

        return make() if before else once("measured", make, prepared, settings)

    def index_once(prepared, settings):
        return once("index", lambda: index(prepared, settings), prepared, settings)

    monkeypatch.setattr(study, "prepare", prepare_once)
    monkeypatch.setattr(study, "measure_again", measure_once)
    monkeypatch.setattr(study, "index_zones", index_once)
