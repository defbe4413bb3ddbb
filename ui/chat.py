"""The chat page in Gradio: a transcript, a panel of cards, a line to write in.

Handlers are thin: they drive the assistant's events through :mod:`ui.screen` and hand Gradio
whatever part of the page changed. Everything a visitor has lives in that visitor's ``gr.State``;
the visitor's durable random id and current session live in the browser's own storage.
"""

from __future__ import annotations

import html
import logging
import re
import secrets
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.types import SessionId, TurnEvent, VisitorId
from retrieval.errors import RetrievalError
from retrieval.types import ItemId
from ui import cards, screen
from ui.plain import lines, markup
from ui.screen import Screen
from ui.theme import press_js

if TYPE_CHECKING:
    from assistant import Assistant

log = logging.getLogger(__name__)

# Gradio encrypts what it keeps in the browser with a key that it also sends to the browser: the
# key protects nothing, but it must stay the same for a visitor to be known after a restart.
_BROWSER_KEY = "palate"
_BROWSER_SECRET = "palate-visitor-1"  # noqa: S105  (it protects nothing, see above)
# A browser may claim any id. Only ids of the form we gave out count: 128 random bits, and a prefix
# that keeps visitors apart from the users of an event log.
_VISITOR = re.compile(r"v\.[A-Za-z0-9_-]{22}")
_MESSAGE_LENGTH = 2000
_TURNS_AT_ONCE = 16
_FOCUS = "() => document.querySelector('#message textarea')?.focus()"
# The line empties in the browser, at the moment of sending: emptied by an answer, it would take
# with it what the person has typed since. A message that could not be sent comes back.
_SEND = """(said, ...rest) => {
  const line = document.querySelector('#message textarea');
  line.dataset.sent = said;
  line.value = '';
  line.dispatchEvent(new Event('input', { bubbles: true }));
  return [said, ...rest];
}"""
_UNSENT = """(...known) => {
  const line = document.querySelector('#message textarea');
  if (!line.value) {
    line.value = line.dataset.sent;
    line.dispatchEvent(new Event('input', { bubbles: true }));
  }
  return known;
}"""

Update = Any
Updates = tuple[Update, ...]


