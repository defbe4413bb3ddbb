"""The cache's file: what is found after a restart, and what is left on the disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from assistant.reranking import cache_file
from tests.assistant.reranking.conftest import MARK, Clock, Make, stored


def test_a_file_is_found_again_after_a_restart(opened: Make) -> None:
    first = opened()
    first.put("k", {"n": 1}, "ann")
    first.close()
    assert opened().get("k", "ann") == {"n": 1}


def test_erasing_after_a_restart(opened: Make, path: Path) -> None:
    first = opened()
    first.put("k", {"said": MARK}, "ann")
    first.close()
    assert MARK.encode() in stored(path.parent)
    second = opened()
    assert second.erase("ann") == 1
    assert MARK.encode() not in stored(path.parent)
    assert second.get("k", "ann") is None


@pytest.mark.parametrize("size", [10, 5_000, 200_000])
def test_erasing_removes_the_bytes(opened: Make, path: Path, size: int) -> None:
    cache = opened()
    for n in range(20):
        cache.put(f"k{n}", {"said": f"{MARK} {'x' * size} {MARK}"}, "ann")
        cache.put(f"k{n}", {"said": "y" * size}, "bob")
    assert MARK.encode() in stored(path.parent)
    assert cache.erase("ann") == 20
    assert MARK.encode() not in stored(path.parent)
    assert cache.get("k3", "bob") is not None


def test_bytes_of_replaced_and_expired_values_go_with_an_erasure(
    opened: Make, path: Path, clock: Clock
) -> None:
    cache = opened(ttl=10)
    cache.put("a", {"said": MARK}, "ann")
    cache.put("a", {"said": "other"}, "ann")
    cache.put("b", {"said": MARK}, "ann")
    clock.now += 20
    assert cache.get("b", "ann") is None
    cache.erase("ann")
    assert MARK.encode() not in stored(path.parent)


def test_the_file_names_no_user_and_no_key(opened: Make, path: Path) -> None:
    cache = opened()
    cache.put("KEY-OF-A-REQUEST", {}, "ann@example.org")
    cache.get("KEY-OF-A-REQUEST", "ann@example.org")
    raw = stored(path.parent)
    assert b"KEY-OF-A-REQUEST" not in raw
    assert b"example.org" not in raw


def test_only_the_owner_may_read_the_file(opened: Make, path: Path) -> None:
    opened().put("k", {})
    assert {file.stat().st_mode & 0o077 for file in path.parent.iterdir()} == {0}


def test_what_one_process_erases_another_forgets(opened: Make) -> None:
    one, other = opened(), opened()
    one.put("k", {}, "ann")
    assert other.get("k", "ann") == {}  # and has it in memory now
    assert one.erase("ann") == 1
    assert other.get("k", "ann") is None


def test_expired_entries_are_deleted_on_open(opened: Make, path: Path, clock: Clock) -> None:
    opened(ttl=10).put("k", {"said": "x"})
    clock.now += 11
    opened(ttl=10)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM rank_entries").fetchall() == [(0,)]


def test_a_file_keeps_the_newest_of_too_many(
    opened: Make, path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_file, "MAX_ROWS", 3)
    cache = opened()
    for n in range(10):
        clock.now += 1
        cache.put(str(n), {"n": n})
    again = opened()
    assert [n for n in range(10) if again.get(str(n))] == [7, 8, 9]
