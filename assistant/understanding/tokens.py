"""A message as tokens with their places.

Words are folded and put into the form in which they are compared; shorthand ("dont", "w/o") is
written out, several tokens then share one place. Works in time linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from retrieval.filters import fold

MAX_TOKENS = 600
"""Tokens beyond this are left unread: a wish is never that long, and time stays bounded."""

MAX_CHARACTERS = 6000

_PATTERN = re.compile(
    r"w/o(?:ut)?\b|w/(?=\s|\w)"  # with, without
    r"|\d+(?:[.,]\d+)*"
    r"|[^\W\d_]+(?:['’`][^\W\d_]+)*(?:(?<=s)['’](?=\s))?"  # the critics' score
    r"|[^\w\s]|_",
    re.IGNORECASE,
)
QUOTES = '"“”„«»‘’'
QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]{1,80})[\"“”„«»]|(?<!\w)['‘]([^'‘’]{2,60})['’](?!\w)")
SAID_TO_BE = frozenset({"is", "not", "no", "rated", "rating", "but", "except", "with"})
"""Words behind which a letter is a name, not shorthand: "rated r"."""

_SENTENCE_ENDS = frozenset(".?!;\n…。？！")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One word, number or mark. ``start`` and ``end`` are places in the message, end exclusive.

    ``norm`` is the compared form. ``glued`` is true when no white space stands before it ("16gb"),
    ``capital`` when the word was written with a capital, ``opens`` when it begins a sentence,
    ``quoted`` when it stands in quotes. ``value`` is the number a numeral stands for.
    """

    text: str
    norm: str
    start: int
    end: int
    kind: Literal["word", "number", "mark"]
    glued: bool = False
    capital: bool = False
    opens: bool = False
    quoted: bool = False
    value: float | None = None


def numeral(text: str) -> float:
    """The number that digits with commas and dots stand for: ``1,500`` 1500, ``1.3`` and ``1,3``
    1.3.
    """
    parts = re.split(r"[.,]", text)
    if len(parts) > 1 and all(len(p) == 3 for p in parts[1:]) and parts[0] != "0":
        return float("".join(parts)[:300])
    whole, rest = parts[0], "".join(parts[1:])
    return float(f"{whole[:300]}.{rest[:300] or '0'}")


def normal(word: str) -> str:
    """The compared form of a word: folded, typographic apostrophes plain, a possessive s
    dropped.
    """
    return _bare(_plain(word))


def _bare(plain: str) -> str:
    return plain[:-2] if plain.endswith("'s") and len(plain) > 2 else plain.rstrip("'")


def _plain(word: str) -> str:
    if word.isascii():
        return word.lower().replace("`", "'")
    return fold(word).replace("’", "'")


def tokenise(message: str, spelling: Mapping[str, tuple[str, ...]] | None = None) -> list[Token]:
    """The tokens of a message in order; empty for a text without words, digits or marks."""
    text = message[:MAX_CHARACTERS]
    quotes = [m.span() for m in QUOTED.finditer(text)]
    tokens: list[Token] = []
    opens, previous_end, next_quote = True, -1, 0
    for match in _PATTERN.finditer(text):
        raw, (start, end) = match.group(), match.span()
        if "\n" in text[max(previous_end, 0) : start]:
            opens = True
        while next_quote < len(quotes) and quotes[next_quote][1] <= start:
            next_quote += 1
        quoted = next_quote < len(quotes) and quotes[next_quote][0] < start < quotes[next_quote][1]
        glued = start == previous_end
        previous_end = end
        if raw[0].isdigit():
            tokens.append(
                Token(
                    text=raw, norm=fold(raw), start=start, end=end, kind="number", glued=glued,
                    opens=opens, quoted=quoted, value=numeral(raw) if raw.isascii() else None,
                )
            )  # fmt: skip
            opens = False
        elif raw[0].isalpha():
            letter = (
                len(raw) == 1
                and (
                    (raw.isupper() and text[end : end + 1] == ".")  # an initial
                    or (bool(tokens) and tokens[-1].norm in SAID_TO_BE)
                    or text[end + 1 : end + 6].casefold() == "rated"
                )
            )
            written = spelling.get(_plain(raw)) if spelling and not (quoted or letter) else None
            for norm in written or (normal(raw),):
                tokens.append(
                    Token(
                        text=raw, norm=norm, start=start, end=end, kind="word", glued=glued,
                        capital=raw[0].isupper(), opens=opens, quoted=quoted,
                    )
                )  # fmt: skip
                opens = False
        else:
            tokens.append(
                Token(
                    text=raw, norm=raw, start=start, end=end, kind="mark", glued=glued,
                    opens=opens, quoted=quoted,
                )
            )  # fmt: skip
            opens = opens or raw in _SENTENCE_ENDS
        if len(tokens) >= MAX_TOKENS:
            break
    return tokens


def words(text: str, spelling: Mapping[str, tuple[str, ...]] | None = None) -> list[str]:
    """The compared words and numerals of a text: how titles, names and values are indexed.

    The same forms as :func:`tokenise` gives, without their places.
    """
    plain = text.isascii()  # then it can be made plain at once, and a catalogue has many names
    known = (spelling or {}) if len(text.strip()) > 1 else {}  # a letter is a name, not shorthand
    found: list[str] = []
    for raw in _PATTERN.findall(_plain(text) if plain else text):
        if raw[0].isalpha():
            word = raw if plain else _plain(raw)
            found.extend(known.get(word) or (_bare(word),))
        elif raw[0].isdigit():
            found.append(raw if plain else fold(raw))
    return found
