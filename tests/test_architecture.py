"""The river: what may import what, and who may do what, held by reading the code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "assetmap"
MODULES = sorted(PACKAGE.rglob("*.py"))
LAZY = {"esda", "libpysal", "spopt", "osmnx", "dask", "matplotlib"}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imports(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node, node.module.split(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_who_may_import_what(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    room = name_of(path)
    inside = {
        child
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.walk(function)
        if isinstance(child, ast.Import | ast.ImportFrom)
    }
    for node, package in imports(tree):
        if package == "streamlit":
            assert room.startswith("ui/"), "only ui knows Streamlit"
        if package == "folium":
            assert room == "maps/web.py", "only maps.web knows folium"
        if package in {"sqlite3", "sqlalchemy", "alembic", "pysqlite3"}:
            assert room.startswith("store/"), "only store opens the live database"
        assert (node in inside) == (package in LAZY), (
            f"{package}: heavy packages inside the function, others at the top"
        )


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_crs_reprojects_and_nothing_is_swallowed(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    room = name_of(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "to_crs":
            on_module = isinstance(node.func.value, ast.Name) and node.func.value.id in {"grids", "crs"}
            assert room == "crs.py" or on_module, f"{room}:{node.lineno} reprojects"
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{room}:{node.lineno} catches everything"
            assert getattr(node.type, "id", "") not in {"Exception", "BaseException"}, f"{room}:{node.lineno}"
