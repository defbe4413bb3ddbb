"""Stores of item vectors, searched by cosine.

:class:`VectorStore` is what retrieval asks; :class:`ExactStore` answers by looking at every vector
and is the truth that the approximate store (:mod:`retrieval.chroma`) is tested against. Both speak
of rows: which item a row is, the index knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import StoreError

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]


class Hits(NamedTuple):
    """What a search found, best first: ``rows`` (m,) and their ``cosines`` (m,), in [-1, 1]."""

    rows: Rows
    cosines: Floats


NOTHING = Hits(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.float32))


class VectorStore(Protocol):
    """Unit vectors by row, 0 to ``count() - 1``. Safe for reads from several threads at once.

    ``search`` gives at most ``k`` rows, the best first, ties by row. With ``allowed``, a mask
    (count(),), only the rows where it is true are considered. Nothing allowed, ``k`` below 1 or a
    vector of zeros (no direction at all) find nothing. The vector need not have length 1.
    ``search_each`` answers as many searches, one a line of ``vectors`` (m, dimensions). ``get``
    gives the vectors of ``rows``, (len(rows), dimensions), in the order asked, repeats included, as
    a fresh array.

    Raises StoreError for a vector of another size or with numbers that are not finite, for a mask
    of another length, and for a row in ``get`` that the store does not hold.
    """

    @property
    def dimensions(self) -> int: ...
    def count(self) -> int: ...
    def search(self, vector: Floats, k: int, allowed: Mask | None = None) -> Hits: ...
    def search_each(
        self, vectors: Sequence[Floats] | Floats, k: int, allowed: Mask | None = None
    ) -> list[Hits]: ...
    def get(self, rows: Sequence[int] | Rows) -> Floats: ...


class ExactStore:
    """A matrix in memory, (n, dim); row by row what :class:`VectorStore` speaks of."""

    def __init__(self, vectors: Floats) -> None:
        check_vectors(vectors)
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)

    @property
    def dimensions(self) -> int:
        """Length of the vectors."""
        return int(self._vectors.shape[1])

    def count(self) -> int:
        """Number of rows."""
        return len(self._vectors)

    def search(self, vector: Floats, k: int, allowed: Mask | None = None) -> Hits:
        """See :class:`VectorStore`; exact."""
        unit = unit_query(vector, self.dimensions)
        check_mask(allowed, self.count())
        if unit is None or k < 1:
            return NOTHING
        if allowed is None:
            return best(np.arange(self.count()), self._vectors @ unit, k)
        rows = np.flatnonzero(allowed)
        return best(rows, self._vectors[rows] @ unit, k)

    def search_each(
        self, vectors: Sequence[Floats] | Floats, k: int, allowed: Mask | None = None
    ) -> list[Hits]:
        """See :class:`VectorStore`; exact."""
        return [self.search(vector, k, allowed) for vector in vectors]

    def get(self, rows: Sequence[int] | Rows) -> Floats:
        """See :class:`VectorStore`."""
        return np.asarray(self._vectors[checked_rows(rows, self.count())])


def best(rows: Rows, scores: Floats, k: int) -> Hits:
    """The ``k`` highest ``scores`` (one for each of ``rows``), best first, ties by row."""
    if len(rows) > k:
        # Everything that ties with the last place stays in, so that the row decides and not chance.
        floor = np.partition(scores, len(scores) - k)[len(scores) - k]
        keep = np.flatnonzero(scores >= floor)
        rows, scores = rows[keep], scores[keep]
    order = np.lexsort((rows, -scores))[:k]
    return Hits(rows[order], np.clip(scores[order], -1.0, 1.0))


def unit_query(vector: Floats, dimensions: int) -> Floats | None:
    """The vector at length 1, or None when it is all zeros. StoreError as :class:`VectorStore`."""
    asked = np.asarray(vector, dtype=np.float32)
    if asked.shape != (dimensions,):
        raise StoreError(
            f"store holds {dimensions} dimensions, got a vector of shape {asked.shape}"
        )
    if not np.isfinite(asked).all():
        raise StoreError("the vector to search by holds numbers that are not finite")
    length = float(np.linalg.norm(asked))
    return asked / np.float32(length) if length > 0 else None


def check_vectors(vectors: Floats) -> None:
    """StoreError unless every row is finite and of length 1."""
    if vectors.ndim != 2:
        raise StoreError(f"vectors have shape (n, dimensions), got {vectors.shape}")
    if not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3):  # NaN is not close either
        raise StoreError("every stored vector must have length 1")


def check_mask(allowed: Mask | None, count: int) -> None:
    """StoreError unless the mask has one entry for each row; None is no mask."""
    if allowed is not None and (allowed.shape != (count,) or allowed.dtype != np.bool_):
        raise StoreError(
            f"store holds {count} rows, got a mask of shape {allowed.shape} and {allowed.dtype}"
        )


def checked_rows(rows: Sequence[int] | Rows, count: int) -> Rows:
    """The rows as an array. StoreError that names the first one that the store does not hold."""
    asked = np.asarray(rows, dtype=np.intp)
    wrong = asked[(asked < 0) | (asked >= count)]
    if len(wrong):
        raise StoreError(f"the store of {count} rows holds no row {wrong[0]}; rebuild the index")
    return asked
