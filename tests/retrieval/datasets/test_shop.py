"""The built-in shop: every product is of its own, within bounds, and in words that no other has."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from retrieval import rules_file, schema_file
from retrieval.columns import Columns
from retrieval.datasets import shop
from retrieval.rules import spoken_of
from retrieval.storage.workspace import Workspace
from tests.retrieval.datasets.proofread import sentences, words

Row = dict[str, Any]

FIELDS = {
    "id", "title", "description", "category", "brand", "price", "currency", "in_stock",
    "attributes", "tags", "released",
}  # fmt: skip
WORDS = (20, 50)
PRICES = {
    "rain jackets": (40, 400),
    "tents": (40, 1000),
    "city bikes": (200, 4000),
    "kettles": (15, 200),
    "speakers": (20, 500),
    "desk chairs": (50, 700),
    "teas": (5, 30),
    "jigsaw puzzles": (10, 130),
}
"""What one costs at the least and at the most, in euros."""
OPTIONAL = {"range_km", "battery_hours"}  # of an electric bike, of a speaker without a cord
RUN = 6
"""Words in a row that no two descriptions share."""


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return [json.loads(line) for line in shop.CATALOG.read_text("utf-8").splitlines()]


def test_there_are_120_in_eight_categories_each_with_an_id_and_a_title_of_its_own(
    rows: list[Row],
) -> None:
    assert len(rows) == 120
    assert set(Counter(r["category"] for r in rows).values()) == {15}
    assert {r["category"] for r in rows} == set(PRICES)
    assert len({r["id"] for r in rows}) == len({r["title"] for r in rows}) == 120
    assert shop.products() == tuple(r["id"] for r in rows)
    assert all(re.fullmatch(r"[A-Z]{3}-\d\d", r["id"]) for r in rows)


def test_fields_prices_and_days_are_what_they_should_be(rows: list[Row]) -> None:
    for row in rows:
        low, high = PRICES[row["category"]]
        assert set(row) == FIELDS, row["id"]
        assert low <= row["price"] <= high, row["id"]
        assert row["currency"] == "EUR"
        assert date(2020, 1, 1) <= date.fromisoformat(row["released"]) < date(2025, 1, 1), row["id"]
        assert row["title"] == " ".join(row["title"].split())
        assert 1 <= len(set(row["tags"])) == len(row["tags"]) <= 3, row["id"]


def test_a_few_of_each_category_are_sold_out(rows: list[Row]) -> None:
    away = Counter(r["category"] for r in rows if not r["in_stock"])
    assert set(away) == set(PRICES)
    assert all(1 <= n <= 3 for n in away.values())


def test_products_of_a_category_have_the_same_attributes_of_the_same_types(
    rows: list[Row],
) -> None:
    names: defaultdict[str, set[str]] = defaultdict(set)
    kinds: defaultdict[str, set[type]] = defaultdict(set)
    for row in rows:
        names[row["category"]] |= set(row["attributes"])
        for name, value in row["attributes"].items():
            kinds[name].add(float if type(value) in (int, float) else type(value))
            if kinds[name] == {float}:
                assert value > 0, (row["id"], name)
    assert all(len(types) == 1 for types in kinds.values())
    for row in rows:
        missing = names[row["category"]] - set(row["attributes"])
        assert missing <= OPTIONAL, row["id"]
    electric = [r for r in rows if r["attributes"].get("electric")]
    assert electric
    assert all("range_km" in r["attributes"] for r in electric)


def test_no_two_descriptions_share_a_sentence_or_six_words_in_a_row(rows: list[Row]) -> None:
    told: dict[str, str] = {}
    runs: dict[tuple[str, ...], str] = {}
    for row in rows:
        text = row["description"]
        assert WORDS[0] <= len(text.split()) <= WORDS[1], row["id"]
        assert text == " ".join(text.split())
        assert text.endswith(".")
        for sentence in sentences(text):
            assert told.setdefault(sentence, row["id"]) == row["id"]
        said = words(text)
        for n in range(len(said) - RUN + 1):
            run = tuple(said[n : n + RUN])
            assert runs.setdefault(run, row["id"]) == row["id"], run


def test_descriptions_begin_each_in_its_own_way(rows: list[Row]) -> None:
    begun = Counter(tuple(words(r["description"])[:3]) for r in rows)
    assert begun.most_common(1)[0][1] == 1


def test_the_schema_file_is_in_the_format_and_proposes_six_openings() -> None:
    said = schema_file.parse(schema_file.load(shop.SCHEMA), origin="shop.toml")
    assert len(said.openings) == 6
    assert said.noun == "product"


def test_every_rule_names_a_field_and_speaks_of_some_products(built_in_shop: Path) -> None:
    with Workspace.open(built_in_shop) as workspace:
        rules = rules_file.load(built_in_shop / "rules.toml", workspace.schema())
        columns = Columns(list(workspace.catalogue.all()))
    spoken = {r.name: int(columns.mask(spoken_of(r)).sum()) for r in rules}
    assert len(spoken) == 4
    assert all(0 < n <= 120 for n in spoken.values()), spoken
