"""Everything for a meeting in one zip: whatever formats there are, each by its own file, and a read-me in plain words.

A format that comes into this folder joins by its file alone. No name of a file in a pack is made from what people
typed, and nothing in it depends on when or by whom it was made: the same study gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from assetmap import exports, text
from assetmap.briefing import Wanted
from assetmap.briefing.footprints import assign
from assetmap.errors import UsageError, UserError
from assetmap.exports import _package
from assetmap.exports._sealed import LISTING, Sealed, seal
from assetmap.maps import print_words
from assetmap.schema import Step
from assetmap.store.files import replacing
from assetmap.study import only_zones

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".zip"
LABEL: Final = "Meeting pack: everything in one file, with a read-me (ZIP)"
READ_ME: Final = "READ-ME.txt"
#: A sheet for the street is a page an area: of a whole borough nobody prints them.
MOST_SHEETS: Final = 12
_WIDE: Final = 88


@dataclass(frozen=True)
class Part:
    """One file of a pack: the format that makes it, and its name in the pack."""

    kind: str
    name: str


# In the order in which people open them. What is not named here joins at the end, in the folder of data.
_NAMES: Final[Mapping[str, tuple[str, bool]]] = {
    "briefing": ("1-briefing", True),
    "docx": ("2-briefing-to-edit", True),
    "page": ("3-one-page", True),
    "pptx": ("4-slides", True),
    "poster": ("5-map-A3", True),
    "html": ("6-map-without-internet", True),
    "xlsx": ("7-every-number", True),
    "walkabout": ("8-walk-about-sheets", True),
    "template": ("to-fill-in/list-of-places", False),
    "fieldform": ("to-fill-in/form-for-the-phone", False),
    "gpkg": ("data/everything", True),
    "csv": ("data/areas", True),
    "hsds": ("data/services", True),
    "ics": ("data/activities", True),
    "geojson": ("data/areas", False),
    "parquet": ("data/areas", False),
    "minutes": ("data/minutes", False),
    "kml": ("data/map", False),
    "notebook": ("data/open-me", False),
    "data": ("data/all-of-it", False),
}
_MADE_OF_OTHERS: Final = frozenset({"pack"})


def kinds(asked: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the formats of a pack in its order, without loading what they need; without any asked for, the usual ones.

    Raises
    ------
    UsageError
        If there is no such format, or it cannot be in a pack.

    Examples
    --------
    >>> kinds(["csv", "html"]), kinds(["slides", "pdf"])
    (('html', 'csv'), ('briefing', 'pptx'))
    """
    there = all_kinds()
    wanted = {kind: exports.ALSO_CALLED.get(kind, kind) for kind in asked}
    unknown = [kind for kind, name in wanted.items() if name not in there]
    if unknown:
        raise UsageError("there is no such part of a pack", "--parts", unknown[0], f"use some of {', '.join(there)}")
    return tuple(kind for kind in there if (kind in wanted.values() if wanted else is_usual(kind)))


def all_kinds() -> tuple[str, ...]:
    """Return every format that can be in a pack, in its order."""
    found = [name for name in exports.names() if name not in _MADE_OF_OTHERS]
    return (*(name for name in _NAMES if name in found), *(name for name in found if name not in _NAMES))


def is_usual(kind: str) -> bool:
    """Return whether a format is in a pack unless it is left out; one that nobody has said anything of is."""
    return _NAMES.get(kind, ("", True))[1]


def parts_of(asked: Sequence[str] = ()) -> tuple[Part, ...]:
    """Return the files of a pack that is to hold these formats. As :func:`kinds`.

    Examples
    --------
    >>> [part.name for part in parts_of(["csv", "html"])]
    ['6-map-without-internet.html', 'data/areas.csv']
    """
    stems = {kind: _NAMES.get(kind, (f"data/{text.file_name(kind)}", True))[0] for kind in kinds(asked)}
    return tuple(Part(kind, stem + exports.by_name(kind).SUFFIX) for kind, stem in stems.items())


def purpose(kind: str) -> str:
    """Return what a file of this format is for, in plain words; what it is called where nobody has said."""
    sentence = f"pack-part-{kind}"
    return text.say(sentence) if text.is_said(sentence) else exports.by_name(kind).LABEL


