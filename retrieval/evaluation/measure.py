"""One split measured: peers tuned and asked, an index built and asked, all of it compared."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np

from retrieval.embeddings import Encoder
from retrieval.evaluation.accuracy import (
    HEADLINE,
    Floats,
    Rankings,
    Targets,
    accuracy,
    means,
    ndcg_at_10,
    top,
)
from retrieval.evaluation.comparison import Comparison, Mask, by_length, by_span, compare
from retrieval.evaluation.log import Log
from retrieval.evaluation.looks import Looks
from retrieval.evaluation.peers import Peer, Setting
from retrieval.evaluation.replay import Ask, Replay, hidden, replay, served, whole
from retrieval.evaluation.splits import Case, Name, Split
from retrieval.evaluation.tuning import Board, Rival, Trial, rival
from retrieval.progress import Progress
from retrieval.retriever import Retriever
from retrieval.types import ItemId

FEW = 5
"""The bucket "1-5" shows 1 to this many of the newest likes, in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One system's means over the cases, accuracy and lists, by name.

    ``setting`` is what was chosen on the middle part from ``trials``, and ``at_edge`` names what
    lies at an end of its grid.
    """

    figures: Mapping[str, float]
    setting: Setting | None = None
    trials: tuple[Trial, ...] = ()
    at_edge: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitReport:
    """What one split of a log shows.

    ``same_filter`` is the headline with everything a person rated left out of the peers' rankings
    too, as it is of Palate's. ``buckets`` go by length of history and ``spans`` by the time it was
    entered in; ``newcomers`` are those without likes before the cut, whom only a cut at one moment
    for all leaves. ``slate`` holds figures of what ``select`` shows. ``facet`` is the field that
    calibration is told by ("" for none). ``seconds`` is by stage.
    """

    split: Name
    users: int
    shuffled: bool
    palate: System
    peers: Mapping[str, System]
    headline: Comparison
    same_filter: Comparison
    buckets: Mapping[str, Comparison]
    spans: Mapping[str, Comparison]
    newcomers: Comparison | None
    slate: Mapping[str, float]
    facet: str
    seconds: Mapping[str, float]


def measure(
    log: Log,
    split: Split,
    folder: Path,
    *,
    encoder: Encoder,
    cache: Path,
    seed: int,
    peers: Mapping[str, Peer],
    progress: Progress,
) -> SplitReport:
    """The report of one split; the index is built in ``folder``.

    Nothing after the cut of ``split.report`` reaches a peer or the index. The buckets "0" and
    "1-5" are everybody, asked as if nothing, or only 1 to :data:`FEW` of the newest likes, were
    known; the other buckets are people as they are.
    """
    ids = [item.id for item in log.items]
    board = Board.of(split.report, ids)
    few = [own[-(1 + n % FEW) :] for n, own in enumerate(board.liked)]
    started = time.perf_counter()
    rivals = _rivals(log, split, board, few, seed=seed, peers=peers, progress=progress)
    tuned = time.perf_counter()
    with served(
        log, split.report.events, folder, encoder=encoder, cache=cache, progress=progress
    ) as retriever:
        built = time.perf_counter()
        asked = _ask(log, split, retriever, board, few, progress)
        answered = time.perf_counter()
        vectors = retriever.index.store.get(np.arange(len(ids))) if log.described else None
    looks = Looks.of(log, board, vectors)

    def system(rankings: Rankings) -> System:
        figures = means(accuracy(rankings, board.targets))
        return System(figures=figures | looks.figures(rankings, board))

    full = _ndcg({n: r.full for n, r in rivals.items()}, board.targets)
    rated = _ndcg({n: r.rated for n, r in rivals.items()}, board.targets)
    palate = ndcg_at_10(asked.whole.rankings, board.targets)
    headline = compare(palate, full, seed=seed)
    same_filter = compare(palate, rated, seed=seed)
    assert headline is not None  # a split has cases
    assert same_filter is not None
    return SplitReport(
        split=split.name,
        users=len(board.cases),
        shuffled=split.shuffled,
        palate=system(asked.whole.rankings),
        peers={
            name: replace(system(r.full), setting=r.setting, trials=r.trials, at_edge=r.at_edge)
            for name, r in rivals.items()
        },
        headline=headline,
        same_filter=same_filter,
        buckets=_buckets(asked, rivals, peers, board, seed),
        spans=_groups(asked.whole, full, by_span(_spans(board.cases)), board, seed),
        newcomers=_newcomers(split, asked.new, board, ids, seed),
        slate=_slate(asked.whole, looks, board),
        facet=looks.facet,
        seconds={
            "peers": tuned - started,
            "index": built - tuned,
            "palate": answered - built,
            "measures": time.perf_counter() - answered,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Palate's answers with the whole history, a few likes, nothing; and those to newcomers."""

    whole: Replay
    few: Replay
    none: Replay
    new: Replay


