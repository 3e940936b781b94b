"""Start: name a place and have it made, or open another one that is there."""

from __future__ import annotations

from typing import Final

from assetmap.roles import Act
from assetmap.ui import starting, state
from assetmap.ui.parts import View

TITLE: Final = "Start"
PATH: Final = "start"
ORDER: Final = 85
GROUP: Final = "This place"
ACT: Final[Act] = "read"
LAYER: Final = None


def show(view: View) -> None:
    """Draw the page."""
    with view.below:
        starting.show(view.question.role, state.base(), view.question.opened.workspace.folder.name)
