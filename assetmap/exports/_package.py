"""Office files are zips: the same content as the same bytes, dated by the study and not by the clock."""

from __future__ import annotations

import io
import zipfile
from datetime import date


def settle(package: bytes, day: date) -> bytes:
    """Return a zip whose members all bear one day, in their order, packed alike."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as made, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as settled:
        for name in made.namelist():
            member = zipfile.ZipInfo(name, (max(1980, day.year), day.month, day.day, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            settled.writestr(member, made.read(name))
    return written.getvalue()
