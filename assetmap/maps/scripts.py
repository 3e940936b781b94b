"""The texts a page needs to draw a map: Leaflet, our scripts, our style sheet, the typeface. Files, nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from assetmap import text
from assetmap.errors import OurError
from assetmap.maps import style

_HERE = Path(__file__).parent
#: In the order in which they lean on one another.
_PARTS = ("unpack.js", "paint.js", "labels.js", "controls.js", "board.js", "map.js")
_WEB_PARTS = (*_PARTS[:-1], "tieweb.js")


def read_part(name: str) -> str:
    """Return one of the scripts or style sheets beside this module."""
    return (_HERE / name).read_text(encoding="utf-8")


#: What the sentences that the scripts say begin with.
_SAID = ("map-", "style-")


def map_script() -> str:
    """Return our script: it defines ``assetmapMount(root, packed, options)`` and expects Leaflet as ``window.L``.

    Its words are those of the language of this block of work.
    """
    return "\n".join([*_tables(), _joined(_PARTS)])


def web_script() -> str:
    """Return the script of the web of ties: it defines ``assetmapMount`` as the map's does, and needs no Leaflet."""
    return "\n".join([*_tables(), _joined(_WEB_PARTS)])


def _tables() -> list[str]:
    tables = {"ASSETMAP_STYLE": style.as_json(), "ASSETMAP_WORDS": text.sentences_of(*_SAID)}
    return [
        f"const {name} = {json.dumps(table, separators=(',', ':'), ensure_ascii=False)};"
        for name, table in tables.items()
    ]


@lru_cache(maxsize=4)
def _joined(parts: tuple[str, ...]) -> str:
    return "\n".join(read_part(name) for name in parts)


@lru_cache(maxsize=1)
def map_styles() -> str:
    """Return Leaflet's style sheet, the palette and our own style sheet; nothing in them is fetched."""
    sheet = _leaflet_text("leaflet.css")
    # Its pictures belong to controls that are not used; its behaviour rule to browsers of another age.
    sheet = re.sub(r"[\w-]+:\s*url\([^)]*\);", "", sheet)
    return "\n".join([sheet, style.css_tokens(), read_part("map.css")])


@lru_cache(maxsize=1)
def web_styles() -> str:
    """Return the palette and the style sheets of the web of ties; nothing in them is fetched."""
    return "\n".join([style.css_tokens(), read_part("map.css"), read_part("tieweb.css")])


@lru_cache(maxsize=1)
def leaflet_script() -> str:
    """Return Leaflet 1.9 as a plain script that sets ``window.L``."""
    return _leaflet_text("leaflet.js").split("//# sourceMappingURL")[0]


@lru_cache(maxsize=1)
def marker_pictures() -> dict[str, str]:
    """Return the pictures of Leaflet's own marker as data addresses, for layers a notebook user adds."""
    names = {"iconUrl": "marker-icon.png", "iconRetinaUrl": "marker-icon-2x.png", "shadowUrl": "marker-shadow.png"}
    return {
        option: "data:image/png;base64," + base64.b64encode(_leaflet_file(f"images/{name}")).decode()
        for option, name in names.items()
    }


def _leaflet_text(name: str) -> str:
    # A page's parser turns CR LF into LF before it reckons hashes; so do we.
    return _leaflet_file(name).decode().replace("\r\n", "\n")


def _leaflet_file(name: str) -> bytes:
    found = find_spec("js_lib_leaflet")
    if found is None or found.origin is None:
        raise OurError("Leaflet's files are missing", "js_lib_leaflet", do="install django-js-lib-leaflet again")
    return (Path(found.origin).parent / "static" / "js_lib_leaflet" / name).read_bytes()


@lru_cache(maxsize=1)
def font_rule() -> str:
    """Return Source Sans as an inlined typeface, from the copy that Streamlit carries; empty if it carries none."""
    found = find_spec("streamlit")
    if found is None or found.origin is None:
        return ""
    files = sorted((Path(found.origin).parent / "static").glob("**/SourceSansVF-Upright*.woff2"))
    if not files:
        return ""
    data = base64.b64encode(files[0].read_bytes()).decode()
    return (
        '@font-face{font-family:"Source Sans 3";font-style:normal;font-weight:200 900;font-display:block;'
        f'src:url("data:font/woff2;base64,{data}") format("woff2")}}\n'
    )


def source_hash(content: str) -> str:
    """Return the word by which a Content-Security-Policy allows this very text.

    Examples
    --------
    >>> source_hash("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
