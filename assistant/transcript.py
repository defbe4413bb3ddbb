"""A conversation that was held elsewhere, followed as if it had been held here.

The person's messages go through the same understanding and preferences as a turn of our own. What
the other side says is not read as a wish: the items it names are what the person was shown, so
"seen it" and "the second one" find what they point at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from assistant.constraints import Facts
from assistant.engines import Engines
from assistant.preferences import Preferences, loosened, shown, update
from assistant.sessions import Conversation, TurnRecord
from assistant.types import Reading, SessionId, VisitorId

NOWHERE = Conversation(session=SessionId("-"), visitor=VisitorId("-"))
"""A conversation that nobody has begun and that is stored nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation. ``role`` says who speaks: the person or who answers them."""

    role: Literal["user", "assistant"]
    text: str


async def follow(
    conversation: Conversation, message: Message, *, engines: Engines, facts: Facts
) -> Conversation:
    """The conversation with one more message, and the preferences that follow from it.

    Begin with :data:`NOWHERE`. A message without words changes nothing but the count of turns.
    """
    if message.role == "assistant":
        return _answered(conversation, message.text, engines, facts)
    understood = await engines.understand(message.text, conversation)
    reading = facts.alike(understood.reading)
    seq = len(conversation.turns) + 1
    before = conversation.preferences
    if reading.act == "undo" and not reading.reset:
        earlier = conversation.turns[:-1]
        preferences = earlier[-1].preferences if earlier else Preferences()
    else:
        preferences = update(
            before,
            reading,
            facts=facts,
            slate=conversation.slate,
            turn=seq,
            said=message.text,
        )
    record = _record(seq, message.text, reading, preferences, conversation)
    return replace(conversation, turns=(*conversation.turns, record))


def _answered(
    conversation: Conversation, text: str, engines: Engines, facts: Facts
) -> Conversation:
    """The last turn with the other side's answer: what it named is the slate that was shown."""
    if not conversation.turns:
        opening = _record(0, "", Reading(act="chitchat"), Preferences(), conversation)
        conversation = replace(conversation, turns=(opening,))
    last = conversation.turns[-1]
    proposed = engines.named(text)
    asked = text.rstrip().endswith("?")
    preferences = shown(last.preferences, proposed)
    preferences = loosened(preferences, (facts.items[i] for i in proposed if i in facts.items))
    judged = {*preferences.likes, *preferences.dislikes}
    touched = dict.fromkeys((*preferences.touched, *(i for i in proposed if i not in judged)))
    answered = replace(
        last,
        preferences=replace(preferences, touched=tuple(touched)),
        slate=proposed or last.slate,
        text=text,
        asked=asked,
    )
    return replace(conversation, turns=(*conversation.turns[:-1], answered))


def _record(
    seq: int, message: str, reading: Reading, preferences: Preferences, before: Conversation
) -> TurnRecord:
    return TurnRecord(
        seq=seq,
        at=0.0,
        message=message,
        reading=reading,
        preferences=preferences,
        slate=before.slate,
    )