def _ask(
    log: Log,
    split: Split,
    retriever: Retriever,
    board: Board,
    few: Sequence[Sequence[int]],
    progress: Progress,
) -> _Asked:
    cases, kinds = board.cases, log.kinds
    new = _new(split)
    shown = {
        case.user: [log.items[row].id for row in rows]
        for case, rows in zip(cases, few, strict=True)
    }
    total = 3 * len(cases) + len(new)

    def asked(group: Sequence[Case], ask: Ask, before: int) -> Replay:
        told = partial(_tell, progress, before, total)
        return replay(retriever, group, ask, told=told)

    return _Asked(
        whole=asked(cases, whole(kinds), 0),
        few=asked(cases, hidden(kinds, shown), len(cases)),
        none=asked(cases, hidden(kinds, {}), 2 * len(cases)),
        new=asked(new, whole(kinds), 3 * len(cases)),
    )


def _tell(progress: Progress, before: int, total: int, done: int) -> None:
    progress("asking palate", before + done, total)


def _rivals(
    log: Log,
    split: Split,
    board: Board,
    few: Sequence[Sequence[int]],
    *,
    seed: int,
    peers: Mapping[str, Peer],
    progress: Progress,
) -> dict[str, Rival]:
    row = {item.id: n for n, item in enumerate(log.items)}
    ask = whole(log.kinds)
    rated = [[row[i] for i in ask(case).exclude] for case in board.cases]
    early = Board.of(split.tune, list(row))
    total = sum(len(peer.settings()) for peer in peers.values())
    ticks = count(1)
    return {
        name: rival(
            peer,
            early,
            board,
            rated=rated,
            few=few,
            seed=seed,
            told=lambda: progress("tuning peers", next(ticks), total),
        )
        for name, peer in peers.items()
    }


def _buckets(
    asked: _Asked,
    rivals: Mapping[str, Rival],
    peers: Mapping[str, Peer],
    board: Board,
    seed: int,
) -> dict[str, Comparison]:
    """By length of history; where nothing is known only a peer that is not personal answers."""
    everybody = np.ones(len(board.cases), dtype=np.bool_)
    nobody_known = {n: None if peers[n].personal else r.full for n, r in rivals.items()}
    lengths = by_length(np.array([len(own) for own in board.liked]))
    del lengths["1-5"]  # those few have the bucket of hidden histories
    return (
        _groups(asked.none, _ndcg(nobody_known, board.targets), {"0": everybody}, board, seed)
        | _groups(
            asked.few,
            _ndcg({n: r.few for n, r in rivals.items()}, board.targets),
            {"1-5": everybody},
            board,
            seed,
        )
        | _groups(
            asked.whole,
            _ndcg({n: r.full for n, r in rivals.items()}, board.targets),
            lengths,
            board,
            seed,
        )
    )


def _groups(
    answer: Replay,
    peers: Mapping[str, Floats | None],
    groups: Mapping[str, Mask],
    board: Board,
    seed: int,
) -> dict[str, Comparison]:
    """A comparison for each group that anybody is in."""
    palate = ndcg_at_10(answer.rankings, board.targets)
    parts = {n: ndcg_at_10(r, board.targets) for n, r in answer.parts.items()}
    found = {
        name: compare(palate, peers, parts=parts, group=group, seed=seed)
        for name, group in groups.items()
    }
    return {name: comparison for name, comparison in found.items() if comparison is not None}


def _newcomers(
    split: Split, answer: Replay, board: Board, ids: Sequence[ItemId], seed: int
) -> Comparison | None:
    """Palate, which may know of views and low ratings, beside what everybody likes."""
    row = {item: n for n, item in enumerate(ids)}
    targets = [frozenset(row[i] for i in case.targets) for case in _new(split)]
    if not targets:
        return None
    likers = np.asarray(board.likes.sum(axis=0), dtype=np.float32)
    popular = np.repeat(top(likers, [()]), len(targets), axis=0)
    peers = {"popularity": ndcg_at_10(popular, targets)}
    return compare(ndcg_at_10(answer.rankings, targets), peers, seed=seed)


def _new(split: Split) -> tuple[Case, ...]:
    return tuple(case for case in split.report.cases if not case.liked)


def _slate(answer: Replay, looks: Looks, board: Board) -> dict[str, float]:
    """What is shown beside what is ranked: the first ten of each, and what the change costs."""
    ranked = float(ndcg_at_10(answer.rankings, board.targets).mean())
    shown = float(ndcg_at_10(answer.slates, board.targets).mean())
    return {
        HEADLINE: shown,
        "accuracy_cost": 1.0 - shown / ranked if ranked else 0.0,
    } | looks.figures(answer.slates, board)


def _ndcg(answers: Mapping[str, Rankings | None], targets: Targets) -> dict[str, Floats | None]:
    return {n: None if r is None else ndcg_at_10(r, targets) for n, r in answers.items()}


def _spans(cases: Sequence[Case]) -> Floats:
    """Seconds from the first event before the cut to the last, (cases,); NaN without times."""
    spans = np.full(len(cases), np.nan)
    for number, case in enumerate(cases):
        times = [event.time for event in case.events if event.time is not None]
        if times:
            spans[number] = max(times) - min(times)
    return spans
