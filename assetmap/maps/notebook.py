"""The folium map, for notebooks: ``assetmap.maps.notebook.draw_map(study)``.

folium renders every string as a template on the server, so no text of a user ever reaches it: data enters as base64,
whose letters mean nothing to a template. Neither the app nor an exported page needs folium, which takes as long to
import as a map to draw; nothing but this module imports it.
"""

from __future__ import annotations

from typing import Any

import folium
from branca.element import Element, MacroElement
from folium.template import Template

from assetmap import text
from assetmap.errors import OurError
from assetmap.maps import payload, scripts
from assetmap.maps.web import describe, pack_streets
from assetmap.study import Study

__all__ = ["AssetLayer", "ZoneLayer", "draw_map", "empty_map"]

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


def draw_map(study: Study) -> folium.Map:
    """Return a study as a folium map, for notebooks; show it, save it, or add folium's own layers to it."""
    about = describe(study)
    gaps = study.gaps.assign(steadiness=study.steadiness)
    canvas = empty_map()
    ground = payload.with_outlines(study.ground, study.assets)
    ZoneLayer(payload.pack(ground, pack_streets(study), study.zones, gaps, None, about), talks=True).add_to(canvas)
    AssetLayer(payload.pack(None, None, None, None, study.assets, about)).add_to(canvas)
    return canvas
