"""How many people know an item, and how far they differ about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.collaborative.scorer import Arrays, Floats, Rows


@dataclass(frozen=True, slots=True)
class Opinions:
    """Over one catalogue, by item row.

    ``known`` (n_items,) counts the people who did anything with the item that says something of
    their taste, for or against. ``variance`` (n_items,) is that of their strengths, in [0, 1]: 0
    where all agree or at most one person knows it, 1 where half adore it and half abhor it.
    """

    known: NDArray[np.int64]
    variance: Floats

    @classmethod
    def of(cls, rows: Rows, strengths: Floats, n_items: int) -> Self:
        """From each person's strength, in (-1, 1), for each item they know; no order is needed."""
        known = np.bincount(rows, minlength=n_items)
        people = np.maximum(known, 1)
        wide = strengths.astype(np.float64)
        mean = np.bincount(rows, wide, minlength=n_items) / people
        spread = np.bincount(rows, (wide - mean[rows]) ** 2, minlength=n_items) / people
        return cls(known.astype(np.int64), spread.astype(np.float32))

    @classmethod
    def none(cls, n_items: int) -> Self:
        """Of a catalogue without events."""
        return cls(np.zeros(n_items, dtype=np.int64), np.zeros(n_items, dtype=np.float32))

    @property
    def telling(self) -> Floats:
        """What asking a newcomer about each item is likely to tell: (n_items,), 0 and up.

        How many know it times the variance of what they think, which is the sum of their squared
        deviations: who does not know it cannot answer, and an answer that everybody gives says
        nothing of the person. Al Mamunur Rashid et al., "Getting to Know You", IUI 2002, multiply
        the logarithm of popularity with entropy. Variance needs no bins and works for any kind of
        event; the logarithm, which counts popularity for less, told less where it was measured
        (``docs/benchmarks/onboarding.md``).
        """
        return np.asarray(self.known * self.variance, dtype=np.float32)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """``known`` and ``variance``, (n_items,) each."""
        return {"known": self.known, "variance": self.variance}

    @classmethod
    def from_arrays(cls, arrays: Arrays, n_items: int) -> Self:
        """The value that :meth:`arrays` came from; none for an older version."""
        if "known" not in arrays:
            return cls.none(n_items)
        known = np.asarray(arrays["known"], dtype=np.int64)
        return cls(known, np.asarray(arrays["variance"], dtype=np.float32))
