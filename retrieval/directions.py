"""Soft attributes as signed directions in the space of the workspace's own items.

"Funnier" has no field. What it means in this catalogue is where the items lie that call themselves
funny, seen from the middle of the catalogue: a concept direction (after S. Rothe, S. Ebert and H.
Schütze, "Ultradense word embeddings by orthogonal transformation", NAACL 2016, here as a difference
of means, which needs no training). An item is as funny as it lies along it, in deviations of the
catalogue, so that two directions and two requests compare.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.embeddings import Encoder
from retrieval.index import Index
from retrieval.top import top
from retrieval.types import ItemId, Toward

Floats = NDArray[np.float32]

SAID = 40
"""Items that say the word, the plainest first, of which the direction is made."""

FEW = 5
"""With fewer the word's own meaning is all there is to go by."""

FAR = 2.0
"""Deviations beyond the base from which more is not better: funnier is asked for, not funniest."""


def direction(index: Index, encoder: Encoder, text: str, middle: Floats) -> Floats:
    """The unit direction of a word, (dim,); ``middle`` (dim,) is the mean of the catalogue."""
    said = index.lexical.scores(text)
    rows = top(said, said > 0, SAID)
    ends = index.store.get(rows).mean(axis=0) if len(rows) >= FEW else encoder.encode([text])[0]
    return unit(ends - middle)


def away(index: Index, items: Sequence[ItemId], middle: Floats) -> Floats:
    """The unit direction of some items, (dim,): what they have in common beyond the catalogue."""
    held = [i for i in items if i in index.row]
    ends = index.vectors(held).mean(axis=0) if held else middle
    return unit(ends - middle)


def unit(vector: Floats) -> Floats:
    """The vector with length 1; zeros stay zeros."""
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length > 0 else vector, dtype=np.float32)


def progress(
    towards: Sequence[tuple[Toward, Floats, Floats]], vectors: Floats, reference: Floats
) -> Floats:
    """How far each item lies the wanted way from the base: (n,), in deviations of the catalogue,
    added over the directions; above 0 is beyond the base, and more than :data:`FAR` is no better.

    ``towards`` are wishes, each with its unit direction (dim,) and the vectors of its base (b, dim;
    empty for the catalogue's middle). ``vectors`` (n, dim) are the items, ``reference`` (m, dim) a
    sample of the catalogue.
    """
    total = np.zeros(len(vectors), dtype=np.float32)
    for wish, along, base in towards:
        usual = reference @ along
        start = float(np.median(base @ along)) if len(base) else float(usual.mean())
        spread = max(float(usual.std()), 1e-6)
        total += np.minimum(wish.sign * (vectors @ along - start) / spread, FAR)
    return total
