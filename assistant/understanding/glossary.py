"""What the words of a language mean, as data: phrases, patterns, endings and function words.

The engine knows the cues, adjectives and synonyms of one language, the reference
(``lang/en.toml``). Every other language is a file that says what its words mean *in the words of
the reference*: ``"cheaper" = ["más barato"]``. So there is one set of rules, written once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from retrieval.filters import fold

LANGUAGES = ("en", "es", "de", "fr", "zh")
"""The languages that Palate reads and answers in; the first is the reference."""

SLOTS = ("{n}", "{d}", "{y}", "{a}", "{x}")
"""Places of a pattern: a number with its unit, digits, a year, an adjective of the reference, and
anything that is said in a phrase or some."""

_PIECE = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[^\w\s]|_")
_SLOT = re.compile(r"(\{[dnaxy]\})")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, number, mark, or one character of a script without spaces, and where it stands."""

    form: str
    start: int
    end: int

    @property
    def han(self) -> bool:
        """Whether the piece is one Chinese character."""
        return bool(_HAN.match(self.form))

    @property
    def mark(self) -> bool:
        """Whether the piece is neither a word nor a number."""
        return not (self.form[0].isalnum() or self.form in SLOTS)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A phrase with places for what may vary, and what it means."""

    parts: Words
    meaning: str
    literals: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Glossary:
    """One language. ``phrases`` are matched as written, ``stems`` without their endings."""

    language: str
    function: frozenset[str]
    phrases: Mapping[Words, str]
    stems: Mapping[Words, str]
    patterns: Mapping[str, tuple[Pattern, ...]]
    longest: Mapping[str, int]
    endings: tuple[str, ...]
    linking: tuple[str, ...]
    digraphs: tuple[tuple[str, str], ...]
    digits: Mapping[str, int]
    powers: Mapping[str, int]
    known: frozenset[str]

    def stem(self, word: str) -> str:
        """A word without its ending, where at least three letters are left."""
        for ending in self.endings:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                return word[: -len(ending)]
        return word

    def meaning(self, parts: Words) -> str | None:
        """What a phrase means in the reference language: as written, else by its stems."""
        found = self.phrases.get(parts)
        if found is None and not (len(parts) == 1 and parts[0] in self.function):
            bare = tuple(self.stem(p) for p in parts)
            found = self.phrases.get(bare)
            return self.stems.get(bare) if found is None else found
        return found

    def reach(self, word: str) -> int:
        """How many words the longest phrase has that begins with this one in any of its forms."""
        return max(self.longest.get(word, 0), self.longest.get(self.stem(word), 0))

    def as_written(self, piece: Piece) -> Piece:
        """A word with letters written as two, as the file has it: "Komoedie" is "Komödie"."""
        form = piece.form
        for two, one in self.digraphs:
            form = form.replace(two, one)
        if form == piece.form or self.speaks(piece.form) or not self.speaks(form):
            return piece
        return Piece(form, piece.start, piece.end)

    def speaks(self, word: str) -> bool:
        """Whether the language has the word, in any of its forms."""
        return word in self.known or (self.stem(word),) in self.stems

    def number(self, forms: Iterable[str]) -> int | None:
        """The number that characters for digits and powers of ten make; None for other ones."""
        total, section, digit = 0, 0, 0
        seen = False
        for c in forms:
            if c in self.digits:
                digit, seen = (
                    digit * 10 + self.digits[c] if seen and digit else self.digits[c],
                    True,
                )
            elif c in self.powers:
                power = self.powers[c]
                if power >= 10_000:
                    total, section, digit = total + (section + digit or 1) * power, 0, 0
                else:
                    section, digit = section + (digit or 1) * power, 0
                seen = True
            else:
                return None
        return total + section + digit if seen else None


def pieces(text: str) -> list[Piece]:
    """The pieces of a text in order, folded; Chinese characters stand one by one."""
    found: list[Piece] = []
    for m in _PIECE.finditer(text):
        raw = m.group()
        if _HAN.search(raw):
            at = m.start()
            for part in re.findall(rf"{_HAN.pattern}|[^\u3400-\u9fff\uf900-\ufaff]+", raw):
                found.append(Piece(fold(part) or part, at, at + len(part)))
                at += len(part)
        else:
            found.append(Piece(fold(raw) or raw, m.start(), m.end()))
    return found


def _parts(text: str) -> Words:
    """A phrase of a language file as it is matched, places as they are."""
    return tuple(
        form
        for part in _SLOT.split(text)
        for form in ([part] if part in SLOTS else [p.form for p in pieces(part)])
    )


@cache
def glossary(language: str) -> Glossary:
    """The glossary of a language other than the reference. Raises FileNotFoundError for others."""
    raw = files("assistant.understanding").joinpath(f"lang/{language}.toml").read_bytes()
    return _build(tomllib.loads(raw.decode("utf-8")))


def _build(data: Mapping[str, Any]) -> Glossary:
    endings = tuple(sorted((fold(e) for e in data.get("endings", ())), key=len, reverse=True))
    phrases: dict[Words, str] = {}
    patterns: dict[str, list[Pattern]] = {}
    for section in data["means"].values():
        for meaning, said in section.items():
            for text in said:
                parts = _parts(text)
                if any(s in parts for s in SLOTS):
                    patterns.setdefault(parts[0], []).append(
                        Pattern(parts, meaning, frozenset(parts) - set(SLOTS))
                    )
                else:
                    phrases.setdefault(parts, meaning)
    function = frozenset(fold(w) for w in data["function"].split())
    bare = Glossary(
        language=data["language"], function=function, phrases=phrases, stems={}, patterns={},
        longest={}, endings=endings, linking=(), digraphs=(), digits={}, powers={},
        known=frozenset(),
    )  # fmt: skip
    stems: dict[Words, str] = {}
    for parts, meaning in phrases.items():
        stems.setdefault(tuple(bare.stem(p) for p in parts), meaning)
    longest: dict[str, int] = {}
    for table in (phrases, stems):
        for parts in table:
            longest[parts[0]] = max(longest.get(parts[0], 0), len(parts))
    return Glossary(
        language=data["language"],
        function=function,
        phrases=phrases,
        stems=stems,
        patterns={k: tuple(v) for k, v in patterns.items()},
        longest=longest,
        endings=endings,
        linking=tuple(data.get("linking", ())),
        digraphs=tuple((two, one) for two, one in data.get("digraphs", ())),
        digits=data.get("digits", {}),
        powers=data.get("powers", {}),
        known=function
        | {w for p in phrases for w in p}
        | {w for several in patterns.values() for p in several for w in p.literals},
    )
