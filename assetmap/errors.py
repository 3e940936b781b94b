"""Everything assetmap raises on purpose.

::

    AssetmapError            what, where, found, do
    |- UserError             the input or the request can be mended by the person who gave it
    |  |- UsageError         a command or a call that makes no sense
    |  |- LayerError         a file under layers/ breaks its schema
    |  |- FileRefusedError   a whole file cannot be taken
    |  |  |- NoCrsError          coordinates without a coordinate system
    |  |  |- CrsMismatchError    two tables in different coordinate systems
    |  |  |- MissingColumnError  a named column is not there
    |  |  `- CensusYearError     area codes of another census
    |  |- NoIndexError       too few indicators to say anything
    |  |- NotAllowedError    this role may not do this
    |  |- ConflictError      somebody else was faster; theirs and yours are both kept to choose from
    |  `- WorkspaceError     the folder is not a workspace, or one of another format
    |- OurError              a fault in assetmap itself
    `- WorldError            disk, network or another service failed
"""

from __future__ import annotations

from collections.abc import Mapping


class AssetmapError(Exception):
    """A fault said in four parts, printed as one sentence.

    Parameters
    ----------
    what
        What went wrong, as a plain clause.
    where
        File, row, column or setting; empty when there is only one place it can be.
    found
        The offending value as found.
    do
        What the reader can do about it.

    Examples
    --------
    >>> print(AssetmapError("not a UK postcode", "halls.csv row 14", "XX1", "correct it or leave it empty"))
    halls.csv row 14: not a UK postcode, found 'XX1'; correct it or leave it empty.
    """

    def __init__(self, what: str, where: str = "", found: str = "", do: str = "") -> None:
        self.what, self.where, self.found, self.do = what, where, found, do
        super().__init__(what, where, found, do)

    def __str__(self) -> str:
        start = f"{self.where}: " if self.where else ""
        found = f", found {self.found!r}" if self.found else ""
        do = f"; {self.do}" if self.do else ""
        return f"{start}{self.what}{found}{do}."

    def parts(self) -> dict[str, str]:
        """Return the four parts by name, for ``--json``."""
        return {"what": self.what, "where": self.where, "found": self.found, "do": self.do}


class UserError(AssetmapError):
    """The person who gave the input can mend it."""


class UsageError(UserError):
    """A command or a call that makes no sense as given."""


class LayerError(UserError):
    """A file under ``layers/`` breaks its schema."""


class FileRefusedError(UserError):
    """A whole file cannot be taken."""


class NoCrsError(FileRefusedError):
    """Coordinates came without a coordinate system."""


class CrsMismatchError(FileRefusedError):
    """Two tables lie in different coordinate systems."""


class MissingColumnError(FileRefusedError):
    """A named column is not in the table."""


class CensusYearError(FileRefusedError):
    """Area codes belong to another census than the zones do."""


class NoIndexError(UserError):
    """Too few indicators are loaded to form an index."""


class NotAllowedError(UserError):
    """The role asked for may not do this."""


class ConflictError(UserError):
    """Somebody else changed a record after it was seen; nothing was overwritten.

    Parameters
    ----------
    what, where
        As for every fault.
    fields
        By field: what is stored now, and what was about to be written.
    version
        The version stored now; 0 where the record is gone.

    Examples
    --------
    >>> print(ConflictError("somebody changed it meanwhile", "assets 7", {"name": ("The Hall", "Hall")}, 3))
    assets 7: somebody changed it meanwhile, found "name: theirs 'The Hall', yours 'Hall'"; look at both and save again.
    """

    def __init__(self, what: str, where: str, fields: Mapping[str, tuple[object, object]], version: int) -> None:
        self.fields, self.version = dict(fields), version
        both = "; ".join(f"{name}: theirs {theirs!r}, yours {yours!r}" for name, (theirs, yours) in fields.items())
        super().__init__(what, where, both, "look at both and save again" if both else "look at it again")


class WorkspaceError(UserError):
    """The folder is not a workspace, or one of a format this version cannot read."""


class OurError(AssetmapError):
    """A fault in assetmap itself; please report it."""


class WorldError(AssetmapError):
    """The disk, the network or another service failed."""
