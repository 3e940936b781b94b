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
        works, at_own = can(view.question.role, "people"), own_card.is_open()
        if works and not at_own:
            # The code of a card is not for whoever the telephone is handed to next.
            unlocking.show_card(said)
        if at_own or not works:
            # Somebody looks at their own record: nobody else's stands above it.
            own_card.show(view, door)
        if sealed and door.keys is None and works:
            unlocking.ask(view)
        if missing:
            answering.show(view, door, said, missing)
        if door.keys is not None and not at_own:
            connected.show(view, door, missing)
        if works and not at_own:
            own_card.show(view, door)
        if not missing:
            answering.show(view, door, said, missing)
        if not at_own:
            papers.show(view, door)
        unlocking.show_concern(said)
