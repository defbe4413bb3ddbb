"""Showing candidates to a model: one inert line each, within a budget of tokens.

Item text is data. Sentences that are written for machines are left out (:mod:`retrieval.orders`),
line breaks, control and invisible characters are removed, angle brackets are replaced, and the
whole list stands between tags that carry a random word; so nothing in an item can end its line,
close the list, hide an instruction or imitate another item.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from assistant.llm.tokens import truncate_to_tokens, truncated
from retrieval.orders import DROPPED, UNSEEN, cleared, is_order
from retrieval.types import Candidate, Query, Value

FIELD_TOKENS = 24
"""One field's share: enough for a name or a few genres, too little for a speech."""

ROUGH = 400
"""Characters of a field's value that are looked at."""

LEAST = 16
"""Tokens a candidate needs to be worth showing; below it, fewer candidates are shown."""

LABEL = 4
"""Tokens of the label before the text."""

OVERHEAD = 9
"""Tokens a line needs at the most beside what is said: the handle with its label, the line break.
It is seven as a rule."""

QUERY_TOKENS = 300
"""The request's share, however long the person's message is."""


def inert(text: str) -> str:
    """Text on one line, without control, invisible, private or unassigned characters or tags."""
    if not text.isascii():
        text = UNSEEN.sub("", text)
    if text.isprintable():  # then a plain space is the only white space in it
        single = "  " not in text and text[:1] != " " and text[-1:] != " "
        return _wide(text if single else " ".join(text.split()))
    spaced = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c
        for c in text
        if unicodedata.category(c) not in DROPPED
    )
    return _wide(" ".join(spaced.split()))


def joins(text: str) -> bool:
    """Whether characters that stand apart in the text stand together when it is shown."""
    if text.isascii():
        return False
    if UNSEEN.search(text):
        return True
    return not text.isprintable() and any(unicodedata.category(c) in DROPPED for c in text)


def _wide(text: str) -> str:
    return text.replace("<", "‹").replace(">", "›")


def value_text(value: Value) -> str:
    """A field's value as a person writes it; several values are joined by commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e6 else str(value)
    return str(value)


def body(candidate: Candidate, tokens: int) -> tuple[str, int]:
    """A candidate in one line, ``field: value | … | text: …``, of about ``tokens`` tokens, and how
    many they are.

    Fields come first, each capped, because a claim rests on them; where there is text as well they
    leave it a third.
    """
    parts = [
        f"{inert(name)}: {fitted(said, FIELD_TOKENS)[0]}"
        for name, value in candidate.fields.items()
        if (said := inert(value_text(value)[:ROUGH])) and not (_order(name) or _order(said))
    ]
    room = tokens * 2 // 3 if candidate.text else tokens
    said, used = fitted(" | ".join(parts), room)
    left = tokens - used - 2
    if candidate.text and left > 2:
        text, more = fitted(inert(_cleared(candidate.text[: left * 12])), left)
        said, used = (f"{said} | text: {text}" if said else f"text: {text}"), used + LABEL + more
    return said, used


@lru_cache(maxsize=4096)
def _cleared(text: str) -> str:
    return cleared(text)


@lru_cache(maxsize=4096)
def _order(text: str) -> bool:
    return is_order(text)


@lru_cache(maxsize=4096)
def fitted(text: str, tokens: int) -> tuple[str, int]:
    """The text cut to so many tokens, and how many it has. Remembered, because the same items are
    shown again and again, and counting is what takes time. For items only: what people write is not
    kept."""
    return truncated(text, tokens)


def line(said: str, handle: str) -> str:
    """A candidate's line in a list. The handle comes last: small models that see lines begin with
    handles copy one after the other instead of choosing."""
    return f"{said} | id: {handle}"


def request_text(query: Query) -> str:
    """What the person wants, as shown to the model: earlier messages, the wish, the instruction."""
    parts = [f"earlier: {inert(said)}" for said in query.history[-3:] if said.strip()]
    parts.append(f"request: {inert(query.text) or '(none: judge by general appeal)'}")
    if query.instruction:
        parts.append(f"prefer: {inert(query.instruction)}")
    return truncate_to_tokens("\n".join(parts), QUERY_TOKENS)
