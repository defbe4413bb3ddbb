"""Filling places: MMR against hand-worked slates, caps, and what holds for every input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.diversity import DUPLICATE, Caps, Nearness, greedy, spread


def angle(*degrees: float) -> np.ndarray:
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def mmr(
    scores: np.ndarray,
    vectors: np.ndarray,
    k: int,
    trade_off: float,
    *,
    duplicate: float = DUPLICATE,
) -> np.ndarray:
    """Maximal marginal relevance, as the slate weighs it."""
    return greedy(trade_off * scores, k, [(1 - trade_off, Nearness(vectors, duplicate))])


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


def test_what_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="scores must be finite"):
        mmr(np.array([1.0, np.nan]), np.eye(2), 1, 0.5)
    with pytest.raises(ValueError, match="vectors must be finite"):
        mmr(np.ones(2), np.full((2, 2), np.nan), 1, 0.5)


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


SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5])


def test_greedy_without_anything_to_weigh_is_the_order_of_the_scores() -> None:
    assert greedy(SCORES[::-1], 3).tolist() == [4, 3, 2]
    assert greedy(SCORES, 9).tolist() == [0, 1, 2, 3, 4]
    assert greedy(SCORES, 0).tolist() == []


def test_what_is_not_permitted_is_not_chosen_and_what_is_last_waits() -> None:
    some = np.array([False, True, True, False, True])
    late = np.array([True, True, False, False, False])
    assert greedy(SCORES, 5, permitted=some).tolist() == [1, 2, 4]
    assert greedy(SCORES, 5, last=late).tolist() == [2, 3, 4, 0, 1]
    assert greedy(SCORES, 5, permitted=some, last=late).tolist() == [2, 4, 1]


def test_caps_close_what_is_full_and_overlap() -> None:
    """At most one of 0, 1, 2 and at most two of 2, 3, 4."""
    caps = Caps(5, [(np.array([0, 1, 2]), 1), (np.array([2, 3, 4]), 2)])
    assert greedy(SCORES, 5, caps=caps).tolist() == [0, 3, 4]
    caps = Caps(5, [(np.array([0, 1, 2]), 1), (np.array([2, 3, 4]), 2)])
    caps.add(2)
    assert greedy(SCORES, 5, caps=caps).tolist() == [3]


def test_a_second_call_goes_on_where_the_first_one_stopped() -> None:
    near = Nearness(np.eye(5))
    first = greedy(SCORES, 2, [(0.5, near)])
    rest = np.ones(5, dtype=np.bool_)
    rest[first] = False
    second = greedy(SCORES, 3, [(0.5, near)], permitted=rest)
    whole = greedy(SCORES, 5, [(0.5, Nearness(np.eye(5)))])
    assert [*first.tolist(), *second.tolist()] == whole.tolist()


def test_a_twin_waits_but_comes_before_what_is_last() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    late = np.array([False, False, True])
    found = greedy(SCORES[:3], 3, [(0.0, Nearness(vectors))], last=late)
    assert found.tolist() == [0, 1, 2]
    assert greedy(SCORES[:3], 3, [(0.0, Nearness(vectors))]).tolist() == [0, 2, 1]


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=12),
    st.lists(st.tuples(st.sets(st.integers(0, 11)), st.integers(1, 3)), max_size=4),
    st.integers(0, 12),
)
def test_no_cap_is_ever_broken_and_no_place_left_that_a_cap_would_allow(
    scores: list[float], limits: list[tuple[set[int], int]], k: int
) -> None:
    n = len(scores)
    rows = [(np.array(sorted(x for x in own if x < n), dtype=np.intp), m) for own, m in limits]
    found = greedy(np.array(scores), k, caps=Caps(n, rows)).tolist()
    assert len(set(found)) == len(found) <= k
    counts = [sum(i in own.tolist() for i in found) for own, _ in rows]
    assert all(c <= most for c, (_, most) in zip(counts, rows, strict=True))
    if len(found) < min(k, n):
        full = [set(own.tolist()) for c, (own, m) in zip(counts, rows, strict=True) if c == m]
        assert all(any(i in own for own in full) for i in set(range(n)) - set(found))
