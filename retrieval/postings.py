"""BM25 as arrays: documents of token numbers in, scores of every document out.

S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), in
the variant of Lucene, whose idf is never negative. The weight of a token in a document does not
depend on the request, so all of them are computed once (X. Lù, "BM25S", 2024): a request only adds
up a few slices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

K1, B = 1.5, 0.75

Arrays = Mapping[str, NDArray[np.generic]]


class Documents:
    """Which tokens each document holds, and how often: a matrix (documents, tokens) by row.

    Document ``d`` holds ``indices[indptr[d]:indptr[d + 1]]``, each as often as ``counts`` says.
    """

    def __init__(
        self,
        indptr: NDArray[np.int64],
        indices: NDArray[np.int32],
        counts: NDArray[np.uint16],
        tokens: int,
    ) -> None:
        self._indptr = indptr
        self._indices = indices
        self._counts = counts
        self._tokens = tokens

    @classmethod
    def of(cls, documents: Iterable[Sequence[int]], tokens: int) -> Documents:
        """From the token numbers of each document, below ``tokens``, in any order."""
        from scipy.sparse import csr_matrix

        each = [np.array(document, dtype=np.int32) for document in documents]
        indptr = np.cumsum([0, *map(len, each)], dtype=np.int64)
        indices = np.concatenate([np.zeros(0, dtype=np.int32), *each])
        ones = np.ones(len(indices), dtype=np.float32)
        counts = csr_matrix((ones, indices, indptr), shape=(len(each), tokens))
        counts.sum_duplicates()
        return cls._from(counts)

    @classmethod
    def _from(cls, counts: csr_matrix) -> Documents:
        often = np.minimum(counts.data, np.iinfo(np.uint16).max).astype(np.uint16)
        indptr, indices = counts.indptr.astype(np.int64), counts.indices.astype(np.int32)
        return cls(indptr, indices, often, counts.shape[1])

    def _matrix(self, tokens: int) -> csr_matrix:
        from scipy.sparse import csr_matrix

        data = self._counts.astype(np.float32)
        shape = (len(self._indptr) - 1, tokens)
        return csr_matrix((data, self._indices, self._indptr), shape=shape)

    def renewed(self, kept: NDArray[np.intp], added: Documents) -> Documents:
        """The documents of a changed catalogue, without reading the unchanged ones again.

        ``kept`` names, for each document to be, the row it has here, or -1 for the next of
        ``added``, whose tokens are numbered alike, with new ones behind.
        """
        from scipy.sparse import vstack

        mine, theirs = self._matrix(added._tokens), added._matrix(added._tokens)
        place = np.where(kept >= 0, kept, mine.shape[0] + np.cumsum(kept < 0) - 1)
        return self._from(vstack([mine, theirs], format="csr")[place])

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """``indptr``, ``indices``, ``counts``; ``tokens`` (1,)."""
        return {
            "indptr": self._indptr,
            "indices": self._indices,
            "counts": self._counts,
            "tokens": np.array([self._tokens], dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Documents:
        """What :meth:`arrays` came from; the arrays may be memory-mapped."""
        return cls(
            np.asarray(arrays["indptr"], dtype=np.int64),
            np.asarray(arrays["indices"], dtype=np.int32),
            np.asarray(arrays["counts"], dtype=np.uint16),
            int(arrays["tokens"][0]),
        )

    def postings(self) -> Postings:
        """The weights of every token in the documents that hold it."""
        counts = self._matrix(self._tokens)
        n = counts.shape[0]
        length = np.asarray(counts.sum(axis=1), dtype=np.float32).ravel()
        mean = float(length.mean()) if n else 0.0
        by_token = counts.tocsc()
        holding = np.diff(by_token.indptr)
        idf = np.log1p((n - holding + 0.5) / (holding + 0.5)).astype(np.float32)
        rows, weights = by_token.indices, by_token.data
        relative = length / np.float32(mean) if mean else length
        damping = K1 * (1 - B + B * relative)
        weights /= weights + damping[rows].astype(np.float32)
        weights *= np.repeat(idf, holding)
        return Postings(by_token.indptr.astype(np.int64), rows.astype(np.int32), weights, n)


class Postings:
    """For token ``t`` the documents ``rows[indptr[t]:indptr[t + 1]]`` and their ``weights``."""

    def __init__(
        self,
        indptr: NDArray[np.int64],
        rows: NDArray[np.int32],
        weights: NDArray[np.float32],
        n: int,
    ) -> None:
        self._indptr = indptr
        self._rows = rows
        self._weights = weights
        self._n = n

    def scores(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """The sum of the tokens' weights in each document, (n,); a repeated token counts again."""
        total = np.zeros(self._n, dtype=np.float32)
        for token in tokens:
            part = slice(self._indptr[token], self._indptr[token + 1])
            total[self._rows[part]] += self._weights[part]
        return total

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """``indptr``, ``rows``, ``weights``; ``size`` (1,)."""
        return {
            "indptr": self._indptr,
            "rows": self._rows,
            "weights": self._weights,
            "size": np.array([self._n], dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Postings:
        """What :meth:`arrays` came from; the arrays may be memory-mapped."""
        return cls(
            np.asarray(arrays["indptr"], dtype=np.int64),
            np.asarray(arrays["rows"], dtype=np.int32),
            np.asarray(arrays["weights"], dtype=np.float32),
            int(arrays["size"][0]),
        )
