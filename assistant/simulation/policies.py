"""Who answers the simulated people: Palate as it is served, and three rivals on the same retriever.

Palate plays its own dialogue. The rivals share everything with it but the decision what to do next:
the engines that read the message, the fold of what was said, the candidates, the slate and its
size. They keep their conversation in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from assistant import answers
from assistant.build import Parts
from assistant.constraints import Constraint
from assistant.engines import Reranked
from assistant.explanation.wording import REFERENCE
from assistant.moves import ASKED_IN_A_ROW
from assistant.preferences import Preferences, relaxed, shown, to_query, update
from assistant.questions import OPTIONS
from assistant.relaxing import Relaxation, relaxations
from assistant.sessions import Conversation, TurnRecord
from assistant.simulation.knowledge import values
from assistant.simulation.person import Answer
from assistant.types import Finished, Reading, SessionId, VisitorId
from retrieval.filters import Filter
from retrieval.types import Field, ItemId, Profile, Query, Ranking

COVERED = 0.5
"""Share of the items that must have a facet before it is asked about, as in Palate's questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question about a facet, with the values it offers as answers."""

    field: Field
    options: tuple[str, ...]

    def text(self) -> str:
        """The question in words."""
        return f"{REFERENCE.label(self.field)}: {REFERENCE.join(self.options, 'or')}?"


Ask = Callable[[Ranking, Preferences], Asked | None]
"""Which question stands beside a slate; None for none."""


class Policy(Protocol):
    """Answers one person's messages in one dialogue."""

    async def answer(self, message: str) -> Answer: ...


class Palate:
    """The dialogue that is served."""

    def __init__(self, parts: Parts, session: str, visitor: str) -> None:
        self._parts = parts
        self._session = session
        self._visitor = visitor

    async def answer(self, message: str) -> Answer:
        """One turn through the very door that serves."""
        turn = self._parts.dialogue.turn(self._session, message, visitor=self._visitor)
        async with aclosing(turn) as events:
            async for event in events:
                if isinstance(event, Finished):
                    reply = event.reply
                    return Answer(
                        slate=tuple(card.id for card in reply.cards),
                        text=reply.text,
                        chips=reply.chips,
                        asked=reply.asked,
                        act=reply.act,
                    )
        raise AssertionError("a turn ends with Finished")


class Recommending:
    """Shows a slate every turn, whatever was said, with all that was said folded in.

    Where nothing fits it takes the least offer by itself, where a title fits several items it
    takes the first, and where a message told nothing new it goes on to the next best. ``ask`` may
    put a question beside the slate.
    """

    def __init__(self, parts: Parts, visitor: str, size: int, ask: Ask | None = None) -> None:
        self._parts = parts
        self._size = size
        self._ask = ask
        self._profile = parts.taste.of(visitor)
        self._talk = Conversation(session=SessionId("-"), visitor=VisitorId(visitor))

    async def answer(self, message: str) -> Answer:
        """One turn; ``asked`` only where ``ask`` gave a question."""
        parts, talk = self._parts, self._talk
        last = talk.last
        seq = last.seq + 1 if last else 1
        understood = await parts.engines.understand(message, talk)
        reading = _settled(parts.facts.alike(understood.reading))
        preferences = update(
            talk.preferences, reading, facts=parts.facts, slate=talk.slate, turn=seq, said=message
        )
        if _wanted(preferences) == _wanted(talk.preferences):
            gone = preferences.avoid | frozenset(preferences.shown)
            preferences = replace(preferences, avoid=gone)
        ranking, preferences = self._found(preferences)
        question = self._ask(ranking, preferences) if self._ask else None
        wishes = answers.wishes(preferences, parts.retriever.items, parts.schema, REFERENCE)
        async for step in parts.engines.rerank(ranking, self._size, wishes):
            if isinstance(step, Reranked):
                ranking = step.ranking
        slate = parts.retriever.select(ranking, self._size).ids()
        text = question.text() if question else ""
        chips = question.options if question else ()
        record = TurnRecord(
            seq=seq,
            at=0.0,
            message=message,
            reading=reading,
            preferences=shown(
                preferences, slate, asked_about=question.field.name if question else ""
            ),
            slate=slate or talk.slate,
            text=text,
            asked=question is not None,
            chips=chips,
        )
        self._talk = replace(talk, turns=(*talk.turns, record))
        return Answer(slate=slate, text=text, chips=chips, asked=question is not None)

    def _found(self, preferences: Preferences) -> tuple[Ranking, Preferences]:
        """The candidates, and the preferences that have any."""
        retriever, talk = self._parts.retriever, self._talk
        while True:
            query = to_query(preferences, self._profile, history=talk.recent())
            ranking = retriever.candidates(query)
            if ranking.candidates or not preferences.constraints:
                return ranking, preferences
            offers = self._offers(query, preferences.constraints)
            preferences = (
                relaxed(preferences, offers[0]) if offers else replace(preferences, constraints=())
            )

    def _offers(self, query: Query, constraints: tuple[Constraint, ...]) -> tuple[Relaxation, ...]:
        """What may give way, as Palate would offer it."""
        parts = self._parts

        def fitting(where: Filter | None) -> int:
            return parts.retriever.fitting(replace(query, where=where))

        return relaxations(constraints, fitting, parts.retriever.values, parts.facts.kinds)


def _settled(reading: Reading) -> Reading:
    """The reading without anything that would have to be asked back or taken back."""
    if reading.unclear:
        reading = replace(reading, liked=(*reading.liked, reading.unclear[0]), unclear=())
    return replace(reading, act="recommend") if reading.act == "undo" else reading


def _wanted(preferences: Preferences) -> Preferences:
    """What is wanted, without what merely passed."""
    return replace(
        preferences, named=(), shown=(), said=(), touched=(), asked=0, asked_about=(), count=None
    )


class RandomQuestions:
    """Chooses a facet by chance, with the likeliest answers that the candidates allow; at most as
    many questions in a row as Palate asks."""

    def __init__(self, parts: Parts, rng: np.random.Generator) -> None:
        self._fields = [
            f
            for f in parts.schema.by_role("facet")
            if f.kind in ("plain", "person") and f.coverage >= COVERED
        ]
        self._items = parts.retriever.items
        self._rng = rng

    def __call__(self, ranking: Ranking, preferences: Preferences) -> Asked | None:
        """The next question; None after enough of them and where no facet has two values left."""
        if preferences.asked >= ASKED_IN_A_ROW:
            return None
        for n in self._rng.permutation(len(self._fields)):
            field = self._fields[n]
            votes = Counter(v for i in ranking.ids() for v in values(self._items[i], field))
            if len(votes) > 1:
                options = tuple(v for v, _ in votes.most_common(OPTIONS))
                return Asked(field=field, options=options)
        return None


class Greedy:
    """The best of the person's taste, of what is popular where none is known, and then the next
    best: every turn another slate, and no word is read."""

    def __init__(self, parts: Parts, visitor: str, size: int) -> None:
        self._retriever = parts.retriever
        self._profile: Profile = parts.taste.of(visitor)
        self._size = size
        self._shown: tuple[ItemId, ...] = ()

    async def answer(self, message: str) -> Answer:  # noqa: ARG002 (it does not listen)
        """The next slate."""
        gone = frozenset(self._shown) | self._profile.seen
        ranking = self._retriever.candidates(Query(profile=self._profile, exclude=gone))
        slate = self._retriever.select(ranking, self._size).ids()
        self._shown += slate
        return Answer(slate=slate)
