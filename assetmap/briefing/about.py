"""How it was made: method in plain words, limits, sources and the lines that their licences ask for."""

from __future__ import annotations

from assetmap import summary, text
from assetmap.briefing.facts import About, Figure, Line, SourceLine
from assetmap.briefing.numbers import Numbers
from assetmap.maps import print_words


def about(numbers: Numbers) -> About:
    """Return method, limits, sources and licences."""
    study = numbers.study
    limits = [text.say(f"briefing-limit-{name}") for name in ("area", "map", "choices", "money")]
    return About(
        method=tuple(_method(numbers)),
        limits=(*limits, *study.missing, *([study.no_index] if study.no_index else [])),
        sources=tuple(
            SourceLine(s.id, s.title, s.as_of, s.licence, s.attribution, s.publisher, s.url) for s in study.sources
        ),
        licences=print_words.licence_lines(study),
    )


def _method(numbers: Numbers) -> list[Line]:
    study = numbers.study
    lines = []
    if study.isolation is not None:
        listed = "; ".join(study.catalogue.indicators[name].label for name in study.isolation.used)
        lines.append(
            Line(
                text.say(
                    "html-index", name=study.isolation.name, population=study.isolation.population, indicators=listed
                )
            )
        )
    if study.access is not None:
        full, none = (_metres(numbers, name, getattr(study.settings, name)) for name in ("full", "none"))
        lines.append(Line(text.say("html-walks", full=full.text, none=none.text), (full, none)))
        lines += [Line(said) for said in summary.conditions(study)]
    lines.append(_standard(numbers))
    lines.append(Line(text.say("briefing-method-steady")))
    return lines


def _metres(numbers: Numbers, name: str, value: float) -> Figure:
    unit, label = text.say("briefing-unit-metres"), text.say(f"briefing-label-{name}")
    source = text.say("briefing-source-chosen")
    return Figure(f"walk/{name}", value, f"{value:.0f}", unit, source, numbers.day, label, numbers.study.name)


def _standard(numbers: Numbers) -> Line:
    standard = numbers.study.settings.standard
    if standard == "relative":
        return Line(text.say("standard-relative"))
    return Line(text.say("briefing-method-standard"))
