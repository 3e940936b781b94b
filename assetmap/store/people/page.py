"""Everything about a person as a page to read, to keep and to hand over: the letter, and the same for a computer."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

from assetmap import text
from assetmap.store.people.own import as_json, as_letter

_STYLE: Final = (
    "body{max-width:42rem;margin:1.5rem auto;padding:0 1rem;font:1.1rem/1.5 sans-serif;color:#22303c;background:#fff}"
    "h1{font-size:1.5rem}li{margin:.3rem 0}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem}"
)


def letter_markup(letter: str, heading: str = "h3") -> str:
    r"""Return a letter as HTML: its first line a heading, each run of lines that begin with a dash a list.

    Examples
    --------
    >>> letter_markup("You\n\nKept:\n- tea & cake\n- 1 < 2\n")
    '<h3>You</h3><p>Kept:</p><ul><li>tea &#38; cake</li><li>1 &#60; 2</li></ul>'
    """
    first, *lines = letter.strip().split("\n")
    said = [f"<{heading}>{text.html(first)}</{heading}>"]
    for is_list, run in groupby((line for line in lines if line), key=lambda line: line.startswith("- ")):
        if is_list:
            said.append("<ul>" + "".join(f"<li>{text.html(line[2:])}</li>" for line in run) + "</ul>")
        else:
            said += [f"<p>{text.html(line)}</p>" for line in run]
    return "".join(said)


def as_page(told: dict[str, Any]) -> str:
    """Return everything about a person as one page of HTML that opens anywhere: to read, and for a computer."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text.html(text.say('people-letter-title'))}</title><style>{_STYLE}</style></head><body>"
        f"{letter_markup(as_letter(told), 'h1')}"
        f"<details><summary>{text.html(text.say('people-own-json'))}</summary>"
        f'<pre id="everything">{text.html(as_json(told))}</pre></details></body></html>\n'
    )
