"""What an index version knows of taste: choice of scorer, questions by id, save and load."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import numpy as np
import pytest

from retrieval.collaborative import Collaborative, Interactions
from retrieval.errors import StoreError
from retrieval.types import ItemId, ids
from tests.retrieval.collaborative.worlds import CAMPS, KINDS, NOBODY, camps, event, two_camps


@pytest.fixture(scope="module")
def model() -> Collaborative:
    return Collaborative.fit(camps())


def test_ease_is_taken_where_it_fits_and_gives_way_with_a_reason(caplog) -> None:
    roomy = Collaborative.fit(camps())
    assert roomy.scorer is not None
    assert roomy.scorer.name == "ease"
    with caplog.at_level(logging.WARNING, logger="retrieval.collaborative"):
        tight = Collaborative.fit(camps(), memory=1000)
    assert tight.scorer is not None
    assert tight.scorer.name == "als"
    assert "1,000 are allowed" in tight.why
    assert "ease gives way to als" in caplog.text


def test_every_scorer_that_can_learn_is_there_the_best_alone_first(model) -> None:
    assert list(model.scorers) == ["ease", "als", "knn", "transitions"]
    timeless = [replace(e, time=None) for e in two_camps()]
    without = Collaborative.fit(Interactions.build(timeless, CAMPS, KINDS))
    assert list(without.scorers) == ["ease", "als", "knn"]


def test_a_scorer_is_asked_by_name(model) -> None:
    taste = {ItemId("left1"): 1.0}
    assert np.array_equal(model.scored("ease", taste), model.score(taste), equal_nan=True)
    assert not np.array_equal(model.scored("als", taste), model.score(taste), equal_nan=True)
    assert model.scored("no such scorer", taste) is None
    assert model.support.tolist() == camps().counts.tolist()


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int | None]] = []
    Collaborative.fit(camps(), progress=lambda *step: told.append(step))
    assert told == [("collaborative", done, 4) for done in range(5)]


def test_a_taste_is_scored_by_id(model) -> None:
    scores = model.score({ItemId("left1"): 2.0, ItemId("left2"): 1.0, ItemId("not here"): 3.0})
    assert scores is not None
    assert scores[2] > scores[4]
    assert np.isnan(scores[NOBODY])


def test_a_dislike_subtracts_but_alone_says_nothing(model) -> None:
    liked = model.score({ItemId("left1"): 1.0})
    mixed = model.score({ItemId("left1"): 1.0, ItemId("right1"): -3.0})
    assert liked is not None
    assert mixed is not None
    assert mixed[5] < liked[5]
    assert model.score({ItemId("right1"): -3.0}) is None


@pytest.mark.parametrize("taste", [{}, {"not here": 1.0}, {"nobody": 1.0}, {"left1": 0.0}])
def test_nothing_known_gives_no_scores(model, taste) -> None:
    assert model.score(taste) is None


def test_it_says_which_items_it_knows(model) -> None:
    assert model.knows(ItemId("left1"))
    assert not model.knows(ItemId("nobody"))
    assert not model.knows(ItemId("not here"))


def test_together_counts_people_and_compares_with_chance() -> None:
    likes = {"u": "ab", "v": "ab", "w": "a", "x": "c"}
    log = [event(user, item) for user, items in likes.items() for item in items]
    known = Collaborative.fit(Interactions.build(log, ids("abc"), KINDS))
    a, b, c = ids("abc")
    # 2 of 4 users like both; by chance 3/4 * 2/4 of 4 would, which is 1.5
    assert known.together(a, b) == known.together(b, a) == (2, pytest.approx(2 / 1.5))
    assert known.together(a, c) == (0, 0.0)
    assert known.together(a, ItemId("?")) == (0, 0.0)
    assert [known.likers(i) for i in (a, b, c, ItemId("?"))] == [3, 2, 1, 0]


def test_neighbours_are_of_the_same_camp(model) -> None:
    near = model.neighbours(ItemId("left1"), 3)
    assert {item for item, _ in near} == {"left2", "left3", "left4"}
    assert [s for _, s in near] == sorted((s for _, s in near), reverse=True)
    assert model.neighbours(ItemId("left1"), 0) == ()
    assert model.neighbours(ItemId("nobody"), 3) == ()


def test_popularity_is_read_only_and_zero_for_the_unknown(model) -> None:
    assert model.popularity.shape == (len(CAMPS),)
    assert model.popularity.max() == 1.0
    assert model.popularity[NOBODY] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        model.popularity[0] = 2.0


@pytest.mark.parametrize("memory", [1000, 2**30])
def test_it_comes_back_from_disk_unchanged(tmp_path, memory) -> None:
    fitted = Collaborative.fit(camps(), memory=memory)
    fitted.save(tmp_path / "new" / "folder")
    again = Collaborative.load(tmp_path / "new" / "folder")
    taste = {ItemId("left1"): 1.0, ItemId("right2"): -1.0}
    assert list(again.scorers) == list(fitted.scorers)
    for name in fitted.scorers:
        left, right = fitted.scored(name, taste), again.scored(name, taste)
        assert left is not None
        assert right is not None
        assert np.array_equal(left, right, equal_nan=True)
    assert np.array_equal(again.popularity, fitted.popularity)
    assert again.together(CAMPS[0], CAMPS[1]) == fitted.together(CAMPS[0], CAMPS[1])
    assert (again.ids, again.users, again.likes, again.why) == (
        fitted.ids,
        fitted.users,
        fitted.likes,
        fitted.why,
    )


def test_a_catalogue_without_events_is_saved_too(tmp_path) -> None:
    empty = Collaborative.fit(Interactions.build([], CAMPS, KINDS))
    empty.save(tmp_path)
    again = Collaborative.load(tmp_path)
    assert again.scorer is None
    assert again.score({CAMPS[0]: 1.0}) is None
    assert not again.popularity.any()
    assert again.together(CAMPS[0], CAMPS[1]) == (0, 0.0)
    assert again.neighbours(CAMPS[0], 5) == ()


def test_nothing_on_disk_is_a_pickle(tmp_path) -> None:
    Collaborative.fit(camps()).save(tmp_path)
    for file in tmp_path.glob("*.npy"):
        assert np.load(file, allow_pickle=False).dtype != object
    assert json.loads((tmp_path / "manifest.json").read_text())["scorers"][0] == "ease"


def test_a_scorer_of_a_later_release_is_named(tmp_path) -> None:
    Collaborative.fit(camps()).save(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["scorers"].append("oracle")
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StoreError, match='"oracle"'):
        Collaborative.load(tmp_path)


@pytest.mark.parametrize("damage", ["manifest.json", "ease.values.npy"])
def test_a_missing_or_damaged_file_is_named_with_the_remedy(tmp_path, damage) -> None:
    Collaborative.fit(camps()).save(tmp_path)
    (tmp_path / damage).write_bytes(b"{}")
    with pytest.raises(StoreError, match=str(tmp_path)):
        Collaborative.load(tmp_path)
    (tmp_path / damage).unlink()
    with pytest.raises(StoreError, match="ingest the data again"):
        Collaborative.load(tmp_path)
