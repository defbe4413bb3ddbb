"""What one visitor's page shows, as a value, and how the events of a turn change it.

Nothing here knows Gradio or HTML. A screen lives in the visitor's own state, never in a module.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
)

Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """The page of one visitor.

    ``messages`` are (role, text), oldest first; the last one grows while ``busy``. ``slates``
    counts the slates shown, so that a new one can be told from an old one. ``notice`` says what
    fell back or failed, in words a person can act on.
    """

    visitor: VisitorId
    session: SessionId
    messages: tuple[tuple[Role, str], ...] = ()
    cards: tuple[Card, ...] = ()
    chips: tuple[str, ...] = ()
    status: Status | None = None
    notice: str = ""
    busy: bool = False
    slates: int = 0


def asked(screen: Screen, message: str) -> Screen:
    """The screen right after the person said something: it is shown before any work is done."""
    return replace(
        screen,
        messages=(*screen.messages, ("user", message)),
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
    return replace(
        shown,
        messages=messages,
        chips=reply.chips,
        status=None,
        notice=" ".join(dict.fromkeys(d.reason for d in reply.degraded)),
        busy=False,
    )
