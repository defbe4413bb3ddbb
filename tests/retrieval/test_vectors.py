"""The exact store: the contract, and the truth about order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.vectors import ExactStore, best
from tests.contracts.vector_store import Make, VectorStoreContract


class TestExactStore(VectorStoreContract):
    @pytest.fixture
    def make(self) -> Make:
        return ExactStore


@given(st.lists(st.integers(-3, 3), max_size=30), st.integers(1, 40))
def test_best_is_a_stable_sort_cut_at_k(values: list[int], k: int) -> None:
    scores = np.array(values, dtype=np.float32) / 3
    rows, cosines = best(np.arange(len(values)), scores, k)
    expected = sorted(range(len(values)), key=lambda n: (-values[n], n))[:k]
    assert rows.tolist() == expected
    assert np.array_equal(cosines, scores[expected])
