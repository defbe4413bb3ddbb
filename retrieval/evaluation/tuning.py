"""Choosing a peer's settings on the middle part, and ranking with what it learned in the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from retrieval.evaluation.accuracy import Rankings, Targets, ndcg_at_10, top
from retrieval.evaluation.peers import Fitted, Peer, Rows, Setting
from retrieval.evaluation.splits import Case, Part
from retrieval.types import ItemId

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

BLOCK = 256
"""Cases scored at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One combination of a grid and its nDCG@10 on the middle part."""

    setting: Setting
    ndcg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A tuned peer's answers to the cases of a board.

    ``full`` knows the whole history and leaves out what the person liked; ``rated`` leaves out
    everything else that Palate would not propose again, too; ``few`` knows only a few likes (None
    where the peer cannot take in a history it has not learned from).
    """

    setting: Setting
    trials: tuple[Trial, ...]
    at_edge: tuple[str, ...]
    full: Rankings
    rated: Rankings
    few: Rankings | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A part as rows of numbers.

    ``likes`` is the binary matrix (users, items) of what is liked before the cut. Case by case:
    ``users`` are the rows of that matrix, ``liked`` the item rows before the cut, oldest first,
    ``targets`` those after. Cases without likes before the cut are not on it.
    """

    likes: csr_matrix
    cases: tuple[Case, ...]
    users: Rows
    liked: tuple[tuple[int, ...], ...]
    targets: Targets

    @classmethod
    def of(cls, part: Part, ids: Sequence[ItemId]) -> Board:
        """The part over the catalogue ``ids``, whose order is that of the rows."""
        row = {item: n for n, item in enumerate(ids)}
        place = {user: n for n, user in enumerate(part.liked)}
        cases = tuple(case for case in part.cases if case.liked)
        return cls(
            likes=matrix([[row[i] for i in own] for own in part.liked.values()], len(ids)),
            cases=cases,
            users=np.array([place[case.user] for case in cases], dtype=np.intp),
            liked=tuple(tuple(row[i] for i in case.liked) for case in cases),
            targets=[frozenset(row[i] for i in case.targets) for case in cases],
        )


def matrix(histories: Sequence[Sequence[int]], items: int) -> csr_matrix:
    """A binary float32 matrix (histories, items) from rows of items."""
    from scipy.sparse import csr_matrix

    indptr = np.cumsum([0, *(len(own) for own in histories)])
    indices = np.array([row for own in histories for row in own], dtype=np.int32)
    ones = np.ones(len(indices), dtype=np.float32)
    made = csr_matrix((ones, indices, indptr), shape=(len(histories), items))
    made.sort_indices()
    return made


def rival(
    peer: Peer,
    early: Board,
    board: Board,
    *,
    rated: Sequence[Sequence[int]],
    few: Sequence[Sequence[int]],
    seed: int,
    told: Callable[[], None] = lambda: None,
) -> Rival:
    """The peer tuned on the ``early`` board, learned anew on ``board``, and its answers there.

    ``rated`` are the rows never to be proposed again, ``few`` those shown of each history.
    """
    setting, trials = tune(peer, early, seed=seed, told=told)
    fitted = fit(peer, board.likes, setting, seed)
    full, left = rank(fitted, board, board.liked), rank(fitted, board, rated)
    assert full is not None  # every peer knows the histories it has learned from
    assert left is not None
    return Rival(
        setting=setting,
        trials=trials,
        at_edge=peer.at_edge(setting),
        full=full,
        rated=left,
        few=rank(fitted, board, board.liked, few),
    )


def tune(
    peer: Peer, board: Board, *, seed: int, told: Callable[[], None] = lambda: None
) -> tuple[Setting, tuple[Trial, ...]]:
    """The setting with the best nDCG@10 on the board's targets, the first of equals, and all
    trials. ``told`` is called after each. One combination alone is taken without a trial.
    """
    settings = peer.settings()
    if len(settings) == 1:
        told()
        return settings[0], ()
    trials = []
    for setting in settings:
        rankings = rank(fit(peer, board.likes, setting, seed), board, board.liked)
        assert rankings is not None
        figure = float(ndcg_at_10(rankings, board.targets).mean())
        trials.append(Trial(setting=setting, ndcg=figure))
        told()
    return max(trials, key=lambda trial: trial.ndcg).setting, tuple(trials)


def fit(peer: Peer, likes: csr_matrix, setting: Mapping[str, float], seed: int) -> Fitted:
    """The peer learned on the matrix. BLAS is held to one thread: implicit is slower with more."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        return peer.fit(likes, setting, seed)


def rank(
    fitted: Fitted,
    board: Board,
    barred: Sequence[Sequence[int]],
    shown: Sequence[Sequence[int]] | None = None,
) -> Rankings | None:
    """The rankings of all cases with ``barred`` rows left out of each.

    ``shown`` gives in place of the whole history of each case what the peer is to know of it; None
    when it cannot take that in.
    """
    items = board.likes.shape[1]
    blocks = []
    for start in range(0, len(board.cases), BLOCK):
        part = slice(start, start + BLOCK)
        if shown is None:
            users = board.users[part]
            scores = fitted.scores(board.likes[users], users)
        else:
            scores = fitted.scores(matrix(shown[part], items), None)
        if scores is None:
            return None
        blocks.append(top(scores, barred[part]))
    return np.concatenate(blocks)
