"""The web map's doors: texts for the app's component, the page for a file; the folium map has its own module.

All three draw the same payload with the same script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from assetmap import text
from assetmap.catalogue import Source
from assetmap.maps import payload, scripts
from assetmap.maps.document import Page, map_document
from assetmap.study import Study

__all__ = [
    "Page",
    "component_assets",
    "describe",
    "map_document",
    "pack_base",
    "pack_findings",
    "pack_streets",
    "pack_study",
]

_SHORT_LICENCES = MappingProxyType({"Open Database Licence 1.0": "ODbL", "Open Government Licence v3.0": "OGL v3.0"})
_SHORT_PUBLISHERS = MappingProxyType(
    {"Office for National Statistics": "ONS", "Ministry of Housing, Communities and Local Government": "MHCLG"}
)


def pack_study(study: Study) -> str:
    """Return a study packed for any of the doors, the same text for the same study."""
    return payload.pack(
        study.ground,
        pack_streets(study),
        study.zones,
        study.gaps.assign(steadiness=study.steadiness),
        study.assets,
        describe(study),
    )


def pack_findings(study: Study) -> str:
    """Return the part that choices change: zones, findings and assets. It stands before :func:`pack_base`."""
    gaps = study.gaps.assign(steadiness=study.steadiness)
    return payload.pack(None, None, study.zones, gaps, study.assets, describe(study))


def pack_base(study: Study) -> str:
    """Return the part that no choice changes: the ground and its streets."""
    return payload.pack(payload.with_outlines(study.ground, study.assets), pack_streets(study), None, None, None, {})


def describe(study: Study) -> dict[str, Any]:
    """Return what a map says of itself and the words for its categories and themes."""
    categories = {
        category.id: {"label": text.label("category", category.id, category.label), "theme": category.theme}
        for category in study.catalogue.categories.values()
    }
    return {
        "place": study.name,
        "as_of": text.long_date(study.as_of),
        "attribution": credit_line(study.sources),
        "sources": [source.attribution for source in study.sources],
        "themes": {theme.id: theme.label for theme in study.themes.values()},
        "categories": categories,
    }


def credit_line(sources: Sequence[Source]) -> str:
    """Return the line in the corner of a map: publishers by licence, the street map's first.

    The full lines of attribution stand below the map and in every file.

    Examples
    --------
    >>> credit_line([])
    ''
    """
    held: dict[str, dict[str, None]] = {licence: {} for licence in _SHORT_LICENCES}
    for source in sources:
        if source.licence in held:
            publisher = source.publisher.split(", from ")[0]
            held[source.licence][_SHORT_PUBLISHERS.get(publisher, publisher)] = None
    lines = [f"© {', '.join(held[name])}, {short}" for name, short in _SHORT_LICENCES.items() if held[name]]
    # Any other licence is rare, so its own line is given whole.
    others = dict.fromkeys(s.attribution for s in sources if s.licence not in _SHORT_LICENCES and s.attribution)
    return " · ".join([*lines, *others])


def pack_streets(study: Study) -> Any:
    """Return the streets as lines for :func:`~assetmap.maps.payload.pack`; None where the place has none."""
    return payload.merge_streets(study.nodes, study.edges, study.crs) if len(study.edges) else None


def component_assets() -> Mapping[str, str]:
    """Return ``html``, ``css`` and ``js`` for ``st.components.v2.component(name, **component_assets())``.

    Mount it with ``data={"parts": [{"key": fingerprint, "text": packed}], "state": {...}, "height": 640,
    "options": {...}}`` and ``on_chosen_change=...``: one click or one Enter gives one trigger, ``chosen`` =
    {"type": "zone" | "asset" | "clear", "id": ...}, or while ``state`` has ``picking`` {"type": "point", "lat": ...,
    "lon": ...}. Pan, zoom, search and layers stay in the browser. A part whose
    text the page has had before may come by its key alone; ``{"store": True, "parts": [...]}`` only keeps texts for
    another component on the page, so that what never changes is sent once.
    """
    leaflet = (
        "const assetmapLeaflet = (() => { const module = { exports: {} }; const exports = module.exports;\n"
        f"{scripts.leaflet_script()}\nreturn module.exports; }})();"
    )
    return MappingProxyType(
        {
            "html": '<div class="am-here"></div>',
            "css": scripts.map_styles(),
            # The line break tells Streamlit that this is a script and not the name of a file.
            "js": "\n".join([leaflet, scripts.map_script(), scripts.read_part("component.js")]) + "\n",
        }
    )
