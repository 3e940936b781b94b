"""All the data in one zip, for those who go on with it in programs of their own, with ``datapackage.json``.

Each file is also a format of its own. OpenStreetMap's rows and the community's own lie in layers of their own
throughout.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from assetmap import exports
from assetmap.exports._package import FILE, Part, describe
from assetmap.exports._zips import write_zip
from assetmap.store.files import replacing

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".zip"
LABEL: Final = "All the data (zip)"

#: What each file is called and the format that makes it.
FILES: Final = MappingProxyType(
    {
        "everything.gpkg": "gpkg",
        "areas.csv": "csv",
        "areas.geojson": "geojson",
        "areas.parquet": "parquet",
        "minutes.parquet": "minutes",
        "services.json": "hsds",
        "activities.ics": "ics",
        "map.kml": "kml",
        "open-me.ipynb": "notebook",
    }
)


def write(study: Study, path: Path) -> None:
    """Write every file and what describes them.

    Raises
    ------
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    with replacing(path) as working:
        listed = parts(study)
        held = {part.path: part.content for part in listed}
        write_zip(working, {FILE: describe(study, listed).encode(), **held}, study.as_of)


def parts(study: Study) -> list[Part]:
    """Return every file of the data, to be put into a pack."""
    made = []
    with TemporaryDirectory(prefix="assetmap-") as folder:
        for name, kind in FILES.items():
            file = Path(folder, name)
            exports.by_name(kind).write(study, file)
            made.append(Part(name, file.read_bytes(), kind))
    return made
