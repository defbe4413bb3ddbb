"""Are the collaborative scorers what they claim to be? Measured by themselves, over real ratings.

    python benchmarks/collaborative_sanity.py --ratings FILE.csv [--only SECTION] > table.md

FILE has columns user_id, item_id, rating and, where known, timestamp. Protocol: ratings from 4 on
are positive; users with at least 10 of them; each user's positives by (time, item), or in a
seeded random order where there is no time, cut 60/20/20. Reported on the last part: the full
catalogue is ranked, the user's positives before the cut are left out, nDCG@10 and recall@10 are
averaged over users. What is set here, and nowhere tuned, are the defaults of the package.
"""

from __future__ import annotations

import argparse
import csv
import resource
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from retrieval.collaborative import (
    Collaborative,
    Ease,
    ImplicitALS,
    Interactions,
    Popularity,
    Scorer,
)
from retrieval.collaborative.ease import default_regularisation
from retrieval.collaborative.interactions import strength
from retrieval.kinds import DEFAULT_KINDS
from retrieval.metrics import ndcg, recall
from retrieval.profiles import fold
from retrieval.types import Event, ItemId, UserId

K = 10
SEED = 7
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One user: positives before the cut, everything before the cut, positives after it."""

    user: UserId
    before: frozenset[ItemId]
    events: tuple[Event, ...]
    after: frozenset[ItemId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Training events with 60 % and with 80 % of each user's positives, and the cases."""

    ids: tuple[ItemId, ...]
    first: tuple[Event, ...]
    both: tuple[Event, ...]
    cases: tuple[Case, ...]


def read(path: Path) -> list[Event]:
    """The ratings as events."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Event(
                user=UserId(row["user_id"]),
                item=ItemId(row["item_id"]),
                kind="rating",
                value=float(row["rating"]),
                time=float(row["timestamp"]) if row.get("timestamp") else None,
            )
            for row in csv.DictReader(file)
        ]


def split(events: Sequence[Event]) -> Split:
    """Cut every user's positives 60/20/20; other ratings go where their time puts them."""
    shuffled = np.random.default_rng(SEED).permutation(len(events))
    by_user: dict[UserId, list[tuple[float, int, Event]]] = {}
    for event, luck in zip(events, shuffled.tolist(), strict=True):
        when = float(luck) if event.time is None else event.time
        tie = int(event.item) if event.item.isdigit() else 0
        by_user.setdefault(event.user, []).append((when, tie, event))
    first: list[Event] = []
    both: list[Event] = []
    cases: list[Case] = []
    for user, own in by_user.items():
        own.sort(key=lambda t: t[:2])
        likes = [t for t in own if DEFAULT_KINDS.positive(t[2].kind, t[2].value)]
        if len(likes) < 10:
            continue
        a, b = int(len(likes) * 0.6), int(len(likes) * 0.8)
        first += [e for *at, e in own if at <= list(likes[a - 1][:2])]
        before = [e for *at, e in own if at <= list(likes[b - 1][:2])]
        both += before
        cases.append(
            Case(
                user=user,
                before=frozenset(e.item for *_, e in likes[:b]),
                events=tuple(before),
                after=frozenset(e.item for *_, e in likes[b:]),
            )
        )
    ids = tuple(sorted({e.item for e in events}))
    return Split(ids=ids, first=tuple(first), both=tuple(both), cases=tuple(cases))


def measure(
    scorer: Scorer,
    data: Split,
    taste: Callable[[Case], Mapping[ItemId, float]],
    *,
    seen: Callable[[Case], frozenset[ItemId]] = lambda c: c.before,
) -> tuple[float, float]:
    """Mean nDCG@10 and recall@10 over the cases."""
    row = {item: n for n, item in enumerate(data.ids)}
    figures = []
    for case in data.cases:
        scores = scorer.score({row[i]: w for i, w in taste(case).items()})
        scores[np.isnan(scores)] = -np.inf
        scores[[row[i] for i in seen(case)]] = -np.inf
        top = np.argpartition(-scores, K)[:K]
        ranked = [data.ids[r] for r in top[np.lexsort((top, -scores[top]))]]
        figures.append((ndcg(ranked, case.after, K), recall(ranked, case.after, K)))
    one, two = np.mean(figures, axis=0)
    return float(one), float(two)


def likes_alike(case: Case) -> Mapping[ItemId, float]:
    """Every positive weighs 1: the protocol as the peers run it."""
    return dict.fromkeys(case.before, 1.0)


def own_taste(case: Case) -> Mapping[ItemId, float]:
    """The profile as Palate folds it, dislikes included, at the strength the scorers are given."""
    return {i: strength(w) for i, w in fold(case.user, case.events, DEFAULT_KINDS).weights.items()}


