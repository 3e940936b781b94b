"""Pictures: only their pixels are kept."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from assetmap.errors import FileRefusedError, WorkspaceError
from assetmap.store import photos

GPS, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F


def picture(size=(400, 200), form="JPEG", mode="RGB", **more) -> bytes:
    image = Image.new(mode, size, "white")
    image.paste("black", (0, 0, size[0] // 4, size[1] // 4))
    written = io.BytesIO()
    image.save(written, form, **more)
    return written.getvalue()


def located() -> bytes:
    exif = Image.Exif()
    exif[MAKE] = "CANARY-CAMERA"
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS).update({1: "N", 2: (51.0, 32.0, 11.25), 3: "W", 4: (0.0, 8.0, 27.5), 29: "2026:05:01"})
    return picture(exif=exif, comment=b"CANARY-COMMENT")


def test_canary_where_and_when_it_was_taken_is_gone() -> None:
    before = located()
    assert b"CANARY-CAMERA" in before
    after = photos.plain_photo(before)
    assert b"CANARY" not in after
    assert dict(Image.open(io.BytesIO(after)).getexif()) == {}
    assert b"Exif" not in after


def test_canary_text_in_a_png_is_gone() -> None:
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "CANARY")
    note.add_itxt("XML:com.adobe.xmp", "<gps>CANARY</gps>")
    assert b"CANARY" not in photos.plain_photo(picture(form="PNG", pnginfo=note))


def test_a_picture_held_sideways_stands_upright() -> None:
    after = Image.open(io.BytesIO(photos.plain_photo(located())))
    assert after.size == (200, 400)
    # Turned by a quarter to the right: the black corner goes from top left to top right.
    assert after.getpixel((190, 10))[0] < 50
    assert after.getpixel((10, 10))[0] > 200


def test_a_large_picture_is_made_smaller_and_a_clear_one_gets_paper_behind_it() -> None:
    assert Image.open(io.BytesIO(photos.plain_photo(picture((4000, 1000))))).size == (1600, 400)
    clear = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    written = io.BytesIO()
    clear.save(written, "PNG")
    assert Image.open(io.BytesIO(photos.plain_photo(written.getvalue()))).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>",
        b"GIF89a" + b"\0" * 50,
        picture()[:200],
        b"\xff" * 16_000_000,
        picture((9000, 7000), "PNG"),
        picture((20_000, 20_000), "PNG", mode="1"),
    ],
    ids=["empty", "svg", "gif", "cut", "large", "pixels", "bomb"],
)
def test_hostile_pictures_are_refused_by_name(sent) -> None:
    with pytest.raises(FileRefusedError, match=r"hall\.jpg"):
        photos.plain_photo(sent, "hall.jpg")


def test_the_same_picture_is_kept_once(tmp_path: Path) -> None:
    key = photos.keep_photo(tmp_path, picture())
    assert photos.keep_photo(tmp_path, picture()) == key
    assert [path.name for path in (tmp_path / "photos").iterdir()] == [f"{key}.jpg"]
    assert photos.read_photo(tmp_path, key)[:2] == b"\xff\xd8"


@pytest.mark.parametrize("key", ["", "../workspace", "missing", "a/b"])
def test_hostile_names_of_pictures_open_nothing_else(tmp_path: Path, key) -> None:
    (tmp_path / "workspace.jpg").write_bytes(b"x")
    with pytest.raises(WorkspaceError):
        photos.read_photo(tmp_path, key)
