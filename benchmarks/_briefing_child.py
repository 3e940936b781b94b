"""A briefing's words and tables by WeasyPrint or ReportLab: run among the peers, JSON in, JSON out."""

from __future__ import annotations

import html
import json
import sys
from collections.abc import Iterator
from io import BytesIO
from time import perf_counter
from typing import Any


def parts(said: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what stands in the document, in order: h1, h2, p and table."""
    for name in ("here", "need", "talk", "each", "act"):
        yield "h1", said[name]["title"]
        yield from PARTS[name](said)


def here(said: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    part = said["here"]
    yield from (("p", line) for line in (said["under"], *part["lines"], *part["residents"]["lines"]))
    rows = [[row["label"], row["number"], row["people"], row["minutes"]] for row in part["themes"]["rows"]]
    yield "table", [part["themes"]["head"], *rows]


def need(said: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    part = said["need"]
    yield "p", part["lead"]
    rows = [[row["label"], row["line"] + " " + row["what"], *row["values"]] for row in part["rows"]]
    yield "table", [part["head"], *rows]


def talk(said: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    part = said["talk"]
    rows = [
        [
            row["number"],
            " ".join([row["name"], *row["about"], row["prompt"]]),
            " ".join(row["here"]),
            " ".join(row["why"]),
        ]
        for row in part["rows"]
    ]
    yield "table", [part["head"], *rows]
    yield from (("p", line) for line in part["lines"])


def each(said: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for area in said["areas"]:
        yield "h2", area["title"]
        yield from (("p", line) for line in (area["about"], *area["lines"]))
        yield "table", [area["head"], *area["rows"]]


def act(said: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from (("p", line) for line in said["act"]["lead"])
    for option in said["act"]["options"]["rows"]:
        yield "h2", option["title"]
        yield from (("p", line) for line in option["lines"])
    for name in ("method", "limits", "sources", "made"):
        yield "h2", said["about"][name]["heading"]
        yield from (("p", line) for line in said["about"][name]["lines"])


PARTS = {"here": here, "need": need, "talk": talk, "each": each, "act": act}


def weasyprint(said: dict[str, Any]) -> bytes:
    from weasyprint import HTML

    body = []
    for kind, what in parts(said):
        if kind == "table":
            head, *rows = what
            cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
            lines = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in rows)
            body.append(f"<table><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table>")
        else:
            body.append(f"<{kind}>{html.escape(what)}</{kind}>")
    look = "@page{size:A4;margin:18mm} body{font:9.4pt sans-serif} td,th{text-align:left;vertical-align:top}"
    page = f"<html lang=en-GB><head><style>{look}</style></head><body>{''.join(body)}</body></html>"
    made: bytes = HTML(string=page).write_pdf(pdf_variant="pdf/ua-1")
    return made


def reportlab(said: dict[str, Any]) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    styles = getSampleStyleSheet()
    kinds = {"h1": styles["Heading1"], "h2": styles["Heading2"], "p": styles["BodyText"]}
    story: list[Any] = []
    for kind, what in parts(said):
        if kind == "table":
            width = 470 / len(what[0])
            cells = [[Paragraph(html.escape(cell), kinds["p"]) for cell in row] for row in what]
            story.append(Table(cells, [width] * len(what[0]), repeatRows=1))
        else:
            story.append(Paragraph(html.escape(what), kinds[kind]))
    written = BytesIO()
    SimpleDocTemplate(written, pagesize=A4).build(story)
    return written.getvalue()


MAKERS = {"weasyprint": weasyprint, "reportlab": reportlab}


def main(asked: dict[str, Any]) -> dict[str, Any]:
    make, seconds = MAKERS[asked["peer"]], []
    # What it loads the first time is not on its clock.
    made = make(asked["said"])
    for _ in range(asked["rounds"]):
        started = perf_counter()
        made = make(asked["said"])
        seconds.append(perf_counter() - started)
    return {"seconds": sorted(seconds)[len(seconds) // 2], "pdf": made.hex()}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.stdin.read()))))
