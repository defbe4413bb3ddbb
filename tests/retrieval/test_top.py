"""The best rows of a column: order, ties, unknown scores, few and many allowed."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.top import top

SCORES = st.sampled_from([math.nan, -math.inf, -1.5, 0.0, 0.25, 0.5, 2.0])
ROWS = st.lists(st.tuples(SCORES, st.booleans()), max_size=40)


def by_sorting(scores: list[float], allowed: list[bool], n: int) -> list[int]:
    rows = [r for r in range(len(scores)) if allowed[r]]
    unknown = [math.isnan(s) for s in scores]
    return sorted(rows, key=lambda r: (unknown[r], 0 if unknown[r] else -scores[r], r))[: max(n, 0)]


@given(ROWS, st.integers(-1, 45))
def test_it_is_a_stable_sort_of_the_allowed_cut_at_n(
    rows: list[tuple[float, bool]], n: int
) -> None:
    scores, allowed = [s for s, _ in rows], [a for _, a in rows]
    found = top(np.array(scores, dtype=np.float32), np.array(allowed, dtype=np.bool_), n)
    assert found.tolist() == by_sorting(scores, allowed, n)


@given(st.sets(st.integers(0, 99), max_size=8), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_a_few_allowed_of_many_are_ordered_alike(few: set[int], n: int, seed: int) -> None:
    scores = np.random.default_rng(seed).integers(0, 4, 100).astype(np.float64)
    allowed = np.isin(np.arange(100), list(few))
    assert top(scores, allowed, n).tolist() == by_sorting(scores.tolist(), allowed.tolist(), n)


@given(st.integers(1, 12), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_many_rows_are_ordered_alike(n: int, distinct: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, distinct, 1_500).astype(np.float32)
    scores[rng.random(1_500) < 0.2] = np.nan
    allowed = rng.random(1_500) < rng.choice([0.5, 1.0])
    assert top(scores, allowed, n).tolist() == by_sorting(scores.tolist(), allowed.tolist(), n)
