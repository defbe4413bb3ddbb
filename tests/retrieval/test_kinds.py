"""Which events are good news."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.kinds import DEFAULT_KINDS, EventKind


@pytest.mark.parametrize(
    ("stars", "positive"), [(1, False), (2, False), (3, False), (4, True), (5, True)]
)
def test_four_of_five_stars_and_up_count_as_a_like(stars: int, positive: bool) -> None:
    assert DEFAULT_KINDS.positive("rating", stars) is positive


def test_two_of_five_stars_weigh_against_an_item_and_three_hardly_at_all() -> None:
    assert DEFAULT_KINDS.weight("rating", 2) < 0 < DEFAULT_KINDS.weight("rating", 3) < 0.3
    assert DEFAULT_KINDS.weight("rating", 5) == 2.0


def test_a_purchase_says_more_than_a_cart_a_cart_more_than_a_click_a_click_more_than_a_view() -> (
    None
):
    order = [DEFAULT_KINDS.weight(k, None) for k in ("view", "click", "add_to_cart", "purchase")]
    assert order == sorted(order)
    assert order[0] > 0


def test_returns_dislikes_and_dismissals_weigh_against_an_item_and_seen_says_nothing() -> None:
    assert all(DEFAULT_KINDS.weight(k, None) < 0 for k in ("return", "dislike", "dismiss", "hide"))
    assert DEFAULT_KINDS.weight("seen", None) == 0


def test_ratings_are_read_relative_to_the_scale() -> None:
    ten = DEFAULT_KINDS.with_scale(1, 10)
    assert ten.weight("rating", 10) == DEFAULT_KINDS.weight("rating", 5)
    assert ten.positive("rating", 8)
    assert not ten.positive("rating", 5)


def test_what_is_unknown_or_has_no_value_says_nothing() -> None:
    assert DEFAULT_KINDS.weight("hover", 3) == 0
    assert DEFAULT_KINDS.weight("rating", None) == 0
    assert not DEFAULT_KINDS.positive("hover", None)
    assert not DEFAULT_KINDS.known("hover")


def test_a_kind_can_be_added_and_changed_without_touching_the_default() -> None:
    kinds = DEFAULT_KINDS.with_kinds(
        EventKind(name="listen", weight=2.5), EventKind(name="view", weight=0)
    )
    assert kinds.positive("listen", None)
    assert kinds.weight("view", None) == 0
    assert not DEFAULT_KINDS.known("listen")


def test_a_scale_that_does_not_rise_is_refused() -> None:
    with pytest.raises(ValueError, match="must rise"):
        DEFAULT_KINDS.with_scale(5, 5)


@given(st.floats(0.5, 5), st.floats(0.5, 5))
def test_a_better_rating_never_weighs_less(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert DEFAULT_KINDS.weight("rating", low) <= DEFAULT_KINDS.weight("rating", high)
