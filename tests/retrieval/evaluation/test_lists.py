"""Measures of lists, by hand."""

from __future__ import annotations

from math import log, log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.evaluation import lists

LISTS = np.array([[0, 1], [0, 2], [0, -1]], dtype=np.int32)


def test_coverage_is_the_share_of_the_catalogue_in_any_list() -> None:
    assert lists.coverage(LISTS, 6) == pytest.approx(3 / 6)
    assert lists.coverage(LISTS, 0) == 0.0


def test_gini_by_hand() -> None:
    # shown 3, 1, 1, 0: ascending 0 1 1 3, weights -3 -1 1 3
    assert lists.gini(LISTS, 4) == pytest.approx((-1 + 1 + 9) / (4 * 5))
    assert lists.gini(np.array([[0, 1], [2, 3]]), 4) == pytest.approx(0.0)
    assert lists.gini(np.full((2, 3), -1), 4) == 0.0


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_gini_is_the_mean_difference_over_twice_the_mean(shown: list[int]) -> None:
    counts = np.bincount(shown, minlength=10)
    pairs = np.abs(counts[:, None] - counts[None, :]).mean()
    assert lists.gini(np.array([shown]), 10) == pytest.approx(pairs / (2 * counts.mean()))


def test_the_short_head_holds_a_third_of_the_likes() -> None:
    # 10 likes: a third is reached with the second item (3 + 2 >= 3.33)
    assert lists.long_tail(np.array([1, 3, 2, 2, 2])).tolist() == [True, False, False, True, True]
    assert lists.long_tail(np.zeros(3, dtype=np.int64)).all()


def test_tail_recall_looks_at_rare_targets_alone() -> None:
    tail = np.array([False, True, True, True])
    targets = [{0, 1, 3}, {2}, {0}]
    # the first case has one of two rare targets, the second its one, the third has none
    assert lists.tail_recall(LISTS, targets, tail, 2) == pytest.approx((1 / 2 + 1) / 2)
    assert lists.tail_recall(LISTS, targets, tail, 1) == 0.0
    assert lists.tail_recall(LISTS, targets, np.zeros(4, dtype=np.bool_), 2) == 0.0


def test_novelty_is_self_information_in_bits() -> None:
    likers = np.array([7, 1, 0])
    bits = [-log2(8 / 8), -log2(2 / 8), -log2(1 / 8)]
    expected = ((bits[0] + bits[1]) / 2 + (bits[0] + bits[2]) / 2 + bits[0]) / 3
    assert lists.novelty(LISTS, likers, 7) == pytest.approx(expected)
    assert lists.novelty(np.full((2, 3), -1), likers, 7) == 0.0


def test_diversity_is_one_minus_the_mean_cosine_of_pairs() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    assert lists.diversity(LISTS, vectors) == pytest.approx((1.0 + 0.0) / 2)
    assert lists.diversity(LISTS[:, :1], vectors) == 0.0


def test_a_list_like_the_taste_is_calibrated_and_another_is_not() -> None:
    facets = [[0], [0], [1], [0, 1], []]
    same = lists.miscalibration(np.array([[1, 2]]), [[0, 2]], facets, 2)
    assert same == pytest.approx(0.0, abs=1e-12)
    # liked: value 0 and value 1 alike; listed: value 0 alone
    q0, q1 = 0.99 * 1.0 + 0.01 * 0.5, 0.01 * 0.5
    expected = 0.5 * log(0.5 / q0) + 0.5 * log(0.5 / q1)
    assert lists.miscalibration(np.array([[0, 1]]), [[0, 2]], facets, 2) == pytest.approx(expected)


def test_an_item_of_two_values_is_half_of_each_and_one_of_none_is_passed_over() -> None:
    facets = [[0], [0], [1], [0, 1], []]
    assert lists.miscalibration(np.array([[3, 4]]), [[0, 2]], facets, 2) == pytest.approx(0.0)
    assert lists.miscalibration(np.array([[4, -1]]), [[0, 2]], facets, 2) == 0.0


def test_facet_values_are_numbered_as_they_come() -> None:
    facets, places = lists.numbered([("war", "comedy"), (), ("comedy",)])
    assert [list(own) for own in facets] == [[0, 1], [], [1]]
    assert places == {"war": 0, "comedy": 1}
