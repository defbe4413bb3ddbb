"""Several interests of one person, where one average would lie between them and be none of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MOST = 4
"""Interests told apart; a fifth is seldom more than a single item."""

ALIKE = 0.4
"""Cosine to an interest's centre from which an item belongs to it. MiniLM gives two items of one
genre about that much, two items taken at random about a quarter."""

STRONGEST = 100
"""Liked items that are looked at; the strongest say where the interests lie."""


def interests(vectors: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Centres of the interests behind liked items: unit vectors (c, dim), and their shares (c,).

    ``vectors`` (n, dim) are unit vectors of liked items, ``weights`` (n,) what they weigh, above 0.
    The strongest item founds the first interest; each further one joins the nearest interest if it
    is alike, else founds another while there is room (leader clustering, Hartigan 1975; several
    vectors for one person after Pal et al., "PinnerSage", KDD 2020). A centre is the weighted mean
    of its items. The shares add up to 1, the greatest first. Empty for no items.
    """
    order = np.argsort(-weights, kind="stable")[:STRONGEST]
    if len(order) == 0:
        return vectors[:0], weights[:0]
    sums = np.zeros((MOST, vectors.shape[1]), dtype=np.float32)
    masses = np.zeros(MOST, dtype=np.float32)
    lengths = np.full(MOST, np.inf, dtype=np.float32)  # an interest without items is near nothing
    for vector, weight in zip(vectors[order], weights[order], strict=True):
        near = (sums @ vector) / lengths
        at = int(near.argmax())
        founded = int(np.count_nonzero(masses))
        if founded < MOST and (founded == 0 or near[at] < ALIKE):
            at = founded
        sums[at] += weight * vector
        masses[at] += weight
        lengths[at] = max(float(np.linalg.norm(sums[at])), 1e-9)
    held = masses > 0
    centres, shares = sums[held] / lengths[held, None], masses[held]
    first = np.argsort(-shares, kind="stable")
    return (
        np.asarray(centres[first]),
        np.asarray(shares[first] / shares.sum()),
    )
