"""The owner's figures over a conversation log small enough to count by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.insight import Day, Figures, Told, figures, quantile
from retrieval.kinds import DEFAULT_KINDS
from retrieval.types import Event, ItemId, UserId, ids

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, day) for day in (2, 3, 4))


def at(day: int, hour: int) -> float:
    return datetime(2026, 3, day, hour, tzinfo=UTC).timestamp()


def event(
    user: str, item: str, kind: str, day: int, hour: int, value: float | None = None
) -> Event:
    return Event(user=UserId(user), item=ItemId(item), kind=kind, value=value, time=at(day, hour))


# Ada, Monday: is shown a b c (1), likes b, is shown d e (2), saves d. Tuesday, in another
# conversation: b f (3), takes the second; then nothing fits (4).
# Bo, Monday: a b (5), dislikes a; Wednesday: "XYLOPHONES!" fits nothing (6), then again (7).
LOG = (
    Told(visitor="ada", session="1", at=at(2, 9), slate=ids("abc"), seconds={"understand": 0.1}),
    Told(
        visitor="ada",
        session="1",
        at=at(2, 11),
        slate=ids("de"),
        degraded=("understand", "rerank"),
        seconds={"understand": 0.3, "candidates": 0.2},
    ),
    Told(visitor="ada", session="2", at=at(3, 9), slate=ids("bf"), seconds={"understand": 0.2}),
    Told(
        visitor="ada",
        session="2",
        at=at(3, 10),
        message="xylophones ",
        act="no_match",
        chosen=ids("f"),
        wants=("price under 5",),
    ),
    Told(visitor="bo", session="3", at=at(2, 9), slate=ids("ab"), degraded=("rerank",)),
    Told(visitor="bo", session="3", at=at(4, 9), message="XYLOPHONES!", act="no_match"),
    Told(visitor="bo", session="3", at=at(4, 10), message="xylophones", act="no_match"),
)
EVENTS = (
    event("ada", "b", "like", 2, 10),  # of slate 1: slate 3 was not there yet
    event("ada", "d", "save", 2, 12),  # of slate 2: taken up, not accepted
    event("bo", "a", "dislike", 2, 10),  # speaks against it: nothing
    event("bo", "b", "seen", 2, 11),  # says nothing
    event("ada", "z", "purchase", 2, 12),  # was never shown
    event("cy", "a", "like", 2, 12),  # was shown to others
    event("ada", "e", "rating", 2, 8, 5.0),  # before it was shown
)


def week(turns: tuple[Told, ...] = LOG, events: tuple[Event, ...] = EVENTS) -> Figures:
    return figures(turns, events, DEFAULT_KINDS, first=MONDAY, last=WEDNESDAY)


def test_the_counts_of_the_week() -> None:
    found = week()
    assert (found.turns, found.conversations, found.visitors) == (7, 3, 2)
    assert (found.slates, found.accepted, found.taken_up) == (4, 2, 3)
    assert (found.degraded, found.no_match) == (2, 3)
    assert found.acceptance_rate == 2 / 4
    assert found.click_through == 3 / 4
    assert found.degraded_share == 2 / 7
    assert found.fallen_back == (("rerank", 2), ("understand", 1))


def test_what_a_person_does_counts_for_the_day_of_the_slate() -> None:
    assert week().days == (
        Day(day=MONDAY, turns=3, slates=3, accepted=1, taken_up=2, degraded=2),
        Day(day=TUESDAY, turns=2, slates=1, accepted=1, taken_up=1, degraded=0),
        Day(day=WEDNESDAY, turns=2),
    )


def test_a_like_counts_for_the_latest_slate_that_showed_the_item() -> None:
    later = (*EVENTS, event("ada", "b", "like", 4, 12))
    assert week(events=later).accepted == 2  # slate 3 was accepted already, by being chosen from
    without = tuple(e for e in later if e.time != at(2, 10))
    assert [d.accepted for d in week(events=without).days] == [0, 1, 0]


def test_a_rating_counts_from_four_of_five_and_takes_up_from_three() -> None:
    def slates(stars: float) -> tuple[int, int]:
        rated = (event("bo", "a", "rating", 2, 12, stars),)
        found = week(LOG[4:], rated)
        return found.accepted, found.taken_up

    assert [slates(s) for s in (2.0, 3.0, 4.0)] == [(0, 0), (0, 1), (1, 1)]


def test_what_is_asked_about_is_taken_up_and_no_more() -> None:
    asks = Told(visitor="bo", session="3", at=at(2, 10), asked_about=ids("b"))
    found = week((*LOG[4:5], asks), ())
    assert (found.accepted, found.taken_up) == (0, 1)


def test_the_stages_with_their_median_and_the_whole_turn_last() -> None:
    stages = {s.stage: s for s in week().stages}
    assert list(stages) == ["understand", "candidates", "whole turn"]
    assert (stages["understand"].turns, stages["understand"].median) == (3, 0.2)
    assert (stages["candidates"].turns, stages["candidates"].p95) == (1, 0.2)
    assert (stages["whole turn"].turns, stages["whole turn"].p95) == (3, 0.5)


def test_unmet_requests_are_one_whatever_their_case_and_marks() -> None:
    (unmet,) = week().unmet
    assert (unmet.message, unmet.times, unmet.visitors) == ("xylophones", 3, 2)
    assert (unmet.wants, unmet.last) == ((), at(4, 10))


def test_only_the_days_asked_for_count() -> None:
    found = figures(LOG, EVENTS, DEFAULT_KINDS, first=TUESDAY, last=TUESDAY)
    assert (found.turns, found.slates, found.accepted) == (2, 1, 1)
    assert len(found.days) == 1


def test_nothing_is_no_share_of_nothing() -> None:
    found = week((), ())
    assert found.turns == 0
    assert [found.acceptance_rate, found.click_through, found.degraded_share] == [None] * 3
    assert [d.turns for d in found.days] == [0, 0, 0]
    assert found.stages == found.unmet == ()


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_a_value_that_the_share_does_not_exceed(
    values: list[float], q: float
) -> None:
    found = quantile(values, q)
    assert found in values
    assert sum(v <= found for v in values) >= q * len(values) - 1e-6


def test_the_quantile_is_that_of_numpy() -> None:
    np = pytest.importorskip("numpy")
    values = [0.5, 0.1, 0.4, 0.2, 0.3, 0.9, 0.7]
    for q in (0.05, 0.3, 0.5, 0.95, 1.0):
        assert quantile(values, q) == np.quantile(values, q, method="inverted_cdf")
