"""The workspace's folder and the community's own records; the only room that opens the live database."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assetmap.store.building import create_workspace
    from assetmap.store.cache import CachedSource
    from assetmap.store.database import Store, open_store, sqlite_facts
    from assetmap.store.files import hash_file, replacing
    from assetmap.store.workspace import (
        Workspace,
        ZonesFile,
        change_settings,
        fingerprint,
        open_workspace,
        read_table,
        save_sources,
        save_workspace,
        sources_of,
        write_table,
    )

__all__ = [
    "CachedSource",
    "Store",
    "Workspace",
    "ZonesFile",
    "change_settings",
    "create_workspace",
    "fingerprint",
    "hash_file",
    "open_store",
    "open_workspace",
    "read_table",
    "replacing",
    "save_sources",
    "save_workspace",
    "sources_of",
    "sqlite_facts",
    "write_table",
]

#: Where a name is found; what is not here is in `workspace`.
_ROOMS = {
    "CachedSource": "cache",
    "Store": "database",
    "create_workspace": "building",
    "hash_file": "files",
    "open_store": "database",
    "replacing": "files",
    "sqlite_facts": "database",
}


def __getattr__(name: str) -> Any:
    """Load what a name needs when it is asked for: the database waits until somebody opens it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS.get(name, 'workspace')}"), name)
