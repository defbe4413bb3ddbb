"""The libraries that Palate is compared with, each with the grid it is tuned on.

Every peer learns from the same binary matrix (users, items) of positives before the cut. The
collaborative ones are the classes of ``implicit`` as they are; EASE is written here once more, in
plain numpy, so that it owes nothing to the product's own.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]
Setting = Mapping[str, float]


class Fitted(Protocol):
    """A peer that has learned."""

    def scores(self, histories: csr_matrix, users: Rows | None, /) -> Floats | None:
        """Scores of all items for these histories, (cases, items), higher is better.

        ``users`` are the rows of the learned matrix whose whole histories these are; None where
        they are only a part of one, or of somebody unknown. None when it has no way to take in a
        history that it has not learned from.
        """
        ...


@dataclass(frozen=True, slots=True)
class Popular:
    """The same order for everybody: how many like an item."""

    likers: Floats

    def scores(self, histories: csr_matrix, _users: Rows | None) -> Floats:
        """See :class:`Fitted`."""
        return np.broadcast_to(self.likers, (histories.shape[0], len(self.likers)))


@dataclass(frozen=True, slots=True)
class Linear:
    """A history times a sparse item-item matrix."""

    weights: csr_matrix

    def scores(self, histories: csr_matrix, _users: Rows | None) -> Floats:
        """See :class:`Fitted`."""
        return np.asarray((histories @ self.weights).toarray(), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Autoencoder:
    """EASE: h B with B = I - P diag(P)^-1 and P = (X'X + lambda I)^-1, without B where it is large.

    ``inverse`` is P where there are no more items than users. Else it is (XX' + lambda I)^-1, and
    h P = (h - h X' (XX' + lambda I)^-1 X) / lambda, which is the same by Woodbury's identity.
    ``diagonal`` is that of P. Items outside ``rows`` score 0.
    """

    likes: csr_matrix
    rows: Rows
    lam: float
    inverse: NDArray[np.float64]
    diagonal: NDArray[np.float64]

    @classmethod
    def fit(cls, likes: csr_matrix, rows: Rows, lam: float) -> Self:
        """Learn from the users' likes of the items ``rows``, (users, len(rows))."""
        users, items = likes.shape
        gram = np.asarray((likes.T @ likes if items <= users else likes @ likes.T).toarray())
        inverse = np.asarray(np.linalg.inv(gram + lam * np.eye(len(gram))), dtype=np.float64)
        diagonal = inverse.diagonal()
        if items > users:
            explained = likes.multiply((likes.T @ inverse).T).sum(axis=0)
            diagonal = (1.0 - np.asarray(explained).ravel()) / lam
        return cls(likes, rows, lam, inverse, diagonal)

    def scores(self, histories: csr_matrix, _users: Rows | None) -> Floats:
        """See :class:`Fitted`."""
        own = histories[:, self.rows]
        if len(self.inverse) == len(self.rows):
            projected = own @ self.inverse
        else:
            known = own @ self.likes.T @ self.inverse @ self.likes
            projected = (own.toarray() - known) / self.lam
        full = np.zeros(histories.shape, dtype=np.float32)
        full[:, self.rows] = own.toarray() - projected / self.diagonal
        return full


@dataclass(frozen=True, slots=True)
class Factors:
    """A vector for each user and each item; ``fold`` gives those of histories not learned from."""

    users: Floats
    items: Floats
    fold: Callable[[csr_matrix], Floats] | None = None

    def scores(self, histories: csr_matrix, users: Rows | None) -> Floats | None:
        """See :class:`Fitted`."""
        if users is not None:
            return np.asarray(self.users[users] @ self.items.T, dtype=np.float32)
        if self.fold is None:
            return None
        return np.asarray(self.fold(histories) @ self.items.T, dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A way to learn and the settings to try, every combination of ``grid``.

    ``personal`` is false for one that answers everybody alike, and so also where nothing is known.
    """

    fit: Callable[[csr_matrix, Setting, int], Fitted]
    grid: Mapping[str, tuple[float, ...]]
    personal: bool = True

    def settings(self) -> list[dict[str, float]]:
        """Every combination, in the order of the grid; one empty one where nothing is set."""
        return [
            dict(zip(self.grid, values, strict=True)) for values in product(*self.grid.values())
        ]

    def at_edge(self, setting: Setting) -> tuple[str, ...]:
        """What is set to an end of its grid, where a wider grid might have done better still."""
        ends = {name: (values[0], values[-1]) for name, values in self.grid.items()}
        return tuple(n for n, (a, b) in ends.items() if a != b and setting[n] in (a, b))


def popularity(likes: csr_matrix, _setting: Setting, _seed: int) -> Fitted:
    """How many like each item."""
    return Popular(np.asarray(likes.sum(axis=0), dtype=np.float32).ravel())


def cosine_knn(likes: csr_matrix, setting: Setting, _seed: int) -> Fitted:
    """``implicit``'s CosineRecommender: the ``k`` nearest items by the cosine of their likers."""
    from implicit.nearest_neighbours import CosineRecommender

    return _neighbours(CosineRecommender(K=int(setting["k"])), likes)


def bm25_knn(likes: csr_matrix, setting: Setting, _seed: int) -> Fitted:
    """``implicit``'s BM25Recommender: the same after BM25 weighting."""
    from implicit.nearest_neighbours import BM25Recommender

    return _neighbours(BM25Recommender(K=int(setting["k"]), K1=1.2, B=setting["b"]), likes)


def als(likes: csr_matrix, setting: Setting, seed: int) -> Fitted:
    """``implicit``'s AlternatingLeastSquares (Hu, Koren and Volinsky, ICDM 2008)."""
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=int(setting["factors"]),
        regularization=setting["regularisation"],
        alpha=setting["alpha"],
        random_state=seed,
    )
    model.fit(likes, show_progress=False)

    def fold(histories: csr_matrix) -> Floats:
        everyone = np.arange(histories.shape[0])
        return np.asarray(model.recalculate_user(everyone, histories), dtype=np.float32)

    return Factors(model.user_factors, model.item_factors, fold)


def bpr(likes: csr_matrix, setting: Setting, seed: int) -> Fitted:
    """``implicit``'s BayesianPersonalizedRanking (Rendle et al., UAI 2009); one thread repeats."""
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(
        factors=int(setting["factors"]),
        learning_rate=setting["learning_rate"],
        regularization=setting["regularisation"],
        iterations=int(setting["iterations"]),
        num_threads=1,
        random_state=seed,
    )
    model.fit(likes, show_progress=False)
    return Factors(model.user_factors, model.item_factors)


def ease(likes: csr_matrix, setting: Setting, _seed: int) -> Fitted:
    """EASE (Steck, WWW 2019) over the items that anybody likes."""
    rows = np.unique(likes.indices).astype(np.intp)
    return Autoencoder.fit(likes[:, rows], rows, setting["regularisation"])


def _neighbours(model: Any, likes: csr_matrix) -> Fitted:
    with warnings.catch_warnings():
        # It converts its own weights from one sparse form to another and warns of that.
        warnings.filterwarnings("ignore", message="Method expects CSR input")
        model.fit(likes, show_progress=False)
    return Linear(model.similarity.tocsr())


PEERS: Mapping[str, Peer] = MappingProxyType(
    {
        "popularity": Peer(fit=popularity, grid={}, personal=False),
        "cosine_knn": Peer(fit=cosine_knn, grid={"k": (20, 50, 100, 200, 500, 1000)}),
        "bm25_knn": Peer(
            fit=bm25_knn, grid={"k": (20, 50, 100, 200, 500, 1000), "b": (0.0, 0.2, 0.75)}
        ),
        "als": Peer(
            fit=als,
            grid={
                "factors": (32, 64, 128),
                "regularisation": (3.0, 10.0, 30.0),
                "alpha": (1.0, 3.0),
            },
        ),
        "bpr": Peer(
            fit=bpr,
            grid={
                "factors": (16, 64),
                "learning_rate": (0.005, 0.01, 0.02),
                "regularisation": (0.001, 0.01),
                "iterations": (100,),
            },
        ),
        "ease": Peer(fit=ease, grid={"regularisation": (25, 50, 100, 200, 400, 800, 1600)}),
    }
)
"""Name to peer. The grids span what is usual for catalogues from a thousand items to a million."""
