"""Do these figures repeat each other? A table with shading, and a sentence on each pair that says nearly the same."""

from __future__ import annotations

import pandas as pd

from assetmap import text
from assetmap.isolation import overlap_sentences, overlapping
from assetmap.study import Study
from assetmap.ui import parts
from assetmap.ui.cache import Shown

_MOST = 4
_STEPS = (0.3, 0.5, 0.7, 0.9)


def show(shown: Shown) -> None:
    """Show how alike the figures of the index order the areas."""
    made, matrix = shown.study, shown.likeness
    if made.isolation is None or matrix.isna().all(axis=None):
        parts.paragraphs([text.say("app-like-unknown")])
        return
    parts.paragraphs([text.say("app-like-lead")])
    parts.html(table_html(matrix, [made.catalogue.indicators[name].label for name in matrix.index]))
    parts.paragraphs([text.say("app-like-read")], "quiet")
    parts.paragraphs(warnings(made, matrix))


def warnings(made: Study, matrix: pd.DataFrame) -> list[str]:
    """Return a sentence on each pair that says nearly the same, or that there is none."""
    averaged = [part.indicators for part in made.isolation.parts] if made.isolation else []
    pairs = overlapping(matrix, averaged=averaged)
    said = overlap_sentences(pairs, made.catalogue.indicators) or [text.say("app-like-none")]
    more = len(said) - _MOST
    return [*said[:_MOST], text.say("app-like-more", count=more)] if more > 0 else said


def table_html(matrix: pd.DataFrame, labels: list[str]) -> str:
    """Return the lower half of the table; columns bear the numbers of the rows, so that it fits a phone."""
    caption = text.html(text.say("app-like-caption"))
    numbered = [f"{number} {label}" for number, label in enumerate(labels, 1)]
    head = "".join(
        f'<th scope="col"><abbr title="{text.html(label)}">{number}</abbr></th>'
        for number, label in enumerate(labels[:-1], 1)
    )
    body = "".join(
        f'<tr><th scope="row">{text.html(label)}</th>'
        + "".join(_cell(value) for value in matrix.iloc[row, :row])
        + "<td></td>" * (len(labels) - 1 - row)
        + "</tr>"
        for row, label in enumerate(numbered)
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table class="like">'
        f"<caption>{caption}</caption><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(value: float) -> str:
    said = text.say("app-like-missing") if value != value else f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
    return f'<td class="{shading(value)}">{text.html(said)}</td>'


def shading(value: float) -> str:
    """Return how dark a cell is: not at all under 0.3 either way, then in four steps.

    Examples
    --------
    >>> shading(-0.95), shading(0.4), shading(0.1), shading(float("nan"))
    ('like-4', 'like-1', '', '')
    """
    step = sum(abs(value) > least for least in _STEPS)
    return f"like-{step}" if step else ""
