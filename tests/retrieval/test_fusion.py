"""Normalisations and blends, against values worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from retrieval.fusion import fuse, minmax, rank, reciprocal_ranks, zscore

columns = arrays(
    np.float32, st.integers(0, 30), elements=st.floats(-1e6, 1e6, width=32, allow_subnormal=False)
)
normalisers = pytest.mark.parametrize("normalise", [zscore, minmax, rank])


def test_minmax_puts_the_worst_at_zero_and_the_best_at_one() -> None:
    assert minmax([2.0, 4.0, 3.0]).tolist() == [0.0, 1.0, 0.5]


def test_zscore_has_mean_zero_and_deviation_one() -> None:
    # mean 2, deviations -1, 0, 1, variance (1 + 0 + 1) / 3
    assert zscore([1.0, 2.0, 3.0]) == pytest.approx([-(1.5**0.5), 0.0, 1.5**0.5])


def test_rank_gives_equals_the_mean_of_their_places() -> None:
    # ascending places 0 1 2 3: 10 at 0, both 20 at (1 + 2) / 2, 900 at 3; divided by 3
    assert rank([20.0, 10.0, 900.0, 20.0]) == pytest.approx([0.5, 0.0, 1.0, 0.5])


@normalisers
@pytest.mark.parametrize("value", [0.0, -3.0, 1e30, 0.1])
def test_a_constant_part_says_nothing(normalise, value: float) -> None:
    assert normalise(np.full(4, value)).tolist() == [0.0] * 4


@normalisers
def test_an_empty_part_stays_empty(normalise) -> None:
    assert normalise([]).shape == (0,)


@normalisers
def test_nan_is_refused_because_unknown_has_no_place_in_an_order(normalise) -> None:
    with pytest.raises(ValueError, match="NaN"):
        normalise([1.0, float("nan")])


@normalisers
def test_the_widest_scale_does_not_overflow(normalise) -> None:
    out = normalise([-1.7e308, 0.0, 1.7e308])
    assert np.isfinite(out).all()
    assert np.argsort(out).tolist() == [0, 1, 2]


@normalisers
@given(values=columns)
def test_no_normalisation_turns_an_order_around(normalise, values) -> None:
    out = normalise(values)
    order = np.argsort(values, kind="stable")
    assert (np.diff(out[order]) >= 0).all()
    assert np.isfinite(out).all()


def test_fuse_is_the_weighted_mean() -> None:
    parts = {"a": np.array([1.0, 0.0]), "b": np.array([0.0, 1.0])}
    # (3 * 1 + 1 * 0) / 4, (3 * 0 + 1 * 1) / 4
    assert fuse(parts, {"a": 3.0, "b": 1.0}).tolist() == [0.75, 0.25]


def test_fuse_lets_a_negative_weight_count_against() -> None:
    parts = {"a": np.array([1.0, 1.0]), "b": np.array([0.0, 1.0])}
    assert fuse(parts, {"a": 1.0, "b": -1.0}).tolist() == [0.5, 0.0]


def test_fuse_leaves_out_a_part_without_a_weight_even_where_it_is_unknown() -> None:
    parts = {"a": np.array([1.0, 0.0]), "b": np.array([np.nan, np.nan])}
    assert fuse(parts, {"a": 2.0}).tolist() == [1.0, 0.0]


def test_fuse_without_any_weight_is_indifferent() -> None:
    assert fuse({"a": np.array([1.0, 2.0])}, {}).tolist() == [0.0, 0.0]


def test_fuse_names_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="nothing to fuse"):
        fuse({}, {})
    with pytest.raises(ValueError, match='"b"'):
        fuse({"a": np.zeros(2)}, {"b": 1.0})
    with pytest.raises(ValueError, match="length"):
        fuse({"a": np.zeros(2), "b": np.zeros(3)}, {"a": 1.0})


@given(values=columns, weight=st.floats(0.01, 100))
def test_one_part_fused_is_itself_whatever_its_weight(values, weight: float) -> None:
    assert fuse({"a": values}, {"a": weight}) == pytest.approx(values, rel=1e-5, abs=1e-5)


def test_reciprocal_ranks_by_hand() -> None:
    scores = reciprocal_ranks([[0, 1], [1, 2]], 4)
    assert scores == pytest.approx([1 / 61, 1 / 62 + 1 / 61, 1 / 62, 0.0])


def test_a_row_that_a_ranking_repeats_counts_once() -> None:
    assert reciprocal_ranks([[1, 1, 0]], 2) == pytest.approx([1 / 62, 1 / 61])


def test_a_row_outside_the_catalogue_is_refused() -> None:
    with pytest.raises(ValueError, match="row 2"):
        reciprocal_ranks([[2]], 2)
    with pytest.raises(ValueError, match="row -1"):
        reciprocal_ranks([[-1]], 2)


@given(st.permutations(range(6)), st.permutations(range(6)))
def test_reciprocal_ranks_do_not_depend_on_the_order_of_the_rankings(a, b) -> None:
    assert reciprocal_ranks([a, b], 6) == pytest.approx(reciprocal_ranks([b, a], 6))
