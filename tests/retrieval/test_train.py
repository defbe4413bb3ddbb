"""Learning taste: what is held out, and that nothing of it is learned from."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.kinds import DEFAULT_KINDS
from retrieval.train import held_out, learn
from retrieval.types import Event, ItemId, UserId, ids

CATALOGUE = ids([f"i{n:02}" for n in range(40)])
VECTORS = np.eye(40, dtype=np.float32)


def like(user: str, item: str, day: float | None, value: float = 5.0) -> Event:
    time = None if day is None else day * 86_400.0
    return Event(user=UserId(user), item=ItemId(item), kind="rating", value=value, time=time)


def cut(events: list[Event]) -> tuple[list[str], list[str], list[str]]:
    """Items before the cut in order, items after it, items of those too short to cut."""
    rng = np.random.default_rng(0)
    histories, rest = held_out(events, frozenset(CATALOGUE), DEFAULT_KINDS, rng)
    before = [e.item for h in histories for e in h.before]
    return before, sorted(i for h in histories for i in h.after), [e.item for e in rest]


def test_the_latest_quarter_of_the_likes_is_held_out() -> None:
    days = [like("u", f"i{n:02}", day=8 - n) for n in range(8)]
    before, after, rest = cut(days)
    assert before == ["i07", "i06", "i05", "i04", "i03", "i02"]
    assert after == ["i00", "i01"]
    assert rest == []


def test_what_is_no_like_goes_where_its_time_puts_it() -> None:
    likes = [like("u", f"i{n:02}", day=n) for n in range(8)]
    dull = [like("u", "i20", day=2.5, value=2.0), like("u", "i21", day=7.5, value=2.0)]
    before, after, _ = cut([*dull, *likes])
    assert before == ["i00", "i01", "i02", "i20", "i03", "i04", "i05"]
    assert after == ["i06", "i07"]


def test_a_short_history_is_kept_whole_and_unknown_items_are_passed_over() -> None:
    short = [like("u", f"i{n:02}", day=n) for n in range(4)]
    strange = [like("u", f"elsewhere{n}", day=n) for n in range(9)]
    assert cut([*short, *strange]) == ([], [], ["i00", "i01", "i02", "i03"])


def test_without_times_the_order_is_drawn_and_the_same_each_time() -> None:
    timeless = [like("u", f"i{n:02}", day=None) for n in range(20)]
    before, after, _ = cut(timeless)
    assert (len(before), len(after)) == (15, 5)
    assert cut(timeless) == (before, after, [])
    assert after != [f"i{n:02}" for n in range(15, 20)]


@pytest.fixture(scope="module")
def crowd() -> list[Event]:
    """Ninety people of two tastes, each with nine likes in an order of their own."""
    rng = np.random.default_rng(2)
    return [
        like(f"u{user}", CATALOGUE[row + 20 * (user % 2)], day=float(day + user % 7))
        for user in range(90)
        for day, row in enumerate(rng.choice(20, 9, replace=False))
    ]


def test_the_scorers_know_everything_in_the_end(crowd: list[Event]) -> None:
    told: dict[str, tuple[int, int | None]] = {}
    model, blend = learn(
        crowd,
        CATALOGUE,
        DEFAULT_KINDS,
        VECTORS,
        lambda stage, done, total: told.update({stage: (done, total)}),
    )
    assert model.likes == len(crowd)
    assert "held-out histories" in blend.why
    assert told["blending"] == (90, 90)
    assert told["collaborative"][0] == told["collaborative"][1]


def test_nothing_held_out_reaches_the_scorers_that_the_blend_learns_from(
    crowd: list[Event],
) -> None:
    """An item that everybody likes last is unknown to the scorers of the examples: whatever the
    blend makes of it, its score was learned without it."""
    histories, rest = held_out(
        [*crowd, *(like(f"u{u}", "i39", day=99.0) for u in range(0, 90, 2))],
        frozenset(CATALOGUE),
        DEFAULT_KINDS,
        np.random.default_rng(0),
    )
    known = [*rest, *(e for h in histories for e in h.before)]
    assert not any(e.item == "i39" and e.time == 99.0 * 86_400 for e in known)
    evens = [h for h in histories if int(h.before[0].user[1:]) % 2 == 0]
    assert len(evens) == 45
    assert all("i39" in h.after for h in evens)


def test_an_empty_log_teaches_nothing() -> None:
    model, blend = learn([], CATALOGUE, DEFAULT_KINDS, VECTORS)
    assert model.scorers == {}
    assert not blend.learned


def test_the_same_events_give_the_same_taste(crowd: list[Event]) -> None:
    (one, left), (two, right) = (learn(crowd, CATALOGUE, DEFAULT_KINDS, VECTORS) for _ in range(2))
    taste = {ItemId("i03"): 1.0}
    assert np.array_equal(one.score(taste), two.score(taste), equal_nan=True)
    assert left.why == right.why
