"""Each kind of bad file has a test that bears its code: A text in rows, B workbooks, C maps, D OpenStreetMap, F files.

They are told from the tests' own text, which takes a moment: names of functions, keys of tables of cases, and ids.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
KINDS = {
    "A": range(1, 27),
    "B": range(1, 13),
    "C": range(1, 32),
    "D": (1, 2, 3, 4, 5, 6, 8, 9),
    "F": (1, 2, 3, 4, 5, 6, 8),
}
#: Where the cases of a list are; those of a file of zones do not stand for them.
FILES = {
    "A": ("test_list_text.py", "test_list_understand.py"),
    "B": ("test_list_sheets.py", "test_list_understand.py"),
    "C": ("test_list_vector.py", "test_list_understand.py"),
    "D": ("test_bad_osm.py", "test_open_referral.py"),
    "F": ("test_exports.py", "test_bad_exports.py", "test_export_slides.py"),
}


@lru_cache
def named(file: str) -> frozenset[str]:
    found = set()
    for node in ast.walk(ast.parse((HERE / file).read_text(encoding="utf-8"))):
        words: list[object] = []
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            words = [part.upper() for part in node.name.split("_")]
        elif isinstance(node, ast.Dict):
            words = [getattr(key, "value", None) for key in node.keys]
        elif isinstance(node, ast.keyword) and node.arg == "id":
            words = [getattr(node.value, "value", None)]
        codes = (re.match(r"[A-F]\d+(?=[- ]|$)", word) for word in words if isinstance(word, str))
        found |= {code.group() for code in codes if code}
    return frozenset(found)


@pytest.mark.parametrize("code", [f"{kind}{number}" for kind, numbers in KINDS.items() for number in numbers])
def test_a_bad_input_has_a_test_of_its_name(code: str) -> None:
    assert any(code in named(file) for file in FILES[code[0]])
