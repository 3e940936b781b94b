"""A long briefing set as pages after its maps are drawn: every area of the place with a sheet of its own, as PDF.

All set the same words and tables from the same data, without the two maps; ours also draws its range strips, tags
everything for screen readers and is checked against PDF/UA-1 and PDF/A-2a, laid out twice to give its maps their room.
WeasyPrint sets HTML, ReportLab paragraphs and tables; neither draws the strips. Making the data is on nobody's clock.
All three must hold the name of each area.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from time import perf_counter
from typing import Any

from assetmap import briefing as briefings
from assetmap import study
from assetmap.exports import briefing as ours
from assetmap.exports._briefing import shown, strip_of, words_of
from assetmap.exports._typst import ask_all, compile_document
from assetmap.maps.print_strip import draw_strip
from benchmarks import _peers
from benchmarks._job import DifferentFigures, Job, figures, finish, significant, usual_job

APART = ("weasyprint", "reportlab")
GOALS = {"weasyprint": {"goal_s": 0.5}, "reportlab": {}}
_MOST = 18


def run(job: Job | None = None) -> Iterator[dict[str, Any]]:
    job = job or usual_job()
    walked = job.walked()
    found = finish(study.judge(walked.prepared, study.measure(walked.prepared, walked.settings), walked.settings))
    told = briefings.gather(found, briefings.Wanted(tuple(map(str, found.ordered.index[:_MOST]))))
    seconds, made = [], b""
    for _ in range(job.rounds):
        started = perf_counter()
        made = set_pages(told)
        seconds.append(perf_counter() - started)
    ours_s = sorted(seconds)[len(seconds) // 2]
    said, names = words_of(told), [area.name for area in told.areas]
    pages = check(made, names)
    more = {"runs": job.rounds, "pages": pages, "areas": len(names), "kb": significant(len(made) / 1e3)}
    for peer in APART:
        if not _peers.is_there(peer):
            _peers.left_out(peer)
            yield figures(job.place.name, peer, ours_s, None, **more, **GOALS[peer])
            continue
        answer = _peers.run_child("_briefing_child.py", {"peer": peer, "said": said, "rounds": job.rounds})
        theirs = check(bytes.fromhex(answer["pdf"]), names)
        yield figures(job.place.name, peer, ours_s, answer["seconds"], **more, peer_pages=theirs, **GOALS[peer])


def set_pages(told: briefings.Briefing) -> bytes:
    """Set the briefing with nothing where its maps would be."""
    strips = {
        f"strip-{number}.svg": draw_strip(strip_of(row), *ours.STRIP).svg(row.label, row.line.text)
        for number, row in enumerate(shown(told), 1)
    }
    data = ours.data_of(told, ())
    nothing = {"here.svg": ours.EMPTY, "talk.svg": ours.EMPTY}
    asked = ask_all(ours.TEMPLATE, data | {"measuring": True}, nothing | dict.fromkeys(strips, ours.EMPTY), "reach")
    data["heights"] = ours.heights(asked)
    return compile_document(ours.TEMPLATE, data, nothing | strips)


def check(pdf: bytes, names: list[str]) -> int:
    """Return how many pages there are; every area must be named on them."""
    from pypdf import PdfReader

    pages = PdfReader(BytesIO(pdf)).pages
    seen = "".join("".join(page.extract_text().split()) for page in pages)
    missing = [name for name in names if "".join(name.split()) not in seen]
    if missing:
        raise DifferentFigures(f"briefing: {missing[0]} is not in a document")
    return len(pages)
