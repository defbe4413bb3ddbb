"""Whether somebody's words give away what they are looking for."""

from __future__ import annotations

import re

from retrieval.filters import fold

_WORD = re.compile(r"\w+")
_BRACKET = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_PARTS = re.compile(r":| - | – |/")
_ARTICLES = ("the", "a", "an")
LETTERS = 4
"""Letters from which a part of a title that is no first part is looked for."""

JOINED = 8
"""Letters from which a title is found however its words are parted ("golden eye")."""


def names(text: str, title: str) -> bool:
    """Whether the text names the title: the whole of it, its main part or a subtitle.

    Compared are words, folded, without bracketed years and a first or last article ("Matrix, The").
    Rather too strict than too lax: somebody after a film called "It" can hardly speak without
    naming it. An empty title is never named.
    """
    words = _WORD.findall(fold(text))
    said, whole = f" {' '.join(words)} ", "".join(words)
    for part in _spoken(title):
        joined = "".join(part)
        if f" {' '.join(part)} " in said or (len(joined) >= JOINED and joined in whole):
            return True
    return False


def _spoken(title: str) -> list[list[str]]:
    """The word sequences that name the title: its first part always, others where they tell."""
    plain = _BRACKET.sub("", fold(title))
    found = []
    for place, part in enumerate([*_PARTS.split(plain), plain]):
        words = _WORD.findall(part)
        while len(words) > 1 and words[0] in _ARTICLES:
            words = words[1:]
        if len(words) > 1 and words[-1] in _ARTICLES and "," in part:
            words = words[:-1]
        if words and (place == 0 or len("".join(words)) >= LETTERS):
            found.append(words)
    return found
