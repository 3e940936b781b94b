"""A study to a briefing: everything that the documents say, gathered once."""

from __future__ import annotations

from dataclasses import replace
from importlib import metadata

from assetmap import text
from assetmap.briefing.about import about
from assetmap.briefing.act import act
from assetmap.briefing.areas import choose_areas, talk
from assetmap.briefing.facts import Briefing
from assetmap.briefing.footprints import footprints
from assetmap.briefing.need import need
from assetmap.briefing.numbers import Numbers
from assetmap.briefing.strengths import strengths
from assetmap.briefing.wanted import Wanted
from assetmap.errors import UsageError
from assetmap.maps import print_words
from assetmap.study import Study


def gather(study: Study, wanted: Wanted | None = None) -> Briefing:
    """Return the briefing of a study on the areas wanted.

    Parameters
    ----------
    study
        Of the whole place, as the reader may see it.
    wanted
        Which areas and whose words; the first five areas with a prompt if left out.

    Raises
    ------
    UsageError
        If one of the areas is not one of this place, or the larger areas asked for are not known here.
    FileRefusedError
        If the larger areas are those of a file that cannot be used.
    """
    asked = wanted or Wanted()
    unknown = [zone for zone in asked.zones if zone not in study.gaps.index]
    if unknown:
        raise UsageError("there is no such zone", "--zones", unknown[0], f"give ids such as {study.gaps.index[0]}")
    chosen = list(dict.fromkeys(asked.zones)) or choose_areas(study)
    numbers = Numbers(study)
    larger, told_larger = footprints(numbers, asked.by)
    talked = replace(talk(numbers, chosen, asked.words), footprints=larger, footprint_line=told_larger)
    named = [area.name for area in talked.areas]
    return Briefing(
        place=study.name,
        title=_title(study, named),
        as_of=study.as_of,
        made=text.say("print-made", date=text.long_date(study.as_of)),
        geography=print_words.place_line(study),
        status=text.say("app-draft"),
        note=text.say("area-not-person"),
        version=metadata.version("assetmap"),
        fingerprint=study.fingerprint,
        contact=asked.cover.contact if asked.cover and asked.cover.contact else text.say("briefing-contact-none"),
        cover=asked.cover,
        words=asked.words,
        strengths=strengths(numbers),
        need=need(numbers, chosen),
        talk=talked,
        act=act(numbers, talked.areas, asked.options),
        about=about(numbers),
    )


def _title(study: Study, names: list[str]) -> str:
    if not names:
        return text.say("briefing-title-place", place=study.name)
    shown = text.join_words(names[:2])
    if len(names) > 2:
        shown = text.say("html-and-more", names=", ".join(names[:2]), more=f"{len(names) - 2:,}")
    return text.say("briefing-title", names=shown, place=study.name)
