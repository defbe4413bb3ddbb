"""Who is here and in which conversation: coming, going, taking up, leaving.

The visitor's durable random id and current session live in the browser's own storage; everything
else of a visit is a :class:`~ui.screen.Screen` in that visitor's own state.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.sessions import new_id
from assistant.types import Mix, SessionId, VisitorId
from retrieval.errors import RetrievalError, StorageFull
from ui import screen
from ui.asides import Asides, errand
from ui.controls import mix, positions
from ui.paint import Painter, Updates
from ui.screen import Screen
from ui.words import NAMES, accepted, told, words

if TYPE_CHECKING:
    from assistant import Assistant

log = logging.getLogger(__name__)

Browser = dict[str, Any]

# A browser may claim any id. Only ids of the form we gave out count: 128 random bits, and a prefix
# that keeps visitors apart from the users of an event log.
_VISITOR = re.compile(r"v\.[A-Za-z0-9_-]{22}")


class Visits:
    """Handlers that change which conversation a page shows. Holds nothing of any visitor.

    Those that may change everything give updates for the browser's storage, for the parts of a turn
    (:meth:`ui.paint.Painter.parts`), for the frame (:meth:`ui.paint.Painter.frame`) and the errand.
    """

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.painter = Painter(assistant)
        self.asides = Asides(assistant)

    def arrive(self, browser: Browser | None, request: gr.Request | None = None) -> Updates:
        """A page is opened: take up the visitor's last session, or make a visitor and a session."""
        header = request.headers.get("accept-language", "") if request else ""
        return self._whole(self.resume(browser, accepted(header)), browser)

    def leave(self, event: gr.EventData, now: Screen | None, browser: Browser | None) -> Updates:
        """The person leaves the conversation, or what is being done in it."""
        data = sent(event)
        now = now or self.resume(browser)
        try:
            return self._left(str(data.get("leave", "")), data, now, browser)
        except (AssistantError, RetrievalError) as error:
            log.warning("leave_failed", extra={"error": type(error).__name__})
            return self._whole(screen.failed(now, told(error, now.language)), browser)

    def _left(self, what: str, data: Browser, now: Screen, browser: Browser | None) -> Updates:
        item = SessionId(str(data.get("item", "")))
        visitor = now.visitor
        if what == "stop":
            return self._stopped(now, browser)
        if what == "open":
            return self._whole(self.opened(now, item), browser)
        if what == "language" and data.get("value") in NAMES:
            then = replace(self.opened(now, now.session), language=str(data["value"]))
            return self._whole(then, browser)
        if what == "delete":
            self.assistant.conversations(visitor).delete(item)
            if item != now.session:
                listed = self.asides.sheet("talks", now, {}) or ""
                return self._whole(self.opened(now, now.session), browser, sheet=listed)
        if what == "erase":
            self.assistant.person(visitor).erase()
            visitor, browser = _new_visitor(), None
        fresh = self._begun(visitor, now.language, private=what == "private")
        return self._whole(fresh, browser)

    def aside(self, event: gr.EventData, now: Screen | None, browser: Browser | None) -> Updates:
        """The person pressed something that shows or changes what is no part of the conversation:
        updates for the browser's storage, the sheet and the errand."""
        data, now = sent(event), now or self.resume(browser)
        name = str(data.get("ask", ""))
        if name == "mix":
            return self._moved(data, now, browser), gr.skip(), gr.skip()
        try:
            sheet = self.asides.sheet(name, now, data, _kept(browser))
            then = None if sheet else self.asides.errand(name, now, data)
        except StorageFull as error:
            return gr.skip(), gr.skip(), errand("tell", told(error, now.language))
        return gr.skip(), sheet or gr.skip(), then or gr.skip()

    def look(self, now: Screen | None, browser: Browser | None) -> Updates:
        """The page is looked at again: another tab may have gone on with the conversation."""
        now = now or self.resume(browser)
        if now.busy:
            return self.painter.parts(now, now)
        then = self.opened(now, now.session)
        gone_on = then.session == now.session and then.turns[-1:] != now.turns[-1:]
        return self.painter.parts(now, then if gone_on else now)

    def resume(self, browser: Browser | None, language: str = "en") -> Screen:
        """The visitor's screen as their browser remembers it, or that of somebody new."""
        kept = browser if isinstance(browser, dict) else {}
        known = _VISITOR.fullmatch(str(kept.get("visitor")))
        visitor = VisitorId(known[0]) if known else _new_visitor()
        chosen = str(kept.get("language"))
        language = chosen if chosen in NAMES else language
        session = kept.get("session")
        if known and session:
            blank = Screen(visitor=visitor, session=SessionId(str(session)), language=language)
            try:
                return self.opened(blank, SessionId(str(session)))
            except AssistantError as error:
                log.info("session_not_resumed", extra={"error": type(error).__name__})
        return self._begun(visitor, language)

    def opened(self, now: Screen, session: SessionId) -> Screen:
        """The screen of one of the visitor's conversations, from what is stored of it."""
        history = self.assistant.history(session, visitor=now.visitor)
        private = self.assistant.conversations(now.visitor).private(session)
        empty = Screen(visitor=now.visitor, session=session, language=now.language, private=private)
        return screen.resumed(empty, history)

    def _begun(self, visitor: VisitorId, language: str, *, private: bool = False) -> Screen:
        """A fresh conversation. One that cannot be kept yet begins with its first message."""
        try:
            session = self.assistant.new_session(visitor, private=private)
        except StorageFull as error:
            blank = Screen(visitor=visitor, session=SessionId(new_id()), language=language)
            return screen.failed(blank, told(error, language))
        return Screen(visitor=visitor, session=session, language=language, private=private)

    def _stopped(self, now: Screen, browser: Browser | None) -> Updates:
        """A turn that came to nothing gives its message back to the line."""
        kept = self.opened(now, now.session)
        lost = now.busy and kept.turns == now.turns[:-1]
        if not lost:
            return self._whole(kept, browser)
        said = words(now.language).say("page.stopped")
        last = [text for role, text in now.messages if role == "user"][-1]
        then = replace(kept, notice=said)
        return self._whole(then, browser, errand=errand("line", last))

    def _moved(self, data: Browser, now: Screen, browser: Browser | None) -> Browser:
        """What the browser keeps after a slider was moved."""
        value = str(data.get("value"))
        moved = {str(data.get("item")): int(value)} if value.isdecimal() else {}
        return _remember(now, positions({**positions(_kept(browser)), **moved}))

    def _whole(
        self, now: Screen, browser: Browser | None, *, sheet: str = "", errand: str = ""
    ) -> Updates:
        parts, frame = self.painter.parts(None, now), self.painter.frame(now, sheet)
        return (_remember(now, positions(_kept(browser))), *parts, *frame, errand)


def sent(event: gr.EventData) -> Browser:
    """What the page sent along. It comes from a browser: anything may be in it."""
    data = event._data
    return data if isinstance(data, dict) else {}


def mixed(browser: Browser | None) -> Mix:
    """How the person wants their slates, as their browser remembers it."""
    return mix(positions(_kept(browser)))


def _kept(browser: Browser | None) -> object:
    return browser.get("mix") if isinstance(browser, dict) else None


def _remember(now: Screen, moved: Mapping[str, int]) -> Browser:
    known = {"visitor": now.visitor, "session": now.session, "language": now.language}
    return {**known, "mix": dict(moved)} if moved else known


def _new_visitor() -> VisitorId:
    return VisitorId(f"v.{secrets.token_urlsafe(16)}")
