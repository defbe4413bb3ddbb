"""What events come to: weights, decay, changes of mind, and what counts as seen."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.kinds import DEFAULT_KINDS
from retrieval.profiles import CEILING, DAY, fold, spent, standing
from retrieval.types import Event, ItemId, Profile, UserId

KINDS = DEFAULT_KINDS


def event(
    kind: str, value: float | None = None, *, day: float | None = None, item: str = "a"
) -> Event:
    time = None if day is None else day * DAY
    return Event(user=UserId("u"), item=ItemId(item), kind=kind, value=value, time=time)


def damped(total: float) -> float:
    return math.copysign(CEILING * (1 - math.exp(-abs(total) / CEILING)), total)


events = st.lists(
    st.builds(
        lambda kind, value, day, item: event(kind, value, day=day, item=item),
        st.sampled_from([*KINDS, "unheard-of"]),
        st.none() | st.floats(-10, 10),
        st.none() | st.floats(0, 5000),
        st.sampled_from("abc"),
    ),
    max_size=12,
)


def test_nobody_has_an_empty_profile() -> None:
    assert fold(None, [], KINDS) == Profile()


def test_weights_follow_kind_and_value() -> None:
    profile = fold(
        UserId("u"),
        [
            event("purchase", 20.0, item="bought"),
            event("click", item="clicked"),
            event("rating", 5.0, item="loved"),
            event("rating", 1.0, item="hated"),
            event("seen", item="known"),
        ],
        KINDS,
    )
    assert profile.weights["bought"] == pytest.approx(damped(3.0))
    assert profile.weights["clicked"] == pytest.approx(damped(1.0))
    assert profile.weights["loved"] == pytest.approx(damped(2.0))
    # 2 * (1/5 - .55) / .45
    assert profile.weights["hated"] == pytest.approx(damped(-1.5556), abs=1e-4)
    assert "known" not in profile.weights
    assert list(profile.positive()) == ["bought", "loved", "clicked"]
    assert profile.n_events == 5


def test_repeats_add_with_damping() -> None:
    once = standing([event("click")], KINDS).weight
    many = standing([event("click")] * 50, KINDS).weight
    assert once == pytest.approx(damped(1.0))
    assert 2 * once < many < CEILING


def test_weight_halves_with_each_half_life_counted_from_the_own_newest_event() -> None:
    profile = fold(
        UserId("u"),
        [event("like", day=0, item="old"), event("like", day=100, item="new")],
        KINDS,
        half_life_days=100,
    )
    assert profile.weights["new"] == pytest.approx(damped(2.0))
    assert profile.weights["old"] == pytest.approx(damped(1.0))


def test_now_moves_every_age() -> None:
    later = fold(UserId("u"), [event("like", day=0)], KINDS, now=200 * DAY, half_life_days=100)
    assert later.weights["a"] == pytest.approx(damped(0.5))


def test_events_without_a_time_count_in_full() -> None:
    profile = fold(UserId("u"), [event("like"), event("like", day=9, item="b")], KINDS)
    assert profile.weights["a"] == profile.weights["b"] == pytest.approx(damped(2.0))


def test_a_new_rating_replaces_the_old_one() -> None:
    changed = standing([event("rating", 1.0, day=1), event("rating", 5.0, day=2)], KINDS)
    assert changed.weight == pytest.approx(damped(2.0))
    assert changed.liked
    lowered = standing([event("rating", 5.0, day=1), event("rating", 4.0, day=2)], KINDS)
    assert lowered.weight == pytest.approx(damped(KINDS.weight("rating", 4.0)))


def test_bought_and_returned_is_disliked() -> None:
    returned = standing([event("purchase", day=1), event("return", day=2)], KINDS)
    assert returned.weight == pytest.approx(damped(-2.0))
    assert not returned.liked


def test_bought_again_after_a_return_is_liked() -> None:
    row = [event("purchase", day=1), event("return", day=2), event("purchase", day=3)]
    assert standing(row, KINDS).liked
    assert standing(row, KINDS).weight == pytest.approx(damped(3.0))


def test_the_order_of_the_log_does_not_matter_where_there_are_times() -> None:
    row = [event("return", day=2), event("purchase", day=1)]
    assert standing(row, KINDS) == standing(row[::-1], KINDS)


def test_a_glance_is_no_like_and_a_dismissal_does_not_undo_a_purchase() -> None:
    assert not standing([event("view")] * 30, KINDS).liked
    kept = standing([event("purchase", day=1), event("dismiss", day=2)], KINDS)
    assert kept.liked
    assert kept.weight == pytest.approx(damped(3.0 - 1.0))


@pytest.mark.parametrize(
    "kind", ["purchase", "rating", "like", "dislike", "dismiss", "hide", "return", "seen"]
)
def test_what_was_had_or_turned_away_must_not_come_back(kind: str) -> None:
    assert spent(event(kind, 4.0), KINDS)


@pytest.mark.parametrize("kind", ["view", "click", "add_to_cart", "unheard-of"])
def test_what_was_only_looked_at_may_come_back(kind: str) -> None:
    assert not spent(event(kind, 1.0), KINDS)


def test_seen_is_told_by_item_not_by_event() -> None:
    row = [event("view", item="a"), event("purchase", item="a"), event("view", item="b")]
    assert fold(UserId("u"), row, KINDS).seen == {"a"}


@given(events)
def test_profiles_are_bounded_and_blind_to_the_order_of_other_items(row) -> None:
    profile = fold(UserId("u"), row, KINDS)
    assert all(abs(w) <= CEILING and w != 0 for w in profile.weights.values())
    assert profile.n_events == len(row)
    by_item = sorted(row, key=lambda e: e.item)  # stable: the order within an item stays
    assert dict(fold(UserId("u"), by_item, KINDS).weights) == dict(profile.weights)


@given(events, st.floats(1, 1000))
def test_time_only_ever_weakens_what_is_liked_or_not(row, half_life: float) -> None:
    one = [e for e in row if e.item == "a"][:1]
    near = standing(one, KINDS, now=5000 * DAY, half_life=half_life)
    assert abs(near.weight) <= abs(standing(one, KINDS).weight)
    assert near.liked == standing(one, KINDS).liked
