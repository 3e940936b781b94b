"""Regular activities as a calendar (iCalendar, RFC 5545): what is on each week or month, to put beside one's own.

Only what can be read as times that repeat all year is in it, and nothing that is open more than a few hours a week:
a club's afternoon is an activity, a shop's opening times are not. The clock is Europe/London's. It lists the
community's own records, and OpenStreetMap's only where there are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import shapely
from icalendar import Calendar, Event, Timezone, vGeo, vRecur, vText

from assetmap import crs as grids
from assetmap import text
from assetmap.exports._listed import attributions, one_origin
from assetmap.exports._schedules import Schedule, schedules_of
from assetmap.store.files import replacing

if TYPE_CHECKING:
    from assetmap.study import Study

SUFFIX: Final = ".ics"
LABEL: Final = "Calendar of regular activities (iCalendar)"

#: What is open longer than this in a week is a place with opening times, not an activity.
MOST_HOURS: Final = 20.0
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def write(study: Study, path: Path) -> None:
    """Write the calendar.

    Raises
    ------
    UsageError
        If there is no folder to write into.
    WorldError
        If the disk refuses.
    """
    calendar: Any = Calendar()
    calendar.add("prodid", "-//assetmap//regular activities//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    # Of a name that is not in the standard the library does not know that it is text.
    calendar.add("x-wr-calname", vText(_line(text.say("ics-name", name=study.name))))
    assets, _ = one_origin(study)
    sources = "\n".join(attributions(study, assets))
    last = date(min(study.as_of.year + 1, date.max.year - 1), 12, 31)
    calendar.add_component(Timezone.from_tzid("Europe/London", first_date=date(study.as_of.year, 1, 1), last_date=last))
    for event in _events(study, assets, sources):
        calendar.add_component(event)
    with replacing(path) as working:
        working.write_bytes(calendar.to_ical())


def _events(study: Study, assets: Any, sources: str) -> Iterator[Any]:
    for asset_id, row in zip(assets.index, assets.to_dict("records"), strict=True):
        schedules = schedules_of(row["opening_times"], study.as_of.year)
        if row["trust"] == 0 or sum(one.hours_a_week for one in schedules) > MOST_HOURS:
            continue
        for number, schedule in enumerate(schedules):
            event: Any = Event()
            event.add("uid", f"{text.file_name(study.name)}-{asset_id}-{number}@assetmap".replace(":", "-"))
            event.add("dtstamp", datetime(study.as_of.year, study.as_of.month, study.as_of.day, tzinfo=UTC))
            begins = _first(schedule, study.as_of)
            event.add("summary", _line(str(row["name"])))
            event.add("dtstart", begins)
            event.add("dtend", begins + schedule.lasts)
            event.add("rrule", vRecur({"FREQ": schedule.freq, "BYDAY": list(schedule.days)}))
            if isinstance(row["address"], str) and row["address"]:
                event.add("location", _line(row["address"]))
            event.add("description", _line("\n".join([*_about(row), sources])))
            point = row["geometry"]
            if point is not None and not shapely.is_empty(point):
                lon, lat = grids.unproject(point.x, point.y, assets.crs)[0].round(6)
                event.add("geo", vGeo((float(lat), float(lon))))
            yield event


def _line(value: str) -> str:
    """Return text with the one end of a line that a calendar can hold."""
    return text.without_control(value).replace("\r\n", "\n").replace("\r", "\n")


def _about(row: Any) -> Iterator[str]:
    """Yield what is on, what it costs, and when somebody last said that this is right."""
    for field in ("offers", "cost"):
        if isinstance(row[field], str) and row[field]:
            yield row[field]
    checked = row["last_checked"]
    if checked is None or pd.isna(checked):
        yield text.say("ics-unchecked")
    else:
        yield text.say("ics-checked", date=text.long_date(checked))


def _first(schedule: Schedule, day: date) -> datetime:
    """Return the first time from a day on, on the clock of Europe/London.

    Examples
    --------
    >>> from datetime import time
    >>> _first(Schedule("WEEKLY", ("TU", "FR"), time(14), timedelta(hours=2)), date(2026, 11, 22)).isoformat()
    '2026-11-24T14:00:00+00:00'
    >>> _first(Schedule("MONTHLY", ("2TU",), time(14), timedelta(hours=2)), date(2026, 11, 22)).isoformat()
    '2026-12-08T14:00:00+00:00'
    """
    while not any(_falls(rule, day) for rule in schedule.days):
        day += timedelta(days=1)
    return datetime.combine(day, schedule.begins, tzinfo=text.LONDON)


def _falls(rule: str, day: date) -> bool:
    """Return whether a day is one that a rule such as ``TU``, ``2TU`` or ``-1FR`` means."""
    if _DAYS.index(rule[-2:]) != day.weekday():
        return False
    nth = rule[:-2]
    if nth == "-1":
        return (day + timedelta(days=7)).month != day.month
    return not nth or (day.day - 1) // 7 + 1 == int(nth)
