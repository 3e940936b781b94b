"""One file for a phone without the internet: check what is known, add what is not, and save a file to send back.

The page allows itself nothing but what is inside it and asks nothing of any network. What is known travels as JSON
and is shown as text, whatever is written in it. What somebody answers stays on their phone until they send it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from assetmap import crs as grids
from assetmap import forms, text
from assetmap.catalogue import Catalogue
from assetmap.categories import Category
from assetmap.maps import style
from assetmap.maps.scripts import source_hash
from assetmap.schema import MADE_UP
from assetmap.store.files import write_text
from assetmap.suggest import search_terms

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".html"
LABEL: Final = "Form for a phone, without the internet (HTML)"

_HERE: Final = Path(__file__).parent
_OSM: Final = "openstreetmap"


def write(study: Study, path: Path) -> None:
    """Write the form with the assets this role may see: names, kinds and addresses, and nobody's contact.

    Raises
    ------
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    write_text(path, form_document(form_data(study)))


def form_data(study: Study) -> dict[str, Any]:
    """Return what the form knows, as JSON can hold it."""
    assets = study.assets[study.assets["same_as"].isna()]
    names = [_text(name).casefold() for name in assets["name"]]
    # Named ones by name, then the unnamed.
    assets = assets.iloc[sorted(range(len(names)), key=lambda row: (not names[row], names[row]))]
    categories = _categories(study.catalogue)
    return {
        "form": forms.FIELDFORM,
        "place": text.without_control(study.name),
        "made": study.as_of.isoformat(),
        "key": study.fingerprint[:16],
        "file": text.file_name(study.name, "", 40),
        "attribution": [text.without_control(source.attribution) for source in study.sources if _is_listed(source)],
        "categories": [{"id": c.id, "label": c.label, "terms": search_terms(c)} for c in categories],
        "questions": [_question(question) for question in _asked()],
        "assets": _columns(assets, study),
    }


def _is_listed(source: Any) -> bool:
    return source.id == _OSM or source.id in ("own-records", MADE_UP)


def _asked() -> list[forms.Question]:
    # When something was last found right is today, and a check says it.
    return [question for question in forms.QUESTIONS if question.field != "last_checked"]


def _question(question: forms.Question) -> dict[str, Any]:
    return {
        "field": question.field,
        "heading": question.heading,
        "hint": question.hint,
        "answer": question.answer,
        "choices": list(question.choices.items()),
        "short": question.short,
    }


def _columns(assets: pd.DataFrame, study: Study) -> dict[str, list[Any]]:
    """Return the assets column by column, which is shorter than row by row."""
    places = {category.id: number for number, category in enumerate(_categories(study.catalogue))}
    records = [{str(name): value for name, value in row.items()} for row in assets.to_dict("records")]
    points = assets.geometry
    known = (points.notna() & ~points.is_empty).to_numpy()
    degrees = grids.unproject(points[known].x.to_numpy(), points[known].y.to_numpy(), points.crs)
    spots = iter([[round(lat * 1e5), round(lon * 1e5)] for lon, lat in degrees])
    return {
        "id": [str(key) for key in assets.index],
        "mark": [row["seen"] if row["source"] == _OSM else str(int(row["version"])) for row in records],
        "name": [_text(row["name"]) for row in records],
        "category": [places.get(row["category"], -1) for row in records],
        "address": [_text(row["address"]) for row in records],
        "checked": ["" if pd.isna(row["last_checked"]) else str(row["last_checked"])[:10] for row in records],
        "closed": [number for number, row in enumerate(records) if row["trust"] == 0],
        "spot": [next(spots) if there else 0 for there in known],
    }


def _categories(catalogue: Catalogue) -> list[Category]:
    return sorted((c for c in catalogue.categories.values() if not c.sensitive), key=lambda c: (c.label, c.id))


def _text(value: Any) -> str:
    return "" if value is None or value != value else text.without_control(str(value))


def form_document(data: dict[str, Any]) -> str:
    """Return the whole page as text; it asks nothing of any network and carries the policy that forbids it."""
    styles = style.css_tokens() + (_HERE / "fieldform.css").read_text(encoding="utf-8")
    script = (_HERE / "fieldform.js").read_text(encoding="utf-8")
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src {source_hash(script)}",
            f"style-src {source_hash(styles)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    title = text.html(text.say("field-title", name=data["place"]))
    parts = [
        "<!doctype html>",
        '<html lang="en-GB" class="am-root">',
        '<head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="format-detection" content="telephone=no">',
        f"<title>{title}</title>",
        f"<style>{styles}</style></head>",
        f"<body>{(_HERE / 'fieldform.page.html').read_text(encoding='utf-8')}",
        f'<script type="application/json" id="ff-data">{text.json_script(data)}</script>',
        f"<script>{script}</script>",
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"
