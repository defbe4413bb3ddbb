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
    sums: list[Floats] = []
    masses: list[float] = []
    for at in order:
        vector, weight = vectors[at], float(weights[at])
        near = np.array([float(s @ vector) / max(float(np.linalg.norm(s)), 1e-9) for s in sums])
        joins = len(near) > 0 and (near.max() >= ALIKE or len(sums) == MOST)
        if joins:
            best = int(near.argmax())
            sums[best] = sums[best] + weight * vector
            masses[best] += weight
        else:
            sums.append(weight * vector)
            masses.append(weight)
    if not sums:
        return vectors[:0], weights[:0]
    centres = np.stack(sums)
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    shares = np.array(masses, dtype=np.float32)
    first = np.argsort(-shares, kind="stable")
    return (
        np.asarray(centres[first], dtype=np.float32),
        np.asarray(shares[first] / shares.sum(), dtype=np.float32),
    )
