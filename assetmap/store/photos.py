"""Pictures of assets: kept small, and without what the camera wrote about where and when they were taken.

A picture is decoded and painted anew, so that nothing but its pixels is kept: no place, no time, no camera, no
thumbnail of what was cut away.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import Path
from typing import Final

from assetmap.errors import FileRefusedError, WorkspaceError
from assetmap.store.files import disk_fault, replacing

FOLDER: Final = "photos"
FORMATS: Final = ("JPEG", "PNG", "WEBP")
MOST_BYTES: Final = 15_000_000
MOST_PIXELS: Final = 60_000_000
SIDE: Final = 1600


def plain_photo(picture: bytes, name: str = "the picture") -> bytes:
    """Return a picture as a JPEG of its pixels alone, upright, at most 1,600 pixels on a side.

    Parameters
    ----------
    picture
        A JPEG, PNG or WebP as it was sent.
    name
        What to call it when it is refused.

    Raises
    ------
    FileRefusedError
        If it is too large, of another kind, or broken.
    """
    from PIL import Image, ImageOps

    if len(picture) > MOST_BYTES:
        raise FileRefusedError(
            "the picture is too large", name, f"{len(picture) / 1e6:.0f} MB", "send a smaller one, up to 15 MB"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            image = Image.open(io.BytesIO(picture), formats=FORMATS)
            if image.width * image.height > MOST_PIXELS:
                size = f"{image.width} x {image.height}"
                raise FileRefusedError("the picture has too many pixels", name, size, "send a smaller one")
            image.draft("RGB", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((SIDE, SIDE))
            plain = Image.new("RGB", upright.size, "white")
            seen = upright.convert("RGBA")
            plain.paste(seen, mask=seen.getchannel("A"))
    except FileRefusedError:
        raise
    except Image.DecompressionBombError as fault:
        raise FileRefusedError("the picture has too many pixels", name, do="send a smaller one") from fault
    except (OSError, ValueError, SyntaxError, Warning, MemoryError, EOFError) as fault:
        raise FileRefusedError(
            "the picture cannot be read", name, type(fault).__name__, "send a JPEG, PNG or WebP"
        ) from fault
    written = io.BytesIO()
    plain.save(written, "JPEG", quality=85, optimize=True)
    return written.getvalue()


def keep_photo(workspace: Path, picture: bytes, name: str = "the picture") -> str:
    """Put a picture into the workspace and return what to keep in the asset's ``photo``.

    The same picture twice is kept once.

    Raises
    ------
    FileRefusedError
        If it cannot be taken.
    WorldError
        If the disk refuses.
    """
    plain = plain_photo(picture, name)
    key = hashlib.sha256(plain).hexdigest()[:32]
    folder = workspace / FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError as fault:
        raise disk_fault(folder, fault) from fault
    target = folder / f"{key}.jpg"
    if not target.exists():
        with replacing(target) as working:
            working.write_bytes(plain)
    return key


def read_photo(workspace: Path, key: str) -> bytes:
    """Return a kept picture.

    Raises
    ------
    WorkspaceError
        If there is none by this name.
    """
    path = workspace / FOLDER / f"{key}.jpg"
    if not key.isalnum() or not path.is_file():
        raise WorkspaceError("the picture is missing", found=key, do="take it again, or restore a backup")
    try:
        return path.read_bytes()
    except OSError as fault:
        raise disk_fault(path, fault) from fault
