"""Help: how to read the map, what the words mean, what is not said."""

from __future__ import annotations

from typing import Final

from assetmap import text
from assetmap.maps import style
from assetmap.roles import Act
from assetmap.ui import parts, sheet
from assetmap.ui.parts import View

TITLE: Final = "Help"
PATH: Final = "help"
ORDER: Final = 90
GROUP: Final = "This place"
ACT: Final[Act] = "read"
LAYER: Final = None

#: The pages on the way from a list to a meeting.
_WAY: Final = ("lists", "add", "check", "where-to-start", "briefings")


def show(view: View) -> None:
    """Draw the page."""
    with view.below:
        parts.title(text.say("app-help-title"))
        _way()
        _words("app-help-map", [text.say("app-help-map-1"), text.say("app-help-map-2")])
        parts.html(f"<h2>{text.html(text.say('app-help-words'))}</h2><dl class='words'>{_classes()}</dl>")
        _words("app-help-steady", [text.say("app-help-steady-1")])
        parts.html(f"<h2>{text.html(text.say('app-help-states'))}</h2><dl class='words'>{_states()}</dl>")
        _words("app-help-not", [text.say("app-help-not-1")])


def _way() -> None:
    """Show the way from a list to a meeting, each step with the link to its page."""
    parts.html(f"<h2>{text.html(text.say('app-help-way'))}</h2>")
    for path in _WAY:
        if parts.go_to(path):
            parts.paragraphs([text.say(f"app-help-way-{path}")])


def _words(heading: str, sentences: list[str]) -> None:
    parts.html(f"<h2>{text.html(text.say(heading))}</h2>")
    parts.paragraphs(sentences)


def _classes() -> str:
    return "".join(
        f"<dt>{sheet.chip(name)}</dt><dd>{text.html(text.say(f'app-help-{name}'))}</dd>" for name in style.CLASSES
    )


def _states() -> str:
    return "".join(
        f"<dt>{sheet.chip(name)}</dt><dd>{text.html(text.say(f'app-help-state-{name}'))}</dd>" for name in style.STATES
    )
