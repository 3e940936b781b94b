"""Tables of the paperwork that are made from what the program itself goes by, so that they cannot say anything else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from types import MappingProxyType
from typing import Final

from assetmap import text
from assetmap.errors import OurError
from assetmap.maps.print_type import printable
from assetmap.paperwork.facts import Facts
from assetmap.paperwork.listed import Template
from assetmap.paperwork.model import Block, Heading, Items, Run, Table, Text, Words
from assetmap.privacy.people import LIFE, Use, add_months, allowed_uses
from assetmap.privacy.wording import newest_wording, read_out
from assetmap.roles import ACTS, ROLES, can
from assetmap.store.people.responsible import Responsible

#: How likely a harm is, and how bad; the words of the Information Commissioner's template.
CHANCES: Final = ("remote", "possible", "probable")
HARMS: Final = ("minimal", "significant", "severe")
#: A row for each of HARMS, a column for each of CHANCES.
_LEVELS: Final = (("low", "low", "low"), ("low", "medium", "high"), ("low", "high", "high"))
#: What is asked on a card after the risk, in the order of the screen on which it is read out.
_ORDER: Final[tuple[Use, ...]] = ("hold", "special", "team", "partners", "publish", "introduce")
_BOX: Final = "☐"
_NO: Final = "–"
#: The end of a sentence, with another one behind it.
_END: Final = re.compile(r"([.?]) (?=[A-Z])")


def level_of(chance: str, harm: str) -> str:
    """Return how great a risk is, from how likely the harm is and how bad.

    Examples
    --------
    >>> level_of("possible", "severe"), level_of("remote", "severe"), level_of("possible", "significant")
    ('high', 'low', 'medium')
    """
    return _LEVELS[HARMS.index(harm)][CHANCES.index(chance)]


def tests_of(template: Template) -> list[str]:
    """Return every test that a document names, as ``file::function``."""
    return [test for risk in template.risks for measure in risk["measures"] for test in measure.get("tests", ())]


def _words(*said: str) -> tuple[Words, ...]:
    return tuple((Run(one),) for one in said)


def _blank(hint: str) -> Words:
    return (Run(text.say("paper-blank", what=hint), "blank"),)


def _strong(said: str) -> Words:
    return (Run(said, "strong"),)


def _responsible(facts: Facts, _: Template, caption: str) -> Sequence[Block]:
    rows = []
    for one in fields(Responsible):
        value = getattr(facts.said, one.name).strip()
        if value and one.name == "basis":
            value = text.say(f"people-basis-{value.replace(' ', '-')}")
        if value and one.name == "review_on":
            value = text.long_date(date.fromisoformat(value))
            if one.name in facts.missing:
                value += text.say("paper-overdue")
        hint = text.say(f"people-lack-{one.name}")
        label = hint[0].upper() + hint[1:]
        rows.append((_strong(label), (Run(printable(value)),) if value else _blank(text.say("paper-by-you"))))
    head = tuple(text.say("people-answer-head").split(";"))
    return [Table(caption, head, tuple(rows), (1.0, 1.6))]


def _roles(_: Facts, __: Template, caption: str) -> Sequence[Block]:
    head = (text.say("paper-may"), *(text.say(f"app-role-{role}") for role in ROLES))
    yes = text.say("people-yes")
    rows = [(_strong(_act(act)), *_words(*(yes if can(role, act) else _NO for role in ROLES))) for act in ACTS]
    return [Table(caption, head, tuple(rows), (4.6, 1.2, 1.05, 1.4, 1.05, 1.75, 1.1))]


def _act(act: str) -> str:
    known = f"paper-act-{act}"
    return text.say(known) if text.is_said(known) else act


def _life(facts: Facts, _: Template, caption: str) -> Sequence[Block]:
    """Return what becomes of a permission, with the days of one that was given today."""
    steps = (("asked", 0), ("review", LIFE.review), ("hidden", LIFE.hidden), ("erased", LIFE.erased))
    rows = [
        _words(
            text.say(f"paper-life-{name}-when", months=months),
            text.say(f"paper-life-{name}"),
            text.long_date(add_months(facts.day, months)),
        )
        for name, months in steps
    ]
    head = tuple(text.say("paper-life-head").split(";"))
    return [Table(caption, head, tuple(rows), (1.1, 2.6, 1.1))]


def _reveals(facts: Facts, _: Template, caption: str) -> Sequence[Block]:
    if not facts.reveals:
        return [Text((Run(text.say("paper-none")),))]
    told: dict[str, list[str]] = {}
    for label, what in facts.reveals:
        told.setdefault(what, []).append(printable(label))
    rows = [_words(text.say(f"paper-reveals-{what}"), text.join_words(told[what])) for what in sorted(told)]
    return [Table(caption, tuple(text.say("paper-reveals-head").split(";")), tuple(rows), (1.4, 3.0))]


def _sensitive(facts: Facts, _: Template, __: str) -> Sequence[Block]:
    if not facts.sensitive:
        return [Text((Run(text.say("paper-none")),))]
    return [Items(tuple((Run(printable(label)),) for label in facts.sensitive))]


def _questions(facts: Facts, template: Template, caption: str) -> Sequence[Block]:
    """Return the words of a card, exactly as they are read out, each sentence on a line, with boxes to tick."""
    version = newest_wording()

    def said(part: str) -> Words:
        return tuple(replace(run, words=_END.sub("\\1\n", run.words)) for run in read_words(part, version, facts))

    yes, no = (text.say(f"people-{one}").capitalize() for one in ("yes", "no"))
    boxes = _words(_BOX, _BOX)
    first = Table(
        caption,
        (text.say("paper-card-first"), yes, text.say("people-risk-unsure"), no),
        ((said("risk"), *_words(_BOX, _BOX, _BOX)),),
        (9.4, 1.0, 1.7, 1.0),
    )
    most = Run("\n" + text.say("paper-card-most"), "strong")
    rows = [((*said(use), most) if use == "introduce" else said(use), *boxes) for use in asked_on(template)]
    asked = Table(caption, (text.say("paper-card-then"), yes, no), tuple(rows), (11.1, 1.0, 1.0))
    return [Text(said("opening")), first, asked, Text(said("closing"))]


def asked_on(template: Template) -> tuple[str, ...]:
    """Return what is asked on a card after the risk, in the order of the screen.

    Where a place tells something about whoever is met there, that is a question by itself, and nobody is asked whether
    others may see it.

    Examples
    --------
    >>> from assetmap.paperwork.listed import about
    >>> asked_on(about("consent-card-special"))
    ('hold', 'special', 'team', 'introduce')
    """
    special = template.name.endswith("-special")
    allowed = allowed_uses("no", special=special)
    return tuple(use for use in _ORDER if use in allowed and (use != "special" or special))


def read_words(part: str, version: str, facts: Facts) -> Words:
    """Return what is read out on one question, with a blank where nobody has said who is responsible."""
    by = printable(facts.said.controllers).strip()
    place = text.say("paper-card-place")
    if by:
        return (Run(read_out(part, version, place, by)),)
    before, blank, after = read_out(part, version, place, "\0").partition("\0")
    if not blank:
        return (Run(before),)
    lacking = text.say("paper-lacking", what=text.say("people-lack-controllers"))
    return tuple(run for run in (Run(before), *_blank(lacking), Run(after)) if run.words)


def _scoring(_: Facts, __: Template, caption: str) -> Sequence[Block]:
    rows = [(_strong(harm), *_words(*(level_of(chance, harm) for chance in CHANCES))) for harm in reversed(HARMS)]
    return [Table(caption, (text.say("paper-scoring-head"), *CHANCES), tuple(rows), (1.6, 1.0, 1.0, 1.0))]


def _risks(_: Facts, template: Template, caption: str) -> Sequence[Block]:
    rows = []
    for number, risk in enumerate(template.risks, 1):
        what = (Run(f"{risk['what']} ", "strong"), Run(risk["harm"]))
        rows.append((*_words(f"R{number}"), what, *_scored(risk["before"])))
    return [Table(caption, tuple(text.say("paper-risks-head").split(";")), tuple(rows), (0.5, 4.4, 1.1, 1.2, 0.9))]


def _scored(score: Sequence[str]) -> tuple[Words, ...]:
    chance, harm = score
    return (*_words(chance, harm), _strong(level_of(chance, harm)))


def _after(_: Facts, template: Template, caption: str) -> Sequence[Block]:
    rows = []
    for number, risk in enumerate(template.risks, 1):
        before = level_of(*risk["before"])
        rows.append((*_words(f"R{number}", before), *_scored(risk["after"]), (Run(risk["left"]),), _blank("yes / no")))
    head = tuple(text.say("paper-after-head").split(";"))
    return [Table(caption, head, tuple(rows), (0.5, 0.8, 1.0, 1.15, 0.85, 3.2, 1.1))]


def _measures(_: Facts, template: Template, caption: str) -> Sequence[Block]:
    """Return what is done about each risk; what a test of the program holds names it, the rest is somebody's to do."""
    made: list[Block] = []
    head = tuple(text.say("paper-measures-head").split(";"))
    for number, risk in enumerate(template.risks, 1):
        rows = []
        for part, measure in enumerate(risk["measures"], 1):
            tests = "\n".join(measure.get("tests", ()))
            held: Words = (Run(tests),) if tests else _blank(text.say("paper-yours"))
            rows.append((*_words(f"{number}.{part}"), (Run(measure["does"]),), held))
        if not rows:
            raise OurError("a risk has no measure", caption, risk["what"], "please report it")
        words = text.say("paper-measures-of", number=number, what=risk["what"])
        made += [Heading(words, 3), Table(words, head, tuple(rows), (0.4, 2.5, 2.6))]
    return made


Make = Callable[[Facts, Template, str], Sequence[Block]]
TABLES: Final[Mapping[str, Make]] = MappingProxyType(
    {
        "responsible": _responsible,
        "roles": _roles,
        "life": _life,
        "reveals": _reveals,
        "sensitive": _sensitive,
        "questions": _questions,
        "scoring": _scoring,
        "risks": _risks,
        "measures": _measures,
        "after": _after,
    }
)
