"""What to ask a newcomer about: items that many know and few agree on, each unlike the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from retrieval.diversity import Nearness, greedy
from retrieval.types import ItemId

if TYPE_CHECKING:
    from retrieval.collaborative import Collaborative
    from retrieval.collaborative.scorer import Floats

APART = 0.2
"""What likeness to a pick before it costs, against what its answer tells, which weighs the rest."""

LEAST = 5
"""People who must know an item before how far they differ is more than chance."""


def first_picks(
    known: Sequence[ItemId],
    collaborative: Collaborative,
    vectors: Callable[[Sequence[ItemId]], Floats],
    k: int,
) -> tuple[ItemId, ...]:
    """Up to ``k`` of the ``known`` items for a newcomer to say what they think of, best first.

    ``known`` are the most popular items that may be shown, ``vectors`` gives the (n, dim) vectors
    of items. Of these each pick has the greatest
    :attr:`~retrieval.collaborative.opinions.Opinions.telling`, on [0, 1], less the cosine to the
    nearest pick before it. Empty where nobody differs about anything: then there is no taste to be
    told from the answers.
    """
    opinions = collaborative.opinions
    rows = np.array([collaborative.row[item] for item in known], dtype=np.intp)
    rows = rows[opinions.known[rows] >= LEAST]
    telling = opinions.telling[rows]
    top = float(telling.max(initial=0.0))
    if top <= 0:
        return ()
    ids = [collaborative.ids[row] for row in rows.tolist()]
    apart = Nearness(vectors(ids))
    order = greedy((1 - APART) * telling / top, k, [(APART, apart)])
    return tuple(ids[place] for place in order.tolist())
