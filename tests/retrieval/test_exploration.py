"""Places that are drawn: the chances in closed form are those that happen."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.exploration import Chances, chances, draw, generator, optimistic, uncertain


def test_chances_by_hand() -> None:
    # 0.6 places of 5, from a pool of 3: each place is kept with 1 - 0.6 / 5.
    assert chances(5, 3, 0.6) == Chances(keep=pytest.approx(0.88), show=pytest.approx(0.04))
    # 1.5 places: one or two, each every other time.
    assert chances(4, 2, 1.5) == Chances(keep=pytest.approx(0.625), show=pytest.approx(0.1875))
    # One item cannot fill the second place: 0.5 * 1 + 0.5 * 1.
    assert chances(4, 1, 1.5) == Chances(keep=0.75, show=0.25)
    assert chances(4, 9, 4.0) == Chances(keep=0.0, show=pytest.approx(1 / 9))


@pytest.mark.parametrize(("places", "pool", "expected"), [(0, 3, 1.0), (3, 0, 1.0), (3, 3, 0.0)])
def test_nothing_to_draw_keeps_everything(places: int, pool: int, expected: float) -> None:
    assert chances(places, pool, expected) == Chances(keep=1.0, show=0.0)
    assert draw(np.random.default_rng(0), places, pool, expected) == ()


@given(st.integers(1, 12), st.integers(1, 30), st.floats(0, 12))
def test_a_place_shows_what_stood_there_or_one_of_the_pool(
    places: int, pool: int, expected: float
) -> None:
    odds = chances(places, pool, min(expected, places))
    assert odds.keep + pool * odds.show == pytest.approx(1.0)
    assert -1e-12 <= odds.keep <= 1
    assert 0 <= odds.show <= 1


@given(st.integers(1, 12), st.integers(1, 30), st.floats(0, 12), st.integers(0, 2**32))
def test_places_and_items_are_drawn_once(
    places: int, pool: int, expected: float, seed: int
) -> None:
    drawn = draw(np.random.default_rng(seed), places, pool, expected)
    where, what = [p for p, _ in drawn], [i for _, i in drawn]
    assert len(set(where)) == len(set(what)) == len(drawn) <= min(places, pool)
    assert where == sorted(where)
    assert all(0 <= p < places for p in where)
    assert all(0 <= i < pool for i in what)


@pytest.mark.parametrize(("places", "pool", "expected"), [(5, 4, 0.6), (3, 5, 1.4), (4, 2, 2.7)])
def test_what_is_drawn_happens_as_often_as_the_chances_say(
    places: int, pool: int, expected: float
) -> None:
    rng = np.random.default_rng(11)
    times = 40_000
    seen: Counter[tuple[int, int]] = Counter()
    for _ in range(times):
        seen.update(draw(rng, places, pool, expected))
    odds = chances(places, pool, expected)
    width = 5 * np.sqrt(odds.show * (1 - odds.show) / times)
    for place in range(places):
        kept = 1 - sum(seen[place, i] for i in range(pool)) / times
        assert kept == pytest.approx(odds.keep, abs=0.02)
        for item in range(pool):
            assert seen[place, item] / times == pytest.approx(odds.show, abs=width)


def test_little_known_is_below_what_is_shown_and_below_thirty_or_half_of_it() -> None:
    counts = np.array([0.0, 3.0, 4.0, np.nan])
    assert uncertain(counts, np.array([2.0, 6.0])).tolist() == [True, True, False, True]
    assert uncertain(np.array([29.0, 30.0]), np.array([50.0])).tolist() == [True, False]
    assert uncertain(np.array([449.0, 450.0]), np.array([900.0])).tolist() == [True, False]


def test_where_nothing_happened_nothing_is_less_known_than_the_rest() -> None:
    assert uncertain(np.zeros(3), np.array([np.nan, 0.0])).tolist() == [False] * 3
    assert uncertain(np.array([]), np.array([])).tolist() == []


def test_optimism_falls_as_events_come_in() -> None:
    found = optimistic(np.array([0.5, 0.5, 0.5]), np.array([np.nan, 3.0, 99.0]))
    assert found.tolist() == [1.5, 1.0, 0.6]


def test_the_same_session_and_turn_draw_the_same() -> None:
    assert generator("s", 3).random() == generator("s", 3).random()
    assert generator("s", 3).random() != generator("s", 4).random()
    assert generator("s1", 2).random() != generator("s", 12).random()
    assert generator("\ud800").random() == generator("\ud800").random()
