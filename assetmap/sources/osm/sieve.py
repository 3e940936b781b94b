"""What osmium is asked to do, in a process of its own: a file that makes it stop dead takes only this process along.

Nothing of assetmap is imported here: it would cost more than the work. The first argument says what is to be done.

``pack FILE``: write a file of any form that osmium reads to standard output as blocks that are not compressed.

``outline``: read lines of text from standard input (OPL, https://osmcode.org/opl-file-format/: relations and, in the
order of their ids, the ways they are made of with the positions of their nodes) and write ``<id> <WKB>`` for each
relation whose rings are whole.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import osmium

PACKED: Final = "pbf,pbf_compression=none,add_metadata=version+timestamp"
_BUFFER: Final = 4 * 1024 * 1024


def pack(path: str) -> None:
    """Write a file to standard output in the packed form."""
    with osmium.io.Reader(path) as opened:
        writer = osmium.SimpleWriter(osmium.io.File("-", PACKED), _BUFFER, opened.header())
        osmium.apply(opened, writer)
        writer.close()


def outline(lines: bytes) -> None:
    """Write the outlines of relations to standard output."""
    areas = osmium.area.AreaManager()
    # osmium keeps no hold of what it is handed: each link of a chain needs a name until the reading is over.
    first, second = osmium.io.FileBuffer(lines, "opl"), osmium.io.FileBuffer(lines, "opl")
    with osmium.io.Reader(first, osmium.osm.RELATION) as opened:
        osmium.apply(opened, areas.first_pass_handler())
    ready = osmium.BufferIterator()
    builder = areas.second_pass_to_buffer(ready)
    factory = osmium.geom.WKBFactory()
    with osmium.io.Reader(second, osmium.osm.WAY) as opened:
        for _ in osmium.OsmFileIterator(opened, builder):
            _write_ready(ready, factory)
    _write_ready(ready, factory)
    sys.stdout.flush()


def _write_ready(ready: Any, factory: Any) -> None:
    for area in ready:
        if area.from_way():
            continue
        try:
            shape = factory.create_multipolygon(area)
        except RuntimeError:
            # A ring that is none: the relation is counted as one without an outline.
            continue
        sys.stdout.write(f"{area.orig_id()} {shape}\n")


def main(arguments: Sequence[str]) -> None:
    """Do what is asked; end with 1 and the reason on standard error if that fails."""
    try:
        if arguments[0] == "pack":
            pack(arguments[1])
        else:
            outline(sys.stdin.buffer.read())
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as fault:
        sys.stderr.write(f"{fault}\n")
        sys.stderr.flush()
        # A writer that has failed fails again on the way out, which would end in an abort.
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
