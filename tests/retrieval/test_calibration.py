"""Calibration: distributions by hand, and slates that follow a taste."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.calibration import Miscalibration, distribution, divergence, shares
from retrieval.diversity import greedy


def test_an_item_of_two_genres_is_half_of_each() -> None:
    table, words = shares([("war", "drama"), ("drama",), (), ("drama", "drama")])
    assert words == ("drama", "war")
    assert table.tolist() == [[0.5, 0.5], [1, 0], [0, 0], [1, 0]]


def test_a_distribution_is_the_weighted_mean_and_sums_to_one() -> None:
    table, _ = shares([("a",), ("a", "b"), ()])
    assert distribution(table).tolist() == [0.75, 0.25]
    assert distribution(table, np.array([1.0, 3.0, 9.0])).tolist() == [0.625, 0.375]
    assert distribution(table[2:]).tolist() == [0, 0]


def test_divergence_by_hand() -> None:
    half, first = np.array([0.5, 0.5]), np.array([1.0, 0.0])
    assert divergence(half, half) == pytest.approx(0.0)
    # q is smoothed to (0.995, 0.005).
    expected = 0.5 * math.log(0.5 / 0.995) + 0.5 * math.log(0.5 / 0.005)
    assert divergence(half, first) == pytest.approx(expected)
    assert divergence(np.zeros(2), first) == 0.0


distributions = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(
    lambda x: np.array(x) / sum(x) if sum(x) > 0 else np.array([1.0, 0, 0])
)


@given(distributions, distributions)
def test_divergence_is_bounded_and_zero_for_the_same(p: np.ndarray, q: np.ndarray) -> None:
    assert -1e-9 <= divergence(p, q) <= math.log(100) + 1e-9
    assert divergence(p, p) == pytest.approx(0.0, abs=1e-9)


def test_the_cost_of_an_item_is_the_divergence_with_it() -> None:
    table, _ = shares([("a",), ("b",), ("a", "b")])
    target = np.array([0.75, 0.25])
    cost = Miscalibration(table, target)
    assert cost.costs().tolist() == [divergence(target, row) for row in table]
    cost.add(0)
    with_b = divergence(target, np.array([0.5, 0.5]))
    assert cost.costs()[1] == pytest.approx(with_b)
    assert cost.costs()[2] == pytest.approx(divergence(target, np.array([0.75, 0.25])))


def test_a_slate_follows_the_taste_where_relevance_hardly_differs() -> None:
    """Six items of one kind lead by a hair; a taste of two thirds and a third takes 4 and 2."""
    table, _ = shares([("drama",)] * 6 + [("war",)] * 6)
    scores = np.array([0.51] * 6 + [0.50] * 6)
    target = np.array([2 / 3, 1 / 3])
    plain = greedy(scores, 6)
    calibrated = greedy(0.5 * scores, 6, [(0.5, Miscalibration(table, target))])
    assert sum(i >= 6 for i in plain) == 0
    assert sum(i >= 6 for i in calibrated) == 2
