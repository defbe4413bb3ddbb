"""Which items the same people like: counts behind sentences such as "people who liked X"."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.collaborative.interactions import Interactions
from retrieval.collaborative.scorer import Arrays, Rows


class Companions:
    """For each item the users who like it, ascending: ``users[indptr[row]:indptr[row + 1]]``."""

    def __init__(self, indptr: NDArray[np.int64], users: Rows, n_users: int) -> None:
        self._indptr = indptr
        self._users = users
        self._n_users = n_users

    @classmethod
    def of(cls, interactions: Interactions) -> Self:
        """Turn the matrix on its side."""
        sizes = np.diff(interactions.indptr)
        user = np.repeat(np.arange(interactions.n_users, dtype=np.int32), sizes)
        by_item = np.argsort(interactions.indices, kind="stable")
        indptr = np.concatenate([[0], np.cumsum(interactions.counts)]).astype(np.int64)
        return cls(indptr, user[by_item], interactions.n_users)

    @property
    def supports(self) -> NDArray[np.int64]:
        """How many users like each item: (n_items,)."""
        return np.diff(self._indptr)

    def support(self, row: int) -> int:
        """How many users like the item."""
        return int(self._indptr[row + 1] - self._indptr[row])

    def together(self, a: int, b: int) -> tuple[int, float]:
        """Users who like both, and the lift: how many times what chance would give.

        Lift is ``n_ab * n_users / (n_a * n_b)`` (Brin et al., SIGMOD 1997); (0, 0.0) where nobody
        likes both. Small supports make large lifts: look at both. An item with itself counts too.
        """
        left, right = self._of(a), self._of(b)
        few, many = (left, right) if len(left) < len(right) else (right, left)
        if len(few) == 0:
            return 0, 0.0
        at = np.minimum(np.searchsorted(many, few), len(many) - 1)
        both = int(np.count_nonzero(many[at] == few))
        return both, both * self._n_users / (len(left) * len(right))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """``indptr``, ``users``, ``count`` (1,) of users."""
        return {
            "indptr": self._indptr,
            "users": self._users,
            "count": np.array([self._n_users], dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The value that :meth:`arrays` came from."""
        return cls(
            np.asarray(arrays["indptr"], dtype=np.int64),
            np.asarray(arrays["users"], dtype=np.int32),
            int(arrays["count"][0]),
        )

    def _of(self, row: int) -> Rows:
        return self._users[self._indptr[row] : self._indptr[row + 1]]
