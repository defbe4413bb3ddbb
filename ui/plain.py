"""Text from a catalogue made fit to be shown: nothing in it may steer the terminal or the page."""

from __future__ import annotations

import html
import unicodedata

# Controls, format characters that turn text around, surrogates, line and paragraph separators.
# Joiners stay: emoji and several scripts are written with them.
_BARRED = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff")


def one_line(text: str) -> str:
    """The text on one line: white space joined, control and direction characters removed."""
    kept = "".join(
        " " if c.isspace() else c
        for c in text
        if c.isspace() or (c not in _TURNS and unicodedata.category(c) not in _BARRED)
    )
    return " ".join(kept.split())


def lines(text: str) -> str:
    """Like :func:`one_line` for each line; line breaks stay."""
    return "\n".join(one_line(line) for line in text.splitlines())


def markup(text: str) -> str:
    """One line of text, safe inside an HTML element and inside a quoted attribute."""
    return html.escape(one_line(text), quote=True)


def shorten(text: str, most: int) -> str:
    """The text cut at a word's end to at most ``most`` characters, with an ellipsis when cut."""
    if len(text) <= most:
        return text
    head = text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:.")
    return (head or text[: most - 1]) + "…"


def sentence(text: str) -> str:
    """The text with its first letter in upper case; the rest as it is."""
    return text[:1].upper() + text[1:]
