"""The public form of a reading, one line a message."""

from __future__ import annotations

from assistant.understanding.batch import understand
from tests.assistant.understanding.worlds import FILMS, PLANTS, film_engine, plant_engine

PLANT_ITEMS = {i.id: i for i in PLANTS}


def test_a_row_becomes_a_parse_with_short_field_names_and_plain_values() -> None:
    row = {"id": "a", "text": "an evergreen hedge plant, 150 cm at least", "context": {}}
    (line,) = understand([row], plant_engine, PLANT_ITEMS)
    assert line["id"] == "a"
    assert line["parse"] == {
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
        {"id": 1, "text": "taller than the second", "context": {"previous_slate": ["p1", "p2"]}},
        {"id": 2, "text": "taller", "context": {"previous_slate": None}},
    ]
    first, second = (line["parse"] for line in understand(rows, plant_engine, PLANT_ITEMS))
    assert first["reference"] == [2]
    assert first["relative"] == [{"field": "height_cm", "direction": "higher", "base": "slate#2"}]
    assert second["relative"][0]["base"] == "category"


def test_rows_without_text_or_context_and_unknown_ids_are_read() -> None:
    rows = [{"id": 1}, {"id": 2, "text": "like the first", "context": {"previous_slate": ["zz"]}}]
    lines = list(understand(rows, film_engine, {i.id: i for i in FILMS}))
    assert [line["id"] for line in lines] == [1, 2]
    assert lines[1]["parse"]["liked"] == ["zz"]
