"""MMR against hand-worked slates, and what holds for every input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.diversity import mmr, spread


def angle(*degrees: float) -> np.ndarray:
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


@st.composite
def slates(draw):
    n = draw(st.integers(0, 12))
    scores = draw(st.lists(st.floats(0, 1, width=32), min_size=n, max_size=n))
    vectors = draw(
        st.lists(st.lists(st.integers(-2, 2), min_size=3, max_size=3), min_size=n, max_size=n)
    )
    return np.array(scores, np.float32), np.array(vectors, np.float32).reshape(n, 3)


def test_a_different_item_overtakes_a_better_one_that_resembles_the_first() -> None:
    scores = np.array([1.0, 0.9, 0.6])
    vectors = angle(0, 30, 90)
    # second pick at .5: item 1 is worth .45 - .5 * cos 30 = .017, item 2 is worth .3 - 0
    assert mmr(scores, vectors, 3, 0.5).tolist() == [0, 2, 1]


def test_a_full_trade_off_keeps_the_order_of_the_scores() -> None:
    scores = np.array([0.2, 0.9, 0.5, 0.7])
    assert mmr(scores, angle(0, 30, 60, 90), 4, 1.0).tolist() == [1, 3, 2, 0]


def test_no_trade_off_takes_the_farthest_each_time() -> None:
    # all are worth 0 at first, so the lowest index starts; then cosines -1 before 0 before .87
    assert mmr(np.ones(4), angle(0, 30, 90, 180), 4, 0.0).tolist() == [0, 3, 2, 1]


def test_the_nearest_of_all_chosen_counts_not_the_last() -> None:
    scores = np.array([1.0, 0.95, 0.5, 0.5])
    vectors = angle(0, 90, 5, 45)
    picks = mmr(scores, vectors, 3, 0.5, duplicate=2)
    # after 0 and 1: item 2 is .25 - .5 * cos 5 = -.248, item 3 is .25 - .5 * cos 45 = -.104
    assert picks.tolist() == [0, 1, 3]


def test_a_near_duplicate_waits_until_nothing_else_is_left() -> None:
    scores = np.array([1.0, 0.99, 0.1])
    vectors = angle(0, 1, 170)
    assert mmr(scores, vectors, 2, 1.0).tolist() == [0, 2]
    assert mmr(scores, vectors, 3, 1.0).tolist() == [0, 2, 1]
    assert mmr(scores, vectors, 2, 1.0, duplicate=2).tolist() == [0, 1]


def test_ties_go_to_the_lower_index() -> None:
    assert mmr(np.ones(3), np.eye(3, dtype=np.float32), 3, 0.7).tolist() == [0, 1, 2]


def test_zero_vectors_resemble_nothing() -> None:
    assert mmr(np.array([0.1, 0.3, 0.2]), np.zeros((3, 2)), 3, 0.5).tolist() == [1, 2, 0]


@pytest.mark.parametrize("k", [0, -1])
def test_nothing_asked_gives_nothing(k: int) -> None:
    assert mmr(np.ones(2), np.eye(2), k, 0.5).tolist() == []


def test_wrong_input_is_named() -> None:
    with pytest.raises(ValueError, match="need"):
        mmr(np.ones(2), np.eye(3), 1, 0.5)
    with pytest.raises(ValueError, match="trade-off"):
        mmr(np.ones(2), np.eye(2), 1, 1.5)
    with pytest.raises(ValueError, match="finite"):
        mmr(np.array([1.0, np.nan]), np.eye(2), 1, 0.5)


@given(slates(), st.integers(0, 15), st.floats(0, 1))
def test_the_slate_is_distinct_full_and_repeatable(slate, k: int, trade_off: float) -> None:
    scores, vectors = slate
    before = scores.copy(), vectors.copy()
    picks = mmr(scores, vectors, k, trade_off).tolist()
    assert len(picks) == len(set(picks)) == min(k, len(scores))
    assert picks == mmr(scores, vectors, k, trade_off).tolist()
    assert (scores == before[0]).all()
    assert (vectors == before[1]).all()


@given(slates(), st.floats(0, 1))
def test_a_shorter_slate_is_the_beginning_of_a_longer_one(slate, trade_off: float) -> None:
    scores, vectors = slate
    longer = mmr(scores, vectors, len(scores), trade_off).tolist()
    for k in range(len(scores)):
        assert mmr(scores, vectors, k, trade_off).tolist() == longer[:k]


@given(slates())
def test_the_best_comes_first_unless_difference_alone_counts(slate) -> None:
    scores, vectors = slate
    if len(scores):
        assert mmr(scores, vectors, 1, 0.5)[0] == np.argmax(scores)


def test_spread_by_hand() -> None:
    assert spread(angle(0, 90)) == pytest.approx(1.0)
    assert spread(angle(0, 180)) == pytest.approx(2.0)
    # pairs 0-60, 60-120: .5 each; 0-120: -.5; mean 1/6
    assert spread(angle(0, 60, 120)) == pytest.approx(1 - 1 / 6)
    assert spread(angle(0)) == 0.0
