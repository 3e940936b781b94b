"""Which place is meant: a name, a list of codes, a file of its outline, or a box."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import shapely

from assetmap.errors import UsageError

#: What the first three letters of an area code of England and Wales stand for.
_KINDS: Final = {
    "E01": "zone",
    "W01": "zone",
    "E05": "ward",
    "W05": "ward",
    "E06": "authority",
    "E07": "authority",
    "E08": "authority",
    "E09": "authority",
    "W06": "authority",
}
#: Codes of other areas that people have at hand, by what they are and where.
_OTHERS: Final = {
    "E00": "an output area",
    "W00": "an output area",
    "E02": "a middle-layer area (MSOA)",
    "W02": "a middle-layer area (MSOA)",
    "E04": "a parish",
    "W04": "a community",
    "E10": "a county",
    "E12": "a region",
    "E54": "an NHS area",
    "S00": "an output area of Scotland",
    "S01": "a data zone of Scotland",
    "S02": "an intermediate zone of Scotland",
    "S12": "a council area of Scotland",
    "S13": "a ward of Scotland",
    "N00": "a small area of Northern Ireland",
    "N08": "a district electoral area of Northern Ireland",
    "N09": "a district of Northern Ireland",
    "N20": "a data zone of Northern Ireland",
    "N21": "a super data zone of Northern Ireland",
}
_SMALLER: Final = (
    "give codes of LSOA of 2021, of wards or of a local authority, the name of a parish, or an outline as a file"
)
_WITH_FILES: Final = (
    "what is fetched by name covers England and Wales: give its zones as a file, with --zones and --zone-id, and tables"
    " with the same codes"
)
_CODE: Final = re.compile(r"[A-Z]\d{8}")
#: Super output areas of Northern Ireland, of 2001 and 2011: 95GG01S1.
_IRISH: Final = re.compile(r"95[A-Z]{2}\d{2}[SW]\d")
_NUMBER: Final = r"-?\d{1,3}(?:\.\d+)?"
_BOX: Final = re.compile(rf"\s*({_NUMBER})\s*,\s*({_NUMBER})\s*,\s*({_NUMBER})\s*,\s*({_NUMBER})\s*")

AreaKind = Literal["zone", "ward", "authority"]


@dataclass(frozen=True)
class Place:
    """The study area.

    Parameters
    ----------
    name
        What it is called.
    polygon
        Its outline in degrees; None where it is known by the codes of its zones only.
    codes
        Codes of its zones, wards or authorities, of the kind that ``of`` says; empty where the outline says it.
    said_by
        Id of the source that knew it, in ``layers/sources``; empty where the person said it.
    """

    name: str
    polygon: shapely.Geometry | None = None
    codes: tuple[str, ...] = ()
    of: AreaKind = "zone"
    said_by: str = ""


@dataclass(frozen=True)
class Asked:
    """What a person typed: a name to look up, a file to read, or a place already."""

    name: str = ""
    within: str = ""
    file: Path | None = None
    place: Place | None = None


def read_place(typed: str) -> Asked:
    """Tell what was typed: codes, a box of degrees, a file, or else a name.

    Parameters
    ----------
    typed
        ``Camden, London``, ``E09000007``, ``E01000842 E01000843``, ``-0.2,51.5,-0.1,51.6`` (west, south, east, north),
        or the path of a file with an outline or with codes.

    Raises
    ------
    UsageError
        If it is empty, codes of several kinds, of a kind that is not known, or a box turned round.

    Examples
    --------
    >>> read_place("Camden, London")
    Asked(name='Camden', within='London', file=None, place=None)
    >>> read_place("E09000007").place.of
    'authority'
    >>> read_place("-0.2, 51.5, -0.1, 51.6").place.polygon.bounds
    (-0.2, 51.5, -0.1, 51.6)
    """
    words = typed.strip()
    if _IRISH.fullmatch(words.split(maxsplit=1)[0] if words else ""):
        raise UsageError("is a super output area of Northern Ireland", "--place", words[:40], _WITH_FILES)
    if not words:
        raise UsageError("no place was given", "--place", do='write it as "Camden, London"')
    if box := _BOX.fullmatch(words):
        west, south, east, north = map(float, box.groups())
        return Asked(place=Place(words, _box(west, south, east, north, words)))
    codes = tuple(dict.fromkeys(re.split(r"[\s,;]+", words)))
    if all(_CODE.fullmatch(code) for code in codes):
        return Asked(place=_of_codes(codes, words))
    if _is_file(words):
        return Asked(file=Path(words))
    name, _, within = words.partition(",")
    return Asked(name=name.strip(), within=within.strip())


def codes_in(content: str, name: str) -> Place:
    """Return the place of a list of codes, in whatever columns or lines they stand.

    Raises
    ------
    UsageError
        If there is no code in it, or codes of several kinds.
    """
    codes = tuple(dict.fromkeys(re.findall(r"\b[EW]0[1-9]\d{6}\b", content)))
    codes = codes or tuple(dict.fromkeys(re.findall(r"\b[EWSN]\d{8}\b", content)))
    if not codes:
        raise UsageError("holds no area codes", name, do="give a list of codes such as E01000842, or an outline")
    return _of_codes(codes, name)


def _is_file(words: str) -> bool:
    try:
        return Path(words).is_file()
    except OSError:
        return False


def _box(west: float, south: float, east: float, north: float, typed: str) -> shapely.Polygon:
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise UsageError(
            "is not a box of degrees", "--place", typed, "write west, south, east, north: -0.2,51.5,-0.1,51.6"
        )
    return shapely.box(west, south, east, north)


def _of_codes(codes: tuple[str, ...], name: str) -> Place:
    for code in codes:
        if code[:3] in _OTHERS:
            do = _WITH_FILES if code[0] in "SN" else _SMALLER
            raise UsageError(f"is {_OTHERS[code[:3]]}", "--place", code, do)
    kinds = {_KINDS.get(code[:3], "") for code in codes}
    if len(kinds) > 1:
        raise UsageError("mixes codes of several kinds", "--place", ", ".join(codes[:3]), "give one kind")
    kind = kinds.pop()
    if kind == "zone":
        return Place(name, codes=codes, of="zone")
    if kind == "ward":
        return Place(name, codes=codes, of="ward")
    if kind == "authority":
        return Place(name, codes=codes, of="authority")
    do = "give LSOA 2021, ward or local authority codes of England or Wales; elsewhere use --zones with a file"
    raise UsageError("is a code that is not known here", "--place", codes[0], do)