class Page:
    """The page's components and handlers over one assistant. Holds nothing of any visitor."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    def build(self) -> gr.Blocks:
        """The page. Mount it with the theme and style sheet of :mod:`ui.theme`."""
        blocks = gr.Blocks(title="Palate", analytics_enabled=False, fill_width=True)
        with blocks:
            screen_state: gr.State = gr.State(None)
            browser = gr.BrowserState({}, storage_key=_BROWSER_KEY, secret=_BROWSER_SECRET)
            with gr.Row(elem_id="top"):
                gr.HTML(self._masthead(), apply_default_css=False, elem_id="masthead")
                fresh = gr.Button("New conversation", size="sm", elem_id="fresh")
            with gr.Row(elem_id="stage"):
                with gr.Column(elem_id="talk"):
                    transcript = gr.Chatbot(
                        elem_id="transcript",
                        label="Conversation",
                        show_label=False,
                        container=False,
                        height="100%",
                        layout="bubble",
                        render_markdown=False,
                        latex_delimiters=[],
                        allow_tags=False,
                        feedback_options=None,
                        buttons=[],
                        placeholder="",
                    )
                    status = self._panel(cards.status_html(""), "status")
                    chips = self._panel("", "chips")
                    message = gr.Textbox(
                        elem_id="message",
                        label="Message",
                        show_label=False,
                        container=False,
                        placeholder="Say what you are after…",
                        lines=1,
                        max_lines=5,
                        max_length=_MESSAGE_LENGTH,
                        submit_btn=True,
                        # Until the server knows who is here: what was said before would belong to
                        # a session that the page then forgets.
                        interactive=False,
                    )
                slate = self._panel(self._welcome(first=True, ready=False), "slate")

            painted = [screen_state, transcript, slate, status, chips]
            known = [screen_state, browser]
            turn: dict[str, Any] = {
                "concurrency_limit": _TURNS_AT_ONCE,
                "show_progress": "hidden",
                "api_visibility": "private",
            }
            # A message sent while another is answered waits in the line until its turn comes. A
            # press never meets a running one (a busy panel takes none), and none is dropped.
            sent = message.submit(
                self.say,
                [message, *known],
                painted,
                js=_SEND,
                trigger_mode="always_last",
                **turn,
            )
            pressed = [
                panel.click(handler, known, painted, trigger_mode="multiple", **turn)
                for panel, handler in ((chips, self.suggest), (slate, self.press))
            ]
            running: list[Any] = [sent, *pressed]
            for event in running:
                event.failure(
                    self.give_up,
                    known,
                    painted,
                    js=_UNSENT if event is sent else None,
                    show_progress="hidden",
                    api_visibility="private",
                )
            fresh.click(
                self.start_afresh,
                known,
                [browser, *painted],
                cancels=running,
                show_progress="hidden",
                api_visibility="private",
            )
            blocks.load(
                self.arrive,
                [browser],
                [browser, *painted, message],
                show_progress="hidden",
                api_visibility="private",
            ).then(None, js=_FOCUS)
        blocks.queue(default_concurrency_limit=_TURNS_AT_ONCE)
        return blocks

    # What happens

    def arrive(self, browser: dict[str, str] | None) -> Updates:
        """A page is opened: take up the visitor's last session, or make a visitor and a session."""
        now = self._resume(browser)
        return (_remember(now), *self._paint(None, now), gr.update(interactive=True))

    def start_afresh(self, now: Screen | None, browser: dict[str, str] | None) -> Updates:
        """A new session for the same visitor; what was learnt about their taste stays theirs."""
        visitor = (now or self._resume(browser)).visitor
        fresh = Screen(visitor=visitor, session=self.assistant.new_session(visitor=visitor))
        return (_remember(fresh), *self._paint(None, fresh))

    async def say(
        self, message: str, now: Screen | None, browser: dict[str, str] | None
    ) -> AsyncIterator[Updates]:
        """The person sent a message."""
        now = now or self._resume(browser)
        said = lines(message).strip()[:_MESSAGE_LENGTH]
        if not said:
            yield self._paint(now, now)
            return
        events = self.assistant.turn(now.session, said, visitor=now.visitor)
        async for updates in self._play(now, screen.asked(now, said), events):
            yield updates

    async def suggest(
        self, event: gr.EventData, now: Screen | None, browser: dict[str, str] | None
    ) -> AsyncIterator[Updates]:
        """The person pressed a suggestion, which is sent as their message."""
        async for updates in self.say(str(_data(event).get("say", "")), now, browser):
            yield updates

    async def press(
        self, event: gr.EventData, now: Screen | None, browser: dict[str, str] | None
    ) -> AsyncIterator[Updates]:
        """The person pressed a button of a card, or an example before the first message."""
        data = _data(event)
        if "say" in data:
            async for updates in self.say(str(data["say"]), now, browser):
                yield updates
            return
        now = now or self._resume(browser)
        item, kind = ItemId(str(data.get("item", ""))), cards.pressed(data.get("act"))
        card = next((c for c in now.cards if c.id == item), None)
        if card is None or kind is None:
            yield self._paint(None, screen.failed(now, "That card is no longer on the page."))
            return
        heard = screen.asked(now, cards.spoken(card, kind))
        events = self.assistant.react(now.session, item, kind, visitor=now.visitor)
        async for updates in self._play(now, heard, events):
            yield updates

    def give_up(self, now: Screen | None, browser: dict[str, str] | None) -> Updates:
        """A handler failed in a way nobody foresaw: the page becomes usable again and says so."""
        now = now or self._resume(browser)
        return self._paint(None, screen.failed(now, "Something went wrong here. Please try again."))

    # How it is done

    async def _play(
        self, before: Screen, heard: Screen, events: AsyncIterator[TurnEvent]
    ) -> AsyncIterator[Updates]:
        yield self._paint(before, heard)
        now = heard
        try:
            async for event in events:
                then = screen.fold(now, event)
                if then != now:
                    yield self._paint(now, then)
                now = then
        except (AssistantError, RetrievalError) as error:
            log.warning("turn_failed", extra={"error": type(error).__name__})
            then = screen.failed(now, str(error))
            yield self._paint(now, then)

    def _resume(self, browser: dict[str, str] | None) -> Screen:
        kept = browser if isinstance(browser, dict) else {}
        known = _VISITOR.fullmatch(str(kept.get("visitor")))
        visitor = VisitorId(known[0] if known else f"v.{secrets.token_urlsafe(16)}")
        session = kept.get("session")
        if known and session:
            try:
                history = self.assistant.history(SessionId(str(session)), visitor=visitor)
            except AssistantError as error:
                log.info("session_not_resumed", extra={"error": type(error).__name__})
            else:
                empty = Screen(visitor=visitor, session=SessionId(str(session)))
                return screen.resumed(empty, history)
        return Screen(visitor=visitor, session=self.assistant.new_session(visitor=visitor))

    def _paint(self, before: Screen | None, now: Screen) -> Updates:
        """Updates for the state and the page's four parts; what did not change is skipped."""

        def changed(*names: str) -> bool:
            return before is None or any(getattr(before, n) != getattr(now, n) for n in names)

        return (
            now,
            _bubbles(now) if changed("messages") else gr.skip(),
            self._slate(now) if changed("cards", "busy") else gr.skip(),
            _status(now) if changed("status", "notice") else gr.skip(),
            cards.chips_html(now.chips) if changed("chips") else gr.skip(),
        )

    def _slate(self, now: Screen) -> str:
        if now.cards:
            return cards.slate_html(
                now.cards,
                noun=self.assistant.noun,
                nouns=self.assistant.nouns,
                busy=now.busy,
                turn=now.slates,
            )
        return cards.waiting_html() if now.busy else self._welcome(first=not now.messages)

    def _welcome(self, *, first: bool, ready: bool = True) -> str:
        examples, nouns = self.assistant.examples(), self.assistant.nouns
        return cards.welcome_html(examples, nouns=nouns, first=first, ready=ready)

    def _masthead(self) -> str:
        held = self.assistant.describe().get("items")
        count = ""
        if isinstance(held, int):
            count = cards.counted(held, self.assistant.noun, self.assistant.nouns)
        return f'<h1><span class="mark" aria-hidden="true"></span>Palate</h1><p>{markup(count)}</p>'

    @staticmethod
    def _panel(value: str, name: str) -> gr.HTML:
        return gr.HTML(
            value,
            elem_id=name,
            apply_default_css=False,
            js_on_load=press_js(),
        )


def _status(now: Screen) -> str:
    if now.status is not None:
        return cards.status_html(now.status.text, done=now.status.done, total=now.status.total)
    return cards.notice_html(now.notice) or cards.status_html("")


def _bubbles(now: Screen) -> list[dict[str, str]]:
    """Messages for the transcript. It treats what it is given as HTML, even without Markdown."""
    return [
        {"role": role, "content": html.escape(lines(text), quote=False)}
        for role, text in now.messages
    ]


def _remember(now: Screen) -> dict[str, str]:
    return {"visitor": now.visitor, "session": now.session}


def _data(event: gr.EventData) -> dict[str, object]:
    """What the page sent along. It comes from a browser: anything may be in it."""
    data = event._data
    return data if isinstance(data, dict) else {}
