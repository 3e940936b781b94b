"""Layer files: every shipped one keeps the contract, and every fault is said with file, key, found and do."""

# ruff: noqa: E501 (a table of cases reads best with one case a line)
from __future__ import annotations

import re
import shutil
import tomllib
from collections import Counter
from pathlib import Path

import osmium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assetmap.catalogue import KINDS, PAPER, Catalogue, contrast, load_catalogue, shipped_layers
from assetmap.categories import COUNTS
from assetmap.errors import LayerError

LAYERS = shipped_layers()
FILES = sorted(LAYERS.glob("*/*.toml"))
FOLDER_TO_MAPPING = {"assets": "categories"}

LIBRARY = """
label = "Library"
plural = "Libraries"
kind = "building"
theme = "learning"
counts_towards = "meeting"
why = "Open to all."
icon = "book"
letter = "L"
walk_minutes = 15
osm = [{ amenity = "library" }]
"""
THEME = 'label = "Learning"\nsentence_name = "somewhere to learn"\norder = 1\nweight = 1\n'
SOURCE = 'title = "T"\npublisher = "P"\nlicence = "OGL"\nattribution = "A"\nas_of = "2021"\n'
INDICATOR = """
label = "Alone"
sentence = "more people live alone"
population = "households"
direction = "more"
unit = "percent"
vintage = "2021"
source = "census"
caveat = "None."
[[reads]]
form = "wide"
columns = ["alone"]
over = ["all"]
"""
COUNT = """
label = "People"
vintage = "2021"
source = "census"
caveat = "None."
[[reads]]
form = "wide"
columns = ["people"]
"""
INDEX = """
label = "Isolation"
population = "everyone"
method = "rank-normal"
[[domains]]
id = "people"
label = "people"
weight = 1
members = [{ indicators = ["alone"] }]
"""


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def layers(tmp_path: Path) -> Path:
    """A small folder of layers without a fault."""
    write(tmp_path, "themes/learning", THEME)
    write(tmp_path, "assets/library", LIBRARY)
    write(tmp_path, "sources/census", SOURCE)
    write(tmp_path, "indicators/alone", INDICATOR)
    write(tmp_path, "indices/isolation", INDEX)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    path = folder / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


# --- The layers that ship -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_shipped_layer_is_in_the_catalogue_as_written(path: Path, shipped: Catalogue) -> None:
    layer = getattr(shipped, FOLDER_TO_MAPPING.get(path.parent.name, path.parent.name))[path.stem]
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    for key in ("label", "plural", "why", "caveat", "sentence", "attribution", "licence", "title"):
        if key in raw:
            assert getattr(layer, key) == raw[key]
    for key in ("sentence", "sentence_name"):
        if key in raw:
            assert raw[key][0].islower()
            assert not raw[key].endswith(".")
    for key in ("why", "caveat"):
        if key in raw:
            assert len(raw[key].split()) >= 5
            assert raw[key].endswith(".")


def test_what_ships_is_what_was_promised(shipped: Catalogue) -> None:
    assert len(shipped.themes) == 8
    assert [theme.order for theme in shipped.themes.values()] == list(range(1, 9))
    assert len(shipped.categories) >= 60
    assert {category.kind for category in shipped.categories.values()} == set(KINDS)
    assert len(shipped.indicators) >= 18
    assert set(shipped.indices) == {
        *("isolation", "isolation-published", "isolation-older", "isolation-working-age", "isolation-newcomers")
    }
    counting = {c.theme for c in shipped.categories.values() if c.counts_towards != "none"}
    assert counting == set(shipped.themes)
    letters = Counter((c.kind, c.theme, c.letter) for c in shipped.categories.values())
    assert letters.most_common(1)[0][1] == 1


def test_the_default_index_is_eight_equal_parts_with_health_counted_once(shipped: Catalogue) -> None:
    index = shipped.indices["isolation"]
    members = [member for domain in index.domains for member in domain.members if not member.optional]
    assert len(members) == 8
    assert {member.weight for member in members} == {1.0}
    assert ("bad-health", "limited-a-lot") in [member.indicators for member in members]
    assert [domain.weight for domain in index.domains] == [1.0, 1.0]
    assert index.fallback == "isolation-published"
    assert not any(shipped.indicators[name].modelled for member in members for name in member.indicators)


