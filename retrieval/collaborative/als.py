"""Implicit-feedback matrix factorisation by alternating least squares."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.collaborative.interactions import Interactions
from retrieval.collaborative.scorer import Arrays, Floats, Rows, known, over_catalogue, positions

log = logging.getLogger(__name__)

ALPHA = 2.0
REGULARISATION = 10.0
ITERATIONS = 15
SEED = 20080


class ImplicitALS:
    """A vector for each item; a person is the vector that explains what they liked best.

    Hu, Koren and Volinsky, ICDM 2008: an entry of strength s is a preference of 1 held with
    confidence 1 + alpha s, everything else a preference of 0 held with confidence 1. A person is
    folded in by the same normal equations over the items they judged, but there the preference is
    the strength itself, so that a glance is not taken for a like and a dislike is a preference
    below 0. Small to store and quick at any size; EASE grows with the square of the catalogue.
    """

    name: ClassVar[str] = "als"

    def __init__(
        self, factors: Floats, rows: Rows, n_items: int, *, alpha: float, regularisation: float
    ) -> None:
        self._factors = factors
        self._rows = rows
        self._n = n_items
        self._alpha = alpha
        self._regularisation = regularisation
        self._places = positions(rows, n_items)
        everyone = np.eye(factors.shape[1], dtype=np.float64) * regularisation
        self._gram = np.asarray(factors.T @ factors + everyone, dtype=np.float64)

    @classmethod
    def fit(
        cls,
        interactions: Interactions,
        *,
        factors: int | None = None,
        alpha: float = ALPHA,
        regularisation: float = REGULARISATION,
        iterations: int = ITERATIONS,
        seed: int = SEED,
    ) -> Self:
        """Learn from the likes. The same interactions and seed give the same factors.

        ``factors`` grows with the data by default (:func:`default_factors`). BLAS is held to one
        thread while fitting: many small products are slower with more.
        """
        from implicit.cpu.als import AlternatingLeastSquares
        from threadpoolctl import threadpool_limits

        rows = interactions.learnable
        if factors is None:
            factors = default_factors(len(interactions.values))
        if len(rows) == 0:
            nothing = np.zeros((0, factors), dtype=np.float32)
            return cls(
                nothing, rows, interactions.n_items, alpha=alpha, regularisation=regularisation
            )
        confidence = interactions.csr()[:, rows]
        confidence.data = 1.0 + np.float32(alpha) * confidence.data
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=factors,
                regularization=regularisation,
                alpha=1.0,
                iterations=iterations,
                random_state=seed,
                num_threads=1,
            )
            model.fit(confidence, show_progress=False)
        log.info(
            "als fitted: users=%d items=%d likes=%d factors=%d",
            interactions.n_users,
            len(rows),
            len(interactions.values),
            factors,
        )
        learned = np.ascontiguousarray(model.item_factors, dtype=np.float32)
        return cls(learned, rows, interactions.n_items, alpha=alpha, regularisation=regularisation)

    @property
    def rows(self) -> Rows:
        """Rows with a vector."""
        return self._rows

    def person(self, weights: Mapping[int, float]) -> Floats:
        """The vector of a person who judges items so, (factors,); zeros for nothing known."""
        at, of = known(weights, self._places)
        own = self._factors[at].astype(np.float64)
        surplus = self._alpha * np.abs(of).astype(np.float64)
        left = self._gram + own.T @ (surplus[:, None] * own)
        right = own.T @ (of * (1.0 + surplus))
        return np.linalg.solve(left, right).astype(np.float32)

    def score(self, weights: Mapping[int, float]) -> Floats:
        """Preferences of the person, (n_items,), roughly in [-1, 1]; NaN unless learned."""
        return over_catalogue(self._factors @ self.person(weights), self._rows, self._n)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """``factors`` (n_known, f), ``rows`` (n_known,), ``size`` (1,), ``settings`` (2,)."""
        return {
            "factors": self._factors,
            "rows": self._rows,
            "size": np.array([self._n], dtype=np.int64),
            "settings": np.array([self._alpha, self._regularisation], dtype=np.float64),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The scorer that :meth:`arrays` came from."""
        alpha, regularisation = (float(x) for x in arrays["settings"])
        return cls(
            np.asarray(arrays["factors"], dtype=np.float32),
            np.asarray(arrays["rows"], dtype=np.int32),
            int(arrays["size"][0]),
            alpha=alpha,
            regularisation=regularisation,
        )


def default_factors(likes: int) -> int:
    """32, 64 from a hundred thousand likes on, 128 from a million: what the data can carry.

    On fifty thousand likes 64 factors were worse than 32, on two hundred thousand better.
    """
    return 32 if likes < 100_000 else 64 if likes < 1_000_000 else 128
