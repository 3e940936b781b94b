"""A look into somebody else's SQLite file: read-only, and never at what could run."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from assetmap.errors import FileRefusedError


def layers_with_shapes(path: Path) -> list[str]:
    """Return the names of a GeoPackage's tables with shapes, without reading a row of them.

    Views are left out: a view can be made to run for ever, or to show something else at each look.

    Raises
    ------
    FileRefusedError
        If the file is not a GeoPackage or is damaged.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            rows = database.execute(
                "SELECT c.table_name FROM gpkg_contents c JOIN gpkg_geometry_columns g USING (table_name)"
                " JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table' ORDER BY 1"
            ).fetchall()
    except sqlite3.Error as fault:
        do = "save it again from your map program"
        raise FileRefusedError("is not a GeoPackage, or is damaged", path.name, str(fault), do) from fault
    return [str(row[0]) for row in rows]
