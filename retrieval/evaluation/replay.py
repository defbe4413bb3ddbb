"""Palate itself, asked through the code that serves about people whose future is held back.

What came before the cut is built into a real index version; each case is a query with the profile
folded from that person's events, as a visit would make it.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from retrieval.embeddings import Encoder
from retrieval.evaluation.accuracy import DEPTH, Rankings, top
from retrieval.evaluation.log import Log
from retrieval.evaluation.splits import Case
from retrieval.index import Index, build_index
from retrieval.ingest import BuildRequest
from retrieval.kinds import EventKinds
from retrieval.profiles import fold
from retrieval.progress import Progress, silent
from retrieval.recall import person_of
from retrieval.retriever import Retriever
from retrieval.schema import DERIVED
from retrieval.taste import scores
from retrieval.types import Event, Item, ItemId, Profile, Query, UserId, Value

SLATE = 10
"""Places of a slate."""

Ask = Callable[[Case], Query]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What Palate answered, case by case.

    ``rankings`` are its candidates in order, ``slates`` (cases, SLATE) what ``select`` would show
    of them. ``parts`` are the scorers behind it by name, each ranking the whole catalogue alone,
    with the same items left out; one that knows nothing of a person ranks nothing.
    """

    rankings: Rankings
    parts: Mapping[str, Rankings]
    slates: Rankings


def as_of(log: Log, events: Sequence[Event]) -> tuple[Item, ...]:
    """The items as they were known when only these events had happened.

    Numbers that an ingest derives from events are derived from these alone. What a catalogue
    itself says of popularity and ratings is left out: it was counted nobody knows when, and may
    hold the very events that are to be foretold.
    """
    opinions = {f.name for f in log.schema.fields if f.kind in ("popularity", "rating")}
    derived = {f.name for f in log.schema.fields if f.derived}
    numbers = _numbers(events, log.kinds)
    return tuple(
        replace(
            item,
            fields=MappingProxyType(
                {name: value for name, value in item.fields.items() if name not in opinions}
                | {n: x for n, x in numbers.get(item.id, _UNTOUCHED).items() if n in derived}
            ),
        )
        for item in log.items
    )


_UNTOUCHED: Mapping[str, Value] = MappingProxyType({"n_ratings": 0, "n_events": 0})


def _numbers(events: Iterable[Event], kinds: EventKinds) -> dict[ItemId, dict[str, Value]]:
    """The numbers of :data:`retrieval.schema.DERIVED` for every item that has events."""
    stars: defaultdict[ItemId, list[float]] = defaultdict(list)
    count: defaultdict[ItemId, int] = defaultdict(int)
    for event in events:
        count[event.item] += 1
        kind = kinds.get(event.kind)
        if kind is not None and kind.carries == "stars" and event.value is not None:
            stars[event.item].append(event.value)
    mean, ratings, everything = DERIVED
    found: dict[ItemId, dict[str, Value]] = {}
    for item, n in count.items():
        found[item] = {ratings: len(stars[item]), everything: n}
        if stars[item]:
            found[item][mean] = sum(stars[item]) / len(stars[item])
    return found


@contextlib.contextmanager
def served(
    log: Log,
    events: Sequence[Event],
    folder: Path,
    *,
    encoder: Encoder,
    cache: Path,
    progress: Progress = silent,
) -> Iterator[Retriever]:
    """A retriever over a new index version in ``folder`` of the log's items and these events.

    ``cache`` keeps vectors between runs; a run waits while another one is writing it.
    """
    items = as_of(log, events)
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / "writer.lock"):
        build_index(
            BuildRequest(
                items=items,
                events=lambda: iter(events),
                schema=log.schema,
                kinds=log.kinds,
                directory=folder,
                cache=cache,
                progress=progress,
            ),
            encoder=encoder,
        )
    index = Index.open(folder)
    try:
        yield Retriever(index, items, encoder)
    finally:
        index.close()


def whole(kinds: EventKinds) -> Ask:
    """Ask with everything the person did before the cut.

    Left out of the answer is what they liked, and what Palate never proposes again: all that they
    had, rated or turned away. Stock of today says nothing about then, so all items are welcome.
    """

    def ask(case: Case) -> Query:
        profile = fold(case.user, case.events, kinds)
        barred = frozenset(case.liked) | profile.seen
        return Query(profile=profile, exclude=barred, unavailable=True)

    return ask


def hidden(kinds: EventKinds, shown: Mapping[UserId, Sequence[ItemId]]) -> Ask:
    """Ask as if all that is known of a person were what they did with the items ``shown``, which
    is nothing for whom it does not name.

    Left out of the answer is what they liked before the cut all the same, as for the peers: the
    targets are those of the whole question.
    """

    def ask(case: Case) -> Query:
        kept = frozenset(shown.get(case.user, ()))
        known = [event for event in case.events if event.item in kept]
        profile = fold(case.user, known, kinds) if known else Profile(user=case.user)
        return Query(profile=profile, exclude=frozenset(case.liked), unavailable=True)

    return ask


def replay(
    retriever: Retriever,
    cases: Sequence[Case],
    ask: Ask,
    *,
    told: Callable[[int], None] = lambda _done: None,
) -> Replay:
    """The answers to all cases, in their order. ``told`` is called with the number done."""
    row = retriever.index.row
    rankings = np.full((len(cases), DEPTH), -1, dtype=np.int32)
    slates = np.full((len(cases), SLATE), -1, dtype=np.int32)
    parts: dict[str, Rankings] = {}
    with threadpool_limits(1, "blas"):  # as when serving: more only wait for one another
        for number, case in enumerate(cases):
            query = ask(case)
            ranking = retriever.candidates(query)
            _put(rankings, number, [row[i] for i in ranking.ids()])
            _put(slates, number, [row[i] for i in retriever.select(ranking, SLATE).ids()])
            for name, column in _alone(retriever, query).items():
                if name not in parts:
                    parts[name] = np.full_like(rankings, -1)
                parts[name][number] = top(column[None, :], [[row[i] for i in query.exclude]])[0]
            told(number + 1)
    return Replay(rankings=rankings, parts=dict(sorted(parts.items())), slates=slates)


def _alone(retriever: Retriever, query: Query) -> dict[str, NDArray[np.float32]]:
    """What each scorer, and popularity, says of every item, (items,), NaN for nothing."""
    learned = retriever.index.collaborative
    found = scores(learned, person_of(query, retriever.index))
    return {**found, "popularity": learned.popularity}


def _put(table: NDArray[np.int32], case: int, rows: Sequence[int]) -> None:
    kept = rows[: table.shape[1]]
    table[case, : len(kept)] = kept
