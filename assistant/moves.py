"""What to do once it is known what was found: recommend, ask, answer, or admit that nothing fits.

All functions are pure. They look at what recall found, because only then can it be said which
question would split it (:mod:`assistant.questions`), or which constraint leaves nothing
(:mod:`assistant.relaxing`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.constraints import Facts
from assistant.preferences import Preferences
from assistant.questions import Question, best_question
from assistant.relaxing import Relaxation, relaxations
from assistant.types import Reading
from retrieval.filters import Filter
from retrieval.types import Query, Ranking

TALK = frozenset({"chitchat", "profile", "refuse", "answer", "compare", "explain", "feedback_ack"})
"""Acts that can be answered in words, from the workspace and the conversation, without a slate."""

ASKED_IN_A_ROW = 2

Kind = Literal["recommend", "ask", "no_match"]


class Catalogue(Protocol):
    """What moves need to know of the catalogue; the retriever is one."""

    def fitting(self, query: Query) -> int:
        """How many items may be shown for a query."""
        ...

    def values(self, field: str, where: Filter | None = None) -> NDArray[np.float64]:
        """The known numbers of a field among what satisfies the filter, ascending."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What the turn does next. A recommendation may carry a question beside it. ``again`` is true
    for a ``no_match`` where something fits, but all of it was shown before."""

    kind: Kind
    question: Question | None = None
    relaxations: tuple[Relaxation, ...] = ()
    again: bool = False


def talks(reading: Reading) -> bool:
    """Whether a message is answered in words. A judgement of what was shown is acted on at once,
    unless it is a choice."""
    return reading.act in TALK and (reading.act != "feedback_ack" or reading.settled)


def lifts(preferences: Preferences, reading: Reading) -> bool:
    """Whether what a message takes back is something that was wanted: then nothing else goes."""
    wanted = preferences.constraints
    words = {word for w in preferences.wishes for word in w.text.split()}
    return not words.isdisjoint(reading.lifted.get("", ())) or any(
        c.field == name and (not values or not {*c.values}.isdisjoint(values))
        for name, values in reading.lifted.items()
        for c in wanted
    )


def next_move(
    preferences: Preferences,
    reading: Reading,
    ranking: Ranking,
    facts: Facts,
    catalogue: Catalogue,
) -> Move:
    """Recommend what fits, with a question beside it where one is worth asking; with nothing
    fitting, or nothing that was not shown before, say what to relax; with a title that may be
    several, ask which.
    """
    if reading.unclear:
        return Move(kind="ask")
    query = ranking.query
    new = replace(query, exclude=query.exclude | query.shown)
    if not ranking.candidates:
        offers = _offers(preferences, new, facts, catalogue)
        offers = offers or _offers(preferences, query, facts, catalogue)
        return Move(kind="no_match", relaxations=offers)
    if _same_again(reading, ranking):
        offers = _offers(preferences, new, facts, catalogue)
        if offers:
            return Move(kind="no_match", relaxations=offers, again=True)
    return Move(kind="recommend", question=_question(preferences, reading, ranking, facts))


def _offers(
    preferences: Preferences, query: Query, facts: Facts, catalogue: Catalogue
) -> tuple[Relaxation, ...]:
    """What may give way, with how many items each would leave for this query."""
    return relaxations(
        preferences.constraints,
        lambda where: catalogue.fitting(replace(query, where=where)),
        catalogue.values,
        facts.kinds,
    )


def _same_again(reading: Reading, ranking: Ranking) -> bool:
    """Whether all that fits was shown before to somebody who goes on looking. Who narrows, takes
    back, orders, points or welcomes what is sold out is looking at what was shown, and may see it
    again; so may who wants no talk."""
    narrows = reading.include or reading.exclude or reading.without or reading.ranges
    looks = reading.relative or reading.sort or reading.named or reading.reference
    fewer = reading.count is not None and not reading.more  # "just two of them"
    opens = reading.lifted or reading.unavailable
    again = narrows or looks or fewer or opens or reading.hurry
    return not again and ranking.query.shown.issuperset(ranking.ids())


def _question(
    preferences: Preferences, reading: Reading, ranking: Ranking, facts: Facts
) -> Question | None:
    """What to ask beside a slate. Nothing when somebody wants no questions, was asked twice in a
    row, or said what to show: one thing by name, or an order."""
    p = preferences
    if p.hush or p.asked >= ASKED_IN_A_ROW or reading.named or p.sort:
        return None
    spoken = {c.field for c in (*p.constraints, *p.hints)} | {*p.asked_about, *p.lean}
    before = len(p.constraints) + len(p.hints) + len(p.wishes) + len(p.asked_about)
    return best_question(
        ranking.candidates, facts.schema, main=facts.main, before=before, done=spoken
    )
