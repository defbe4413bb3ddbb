"""What is needed to judge lists of one log beside their accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation import lists
from retrieval.evaluation.accuracy import Rankings
from retrieval.evaluation.log import Log
from retrieval.evaluation.tuning import Board
from retrieval.filters import texts
from retrieval.types import Field

LIST = 10
"""Places of the lists that are judged."""

FACET_VALUES = 200
"""Different values up to which a facet reads as a mix of tastes; more are names."""

KNOWN = 0.5
"""Share of the items that must have a value of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Likers and long tail of a board's items; their vectors and the values of ``facet``, the
    field by which calibration is told, where there are any.
    """

    likers: NDArray[np.int64]
    users: int
    tail: NDArray[np.bool_]
    vectors: NDArray[np.float32] | None
    facet: str
    values: lists.Facets
    count: int

    @classmethod
    def of(cls, log: Log, board: Board, vectors: NDArray[np.float32] | None) -> Self:
        """The looks of a log's items; ``vectors`` (items, dimensions) are theirs by content."""
        likers = np.bincount(board.likes.indices, minlength=len(log.items))
        facet = calibration_facet(log)
        named = [texts(item.fields[facet]) if facet in item.fields else () for item in log.items]
        values, places = lists.numbered(named)
        return cls(
            likers=likers,
            users=board.likes.shape[0],
            tail=lists.long_tail(likers),
            vectors=vectors,
            facet=facet,
            values=values,
            count=len(places),
        )

    def figures(self, rankings: Rankings, board: Board) -> dict[str, float]:
        """The measures of the first :data:`LIST` places, by name; by content where there is any."""
        top, n = rankings[:, :LIST], len(self.likers)
        found = {
            f"coverage@{LIST}": lists.coverage(top, n),
            f"gini@{LIST}": lists.gini(top, n),
            f"tail_recall@{LIST}": lists.tail_recall(top, board.targets, self.tail, LIST),
            f"novelty@{LIST}": lists.novelty(top, self.likers, self.users),
        }
        if self.vectors is not None:
            found[f"diversity@{LIST}"] = lists.diversity(top, self.vectors)
        if self.count:
            found[f"miscalibration@{LIST}"] = lists.miscalibration(
                top, board.liked, self.values, self.count
            )
        return found


def calibration_facet(log: Log) -> str:
    """The facet by which tastes are told apart: the one that most items have, of those with 2 to
    :data:`FACET_VALUES` values; flags and people are none. Ties go to the first; "" for none.
    """
    usable = [
        field
        for field in log.schema.by_role("facet")
        if field.kind == "plain" and field.coverage >= KNOWN and _different(log, field) >= 2
    ]
    return max(usable, key=lambda f: f.coverage).name if usable else ""


def _different(log: Log, field: Field) -> int:
    """How many values a facet has, or 0 where they are too many."""
    found: set[str] = set()
    for item in log.items:
        if field.name in item.fields:
            found.update(texts(item.fields[field.name]))
        if len(found) > FACET_VALUES:
            return 0
    return len(found)
