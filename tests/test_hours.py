"""Opening times: what is usually open in the evening and on a Sunday, how it is said, and text that means nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours

from assetmap.hours import LONGEST, open_at, read_hours, say_hours, usual_weeks

USUAL = {
    # times: (evening, sunday)
    "24/7": (True, True),
    "Mo-Fr 09:00-17:00": (False, False),
    "Mo-Fr 09:00-17:00; PH off": (False, False),
    "Mo-Fr 09:00-17:00; Th 09:00-20:00": (True, False),
    "Mo-Fr 09:00-18:30": (False, False),  # half an hour after six is no evening
    "Mo-Fr 09:00-19:00": (True, False),
    "Tu 18:00-18:30,19:30-20:00": (True, False),  # an hour in all
    "Tu 20:30-23:00": (False, False),  # half an hour before nine
    "Sa 18:00-23:00": (False, False),  # no weekday
    "Su 10:30-11:30": (False, True),
    "Su 08:00-10:30": (False, False),
    "Su 17:30-23:00": (False, False),
    "Mo-Su 12:00-23:00": (True, True),
    "Mo-Sa 10:00-18:00; Su,PH off": (False, False),
    "Fr 20:00-26:00": (True, False),
    "Mo-Fr 22:00-20:00": (True, False),  # past midnight and on
    "Apr-Sep Mo-Su 10:00-19:30": (True, True),  # half of the year
    "Jun-Aug Mo-Su 10:00-19:30": (False, False),  # the summer alone
    "Oct-Mar Su 10:00-16:00": (False, True),
    "Su[1] 10:00-16:00": (False, False),  # once a month
    "SH Mo-Fr 10:00-20:00": (False, False),  # the school holidays alone
    "SH,PH Mo-Fr 10:00-20:00": (False, False),
    "Mo-Fr 09:00-17:00; SH Mo-Fr 10:00-20:00": (False, False),
    "Mo-Fr 09:00-20:00; Mo-Fr SH off": (True, False),
    "PH 10:00-20:00": (False, False),
    "sunrise-sunset": (True, True),
    "off": (False, False),
    "closed": (False, False),
    "Fr, Su 18:00-23:00": (True, False),
    '"by appointment"': (None, None),
    'Mo-Fr 10:00-21:00 "ring first"': (None, False),
    "Mo-Fr 10:00-21:00 unknown": (None, False),
    'Mo-Fr 10:00-21:00; Su 10:00-12:00 "ring first"': (True, None),
}
UNREADABLE = [
    "Mo 10:00-12:00, SH Tu 10:00-12:00",
    "",
    "   ",
    "ask at the bar",
    "Mon to Fri 9-5",
    "Mo-Fr 07:0-21:00",
    "10:00-unknown",
    "\ud800",
    "\x00",
    "x" * 600,
]


@pytest.mark.parametrize("text", USUAL)
@pytest.mark.parametrize("year", [2024, 2026, 2031])
def test_oracle_what_is_usually_open(text, year):
    read = read_hours(text, year)
    assert read is not None
    assert (read.evening, read.sunday) == USUAL[text]


@pytest.mark.parametrize("text", [*UNREADABLE, None, 7, float("nan"), b"24/7", ["24/7"]])
def test_hostile_what_cannot_be_read_is_unknown(text):
    assert read_hours(text) is None


def test_a_column_keeps_its_index_and_what_is_not_known_is_missing():
    times = pd.Series(["24/7", None, "no idea", "Mo-Fr 09:00-17:00", "24/7"], index=list("edcba"), dtype="str")
    found = open_at(times, "sunday")
    assert found.index.tolist() == list("edcba")
    assert found.dtype == "boolean"
    assert found.isna().tolist() == [False, True, True, False, False]
    assert found.dropna().tolist() == [True, False, True]
    assert open_at(times.iloc[:0], "evening").dtype == "boolean"


@pytest.mark.parametrize("year", range(2015, 2041))
def test_the_usual_weeks_hold_no_bank_holiday_and_lie_one_in_each_season(year):
    weeks = usual_weeks(year)
    assert [week.month for week in weeks] == [2, 5, 9, 11]
    assert all(week.weekday() == 0 for week in weeks)
    assert len({(week.day - 1) // 7 for week in weeks}) == 4
    known = OpeningHours("PH", country="GB")
    for week in weeks:
        days = [pd.Timestamp(week + timedelta(days=k, hours=12)).to_pydatetime() for k in range(7)]
        assert not any(known.is_open(day) for day in days)
    # The days that no calendar of one nation may miss: new year, Easter, early and late May, August, Christmas.
    assert weeks[0] > date(year, 1, 31)
    assert date(year, 5, 14) < weeks[1] < date(year, 5, 22)
    assert date(year, 9, 7) < weeks[2] < date(year, 9, 15)
    assert weeks[3] + timedelta(days=6) < date(year, 12, 6)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mo-Fr 09:00-17:00; Su off", "Mon to Fri 9 am to 5 pm; Sat and Sun closed"),
        ("Mo-Fr 09:00-17:00; Sa 10:00-13:00", "Mon to Fri 9 am to 5 pm; Sat 10 am to 1 pm; Sun closed"),
        ("Mo-Fr 09:00-12:30,13:30-17:00", "Mon to Fri 9 am to 12:30 pm and 1:30 pm to 5 pm; Sat and Sun closed"),
        ("24/7", "always open"),
        ("10:00-00:00", "every day 10 am to midnight"),
        ("Fr 22:00-02:00", "Mon to Thu closed; Fri 10 pm to 2 am; Sat and Sun closed"),
        ("Mo-Fr 09:00-17:00; PH off", "Mon to Fri 9 am to 5 pm; Sat and Sun closed; bank holidays closed"),
        ("Sa 00:00-24:00", "Mon to Fri closed; Sat all day; Sun closed"),
        ("off", "every day closed"),
        # Shown as it is written, since more would have to be said than the week's hours:
        ("Apr-Sep Mo-Su 10:00-18:00", "Apr-Sep Mo-Su 10:00-18:00"),
        ("Mo-Fr 09:00-17:00; SH off", "Mo-Fr 09:00-17:00; SH off"),
        ("Su[1] 10:00-12:00", "Su[1] 10:00-12:00"),
        ("Mo 18:00+", "Mo 18:00+"),
        ("sunrise-sunset", "sunrise-sunset"),
        ('Mo 10:00-12:00 "term"', 'Mo 10:00-12:00 "term"'),
        ("2026 Mo-Fr 10:00-12:00", "2026 Mo-Fr 10:00-12:00"),
        ("Mo-Th 00:00-24:00", "Mo-Th 00:00-24:00"),
        (" ask at the bar ", "ask at the bar"),
        (None, ""),
    ],
)
def test_oracle_times_in_words(text, said):
    assert say_hours(text) == said


TOKENS = st.sampled_from(
    [
        "Mo",
        "Tu-Fr",
        "Sa,Su",
        "PH",
        "SH",
        "off",
        "closed",
        "unknown",
        "24/7",
        "easter",
        "week",
        "Jan",
        "Mar-Oct",
        "2024",
        "1900-9999",
        "[1]",
        "[-1]",
        "+1",
        "day",
        "00:00-24:00",
        "10:00-18:00",
        "22:00-04:00",
        "10:00-48:00",
        "18:00+",
        "sunrise",
        "(sunset+02:00)",
        "dawn-dusk",
        "-",
        ",",
        ";",
        "||",
        ":",
        "/",
        "/2",
        "/0",
        "week1-53/2",
        "Feb29",
        "10:00-16:00/00:01",
        "+",
        "-9223372036854775808",
        "99",
        "30",
        "(",
        ")",
        '"',
        '"term"',
        "\x00",
        "é",
        "’",
        "–",
    ]
)


@settings(max_examples=400, deadline=None)
@given(text=st.one_of(st.text(max_size=60), st.lists(TOKENS, max_size=25).map(" ".join), st.lists(TOKENS).map("".join)))
def test_property_hostile_text_never_raises(text):
    read = read_hours(text)
    assert read is None or {read.evening, read.sunday} <= {True, False, None}
    assert isinstance(say_hours(text), str)
    assert len(text) <= LONGEST or read is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("week 53 Mo[5]", (False, False)),
        ("2000-9999/3 Feb 29", (False, False)),
        ("easter -200 days", (False, False)),
        ("Mo-Su 00:00-24:00/00:01", (True, True)),
        ("1900", (False, False)),
    ],
)
def test_hostile_rules_that_would_be_looked_up_for_ever_are_answered(text, answer):
    read = read_hours(text)
    assert (read.evening, read.sunday) == answer
    assert say_hours(text) == ("always open" if answer == (True, True) else text)


@pytest.mark.parametrize("text", ["Feb 30", "apr 31 10:00-22:00", "Jan 1-Feb 30", "Jun 0"])
def test_a_day_that_never_comes_is_not_read(text):
    assert read_hours(text) is None
    assert say_hours(text) == text


@pytest.mark.real
def test_real_opening_times_of_camden_are_read(real_data):
    import osmium

    times = set()
    for found in osmium.FileProcessor(str(real_data / "camden" / "camden.osm.pbf")).with_filter(
        osmium.filter.KeyFilter("opening_hours")
    ):
        times.add(found.tags["opening_hours"])
    texts = pd.Series(sorted(times), dtype="str")
    assert len(texts) > 500
    evening, sunday = open_at(texts, "evening", 2021), open_at(texts, "sunday", 2021)
    assert evening.notna().mean() > 0.95
    assert sunday.notna().mean() > 0.95
    assert 0.2 < evening.mean() < 0.9
    assert 0.2 < sunday.mean() < 0.9
