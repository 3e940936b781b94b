"""Where people's walks begin, from the census: output areas with the middle of where their people live.

Which output area lies in which zone and where its middle is come from the Open Geography Portal; how many people
live in it comes from table TS001 of Nomis. The list made of them is read like one that somebody gave.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from assetmap.catalogue import Source
from assetmap.schema import Step
from assetmap.sources import nomis
from assetmap.sources.answers import Failed, Found, NoneMapped
from assetmap.sources.feature_service import Rows, ask_in_batches, read_json, records
from assetmap.sources.ons import find_layer, layer, service_words
from assetmap.sources.web import Client, digest_of

KIND: Final = "output-areas"
FILE: Final = "origins.csv"
_TOTAL: Final = "Total"


def fetch(client: Client, boundaries: Source, census: Source, codes: Sequence[str]) -> Generator[Step, None, Rows]:
    """Fetch the output areas of zones, with people.

    Parameters
    ----------
    client
        Who asks.
    boundaries, census
        ``ons-boundaries`` and ``ons-census-2021`` of the catalogue.
    codes
        Codes of the zones.

    Returns
    -------
    Found, NoneMapped or Failed
        A list with the code of the output area and of its zone, ``population``, ``lon`` and ``lat``, sorted. A zone
        without any output area, or one without its middle or its people, is a failure.
    """
    asked = digest_of("origins", list(codes))
    names = service_words(boundaries, "fields")
    belongs = layer(boundaries, "output_areas", ("output_area", "zone"), shapes=False)
    rows = yield from ask_in_batches(client, belongs, (names["zone"], codes), "output-areas")
    if not isinstance(rows, Found):
        return _with_kept(rows, client, asked)
    zones = {str(row[names["output_area"]]): str(row[names["zone"]]) for row in records(rows.path)}
    centres = yield from _centres(client, boundaries, sorted(zones))
    if not isinstance(centres, Found):
        return _with_kept(centres, client, asked)
    people = yield from _people(client, census, sorted(zones))
    if not isinstance(people, Found):
        return _with_kept(people, client, asked)
    table = _joined(zones, _points(centres, names["output_area"]), _counts(people, census))
    client.drop(people.path.name)
    if wrong := _wrong(table, codes):
        return Failed(rows.address, wrong, client.kept(FILE, asked))
    yield Step("fetched-origins", len(table))
    named = table.rename(columns={"output_area": names["output_area"], "zone": names["zone"]})
    return client.keep(FILE, named.to_csv(index=False, lineterminator="\n").encode(), [rows, centres], asked)


def _with_kept(answer: NoneMapped | Failed, client: Client, asked: str) -> NoneMapped | Failed:
    if isinstance(answer, NoneMapped):
        return answer
    return Failed(answer.service, answer.reason, client.kept(FILE, asked))


def _centres(client: Client, source: Source, areas: Sequence[str]) -> Generator[Step, None, Rows]:
    found = yield from find_layer(client, source, "output_area_centres", ("output_area",))
    if isinstance(found, Failed):
        return found
    return (yield from ask_in_batches(client, found, (found.key, areas), "output-area-centres"))


def _people(client: Client, source: Source, areas: Sequence[str]) -> Generator[Step, None, Rows]:
    table, dataset = next(iter(service_words(source, "people").items()))
    return (yield from nomis.fetch_either(client, source, (table, dataset), areas, "oa"))


def _points(found: Found, code: str) -> dict[str, tuple[float, float]]:
    points = {}
    for feature in read_json(found.path)["features"]:
        lon, lat = feature["geometry"]["coordinates"][:2]
        points[str(feature["properties"][code])] = (round(lon, 6), round(lat, 6))
    return points


def _counts(found: Found, source: Source) -> dict[str, int]:
    """Return the people of each output area, from the API's list or from the zip file's."""
    rows = pd.read_csv(found.path, dtype="str", keep_default_na=False)
    if nomis.CODE in rows:
        named = [str(name) for name in rows.columns]
        category = next((name for name in named if name.startswith("C") and name.endswith("_NAME")), None)
        if category is not None:
            rows = rows[rows[category].str.startswith(_TOTAL)]
        codes, values = rows[nomis.CODE], rows[nomis.VALUE]
    else:
        total = next((name for name in map(str, rows.columns) if f": {_TOTAL}" in name), "")
        if not total:
            return {}
        codes, values = rows[str(source.service.get("bulk_code", "geography code"))], rows[total]
    numbers = pd.to_numeric(values, errors="coerce")
    return {code: int(value) for code, value in zip(codes, numbers, strict=True) if pd.notna(value)}


def _joined(
    zones: Mapping[str, str], points: Mapping[str, tuple[float, float]], people: Mapping[str, int]
) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for area in sorted(zones):
        lon, lat = points.get(area, (None, None))
        rows.append({"output_area": area, "zone": zones[area], "population": people.get(area), "lon": lon, "lat": lat})
    return pd.DataFrame(rows).astype({"population": "Int64"})


def _wrong(table: pd.DataFrame, codes: Sequence[str]) -> str:
    """Return what is missing of the list as a whole."""
    for column, called in (("lon", "place"), ("population", "number of people")):
        missing = table["output_area"][table[column].isna()]
        if len(missing):
            return f"has no {called} for {len(missing)} of the {len(table)} output areas, such as {missing.iloc[0]}"
    empty = sorted(set(codes) - set(table["zone"]))
    return f"has no output area in {len(empty)} of the {len(codes)} zones, such as {empty[0]}" if empty else ""
