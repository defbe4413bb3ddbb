"""Slates and conversations as Markdown, to be kept or sent on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.types import Card, Reply
from ui.plain import lines, one_line

_SIGNS = re.compile(r"([\\`*_\[\]#<>])")


def _plain(text: str) -> str:
    """Text in which nothing is a sign of Markdown."""
    return _SIGNS.sub(r"\\\1", one_line(text))


def slate_markdown(cards: Sequence[Card]) -> str:
    """A numbered list: title, year, price, facts and the reason; empty for no cards."""
    out = []
    for n, card in enumerate(cards, start=1):
        head = " ".join(p for p in (card.title, f"({card.year})" if card.year else "") if p)
        facts = "; ".join(value for _, value in card.facts if value)
        said = " – ".join(p for p in (card.price, facts, card.reason()) if p)
        out.append(f"{n}. {one_line(head)}" + (f" – {one_line(said)}" if said else ""))
    return "\n".join(out)


def conversation_markdown(title: str, history: Iterable[tuple[str, Reply]]) -> str:
    """A conversation: each message as a quotation, each reply with the slate that it showed."""
    parts = [f"# {_plain(title)}"]
    shown: tuple[Card, ...] = ()
    for message, reply in history:
        if message:
            said = "\n> ".join(_SIGNS.sub(r"\\\1", line) for line in lines(message).splitlines())
            parts.append(f"> {said}")
        if reply.text:
            parts.append(_SIGNS.sub(r"\\\1", lines(reply.text)))
        if reply.cards and reply.cards != shown and message:
            shown = reply.cards
            parts.append(_SIGNS.sub(r"\\\1", slate_markdown(shown)))
    return "\n\n".join(parts) + "\n"