def rated(case: Case) -> frozenset[ItemId]:
    """What Palate never shows again: everything rated before the cut, liked or not."""
    return frozenset(e.item for e in case.events)


def timed(make: Callable[[], T]) -> tuple[T, float]:
    """A value and the seconds it took."""
    start = time.perf_counter()
    value = make()
    return value, time.perf_counter() - start


def accuracy(data: Split) -> None:
    """All scorers, trained on 60 % and on 80 %, asked plainly and with Palate's own profiles."""
    print(
        "| scorer | learned from | fit, s | nDCG@10 | recall@10 | nDCG@10, own profiles "
        "| nDCG@10, own profiles, rated left out |\n|---|---|---|---|---|---|---|"
    )
    for part, events in (("60 %", data.first), ("80 %", data.both)):
        matrix = Interactions.build(events, data.ids, DEFAULT_KINDS)
        fits: tuple[Callable[[Interactions], Scorer], ...]
        fits = (Popularity.fit, ImplicitALS.fit, Ease.fit)
        for fit in fits:
            made: tuple[Scorer, float] = timed(partial(fit, matrix))
            scorer, seconds = made
            plain, found = measure(scorer, data, likes_alike)
            own, _ = measure(scorer, data, own_taste)
            fair, _ = measure(scorer, data, own_taste, seen=rated)
            print(
                f"| {scorer.name} | {part} | {seconds:.1f} | {plain:.4f} | {found:.4f} "
                f"| {own:.4f} | {fair:.4f} |",
                flush=True,
            )


def regularisation(data: Split) -> None:
    """EASE around the default lambda."""
    matrix = Interactions.build(data.first, data.ids, DEFAULT_KINDS)
    default = default_regularisation(matrix)
    print(f"\nThe default lambda here is {default:.0f}.\n\n| lambda | nDCG@10 |\n|---|---|")
    for factor in (0.25, 0.5, 1.0, 2.0, 4.0):
        figure, _ = measure(Ease.fit(matrix, regularisation=factor * default), data, likes_alike)
        print(f"| {factor:g} x default | {figure:.4f} |", flush=True)


def size(data: Split) -> None:
    """What keeping fewer weights a row costs, and what is saved."""
    matrix = Interactions.build(data.first, data.ids, DEFAULT_KINDS)
    n = len(matrix.learnable)
    print(f"\n{n:,} learnable items; B whole in float32 would be {4 * n * n / 1e6:.0f} MB.\n")
    print("| weights kept a row | MB, float16 | nDCG@10 | recall@10 |\n|---|---|---|---|")
    for keep in (50, 100, 200, 500, 1000, n):
        scorer = Ease.fit(matrix, keep=keep)
        held = sum(a.nbytes for a in scorer.arrays().values())
        plain, found = measure(scorer, data, likes_alike)
        print(f"| {keep:,} | {held / 1e6:.1f} | {plain:.4f} | {found:.4f} |", flush=True)


def cost(events: Sequence[Event], ids: Sequence[ItemId]) -> None:
    """Time and memory of a whole build over all ratings, and of one question."""
    matrix, building = timed(lambda: Interactions.build(events, ids, DEFAULT_KINDS))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    model, fitting = timed(lambda: Collaborative.fit(matrix))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        _, saving = timed(lambda: model.save(Path(folder)))
        stored = sum(f.stat().st_size for f in Path(folder).iterdir())
        again, loading = timed(lambda: Collaborative.load(Path(folder)))
        taste = dict.fromkeys(ids[:50], 1.0)
        again.score(taste)
        _, asking = timed(lambda: [again.score(taste) for _ in range(50)])
    n = len(matrix.learnable)
    print(
        f"\n{len(events):,} events, {n:,} learnable items, {matrix.n_users:,} users, "
        f"scorer {model.scorer.name if model.scorer else None} ({model.why}): matrix "
        f"{building:.1f} s, fit {fitting:.1f} s (reckoned {Ease.memory(n) / 1e6:.0f} MB, "
        f"peak grew by {(peak - before) / 1e3:.0f} MB), save {saving:.1f} s, "
        f"{stored / 1e6:.0f} MB on disk, "
        f"load {loading * 1e3:.0f} ms, one question of 50 likes {asking / 50 * 1e3:.1f} ms."
    )


def main() -> None:
    """Run the sections asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ratings", type=Path, required=True)
    parser.add_argument("--only", choices=["accuracy", "regularisation", "size", "cost"])
    asked = parser.parse_args()
    events = read(asked.ratings)
    data = split(events)
    print(
        f"{len(events):,} ratings, {len(data.ids):,} items, {len(data.cases):,} users measured.\n"
    )
    if asked.only in (None, "cost"):
        cost(events, data.ids)
    for section in (accuracy, regularisation, size):
        if asked.only in (None, section.__name__):
            section(data)


if __name__ == "__main__":
    main()
