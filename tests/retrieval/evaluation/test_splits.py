"""What lies before a cut and what after it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import InputError
from retrieval.evaluation.splits import by_time, by_user
from retrieval.kinds import DEFAULT_KINDS
from retrieval.types import Event, ItemId, UserId
from tests.retrieval.evaluation.worlds import like

TEN = [like("ann", str(n), n) for n in range(10)]

logs = st.lists(
    st.builds(
        like,
        st.sampled_from(["ann", "ben", "cy"]),
        st.integers(0, 9).map(str),
        st.integers(0, 30),
        stars=st.sampled_from([1.0, 3.0, 4.0, 5.0]),
    ),
    max_size=60,
)


def test_ten_likes_are_cut_six_two_two() -> None:
    split = by_user(TEN, DEFAULT_KINDS, seed=1)
    (early,), (late,) = split.tune.cases, split.report.cases
    assert (early.liked, early.targets) == (tuple("012345"), {"6", "7"})
    assert (late.liked, late.targets) == (tuple("01234567"), {"8", "9"})
    assert split.tune.events == early.events == tuple(TEN[:6])
    assert split.report.events == late.events == tuple(TEN[:8])


def test_low_ratings_come_along_until_the_last_like_before_the_cut() -> None:
    bad = [like("ann", "x", 2.5, stars=1.0), like("ann", "y", 7.5, stars=1.0)]
    split = by_user([*TEN, *bad], DEFAULT_KINDS, seed=1)
    assert {e.item for e in split.report.events} == set("01234567") | {"x"}


def test_an_item_counts_once_at_its_first_like() -> None:
    again = [like("ann", "0", 8.5), like("ann", "3", 9.5)]
    split = by_user([*TEN, *again], DEFAULT_KINDS, seed=1)
    assert split.report.cases[0].liked == tuple("01234567")
    assert split.report.cases[0].targets == {"8", "9"}


def test_equal_times_are_ordered_by_id_as_numbers_where_all_are() -> None:
    together = [like("ann", str(n), 0) for n in (100, 20, 3, *range(40, 47))]
    assert by_user(together, DEFAULT_KINDS, seed=1).report.cases[0].liked[:2] == ("3", "20")
    named = [*together, like("ben", "x", 0)]
    assert by_user(named, DEFAULT_KINDS, seed=1).report.cases[0].liked[:2] == ("100", "20")


def test_who_has_too_few_likes_is_learned_from_and_not_measured() -> None:
    few = [like("ben", str(n), 50 + n) for n in range(4)]
    split = by_user([*TEN, *few], DEFAULT_KINDS, seed=1)
    for part in (split.tune, split.report):
        assert [case.user for case in part.cases] == ["ann"]
        assert part.liked["ben"] == tuple("0123")
        assert set(few) <= set(part.events)
    assert len(by_user([*TEN, *few], DEFAULT_KINDS, seed=1, at_least=4).report.cases) == 2


def test_nobody_to_measure_is_said() -> None:
    with pytest.raises(InputError, match="no user has 10 items"):
        by_user(TEN[:9], DEFAULT_KINDS, seed=1)
    with pytest.raises(InputError, match="three ways"):
        by_user(TEN, DEFAULT_KINDS, seed=1, at_least=2)


def test_without_times_the_order_is_that_of_the_seed() -> None:
    untimed = [like("ann", str(n), None) for n in range(10)]
    one, same, other = (by_user(untimed, DEFAULT_KINDS, seed=s) for s in (1, 1, 2))
    assert one.shuffled
    assert one.report.cases == same.report.cases
    assert one.report.cases != other.report.cases
    assert len(one.report.cases[0].liked) == 8


def test_a_cut_in_time_is_one_moment_for_all() -> None:
    later = [like("ben", str(n), 5 + n) for n in range(10)]
    split = by_time([*TEN, *later], DEFAULT_KINDS)
    # likes on days 0-9 and 5-14: the 17th of 20 is on day 11, the 13th on day 9
    assert max(e.time or 0 for e in split.report.events) < min(
        e.time or 0 for e in later if e.item == "6"
    )
    assert [(c.user, c.targets) for c in split.report.cases] == [("ben", set("6789"))]
    assert {e.item for e in split.tune.events if e.user == "ben"} <= set("0123")


def test_a_newcomer_has_targets_and_no_likes() -> None:
    late = [like("ben", str(n), 110 + n) for n in range(10)]
    middle = [like("cy", str(n), 2 * n + 1) for n in range(60)]
    split = by_time([*TEN, *late, *middle], DEFAULT_KINDS)
    new = [case for case in split.report.cases if not case.liked]
    assert [case.user for case in new] == ["ben"]
    assert new[0].events == ()


def test_a_cut_in_time_needs_times_and_both_sides() -> None:
    with pytest.raises(InputError, match="time of every event"):
        by_time([like("ann", str(n), None) for n in range(10)], DEFAULT_KINDS)
    with pytest.raises(InputError, match="both sides"):
        by_time([like("ann", str(n), 0) for n in range(10)], DEFAULT_KINDS)


def test_a_shop_s_kinds_count_by_the_table() -> None:
    events = [
        Event(user=UserId("ann"), item=ItemId(f"{kind}{n}"), kind=kind, time=1e9 + n)
        for n in range(10)
        for kind in ("view", "add_to_cart")
    ]
    case = by_user(events, DEFAULT_KINDS, seed=1).report.cases[0]
    assert {i.rstrip("0123456789") for i in (*case.liked, *case.targets)} == {"add_to_cart"}
    assert {e.kind for e in case.events} == {"view", "add_to_cart"}


@given(logs)
def test_no_split_lets_the_future_in(log: list[Event]) -> None:
    for cut in (lambda: by_user(log, DEFAULT_KINDS, seed=1, at_least=3), lambda: _time(log)):
        try:
            split = cut()
        except InputError:
            continue
        for part in (split.tune, split.report):
            for case in part.cases:
                assert case.targets
                assert case.targets.isdisjoint(case.liked)
                assert set(case.liked) <= {e.item for e in case.events}
                good = {e.item for e in case.events if DEFAULT_KINDS.positive(e.kind, e.value)}
                assert good == set(case.liked)
                assert [e for e in part.events if e.user == case.user] == list(case.events)


def _time(log: list[Event]):
    return by_time(log, DEFAULT_KINDS, at_least=3)
