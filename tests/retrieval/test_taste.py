"""What speaks for an item in somebody's taste."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.collaborative import Collaborative
from retrieval.taste import FEATURES, PERSONAL, Person, centres_of, features, scores
from retrieval.types import ItemId
from tests.retrieval.collaborative.worlds import CAMPS, LEFT, NOBODY, RIGHT, camps

VECTORS = np.eye(len(CAMPS), dtype=np.float32)
LIKES = {ItemId("left1"): 2.0, ItemId("left2"): 1.0}


@pytest.fixture(scope="module")
def model() -> Collaborative:
    return Collaborative.fit(camps())


def table(model: Collaborative, person: Person) -> dict[str, np.ndarray]:
    rows = np.arange(len(CAMPS))
    centres = centres_of(person, lambda ids: VECTORS[[model.row[i] for i in ids]])
    made = features(model, person, scores(model, person), rows, VECTORS, centres)
    assert made.shape == (len(CAMPS), len(FEATURES))
    return dict(zip(FEATURES, made.T, strict=True))


def test_every_scorer_speaks_for_the_own_camp(model: Collaborative) -> None:
    found = scores(model, Person(weights=LIKES, recent={ItemId("left2"): 1.0}))
    assert tuple(found) == PERSONAL
    for column in found.values():
        assert np.nanmean(column[list(LEFT)]) > np.nanmean(column[list(RIGHT)])


def test_without_times_transitions_stay_silent_and_the_rest_reads_what_is_liked(
    model: Collaborative,
) -> None:
    found = scores(model, Person(weights=LIKES))
    assert tuple(found) == tuple(name for name in PERSONAL if name != "transitions")
    assert found["als_recent"] == pytest.approx(found["als"], nan_ok=True)
    assert scores(model, Person()) == {}


def test_columns_are_what_they_say(model: Collaborative) -> None:
    columns = table(model, Person(weights={**LIKES, ItemId("right1"): -1.0}))
    known = columns["ease"][:NOBODY]
    assert (known.mean(), known.std()) == pytest.approx((0.0, 1.0), abs=1e-5)
    assert np.isnan(columns["ease"][NOBODY])
    assert columns["own"][[0, 1, 4]].tolist() == [2.0, 1.0, -1.0]
    assert np.isnan(columns["own"][2])
    assert columns["content"][:3].tolist() == [1.0, 1.0, 0.0]
    assert columns["likers"] == pytest.approx(np.log1p(model.support))
    assert set(columns["history"].tolist()) == {float(np.float32(np.log1p(2)))}


def test_of_a_stranger_only_what_everybody_knows_is_known(model: Collaborative) -> None:
    columns = table(model, Person())
    for name in (*PERSONAL, "content", "own"):
        assert np.isnan(columns[name]).all()
    assert columns["popularity"].tolist() == model.popularity.tolist()
    assert not columns["history"].any()
