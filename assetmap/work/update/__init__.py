"""What has changed in the sources of a workspace since they were read; what is new waits until somebody takes it.

Looking changes nothing in what the workspace shows: what was fetched lies beside it, in ``cache/update``, with a
list of what is different. Taking puts it in the place of what was there, and keeps that until the next time.
"""

from assetmap.store.exchange import BEFORE
from assetmap.work.update.beside import TABLES, WAITING, Waiting, leave_all, waiting
from assetmap.work.update.looking import Newer, Update, ages, look
from assetmap.work.update.taking import put_back, take

__all__ = [
    "BEFORE",
    "TABLES",
    "WAITING",
    "Newer",
    "Update",
    "Waiting",
    "ages",
    "leave_all",
    "look",
    "put_back",
    "take",
    "waiting",
]
