"""Item-item models: what is liked speaks for other items, each with a weight of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.collaborative.scorer import Arrays, Floats, Rows, known, over_catalogue, positions

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class Linear:
    """A sparse matrix W over the learned items: a person's scores are their likes times W.

    Row ``i`` of W holds ``values[indptr[i]:indptr[i + 1]]`` at the places ``indices[...]`` of
    ``rows``: what liking item ``i`` says for each of them. How W is learned is the subclass's.
    """

    name: ClassVar[str] = "linear"

    def __init__(
        self,
        indptr: NDArray[np.int64],
        indices: Rows,
        values: NDArray[np.float16],
        rows: Rows,
        n_items: int,
    ) -> None:
        self._indptr = indptr
        self._indices = indices
        self._values = values
        self._rows = rows
        self._n = n_items
        self._places = positions(rows, n_items)

    @classmethod
    def empty(cls, rows: Rows, n_items: int) -> Self:
        """The model that has learned nothing about these rows: it scores them all 0."""
        return cls(
            np.zeros(len(rows) + 1, dtype=np.int64),
            np.zeros(0, dtype=np.int32),
            np.zeros(0, dtype=np.float16),
            rows,
            n_items,
        )

    @classmethod
    def of(cls, matrix: csr_matrix, rows: Rows, n_items: int, keep: int) -> Self:
        """The model of a square matrix over ``rows``: of each row the ``keep`` greatest weights."""
        matrix = matrix.tocsr()
        sizes = np.diff(matrix.indptr)
        of_row = np.repeat(np.arange(len(rows)), sizes)
        # Greatest first within each row; equal weights in the order of the items.
        order = np.lexsort((matrix.indices, -matrix.data, of_row))
        place = np.arange(len(order)) - np.repeat(matrix.indptr[:-1], sizes)
        kept = order[place < keep]
        kept = kept[np.lexsort((matrix.indices[kept], of_row[kept]))]
        indptr = np.concatenate([[0], np.cumsum(np.minimum(sizes, keep))]).astype(np.int64)
        return cls(
            indptr,
            matrix.indices[kept].astype(np.int32),
            matrix.data[kept].astype(np.float16),
            rows,
            n_items,
        )

    @property
    def rows(self) -> Rows:
        """Rows that enough people like."""
        return self._rows

    def score(self, weights: Mapping[int, float]) -> Floats:
        """Scores of a person, (n_items,), about 0 where nothing speaks for or against an item.

        NaN for items it did not learn. The cost is that of the items judged, not of the catalogue.
        """
        at, of = known(weights, self._places)
        parts = [slice(self._indptr[place], self._indptr[place + 1]) for place in at.tolist()]
        held = np.concatenate([self._indices[p] for p in parts] or [self._indices[:0]])
        values = np.concatenate([self._values[p] for p in parts] or [self._values[:0]])
        weighted = values * np.repeat(of, self._indptr[at + 1] - self._indptr[at])
        scores = np.bincount(held, weights=weighted, minlength=len(self._rows))
        return over_catalogue(scores.astype(np.float32), self._rows, self._n)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """``indptr``, ``indices``, ``values`` of W by row; ``rows`` (n_known,); ``size`` (1,)."""
        return {
            "indptr": self._indptr,
            "indices": self._indices,
            "values": self._values,
            "rows": self._rows,
            "size": np.array([self._n], dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The model that :meth:`arrays` came from; W stays on disk where it is memory-mapped."""
        return cls(
            np.asarray(arrays["indptr"], dtype=np.int64),
            np.asarray(arrays["indices"], dtype=np.int32),
            np.asarray(arrays["values"], dtype=np.float16),
            np.asarray(arrays["rows"], dtype=np.int32),
            int(arrays["size"][0]),
        )
