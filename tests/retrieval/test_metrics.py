"""The measures against arithmetic done by hand."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.metrics import hit, ndcg, recall, reciprocal_rank

cases = st.tuples(
    st.lists(st.integers(0, 20), max_size=12, unique=True),
    st.sets(st.integers(0, 20), min_size=1),
    st.integers(1, 15),
)
measures = pytest.mark.parametrize("measure", [ndcg, recall, hit, reciprocal_rank])


def test_ndcg_by_hand() -> None:
    # right at places 1 and 3 of 4, three right answers exist
    got = 1 / log2(2) + 1 / log2(4)
    best = 1 / log2(2) + 1 / log2(3) + 1 / log2(4)
    assert ndcg(["a", "x", "b", "y"], {"a", "b", "c"}, 4) == pytest.approx(got / best)


def test_the_best_order_of_ndcg_holds_no_more_than_k() -> None:
    assert ndcg(["a", "b"], {"a", "b", "c"}, 2) == pytest.approx(1.0)
    assert ndcg(["x", "a"], {"a", "b", "c"}, 2) == pytest.approx(
        (1 / log2(3)) / (1 / log2(2) + 1 / log2(3))
    )


def test_ndcg_takes_gains_as_they_are() -> None:
    gains = {"a": 3.0, "b": 1.0}
    got = 1 / log2(2) + 3 / log2(3)
    assert ndcg(["b", "a"], gains, 10) == pytest.approx(got / (3 / log2(2) + 1 / log2(3)))


def test_recall_divides_by_all_right_answers() -> None:
    assert recall(["a", "x", "b"], {"a", "b", "c", "d"}, 2) == pytest.approx(1 / 4)
    assert recall(["a", "x", "b"], {"a", "b", "c", "d"}, 3) == pytest.approx(2 / 4)


def test_hit_and_reciprocal_rank_look_for_the_first_right_answer() -> None:
    ranked = ["x", "y", "a", "b"]
    assert hit(ranked, {"a", "b"}, 2) == 0.0
    assert hit(ranked, {"a", "b"}, 3) == 1.0
    assert reciprocal_rank(ranked, {"a", "b"}) == pytest.approx(1 / 3)
    assert reciprocal_rank(ranked, {"a", "b"}, 2) == 0.0


@measures
def test_an_empty_ranking_finds_nothing(measure) -> None:
    assert measure([], {"a"}, 10) == 0.0


@measures
def test_what_cannot_be_measured_is_refused(measure) -> None:
    with pytest.raises(ValueError, match="nothing is relevant"):
        measure(["a"], set(), 10)
    with pytest.raises(ValueError, match="k=0"):
        measure(["a"], {"a"}, 0)
    with pytest.raises(ValueError, match="repeats"):
        measure(["a", "a"], {"a"}, 10)


def test_a_gain_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="gain above 0"):
        ndcg(["a"], {"a": 1.0, "b": 0.0}, 10)


@measures
@given(case=cases)
def test_every_measure_lies_between_nothing_and_all(measure, case) -> None:
    ranked, relevant, k = case
    assert 0.0 <= measure(ranked, relevant, k) <= 1.0 + 1e-12


@given(cases)
def test_putting_right_answers_first_is_the_best_there_is(case) -> None:
    ranked, relevant, k = case
    best = sorted(relevant)
    assert ndcg(best, relevant, k) == pytest.approx(1.0)
    assert ndcg(best, relevant, k) >= ndcg(ranked, relevant, k) - 1e-12
    assert reciprocal_rank(best, relevant, k) == 1.0


@given(cases)
def test_a_longer_look_never_loses_recall(case) -> None:
    ranked, relevant, k = case
    assert recall(ranked, relevant, k) <= recall(ranked, relevant, k + 1)
    assert hit(ranked, relevant, k) <= hit(ranked, relevant, k + 1)
