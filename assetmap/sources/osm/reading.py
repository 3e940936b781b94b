"""One OpenStreetMap file, opened as blocks: by ourselves where it is packed in the usual form, by osmium else."""

from __future__ import annotations

import errno
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pyproj import CRS

from assetmap.catalogue import Catalogue
from assetmap.errors import FileRefusedError
from assetmap.schema import Step
from assetmap.sources.osm.child import Outliner, packed_by_osmium, refusal
from assetmap.sources.osm.extract import Extract
from assetmap.sources.osm.ground import Ground
from assetmap.sources.osm.shapes import Box
from assetmap.sources.osm.taking import Opened, Taker
from assetmap.sources.osm.varints import DamageError

KIND: Final = "osm"
ENDINGS: Final = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
#: Positions of the nodes of a larger file lie on disk instead of in memory: 16 bytes each, some 100 a kilobyte.
LARGE: Final = 150_000_000


def read_extract(path: Path, catalogue: Catalogue, crs: CRS, within: Box) -> Extract:
    """Read an OpenStreetMap file.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.
    catalogue
        Whose categories say which objects are assets.
    crs
        The workspace's system; every geometry returned lies in it, in metres.
    within
        West, south, east, north in degrees: what lies wholly outside is counted and left out.

    Raises
    ------
    FileRefusedError
        If the ending is none of these, the file is cut short, is not what its ending says, is not in the order of
        OpenStreetMap's ids, or holds several versions of one object.
    """
    steps = read_in_steps(path, catalogue, crs, within)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            read: Extract = end.value
            return read


def read_in_steps(path: Path, catalogue: Catalogue, crs: CRS, within: Box) -> Generator[Step, None, Extract]:
    """Read an OpenStreetMap file as :func:`read_extract` does, yielding a step for each so many objects read."""
    if not path.name.lower().endswith(ENDINGS):
        raise FileRefusedError(
            "is not an OpenStreetMap file by its ending", path.name, do=f"give a file that ends in {', '.join(ENDINGS)}"
        )
    if not path.is_file():
        raise FileRefusedError("is not there", path.name, do="check the name and the folder")
    asked = _Asked(path, catalogue, crs, within)
    if path.name.lower().endswith(".pbf"):
        try:
            return (yield from asked.read(lambda: path.open("rb")))
        except DamageError:
            # A form that is seldom met, or damage: osmium has the last word below, and says what is wrong.
            pass
    return (yield from asked.read(lambda: packed_by_osmium(path)))


@dataclass(frozen=True)
class _Asked:
    """What to read, and for whom."""

    path: Path
    catalogue: Catalogue
    crs: CRS
    within: Box

    def read(self, opened: Opened) -> Generator[Step, None, Extract]:
        """Read the file, opened as blocks in one way or another."""
        name, large = self.path.name, self.path.stat().st_size >= LARGE
        with (
            TemporaryDirectory(prefix="assetmap-osm-") as folder,
            Outliner(name) as outliner,
            # Shapes are made and projected outside the interpreter: a second thread keeps a second core busy.
            ThreadPoolExecutor(max_workers=1) as beside,
        ):
            ground = Ground(self.within, self.crs, beside)
            taker = Taker(name, self.catalogue, self.within, outliner, ground, Path(folder) if large else None)
            try:
                yield from taker.read(opened)
            except OSError as fault:
                if fault.errno != errno.ENOSPC:
                    raise
                raise refusal(name, b"", str(fault)) from fault
            return taker.finish(self.crs)
