"""What an extract names and no category takes: every named object in one count, the groups with their reasons."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from village import write_village

from assetmap import cli
from assetmap.catalogue import Catalogue, load_catalogue, shipped_layers
from assetmap.errors import FileRefusedError, LayerError
from assetmap.sources.untaken import Reasons, count_untaken, read_reasons

THINGS = (
    {"amenity": "library", "name": "A"},
    {"shop": "clothes", "name": "B"},
    {"shop": "clothes", "name": "C"},
    {"shop": "clothes;shoes", "name": "D"},
    {"shop": "shoes"},
    {"amenity": "restaurant", "name": "E", "shop": "deli"},
    {"shop": "umbrellas", "name": "F"},
    {"amenity": "library", "name": "G", "access": "private"},
    {"amenity": "social_facility", "social_facility": "shelter", "name": "CANARY-1"},
    {"building": "yes", "name": "CANARY-2 Women's Aid"},
    {"highway": "bus_stop", "name": "H"},
    {"building": "yes", "name": "I", "shop": "no"},
    {"name": "J"},
    {"note": "no name"},
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("check")
    files = write_village(folder / "files")
    words = ["new", str(folder / "w"), "--name", "Nether Village", "--zones", str(files.zones), "--zone-id", "code"]
    assert cli.main([*words, "--osm", str(files.osm), "--indicators", str(files.indicators[0])]) == 0
    return folder / "w"


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """A street map of fourteen things."""
    nodes = "".join(
        f'<node id="{number}" lat="52.0" lon="-1.0" version="1">'
        + "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        + "</node>"
        for number, tags in enumerate(THINGS, 1)
    )
    path = tmp_path / "town.osm"
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{nodes}</osm>', encoding="utf-8")
    return path


def test_every_named_thing_is_in_one_count(extract: Path, catalogue: Catalogue) -> None:
    left = count_untaken(extract, catalogue, read_reasons())
    assert (left.named, left.taken, left.sensitive) == (12, 1, 2)
    assert list(zip(left.groups["tag"], left.groups["objects"], strict=True)) == [
        ("shop=clothes", 3),
        ("amenity=library, left out by its kind", 1),
        ("amenity=restaurant", 1),
        ("shop=umbrellas", 1),
    ]
    assert list(zip(left.rest["key"], left.rest["objects"], strict=True)) == [
        ("a name alone", 1),
        ("building", 1),
        ("highway", 1),
    ]
    assert left.named == left.taken + left.sensitive + left.groups["objects"].sum() + left.rest["objects"].sum()


def test_reasons_go_from_the_value_to_the_key_to_a_request(extract: Path, catalogue: Catalogue) -> None:
    reasons = Reasons({"shop": "Bought."}, {"shop=clothes": "Worn."}, {})
    groups = count_untaken(extract, catalogue, reasons).groups.set_index("tag")["reason"]
    assert groups["shop=clothes"] == "Worn."
    assert groups["shop=umbrellas"] == "Bought."
    assert "Nobody has said why" in Reasons({}, {}, {}).of("shop", "clothes")


def test_canary_no_name_and_nothing_sensitive_is_told(extract: Path, catalogue: Catalogue) -> None:
    told = json.dumps(count_untaken(extract, catalogue, read_reasons()).plain())
    assert "CANARY" not in told
    assert "shelter" not in told


def test_an_extract_of_nothing_gives_empty_tables(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "empty.osm"
    path.write_text('<?xml version="1.0"?><osm version="0.6"></osm>', encoding="utf-8")
    left = count_untaken(path, catalogue, read_reasons())
    assert left.named == len(left.groups) == len(left.rest) == 0
    assert list(left.groups) == ["tag", "objects", "reason"]


def test_files_that_cannot_be_read_are_refused_by_name(tmp_path: Path, extract: Path, catalogue: Catalogue) -> None:
    with pytest.raises(FileRefusedError, match=r"gone\.osm: is not there"):
        count_untaken(tmp_path / "gone.osm", catalogue, read_reasons())
    whole = extract.read_text(encoding="utf-8")
    extract.write_text(whole[: len(whole) // 2], encoding="utf-8")
    with pytest.raises(FileRefusedError, match=r"town\.osm: cannot be read to its end"):
        count_untaken(extract, catalogue, read_reasons())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[places]\n[values]\n", "a table is missing, found 'rest'"),
        ('[places]\nshop = ""\n[values]\n[rest]\n', "places: a reason must be a sentence, found 'shop'"),
        ("[places", "cannot be read"),
    ],
)
def test_faults_of_the_reasons_are_said(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "untaken.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LayerError) as raised:
        read_reasons(path)
    assert says in str(raised.value)


def test_shipped_reasons_are_sentences_about_what_no_category_takes(catalogue: Catalogue) -> None:
    reasons = read_reasons(shipped_layers() / "untaken.toml")
    for table in (reasons.places, reasons.values, reasons.rest):
        for tag, reason in table.items():
            assert reason.endswith("."), tag
    for tag in reasons.values:
        key, _, value = tag.partition("=")
        assert key in reasons.places, tag
        assert catalogue.classify({key: value}) is None or tag == "amenity=social_facility", tag


def test_check_lists_kinds_found_and_groups_left(
    village: Path, extract: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["check", str(village), "--osm", str(extract), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert len(told["categories"]) == len(load_catalogue().categories) - 1
    assert "refuge" not in told["categories"]
    assert sum(row["found"] for row in told["categories"].values()) > 0
    assert told["left_over"]["groups"][0] == {
        "tag": "shop=clothes",
        "objects": 3,
        "reason": "Things are bought here; people do not come for each other.",
    }
    cli.main(["check", str(village), "--osm", str(extract)])
    said = capsys.readouterr().out
    assert "town.osm names 12 things: 1 are in a kind of place above, 2 are sensitive and dropped" in said
    assert "3  shop=clothes: Things are bought here" in said
    assert "Not found, or not on the street map: " in said
    cli.main(["check", str(village), "--json"])
    assert json.loads(capsys.readouterr().out)["left_over"] is None


@pytest.mark.real
def test_camden_names_restaurants_most_and_every_group_has_a_reason(real_data: Path, catalogue: Catalogue) -> None:
    left = count_untaken(real_data / "camden" / "camden.osm.pbf", catalogue, read_reasons())
    assert left.named == left.taken + left.sensitive + left.groups["objects"].sum() + left.rest["objects"].sum()
    assert left.groups["tag"].head(3).tolist() == ["amenity=restaurant", "historic=memorial", "amenity=fast_food"]
    assert not left.groups["reason"].str.startswith("Nobody has said").any()
    assert left.sensitive == 3
