"""How the layers of a GeoPackage look in QGIS: its table ``layer_styles``, one default style for each layer drawn.

QGIS reads it by itself when a layer is opened. The colours are those of the map on screen and on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import pandas as pd

from assetmap import text
from assetmap.maps import style

LAYER: Final = "layer_styles"
#: The column that QGIS counts its styles by.
KEY: Final = "id"

_QML: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_HATCHED: Final = {"style": "f_diagonal"}


def layer_styles(day: date) -> pd.DataFrame:
    """Return the table, made on a day: the zones by what was found, the assets by their kind.

    Examples
    --------
    >>> layer_styles(date(2026, 3, 1))[["f_table_name", "useAsDefault"]].values.tolist()
    [['zones', True], ['assets_openstreetmap', True], ['assets_own', True]]
    """
    zones, assets = _zones(), _assets()
    rows = [("zones", "gpkg-style-zones", zones)]
    rows += [(layer, "gpkg-style-assets", assets) for layer in ("assets_openstreetmap", "assets_own")]
    return pd.DataFrame(
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": [layer for layer, _, _ in rows],
            "f_geometry_column": "geom",
            "styleName": [text.say(said) for _, said, _ in rows],
            "styleQML": [qml for _, _, qml in rows],
            "styleSLD": "",
            "useAsDefault": True,
            "description": [text.say(said) for _, said, _ in rows],
            "owner": "",
            "ui": "",
            "update_time": pd.Timestamp(day),
        }
    )


def _zones() -> str:
    line = {"outline_color": _colour("casing"), "outline_width": "0.2"}
    made = [
        (name, label, _symbol("fill", "SimpleFill", {"color": _colour(name), **line}, style.ZONE_OPACITY))
        for name, label in style.class_words().items()
        if name != "none"
    ]
    nothing = {"style": "no", **line}
    made.append(("none", style.class_words()["none"], _symbol("fill", "SimpleFill", nothing, 1.0)))
    hatched = {"color": _colour("state"), **_HATCHED, **line}
    made += [(name, label, _symbol("fill", "SimpleFill", hatched, 1.0)) for name, label in style.state_words().items()]
    return _categorised('if("state" = \'ok\', "class", "state")', made)


def _assets() -> str:
    made = []
    for kind, symbol in style.SYMBOLS.items():
        look = {
            "name": symbol.shape,
            "color": _colour(symbol.token),
            "outline_color": _colour("rim"),
            "outline_width": "0.3",
            "size": "2.8",
        }
        made.append((kind, symbol.label, _symbol("marker", "SimpleMarker", look, 1.0)))
    return _categorised("kind", made)


def _colour(token: str) -> str:
    """Return a colour as QGIS writes it.

    Examples
    --------
    >>> _colour("priority")
    '64,30,112,255'
    """
    colour = style.LIGHT[token]
    return ",".join([*(str(int(colour[start : start + 2], 16)) for start in (1, 3, 5)), "255"])


def _symbol(kind: str, layer: str, look: Mapping[str, str], opacity: float) -> str:
    options = "".join(f'<Option name="{name}" type="QString" value="{value}"/>' for name, value in look.items())
    return (
        f'<symbol type="{kind}" name="%s" alpha="{opacity:g}" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{layer}" pass="0" locked="0" enabled="1"><Option type="Map">{options}</Option></layer></symbol>'
    )


def _categorised(field: str, made: Iterable[tuple[str, str, str]]) -> str:
    listed = list(made)
    categories = "".join(
        f'<category value="{name}" type="string" label="{text.html(label)}" symbol="{number}" render="true"/>'
        for number, (name, label, _) in enumerate(listed)
    )
    symbols = "".join(symbol % number for number, (_, _, symbol) in enumerate(listed))
    return (
        f'{_QML}<qgis version="3.28.0" styleCategories="Symbology">'
        f'<renderer-v2 type="categorizedSymbol" attr="{text.html(field)}" enableorderby="0" forceraster="0" '
        f'symbollevels="0"><categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2></qgis>'
    )
