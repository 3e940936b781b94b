"""The web map's doors: a folium map for notebooks, texts for the app's component, the page for a file.

All three draw the same payload with the same script. folium renders every string as a template on the server, so no
text of a user ever reaches it: data enters as base64, whose letters mean nothing to a template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import folium
from branca.element import Element, MacroElement
from folium.template import Template

from assetmap import text
from assetmap.catalogue import Source
from assetmap.errors import OurError
from assetmap.maps import payload, scripts
from assetmap.maps.document import Page, map_document
from assetmap.study import Study

__all__ = [
    "AssetLayer",
    "Page",
    "ZoneLayer",
    "component_assets",
    "draw_map",
    "empty_map",
    "map_document",
    "pack_base",
    "pack_findings",
    "pack_study",
]

_SHORT_LICENCES = MappingProxyType({"Open Database Licence 1.0": "ODbL", "Open Government Licence v3.0": "OGL v3.0"})
_SHORT_PUBLISHERS = MappingProxyType(
    {"Office for National Statistics": "ONS", "Ministry of Housing, Communities and Local Government": "MHCLG"}
)
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
_FOLIUM = """
function assetmapOn(map, name) {
  map.assetmapParts = map.assetmapParts || [];
  map.assetmapParts.push(JSON.parse(document.getElementById(name).textContent));
  clearTimeout(map.assetmapSoon);
  map.assetmapSoon = setTimeout(() => {
    const root = document.createElement("div");
    root.className = "am-over-map";
    map.getContainer().append(root);
    L.DomEvent.disableClickPropagation(root).disableScrollPropagation(root);
    const finding = map.assetmapParts.some((part) => part.talks);
    const state = { layer: finding ? "talk" : "strengths" };
    assetmapMount(root, map.assetmapParts.map((part) => part.packed), { map, fit: true, table: false, state });
  }, 0);
}
"""


class _PackedLayer(MacroElement):
    """A part of the picture on a folium map, carried as base64 in a JSON element."""

    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <script type="application/json" id="{{ this.get_name() }}">{{ this.data }}</script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        assetmapOn({{ this._parent.get_name() }}, "{{ this.get_name() }}");
        {% endmacro %}
        """
    )

    def __init__(self, packed: str, talks: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        if not _BASE64.issuperset(packed):
            raise OurError("only packed text may reach folium", do="pack it with maps.payload.pack")
        self._name = type(self).__name__
        self.data = text.json_script({"packed": packed, "talks": talks})


class ZoneLayer(_PackedLayer):
    """Ground, streets and zones, packed without assets."""


class AssetLayer(_PackedLayer):
    """Assets, packed without the rest."""


def empty_map(height: str = "640px") -> folium.Map:
    """Return a folium map that asks nothing of any network: no tiles, Leaflet and our script inlined.

    Any folium layer can be added to it as usual; what needs tiles or pictures from elsewhere brings its own requests.
    """
    canvas = folium.Map(tiles=None, zoom_control=False, height=height, attribution_control=False, zoom_snap=0.25)
    canvas.default_js, canvas.default_css = [], []
    root: Any = canvas.get_root()
    head = root.header
    icons = "Object.assign(L.Icon.Default.prototype.options, " + text.json_script(scripts.marker_pictures()) + ");"
    script = [scripts.leaflet_script(), icons + 'L.Icon.Default.imagePath = "";', scripts.map_script(), _FOLIUM]
    over = ".am-over-map{position:absolute;inset:0;z-index:450;pointer-events:none;background:none}"
    over += ".am-over-map .am-frame{height:100%;background:none}.am-over-map .am-frame>*{pointer-events:auto}"
    over += ".am-over-map .am-foot,.am-over-map .am-rover,.am-over-map .am-tip{pointer-events:none}"
    head.add_child(Element(_raw("style", scripts.map_styles() + over)), name="assetmap-style")
    head.add_child(Element(_raw("script", "\n".join(script))), name="assetmap-script")
    return canvas


def _raw(tag: str, content: str) -> str:
    """Return an element of our own text that passes folium's template engine untouched."""
    if "endraw" in content:
        raise OurError("our own script ends the template's raw block", do="rename what holds 'endraw'")
    return f"{{% raw %}}<{tag}>{content}</{tag}>{{% endraw %}}"


def pack_study(study: Study) -> str:
    """Return a study packed for any of the doors, the same text for the same study."""
    return payload.pack(
        study.ground,
        _streets(study),
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
    return payload.pack(payload.with_outlines(study.ground, study.assets), _streets(study), None, None, None, {})


def describe(study: Study) -> dict[str, Any]:
    """Return what a map says of itself and the words for its categories and themes."""
    categories = {
        category.id: {"label": category.label, "theme": category.theme}
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


def _streets(study: Study) -> Any:
    return payload.merge_streets(study.nodes, study.edges, study.crs) if len(study.edges) else None


def draw_map(study: Study) -> folium.Map:
    """Return a study as a folium map, for notebooks; show it, save it, or add folium's own layers to it."""
    about = describe(study)
    gaps = study.gaps.assign(steadiness=study.steadiness)
    canvas = empty_map()
    ground = payload.with_outlines(study.ground, study.assets)
    ZoneLayer(payload.pack(ground, _streets(study), study.zones, gaps, None, about), talks=True).add_to(canvas)
    AssetLayer(payload.pack(None, None, None, None, study.assets, about)).add_to(canvas)
    return canvas


def component_assets() -> Mapping[str, str]:
    """Return ``html``, ``css`` and ``js`` for ``st.components.v2.component(name, **component_assets())``.

    Mount it with ``data={"parts": [{"key": fingerprint, "text": packed}], "state": {...}, "height": 640,
    "options": {...}}`` and ``on_chosen_change=...``: one click or one Enter gives one trigger, ``chosen`` =
    {"type": "zone" | "asset" | "clear", "id": ...}. Pan, zoom, search and layers stay in the browser. A part whose
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
