"""Bring a catalogue of another language up to date: every message is in it, and what changed in English is marked.

Usage: ``python scripts/messages.py cy``, or ``--only-translated`` to leave out what nobody has translated.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from assetmap.catalogue import load_catalogue
from assetmap.languages import LOCALE
from assetmap.maps.style import SYMBOLS

PACKAGE = Path(__file__).resolve().parent.parent / "assetmap"


def gather() -> dict[str, str]:
    """Return every message by its id: sentences, kinds of place, and the nouns that are counted."""
    found = dict(tomllib.loads((PACKAGE / "sentences.toml").read_text(encoding="utf-8")))
    found |= dict(_layers())
    for path in sorted(PACKAGE.rglob("*.py")):
        found |= dict(_nouns(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def _layers() -> Iterator[tuple[str, str]]:
    """Yield what the layer files and the kinds are called."""
    layers = load_catalogue()
    for category in layers.categories.values():
        yield f"category-{category.id}", category.label
    for theme in layers.themes.values():
        yield f"theme-{theme.id}", theme.label
        yield f"theme-name-{theme.id}", theme.sentence_name
    for indicator in layers.indicators.values():
        yield f"indicator-{indicator.id}", indicator.label
        yield f"indicator-says-{indicator.id}", indicator.sentence
    for index in layers.indices.values():
        yield f"index-{index.id}", index.label
    for measured in (*layers.indicators.values(), *layers.indices.values()):
        yield f"of-{measured.population}", measured.population
    for kind, symbol in SYMBOLS.items():
        yield f"kind-{kind}", symbol.label


def _nouns(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        is_count = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "count"
        if is_count and len(node.args) > 1 and all(isinstance(word, ast.Constant) for word in node.args[1:]):
            one, *many = (word.value for word in node.args[1:])
            if isinstance(one, str):
                yield f"noun-{one}", f"{one};{many[0] if many else one + 's'}"


def renew(old: Catalog, messages: dict[str, str], *, only_translated: bool) -> Catalog:
    """Return a catalogue with every message; a translation of another English text is kept and marked as unsure."""
    known = {message.context: message for message in old if message.context}
    made = Catalog(
        locale=old.locale,
        header_comment=old.header_comment,
        project="assetmap",
        version="1",
        msgid_bugs_address="none",
        last_translator=old.last_translator,
        language_team=old.language_team,
        creation_date=old.creation_date,
        revision_date=old.revision_date,
        fuzzy=False,
    )
    for name, english in sorted(messages.items()):
        before = known.get(name)
        said = before.string if before else ""
        if said or not only_translated:
            is_unsure = bool(before and said and (before.fuzzy or before.id != english))
            made.add(english, said, context=name, flags=["fuzzy"] if is_unsure else [])
    return made


def main(arguments: list[str]) -> int:
    """Renew the catalogues that are named."""
    for language in [word for word in arguments if not word.startswith("-")]:
        path = LOCALE / language / "LC_MESSAGES" / "assetmap.po"
        with path.open("rb") as file:
            old = read_po(file)
        made = renew(old, gather(), only_translated="--only-translated" in arguments)
        with path.open("wb") as file:
            write_po(file, made, width=0, omit_header=False, include_previous=False)
        translated = sum(bool(message.string) for message in made if message.context)
        print(f"{language}: {translated} of {len(gather())} messages are said in it")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
