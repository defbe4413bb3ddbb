"""Learning taste from an event log: the scorers, and how to blend them.

The end of every history is held out first. Scorers that have not seen it propose candidates for the
people it belongs to, and the blend learns which of them they went on to like. Then the scorers
learn once more, from everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.blend import Blend, Example
from retrieval.collaborative import Collaborative, Interactions
from retrieval.kinds import EventKinds
from retrieval.profiles import fold
from retrieval.progress import Progress, silent
from retrieval.taste import PROPOSED, Floats, Person, centres_of, features, proposals, scores
from retrieval.top import top
from retrieval.types import Event, ItemId

HELD_OUT = 0.25  # of each person's likes, the latest
LEAST = 5  # likes from which a history is long enough to hold some out
PEOPLE = 400  # histories that the blend learns from, drawn at random
EFFORT = 30_000_000  # histories times items: a large catalogue looks at fewer people
SHORT = 3  # every so many histories are learned from a second time, as if they had just begun
BEGINNING = 5  # events that such a beginning has at most
SEED = 20100


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One person's events up to the cut, oldest first, and what they first liked after it."""

    before: tuple[Event, ...]
    after: frozenset[ItemId]


def learn(
    events: Iterable[Event],
    ids: Sequence[ItemId],
    kinds: EventKinds,
    vectors: Floats,
    progress: Progress = silent,
) -> tuple[Collaborative, Blend]:
    """Scorers that know all events, and the blend that suits them.

    ``vectors`` (len(ids), dim) are the items' unit vectors. The same events give the same result.
    Progress is told in the stage ``collaborative`` and, where there is enough to learn from,
    ``blending`` (in histories).
    """
    log = list(events)
    rng = np.random.default_rng(SEED)
    histories, rest = held_out(log, frozenset(ids), kinds, rng)
    blend = Blend()
    if histories:
        known = [*rest, *(e for h in histories for e in h.before)]
        inner = Collaborative.fit(Interactions.build(known, ids, kinds))
        most = max(1, min(PEOPLE, EFFORT // max(len(ids), 1)))
        drawn = np.sort(rng.permutation(len(histories))[:most])
        progress("blending", 0, len(drawn))
        examples = []
        for done, number in enumerate(drawn, start=1):
            history = histories[number]
            examples.append(_example(history.before, history, inner, kinds, vectors))
            if done % SHORT == 0:
                last = history.before[-int(rng.integers(1, BEGINNING + 1)) :]
                examples.append(_example(last, history, inner, kinds, vectors))
            progress("blending", done, len(drawn))
        blend = Blend.fit(examples)
    return Collaborative.fit(Interactions.build(log, ids, kinds), progress=progress), blend


def held_out(
    events: Sequence[Event], ids: frozenset[ItemId], kinds: EventKinds, rng: np.random.Generator
) -> tuple[list[History], list[Event]]:
    """Cut every history before its latest likes; the second list holds those too short to cut.

    A like counts at its first time; likes and other events go by (time, item), and where any time
    of a person is unknown, in an order drawn at random.
    """
    by_user: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.item in ids:
            by_user[event.user].append(event)
    histories, rest = [], []
    for _, own in sorted(by_user.items()):
        luck = rng.permutation(len(own))
        if all(e.time is not None for e in own):
            ordered = sorted(own, key=lambda e: (e.time or 0.0, e.item))
        else:
            ordered = [own[n] for n in luck]
        first: dict[ItemId, int] = {}
        for place, event in enumerate(ordered):
            if kinds.positive(event.kind, event.value):
                first.setdefault(event.item, place)
        places = sorted(first.values())
        if len(places) < LEAST:
            rest += ordered
            continue
        cut = places[int(len(places) * (1 - HELD_OUT)) - 1]
        after = frozenset(item for item, place in first.items() if place > cut)
        histories.append(History(before=tuple(ordered[: cut + 1]), after=after))
    return histories, rest


def _example(
    known: tuple[Event, ...],
    history: History,
    collaborative: Collaborative,
    kinds: EventKinds,
    vectors: Floats,
) -> Example:
    """What was known of the candidates when only ``known`` had happened."""
    profile = fold(None, known, kinds)
    person = Person(weights=profile.weights, recent=profile.recent)
    row = collaborative.row
    personal = scores(collaborative, person)
    allowed = np.ones(len(collaborative.ids), dtype=np.bool_)
    had = {e.item for e in history.before if kinds.positive(e.kind, e.value)}
    allowed[[row[i] for i in had | profile.seen]] = False
    centres = centres_of(person, lambda ids: vectors[[row[i] for i in ids]])

    def near(sought: Floats, n: int, eligible: NDArray[np.bool_]) -> list[list[int]]:
        return [top(vectors @ vector, eligible, n).tolist() for vector in sought]

    found = proposals(collaborative, person, personal, centres, allowed, near)
    found["popular"] = top(collaborative.popularity, allowed, PROPOSED).tolist()
    rows = np.unique(np.concatenate([np.array(r, dtype=np.intp) for r in found.values()]))
    table = features(collaborative, person, personal, rows, vectors[rows], centres)
    after = np.array([collaborative.ids[r] in history.after for r in rows], dtype=np.bool_)
    return Example(table=table, liked=after)
