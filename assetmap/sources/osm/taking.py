"""What becomes of each object of one OpenStreetMap file, some thousand at a time.

What is decided of an object by its tags is decided once for all that are tagged alike; where its nodes are is looked
up for all ways of a group at once. The outlines of relations come last: osmium makes them, in a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from assetmap.catalogue import Catalogue
from assetmap.errors import FileRefusedError
from assetmap.schema import Step
from assetmap.sources.osm import tally
from assetmap.sources.osm.child import WAY, Outliner, lines_of_relations, lines_of_ways, refusal
from assetmap.sources.osm.extract import Extract
from assetmap.sources.osm.ground import GROUND_TAGS, Column, Ground, detail_of, ground_layer
from assetmap.sources.osm.kinds import Judged, Kind, Kinds, values_of, words_of
from assetmap.sources.osm.landmarks import Landmarks
from assetmap.sources.osm.lines import Lines
from assetmap.sources.osm.packed import NOWHERE, PER_DEGREE, Objects, read_packed
from assetmap.sources.osm.places import Places, Thing, thing_of
from assetmap.sources.osm.positions import Positions
from assetmap.sources.osm.shapes import Box
from assetmap.sources.osm.streets import Streets
from assetmap.sources.osm.varints import Integers

#: So many ways wait before what lies outside the place is let go of.
BATCH: Final = 100_000

Flags = NDArray[np.bool_]
#: Opens a file as blocks of the packed form, from its beginning.
Opened = Callable[[], AbstractContextManager[IO[bytes]]]


@dataclass
class Taker:
    """Takes objects group by group and keeps what the tables need; every object ends in exactly one count."""

    name: str
    catalogue: Catalogue
    within: Box
    outliner: Outliner
    ground: Ground
    #: Where to put what is too large for memory; None for a file that is not.
    folder: Path | None
    counts: tally.Counts = field(default_factory=tally.Counts)
    places: Places = field(default_factory=Places)
    #: Relations to be outlined, with the category that takes each (None: ground only).
    wanted: dict[int, tuple[str | None, Thing]] = field(default_factory=dict)
    wanted_text: list[str] = field(default_factory=list)
    wanted_ways: list[Integers] = field(default_factory=list)
    #: All ways, kept for the relations unless that is too much.
    kept: list[Objects] = field(default_factory=list)
    box: Box | None = None
    read_so_far: int = 0
    ways: int = 0
    batches: int = 0

    def __post_init__(self) -> None:
        self.kinds, self.positions = Kinds(self.catalogue), Positions(self.folder)
        self.streets, self.landmarks = Streets(self.within), Landmarks(self.within)
        self.seen: set[str] = set()
        self.last_way = -1

    def read(self, opened: Opened) -> Generator[Step, None, None]:
        """Take the whole file, with a step for each so many ways."""
        take = {"n": self.take_nodes, "w": self.take_ways, "r": self.take_relations}
        with opened() as stream:
            for part in read_packed(stream):
                if not isinstance(part, Objects):
                    self.box = part
                    continue
                take[part.kind](part)
                self.read_so_far += len(part.ids)
                if self.ways >= BATCH * (1 + self.batches):
                    self.streets.settle()
                    self.ground.settle()
                while self.ways >= BATCH * (1 + self.batches):
                    self.batches += 1
                    yield Step("osm-so-far", self.batches * BATCH)
        self._ask_for_outlines(opened)

    def take_nodes(self, nodes: Objects) -> None:
        """Keep where nodes are, those that stop wheels, and assets."""
        self.positions.add(nodes.ids, nodes.x, nodes.y)
        self.landmarks.keep_of(nodes)
        judged = self.kinds.of(nodes)
        self.streets.stops.append(nodes.ids[judged.are(lambda kind: kind.stops_wheels)])
        taken = judged.are(lambda kind: kind.category or kind.hidden)
        tagged = np.diff(nodes.tags.starts) > 0
        self.counts.left_out[tally.UNTAGGED] += int((~tagged).sum())
        self.counts.left_out[tally.NO_CATEGORY] += int((tagged & ~taken).sum())
        at = np.flatnonzero(taken)
        for place, kind in zip(at.tolist(), judged.of(at), strict=True):
            self._take_node(nodes, place, kind)

    def _take_node(self, nodes: Objects, at: int, kind: Kind) -> None:
        name = f"n{nodes.ids[at]}"
        x, y = int(nodes.x[at]), int(nodes.y[at])
        if name.startswith("n-"):
            raise self._refusal_of_new(name)
        if name in self.seen:
            self.counts.left_out[tally.REPEATED] += 1
        elif kind.category is None:
            self.counts.left_out[tally.HIDDEN] += 1
        elif NOWHERE in {x, y}:
            self.counts.left_out[tally.NO_POSITION] += 1
        elif not self.is_inside(x / PER_DEGREE, y / PER_DEGREE):
            self.counts.left_out[tally.OUTSIDE] += 1
        else:
            self.counts.matched += 1
            self.places.keep(kind.category, thing_of(nodes, at), (x / PER_DEGREE, y / PER_DEGREE))
        self.seen.add(name)

    def is_inside(self, lon: float, lat: float) -> bool:
        """Tell whether a point in degrees lies in the place."""
        west, south, east, north = self.within
        return west <= lon <= east and south <= lat <= north

    def take_ways(self, ways: Objects) -> None:
        """Keep each way as an asset, as a street, as ground, or count it as left out."""
        self._check_order(ways.ids)
        if self.folder is None:
            self.kept.append(ways)
        judged, lines = self.kinds.of(ways), self._lines(ways)
        hidden, taken = judged.are(lambda kind: kind.hidden), judged.are(lambda kind: kind.category)
        streets = judged.are(lambda kind: kind.street) & ~hidden
        self._take_streets(ways, lines, judged, streets)
        self._count(tally.HIDDEN, hidden)
        self._count(tally.STREET, streets & ~taken)
        rest = ~hidden & ~(streets & ~taken)
        closed = lines.are_closed()
        drawn = np.where(closed, judged.are(lambda kind: kind.closed_layer), judged.are(lambda kind: kind.open_layer))
        lines = lines.without_loose_ends()
        broken = lines.are_broken()
        self.counts.notes[tally.BROKEN_WAYS] += int((rest & broken).sum())
        tagged, some = np.diff(ways.tags.starts) > 0, taken | drawn
        self._count(tally.NO_CATEGORY, rest & ~some & tagged)
        self._count(tally.UNTAGGED, rest & ~some & ~tagged)
        self._count(tally.NODES_MISSING, rest & some & broken)
        places, ground = rest & taken & ~broken, rest & drawn & ~taken & ~broken
        self._take_places(ways, lines, judged, places)
        self._take_ground(ways, lines.of(ground), judged, ground)

    def _lines(self, ways: Objects) -> Lines:
        x, y = self.positions.find(ways.refs)
        if ((x != NOWHERE) & ((np.abs(x) > 180 * PER_DEGREE) | (np.abs(y) > 90 * PER_DEGREE))).any():
            raise refusal(self.name, b"", "invalid location")
        return Lines(ways.ids, ways.refs, np.column_stack([x, y]), ways.sizes)

    def _count(self, reason: str, which: Flags) -> None:
        self.counts.left_out[reason] += int(which.sum())

    def _take_streets(self, ways: Objects, lines: Lines, judged: Judged, chosen: Flags) -> None:
        if not chosen.any():
            return
        kinds = [kind.street for kind in judged.of(chosen) if kind.street is not None]
        self.counts.notes.update(kind.note for kind in kinds)
        self.streets.keep(lines.of(chosen), kinds, values_of(ways, "name", chosen))

    def _take_places(self, ways: Objects, lines: Lines, judged: Judged, chosen: Flags) -> None:
        at = np.flatnonzero(chosen)
        if not len(at):
            return
        self.counts.matched += len(at)
        categories = [kind.category or "" for kind in judged.of(at)]
        self.places.keep_ways(categories, [thing_of(ways, place) for place in at.tolist()], lines.of(at))

    def _take_ground(self, ways: Objects, lines: Lines, judged: Judged, chosen: Flags) -> None:
        self._count(tally.GROUND, chosen)
        kinds, places = judged.kinds, judged.places[chosen]
        layers = [kind.closed_layer for kind in kinds] + [kind.open_layer for kind in kinds]
        columns: list[Column] = [
            (layers, np.where(lines.are_closed(), places, places + len(kinds))),
            ([kind.detail for kind in kinds], places),
            *((ways.strings, words_of(ways, key, chosen)) for key in GROUND_TAGS),
        ]
        self.ground.keep_ways(lines, columns)

    def _check_order(self, ids: Integers) -> None:
        self.ways += len(ids)
        before = np.concatenate([[self.last_way], ids[:-1]])
        wrong = np.flatnonzero((ids < 0) | (ids <= before))
        self.last_way = int(ids[-1])
        if not len(wrong):
            return
        way, last = int(ids[wrong[0]]), int(before[wrong[0]])
        if way < 0:
            raise self._refusal_of_new(f"w{way}")
        if way == last:
            raise self._refusal_of_versions(f"w{way}")
        found = f"way {way} after way {last}"
        raise FileRefusedError(
            "is not in the order of OpenStreetMap's ids", self.name, found, "sort it with: osmium sort"
        )

    def take_relations(self, relations: Objects) -> None:
        """Count each relation, or remember it until its outline comes."""
        judged = self.kinds.of(relations)
        tagged = np.diff(relations.tags.starts) > 0
        chosen = []
        for at, kind in enumerate(judged.of(slice(None))):
            name = f"r{relations.ids[at]}"
            if name in self.seen:
                raise self._refusal_of_versions(name)
            self.seen.add(name)
            outlined = kind.tags.get("type") == "multipolygon"
            if kind.hidden:
                self.counts.left_out[tally.HIDDEN] += 1
            elif kind.category is None and not (outlined and ground_layer(kind.tags)):
                self.counts.left_out[tally.NO_CATEGORY if tagged[at] else tally.UNTAGGED] += 1
            elif not outlined:
                self.counts.left_out[tally.NO_OUTLINE] += 1
            else:
                chosen.append(at)
                self.wanted[int(relations.ids[at])] = kind.category, thing_of(relations, at)
        self.wanted_text.extend(lines_of_relations(relations, chosen))
        members = np.isin(np.repeat(np.arange(len(relations.ids)), relations.sizes), chosen)
        self.wanted_ways.append(relations.refs[members & (relations.kinds == WAY)])

    def _ask_for_outlines(self, opened: Opened) -> None:
        if not self.wanted:
            return
        members = np.unique(np.concatenate(self.wanted_ways))
        text = self.wanted_text
        with opened() if self.folder is not None else nullcontext() as stream:
            for ways in self.kept if stream is None else read_packed(stream):
                if isinstance(ways, Objects) and ways.kind == "w":
                    text.extend(lines_of_ways(self._lines_of(ways, np.isin(ways.ids, members))))
        self.outliner.ask("".join(text).encode())
        self.kept.clear()

    def _lines_of(self, ways: Objects, chosen: Flags) -> Lines:
        nowhere = np.zeros((len(ways.refs), 2), dtype=np.int32)
        lines = Lines(ways.ids, ways.refs, nowhere, ways.sizes).of(chosen)
        return replace(lines, places=np.column_stack(self.positions.find(lines.refs)))

    def _take_outlines(self) -> None:
        """Keep the outlines of the relations that are wanted."""
        for ident, shape in self.outliner.outlines():
            category, thing = self.wanted.pop(ident)
            if category is None:
                self.counts.left_out[tally.GROUND] += 1
                tags = thing.tags
                self.ground.keep_area((ground_layer(tags), detail_of(tags), *map(tags.get, GROUND_TAGS)), shape)
            else:
                self.counts.matched += 1
                self.places.keep(category, thing, shape)

    def finish(self, crs: CRS) -> Extract:
        """Return the tables in the working system, and the tally."""
        left_out = self.counts.left_out
        nodes, edges = self.streets.tables(crs)
        self._take_outlines()
        features, lost = self.places.table(crs, self.within)
        ground, points = self.ground.table()
        left_out[tally.BROKEN_RING] += len(self.wanted)
        outside = len(self.places.rows) - len(features) - lost
        left_out[tally.OUTSIDE] += outside
        left_out[tally.NODES_MISSING] += lost
        self.counts.matched -= outside + lost
        left_out[tally.GROUND] -= points
        left_out[tally.NODES_MISSING] += points
        self.counts.notes[tally.BROKEN_WAYS] += lost + points
        return Extract(
            features=features,
            nodes=nodes,
            edges=edges,
            ground=ground,
            landmarks=self.landmarks.table(crs),
            box=self.box,
            newest=self.places.newest,
            tally=self.counts.tally(self.read_so_far),
        )

    def _refusal_of_versions(self, name: str) -> FileRefusedError:
        return FileRefusedError(
            "holds one object more than once: a history, or two extracts put one after the other",
            self.name,
            _said(name),
            "give a plain extract, or join several with: osmium merge",
        )

    def _refusal_of_new(self, name: str) -> FileRefusedError:
        return FileRefusedError(
            "holds objects that are not in OpenStreetMap yet",
            self.name,
            _said(name),
            "upload or delete them in your editor and save the file again",
        )


def _said(name: str) -> str:
    kind = {"n": "node", "w": "way", "r": "relation"}[name[:1]]
    return f"{kind} {name[1:]}"
