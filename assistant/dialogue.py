"""The turn: load, understand, update, find, decide, rank, select, explain, commit, show.

Nothing is held between turns: the state is the session's last record, and a turn is one new
record. Items are shown only after their turn is committed, so a reader who leaves early loses
nothing, and what was shown is never withdrawn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from assistant.background import compute
from assistant.constraints import Facts
from assistant.counterfactual import decisive
from assistant.engines import Engines, Reranked, Understood
from assistant.errors import SessionError
from assistant.explanation.cards import Explained, Spoken, explain
from assistant.moves import lifts, next_move, talks
from assistant.preferences import Preferences, to_query, update
from assistant.sessions import Conversation, Sessions, TurnRecord
from assistant.taste import Taste
from assistant.turns import Draft, Said, reply_of
from assistant.types import Faithfulness, Finished, Mix, Reading, Shown, Status, Text, TurnEvent
from assistant.understanding.tokens import MAX_CHARACTERS
from assistant.unshown import Unshown, unshown
from assistant.verification.check import Checker
from retrieval.exploration import generator
from retrieval.filters import matches
from retrieval.retriever import Retriever
from retrieval.slate import DEFAULT, Balance
from retrieval.types import Event, Item, ItemId, Query, Slate

TRIES = 5  # times a turn is played again when another turn on its session was committed first
MOST = 12  # items on one slate
USUAL = Mix()
BUSY = "too many turns at once on this session; send them one by one"


def untold(_stage: str) -> None:
    """Nobody follows the stages of a turn."""


class Dialogue:
    """Plays turns over one workspace. Stateless between turns and safe to share.

    ``faithfulness`` adds up how many claims models made in the turns played, and how many held.
    ``listeners`` are told of every turn that was written.
    """

    def __init__(
        self,
        *,
        retriever: Retriever,
        facts: Facts,
        sessions: Sessions,
        taste: Taste,
        engines: Engines,
        checker: Checker,
        index_version: int,
        slate_size: int = 6,
    ) -> None:
        self._retriever = retriever
        self._facts = facts
        self._schema = facts.schema
        self._sessions = sessions
        self._taste = taste
        self.faithfulness = Faithfulness()
        self.listeners: list[Callable[[TurnRecord], None]] = []
        self._engines = engines
        self._checker = checker
        self._version = index_version
        self._size = slate_size

    async def turn(
        self,
        session: str,
        message: str | Reading,
        *,
        visitor: str | None = None,
        label: str = "",
        events: tuple[Event, ...] = (),
        mix: Mix = USUAL,
        tell: Callable[[str], None] = untold,
    ) -> AsyncGenerator[TurnEvent]:
        """Play one turn and yield what happens as it happens.

        ``message`` is what the person wrote, or a reading made by a button, which ``label`` puts
        into words for the history. The first 6,000 characters of a message count, so that none
        costs more than another, now or in later turns. ``events`` are written in the same
        transaction as the turn, under the session's own visitor, unless the person has learning
        paused. ``mix`` is how they want their slates. ``tell`` hears of each stage as it ends.
        Yields Status from the start, and only after the commit Shown (when there is a slate), Text
        and Finished.
        Raises :class:`~assistant.errors.SessionError` for somebody else's session.
        """
        if isinstance(message, str):  # half a character can be neither stored nor sent
            message = message[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
        for _ in range(TRIES):
            conversation = await self._sessions.aopen(session, visitor)
            said = None
            played = self._play(conversation, message, label, events, mix, tell)
            async with aclosing(played) as steps:
                async for step in steps:
                    if isinstance(step, Said):
                        said = step
                    else:
                        yield step
            if said is not None and await self._sessions.aappend(
                conversation, said.record, said.memory
            ):
                break
        else:
            raise SessionError(BUSY)
        self.faithfulness += said.record.faithfulness
        for told in self.listeners:
            told(said.record)
        if said.record.shown:
            yield Shown(cards=said.record.shown)
        yield Text(text=said.record.text)
        yield Finished(reply=reply_of(conversation.session, said))

    def back(self, session: str, turn: int, *, visitor: str | None = None) -> None:
        """Take back a turn and all that came after it, with what they changed in memory and
        history; what is not there is not taken back. Raises SessionError as :meth:`turn` does."""
        for _ in range(TRIES):
            conversation = self._sessions.open(session, visitor)
            earlier = [t.seq for t in conversation.turns if t.seq < turn]
            if len(earlier) == len(conversation.turns):
                return
            said = self._draft(conversation, "").back(max(earlier, default=0))
            if self._sessions.append(conversation, said.record, said.memory):
                return
        raise SessionError(BUSY)

    def _draft(
        self, conversation: Conversation, message: str, tell: Callable[[str], None] = untold
    ) -> Draft:
        items = self._retriever.items
        return Draft(conversation, message, items, self._schema, self._version, tell)

    async def _play(
        self,
        conversation: Conversation,
        message: str | Reading,
        label: str,
        events: tuple[Event, ...],
        mix: Mix,
        tell: Callable[[str], None],
    ) -> AsyncGenerator[Status | Said]:
        """One attempt at the turn on the conversation as found; ends with what it came to."""
        draft = self._draft(conversation, message if isinstance(message, str) else label, tell)
        reading = Reading()
        async with aclosing(self._engines.reading(message, conversation)) as heard:
            async for told in heard:
                if isinstance(told, Understood):
                    reading = draft.read(told)
                else:
                    yield told
        if isinstance(message, str):
            reading = self._facts.alike(reading)
        if reading.act == "undo" and not (reading.reset or lifts(draft.before, reading)):
            nothing = set(reading.lifted) == {""}  # "forget the dog", of which nobody spoke
            words = draft.words.say("chat.nothing_to_undo")
            yield draft.talk("undo", words) if nothing else draft.undo()
            return
        draft.prefer(
            update(
                draft.before,
                reading,
                facts=self._facts,
                slate=conversation.slate,
                turn=draft.seq,
                said=message if isinstance(message, str) else "",
            )
        )
        judged: tuple[Event, ...] = ()
        if reading.memory in ("forget", "forget_all"):
            judged = await asyncio.to_thread(self._taste.judged, conversation.visitor)
        preferences = draft.remember(events, judged)
        said = preferences.judged()
        profile = await asyncio.to_thread(self._taste.of, conversation.visitor, said)
        query = to_query(preferences, profile, history=conversation.recent())
        if reading.reset and preferences.empty():
            yield draft.talk("undo", draft.words.say("chat.reset"))
            return
        if talks(reading):
            missing: tuple[Unshown, ...] = ()
            if asked := draft.unshown():
                before = to_query(draft.before, profile, history=conversation.recent())
                missing = await compute(self._missing, asked, draft.before, before)
            likes: tuple[ItemId, ...] = ()
            if (one := draft.asked_why()) is not None:
                then = to_query(draft.before, profile)
                there = conversation.slate
                likes = await compute(decisive, then, one.id, self._retriever, there)
            yield draft.talk(reading.act, draft.answer(profile, self._facts, missing, likes))
            return
        yield Status(stage="searching", text=f"Searching {len(self._retriever.items):,} items")
        query = _again_in_order(query, reading, conversation, preferences, self._retriever.items)
        query = _of_that_name(query, reading, self._retriever.items)
        query = replace(query, shown=frozenset(preferences.shown))
        ranking = draft.found(await compute(self._retriever.candidates, query))
        move = draft.decide(next_move(preferences, reading, ranking, self._facts, self._retriever))
        if move.kind != "recommend":
            yield draft.talk(*draft.question(query))
            return
        size = min(reading.count or self._size, MOST)
        async with aclosing(self._engines.rerank(ranking, size, draft.wishes())) as steps:
            async for step in steps:
                if isinstance(step, Reranked):
                    ranking = draft.ranked(step)
                else:
                    yield step
        # The same session and turn draw the same slate, so that a turn can be played again.
        rng = generator(conversation.session, draft.seq)
        spoken = Spoken(claims=draft.claims, true=self._checker.holds)

        def choose() -> tuple[Slate, Explained]:
            slate = self._retriever.select(
                ranking, size, rng, balance=_balance(mix), explore=mix.novelty
            )
            evidence = self._taste.evidence(slate, preferences, query, self._retriever, draft.words)
            return slate, explain(slate.picks, evidence, spoken, ranking)

        slate, explained = await compute(choose)
        yield draft.recommend(slate, draft.explained(explained))

    def _missing(
        self, asked: Sequence[Item], preferences: Preferences, query: Query
    ) -> tuple[Unshown, ...]:
        """Why items were not shown, by the ranking of the request as it stands."""
        ranking = self._retriever.candidates(query)
        return tuple(
            unshown(
                item,
                preferences,
                ranking,
                slate=self._size,
                rule=self._retriever.barred(item, query),
            )
            for item in asked
        )


def _balance(mix: Mix) -> Balance:
    """The workspace's balance with as much diversity as the person wants and there is room for."""
    if mix.diversity is None:
        return DEFAULT
    return replace(DEFAULT, diversity=mix.diversity * (1 - DEFAULT.calibration))


def _again_in_order(
    query: Query,
    reading: Reading,
    conversation: Conversation,
    preferences: Preferences,
    items: Mapping[ItemId, Item],
) -> Query:
    """ "Order those by price" speaks of the slate that is there, not of a new search, as far as it
    was not turned away and still fits what has been demanded since."""
    gone = {*preferences.dislikes, *preferences.seen}
    slate = tuple(
        i
        for i in conversation.slate
        if i not in gone and i in items and (query.where is None or matches(query.where, items[i]))
    )
    asks_more = (
        reading.include
        or reading.exclude
        or reading.ranges
        or reading.relative
        or reading.text
        or reading.liked
        or reading.more
    )
    if reading.sort is None or asks_more or not slate:
        return query
    return replace(query, among=slate, avoid=frozenset(), text="")


def _of_that_name(query: Query, reading: Reading, items: Mapping[ItemId, Item]) -> Query:
    """ "Do you have Hamlet?" asks for whatever goes by that name, not for what is like it."""
    if not reading.named or reading.reference or query.text or query.where is not None:
        return query
    titles = " ".join(items[i].title for i in reading.named if i in items)
    return replace(query, text=titles, like=tuple(i for i in query.like if i not in reading.named))
