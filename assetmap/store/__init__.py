"""The workspace's folder and the community's own records; the only room that opens the live database."""

from assetmap.store.cache import CachedSource
from assetmap.store.database import Store, open_store, sqlite_facts
from assetmap.store.files import hash_file, replacing
from assetmap.store.workspace import (
    Workspace,
    ZonesFile,
    change_settings,
    create_workspace,
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
