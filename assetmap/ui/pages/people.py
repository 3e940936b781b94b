"""Data and people: who answers for it, who may be found through which group, everybody's own door to their record."""

from __future__ import annotations

from typing import Final

from assetmap import text
from assetmap.errors import AssetmapError
from assetmap.roles import Act, can
from assetmap.store import people as room
from assetmap.store.people.opening import DEMO_PASSPHRASE
from assetmap.ui import answering, connected, doing, own_card, papers, parts, unlocking
from assetmap.ui.parts import View

TITLE: Final = "Data and people"
PATH: Final = "people"
ORDER: Final = 82
GROUP: Final = "This place"
ACT: Final[Act] = "read"
LAYER: Final = None


def show(view: View) -> None:
    """Draw the page."""
    with view.below:
        parts.title(text.say("people-title"), text.say("people-lead"))
        doing.show(view, "people")
        try:
            _draw(view)
        except AssetmapError as fault:
            # A wrong passphrase in the environment must not take the page with it.
            parts.html(f'<p class="refused" role="alert">{text.html(fault)}</p>')
            unlocking.forget(view)


def _draw(view: View) -> None:
    with unlocking.door(view) as door:
        missing, said = room.lacking(door), room.who_is_responsible(door)
        sealed = room.has_key(door)
        if door.is_demo:
            parts.paragraphs([text.say("people-demo", passphrase=DEMO_PASSPHRASE)])
        unlocking.show_card()
        own_card.show(view, door)
        if door.keys is not None:
            connected.show(view, door, missing)
        elif sealed and can(view.question.role, "people"):
            unlocking.ask(view)
        answering.show(view, door, said, missing)
        papers.show(view, door)
