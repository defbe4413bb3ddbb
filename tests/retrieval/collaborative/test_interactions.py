"""From events to the matrix: who counts as liking what, and how much."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.collaborative import Interactions
from retrieval.collaborative.interactions import strength
from retrieval.profiles import standing
from retrieval.types import ids
from tests.retrieval.collaborative.worlds import DAY, KINDS, event

ITEMS = ids(["a", "b", "c"])

logs = st.lists(
    st.builds(
        event,
        st.sampled_from(["u", "v", "w"]),
        st.sampled_from([*ITEMS, "elsewhere"]),
        st.sampled_from(sorted(KINDS)),
        st.none() | st.floats(0.5, 5),
        st.none() | st.floats(0, 4000),
    ),
    max_size=30,
)


def cells(matrix: Interactions) -> list[dict[str, float]]:
    x = matrix.csr().toarray()
    return [{matrix.ids[c]: float(row[c]) for c in np.flatnonzero(row)} for row in x]


def test_only_likes_enter_the_matrix() -> None:
    log = [
        event("u", "a", "rating", 5.0),
        event("u", "b", "rating", 3.0),
        event("u", "c", "rating", 1.0),
        event("v", "b", "purchase", 9.5),
        event("v", "c", "view"),
        event("w", "a", "dislike"),
    ]
    matrix = Interactions.build(log, ITEMS, KINDS)
    expected = [
        {"a": strength(standing(log[:1], KINDS).weight)},
        {"b": strength(standing(log[3:4], KINDS).weight)},
    ]
    assert cells(matrix) == [pytest.approx(row, rel=1e-6) for row in expected]
    assert matrix.counts.tolist() == [1, 1, 0]
    assert (matrix.n_users, matrix.n_items) == (2, 3)


def test_a_like_that_was_taken_back_is_none() -> None:
    log = [event("u", "a", "purchase", day=1), event("u", "a", "return", day=2)]
    assert cells(Interactions.build([*log, event("v", "b")], ITEMS, KINDS)) == [
        {"b": pytest.approx(strength(standing([event("v", "b")], KINDS).weight))}
    ]


def test_repeats_make_one_entry_below_one() -> None:
    matrix = Interactions.build([event("u", "a")] * 100, ITEMS, KINDS)
    assert matrix.values.tolist() == [pytest.approx(1 - math.exp(-3.0), rel=1e-5)]


def test_a_log_of_page_views_alone_still_teaches() -> None:
    log = [event("u", "a", "view"), event("u", "b", "click"), event("v", "b", "dismiss")]
    (user,) = cells(Interactions.build(log, ITEMS, KINDS))
    assert set(user) == {"a", "b"}
    assert user["a"] < user["b"]


def test_items_outside_the_catalogue_are_passed_over() -> None:
    matrix = Interactions.build([event("u", "x"), event("v", "a")], ITEMS, KINDS)
    assert matrix.n_users == 1


def test_no_events_make_an_empty_matrix() -> None:
    matrix = Interactions.build([], ITEMS, KINDS)
    assert matrix.csr().shape == (0, 3)
    assert matrix.popular.tolist() == [0.0, 0.0, 0.0]


def test_popularity_halves_with_each_half_life_before_the_newest_event() -> None:
    log = [event("u", "a", day=0), event("v", "b", day=100), event("w", "c", "view", day=200)]
    matrix = Interactions.build(log, ITEMS, KINDS, popularity_half_life_days=100)
    one = float(matrix.values[0])
    assert matrix.popular == pytest.approx([one / 4, one / 2, 0.0])


def test_the_half_life_is_by_default_half_of_what_the_log_spans() -> None:
    log = [event(f"u{n}", "a", day=0) for n in range(50)] + [event("v", "b", day=100)]
    matrix = Interactions.build(log, ITEMS, KINDS)
    one = float(matrix.values[0])
    assert matrix.popular == pytest.approx([50 * one / 4, one, 0.0])


def test_a_like_without_a_time_counts_as_one_half_life_old() -> None:
    log = [event("u", "a"), event("v", "b", day=100)]
    matrix = Interactions.build(log, ITEMS, KINDS, popularity_half_life_days=10)
    assert matrix.popular[0] == pytest.approx(matrix.popular[1] / 2)


def test_old_likes_fade_from_the_matrix_where_that_is_asked_for() -> None:
    log = [event("u", "a", day=0), event("u", "b", day=100)]
    steady = Interactions.build(log, ITEMS, KINDS)
    fading = Interactions.build(log, ITEMS, KINDS, half_life_days=100)
    assert steady.values[0] == steady.values[1] == fading.values[1]
    assert fading.values[0] < fading.values[1]


def test_now_can_be_given() -> None:
    matrix = Interactions.build(
        [event("u", "a", day=0)], ITEMS, KINDS, 200 * DAY, popularity_half_life_days=100
    )
    assert matrix.popular[0] == pytest.approx(float(matrix.values[0]) / 4)


@given(logs)
def test_the_matrix_is_well_formed_whatever_the_log(log) -> None:
    matrix = Interactions.build(log, ITEMS, KINDS)
    assert matrix.indptr[0] == 0
    assert matrix.indptr[-1] == len(matrix.indices) == len(matrix.values)
    assert (np.diff(matrix.indptr) > 0).all()
    assert ((matrix.values > 0) & (matrix.values <= 1)).all()
    assert ((matrix.popular > 0) <= (matrix.counts > 0)).all()
    assert matrix.popular.sum() <= matrix.values.sum() * (1 + 1e-5)
    for user in range(matrix.n_users):
        row = matrix.indices[matrix.indptr[user] : matrix.indptr[user + 1]]
        assert (np.diff(row) > 0).all()
