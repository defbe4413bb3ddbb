"""BM25 over token numbers: by hand, against a library of its own, and after a change."""

from __future__ import annotations

import math

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.postings import K1, Documents, Postings

TOKENS = 6
WORLD = st.lists(st.lists(st.integers(0, TOKENS - 1), max_size=12), min_size=1, max_size=8)


def test_two_documents_by_hand() -> None:
    scores = Documents.of([[0, 0, 1], [1]], 2).postings().scores([0])
    # In 1 of 2 documents: idf = ln(1 + 1.5 / 1.5). Twice in 3 tokens where 2 is the mean length:
    # tf / (tf + k1 (1 - b + b * 3 / 2)) with k1 = 1.5, b = .75.
    assert scores.tolist() == pytest.approx([math.log(2) * 2 / (2 + K1 * (0.25 + 0.75 * 1.5)), 0])


def test_a_token_asked_for_twice_counts_twice() -> None:
    postings = Documents.of([[0, 1], [1]], 2).postings()
    assert np.allclose(postings.scores([0, 0]), 2 * postings.scores([0]))
    assert postings.scores([]).tolist() == [0.0, 0.0]


def test_nothing_is_scored_where_there_is_nothing() -> None:
    assert Documents.of([], 3).postings().scores([1]).shape == (0,)
    assert Documents.of([[], []], 3).postings().scores([1]).tolist() == [0.0, 0.0]


@given(WORLD, st.lists(st.integers(0, TOKENS - 1), max_size=4))
def test_the_library_bm25s_scores_alike(documents: list[list[int]], asked: list[int]) -> None:
    if not any(documents):
        return
    engine = bm25s.BM25(method="lucene")
    vocabulary = {str(t): t for t in range(TOKENS)}
    engine.index((documents, vocabulary), create_empty_token=False, show_progress=False)
    theirs = engine.get_scores_from_ids(asked)
    assert np.allclose(Documents.of(documents, TOKENS).postings().scores(asked), theirs, atol=1e-5)


@given(WORLD, WORLD, st.randoms(use_true_random=False))
def test_renewed_documents_are_as_if_all_were_read_again(old, new, random) -> None:  # type: ignore[no-untyped-def]
    kept = [random.choice([-1, *range(len(old))]) for _ in new]
    expected = [new[n] if k < 0 else old[k] for n, k in enumerate(kept)]
    added = Documents.of([new[n] for n, k in enumerate(kept) if k < 0], TOKENS + 2)
    renewed = Documents.of(old, TOKENS).renewed(np.array(kept), added)
    whole = Documents.of(expected, TOKENS + 2)
    for token in range(TOKENS + 2):
        assert np.allclose(renewed.postings().scores([token]), whole.postings().scores([token]))


def test_arrays_bring_both_back() -> None:
    documents = Documents.of([[0, 0, 2], [], [1]], 4)
    again = Documents.from_arrays(documents.arrays())
    postings = Postings.from_arrays(again.postings().arrays())
    for token in range(4):
        assert np.array_equal(postings.scores([token]), documents.postings().scores([token]))
