"""Showing candidates to a model: one inert line each, within a budget of tokens.

Item text is data. Line breaks, control and invisible characters are removed, angle brackets are
replaced, and the whole list stands between tags that carry a random word; so nothing in an item
can end its line, close the list, hide an instruction or imitate another item.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from assistant.llm.tokens import encode, truncate_to_tokens
from assistant.reranking.handles import Handles
from retrieval.types import Candidate, Query, Value

FIELD_TOKENS = 24
"""One field's share: enough for a name or a few genres, too little for a speech."""

ROUGH = 400
"""Characters of a field's value that are looked at."""

LEAST = 16
"""Tokens a candidate needs to be worth showing; below it, fewer candidates are shown."""

QUERY_TOKENS = 300
"""The request's share, however long the person's message is."""

WIDE = str.maketrans({"<": "‹", ">": "›"})


def inert(text: str) -> str:
    """Text on one line, without control, format, private or unassigned characters or tags."""
    if text.isprintable():
        return " ".join(text.split()).translate(WIDE)
    spaced = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c
        for c in text
        if unicodedata.category(c) not in {"Cf", "Co", "Cn", "Cs"}
    )
    return " ".join(spaced.split()).translate(WIDE)


def value_text(value: Value) -> str:
    """A field's value as a person writes it; several values are joined by commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e6 else str(value)
    return str(value)


def line(candidate: Candidate, handle: str, tokens: int) -> str:
    """A candidate's line, ``field: value | … | text: … | id: handle``, of about ``tokens`` tokens.

    Fields come first, each capped, because a claim rests on them; where there is text as well they
    leave it a third. The handle comes last: small models that see lines begin with handles copy one
    after the other instead of choosing.
    """
    parts = [
        f"{inert(name)}: {truncate_to_tokens(inert(value_text(value)[:ROUGH]), FIELD_TOKENS)}"
        for name, value in candidate.fields.items()
    ]
    said = " | ".join(part for part in parts if not part.endswith(": "))
    room = tokens * 2 // 3 if candidate.text else tokens
    used = len(encode(said))
    if used > room:
        said, used = truncate_to_tokens(said, room), room
    left = tokens - used - 2  # the label
    if candidate.text and left > 2:
        text = truncate_to_tokens(inert(candidate.text[: left * 12]), left)
        said = f"{said} | text: {text}" if said else f"text: {text}"
    return f"{said} | id: {handle}"


def show(
    candidates: Sequence[Candidate], handles: Handles, budget: int, each: int
) -> tuple[str, ...]:
    """Lines for the leading candidates that fit ``budget`` tokens, at most ``each`` tokens a line.

    Every candidate gets the same share; when shares would fall under :data:`LEAST`, the last
    candidates are left out. May be empty when the budget is.
    """
    overhead = 9  # the handle with its label, the line break
    count = min(len(candidates), max(0, budget) // (LEAST + overhead))
    if count == 0:
        return ()
    share = min(each, budget // count - overhead)
    pairs = zip(candidates[:count], handles.names, strict=False)
    return tuple(line(candidate, handle, share) for candidate, handle in pairs)


def request_text(query: Query) -> str:
    """What the person wants, as shown to the model: earlier messages, the wish, the instruction."""
    parts = [f"earlier: {inert(said)}" for said in query.history[-3:] if said.strip()]
    parts.append(f"request: {inert(query.text) or '(none: judge by general appeal)'}")
    if query.instruction:
        parts.append(f"prefer: {inert(query.instruction)}")
    return truncate_to_tokens("\n".join(parts), QUERY_TOKENS)
