"""Intervals of a ratio."""

from __future__ import annotations

import math

import numpy as np
import pytest

from retrieval.evaluation.bootstrap import ratio, ratio_interval


def test_a_ratio_is_that_of_the_means() -> None:
    assert ratio(np.array([0.2, 0.4]), np.array([0.1, 0.2])) == pytest.approx(2.0)
    assert math.isnan(ratio(np.array([0.2]), np.array([0.0])))
    assert math.isnan(ratio(np.array([]), np.array([])))


def test_what_is_always_twice_as_good_has_no_doubt() -> None:
    theirs = np.random.default_rng(1).uniform(0.1, 1.0, 50)
    assert ratio_interval(2 * theirs, theirs, seed=1) == pytest.approx((2.0, 2.0))


def test_the_interval_is_that_of_the_delta_method_where_that_holds() -> None:
    rng = np.random.default_rng(5)
    theirs = rng.uniform(0.5, 1.5, 400)
    ours = theirs * rng.uniform(0.8, 1.4, 400)
    r = ours.mean() / theirs.mean()
    error = np.std(ours - r * theirs, ddof=1) / theirs.mean() / math.sqrt(400)
    low, high = ratio_interval(ours, theirs, seed=1)
    assert low == pytest.approx(r - 1.96 * error, abs=0.1 * error)
    assert high == pytest.approx(r + 1.96 * error, abs=0.1 * error)


def test_a_seed_gives_the_same_interval_again() -> None:
    rng = np.random.default_rng(2)
    ours, theirs = rng.random(30), rng.random(30)
    assert ratio_interval(ours, theirs, seed=4) == ratio_interval(ours, theirs, seed=4)
    assert ratio_interval(ours, theirs, seed=4) != ratio_interval(ours, theirs, seed=5)


def test_nothing_to_compare_with_is_no_number() -> None:
    assert all(map(math.isnan, ratio_interval(np.ones(3), np.zeros(3), seed=1)))
    assert all(map(math.isnan, ratio_interval(np.zeros(0), np.zeros(0), seed=1)))
    with pytest.raises(ValueError, match="2, 3"):
        ratio_interval(np.ones(2), np.ones(3), seed=1)


def test_the_interval_holds_as_often_as_it_says_for_few_users_too() -> None:
    rng = np.random.default_rng(4)
    held = 0
    for seed in range(400):
        theirs = np.ones(6)
        ours = 1 + rng.normal(size=6) / 4
        low, high = ratio_interval(ours, theirs, seed=seed, rounds=1_000)
        held += low <= 1 <= high
    assert 0.92 <= held / 400 <= 0.98  # percentiles alone: .86
