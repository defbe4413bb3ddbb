"""The one shape of a collaborative scorer, and what all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Rows = NDArray[np.int32]
Arrays = Mapping[str, NDArray[np.generic]]


class Scorer(Protocol):
    """Scores every item of a catalogue for a person it has never met.

    A scorer is fitted once and then only read. ``name`` tells what it is in manifests. ``rows``
    are the rows it learned about, ascending; of the others there was too little to learn from.
    """

    name: ClassVar[str]

    @property
    def rows(self) -> Rows: ...

    def score(self, weights: Mapping[int, float]) -> Floats:
        """Scores of all items, (n_items,), higher is better, in a fresh array.

        ``weights`` maps rows to what the person thinks of them, a positive weight for a like and
        a negative one, which subtracts, for a dislike; rows that the scorer has not learned about
        are passed over. An item it did not learn about scores NaN: nothing is known, which is
        neither good nor bad. Without any usable weight the others score 0 or, where the scorer is
        not a personal one, what they score for everybody. ValueError for a row that does not
        exist.
        """
        ...

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything it learned, as named arrays of plain numbers."""
        ...

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The scorer that :meth:`arrays` came from; the arrays may be memory-mapped."""
        ...


def positions(rows: Rows, n_items: int) -> NDArray[np.int32]:
    """Catalogue row to place in ``rows``, (n_items,); -1 for a row that is not among them."""
    places = np.full(n_items, -1, dtype=np.int32)
    places[rows] = np.arange(len(rows), dtype=np.int32)
    return places


def known(weights: Mapping[int, float], places: Rows) -> tuple[Rows, Floats]:
    """The weights that a scorer can use: places and weights, in the order of the rows.

    The order makes a score independent of the order of the mapping. ValueError for a row that
    does not exist or a weight that is not finite.
    """
    n = len(places)
    used = sorted((row, w) for row, w in weights.items() if w)
    for row, weight in used:
        if not 0 <= row < n:
            raise ValueError(f"row {row} is outside the catalogue of {n} items")
        if not np.isfinite(weight):
            raise ValueError(f"the weight of row {row} is {weight}: a weight is a finite number")
    at = places[[row for row, _ in used]]
    of = np.array([w for _, w in used], dtype=np.float32)
    return at[at >= 0], of[at >= 0]


def over_catalogue(scores: NDArray[np.floating], rows: Rows, n_items: int) -> Floats:
    """Scores of ``rows`` as scores of the whole catalogue, NaN elsewhere."""
    full = np.full(n_items, np.nan, dtype=np.float32)
    full[rows] = scores
    return full
