"""Several interests of one person."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.interests import MOST, interests

EAST, NORTH, UP = np.eye(3, dtype=np.float32)


def test_two_tastes_are_two_interests_and_not_their_average() -> None:
    slightly_north = np.array([0.8, 0.6, 0.0], dtype=np.float32)
    vectors = np.stack([UP, EAST, slightly_north])
    centres, shares = interests(vectors, np.array([1.0, 2.0, 1.0], dtype=np.float32))
    # East founds, the third joins it: (2 * east + third) has the length of (2.8, 0.6, 0)
    joined = np.array([2.8, 0.6, 0.0]) / np.hypot(2.8, 0.6)
    assert centres == pytest.approx(np.stack([joined, UP]), abs=1e-6)
    assert shares.tolist() == pytest.approx([0.75, 0.25])


def test_nobody_without_likes_has_an_interest() -> None:
    nothing = np.zeros((0, 3), dtype=np.float32)
    centres, shares = interests(nothing, np.zeros(0, dtype=np.float32))
    assert centres.shape == (0, 3)
    assert shares.shape == (0,)


@given(seed=st.integers(0, 1000), n=st.integers(1, 30))
def test_centres_have_length_one_and_shares_add_up_to_one(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    centres, shares = interests(vectors, rng.uniform(0.1, 3.0, n).astype(np.float32))
    assert 1 <= len(centres) <= MOST
    assert np.linalg.norm(centres, axis=1) == pytest.approx(np.ones(len(centres)), abs=1e-5)
    assert shares.sum() == pytest.approx(1.0, abs=1e-5)
    assert (np.diff(shares) <= 0).all()
