"""The river: what may import what, and who may do what, held by reading the code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "assetmap"
MODULES = sorted(PACKAGE.rglob("*.py"))
#: Imported where they are used: the app would wait at its start for what only some of its work needs. scipy, folium
#: (in a module of its own) and alembic together cost as long as pandas and geopandas.
LAZY = {"PIL", "cryptography", "esda", "libpysal", "spopt", "osmnx", "dask", "matplotlib", "alembic", "rich"}
LAZY |= {"scipy", "babel"}


#: What nobody needs before the first map is drawn, and what reads the files of a new place: a third of the start.
NOT_AT_THE_START = {"sqlalchemy", "pyogrio", "osmium", "folium", "openpyxl"}
#: Rooms on the way to the first map, which load these of ours where they use them.
ON_THE_WAY = {
    "assets.py": ("assetmap.store.",),
    "study/tables.py": (
        "assetmap.store.assets",
        "assetmap.store.community",
        "assetmap.store.connections",
        "assetmap.store.names",
        "assetmap.sources.",
    ),
    "ui/opening.py": ("assetmap.ui.shell",),
    "store/workspace.py": ("assetmap.store.database", "assetmap.store.history", "assetmap.store.exchange"),
}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imports(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def is_lazy(room: str, name: str) -> bool:
    # The demo town and the steps of a database are loaded by themselves when they are wanted.
    by_itself = room.startswith(("demo/", "store/migrations/"))
    return (name.split(".")[0] in LAZY and not by_itself) or name.startswith(ON_THE_WAY.get(room, ("no room",)))


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
    for_types = {child for block in ast.walk(tree) if is_for_types(block) for child in ast.walk(block)}
    for node, name in imports(tree):
        package = name.split(".")[0]
        if package == "streamlit":
            assert room.startswith("ui/"), "only ui knows Streamlit"
        if package == "folium":
            assert room == "maps/notebook.py", "only maps.notebook knows folium"
        if package in {"sqlite3", "sqlalchemy", "alembic", "pysqlite3"}:
            # A stranger's GeoPackage is read in a process that cannot reach the live one.
            is_foreign = room == "sources/lists/geopackage.py"
            assert room.startswith("store/") or is_foreign, "only store opens the live database"
        # What is imported for the reader of types alone costs nothing when the program runs.
        is_right = node in for_types or (node in inside) == is_lazy(room, name)
        assert is_right, f"{name}: heavy packages inside the function, others at the top"


def loaded_by(start):
    """Return the modules, ours and others', that importing one of ours imports."""
    paths = {".".join(("assetmap", *path.relative_to(PACKAGE).with_suffix("").parts)): path for path in MODULES}
    paths |= {name.removesuffix(".__init__"): path for name, path in paths.items() if name.endswith(".__init__")}
    needed, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        needed.add(name)
        tree = ast.parse(paths[name].read_text(encoding="utf-8")) if name in paths else ast.Module([], [])
        later = {
            child
            for block in ast.walk(tree)
            if isinstance(block, ast.FunctionDef | ast.AsyncFunctionDef) or is_for_types(block)
            for child in ast.walk(block)
        }
        for node, found in imports(tree):
            parts = found.split(".")
            whole = [".".join(parts[: n + 1]) for n in range(len(parts))]
            waiting += [one for one in whole if node not in later and one not in needed]
    return needed


def test_the_app_draws_its_page_before_tables_and_shapes_are_loaded():
    needed = loaded_by("assetmap.ui.opening")
    assert {"assetmap.text", "assetmap.maps.style", "streamlit"} <= needed
    assert not needed & {"assetmap.ui.shell", "numpy", "pandas", "geopandas", "shapely", "pyproj", "pyarrow"}


def test_the_app_starts_without_what_its_first_page_does_not_need():
    needed = loaded_by("assetmap.ui.shell")
    assert {"assetmap.study.build", "streamlit", "geopandas"} <= needed
    assert not needed & NOT_AT_THE_START
    assert not needed & {"assetmap.intake", "assetmap.sources", "assetmap.naming", "assetmap.store.database"}


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