@pytest.mark.parametrize("path", sorted((LAYERS / "indices").glob("*.toml")), ids=lambda path: path.stem)
def test_an_index_says_whom_it_speaks_of_why_and_of_what(path: Path, shipped: Catalogue) -> None:
    index = shipped.indices[path.stem]
    assert index.population
    assert len(index.why.split()) >= 10
    assert index.why.endswith(".")
    assert [domain.id for domain in index.domains] == ["people-alone", "barriers"]
    assert [domain.weight for domain in index.domains] == [1.0, 1.0]
    on = [member for domain in index.domains for member in domain.members if not member.optional]
    assert {member.weight for member in on} == {1.0}
    assert sum(len(member.indicators) for member in on) >= 3
    for domain in index.domains:
        assert any(not member.optional for member in domain.members)
        # A hint that an index does not follow would mislead whoever writes the next one.
        hints = {shipped.indicators[name].domain_hint for member in domain.members for name in member.indicators}
        assert hints == {domain.id}


def test_names_of_two_indices_and_of_two_figures_differ(shipped: Catalogue) -> None:
    for layers in (shipped.indices, shipped.indicators):
        labels = [layer.label for layer in layers.values()]
        assert len(set(labels)) == len(labels)
    populations = [index.population for name, index in shipped.indices.items() if name != "isolation-published"]
    assert len(set(populations)) == len(populations)


@pytest.mark.parametrize("path", sorted((LAYERS / "indicators").glob("*.toml")), ids=lambda path: path.stem)
def test_an_indicator_carries_what_must_stand_beside_it(path: Path, shipped: Catalogue) -> None:
    indicator = shipped.indicators[path.stem]
    assert indicator.population
    assert re.search(r"20\d\d|modelled", indicator.vintage)
    source = shipped.sources[indicator.source]
    assert source.licence
    assert source.attribution
    assert indicator.domain_hint in {"people-alone", "barriers"}
    for words in (indicator.label, indicator.sentence):
        assert "lonel" not in words.lower()
    # A share of a whole is a percentage, and a table that is read twice is read the same way.
    for read in indicator.reads:
        if read.over or read.per or read.times:
            assert indicator.unit == "percent"
    assert len(set(indicator.reads)) == len(indicator.reads)


def test_modelled_figures_say_so_and_never_the_word_measured_of_this_place(shipped: Catalogue) -> None:
    modelled = [indicator for indicator in shipped.indicators.values() if indicator.modelled]
    assert modelled
    for indicator in modelled:
        assert "odelled" in indicator.label
        assert "laces like this" in indicator.label + indicator.sentence
        assert "not measured here" in indicator.caveat
    on = {
        name
        for index in shipped.indices.values()
        for domain in index.domains
        for member in domain.members
        for name in member.indicators
        if shipped.indicators[name].modelled and not member.optional
    }
    assert on == {"modelled-isolation-by-area-type"}
    assert "9 %" in shipped.indicators["gp-prescribing"].caveat


def test_map_furniture_lines_are_exact(shipped: Catalogue) -> None:
    assert shipped.sources["openstreetmap"].attribution == (
        "© OpenStreetMap contributors. Data available under the Open Database Licence, openstreetmap.org/copyright"
    )
    assert shipped.sources["ons-census-2021"].attribution == (
        "Source: Office for National Statistics licensed under the Open Government Licence v3.0. "
        "Contains OS data © Crown copyright and database right 2021"
    )


def test_no_car_says_nothing_in_inner_london(shipped: Catalogue) -> None:
    no_car = shipped.indicators["no-car"]
    assert "E09000007" in no_car.no_weight_in
    assert "E08000009" not in no_car.no_weight_in
    assert no_car.compare_within == ("rural_urban", "region")
    assert no_car.no_weight_why


# --- Which category takes an object ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "category"),
    [
        ({"amenity": "library"}, "library"),
        ({"amenity": "library", "access": "private"}, None),
        ({"amenity": "library", "building": "university"}, None),
        ({"club": "chess"}, "social-club"),
        ({"club": "scout"}, "scouts"),
        ({"club": "youth"}, "youth-group"),
        ({"club": "sport", "leisure": "sports_centre"}, "sports-centre"),
        ({"club": "chess", "amenity": "pub"}, "pub"),
        ({"amenity": "social_facility"}, "day-centre"),
        ({"amenity": "social_facility", "social_facility": "food_bank"}, "food-bank"),
        ({"amenity": "community_centre", "community_centre": "youth_centre"}, "youth-group"),
        ({"amenity": "bench", "name": "A bench"}, None),
        ({}, None),
    ],
)
def test_exactly_one_category_takes_an_object(tags: dict[str, str], category: str | None, shipped: Catalogue) -> None:
    assert shipped.classify(tags) == category


