"""The cache: what it finds, for whom and how long."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.reranking.cache import MAX_BYTES, RankCache
from tests.assistant.reranking.conftest import NOON, Clock, Make


@pytest.fixture(params=["memory", "file", "file behind a small memory"])
def make(request: pytest.FixtureRequest, path: Path, clock: Clock) -> Iterator[Make]:
    """Makes caches of each kind; the last reads nearly everything from its file."""
    made: list[RankCache] = []

    def make_(**more: object) -> RankCache:
        if request.param != "memory":
            more["path"] = path
        if "small" in request.param:
            more.setdefault("entries", 1)
        made.append(RankCache(clock=clock, **more))  # type: ignore[arg-type]
        return made[-1]

    yield make_
    for cache in made:
        cache.close()


def test_what_was_put_is_found_and_nothing_else(make: Make) -> None:
    cache = make()
    value = {
        "order": [2, 0, 1],
        "scores": [0.5, None, 1e-9],
        "text": "é\ud800\x00",
        "deep": {"a": {}},
    }
    cache.put("k", value)
    cache.put("l", {})
    assert cache.get("k") == value
    assert cache.get("l") == {}
    assert cache.get("m") is None


def test_a_later_value_takes_the_place_of_the_former(make: Make) -> None:
    cache = make()
    cache.put("k", {"n": 1})
    cache.put("k", {"n": 2})
    assert cache.get("k") == {"n": 2}
    assert cache.erase("") == 1


def test_a_value_is_a_copy_that_may_be_changed(make: Make) -> None:
    cache = make()
    value = {"order": [1]}
    cache.put("k", value)
    value["order"].append(2)
    found = cache.get("k")
    assert found == {"order": [1]}
    found["order"].append(3)  # type: ignore[attr-defined]
    assert cache.get("k") == {"order": [1]}


def test_users_do_not_see_each_other(make: Make) -> None:
    cache = make()
    cache.put("k", {"for": "ann"}, "ann")
    cache.put("k", {"for": "bob"}, "bob")
    assert cache.get("k", "ann") == {"for": "ann"}
    assert cache.get("k", "bob") == {"for": "bob"}
    assert cache.get("k") is None
    assert cache.get("kann") is None
    assert cache.get("", "kann") is None


def test_erasing_a_user_leaves_the_others(make: Make) -> None:
    cache = make()
    for key in "abc":
        cache.put(key, {}, "ann")
    cache.put("a", {"n": 1}, "bob")
    assert cache.erase("ann") == 3
    assert cache.erase("ann") == 0
    assert cache.get("a", "ann") is None
    assert cache.get("a", "bob") == {"n": 1}


def test_clear_removes_everything(make: Make) -> None:
    cache = make()
    cache.put("a", {}, "ann")
    cache.put("b", {})
    cache.clear()
    assert cache.get("a", "ann") is None
    assert cache.get("b") is None


def test_an_entry_expires(make: Make, clock: Clock) -> None:
    cache = make(ttl=10)
    cache.put("k", {"n": 1})
    clock.now += 10
    assert cache.get("k") == {"n": 1}
    clock.now += 0.001
    assert cache.get("k") is None
    clock.now -= 5
    assert cache.get("k") is None  # it was deleted when it was met


def test_without_a_time_to_live_entries_stay(make: Make, clock: Clock) -> None:
    cache = make(ttl=None)
    cache.put("k", {"n": 1})
    clock.now += 1e9
    assert cache.get("k") == {"n": 1}


def test_a_daily_entry_ends_at_midnight_utc(make: Make, clock: Clock) -> None:
    cache = make(daily=True, ttl=None)
    cache.put("k", {"n": 1})
    clock.now = NOON + 43199.9
    assert cache.get("k") == {"n": 1}
    clock.now = NOON + 43200
    assert cache.get("k") is None


def test_what_a_wrong_clock_put_into_the_future_does_not_live_until_then(
    make: Make, clock: Clock
) -> None:
    cache = make()
    clock.now += 365 * 86400
    cache.put("k", {})
    clock.now = NOON
    assert cache.get("k") is None


def test_a_value_that_is_too_large_takes_even_the_former_away(make: Make) -> None:
    cache = make()
    room = MAX_BYTES - len('{"t":""}')
    cache.put("k", {"t": "x" * room})
    assert cache.get("k") == {"t": "x" * room}
    cache.put("k", {"t": "x" * (room + 1)})
    assert cache.get("k") is None


@pytest.mark.parametrize("value", [{"n": float("nan")}, {"n": object()}, {"n": {1, 2}}])
def test_a_value_that_is_no_json_is_logged_and_not_kept(
    make: Make, value: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    cache = make()
    with caplog.at_level(logging.WARNING):
        cache.put("k", value)
    assert "cache.not_kept" in caplog.text
    assert cache.get("k") is None


def test_nothing_is_found_or_kept_after_close(make: Make) -> None:
    cache = make()
    cache.put("k", {})
    cache.close()
    cache.close()
    cache.put("l", {})
    assert cache.get("k") is None
    assert cache.get("l") is None


@pytest.mark.parametrize("wrong", [{"entries": 0}, {"ttl": 0}, {"ttl": -1.0}])
def test_limits_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        RankCache(**wrong)  # type: ignore[arg-type]


def test_the_least_recently_used_goes_first() -> None:
    cache = RankCache(entries=2)
    cache.put("a", {})
    cache.put("b", {})
    cache.get("a")
    cache.put("c", {})
    assert [cache.get(k) is None for k in "abc"] == [False, True, False]


@given(
    steps=st.lists(
        st.tuples(st.sampled_from("pgec"), st.sampled_from("xyz"), st.sampled_from(["", "u", "v"]))
    )
)
@settings(max_examples=60)
def test_a_cache_is_a_dictionary_that_may_forget(
    steps: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("model") / "ranks.db"
    caches = [RankCache(path, entries=1), RankCache(path, entries=100)]
    held: dict[tuple[str, str], dict[str, object]] = {}
    for number, (step, key, user) in enumerate(steps):
        cache = caches[number % 2]
        if step == "p":
            held[user, key] = {"n": number}
            for each in caches:  # an older value in the other's memory is as good
                each.put(key, {"n": number}, user)
        elif step == "g":
            assert cache.get(key, user) == held.get((user, key))
        elif step == "e":
            gone = [at for at in held if at[0] == user]
            assert cache.erase(user) == len(gone)
            held = {at: value for at, value in held.items() if at not in gone}
        else:
            cache.clear()
            held.clear()
    for cache in caches:
        cache.close()
