"""Write the page of every kind of place from the layer files: ``python scripts/what_we_look_for.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assetmap.catalogue import Catalogue, load_catalogue
from assetmap.categories import Category, TagRule

PAGE = Path(__file__).resolve().parent.parent / "docs" / "what-we-look-for.md"
COUNTS = {"meeting": "company", "help": "help", "none": "not counted"}
INTRODUCTION = """# What does it look for?

{count} kinds of place, group and event, under the headings people would use. This page is made from `layers/assets/` by
`python scripts/what_we_look_for.py`; to add a kind or change one see [Writing a layer file](layers.md).

"Counts as" says whether a walk there is taken to bring **company** or **help**; what is **not counted** is on the map
because people know it, are proud of it or could ask there. Five ways to wellbeing are connect, be active, take notice,
keep learning and give.
"""


def main() -> None:
    PAGE.write_text(page(load_catalogue()), encoding="utf-8")


def page(catalogue: Catalogue) -> str:
    """Return the page: a heading for each theme, a part for each kind of place in alphabetical order."""
    categories = sorted(catalogue.categories.values(), key=lambda category: category.label)
    lines = [INTRODUCTION.format(count=len(categories))]
    for theme in catalogue.themes.values():
        lines.append(f"## {theme.label}\n")
        lines += [line for category in categories if category.theme == theme.id for line in part(category)]
    return "\n".join(lines).rstrip() + "\n"


def part(category: Category) -> Iterator[str]:
    """Yield the lines of one kind of place."""
    counted = "never kept" if category.sensitive else COUNTS[category.counts_towards]
    yield f"**{category.label}** (`{category.id}`; {category.kind}; counts as: {counted})\n"
    yield f"{category.why}\n"
    yield f"- Also called: {', '.join(category.synonyms)}."
    if category.wellbeing:
        yield f"- Five ways: {', '.join(way.replace('-', ' ') for way in category.wellbeing)}."
    if category.reveals:
        yield f"- To be seen there may tell of somebody's {category.reveals}."
    if category.not_in_osm:
        yield f"- Not on the street map. {category.not_in_osm}"
    else:
        yield f"- On the street map: {'; '.join(tags(rule) for rule in category.osm)}."
    yield ""


def tags(rule: TagRule) -> str:
    """Return a rule as it would be typed: ``amenity=cafe|bar + name=*``."""
    needs = (f"{key}={'|'.join(sorted(values)) if values else '*'}" for key, values in rule.needs)
    return f"`{' + '.join(needs)}`"


if __name__ == "__main__":
    main()
