"""What everybody likes: the scorer for people of whom nothing is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.collaborative.interactions import Interactions
from retrieval.collaborative.scorer import Arrays, Floats, Rows, known, over_catalogue, positions


class Popularity:
    """Damped, time-decayed counts of likes on (0, 1]; the same for every person.

    An item's score is ``log(1 + s) / log(1 + max s)`` with ``s`` the sum of its likers' strengths,
    halved for each half-life of their age. The logarithm keeps a few hits from making everything
    else look alike.
    """

    name: ClassVar[str] = "popularity"

    def __init__(self, scores: Floats) -> None:
        self._scores = scores
        self._rows: Rows = np.flatnonzero(scores > 0).astype(np.int32)
        self._places = positions(self._rows, len(scores))

    @classmethod
    def fit(cls, interactions: Interactions) -> Self:
        """The popularity of each item; all 0 without likes."""
        damped = np.log1p(interactions.popular)
        top = float(damped.max(initial=0.0))
        return cls(np.asarray(damped / top if top > 0 else damped, dtype=np.float32))

    @property
    def rows(self) -> Rows:
        """Rows that somebody likes."""
        return self._rows

    @property
    def values(self) -> Floats:
        """The scores with 0 where :meth:`score` says NaN: (n_items,), in [0, 1], read-only."""
        view = self._scores.view()
        view.flags.writeable = False
        return view

    def score(self, weights: Mapping[int, float]) -> Floats:
        """The popularity of each item, NaN where nobody likes it; the weights change nothing."""
        known(weights, self._places)
        return over_catalogue(self._scores[self._rows], self._rows, len(self._scores))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """``scores`` (n_items,)."""
        return {"scores": self._scores}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The scorer that :meth:`arrays` came from."""
        return cls(np.asarray(arrays["scores"], dtype=np.float32))
