"""The matrix that collaborative scorers learn from: what everybody's events come to."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.collaborative.opinions import Opinions
from retrieval.collaborative.scorer import Floats, Rows
from retrieval.kinds import EventKinds
from retrieval.profiles import DAY, Standing, standing
from retrieval.types import Event, ItemId

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

EARLY = 0.05
"""Quantile of the times that the log is taken to begin at: a clock set to 1970 moves nothing."""


LIKERS = 2
"""Likers from which a scorer learns about an item: one tells their own taste and nobody else's.

On films, where half of what is liked has a single liker, this made learning three times as fast
and no less accurate.
"""


def strength(weight: float) -> float:
    """A weight as a matrix entry, in (-1, 1): ``1 - exp(-|weight|)`` with the weight's sign.

    Nearly one for anything that deserves to be called a like, so that learning sees who liked
    what, with only a shade of how much; small for a glance. On the histories that were tried,
    plain sums of weights cost a tenth of the accuracy that this keeps.
    """
    return math.copysign(-math.expm1(-abs(weight)), weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What each user touched with interest, in the order of time (ties by item row).

    Step ``s`` is user ``users[s]`` (0 and up, ascending) at item row ``rows[s]``; ``liked[s]`` says
    whether it was a like. An item stands at its newest event. Without times there are no steps.
    """

    users: Rows
    rows: Rows
    liked: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactions:
    """Users by items, compressed by row; users are anonymous rows in the order they appeared.

    User ``u`` likes the items ``indices[indptr[u]:indptr[u + 1]]`` (ascending), each with the
    strength in ``values``, in (0, 1]. Item columns are in the order of ``ids``. Only likes are in
    the matrix: a dislike is used when a person is scored, not when the scorer learns. ``popular``
    is (n_items,), the sum of the likers' strengths, decayed by age; 0 for an item nobody likes.
    ``steps`` is the order in which things were done, ``opinions`` what all events, for or against,
    say of the items.
    """

    ids: tuple[ItemId, ...]
    indptr: NDArray[np.int64]
    indices: Rows
    values: Floats
    popular: Floats
    steps: Steps
    opinions: Opinions

    @property
    def n_users(self) -> int:
        """Users who like something."""
        return len(self.indptr) - 1

    @property
    def n_items(self) -> int:
        """Items of the catalogue, liked or not."""
        return len(self.ids)

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many users like each item: (n_items,)."""
        return np.bincount(self.indices, minlength=self.n_items)

    @property
    def learnable(self) -> Rows:
        """Rows of the items that at least :data:`LIKERS` users like, ascending."""
        return np.flatnonzero(self.counts >= LIKERS).astype(np.int32)

    def csr(self) -> csr_matrix:
        """The same as a scipy matrix, (n_users, n_items), float32; it shares the arrays."""
        from scipy.sparse import csr_matrix

        shape = (self.n_users, self.n_items)
        return csr_matrix((self.values, self.indices, self.indptr), shape=shape)

    @classmethod
    def build(
        cls,
        events: Iterable[Event],
        ids: Sequence[ItemId],
        kinds: EventKinds,
        now: float | None = None,
        *,
        half_life_days: float | None = None,
        popularity_half_life_days: float | None = None,
    ) -> Interactions:
        """What the events, in any order, come to. Events of items outside ``ids`` are passed over.

        A user likes an item as :func:`retrieval.profiles.standing` says: something counted as a
        like, and nothing decisive took it back. In a log without a single like (page views only)
        every item with a positive weight counts.

        There is no clock inside: ``now`` is the newest event's time unless given.
        ``half_life_days`` lets old likes fade from the matrix; by default they do not. Popularity
        halves every ``popularity_half_life_days``, by default half of the time the log spans; a
        like without a time counts as one half-life old when others have times, else in full.
        """
        row_of = {item: row for row, item in enumerate(ids)}
        by_user: defaultdict[str, defaultdict[int, list[Event]]] = defaultdict(
            lambda: defaultdict(list)
        )
        times: list[float] = []
        for event in events:
            row = row_of.get(event.item)
            if row is not None:
                by_user[event.user][row].append(event)
                if event.time is not None:
                    times.append(event.time)
        if now is None:
            now = max(times, default=None)
        judged = [
            [
                (row, standing(own, kinds, now=now, half_life=half_life_days or 0.0))
                for row, own in sorted(items.items())
            ]
            for items in by_user.values()
        ]
        any_like = any(s.liked for user in judged for _, s in user)
        likes = [
            [(r, s) for r, s in user if s.weight > 0 and (s.liked or not any_like)]
            for user in judged
        ]
        likes = [user for user in likes if user]
        flat = [pair for user in likes for pair in user]
        indices = np.array([row for row, _ in flat], dtype=np.int32)
        values = np.array([strength(s.weight) for _, s in flat], dtype=np.float32)
        half_life = popularity_half_life_days
        if half_life is None and times and now is not None:
            half_life = (now - float(np.quantile(times, EARLY))) / DAY / 2
        fresh = values * _freshness([s.time for _, s in flat], now, half_life or 0.0)
        return cls(
            ids=tuple(ids),
            indptr=np.cumsum([0, *(len(user) for user in likes)], dtype=np.int64),
            indices=indices,
            values=values,
            popular=np.bincount(indices, fresh, minlength=len(ids)).astype(np.float32),
            steps=_steps(judged, any_like=any_like),
            opinions=_opinions(judged, len(ids)),
        )


def _opinions(judged: Sequence[Sequence[tuple[int, Standing]]], n_items: int) -> Opinions:
    said = [(row, strength(s.weight)) for own in judged for row, s in own if s.weight]
    rows = np.array([row for row, _ in said], dtype=np.int32)
    return Opinions.of(rows, np.array([x for _, x in said], dtype=np.float32), n_items)


def _steps(judged: Sequence[Sequence[tuple[int, Standing]]], *, any_like: bool) -> Steps:
    found = [
        (user, s.time, row, s.liked or not any_like)
        for user, own in enumerate(judged)
        for row, s in own
        if s.weight > 0 and s.time is not None
    ]
    found.sort(key=lambda step: step[:3])
    return Steps(
        users=np.array([step[0] for step in found], dtype=np.int32),
        rows=np.array([step[2] for step in found], dtype=np.int32),
        liked=np.array([step[3] for step in found], dtype=np.bool_),
    )


def _freshness(
    times: Sequence[float | None], now: float | None, half_life_days: float
) -> NDArray[np.float64]:
    """0.5 to the age in half-lives, (n,); 1 for all where there is no time or no half-life."""
    if now is None or half_life_days <= 0:
        return np.ones(len(times))
    undated = now - half_life_days * DAY
    then = np.array([undated if t is None else t for t in times], dtype=np.float64)
    return np.asarray(0.5 ** (np.maximum(0.0, now - then) / DAY / half_life_days))
