"""Stores of item vectors, searched by cosine.

:class:`VectorStore` is what retrieval asks; :class:`ExactStore` answers by looking at every vector
and is the truth that the approximate store (:mod:`retrieval.chroma`) is tested against.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import StoreError
from retrieval.types import ItemId

Floats = NDArray[np.float32]
Hit = tuple[ItemId, float]


class VectorStore(Protocol):
    """Unit vectors by item id. Safe for reads from several threads at once.

    ``search`` gives at most ``k`` items, the best first, with their cosines in [-1, 1]; ties go by
    the order in which the items were stored. With ``allowed`` only those ids are considered:
    repeated ids count once and ids that the store does not hold are passed over. Nothing allowed,
    ``k`` below 1 or a vector of zeros (no direction at all) give an empty list. The vector need
    not have length 1. ``get`` gives the vectors of ``ids``, (len(ids), dimensions), in the order
    asked, repeats included.

    Raises StoreError for a vector of another size or with numbers that are not finite, and for an
    id in ``get`` that the store does not hold.
    """

    @property
    def dimensions(self) -> int: ...
    def count(self) -> int: ...
    def search(
        self, vector: Floats, k: int, allowed: Sequence[ItemId] | None = None
    ) -> list[Hit]: ...
    def get(self, ids: Sequence[ItemId]) -> Floats: ...


class ExactStore:
    """A matrix in memory. ``ids`` and ``vectors`` (n, dim) go together row by row."""

    def __init__(self, ids: Sequence[ItemId], vectors: Floats) -> None:
        check_vectors(ids, vectors)
        self._ids = tuple(ids)
        self._row = {item: row for row, item in enumerate(self._ids)}
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)

    @property
    def dimensions(self) -> int:
        """Length of the vectors."""
        return int(self._vectors.shape[1])

    def count(self) -> int:
        """Number of items."""
        return len(self._ids)

    def search(self, vector: Floats, k: int, allowed: Sequence[ItemId] | None = None) -> list[Hit]:
        """See :class:`VectorStore`; exact."""
        unit = unit_query(vector, self.dimensions)
        if unit is None or k < 1:
            return []
        rows = np.arange(len(self._ids)) if allowed is None else allowed_rows(self._row, allowed)
        return best(self._ids, rows, self._vectors[rows] @ unit, k)

    def get(self, ids: Sequence[ItemId]) -> Floats:
        """See :class:`VectorStore`."""
        refuse_unknown((i for i in ids if i not in self._row), self.count())
        return np.asarray(self._vectors[[self._row[i] for i in ids]].reshape(-1, self.dimensions))


def best(ids: Sequence[ItemId], rows: NDArray[np.intp], scores: Floats, k: int) -> list[Hit]:
    """The ``k`` highest ``scores`` (one for each of ``rows``), best first, ties by row."""
    if len(rows) > k:
        # Everything that ties with the last place stays in, so that the row decides and not chance.
        floor = np.partition(scores, len(scores) - k)[len(scores) - k]
        keep = scores >= floor
        rows, scores = rows[keep], scores[keep]
    order = np.lexsort((rows, -scores))[:k]
    return [(ids[int(rows[o])], min(1.0, max(-1.0, float(scores[o])))) for o in order]


def allowed_rows(row: Mapping[ItemId, int], allowed: Sequence[ItemId]) -> NDArray[np.intp]:
    """The rows of these ids, ascending, without repeats and without ids that have none."""
    nowhere = len(row)
    found = np.zeros(nowhere + 1, dtype=np.bool_)
    found[[row.get(item, nowhere) for item in allowed]] = True
    return np.flatnonzero(found[:nowhere])


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


def check_vectors(ids: Sequence[ItemId], vectors: Floats) -> None:
    """StoreError unless there is one finite unit vector for each of the distinct ids."""
    if vectors.ndim != 2 or len(vectors) != len(ids):
        raise StoreError(f"{len(ids)} ids, but vectors of shape {vectors.shape}")
    if len(set(ids)) != len(ids):
        raise StoreError(f"{len(ids)} ids, but only {len(set(ids))} different ones")
    if not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3):  # NaN is not close either
        raise StoreError("every stored vector must have length 1")


def refuse_unknown(unknown: Iterable[ItemId], count: int) -> None:
    """StoreError that names the first of the unknown ids; nothing when there are none."""
    for item in unknown:
        raise StoreError(f"the store of {count} items holds no '{item}'; rebuild the index")
