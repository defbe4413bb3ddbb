"""The cache of vectors: what is known is not computed again, whatever happened to the last run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval import vector_cache
from retrieval.embeddings import HashedEncoder
from retrieval.errors import EncoderError, StoreError
from retrieval.vector_cache import VectorCache, encode_cached, text_key

TEXTS = [f"{'word ' * (n % 7)}number {n}" for n in range(40)]


class Counting:
    """A hashed encoder that remembers what it was asked."""

    def __init__(self, dimensions: int = 32) -> None:
        self._real = HashedEncoder(dimensions)
        self.name, self.dimensions = self._real.name, dimensions
        self.asked: list[str] = []

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        self.asked.extend(texts)
        return self._real.encode(texts, progress)


def opened(path: Path, encoder: Counting) -> VectorCache:
    return VectorCache(path, encoder.name, encoder.dimensions)


def test_the_vectors_come_in_the_order_of_the_texts(tmp_path: Path) -> None:
    encoder = Counting()
    found = encode_cached(encoder, TEXTS, opened(tmp_path, encoder))
    assert np.array_equal(found, HashedEncoder(32).encode(TEXTS))


def test_what_is_known_is_not_computed_again(tmp_path: Path) -> None:
    encode_cached(Counting(), TEXTS[:30], opened(tmp_path, Counting()))
    encoder = Counting()
    found = encode_cached(encoder, TEXTS, opened(tmp_path, encoder))
    assert sorted(encoder.asked) == sorted(TEXTS[30:])
    assert np.array_equal(found, HashedEncoder(32).encode(TEXTS))


def test_equal_texts_are_computed_once(tmp_path: Path) -> None:
    encoder = Counting()
    found = encode_cached(encoder, ["a", "b", "a"], opened(tmp_path, encoder))
    assert sorted(encoder.asked) == ["a", "b"]
    assert np.array_equal(found[0], found[2])


def test_the_longest_texts_go_first(tmp_path: Path) -> None:
    encoder = Counting()
    encode_cached(encoder, TEXTS, opened(tmp_path, encoder))
    lengths = [len(text) for text in encoder.asked]
    assert lengths == sorted(lengths, reverse=True)


def test_progress_counts_known_texts_first_and_ends_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_cache, "BLOCK", 8)
    encode_cached(Counting(), TEXTS[:20], opened(tmp_path, Counting()))
    told: list[int] = []
    encode_cached(Counting(), TEXTS, opened(tmp_path, Counting()), told.append)
    assert told == [20, 28, 36, 40]


def test_no_texts_give_no_vectors(tmp_path: Path) -> None:
    encoder = Counting()
    assert encode_cached(encoder, [], opened(tmp_path, encoder)).shape == (0, 32)


def test_encoders_do_not_share_vectors(tmp_path: Path) -> None:
    encode_cached(Counting(32), ["a"], opened(tmp_path, Counting(32)))
    other = Counting(64)
    encode_cached(other, ["a"], opened(tmp_path, other))
    assert other.asked == ["a"]


def test_a_half_written_tail_is_cut_off_at_every_length(tmp_path: Path) -> None:
    encoder = Counting()
    encode_cached(encoder, ["first", "second"], opened(tmp_path, encoder))
    path = opened(tmp_path, encoder).path
    whole = path.read_bytes()
    record = 16 + 4 * 32 + 4
    for missing in range(1, record + 1):
        path.write_bytes(whole[:-missing])
        again = Counting()
        found = encode_cached(again, ["first", "second"], opened(tmp_path, again))
        assert len(again.asked) == 1
        assert np.array_equal(found, HashedEncoder(32).encode(["first", "second"]))
        assert len(path.read_bytes()) == len(whole)


def test_a_damaged_record_is_computed_again(tmp_path: Path) -> None:
    encoder = Counting()
    encode_cached(encoder, ["first", "second"], opened(tmp_path, encoder))
    path = opened(tmp_path, encoder).path
    data = bytearray(path.read_bytes())
    data[-10] ^= 0xFF
    path.write_bytes(bytes(data))
    again = Counting()
    encode_cached(again, ["first", "second"], opened(tmp_path, again))
    assert len(again.asked) == 1


def test_a_foreign_file_is_started_anew(tmp_path: Path) -> None:
    path = opened(tmp_path, Counting()).path
    path.write_bytes(b"something else altogether")
    encoder = Counting()
    encode_cached(encoder, ["a"], opened(tmp_path, encoder))
    assert len(opened(tmp_path, encoder)) == 1


def test_an_encoder_that_gives_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"\(1, 32\), expected \(1, 64\)"):
        encode_cached(Counting(32), ["a"], VectorCache(tmp_path, "other", 64))


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="file"):
        VectorCache(tmp_path / "file", "e", 8)


ENDLESS = """
import sys
from pathlib import Path
from retrieval.embeddings import HashedEncoder
from retrieval.vector_cache import VectorCache, encode_cached
import retrieval.vector_cache as module
module.BLOCK = 4
encoder = HashedEncoder(32)
cache = VectorCache(Path(sys.argv[1]), encoder.name, encoder.dimensions)
for n in range(1_000_000):
    encode_cached(encoder, [f"{n} {i}" for i in range(8)], cache)
    print(n, flush=True)
"""


def test_a_killed_build_leaves_what_it_had_finished(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ENDLESS, str(tmp_path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        rounds = [int(process.stdout.readline()) for _ in range(3)]
        os.kill(process.pid, signal.SIGKILL)
    done = [f"{n} {i}" for n in rounds for i in range(8)]
    cache = opened(tmp_path, Counting())
    assert all(text_key(text) in cache for text in done)
    found = cache.get([text_key(text) for text in done])
    assert np.array_equal(found, HashedEncoder(32).encode(done))
