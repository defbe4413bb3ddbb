"""What one visitor's page shows, as a value, and how the events of a turn change it.

Nothing here knows Gradio or HTML. A screen lives in the visitor's own state, never in a module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.types import (
    Card,
    Finished,
    Reply,
    SessionId,
    Shown,
    Status,
    Text,
    TurnEvent,
    VisitorId,
    Want,
)
from retrieval.types import ItemId

Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """The page of one visitor.

    ``messages`` are (role, text), oldest first; the last one grows while ``busy``. ``turns`` holds
    the number of the turn of each message of the person, 0 while it is not answered. ``slates``
    counts the slates shown, so that a new one can be told from an old one. ``wants`` are the hard
    constraints in force, ``scores`` the parts of each card's score where the turn was played here.
    ``notice`` says what fell back or failed, in words a person can act on.
    """

    visitor: VisitorId
    session: SessionId
    language: str = "en"
    private: bool = False
    messages: tuple[tuple[Role, str], ...] = ()
    turns: tuple[int, ...] = ()
    cards: tuple[Card, ...] = ()
    chips: tuple[str, ...] = ()
    wants: tuple[Want, ...] = ()
    scores: Mapping[ItemId, Mapping[str, float]] = field(default_factory=dict)
    status: Status | None = None
    notice: str = ""
    busy: bool = False
    slates: int = 0


def asked(screen: Screen, message: str) -> Screen:
    """The screen right after the person said something: it is shown before any work is done."""
    return replace(
        screen,
        messages=(*screen.messages, ("user", message)),
        turns=(*screen.turns, 0),
        chips=(),
        status=Status(stage="understanding", text="Reading your message"),
        notice="",
        busy=True,
    )


def fold(screen: Screen, event: TurnEvent) -> Screen:
    """The screen after one event of the turn. ``Finished`` has the last word on text and cards."""
    if isinstance(event, Status):
        return replace(screen, status=event)
    if isinstance(event, Shown):
        return _with_cards(screen, event.cards)
    if isinstance(event, Text):
        return replace(screen, messages=_with_text(screen.messages, event.text), status=None)
    return _finished(screen, event)


def failed(screen: Screen, why: str) -> Screen:
    """The screen after a turn that could not be finished; what was said and shown stays."""
    return replace(screen, status=None, busy=False, notice=why)


def resumed(screen: Screen, history: Iterable[tuple[str, Reply]]) -> Screen:
    """The screen of a session that is taken up again, from its messages and replies."""
    for message, reply in history:
        screen = asked(screen, message) if message else screen
        screen = fold(screen, Finished(reply=reply))
    return replace(screen, notice="")


def without(screen: Screen, message: int) -> Screen:
    """The screen without the person's message of that number (from 0) and all that came after."""
    kept: list[tuple[Role, str]] = []
    spoken = 0
    for role, text in screen.messages:
        spoken += role == "user"
        if spoken > message:
            break
        kept.append((role, text))
    return replace(screen, messages=tuple(kept), turns=screen.turns[:message], notice="")


def _with_cards(screen: Screen, cards: tuple[Card, ...]) -> Screen:
    if cards == screen.cards:
        return screen
    return replace(screen, cards=cards, slates=screen.slates + 1)


def _with_text(messages: tuple[tuple[Role, str], ...], piece: str) -> tuple[tuple[Role, str], ...]:
    if messages and messages[-1][0] == "assistant":
        return (*messages[:-1], ("assistant", messages[-1][1] + piece))
    return (*messages, ("assistant", piece))


def _finished(screen: Screen, event: Finished) -> Screen:
    reply = event.reply
    messages = screen.messages
    if messages and messages[-1][0] == "assistant" and screen.busy:
        messages = messages[:-1]
    if reply.text:
        messages = (*messages, ("assistant", reply.text))
    # A reply that shows nothing ("you are welcome") leaves the last slate in place.
    shown = _with_cards(screen, reply.cards) if reply.cards else screen
    played = {p.item.id: p.candidate.scores for p in reply.slate.picks if p.candidate.scores}
    return replace(
        shown,
        messages=messages,
        turns=(*screen.turns[:-1], reply.turn) if screen.busy else screen.turns,
        chips=reply.chips,
        wants=reply.wants,
        scores=played if reply.cards else screen.scores,
        status=None,
        notice=" ".join(dict.fromkeys(d.reason for d in reply.degraded)),
        busy=False,
    )