def write(study: Study, path: Path) -> None:
    """Write the usual files of a study into one zip.

    Raises
    ------
    OurError
        If a map lacks a piece of its furniture: it does not leave the tool.
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    for _ in write_parts(study, path):
        pass


def write_parts(
    study: Study, path: Path, asked: Sequence[str] = (), zones: Sequence[str] = (), about: Wanted | None = None
) -> Generator[Step, None, Sealed]:
    """Write some files of a study into one zip, telling each as it is done.

    Formats about chosen areas compare these with the whole place; all others show only what was chosen. Whatever says
    the areas one after another says them in the order of the list, so that a number means the same in every file.

    What a study has too little for is left out, and the read-me says so and why. ``about`` gives the documents about
    areas their cover, the words of residents and the larger areas to roll up to.

    Returns
    -------
        What left, with its fingerprints; its path says nothing of where it lies.

    Raises
    ------
    UsageError
        As :func:`write`, and if there is no such format or the larger areas are not known here.
    """
    parts = parts_of(asked)
    chosen = only_zones(study, list(zones)) if zones else study
    if about is not None and about.by:
        # Before anything is made: else every document about areas would be left out.
        assign(study, about.by)
    with replacing(path) as working, TemporaryDirectory(prefix="assetmap-pack-") as folder:
        made: list[tuple[Part, Path]] = []
        lacking: list[tuple[Part, str]] = []
        for number, part in enumerate(parts, 1):
            file = Path(folder, f"{number}{Path(part.name).suffix}")
            try:
                _write_part(study, chosen, part, file, about)
                made.append((part, file))
            except UserError as fault:
                lacking.append((part, str(fault)))
            yield Step("pack-part", number, len(parts))
        read_me = Path(folder, READ_ME)
        described = _describe(chosen, made, Path(folder))
        told = _read_me(chosen, [part for part, _ in made], lacking, [name for name, _ in described])
        read_me.write_text(told, encoding="utf-8", newline="")
        files = [(READ_ME, read_me), *((part.name, file) for part, file in made), *described]
        sealed = seal(working, files, study.as_of)
    yield Step("pack-sealed", len(sealed.files) + 1)
    return sealed


def _write_part(study: Study, chosen: Study, part: Part, file: Path, about: Wanted | None) -> None:
    if part.kind == "walkabout" and len(chosen.gaps) > MOST_SHEETS:
        raise UsageError(text.say("pack-too-many-sheets", most=MOST_SHEETS))
    comparing = exports.about_areas(part.kind)
    if comparing is None or (chosen is study and about is None):
        exports.by_name(part.kind).write(chosen, file)
    else:
        zones = () if chosen is study else tuple(map(str, chosen.ordered.index))
        comparing.write_about(study, file, replace(about or Wanted(), zones=zones))


# --- the read-me -------------------------------------------------------------------------------------------------


def _read_me(study: Study, made: Sequence[Part], lacking: Sequence[tuple[Part, str]], described: Sequence[str]) -> str:
    """Return the read-me: what this is, what each file is for, what it does not say, where it is from, how to check."""
    names = [text.one_line(name) for name in study.ordered["zone_name"]]
    blocks = [
        [text.say("pack-title", place=text.one_line(study.name)), text.one_line(print_words.message(study))],
        [
            text.say("pack-about", date=text.long_date(study.as_of), areas=text.count(len(names), "area")),
            *([text.say("pack-areas", names="; ".join(names))] if len(names) <= MOST_SHEETS else []),
            *print_words.only_some(study),
            text.say("pack-draft"),
        ],
        _heading("pack-files"),
        *([part.name, purpose(part.kind)] for part in made),
        *([part.name, text.say("pack-lacks", why=text.one_line(why))] for part, why in lacking),
        *([name, text.say("pack-part-description")] for name in described),
        [LISTING, text.say("pack-part-listing")],
        _heading("pack-mind"),
        [text.say("area-not-person"), text.say("pack-mind-words")],
        _heading("pack-sources"),
        *([line] for line in _sources(study)),
        _heading("pack-check"),
        [text.say("pack-check-how", listing=LISTING)],
    ]
    return "\n\n".join("\n".join(_wrapped(line) for line in block) for block in blocks) + "\n"


def _heading(sentence: str) -> list[str]:
    words = text.say(sentence)
    return [words, "-" * len(words)]


def _sources(study: Study) -> list[str]:
    said = [
        text.say("html-source", title=s.title, as_of=s.as_of, licence=s.licence, attribution=s.attribution)
        + (f" {s.licence_url}" if s.licence_url else "")
        for s in study.sources
    ]
    return [text.one_line(line) for line in said]


def _wrapped(line: str) -> str:
    """Break a line between words; a name keeps every character, also spaces that stand together."""
    rows, row = [], ""
    for word in line.split(" "):
        longer = f"{row} {word}" if row else word
        if row and len(longer) > _WIDE:
            rows.append(row)
            row = word
        else:
            row = longer
    return "\n".join([*rows, row])


def _describe(study: Study, made: Sequence[tuple[Part, Path]], folder: Path) -> list[tuple[str, Path]]:
    """Return what describes the files to programs."""
    parts = [_package.Part(part.name, file.read_bytes(), part.kind) for part, file in made]
    described = folder / _package.FILE
    described.write_text(_package.describe(study, parts), encoding="utf-8", newline="")
    return [(_package.FILE, described)]
