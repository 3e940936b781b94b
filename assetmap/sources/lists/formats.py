"""Which kind of file somebody gave us, by what is in it and by its ending: where the two differ it is refused.

A program that goes by either alone can be led astray: a drawing of a database named ``.geojson`` makes some read other
files and fetch from the network. Here each kind has one reader, and it is named before a byte is understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

from assetmap.errors import FileRefusedError
from assetmap.sources.lists.model import Choices
from assetmap.sources.lists.raw import COLUMNS, RawListing
from assetmap.sources.lists.zips import lists_inside, weigh

#: Bytes of a file that is looked at.
LARGEST: Final = 50_000_000
_HEAD: Final = 100_000
_TAIL: Final = 10_000
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")

Reader = Callable[[Path, Choices], RawListing]


@dataclass(frozen=True)
class Format:
    """One kind of file.

    Parameters
    ----------
    name
        What the program calls it.
    label
        What people call it, with its article.
    endings
        The endings under which it is taken; empty for a kind that is only known to be refused.
    module
        Where ``read(path, choices)`` stands, below this package; empty as above.
    do
        What to do with a kind that is not taken.
    """

    name: str
    label: str
    endings: tuple[str, ...] = ()
    module: str = ""
    do: str = "save the list as .xlsx or .csv"


_ALL: Final = (
    Format("text", "a text file", (".csv", ".tsv", ".tab", ".txt"), "text"),
    Format("xlsx", "an Excel workbook", (".xlsx", ".xlsm"), "sheets"),
    Format("ods", "an OpenDocument spreadsheet", (".ods",), "sheets"),
    Format("geojson", "a GeoJSON", (".geojson", ".json"), "geojson"),
    Format("umap", "a uMap", (".umap", ".json"), "geojson"),
    Format("kml", "a KML", (".kml", ".xml"), "xml"),
    Format("gpx", "a GPX", (".gpx", ".xml"), "xml"),
    Format("kmz", "a KMZ", (".kmz",), "packed"),
    Format("zip", "a zip", (".zip",), "packed"),
    Format("geopackage", "a GeoPackage", (".gpkg",), "geopackage"),
    Format("grants", "a 360Giving list", (".json",), "grants"),
    Format("referral", "an Open Referral list", (".json",), "open_referral"),
    Format("page", "a web page", do="open it in a browser and fetch the list itself"),
    Format("vrt", "a GDAL VRT", do="it only points to other files: send the one it points to"),
    Format("wfs", "the address of a service", do="fetch the list from the service and send that"),
    Format("osm", "an OpenStreetMap extract", do="give it to assetmap new with --osm"),
    Format("xmlbook", "an XML file", do="open it in a spreadsheet and save it as .xlsx"),
    Format("shape", "one file of a shapefile", do="pack .shp, .shx, .dbf, .prj and .cpg into one .zip and send that"),
    Format("xls", "an old Excel workbook", do="open it in its program and save it as .xlsx"),
    Format("xlsb", "a binary Excel workbook", do="save it as .xlsx"),
    Format("locked", "an Office file with a password", do="take the password away and save it again"),
    Format("office", "an Office document that is not a spreadsheet"),
    Format("pdf", "a PDF", do="ask for the spreadsheet it was made from"),
    Format("picture", "a picture", do="ask for the list it shows"),
    Format("gzip", "a packed file", do="unpack it first"),
    Format("parquet", "a Parquet table"),
    Format("flatgeobuf", "a FlatGeobuf", do="save it as .gpkg or .geojson"),
)
#: By name.
FORMATS: Final[Mapping[str, Format]] = MappingProxyType({one.name: one for one in _ALL})
#: Every ending under which a list is taken.
ENDINGS: Final = tuple(dict.fromkeys(ending for one in _ALL for ending in one.endings))

_STARTS: Final = (
    (b"SQLite format 3\x00", "geopackage"),
    (b"\x00\x00\x27\x0a", "shape"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "parquet"),
    (b"fgb\x03fgb", "flatgeobuf"),
)
_ROOTS: Final = (
    (b"html", "page"),
    (b"kml", "kml"),
    (b"gpx", "gpx"),
    (b"ogrvrtdatasource", "vrt"),
    (b"vrtdataset", "vrt"),
    (b"ogrwfsdatasource", "wfs"),
    (b"wfs_capabilities", "wfs"),
    (b"osm", "osm"),
    (b"osmchange", "osm"),
)
_BEFORE_ROOT: Final = re.compile(rb"\s*(?:<\?.*?\?>|<!--.*?-->|<!doctype[^>\[]*(?:\[.*?\]\s*)?>)", re.DOTALL | re.I)
_ROOT: Final = re.compile(rb"\s*<(?:[\w.-]+:)?([\w.-]+)")
_MAP_JSON: Final = re.compile(
    rb'"type"\s*:\s*"(?:FeatureCollection|Feature|Point|MultiPoint|LineString|MultiLineString|Polygon|MultiPolygon)"'
    rb'|"features"\s*:\s*\['
)
_UMAP: Final = re.compile(rb'"type"\s*:\s*"umap"')
_GRANTS: Final = re.compile(rb'"grants"\s*:\s*\[')


def recognise(path: Path) -> Format:
    """Return the kind of a file.

    Raises
    ------
    FileRefusedError
        If it is empty, too large, of a kind that is not taken, or not what its ending says.
    """
    size = path.stat().st_size
    if not size:
        raise FileRefusedError("is empty", path.name, "0 bytes", "save the list again")
    if size > LARGEST:
        do = "leave out what is not needed, or split it"
        raise FileRefusedError(f"is larger than {LARGEST // 1_000_000} MB", path.name, f"{size:,} bytes", do)
    found = FORMATS[_kind_of(path)]
    ending = path.suffix.lower()
    if ending in found.endings:
        return found
    if not found.endings and ending not in ENDINGS:
        raise FileRefusedError(f"is {found.label}", path.name, path.suffix, found.do)
    if ending not in ENDINGS:
        called = f"named {ending}" if ending else "without an ending"
        raise FileRefusedError(f"is {found.label} {called}", path.name, do=f"name it {found.endings[0]}")
    wanted = next(one for one in _ALL if ending in one.endings)
    do = f"name it {found.endings[0]}, or save it again as {wanted.label}" if found.endings else found.do
    raise FileRefusedError(f"is {found.label} named {ending}, not {wanted.label}", path.name, do=do)


def read_list(path: Path, choices: Choices) -> RawListing:
    """Return one part of a file, by the reader of its kind.

    Raises
    ------
    FileRefusedError
        If it cannot be taken.
    UsageError
        If a choice makes no sense.
    """
    reader = import_module(f"assetmap.sources.lists.{recognise(path).module}")
    listing = cast("Reader", reader.read)(path, choices)
    if not listing.rows and not listing.rejects:
        where = f"{path.name}, {listing.part}" if listing.part else path.name
        told = listing.notes[0].removesuffix(".") if listing.notes else ""
        raise FileRefusedError("holds no rows (0 rows)", where, told, "save it again, with its rows")
    if len(listing.columns) > COLUMNS:
        raise FileRefusedError(f"has more than {COLUMNS} columns", path.name, do=_FEWER)
    return listing


_FEWER: Final = "leave out the columns that are not needed"


def _kind_of(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _kind_of_zip(path)
    if head.startswith(_OLD_OFFICE):
        return _kind_of_old_office(path)
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    return _kind_of_text(path, _plain(head))


def _plain(head: bytes) -> bytes:
    """Return the start of a text as bytes a letter, whatever its encoding; what is no ASCII does not matter here."""
    if head.startswith(_MARKS[1:]):
        return head[2:].replace(b"\x00", b"").lstrip()
    return head.removeprefix(_MARKS[0]).lstrip()


def _kind_of_text(path: Path, head: bytes) -> str:
    if head[:1] == b"<":
        return _kind_of_xml(head)
    if head[:4].upper() == b"WFS:":
        return "wfs"
    if head[4:].startswith(b"\n\tOSMHeader") or head[5:].startswith(b"\tOSMHeader"):
        return "osm"
    if head[:1] not in (b"{", b"["):
        return "text"
    if _UMAP.search(head):
        return "umap"
    if path.suffix.lower() == ".geojson" or _MAP_JSON.search(head) or _MAP_JSON.search(_tail(path)):
        return "geojson"
    if path.suffix.lower() == ".umap":
        return "umap"
    return "grants" if _GRANTS.search(head) else "referral" if path.suffix.lower() == ".json" else "text"


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        return file.read()


def _kind_of_xml(head: bytes) -> str:
    at = 0
    while found := _BEFORE_ROOT.match(head, at):
        if found.group().lstrip()[:14].lower() == b"<!doctype html":
            return "page"
        at = found.end()
    root = _ROOT.match(head, at)
    name = root.group(1).lower() if root else b""
    known = next((kind for start, kind in _ROOTS if name == start), "")
    if known:
        return known
    return "page" if name in (b"head", b"body", b"table", b"div", b"script", b"meta") else "xmlbook"


def _kind_of_zip(path: Path) -> str:
    parts = weigh(path)
    names = {part.filename for part in parts}
    folders = {name.split("/")[0] for name in names}
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "[Content_Types].xml" in names and folders & {"xl", "word", "ppt"}:
        return "xlsx" if "xl" in folders else "office"
    if "mimetype" in names and "content.xml" in names:
        return "ods" if path.suffix.lower() == ".ods" or "spreadsheet" in _first_words(path) else "office"
    inside = lists_inside(parts)
    if path.suffix.lower() == ".kmz" and any(name.lower().endswith(".kml") for name in names):
        return "kmz"
    if inside and all(name.lower().endswith(".kml") for name in inside) and "doc.kml" in names:
        return "kmz" if path.suffix.lower() != ".zip" else "zip"
    return "zip"


def _first_words(path: Path) -> str:
    """Return the start of a zip: an OpenDocument file says there, unpacked, what it is."""
    with path.open("rb") as file:
        return file.read(200).decode("ascii", "replace")


def _kind_of_old_office(path: Path) -> str:
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "locked"
    is_book = any(name.encode("utf-16-le") in content for name in ("Workbook", "Book"))
    return "xls" if is_book else "office"
