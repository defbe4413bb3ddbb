"""Caches on one file, with a clock that the test sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.reranking.cache import RankCache

MARK = "UNMISTAKABLE-7f3a"
"""Planted in a value, to be looked for on the disk."""

NOON = 1_750_000_000 // 86400 * 86400 + 43200.0

Make = Callable[..., RankCache]


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "ranks.db"


@pytest.fixture
def opened(path: Path, clock: Clock) -> Iterator[Make]:
    """Opens caches on the one file."""
    made: list[RankCache] = []

    def open_(**more: object) -> RankCache:
        made.append(RankCache(path, clock=clock, **more))  # type: ignore[arg-type]
        return made[-1]

    yield open_
    for cache in made:
        cache.close()


def stored(folder: Path) -> bytes:
    """Every byte under a folder."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
