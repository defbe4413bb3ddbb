"""What a press beside the conversation does: it shows or changes something and plays no turn.

Each takes what the page sent along and gives the sheet that is open afterwards, or an errand for
the browser (a file to save, a card to hide); the screen of the running conversation stays as it is.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from assistant.explanation.wording import wording
from retrieval.types import ItemId
from ui.cards import gone_html
from ui.controls import positions, settings_html
from ui.markdown import conversation_markdown
from ui.parts import exact
from ui.profile import Held, profile_html
from ui.screen import Screen
from ui.sheets import compare_html, keys_html, talks_html, why_html
from ui.words import words

if TYPE_CHECKING:
    from assistant import Assistant

COMPARED = 4
Data = Mapping[str, Any]


def errand(kind: str, text: str = "", **data: str) -> str:
    """Something for the browser to do, as an element that is not shown."""
    sent = "".join(f' data-{k}="{exact(v)}"' for k, v in data.items())
    return f'<div hidden data-errand="{kind}"{sent}>{html.escape(text, quote=False)}</div>'


class Asides:
    """Everything beside the conversation, over one assistant. Holds nothing of any visitor."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self._sheets: dict[str, Callable[[Screen, Data, object], str]] = {
            "talks": self._talks,
            "profile": lambda now, _data, _kept: self._profile(now),
            "sure": lambda now, _data, _kept: self._profile(now, sure=True),
            "settings": lambda now, _data, kept: settings_html(
                positions(kept), words(now.language)
            ),
            "keys": lambda now, _data, _kept: keys_html(words(now.language)),
            "compare": self._compare,
            "why": self._why,
        }

    def sheet(self, name: str, now: Screen, data: Data, kept: object = None) -> str | None:
        """The sheet of that name; None when there is no such sheet, or nothing for it to show.

        ``kept`` is what the browser kept of where the sliders stand.
        """
        if name in self._sheets:
            return self._sheets[name](now, data, kept) or None
        return self._profile(now) if self._changed(name, now, data) else None

    def errand(self, name: str, now: Screen, data: Data) -> str | None:
        """What the browser is to do; None for nothing."""
        person = self.assistant.person(now.visitor)
        item = ItemId(str(data.get("item", "")))
        if name == "download":
            text = json.dumps(person.export(), ensure_ascii=False, indent=2)
            return errand("file", text, name="palate.json", type="application/json")
        if name == "export":
            history = self.assistant.history(str(item), visitor=now.visitor)
            title = next((m for m, _ in history if m), "Palate")
            text = conversation_markdown(title, history)
            return errand("file", text, name="palate.md", type="text/markdown")
        if name == "save" and not now.private:
            person.save(item, saved=item not in person.saved())
        elif name == "hide" and not now.private and person.hide(item):
            card = next(iter(self.assistant.showcase.cards([item])), None)
            place = gone_html(card, words(now.language)) if card else ""
            return (
                f'<div hidden data-errand="hide" data-item="{exact(item)}">'
                f"<template>{place}</template></div>"
            )
        elif name == "unhide" and person.hide(item, hidden=False):
            return errand("unhide", item=item)
        return None

    def _changed(self, name: str, now: Screen, data: Data) -> bool:
        """Change what is held of the person; False when there is no such change."""
        person, key = self.assistant.person(now.visitor), str(data.get("item", ""))
        changes: dict[str, Callable[[], object]] = {
            "pin": lambda: person.pin(key),
            "unpin": lambda: person.pin(key, pinned=False),
            "weaken": lambda: person.weaken(key),
            "forget": lambda: person.forget(key),
            "pause": lambda: person.pause(),
            "resume": lambda: person.pause(paused=False),
            "unsave": lambda: person.save(key, saved=False),
            "remove": lambda: person.remove(key),
        }
        if name in changes:
            changes[name]()
        return name in changes

    def _talks(self, now: Screen, _data: Data, _kept: object) -> str:
        talks = self.assistant.conversations(now.visitor).all()
        return talks_html(talks, now.session, words(now.language))

    def _profile(self, now: Screen, *, sure: bool = False) -> str:
        person = self.assistant.person(now.visitor, language=now.language)
        history = person.history()
        ids = dict.fromkeys(e.item for e in history)
        cards = self.assistant.showcase.cards(ids, wording(now.language))
        held = Held(
            beliefs=person.beliefs(),
            paused=person.paused,
            saved=person.saved(),
            history=history,
            cards={c.id: c for c in cards},
            private=now.private,
            sure=sure,
        )
        return profile_html(held, words(now.language))

    def _compare(self, now: Screen, data: Data, _kept: object) -> str:
        sent = data.get("items")
        ids = [ItemId(str(i)) for i in sent][:COMPARED] if isinstance(sent, list) else []
        comparison = self.assistant.showcase.compare(ids, wording(now.language))
        return compare_html(comparison, words(now.language)) if len(comparison.cards) > 1 else ""

    def _why(self, now: Screen, data: Data, _kept: object) -> str:
        card = next((c for c in now.cards if c.id == data.get("item")), None)
        if card is None:
            return ""
        said = wording(now.language)
        schema = self.assistant.parts.schema
        about = [i for c in card.reasons for i in c.items]
        return why_html(
            card,
            labels={f.name: said.label(f) for f in schema.fields},
            titles={c.id: c.title for c in self.assistant.showcase.cards(about)},
            parts=now.scores.get(card.id),
            words=words(now.language),
        )
