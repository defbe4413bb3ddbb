"""An encoder without a model: feature hashing of word stems, word pairs and character trigrams.

Deterministic across processes and machines, instant, and blind to meaning: two texts are near when
they share words or parts of words. It stands in for a model in tests and in the smallest set-ups.
Source of the method: K. Weinberger et al., "Feature Hashing for Large Scale Multitask Learning",
ICML 2009.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import EncoderError
from retrieval.words import stems

STEM, PAIR, TRIGRAM = 1.0, 0.4, 0.2


class HashedEncoder:
    """See :class:`retrieval.embeddings.Encoder`. ``dimensions`` is at least 8."""

    def __init__(self, dimensions: int = 256) -> None:
        if dimensions < 8:
            raise EncoderError(f"hashed vectors need at least 8 dimensions, got {dimensions}")
        self.dimensions = dimensions
        self.name = f"hashed-{dimensions}/blake2b"

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Unit vectors (len(texts), dimensions), float32; one of its own for no words."""
        out = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            out[row] = self._one(text)
        if progress is not None:
            progress(len(texts))
        return out

    def _one(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros(self.dimensions, dtype=np.float64)
        found = stems(text)
        for word in found:
            self._add(vector, word, STEM)
            marked = f"<{word}>"
            for i in range(len(marked) - 2):
                self._add(vector, f"#{marked[i : i + 3]}", TRIGRAM)
        for first, second in pairwise(found):
            self._add(vector, f"{first} {second}", PAIR)
        if not vector.any():  # no words, or, once in a lifetime, all of them cancelled out
            self._add(vector, "", 1.0)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

    def _add(self, vector: NDArray[np.float64], feature: str, weight: float) -> None:
        code = _code(feature)
        vector[(code >> 1) % self.dimensions] += weight if code & 1 else -weight


@lru_cache(maxsize=200_000)
def _code(feature: str) -> int:
    # Not hash(): that is salted anew in every process.
    return int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "little")
