"""An encoder that remembers: the same vectors, fewer readings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.hashed import HashedEncoder
from retrieval.recent import RecentEncoder


class Counting:
    """The hashed encoder, which keeps what it was asked to read."""

    name = "counting/hash"

    def __init__(self) -> None:
        self._behind = HashedEncoder()
        self.dimensions = self._behind.dimensions
        self.read: list[str] = []

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        self.read += texts
        return self._behind.encode(texts, progress)


def test_the_vectors_are_those_of_the_encoder_behind() -> None:
    recent = RecentEncoder(Counting())
    texts = ["a quiet film", "", "with a dog", "a quiet film"]
    for _ in range(2):
        assert np.array_equal(recent.encode(texts), HashedEncoder().encode(texts))
    assert recent.encode([]).shape == (0, recent.dimensions)


def test_what_was_read_lately_is_not_read_again() -> None:
    behind = Counting()
    recent = RecentEncoder(behind)
    recent.encode(["one", "two", "one"])
    recent.encode(["two", "three"])
    assert behind.read == ["one", "two", "three"]


def test_the_text_that_was_longest_unused_is_dropped_first() -> None:
    behind = Counting()
    recent = RecentEncoder(behind, size=2)
    for text in ("one", "two", "one", "three", "one", "two"):
        recent.encode([text])
    assert behind.read == ["one", "two", "three", "two"]


def test_more_texts_at_once_than_are_kept() -> None:
    recent = RecentEncoder(Counting(), size=2)
    texts = [f"text {n}" for n in range(5)]
    assert np.array_equal(recent.encode(texts), HashedEncoder().encode(texts))


def test_forgetting_forgets_every_text() -> None:
    behind = Counting()
    recent = RecentEncoder(behind)
    recent.encode(["one"])
    recent.forget()
    recent.encode(["one"])
    assert behind.read == ["one", "one"]


def test_a_vector_handed_out_can_be_changed_without_changing_the_next() -> None:
    recent = RecentEncoder(Counting())
    recent.encode(["one"])[0] = 0
    assert np.array_equal(recent.encode(["one"]), HashedEncoder().encode(["one"]))
