"""How a format about chosen areas is written: the briefing is gathered, composed, and put where it is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetmap import briefing
from assetmap.store.files import replacing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from assetmap.briefing import Briefing, Wanted
    from assetmap.study import Study

    Compose = Callable[[Study, Briefing], bytes]
    Write = Callable[[Study, Path], None]
    WriteAbout = Callable[[Study, Path, Wanted], None]


def writers(compose: Compose) -> tuple[Write, WriteAbout]:
    """Return ``write`` and ``write_about`` of a format that makes its file's bytes of a study and its briefing.

    What they raise beside what ``compose`` raises: UsageError if an area is not one of this place or there is no folder
    to write into, WorldError if the disk refuses.
    """

    def write(study: Study, path: Path) -> None:
        """Write the document on the first areas with a prompt."""
        write_about(study, path, briefing.Wanted())

    def write_about(study: Study, path: Path, wanted: Wanted) -> None:
        """Write the document on the areas wanted."""
        with replacing(path) as working:
            working.write_bytes(compose(study, briefing.gather(study, wanted)))

    return write, write_about