@pytest.mark.parametrize(
    "tags",
    [
        {"amenity": "social_facility", "social_facility": "shelter"},
        {"amenity": "social_facility", "social_facility": "shelter", "social_facility:for": "women"},
        {"amenity": "social_facility", "social_facility:for": "women", "name": "Somewhere"},
        {"amenity": "community_centre", "social_facility:for": "victim"},
        {"amenity": "community_centre", "community_centre": "youth_centre", "social_facility:for": "refugees"},
    ],
)
def test_canary_a_refuge_is_in_no_layer_whatever_else_its_tags_say(tags: dict[str, str], shipped: Catalogue) -> None:
    assert shipped.classify(tags) is None
    assert shipped.is_sensitive(tags)


WORDS = st.sampled_from(["amenity", "club", "leisure", "access", "social_facility", "garden:type", "office", "landuse"])
VALUES = st.sampled_from(
    ["library", "sport", "private", "social_facility", "food_bank", "shelter", "community", "garden", "charity", "no"]
)


@given(st.dictionaries(WORDS, VALUES, max_size=5), st.randoms())
def test_property_classify_agrees_with_every_category_asked_in_turn(tags: dict[str, str], random: object) -> None:
    catalogue = load_once()
    taken = [c for c in catalogue.categories.values() if c.matches(tags)]
    best = min(
        taken,
        default=None,
        key=lambda c: (
            not c.sensitive,
            *min(tuple(-n for n in rule.specificity) for rule in c.osm if rule.matches(tags)),
            COUNTS.index(c.counts_towards),
            c.id,
        ),
    )
    expected = None if best is None or best.sensitive else best.id
    shuffled = list(tags.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert catalogue.classify(tags) == catalogue.classify(dict(shuffled)) == expected
    assert not taken or any(key in tags for key in catalogue.osm_keys)


_once: list[Catalogue] = []


def load_once() -> Catalogue:
    if not _once:
        _once.append(load_catalogue())
    return _once[0]


@pytest.mark.real
def test_every_theme_counts_something_in_camden(real_data: Path, shipped: Catalogue) -> None:
    found: Counter[str | None] = Counter()
    sensitive = 0
    for thing in osmium.FileProcessor(str(real_data / "camden" / "camden.osm.pbf")):
        if len(thing.tags):
            tags = dict(thing.tags)
            found[shipped.classify(tags)] += 1
            sensitive += shipped.is_sensitive(tags)
    counting = [c for c in shipped.categories.values() if c.counts_towards != "none" and found[c.id]]
    assert {category.theme for category in counting} == set(shipped.themes)
    assert {shipped.categories[name].kind for name in found if name} == set(KINDS)
    assert sensitive == 3


# --- Faults ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("assets/library", "walk_minutes", "walk_minuets", "assets/library.toml: unknown key, found 'walk_minuets'; did you mean walk_minutes?"),
        ("assets/library", "walk_minutes = 15\n", "", "the key walk_minutes is missing"),
        ("assets/library", "walk_minutes = 15", 'walk_minutes = "15"', "assets/library.toml, walk_minutes: must be a number above 0, found '15'"),
        ("assets/library", "walk_minutes = 15", "walk_minutes = true", "must be a number above 0, found 'True'"),
        ("assets/library", "walk_minutes = 15", "walk_minutes = inf", "must be a number above 0"),
        ("assets/library", 'theme = "learning"', 'theme = "lerning"', "assets/library.toml, theme: there is no theme of this name, found 'lerning'; did you mean learning?"),
        ("assets/library", '"building"', '"person"', "assets/library.toml, kind: is not one of the words allowed, found 'person'"),
        ("assets/library", '"building"', '"bilding"', "did you mean building?"),
        ("assets/library", '"meeting"', '"yes"', "counts_towards: is not one of the words allowed, found 'yes'"),
        ("assets/library", 'letter = "L"', 'letter = "LI"', "letter: must be one letter or digit, found 'LI'"),
        ("assets/library", 'why = "Open to all."', 'why = " "', "why: must be text in quotes"),
        ("assets/library", '[{ amenity = "library" }]', '"library"', "osm: must be one or more tables of tags"),
        ("assets/library", '[{ amenity = "library" }]', "[]", "osm: must be one or more tables of tags"),
        ("assets/library", '[{ amenity = "library" }]', "[{}]", "osm 1: must be a table of tags"),
        ("assets/library", '[{ amenity = "library" }]', "[{ amenity = 3 }]", "osm 1, amenity: must be a list of texts, found '3'"),
        ("assets/library", '[{ amenity = "library" }]', '[{ amenity = ["*", "x"] }]', "osm 1, amenity: mixes * with values"),
        ("assets/library", 'letter = "L"', 'letter = "L"\ncolour = "#F0E442"', "colour: is too pale on paper (1.3 to 1), found '#F0E442'"),
        ("assets/library", 'letter = "L"', 'letter = "L"\ncolour = "blue"', "colour: must be a colour, found 'blue'"),
        ("assets/library", 'letter = "L"', 'letter = "L"\nreveals = "wealth"', "reveals: is not one of the words allowed"),
        ("assets/library", 'letter = "L"', 'letter = "L"\nsensitive = "no"', "sensitive: must be true or false"),
        ("assets/library", 'letter = "L"', "letter = L", "assets/library.toml: is not valid TOML"),
        ("assets/library", 'osm = [{ amenity = "library" }]\n', "", "assets/library.toml: the key osm is missing; add a line osm = [...], or say in not_in_osm why"),
        ("assets/library", 'letter = "L"', 'letter = "L"\nnot_in_osm = "It is a bus."', "assets/library.toml: has both osm and not_in_osm; keep one of them"),
        ("assets/library", 'letter = "L"', 'letter = "L"\nnames = ["refuge"]', "assets/library.toml, names: only a sensitive category is known by names"),
        ("sources/census", 'licence = "OGL"\n', "", "sources/census.toml: the key licence is missing"),
        ("sources/census", '"OGL"', '""', "sources/census.toml, licence: must be text in quotes"),
        ("sources/census", 'as_of = "2021"', 'as_of = "2021"\nurl = "javascript:x"', "url: must be a web address"),
        ("indicators/alone", '"census"', '"sensus"', "indicators/alone.toml, source: there is no source of this name, found 'sensus'; did you mean census?"),
        ("indicators/alone", 'over = ["all"]', 'over = ["all"]\nper = "residents"', "reads 1: has both over and per"),
        ("indicators/alone", 'over = ["all"]', 'per = "residents"', "reads 1, per: there is no count of this name"),
        ("indicators/alone", 'columns = ["alone"]', 'rows = ["alone"]', "reads 1: needs columns if wide, rows if long"),
        ("indicators/alone", 'columns = ["alone"]', 'colums = ["alone"]', "reads 1: unknown key, found 'colums'; did you mean columns?"),
        ("indices/isolation", '["alone"]', '["alon"]', "indices/isolation.toml, domains: there is no indicator of this name, found 'alon'; did you mean alone?"),
        ("indices/isolation", '[{ indicators = ["alone"] }]', '[{ indicators = ["alone"] }, { indicators = ["alone"] }]', "an indicator is used twice"),
        ("indices/isolation", '"rank-normal"', '"magic"', "method: is not one of the words allowed"),
        ("indices/isolation", 'method = "rank-normal"', 'method = "rank-normal"\nfallback = "other"', "fallback: there is no index of this name"),
        ("indices/isolation", "weight = 1", "weight = 0", "domains 1, weight: must be a number above 0, found '0'"),
        ("themes/learning", "order = 1", "order = 1.5", "themes/learning.toml, order: must be a whole number"),
    ],
)  # fmt: skip
def test_a_fault_names_file_key_found_and_do(layers: Path, name: str, old: str, new: str, message: str) -> None:
    path = layers / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LayerError) as raised:
        load_catalogue(layers)
    assert message in str(raised.value)
    assert raised.value.do or raised.value.found


