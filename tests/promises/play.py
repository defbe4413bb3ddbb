"""Plays generated people through the dialogue that is served, and judges every slate."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

from assistant.door import Assistant
from assistant.types import Reply
from retrieval.types import ItemId
from tests.promises.check import Answer, Fault, Shelf, judge
from tests.promises.ledger import Ids, Ledger, Message
from tests.promises.person import Person
from tests.promises.stock import Stock


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message with its answer and the faults found in it.

    ``seconds`` is what it took by the clock, ``busy`` by the processor, and ``stages`` by the watch
    of the dialogue itself, in the order of the turn.
    """

    dialogue: str
    number: int
    language: str
    message: Message
    act: str
    slate: Ids
    text: str
    faults: tuple[Fault, ...]
    seconds: float
    busy: float
    stages: Mapping[str, float]


class Stage:
    """A workspace with everything that people and the checker know of it."""

    def __init__(self, assistant: Assistant) -> None:
        parts = assistant.parts
        items = list(parts.workspace.catalogue.all(include_retired=True))
        self.assistant = assistant
        self.shelf = Shelf(items)
        self.stock = Stock(parts.schema, items)

    def play(self, seed: str) -> Iterator[Turn]:
        """One conversation of a fresh visitor, turn by turn."""
        person, ledger = Person(self.stock, seed), Ledger()
        session = uuid5(NAMESPACE_OID, seed).hex  # which the places for little-known items hang on
        answer, stuck = Answer(), False
        for number in range(1, person.turns + 1):
            first = number == 1
            message = person.open() if first else person.next(ledger, answer, stuck=stuck)
            before = ledger.state.slate
            ledger.hear(message)
            started, busy = time.perf_counter(), time.process_time()
            reply = self.assistant.reply(session, message.text)
            seconds, busy = time.perf_counter() - started, time.process_time() - busy
            answer, stuck = _seen(reply), reply.act == "no_match" and reply.asked
            faults, given = judge(
                self.shelf,
                ledger.state,
                message,
                answer,
                named=ledger.named,
                before=before,
                shown=ledger.shown,
            )
            ledger.see(answer.slate, given)
            yield Turn(
                dialogue=seed,
                number=number,
                language=person.language,
                message=message,
                act=reply.act,
                slate=answer.slate,
                text=reply.text,
                faults=tuple(faults),
                seconds=seconds,
                busy=busy,
                stages=self._watched(session),
            )

    def _watched(self, session: str) -> Mapping[str, float]:
        turns = self.assistant.parts.sessions.open(session, None).turns
        return turns[-1].served.seconds if turns else {}


def _seen(reply: Reply) -> Answer:
    """What a person sees of a reply: the cards and every line of text."""
    lines = [reply.text, *(card.reason() for card in reply.cards)]
    return Answer(slate=tuple(ItemId(c.id) for c in reply.cards), text="\n".join(lines))


def play(assistant: Assistant, seeds: Sequence[str]) -> Iterator[Turn]:
    """The conversations of these seeds, one after another."""
    stage = Stage(assistant)
    for seed in seeds:
        yield from stage.play(seed)
