"""Every category keeps its contract, every object falls into one, what must not be found is known by tag and name."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from pathlib import Path

import osmium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetmap import crs
from assetmap.catalogue import WELLBEING, Catalogue, load_catalogue, shipped_layers
from assetmap.categories import Category, plain_words, values_of
from assetmap.sources.osm import read_extract

ROOT = Path(__file__).resolve().parent.parent
IDS = sorted(path.stem for path in (shipped_layers() / "assets").glob("*.toml"))
#: Keys that a rule may ask for: each is written about on OpenStreetMap's own pages or in wide use there.
KEYS = {
    "access",
    "amenity",
    "association",
    "bank",
    "club",
    "community_centre",
    "community_centre:for",
    "craft",
    "education",
    "emergency",
    "farm",
    "gambling",
    "garden:type",
    "give_box:type",
    "government",
    "healthcare",
    "historic",
    "landuse",
    "leisure",
    "lgbtq",
    "memorial",
    "name",
    "office",
    "operator:type",
    "ownership",
    "place",
    "refugee",
    "repair",
    "school",
    "service:bicycle:diy",
    "shop",
    "social_facility",
    "social_facility:for",
    "sport",
    "studio",
    "theatre",
    "tourism",
    "zoo",
}
#: What a worker types, and the category that should come first or among the first.
WORDS = {
    "bingo": "bingo",
    "toddler": "toddler-group",
    "stay and play": "toddler-group",
    "choir": "choir",
    "singing": "choir",
    "allotment": "allotments",
    "men's shed": "mens-shed",
    "Mens shed": "mens-shed",
    "community fridge": "community-fridge",
    "food bank": "food-bank",
    "foodbank": "food-bank",
    "time bank": "time-bank",
    "timebank": "time-bank",
    "tenants": "residents-group",
    "residents' association": "residents-group",
    "TRA": "residents-group",
    "faith group": "faith-group",
    "church": "place-of-worship",
    "mosque": "place-of-worship",
    "pub": "pub",
    "barber": "barber",
    "cafe": "cafe",
    "youth club": "youth-group",
    "lunch club": "lunch-club",
    "football club": "sports-club",
    "library": "library",
    "museum": "museum",
    "theatre": "theatre",
    "gallery": "gallery",
    "festival": "festival",
    "carnival": "festival",
    "park": "park",
    "playground": "playground",
    "swimming": "swimming-pool",
    "lido": "swimming-pool",
    "community garden": "community-garden",
    "village hall": "village-hall",
    "halls": "community-centre",
    "school": "school",
    "citizens advice": "advice-centre",
    "credit union": "credit-union",
    "repair café": "repair-cafe",
    "CVS": "voluntary-council",
    "volunteering": "voluntary-council",
    "hospital": "hospital",
    "university": "college",
    "town hall": "council-office",
    "fire station": "fire-station",
    "housing association": "housing-association",
    "cinema": "cinema",
    "open mic": "music-venue",
    "tea dance": "dance",
    "brownies": "scouts",
    "bandstand": "square",
    "outdoor gym": "outdoor-gym",
    "bowls": "bowling-green",
    "ice skating": "ice-rink",
    "hackerspace": "makerspace",
    "toy library": "toy-library",
    "dial-a-ride": "community-transport",
    "cycling": "cycling-project",
    "carers": "support-group",
    "working men's club": "working-mens-club",
    "U3A": "adult-learning",
    "ESOL": "language-class",
    "nature reserve": "nature-reserve",
    "city farm": "city-farm",
    "market": "market",
    "chemist": "pharmacy",
    "launderette": "launderette",
    "post office": "post-office",
    "village shop": "community-shop",
    "war memorial": "heritage-site",
    "community radio": "local-media",
    "toilet": "public-toilet",
    "knit and natter": "arts-group",
    "parkrun": "walking-group",
    "befriending": "befriending",
    "warm hub": "warm-space",
    "women's institute": "womens-group",
    "LGBT": "lgbtq-group",
    "over 60s": "older-peoples-club",
    "family hub": "family-hub",
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


# --- The contract of a layer file -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", IDS)
def test_a_category_argues_why_and_can_be_found(name: str, catalogue: Catalogue) -> None:
    category = catalogue.categories[name]
    assert 12 <= len(category.why.split()) <= 40
    assert len(category.synonyms) >= 3
    assert len(set(category.synonyms)) == len(category.synonyms)
    assert not re.search(r"lonel|depriv|needy|vulnerab|hotspot", " ".join((category.why, category.not_in_osm)).lower())
    assert set(category.wellbeing) <= set(WELLBEING)
    if category.counts_towards != "none":
        assert category.wellbeing
    assert category.walk_minutes <= 20


@pytest.mark.parametrize("name", IDS)
def test_a_category_asks_for_keys_that_are_in_use(name: str, catalogue: Catalogue) -> None:
    category = catalogue.categories[name]
    assert {key for rule in category.osm for key, _ in rule.needs} <= KEYS
    if not category.osm:
        assert len(category.not_in_osm.split()) >= 12
        assert category.not_in_osm.endswith(".")


@pytest.mark.parametrize("name", IDS)
def test_every_rule_of_a_category_takes_something(name: str, catalogue: Catalogue) -> None:
    """An object with just the tags of a rule goes to that category, unless the category is one of those dropped."""
    category = catalogue.categories[name]
    for rule in category.osm:
        tags = {key: sorted(values)[0] if values else "x" for key, values in rule.needs}
        if any(key == "amenity" and values is None for key, values in rule.needs):
            tags["amenity"] = "bar"
        if category.sensitive:
            assert catalogue.is_sensitive(tags)
            assert catalogue.classify(tags) is None
        else:
            assert catalogue.classify(tags) == name, tags


def test_what_may_be_told_of_a_person_is_said(catalogue: Catalogue) -> None:
    reveals = {category.id: category.reveals for category in catalogue.categories.values() if category.reveals}
    assert reveals["place-of-worship"] == reveals["faith-group"] == "belief"
    assert reveals["cultural-association"] == "ethnicity"
    assert reveals["lgbtq-group"] == "sexuality"
    assert {reveals[name] for name in ("support-centre", "support-group", "gp-surgery", "hospital")} == {"health"}
    assert [category.id for category in catalogue.categories.values() if category.sensitive] == ["refuge"]


def test_the_page_of_what_is_looked_for_is_up_to_date(catalogue: Catalogue) -> None:
    spec = importlib.util.spec_from_file_location("what_we_look_for", ROOT / "scripts" / "what_we_look_for.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.page(catalogue) == script.PAGE.read_text(encoding="utf-8"), "run python scripts/what_we_look_for.py"


# --- Found by a word ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "name"), WORDS.items(), ids=list(WORDS))
def test_what_a_worker_types_finds_the_category(words: str, name: str, catalogue: Catalogue) -> None:
    assert name in [category.id for category in catalogue.find(words)][:2]


def test_nothing_typed_and_nothing_known_find_nothing(catalogue: Catalogue) -> None:
    assert catalogue.find("  '  ") == catalogue.find("zeppelin") == ()


@given(st.text(max_size=30))
def test_property_compared_words_are_plain_and_stay_so(words: str) -> None:
    plain = plain_words(words)
    assert plain_words(plain) == plain
    assert plain == " ".join(plain.split())


# --- One object, one category ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({"leisure": "pitch", "sport": "bowls;tennis"}, "bowling-green"),
        ({"leisure": "pitch", "sport": "tennis; bowls"}, "bowling-green"),
        ({"amenity": "community_centre", "community_centre:for": "child;juvenile"}, "youth-group"),
        ({"amenity": "pub", "historic": "monument", "name": "An Inn"}, "pub"),
        ({"amenity": "gambling", "gambling": "bingo"}, "bingo"),
        ({"amenity": "gambling"}, None),
        ({"leisure": "garden"}, None),
        ({"leisure": "garden", "name": "The Garden"}, "public-garden"),
        ({"leisure": "garden", "name": "The Garden", "garden:type": "community"}, "community-garden"),
        ({"leisure": "garden", "name": "The Garden", "access": "private"}, None),
        ({"leisure": "pitch"}, None),
        ({"leisure": "swimming_pool"}, None),
        ({"leisure": "sports_centre", "sport": "swimming"}, "swimming-pool"),
        ({"amenity": "bar"}, None),
        ({"amenity": "bar", "lgbtq": "primary"}, "lgbtq-group"),
        ({"historic": "memorial", "memorial": "blue_plaque", "name": "Somebody"}, None),
        ({"historic": "memorial", "memorial": "war_memorial"}, "heritage-site"),
        ({"amenity": "language_school"}, None),
        ({"amenity": "social_facility", "social_facility": "nursing_home"}, None),
        ({"amenity": "social_facility", "social_facility": "group_home", "social_facility:for": "disabled"}, None),
    ],
)
def test_ties_lists_and_limits(tags: dict[str, str], name: str | None, catalogue: Catalogue) -> None:
    assert catalogue.classify(tags) == name


def test_oracle_values_in_one_tag() -> None:
    assert values_of("a; b;c") == ("a; b;c", "a", "b", "c")


@pytest.mark.real
@pytest.mark.parametrize("name", ["camden/camden.osm.pbf", "extracts/helsinki.osm.pbf"])
def test_oracle_every_real_object_has_one_category(name: str, real_data: Path, catalogue: Catalogue) -> None:
    """Ask all categories in turn: the one taken is never beaten, and few stand level before the alphabet decides."""
    shown = list(catalogue.categories.values())
    asked = {category.id: {key for rule in category.osm for key, _ in rule.needs} for category in shown}
    level: Counter[tuple[str, ...]] = Counter()
    for thing in osmium.FileProcessor(str(real_data / name)).with_filter(osmium.filter.KeyFilter(*catalogue.osm_keys)):
        tags = {tag.k: tag.v for tag in thing.tags}
        # A rule takes nothing that lacks one of its keys.
        best = _best([category for category in shown if asked[category.id] & tags.keys()], tags)
        taken = catalogue.classify(tags)
        if catalogue.is_sensitive(tags):
            assert taken is None
            continue
        assert (taken is None) == (not best), tags
        if best:
            assert taken in best
            strongest = min(best.values())
            assert best[taken] == strongest
            if list(best.values()).count(strongest) > 1:
                level[tuple(sorted(best))] += 1
    assert sum(level.values()) <= 5, level


def _best(categories: list[Category], tags: dict[str, str]) -> dict[str, int]:
    """Return the categories whose best rule has the most keys and named values, with their rank of what counts."""
    found = {
        category.id: (max(r.specificity for r in category.osm if r.matches(tags)), category.counts_towards)
        for category in categories
        if category.matches(tags)
    }
    top = max((specificity for specificity, _ in found.values()), default=None)
    rank = ["meeting", "help", "none"]
    return {name: rank.index(counts) for name, (specificity, counts) in found.items() if specificity == top}


# --- What must not be found -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tags",
    [
        {"amenity": "social_facility", "social_facility": "shelter"},
        {"amenity": "social_facility", "social_facility": "shelter;outreach"},
        {"amenity": "social_facility", "social_facility:for": "child;women"},
        {"amenity": "community_centre", "community_centre:for": "refugees"},
        {"amenity": "refugee_site"},
        {"building": "yes", "refugee": "yes"},
        {"building": "yes", "name": "Nether Women's Aid"},
        {"building": "yes", "name": "NETHER WOMEN’S REFUGE"},
        {"building": "house", "name": "The Refuge"},
        {"office": "charity", "name": "Safe House Project"},
        {"amenity": "community_centre", "name": "Hall", "operator": "Domestic Abuse Partnership"},
        {"building": "apartments", "name": "Block B", "alt_name": "Asylum Accommodation, block B"},
        {"tourism": "hotel", "name": "The Grand", "official_name": "The Grand asylum hotel"},
        {"amenity": "social_facility", "name": "Flüchtlingsheim Mitte"},
    ],
)
def test_canary_places_in_danger_are_known_by_tag_and_by_name(tags: dict[str, str], catalogue: Catalogue) -> None:
    assert catalogue.is_sensitive(tags)
    assert catalogue.classify(tags) is None
    assert any(key in catalogue.osm_keys for key in tags)


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({"highway": "residential", "name": "Refuge Lane"}, None),
        ({"amenity": "pub", "name": "The Refuge"}, "pub"),
        ({"amenity": "place_of_worship", "name": "Refuge Temple"}, "place-of-worship"),
        ({"shop": "charity", "name": "Women's Aid"}, "charity-shop"),
        ({"amenity": "cafe", "name": "Refugees Welcome Café"}, "cafe"),
        ({"amenity": "library", "name": "Subterfuge Library"}, "library"),
        ({"place": "hamlet", "name": "Refuge"}, None),
    ],
)
def test_streets_and_pubs_of_that_name_stay(tags: dict[str, str], name: str | None, catalogue: Catalogue) -> None:
    assert not catalogue.is_sensitive(tags)
    assert catalogue.classify(tags) == name


@given(st.sampled_from(load_catalogue().categories["refuge"].names), st.text(max_size=6), st.text(max_size=6))
def test_property_a_name_that_holds_such_words_is_known(words: str, before: str, after: str) -> None:
    for name in (words, words.upper(), words.replace("'", "’"), words.replace(" ", ", "), words.replace("'", "")):
        assert load_once().is_sensitive_name(f"{before} {name} {after}")


_once: list[Catalogue] = []


def load_once() -> Catalogue:
    if not _once:
        _once.append(load_catalogue())
    return _once[0]


def test_canary_a_building_of_such_a_name_is_not_even_ground(tmp_path: Path, catalogue: Catalogue) -> None:
    corners = ((52.0, -1.0), (52.0, -0.999), (52.001, -0.999))
    nodes = "".join(f'<node id="{i}" lat="{y}" lon="{x}" version="1"/>' for i, (y, x) in enumerate(corners, 1))
    ring = "".join(f'<nd ref="{i}"/>' for i in (1, 2, 3, 1))
    ways = "".join(
        f'<way id="{i}" version="1">{ring}<tag k="building" v="yes"/><tag k="name" v="{name}"/></way>'
        for i, name in ((10, "CANARY House"), (11, "CANARY Women's Aid"))
    )
    hall = '<tag k="amenity" v="community_centre"/><tag k="name" v="Hall"/>'
    ways += f'<way id="12" version="1">{ring}{hall}</way>'
    ways += f'<way id="13" version="1">{ring}{hall}<tag k="operator" v="CANARY Refuge"/></way>'
    ways += f'<way id="14" version="1">{ring}<tag k="highway" v="footway"/><tag k="name" v="Refuge Lane"/></way>'
    path = tmp_path / "town.osm"
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{nodes}{ways}</osm>', encoding="utf-8")
    read = read_extract(path, catalogue, crs.BRITISH_GRID, (-180.0, -90.0, 180.0, 90.0))
    assert read.ground["name"].dropna().tolist() == ["CANARY House"]
    assert list(read.features.index) == ["w12"]
    assert "Refuge Lane" in read.edges["name"].tolist()
    assert read.tally.left_out["a sensitive place, neither kept nor drawn"] == 2


def test_a_name_in_a_table_is_known_without_tags(catalogue: Catalogue) -> None:
    assert catalogue.is_sensitive_name("Nether Womens' Aid")
    assert catalogue.is_sensitive_name("Safe  house")
    assert not catalogue.is_sensitive_name("Nether Women's Institute")
    assert not catalogue.is_sensitive_name("")
