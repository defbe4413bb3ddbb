"""From what a visitor's page should show to the components' new values."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.explanation.wording import wording
from assistant.person import HIDE
from assistant.types import Card
from retrieval.types import ItemId
from ui import slate
from ui.cards import Marks
from ui.onboarding import welcome_html
from ui.parts import button
from ui.plain import lines, markup
from ui.screen import Screen
from ui.words import REFERENCE, Words, words

if TYPE_CHECKING:
    from assistant import Assistant

Update = Any
Updates = tuple[Update, ...]


class Painter:
    """Draws screens of any visitor; holds nothing of any of them."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    def parts(self, before: Screen | None, now: Screen) -> Updates:
        """Updates for the state and the four parts of a turn (transcript, slate, status,
        suggestions); what did not change is skipped."""

        def changed(*names: str) -> bool:
            return before is None or any(getattr(before, n) != getattr(now, n) for n in names)

        said = words(now.language)
        return (
            now,
            bubbles(now) if changed("messages") else gr.skip(),
            self.slate(now) if changed("cards", "busy", "wants") else gr.skip(),
            self._status(now) if changed("status", "notice") else gr.skip(),
            slate.chips_html(now.chips, said) if changed("chips") else gr.skip(),
        )

    def frame(self, now: Screen, sheet: str = "") -> Updates:
        """Updates for what stands around the conversation: masthead, tools, sheet, and the line to
        write in, which takes messages from now on."""
        said = words(now.language)
        return (
            self.masthead(said),
            tools_html(said, private=now.private),
            sheet,
            gr.update(interactive=True, placeholder=said.say("page.placeholder")),
        )

    def slate(self, now: Screen) -> str:
        """The panel beside the conversation."""
        said = words(now.language)
        if now.cards:
            shown = now.cards
            marks: Mapping[ItemId, Marks] = {}
            if not now.busy:  # a busy panel takes no press, and need not be looked up twice
                shown, marks = self._marked(now)
            return slate.slate_html(
                shown or now.cards,
                noun=self._noun(said, 1),
                nouns=self._noun(said, 2),
                wants=now.wants,
                marks=marks,
                busy=now.busy,
                turn=now.slates,
                words=said,
            )
        if now.busy:
            return slate.waiting_html()
        # Where nothing fits, what counts is what a person wants to take back.
        counts = slate.wants_html(now.wants, said)
        first = not now.messages
        return counts + self.welcome(said, first=first, newcomer=self._newcomer(now))

    def welcome(
        self, said: Words, *, first: bool, newcomer: bool = False, ready: bool = True
    ) -> str:
        """The panel while there is no slate."""
        return welcome_html(
            self.assistant.examples(),
            nouns=self._noun(said, 2),
            starters=self.assistant.showcase.starters() if newcomer and first and ready else (),
            first=first,
            ready=ready,
            words=said,
        )

    def masthead(self, said: Words = REFERENCE) -> str:
        """The name, and how much there is to choose from."""
        count = ""
        if held := self._held():
            number = wording(said.language).number(held)
            count = f"{number} {self._noun(said, held)}"
        return f'<h1><span class="mark" aria-hidden="true"></span>Palate</h1><p>{markup(count)}</p>'

    def _held(self) -> int:
        return len(self.assistant.parts.retriever.items)

    def _noun(self, said: Words, n: int) -> str:
        """What one item is called, or several, in the page's language."""
        return wording(said.language).noun(self.assistant.parts.schema, n)

    def _marked(self, now: Screen) -> tuple[tuple[Card, ...], Mapping[ItemId, Marks]]:
        """The cards that were not hidden since, and what the person's page adds to each."""
        person = self.assistant.person(now.visitor)
        saved = frozenset(person.saved())
        hidden = {e.item for e in person.history() if e.kind == HIDE}
        said = wording(now.language)
        shown = tuple(c for c in now.cards if c.id not in hidden)
        marks = {
            c.id: Marks(
                saved=c.id in saved,
                against=[(k.key, k.text) for k in self.assistant.showcase.critiques(c.id, said)],
                kept=not now.private,
            )
            for c in shown
        }
        return shown, marks

    def _newcomer(self, now: Screen) -> bool:
        if now.messages or now.private:
            return False
        person = self.assistant.person(now.visitor)
        return not person.history() and not person.beliefs()

    def _status(self, now: Screen) -> str:
        said = words(now.language)
        if now.status is None:
            return slate.notice_html(now.notice) or slate.status_html("", words=said)
        count = wording(now.language).number(self._held())
        text = said.say(f"stage.{now.status.stage}", n=count, nouns=self._noun(said, 2))
        return slate.status_html(text, done=now.status.done, total=now.status.total, words=said)


def tools_html(said: Words, *, private: bool = False) -> str:
    """The buttons at the top of the page."""
    pill = ""
    if private:
        text = said.say("page.private")
        head, _, _ = text.partition(":")
        pill = f'<span class="pill" role="note" title="{markup(text)}">{markup(head)}</span>'
    return (
        f'<nav data-language="{said.language}" aria-label="Palate">{pill}'
        + button("leave", "fresh", said.say("page.new"), kind="tool", sign="new")
        + button("ask", "talks", said.say("page.conversations"), kind="tool", sign="talks")
        + button("ask", "profile", said.say("page.profile"), kind="tool", sign="person")
        + button("ask", "settings", said.say("page.settings"), kind="tool", sign="settings")
        + "</nav>"
    )


def bubbles(now: Screen) -> list[dict[str, str]]:
    """Messages for the transcript. It treats what it is given as HTML, even without Markdown."""
    return [
        {"role": role, "content": html.escape(lines(text), quote=False)}
        for role, text in now.messages
    ]
