"""The public form of a reading, one line a message."""

from __future__ import annotations

from tests.assistant.understanding.worlds import (
    FILMS,
    PLANTS,
    film_engine,
    parse_rows,
    plant_engine,
)


def test_a_row_becomes_a_parse_with_short_field_names_and_plain_values() -> None:
    row = {"text": "an evergreen hedge plant, 150 cm at least", "context": {}}
    (parsed,) = parse_rows([row], plant_engine, PLANTS)
    assert parsed == {
        "act": "recommend",
        "liked": [],
        "disliked": [],
        "seen": [],
        "reference": [],
        "include": {"evergreen": [True], "sort": ["hedge plants"]},
        "exclude": {},
        "ranges": {"height_cm": {"min": 150}},
        "relative": [],
        "free_text_need": None,
    }


def test_the_previous_slate_is_what_positions_point_at() -> None:
    rows = [
        {"text": "taller than the second", "context": {"previous_slate": ["p1", "p2"]}},
        {"text": "taller", "context": {"previous_slate": None}},
    ]
    first, second = parse_rows(rows, plant_engine, PLANTS)
    assert first["reference"] == [2]
    assert first["relative"] == [{"field": "height_cm", "direction": "higher", "base": "slate#2"}]
    assert second["relative"][0]["base"] == "category"


def test_an_unknown_item_on_a_slate_keeps_its_position() -> None:
    row = {"text": "like the first", "context": {"previous_slate": ["zz"]}}
    (parsed,) = parse_rows([row], film_engine, FILMS)
    assert parsed["liked"] == ["zz"]
