"""What to do once it is known what was found: recommend, ask, answer, or admit that nothing fits.

All functions are pure. They look at what recall found, because only then can it be said which
question would split it, or which constraint leaves nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from assistant.constraints import Constraint
from assistant.preferences import Preferences
from assistant.types import Reading
from retrieval.filters import Filter, all_of
from retrieval.types import Candidate, Field, Ranking, Schema

TALK = frozenset({"chitchat", "profile", "refuse", "answer", "compare", "explain", "feedback_ack"})
"""Acts that are answered in words, from the workspace and the conversation, without a new slate."""

ASKED_IN_A_ROW = 2
OPTIONS = 4
MILDNESS = ("range", "without", "exclude", "include")

Kind = Literal["recommend", "ask", "no_match"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about one facet with the answers that the candidates allow."""

    field: Field
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """One constraint that may be dropped, and how many items would fit then."""

    constraint: Constraint
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What the turn does next. A recommendation may carry a question beside it."""

    kind: Kind
    question: Question | None = None
    relaxations: tuple[Relaxation, ...] = ()


def next_move(
    preferences: Preferences,
    reading: Reading,
    ranking: Ranking,
    schema: Schema,
    count: Callable[[Filter | None], int],
) -> Move:
    """Recommend what fits; with nothing fitting, say what to relax; with nothing said, ask once.

    A vague opener gets one question beside a first slate. At most two questions follow one another.
    """
    if reading.unclear:
        return Move(kind="ask")
    if not ranking.candidates:
        return Move(kind="no_match", relaxations=relaxations(preferences, count))
    vague = preferences.empty() and reading.act in ("recommend", "ask")
    known = ranking.query.profile.n_events > 0
    if vague and not known and preferences.asked < ASKED_IN_A_ROW:
        return Move(kind="recommend", question=best_question(ranking.candidates, schema))
    return Move(kind="recommend")


def relaxations(
    preferences: Preferences, count: Callable[[Filter | None], int]
) -> tuple[Relaxation, ...]:
    """Single constraints whose removal makes something fit; may be empty.

    The mildest first: a limit gives way before an exclusion, that before the kind of thing that is
    wanted, and the newer of two alike before the older.
    """
    out = []
    newest_first = preferences.constraints[::-1]
    mildest = sorted(newest_first, key=lambda c: MILDNESS.index(c.kind))
    for dropped in mildest:
        rest = all_of(c.filter() for c in preferences.constraints if c is not dropped)
        n = count(rest)
        if n:
            out.append(Relaxation(constraint=dropped, count=n))
    return tuple(out)


def best_question(candidates: Iterable[Candidate], schema: Schema) -> Question | None:
    """The facet whose answer is expected to tell most: the highest entropy over the candidates.

    Each candidate spreads one vote over its values; facets of people, flags and facets that most
    candidates lack are not asked about. None when no facet splits the candidates.
    """
    pool = list(candidates)
    best: tuple[float, Question] | None = None
    for field in schema.by_role("facet"):
        if field.kind != "plain" or field.coverage < 0.5:
            continue
        votes: Counter[str] = Counter()
        for c in pool:
            held = c.fields.get(field.name)
            values = held if isinstance(held, tuple) else (str(held),) if held is not None else ()
            for v in values:
                votes[v] += 1 / len(values)  # type: ignore[assignment]
        total = sum(votes.values())
        if len(votes) < 2 or len(votes) > len(pool):
            continue
        # An answer must leave a choice: values that fit one candidate alone are no question.
        entropy = -sum(v / total * math.log2(v / total) for v in votes.values() if v >= 1.5)
        options = tuple(v for v, _ in votes.most_common(OPTIONS))
        if best is None or entropy > best[0]:
            best = (entropy, Question(field=field, options=options))
    return best[1] if best else None
