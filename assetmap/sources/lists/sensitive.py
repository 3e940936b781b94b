"""Which rows of a list are places that may not be kept, told by their words before anybody sees them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assetmap.catalogue import Catalogue
from assetmap.categories import plain_words


def named_so(parts: Mapping[str, pd.Series], catalogue: Catalogue, rows: int) -> NDArray[np.bool_]:
    """Tell which rows name a place such as a refuge in any of their columns.

    Parameters
    ----------
    parts
        Columns of words; the same index.
    catalogue
        Whose categories marked sensitive say by which words such places are known.
    rows
        How many rows the list has.

    Examples
    --------
    >>> from assetmap.catalogue import load_catalogue
    >>> names = pd.Series(["Hope Safe House", "Safe Hands Nursery", None], dtype="str")
    >>> named_so({"name": names}, load_catalogue(), 3).tolist()
    [True, False, False]
    """
    found = np.zeros(rows, dtype=bool)
    for said in parts.values():
        likely = _likely(said, catalogue)
        if likely.any():
            cells = said[likely]
            known = {cell: catalogue.is_sensitive_name(cell) for cell in cells.unique()}
            found[likely] |= cells.map(known).to_numpy(bool)
    return found


def _likely(said: pd.Series, catalogue: Catalogue) -> NDArray[np.bool_]:
    """Tell which cells deserve a close look: they hold the longest word of a name, or letters that may stand for it."""
    names = [plain_words(name) for one in catalogue.categories.values() if one.sensitive for name in one.names]
    if not names:
        return np.zeros(len(said), dtype=bool)
    stems = "|".join(sorted({re.escape(max(name.split(), key=len)) for name in names}))
    plain = said.str.lower().str.replace(r"['`’‘]", "", regex=True)
    return np.asarray(plain.str.contains(rf"{stems}|[^\x00-\x7f]", regex=True).fillna(value=False), dtype=bool)
