"""How much of what takes long is tried in the usual run of the tests, and how much by ``make properties``."""

from __future__ import annotations

import os

#: Every example of every property: set by ``make properties``.
ALL = "ASSETMAP_ALL_EXAMPLES"


def examples(most: int) -> int:
    """Return how many examples of a property that takes seconds: a third, others at each run; or all, where asked."""
    return most if os.environ.get(ALL) else -(-most // 3)
