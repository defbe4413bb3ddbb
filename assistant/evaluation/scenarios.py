"""Playing written conversations through the very dialogue that is served."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

from assistant.door import Assistant
from assistant.memory import Memory
from assistant.preferences import Preferences
from assistant.sessions import Conversation, TurnRecord, new_id
from assistant.types import Reading, SessionId, VisitorId
from assistant.understanding.public_form import parse
from retrieval.types import ItemId


def play_scenarios(
    assistant: Assistant, scenarios: Iterable[dict[str, object]]
) -> Iterator[dict[str, object]]:
    """Play ``turns[].user`` of each scenario as a fresh visitor; one line of output a turn.

    Nothing else of a scenario is read: anchors and expectations are for the scorer.
    """
    for scenario in scenarios:
        session, visitor = new_id(), new_id()
        # What is played teaches the workspace nothing.
        assistant.parts.sessions.remember(visitor, Memory(paused=True), 0)
        turns = scenario["turns"]
        assert isinstance(turns, list)
        for number, turn in enumerate(turns):
            reply = assistant.reply(session, str(turn["user"]), visitor=visitor)
            yield {
                "scenario_id": scenario["id"],
                "turn": number,
                "act": reply.act,
                "slate": [card.id for card in reply.cards],
                "reply": reply.text,
                "asked": reply.asked,
            }


def read_messages(
    assistant: Assistant, messages: Iterable[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """What each message means, read as the dialogue would read it after the slate it speaks of.

    A message is ``{"id", "text", "context"?: {"previous_slate": [ids]}}``; a line of output is
    ``{"id", "parse"}`` in the public form, with ``degraded`` where the model had to be replaced.
    """
    parts = assistant.parts
    with asyncio.Runner() as runner:
        for message in messages:
            slate = (message.get("context") or {}).get("previous_slate") or ()
            before = _after(tuple(ItemId(str(i)) for i in slate))
            understood = runner.run(parts.engines.understand(str(message["text"]), before))
            line: dict[str, Any] = {
                "id": message["id"],
                "parse": parse(understood.reading, parts.schema),
            }
            if understood.degraded:
                line["degraded"] = [d.reason for d in understood.degraded]
            yield line


def _after(slate: tuple[ItemId, ...]) -> Conversation:
    """A conversation of which nothing is known but what was shown last."""
    session, visitor = SessionId("-"), VisitorId("-")
    if not slate:
        return Conversation(session=session, visitor=visitor)
    shown = TurnRecord(
        seq=1, at=0.0, message="", reading=Reading(), preferences=Preferences(), slate=slate
    )
    return Conversation(session=session, visitor=visitor, turns=(shown,))
