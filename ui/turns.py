"""What happens when a person says, presses or takes back something: turns, played on the page.

Handlers are thin: they drive the assistant's events through :mod:`ui.screen` and give updates for
the parts of the page that changed (:meth:`ui.paint.Painter.parts`).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.explanation.wording import wording
from assistant.types import Finished, Mix, Status, TurnEvent
from retrieval.errors import RetrievalError, StorageFull
from retrieval.types import ItemId
from ui import cards, screen
from ui.asides import errand
from ui.paint import Updates
from ui.plain import lines
from ui.screen import Screen
from ui.visits import Browser, Visits, mixed, sent
from ui.words import told, words

log = logging.getLogger(__name__)

MESSAGE_LENGTH = 2000
PICKS = 24

Played = tuple[str, AsyncIterator[TurnEvent]]
"""What a press says in the conversation, and the turn that it plays."""


class Turns:
    """Handlers that play turns. Holds nothing of any visitor."""

    def __init__(self, visits: Visits) -> None:
        self.visits = visits
        self.assistant = visits.assistant
        self._painter = visits.painter

    async def say(
        self, message: str, now: Screen | None, browser: Browser | None
    ) -> AsyncIterator[Updates]:
        """The person sent a message."""
        now = now or self.visits.resume(browser)
        said = lines(message).strip()[:MESSAGE_LENGTH]
        if not said:
            yield self._painter.parts(now, now)
            return
        events = self.assistant.turn(now.session, said, visitor=now.visitor, mix=mixed(browser))
        async for updates in self._play(now, now, (said, events)):
            yield updates

    async def press(
        self, event: gr.EventData, now: Screen | None, browser: Browser | None
    ) -> AsyncIterator[Updates]:
        """The person pressed something that plays a turn: a card's button, a constraint, their
        first picks, a suggestion."""
        data = sent(event)
        now = now or self.visits.resume(browser)
        if data.get("act") == "edit":  # a belief said anew: the old one goes
            try:
                self.assistant.person(now.visitor).forget(str(data.get("item", "")))
            except StorageFull as error:
                yield self._painter.parts(None, screen.failed(now, told(error, now.language)))
                return
        if "say" in data:
            async for updates in self.say(str(data["say"]), now, browser):
                yield updates
            return
        played = self._pressed(now, data, mixed(browser))
        if played is None:
            gone = words(now.language).say("page.gone")
            yield self._painter.parts(None, screen.failed(now, gone))
            return
        async for updates in self._play(now, now, played):
            yield updates

    async def edit(
        self, change: gr.EditData, now: Screen | None, browser: Browser | None
    ) -> AsyncIterator[Updates]:
        """The person changed a message: it and what came after are taken back, and it is sent."""
        async for updates in self._again(change.index, str(change.value), now, browser):
            yield updates

    async def retry(
        self, again: gr.RetryData, now: Screen | None, browser: Browser | None
    ) -> AsyncIterator[Updates]:
        """The person wants another answer to the same message."""
        async for updates in self._again(again.index, "", now, browser):
            yield updates

    def undo(self, taken: gr.UndoData, now: Screen | None, browser: Browser | None) -> Updates:
        """The person takes a message back; it returns to the line to be said otherwise. Updates for
        the parts of a turn and the errand."""
        now = now or self.visits.resume(browser)
        number = _number(now, taken.index)
        if now.busy or number is None:
            return (*self._painter.parts(None, now), "")
        try:
            then = self._taken_back(now, number)
        except StorageFull as error:
            return (*self._painter.parts(None, screen.failed(now, told(error, now.language))), "")
        then = replace(then, notice=words(now.language).say("page.taken_back"))
        return (*self._painter.parts(None, then), errand("line", _messages(now)[number]))

    def give_up(self, now: Screen | None, browser: Browser | None) -> Updates:
        """A handler failed in a way nobody foresaw: the page becomes usable again and says so.

        A turn that was stopped counts as failed too; by then nothing is being waited for.
        """
        now = now or self.visits.resume(browser)
        if not now.busy:
            return self._painter.parts(now, now)
        wrong = words(now.language).say("page.error")
        return self._painter.parts(None, screen.failed(now, wrong))

    async def _again(
        self, index: Any, said: str, now: Screen | None, browser: Browser | None
    ) -> AsyncIterator[Updates]:
        now = now or self.visits.resume(browser)
        number = _number(now, index)
        if now.busy or number is None:
            yield self._painter.parts(None, now)
            return
        said = lines(said).strip()[:MESSAGE_LENGTH] or _messages(now)[number]
        try:
            then = self._taken_back(now, number)
        except StorageFull as error:
            yield self._painter.parts(None, screen.failed(now, told(error, now.language)))
            return
        events = self.assistant.turn(now.session, said, visitor=now.visitor, mix=mixed(browser))
        async for updates in self._play(None, then, (said, events)):
            yield updates

    def _taken_back(self, now: Screen, number: int) -> Screen:
        """The screen after a message of the person, and all that came after it, is taken back."""
        turn = now.turns[number]
        if turn:  # else it was never answered
            self.assistant.conversations(now.visitor).take_back(now.session, turn)
        return self.visits.opened(now, now.session)

    async def _play(
        self, before: Screen | None, now: Screen, played: Played
    ) -> AsyncIterator[Updates]:
        heard, events = played
        painted = now = screen.asked(now, heard)
        yield self._painter.parts(before, now)
        try:
            async for event in events:
                now = screen.fold(now, event)
                # What comes behind the commit comes at once, so cards and words are painted once.
                if now != painted and isinstance(event, Status | Finished):
                    yield self._painter.parts(painted, now)
                    painted = now
        except (AssistantError, RetrievalError) as error:
            log.warning("turn_failed", extra={"error": type(error).__name__})
            yield self._painter.parts(painted, screen.failed(now, told(error, now.language)))

    def _pressed(self, now: Screen, data: Browser, mix: Mix) -> Played | None:
        """What a press stands for; None when what it was about is not there."""
        act = data.get("act")
        if act == "picked":
            return self._picked(now, data.get("items"), mix)
        if act == "lift":
            return self._lifted(now, str(data.get("want", "")), mix)
        item, press = ItemId(str(data.get("item", ""))), cards.pressed(act)
        known = self.assistant.showcase.cards([item])
        if not known or press is None:
            return None
        because = str(data.get("because", ""))
        against = self.assistant.showcase.critiques(item, wording(now.language))
        why = next((c.text for c in against if c.key == because), "")
        events = self.assistant.react(
            now.session,
            item,
            press,
            visitor=now.visitor,
            because=because,
            language=now.language,
            mix=mix,
        )
        return cards.spoken(known[0], press, now.language, why=why), events

    def _picked(self, now: Screen, items: object, mix: Mix) -> Played | None:
        ids = [ItemId(str(i)) for i in items][:PICKS] if isinstance(items, list) else []
        known = self.assistant.showcase.cards(ids)
        if not known:
            return None
        said = wording(now.language)
        heard = said.say("card.picked", titles=said.join([c.title for c in known]))
        picks = [c.id for c in known]
        return heard, self.assistant.begin(
            now.session, picks, visitor=now.visitor, language=now.language, mix=mix
        )

    def _lifted(self, now: Screen, number: str, mix: Mix) -> Played | None:
        if not number.isdecimal() or int(number) >= len(now.wants):
            return None
        want = now.wants[int(number)]
        heard = wording(now.language).say("card.lift", want=want.text)
        return heard, self.assistant.lift(
            now.session, want, visitor=now.visitor, language=now.language, mix=mix
        )


def _messages(now: Screen) -> list[str]:
    return [text for role, text in now.messages if role == "user"]


def _number(now: Screen, index: Any) -> int | None:
    """Which of the person's messages stands at, or last before, a place of the transcript."""
    place = index[0] if isinstance(index, list | tuple) else index
    if not isinstance(place, int) or not 0 <= place < len(now.messages):
        return None
    spoken = sum(role == "user" for role, _ in now.messages[: place + 1])
    return spoken - 1 if spoken else None
