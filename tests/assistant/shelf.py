"""A handful of items as moves see a catalogue, read by the meaning of filters alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.filters import Filter, matches, number
from retrieval.types import Item, Query


class Shelf:
    """The items, counted one by one."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = tuple(items)

    def count(self, where: Filter | None) -> int:
        return sum(where is None or matches(where, item) for item in self.items)

    def fitting(self, query: Query) -> int:
        left = [i for i in self.items if i.id not in query.exclude]
        return Shelf(left).count(query.where)

    def values(self, field: str, where: Filter | None = None) -> NDArray[np.float64]:
        held = [i.fields.get(field) for i in self.items if where is None or matches(where, i)]
        return np.sort(np.array([x for v in held if (x := number(v)) is not None]))
