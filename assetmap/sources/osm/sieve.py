"""Sifts an OpenStreetMap file into lines of text, one an object; run as a process of its own.

osmium writes tens of thousands of objects as text in the time in which Python takes over a few thousand of them, and
a damaged file that makes it stop dead takes only this process along. Nothing of assetmap is imported here: it would
cost more than the sifting.

The lines are osmium's own (OPL, https://osmcode.org/opl-file-format/): tagged nodes with one of the keys asked for, all
ways with the positions of their nodes, all relations. Then ``a<id> <WKB>`` for each outline of a relation, and at
the end one line of JSON: how many nodes there were, how many of them tagged, and the header's box.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import osmium

FORMAT: Final = "opl,add_metadata=version+timestamp,locations_on_ways=true"
#: A sparse array keeps so many bytes for every node put into it: its size counts the nodes.
POSITION: Final = 16
_BUFFER: Final = 4 * 1024 * 1024
_NODE, _WAY, _RELATION = osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION


def sift(path: str, node_keys: Sequence[str], area_keys: Sequence[str], store: str) -> None:
    """Write what is asked for to standard output.

    Parameters
    ----------
    path
        The file.
    node_keys
        A node with none of these keys is only counted.
    area_keys
        A relation with none of these keys gets no outline.
    store
        Where positions are kept, in osmium's words: ``sparse_mem_array`` or ``sparse_file_array,FILE``.
    """
    outlines = osmium.area.AreaManager()
    members = _members(path, area_keys, outlines)
    positions = osmium.index.create_map(store)
    tagged = _write_objects(path, node_keys, positions)
    _write_outlines(path, members, outlines, positions)
    with osmium.io.Reader(path, osmium.osm.NOTHING) as opened:
        box = opened.header().box()
    corners = [box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat] if box.valid() else None
    nodes = positions.used_memory() // POSITION
    _say(json.dumps({"nodes": nodes, "tagged": tagged, "box": corners}))


def _members(path: str, area_keys: Sequence[str], outlines: Any) -> set[int]:
    """Return the ways of which the relations to be outlined are made."""
    # osmium keeps no hold of what it is handed: each link of a chain needs a name until the reading is over.
    outlined = osmium.filter.TagFilter(("type", "multipolygon"))
    keys = osmium.filter.KeyFilter(*area_keys)
    builder = outlines.first_pass_handler()
    found: set[int] = set()
    with osmium.io.Reader(path, _RELATION) as opened:
        for relation in osmium.OsmFileIterator(opened, outlined, keys, builder):
            if isinstance(relation, osmium.osm.Relation):
                found.update(member.ref for member in relation.members if member.type == "w")
    return found


def _write_objects(path: str, node_keys: Sequence[str], positions: Any) -> int:
    """Write nodes, ways and relations; return how many nodes have tags."""
    placed = osmium.NodeLocationsForWays(positions)
    placed.ignore_errors()
    with_tags = osmium.filter.EmptyTagFilter()
    with_tags.enable_for(_NODE)
    tagged = osmium.index.create_map("sparse_mem_array")
    counter = osmium.NodeLocationsForWays(tagged)
    counter.apply_nodes_to_ways = False
    keys = osmium.filter.KeyFilter(*node_keys)
    keys.enable_for(_NODE)
    writer = osmium.SimpleWriter(osmium.io.File("-", FORMAT), _BUFFER)
    with osmium.io.Reader(path) as opened:
        osmium.apply(opened, placed, with_tags, counter, keys, writer)
    writer.close()
    return int(tagged.used_memory() // POSITION)


def _write_outlines(path: str, members: set[int], outlines: Any, positions: Any) -> None:
    if not members:
        return
    placed = osmium.NodeLocationsForWays(positions)
    placed.ignore_errors()
    only = osmium.filter.IdFilter(members)
    ready = osmium.BufferIterator()
    builder = outlines.second_pass_to_buffer(ready)
    factory = osmium.geom.WKBFactory()
    with osmium.io.Reader(path, _WAY) as opened:
        for _ in osmium.OsmFileIterator(opened, placed, only, builder):
            _write_ready(ready, factory)
    _write_ready(ready, factory)


def _write_ready(ready: Any, factory: Any) -> None:
    for area in ready:
        if area.from_way():
            continue
        try:
            shape = factory.create_multipolygon(area)
        except RuntimeError:
            # A ring that is none: the relation is counted as one without an outline.
            continue
        _say(f"a{area.orig_id()} {shape}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main(arguments: Sequence[str]) -> None:
    """Sift as the one argument says, in JSON; end with 1 and the reason on standard error if that fails."""
    try:
        sift(**json.loads(arguments[0]))
        sys.stdout.flush()
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as fault:
        sys.stderr.write(f"{fault}\n")
        sys.stderr.flush()
        # A writer that has failed fails again on the way out, which would end in an abort.
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
