"""What the tags of an object make of it.

Most objects of a town have the tags of some other: each set of tags that can matter is judged once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assetmap.catalogue import Catalogue
from assetmap.categories import NAME_KEYS
from assetmap.sources.osm.ground import GROUND_KEYS, detail_of, ground_layer, line_layer
from assetmap.sources.osm.packed import Objects
from assetmap.sources.osm.streets import STREET_KEYS, Street, street_of
from assetmap.sources.osm.varints import Integers
from assetmap.sources.osm.wheels import BARRIER_KEYS, stops_wheels

#: On which keys beside those of the catalogue something hangs: of nodes, ways and relations.
_KEYS: Final = {"n": BARRIER_KEYS, "w": GROUND_KEYS | STREET_KEYS, "r": GROUND_KEYS | {"type"}}
#: How a key is looked at: by whether it is there, by its value, or (as well) for the name that it holds.
_PRESENT, _VALUED, _NAME = 1, 2, 4


@dataclass(frozen=True)
class Kind:
    """What is made of all objects with the same tags that matter.

    ``category`` is the one that takes it; ``hidden`` says that it may not be kept. ``tags`` are those that matter.
    """

    category: str | None
    hidden: bool
    tags: Mapping[str, str]

    @cached_property
    def street(self) -> Street | None:
        """What it is as a street; None for what is none."""
        return street_of(self.tags) if "highway" in self.tags else None

    @cached_property
    def stops_wheels(self) -> bool:
        """Whether a node stops wheels."""
        return stops_wheels(self.tags)

    @cached_property
    def closed_layer(self) -> str | None:
        """The ground layer of a way that ends where it starts."""
        return ground_layer(self.tags) or line_layer(self.tags)

    @cached_property
    def detail(self) -> str:
        """What stands beside the layer."""
        return detail_of(self.tags)

    @cached_property
    def open_layer(self) -> str | None:
        """The ground layer of any other way."""
        return line_layer(self.tags)


@dataclass(frozen=True, eq=False)
class Judged:
    """The kinds of some objects: each is that of ``kinds`` at its place in ``places``."""

    kinds: list[Kind]
    places: Integers

    def are(self, so: Callable[[Kind], object]) -> NDArray[np.bool_]:
        """Tell for each object whether something holds of its kind."""
        return np.array([bool(so(kind)) for kind in self.kinds], dtype=bool)[self.places]

    def of(self, chosen: Any) -> list[Kind]:
        """Return the kinds of the objects chosen."""
        return [self.kinds[place] for place in self.places[chosen].tolist()]


@dataclass
class Kinds:
    """All kinds met in a file; an object is known by the place of its kind in ``all``."""

    catalogue: Catalogue
    all: list[Kind] = field(default_factory=list)
    known: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Set down how each key is looked at."""
        present = dict.fromkeys(self.catalogue.asked_keys | self.catalogue.osm_keys, _PRESENT)
        valued = {kind: self.catalogue.valued_keys | keys for kind, keys in _KEYS.items()}
        self.roles = {kind: present | dict.fromkeys(keys, _VALUED) for kind, keys in valued.items()}
        for roles in self.roles.values():
            roles |= {key: roles.get(key, 0) | _NAME for key in NAME_KEYS}

    def of(self, objects: Objects) -> Judged:
        """Judge objects by their tags."""
        strings, tags = objects.strings, objects.tags
        roles = map(self.roles[objects.kind].get, strings, repeat(0))
        role = np.fromiter(roles, dtype=np.int8, count=len(strings))[tags.keys]
        matters = role & (_PRESENT | _VALUED) > 0
        pairs = np.empty((int(matters.sum()), 2), dtype=np.int32)
        pairs[:, 0] = tags.keys[matters]
        pairs[:, 1] = np.where(role & _VALUED, tags.values, -1)[matters]
        starts = np.concatenate([[0], np.cumsum(matters)])[tags.starts]
        found = np.full(len(objects.ids), self._kind(()), dtype=np.int64)
        some = np.flatnonzero(starts[1:] > starts[:-1])
        found[some] = self._judged(strings, pairs, starts[some], starts[some + 1])
        self._hide_by_name(objects, role & _NAME > 0, found)
        codes, places = np.unique(found, return_inverse=True)
        return Judged([self.all[code] for code in codes.tolist()], places)

    def _judged(self, strings: Sequence[str], pairs: NDArray[np.int32], starts: Integers, ends: Integers) -> Integers:
        found = np.empty(len(starts), dtype=np.int64)
        # Most objects have one tag that matters, which is as good as a number.
        alone = ends - starts == 1
        words, which = np.unique(pairs.view(np.int64).ravel()[starts[alone]], return_inverse=True)
        codes = [self._kind(_listed(strings, word)) for word in words.view(np.int32).reshape(-1, 2)]
        found[alone] = np.array(codes, dtype=np.int64)[which]
        content = pairs.tobytes()
        ranges = zip((starts[~alone] * 8).tolist(), (ends[~alone] * 8).tolist(), strict=True)
        pieces = [content[start:end] for start, end in ranges]
        known = {
            piece: self._kind(_listed(strings, np.frombuffer(piece, dtype=np.int32))) for piece in dict.fromkeys(pieces)
        }
        found[~alone] = list(map(known.__getitem__, pieces))
        return found

    def _kind(self, listed: tuple[tuple[str, str], ...]) -> int:
        code = self.known.get(listed)
        if code is None:
            tags = dict(listed)
            category = self.catalogue.taker_by_tags(tags)
            hidden = category is not None and category.sensitive
            code = self.known[listed] = len(self.all)
            self.all.append(Kind(None if category is None or hidden else category.id, hidden, tags))
        return code

    def _hide_by_name(self, objects: Objects, is_name: NDArray[np.bool_], found: Integers) -> None:
        """Mark what may not be kept because of its name."""
        for at in named_so(self.catalogue, objects, is_name):
            tags = tags_of(objects, at)
            if not self.catalogue.osm_keys.isdisjoint(tags) and self.catalogue.is_sensitive(tags):
                found[at] = len(self.all)
                self.all.append(Kind(None, True, tags))