def test_a_modelled_indicator_enters_an_index_only_by_name(layers: Path) -> None:
    write(layers, "indicators/alone", INDICATOR.replace("[[reads]]", "modelled = true\n[[reads]]"))
    with pytest.raises(LayerError, match="not switched on by name"):
        load_catalogue(layers)
    write(layers, "indices/isolation", INDEX.replace("[[domains]]", 'modelled = ["alone"]\n[[domains]]'))
    assert load_catalogue(layers).indices["isolation"].modelled == ("alone",)


def test_two_categories_may_not_ask_for_the_same_tags(layers: Path) -> None:
    write(layers, "assets/reading-room", LIBRARY.replace('"library"', '["archive", "library"]'))
    with pytest.raises(LayerError, match=r"assets/reading-room\.toml, osm: another category has the same tags"):
        load_catalogue(layers)
    write(layers, "assets/reading-room", LIBRARY.replace('amenity = "library"', 'amenity = "library", room = "*"'))
    catalogue = load_catalogue(layers)
    assert catalogue.classify({"amenity": "library", "room": "reading"}) == "reading-room"
    assert catalogue.classify({"amenity": "library"}) == "library"


def test_names_of_files_and_folders_are_checked(layers: Path) -> None:
    write(layers, "asset/hall", LIBRARY)
    with pytest.raises(LayerError, match="did you mean assets"):
        load_catalogue(layers)
    shutil.rmtree(layers / "asset")
    write(layers, "assets/Village Hall", LIBRARY)
    with pytest.raises(LayerError, match=r"the file name cannot be an id, found 'Village Hall\.toml'"):
        load_catalogue(layers)
    with pytest.raises(LayerError, match="there is no such folder of layers"):
        load_catalogue(layers / "nowhere")


