"""A log is read as an ingest reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from retrieval.errors import InputError
from retrieval.evaluation.log import read_log

RATINGS = "user_id,item_id,rating,timestamp\nann,1,5,100\nann,2,3,200\nben,1,4.5,300\n"


def test_without_a_catalogue_the_items_are_those_named(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text(RATINGS)
    log = read_log(path)
    assert [(i.id, i.title, dict(i.fields)) for i in log.items] == [("1", "1", {}), ("2", "2", {})]
    assert [(e.user, e.item, e.value, e.time) for e in log.events] == [
        ("ann", "1", 5.0, 100.0),
        ("ann", "2", 3.0, 200.0),
        ("ben", "1", 4.5, 300.0),
    ]
    assert not log.described
    assert "Unix seconds" in log.notes[0]


def test_with_a_catalogue_events_of_other_items_are_refused_and_told(tmp_path: Path) -> None:
    path, catalog = tmp_path / "ratings.csv", tmp_path / "items.jsonl"
    path.write_text(RATINGS)
    rows = [{"item_id": "1", "title": "One thing"}, {"item_id": "3", "title": "Another thing"}]
    catalog.write_text("".join(json.dumps(r) + "\n" for r in rows))
    log = read_log(path, catalog)
    assert [i.id for i in log.items] == ["1", "3"]
    assert len(log.events) == 2
    assert log.described
    assert "events refused: unknown_item 1" in log.notes


def test_an_empty_log_is_said_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("user_id,item_id,rating\n")
    with pytest.raises(InputError, match="holds no"):
        read_log(path)


def test_a_movielens_folder_and_its_ratings_as_a_table_are_the_same_log(tmp_path: Path) -> None:
    ratings = "userId,movieId,rating,timestamp\n1,7,5.0,100\n2,9,0.5,200\n"
    folder, table = tmp_path / "ml", tmp_path / "ratings.csv"
    folder.mkdir()
    (folder / "movies.csv").write_text("movieId,title,genres\n7,Seven (1995),Crime\n")
    (folder / "ratings.csv").write_text(ratings)
    table.write_text(ratings)
    one, two = read_log(folder), read_log(table)
    assert one.events == two.events
    assert [i.id for i in one.items] == ["7", "9"]