def _listed(strings: Sequence[str], pairs: NDArray[np.int32]) -> tuple[tuple[str, str], ...]:
    """Return key and value of each pair, a star for any value."""
    words = pairs.tolist()
    return tuple((strings[k], strings[v] if v >= 0 else "*") for k, v in zip(words[::2], words[1::2], strict=True))


def named_so(catalogue: Catalogue, objects: Objects, is_name: NDArray[np.bool_]) -> list[int]:
    """Return the objects of which some name is that of a place that may not be kept; ``is_name`` marks their tags."""
    strings, tags = objects.strings, objects.tags
    used = np.zeros(len(strings), dtype=bool)
    used[tags.values[is_name]] = True
    names = np.flatnonzero(used)
    hidden = names[catalogue.sensitive_names([strings[at] for at in names.tolist()])]
    if not len(hidden):
        return []
    at = np.flatnonzero(is_name & np.isin(tags.values, hidden))
    return sorted({int(owner) for owner in np.searchsorted(tags.starts, at, side="right") - 1})


def tags_of(objects: Objects, at: int) -> dict[str, str]:
    """Return all tags of one object."""
    start, end = objects.tags.starts[at : at + 2].tolist()
    strings, keys, values = objects.strings, objects.tags.keys[start:end], objects.tags.values[start:end]
    return {strings[key]: strings[value] for key, value in zip(keys.tolist(), values.tolist(), strict=True)}


def words_of(objects: Objects, key: str, chosen: Any) -> Integers:
    """Return which of the texts is the value of one key of the objects chosen, -1 where one has it not."""
    tags = objects.tags
    found = np.full(len(objects.ids), -1, dtype=np.int64)
    for place in [at for at, text in enumerate(objects.strings) if text == key]:
        here = np.flatnonzero(tags.keys == place)
        found[np.searchsorted(tags.starts, here, side="right") - 1] = tags.values[here]
    words: Integers = found[chosen]
    return words


def values_of(objects: Objects, key: str, chosen: Any) -> list[str | None]:
    """Return the value of one key of the objects chosen, None where one has it not."""
    strings = objects.strings
    return [strings[at] if at >= 0 else None for at in words_of(objects, key, chosen).tolist()]