def test_hostile_bytes_that_are_not_utf8_are_refused(layers: Path) -> None:
    (layers / "assets" / "library.toml").write_bytes(LIBRARY.replace("Library", "Caf\xe9").encode("cp1252"))
    with pytest.raises(LayerError, match=r"assets/library\.toml: is not UTF-8 text"):
        load_catalogue(layers)


@pytest.mark.parametrize(
    "label", ["{{7*7}}", "<script>alert(1)</script>", "=1+1", "O'Brien & Sons `Café` ${cost} £5", " x\u202e "]
)
def test_hostile_text_of_a_layer_is_kept_as_it_was_written(layers: Path, label: str) -> None:
    write(layers, "assets/library", LIBRARY.replace('label = "Library"', f'label = "{label}"'))
    assert load_catalogue(layers).categories["library"].label == label


# --- Several folders, and the fingerprint ---------------------------------------------------------------------


def test_a_later_folder_adds_and_overrides(layers: Path, tmp_path: Path) -> None:
    own = tmp_path / "own-layers"
    own.mkdir()
    write(own, "assets/library", LIBRARY.replace('"Library"', '"Our library"'))
    write(own, "assets/hub", LIBRARY.replace('amenity = "library"', 'amenity = "hub"'))
    catalogue = load_catalogue(shipped_layers(), own)
    assert catalogue.categories["library"].label == "Our library"
    assert catalogue.classify({"amenity": "hub"}) == "hub"
    assert len(catalogue.categories) == len(load_catalogue().categories) + 1


def test_the_examples_of_the_documentation_are_layers(layers: Path) -> None:
    page = Path(__file__).parent.parent / "docs" / "layers.md"
    place, reads = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    write(layers, "themes/meeting", THEME)
    write(layers, "assets/mens-shed", place)
    write(layers, "indicators/alone", INDICATOR.partition("[[reads]]")[0] + reads)
    write(layers, "counts/residents", COUNT)
    catalogue = load_catalogue(layers)
    assert catalogue.classify({"club": "mens_shed"}) == "mens-shed"
    assert len(catalogue.indicators["alone"].reads) == 2


def test_the_fingerprint_is_that_of_the_content(layers: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(shipped_layers(), copy)
    assert load_catalogue(copy).fingerprint == load_catalogue().fingerprint
    assert load_catalogue(copy) == load_catalogue()
    assert len({load_catalogue(copy), load_catalogue()}) == 1
    library = copy / "assets" / "library.toml"
    library.write_text(library.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
    assert load_catalogue(copy) != load_catalogue()


def test_a_catalogue_cannot_be_changed(shipped: Catalogue) -> None:
    with pytest.raises(AttributeError):
        shipped.fingerprint = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        shipped.themes["x"] = shipped.themes["food"]  # type: ignore[index]


def test_oracle_contrast_of_published_pairs() -> None:
    assert contrast("#000000", "#FFFFFF") == 21
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    assert contrast("#FFFFFF", "#777777") == contrast("#777777", "#FFFFFF")
    for colour in ("#0072B2", "#B35C00", "#00775A", "#A8437F"):
        assert contrast(colour, PAPER) >= 3
