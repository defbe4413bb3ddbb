"""Places of a slate that are kept for items of which too little is known, with exact chances.

A recommender that shows only what it is sure of never learns about the rest. So a share of the
places is drawn: which places, and which of the little-known items stand there. Every chance is
known in closed form and logged with the slate, so that what happened afterwards can be weighed by
its inverse (Horvitz and Thompson, JASA 1952; for slates Swaminathan et al., NeurIPS 2017).
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ENOUGH = 30
"""Events from which an item is known: the standard error of a share is then at most 0.09."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """The odds of one slate. ``keep``: an open place shows what stood there; ``show``: it shows a
    given item of the pool. For every open place ``keep + pool * show == 1``."""

    keep: float
    show: float


def chances(places: int, pool: int, expected: float) -> Chances:
    """The odds when ``expected`` places on average are drawn from ``places`` open ones, and filled
    with items drawn from a ``pool`` of so many.

    Fewer are drawn where there are fewer places or items: at most ``min(places, pool)``.
    """
    most = min(places, pool)
    if most <= 0 or expected <= 0:
        return Chances(keep=1.0, show=0.0)
    whole = math.floor(expected)
    rest = expected - whole
    drawn = (1 - rest) * min(whole, most) + rest * min(whole + 1, most)
    return Chances(keep=1 - drawn / places, show=drawn / (places * pool))


def draw(
    rng: np.random.Generator, places: int, pool: int, expected: float
) -> tuple[tuple[int, int], ...]:
    """Pairs of an open place and an item of the pool, both from 0, by place; the odds are those of
    :func:`chances`.

    The number of places is ``expected`` rounded down or up at random so that it is right on
    average; the places, and the items in them, are drawn evenly and without repeats.
    """
    most = min(places, pool)
    if most <= 0 or expected <= 0:
        return ()
    whole = math.floor(expected)
    count = min(most, whole + int(rng.random() < expected - whole))
    where = rng.choice(places, size=count, replace=False)
    what = rng.choice(pool, size=count, replace=False)
    return tuple(sorted(zip(where.tolist(), what.tolist(), strict=True)))


def uncertain(counts: NDArray[np.floating], shown: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which items are little known, (n,), from how many events each has, NaN for none.

    Those with fewer events than the mean of the ``shown`` items, (m,), that they would stand among,
    and either with fewer than half of it, where an estimate errs 1.4 times as far, or with fewer
    than :data:`ENOUGH`. Where nobody did anything yet, no item is less known than another.
    """
    mean = float(_known(shown).mean()) if len(shown) else 0.0
    return np.asarray(_known(counts) < min(mean, max(float(ENOUGH), mean / 2)))


def optimistic(
    relevance: NDArray[np.floating], counts: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Relevance plus the width of what is not known, (n,): ``relevance + 1 / sqrt(1 + count)``.

    Optimism in the face of uncertainty, the idea of UCB1 (Auer et al., Machine Learning 2002), with
    a width that falls as the standard error of a mean does.
    """
    return np.asarray(relevance, dtype=np.float64) + 1.0 / np.sqrt(1.0 + _known(counts))


def generator(*parts: str | int) -> np.random.Generator:
    """A generator that is the same for the same parts, a session and a turn, on any machine."""
    text = "\0".join(str(p) for p in parts)
    seed = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(seed, "little"))


def _known(counts: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.nan_to_num(np.asarray(counts, dtype=np.float64), nan=0.0)
