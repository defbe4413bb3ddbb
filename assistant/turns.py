"""One turn in the making, and the record and reply it ends as."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant import answers, counterfactual, known, replies
from assistant.constraints import Facts
from assistant.engines import Reranked, Understood
from assistant.explanation.cards import Explained
from assistant.explanation.wording import REFERENCE, Wording, wording
from assistant.llm.types import Usage
from assistant.memory import (
    NOTHING,
    Memory,
    Source,
    change,
    forgotten,
    judgements,
    remember,
    reverted,
)
from assistant.moves import Move
from assistant.preferences import Preferences, relaxed, shown
from assistant.relaxing import agreed
from assistant.sessions import Conversation, Served, TurnRecord, now
from assistant.types import Act, Card, Claim, Degraded, Faithfulness, Reading, Reply, SessionId
from assistant.unshown import Unshown, told
from retrieval.types import Event, Item, ItemId, Profile, Query, Ranking, Schema, Slate, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a turn came to: the record that is stored, the slate whole for the caller, and what is
    remembered from now on."""

    record: TurnRecord
    slate: Slate
    memory: Memory | None = None


class Draft:
    """Collects what the stages of one turn hand over, and how long each took; ``tell`` hears of
    each as it ends."""

    def __init__(
        self,
        conversation: Conversation,
        message: str,
        items: Mapping[ItemId, Item],
        schema: Schema,
        index_version: int,
        tell: Callable[[str], None],
    ) -> None:
        last = conversation.last
        self.seq = last.seq + 1 if last else 1
        self.before = conversation.preferences
        self.claims: dict[str, tuple[Claim, ...]] = {}
        self._conversation = conversation
        self._message = message
        self._items = items
        self._schema = schema
        self._version = index_version
        self._tell = tell
        self._reading = Reading()
        self._preferences = conversation.preferences
        self._memory = conversation.memory
        self.change = NOTHING
        self._listed: tuple[str, ...] = ()
        self._move = Move(kind="recommend")
        self._degraded: tuple[Degraded, ...] = ()
        self._faithfulness = Faithfulness()
        self._usage = Usage()
        self._models: list[str] = []
        self._prompts: list[str] = []
        self._seconds: dict[str, float] = {}
        self._clock = time.perf_counter()

    @property
    def words(self) -> Wording:
        """The wording of the language that was understood."""
        return wording(self._reading.language)

    def read(self, understood: Understood) -> Reading:
        """Take in the reading, with what the engine says of how it came about."""
        self._note("understand")
        self._reading = understood.reading
        self._degraded += understood.degraded
        self._spent(understood.usage, understood.model, understood.prompt)
        last = self._conversation.last
        taken = agreed(last.offers, understood.reading) if last is not None else None
        left = last is not None and last.act == "no_match" and not last.offers
        if left and understood.reading.agrees:  # to starting over: nothing else was left
            self._reading = replace(understood.reading, act="undo", reset=True)
        if taken is not None:
            self.before = relaxed(self.before, taken)
            self._reading = replace(understood.reading, act="recommend", reference=())
        return self._reading

    def prefer(self, preferences: Preferences) -> Preferences:
        """Take in the updated preferences."""
        self._note("update")
        self._preferences = preferences
        return preferences

    def remember(self, events: tuple[Event, ...], judged: Sequence[Event]) -> Preferences:
        """Take in what the turn says that outlives it; what was forgotten is not wanted any more.

        ``events`` are those of a button, without a user; ``judged`` what the person said of items
        before, for a message that takes some of it back.
        """
        reading, before = self._reading, self._conversation.memory
        at = now()
        last = self._conversation.last
        self._memory = remember(
            before,
            reading,
            listed=last.listed if last else (),
            schema=self._schema,
            source=Source(
                session=self._conversation.session, turn=self.seq, at=at, said=self._message
            ),
        )
        changed = change(before, self._memory)
        new = () if self._memory.paused else (events or judgements(reading, at))
        gone = [e for e in judged if reading.memory == "forget_all" or e.item in reading.named]
        user = UserId(self._conversation.visitor)
        self.change = replace(
            changed,
            events=tuple(replace(e, user=user) for e in new),
            retracted=tuple(gone),
        )
        if reading.memory in ("forget", "forget_all", "edit"):
            items = {e.item for e in gone} | set(reading.named)
            self._preferences = forgotten(self._preferences, changed.dropped, items)
        return self._preferences

    def found(self, ranking: Ranking) -> Ranking:
        """Take in what the retriever found."""
        self._note("candidates")
        return ranking

    def decide(self, move: Move) -> Move:
        """Take in what to do next."""
        self._move = move
        return move

    def wishes(self) -> tuple[str, ...]:
        """The request as it stands, in short phrases of the reference language, for the model."""
        undated = tuple(replace(c, noted=None) for c in self._preferences.constraints)
        preferences = replace(self._preferences, constraints=undated)
        return answers.wishes(preferences, self._items, self._schema, REFERENCE)

    def ranked(self, result: Reranked) -> Ranking:
        """Take in the order, the claims and the cost of the re-ranker."""
        self._note("rerank")
        self.claims = dict(result.claims)
        self._faithfulness = result.faithfulness
        self._degraded += result.degraded
        self._spent(result.usage, result.model, result.prompt)
        return result.ranking

    def explained(self, result: Explained) -> tuple[Card, ...]:
        """Take in the cards, and count what a model claimed and did not hold here either."""
        told = self._faithfulness
        self._faithfulness = replace(told, held=max(0, told.held - result.fallen))
        return result.cards

    def undo(self) -> Said:
        """The state before the last turn that changed anything, shown again."""
        last = self._conversation.last
        if last is None or last.before is None:
            return self.talk("undo", self.words.say("chat.nothing_to_undo"))
        record = self._as_after(last.before, self.words.say("chat.undone"))
        # What was shown was shown: whoever asks for others later does not mean it.
        then = shown(record.preferences, self._preferences.shown)
        return self._said(replace(record, preferences=then))

    def back(self, turn: int) -> Said:
        """The state after ``turn`` (0: before the first), without a word: what came later is not
        part of the conversation any more."""
        return self._said(replace(self._as_after(turn, ""), back_to=turn))

    def _as_after(self, turn: int, text: str) -> TurnRecord:
        turns = self._conversation.turns
        target = next((t for t in turns if t.seq == turn), None)
        taken = [t.change for t in reversed(turns) if t.seq > turn]
        before = self._conversation.memory
        self._memory = reverted(before, taken)
        self.change = replace(
            change(before, self._memory),
            events=tuple(e for c in taken for e in c.retracted),
            retracted=tuple(e for c in taken for e in c.events),
        )
        cards = target.cards if target else ()
        return replace(
            self._record("undo", text, chips=target.chips if target and not text else ()),
            preferences=target.preferences if target else self._conversation.start,
            slate=target.slate if target else (),
            cards=cards,
            shown=cards,
            before=target.before if target else None,
        )

    def talk(self, act: Act, text: str) -> Said:
        """A turn in words: the slate that is there stays, and undo skips it unless it changed
        what is wanted."""
        last = self._conversation.last
        begins = act == "chitchat" and last is None
        asked = begins or act == "ask" or self._move.kind in ("ask", "no_match")
        record = self._record(
            act, text, asked=asked, chips=replies.chips(self._move, (), self._schema, self.words)
        )
        had = self._conversation.preferences
        # A question changes nothing: what it is about, like an order, holds for its turn alone.
        same = replace(
            self._preferences, named=had.named, sort=had.sort, count=had.count, shown=had.shown
        )
        if same == had and not self.change:
            record = replace(record, before=last.before if last else None)
        # After "which one do you mean?", "the first" is the first that was named.
        slate = self._reading.unclear if act == "ask" else self._conversation.slate
        cards = self._cards()
        if self._reading.reset:  # a clean slate, also for who comes back to it
            slate, cards = (), ()
        record = replace(
            record, slate=slate, cards=cards, offers=self._move.relaxations, listed=self._listed
        )
        return self._said(record)

    def unshown(self) -> tuple[Item, ...]:
        """The items that are asked about with "why", and were not shown."""
        if self._reading.act != "explain":
            return ()
        there = {c.id for c in self._cards()}
        return tuple(self._items[i] for i in self._reading.named if i not in there)

    def asked_why(self) -> Item | None:
        """The one item of the slate whose reasons are asked for; None for another message."""
        if self._reading.act != "explain":
            return None
        slate = self._conversation.slate
        about = answers.subjects(self._reading, self._preferences, slate, self._items)
        return about[0] if len(about) == 1 and about[0].id in slate else None

    def answer(
        self,
        profile: Profile,
        facts: Facts,
        missing: Sequence[Unshown] = (),
        decisive: Sequence[ItemId] = (),
    ) -> str:
        """The words for an act that needs no new slate; ``missing`` says why items that were asked
        about are not on it, ``decisive`` are the likes without which the item asked about would
        not be there."""
        reading, before = self._reading, self._preferences
        about = answers.subjects(reading, before, self._conversation.slate, self._items)
        if reading.act == "answer":
            return answers.answer(about, reading.question, self._schema, self.words)
        if reading.act == "compare" and reading.sort is not None:
            order = reading.sort
            return answers.foremost(
                about, order, facts.scale(order.field), self._schema, self.words
            )
        if reading.act == "compare":
            return answers.compare(about, self._schema, self.words)
        if reading.act == "explain" and missing:
            return "\n".join(told(m, self._schema, self.words) for m in missing)
        if reading.act == "explain":
            likes = [counterfactual.claim(self._items[i], self.words) for i in decisive]
            return answers.why(self._cards(), about, self.words, likes)
        if reading.memory:
            return known.done(reading.memory, self.change, self._schema, self.words)
        if reading.act == "profile":
            notes = self._memory.at(now())
            self._listed = tuple(n.id for n in notes)
            held = known.Held(notes=notes, paused=self._memory.paused, preferences=before)
            return known.known(held, profile, self._items, self._schema, self.words)
        if reading.act == "feedback_ack":
            return self.words.say("chat.noted")
        if reading.act == "refuse":
            return self.words.say("chat.refuse")
        return replies.small_talk(bool(self._conversation.slate), self.words)

    def question(self, query: Query) -> tuple[Act, str]:
        """The words when there is no slate: which one is meant, or that nothing fits."""
        if self._move.kind == "ask":
            unclear = [self._items[i] for i in self._reading.unclear if i in self._items]
            return "ask", replies.which(unclear, self._schema, self.words)
        text = replies.nothing(
            self._preferences,
            self._move.relaxations,
            self._schema,
            self.words,
            had=self._move.again or bool(query.exclude or query.avoid),
        )
        return "no_match", text

    def recommend(self, slate: Slate, cards: tuple[Card, ...]) -> Said:
        """A turn with a new slate, and perhaps a question beside it."""
        self._note("select")
        text = replies.recommended(
            cards, self._preferences, self._reading, self._items, self._schema, self.words
        )
        question = self._move.question
        if question is not None:
            text = f"{text} {replies.ask(question, self._schema, self.words)}"
        learnt = known.learnt(self.change, self._schema, self.words)
        text = f"{text} {learnt}" if learnt else text
        note = replies.degraded(self._degraded, self.words)
        record = self._record(
            "recommend",
            f"{text}\n\n{note}" if note else text,
            asked=question is not None,
            chips=replies.chips(self._move, cards, self._schema, self.words),
        )
        about = question.field.name if question is not None else ""
        after = shown(self._preferences, slate.ids(), asked_about=about)
        served = replace(
            record.served,
            slate=slate.ids(),
            propensities=tuple(p.propensity for p in slate.picks),
            explored=tuple(p.item.id for p in slate.picks if p.explored),
        )
        record = replace(
            record, preferences=after, slate=slate.ids(), cards=cards, shown=cards, served=served
        )
        return self._said(record, slate)

    def _said(self, record: TurnRecord, slate: Slate | None = None) -> Said:
        record = replace(record, wants=answers.wants(record.preferences, self._schema, self.words))
        return Said(record=record, slate=slate or Slate(), memory=self._memory)

    def _record(
        self, act: Act, text: str, *, asked: bool = False, chips: tuple[str, ...] = ()
    ) -> TurnRecord:
        last = self._conversation.last
        return TurnRecord(
            seq=self.seq,
            at=now(),
            message=self._message,
            reading=self._reading,
            preferences=self._preferences,
            before=last.seq if last else 0,
            change=self.change,
            act=act,
            text=text,
            asked=asked,
            chips=chips,
            degraded=self._degraded,
            faithfulness=self._faithfulness,
            served=Served(
                index_version=self._version,
                model=", ".join(dict.fromkeys(self._models)),
                prompts=tuple(self._prompts),
                seconds=dict(self._seconds),
                prompt_tokens=self._usage.prompt_tokens,
                completion_tokens=self._usage.completion_tokens,
            ),
        )

    def _cards(self) -> tuple[Card, ...]:
        last = self._conversation.last
        return last.cards if last else ()

    def _spent(self, usage: Usage, model: str, prompt: str) -> None:
        self._usage = self._usage + usage
        self._models += [model] if model else []
        self._prompts += [prompt] if prompt else []

    def _note(self, stage: str) -> None:
        tick = time.perf_counter()
        self._seconds[stage] = round(tick - self._clock, 6)
        self._clock = tick
        self._tell(stage)


def reply_of(session: SessionId, said: Said) -> Reply:
    """The reply that a record stands for."""
    record = said.record
    return Reply(
        text=record.text,
        act=record.act,
        session=session,
        turn=record.seq,
        cards=record.shown,
        slate=said.slate,
        asked=record.asked,
        chips=record.chips,
        wants=record.wants,
        degraded=record.degraded,
        faithfulness=record.faithfulness,
    )
