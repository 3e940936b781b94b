"""Text made safe for each sink, file names, sentences, the clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html import unescape

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetmap import text
from assetmap.errors import OurError

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "{{7*7}}",
    "{% for x in y %}",
    "{# gone #}",
    "${alert(1)}",
    "`backtick` \\`",
    "javascript:alert(1)",
    "line\nbreak\u2028\u2029",
    "\u202eright to left\u200b",
    'O\'Brien & Sons `Café` "The <Hub>" ${cost} {{x}} C:\\new £5',
]


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_text_is_inert_in_html_and_in_a_template(payload):
    safe = text.html(payload)
    assert not set(safe) & set("<>{}$\"'`\\\n\u2028\u2029")
    assert unescape(jinja2.Environment(autoescape=False).from_string(safe).render()) == payload  # noqa: S701


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_text_in_json_for_a_script_comes_back_exact(payload):
    script = text.json_script({"name": payload})
    assert "<" not in script
    assert json.loads(script) == {"name": payload}


@given(st.text())
def test_property_a_csv_cell_round_trips_and_is_never_a_formula(value):
    cell = text.csv_cell(value)
    assert not str(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert text.from_csv_cell(str(cell)) == value


def test_hostile_what_turns_a_line_round_is_closed_however_it_is_opened():
    assert text.one_line("a\u202eb\u2067c") == "a\u202eb\u2067c\u202c\u2069"


def test_hostile_file_names_fit_a_file_system_that_counts_bytes_and_windows_which_keeps_some():
    assert len(text.file_name("\U00020000" * 300, ".geojson").encode()) <= 255
    assert text.file_name("com¹", ".csv") == "com¹-.csv"


@given(st.text(max_size=300))
def test_property_file_names_are_safe(value):
    name = text.file_name(value, ".csv")
    assert name.endswith(".csv")
    assert len(name) <= 84
    assert not set(name) & set('/\\:*?"<>|\x00 ')
    assert name.split(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt1", ""}


@pytest.mark.parametrize(
    "bad", ["javascript:x", "data:text/html,x", "vbscript:x", " JaVaScRiPt:x", "//host", "ftp://x"]
)
def test_only_plain_addresses_stay_links(bad):
    assert text.link(bad) is None
    assert text.link("mailto:a@example.org") == "mailto:a@example.org"


def test_numbers_pass_a_csv_unharmed():
    assert text.csv_cell(-1.5) == -1.5
    assert text.csv_cell(None) is None


def test_a_sentence_without_its_value_is_our_fault():
    with pytest.raises(OurError, match="nothing-like-it"):
        text.say("nothing-like-it")


def test_values_in_a_sentence_are_not_read_as_placeholders():
    assert "{x}" in text.say("step-zones", count="{x}")


def test_the_clock_can_be_given_and_must_have_a_zone():
    moment = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
    assert text.now(lambda: moment) == moment
    with pytest.raises(OurError, match="without a zone"):
        text.now(lambda: datetime(2026, 1, 1))  # noqa: DTZ001
