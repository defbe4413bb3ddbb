"""What candidates have in common with an example: the rarer a value, the more it tells."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.columns import Columns
from retrieval.types import Item

Floats = NDArray[np.float32]

USUAL = 0.25
"""Share of the catalogue from which having a value in common is no news."""


def in_common(
    examples: Sequence[Item], facets: Collection[str], columns: Columns, rows: NDArray[np.intp]
) -> Floats:
    """How much each row shares with the examples in these facets, by the mean of the examples:
    (len(rows),), in nats.

    A value that both hold counts as the information that it carries, ``ln(n / held)`` where
    ``held`` of ``n`` items hold it (K. Sparck Jones, "A statistical interpretation of term
    specificity", 1972). Zeros without examples.
    """
    total = np.zeros(len(columns), dtype=np.float32)
    for item in examples:
        for field, value in _values(item, facets):
            held = columns.holding(field, value)
            if 0 < len(held) < USUAL * len(columns):
                total[held] += np.log(len(columns) / len(held))
    return np.asarray(total[rows] / max(1, len(examples)), dtype=np.float32)


def _values(item: Item, facets: Collection[str]) -> Iterator[tuple[str, str]]:
    """The item's values in these facets; numbers and flags are no such values."""
    for field in facets:
        value = item.fields.get(field)
        if isinstance(value, tuple):
            yield from ((field, v) for v in value)
        elif isinstance(value, str):
            yield field, value
