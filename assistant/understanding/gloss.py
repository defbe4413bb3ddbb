"""A message of another language in the words of the reference language, before it is read.

Left to right, at each place the longest that is known: a phrase of the language file, a pattern
with places ("más {x} que {x}"), a value that the catalogue itself spells so, a number in
characters, a compound of known words. What nothing knows stays as it was written: a name, a title,
a word that only the catalogue's texts may hold. Function words without a meaning are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.understanding.bound_sides import YEARS
from assistant.understanding.glossary import SLOTS, Glossary, Pattern, Piece, Words
from assistant.understanding.lexicon import Lexicon, phrase

DEEPEST = 3  # patterns within patterns
COMPOUND = 7  # letters from which a word may be a compound
PART = 3  # letters of its shortest part
REACH = 24  # pieces that a pattern may span
SPOKEN = 10  # numbers up to this are words
WIDEST = 3  # phrases that one place of a pattern may hold


@dataclass(frozen=True, slots=True)
class Match:
    """What stands from a place up to ``end``, in words of the reference; ``raw`` as written."""

    end: int
    text: str
    raw: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gloss:
    """One message being put into other words.

    ``kept`` maps the first piece of a title or a name to the piece behind it; ``own`` tells whether
    these words are a value of the catalogue as it spells them, ``held`` whether words of the
    reference lead to one.
    """

    text: str
    pieces: Sequence[Piece]
    words: Glossary
    reference: Lexicon
    own: Callable[[Words], bool]
    held: Callable[[str], bool]
    kept: Mapping[int, int]
    _seen: dict[tuple[int, int], Match] = field(default_factory=dict)

    def whole(self) -> str:
        """The message in words of the reference language."""
        out: list[str] = []
        i, raw = 0, False
        while i < len(self.pieces):
            found = self._at(i)
            glued = i > 0 and self.pieces[i - 1].end == self.pieces[i].start
            if found.text:
                apart = not (glued and (self.pieces[i].mark or (raw and found.raw)))
                out.append(" " + found.text if apart and out else found.text)
                raw = found.raw
            elif not glued:
                raw = False
            i = found.end
        return "".join(out)

    def _at(self, i: int, deep: int = 0) -> Match:
        """The longest match at a place; a piece that nothing knows as it was written."""
        if (i, deep) not in self._seen:
            self._seen[i, deep] = self._longest(i, deep)
        return self._seen[i, deep]

    def _longest(self, i: int, deep: int) -> Match:
        if i in self.kept:
            return self._raw(i, self.kept[i])
        found = self._phrase(i)
        if found is not None and self.pieces[i].han and self._unit(found.text):
            found = None  # a unit without a number is a part of a word
        for match in (self._pattern(i, deep), self._own(i), self._numeral(i)):
            better = match is not None and (found is None or match.end > found.end)
            # What the catalogue itself calls so needs no other word.
            if better or (match and found and match.raw and match.end == found.end):
                found = match
        if found is not None:
            return found
        piece = self.pieces[i]
        if piece.form in self.words.function:
            return Match(i + 1, "")
        return self._compound(i) or self._raw(i, i + 1)

    def _raw(self, start: int, end: int) -> Match:
        return Match(end, self.text[self.pieces[start].start : self.pieces[end - 1].end], raw=True)

    def _phrase(self, i: int) -> Match | None:
        """The longest phrase of the language file; as written before its stems."""
        words, found = self.words, None
        most = words.reach(self.pieces[i].form)
        parts: list[str] = []
        for j in range(i, min(i + most, len(self.pieces))):
            if j in self.kept:
                break
            parts.append(self.pieces[j].form)
            meaning = words.meaning(tuple(parts))
            if meaning is not None:
                found = Match(j + 1, self._meant(meaning))
        return found

    def _meant(self, meaning: str) -> str:
        """Of several meanings ("crime | mystery novel") the first that the catalogue knows."""
        several = meaning.split(" | ")
        return next((m for m in several if self.held(m)), several[0])

    def _own(self, i: int) -> Match | None:
        """A value that the catalogue spells as it is written here, by one to three words."""
        found = None
        for end in range(i + 1, min(i + 5, len(self.pieces) + 1)):
            part = self.pieces[i:end]
            if part[-1].mark:
                break
            forms = tuple(p.form for p in part)
            if part[0].han:
                forms = ("".join(forms),)
            if self.own(forms) and not set(forms) <= self.words.function:
                found = self._raw(i, end)
        return found

    def _numeral(self, i: int) -> Match | None:
        """A number in characters: a small one as a word of the reference, else as digits."""
        end = i
        while end < len(self.pieces) and self.words.number([self.pieces[end].form]) is not None:
            end += 1
        value = self.words.number(p.form for p in self.pieces[i:end])
        if value is None:
            return None
        names = (word for word, n in self.reference.numbers.items() if n == value <= SPOKEN)
        return Match(end, next(names, str(value)))

    def _pattern(self, i: int, deep: int) -> Match | None:
        if deep >= DEEPEST:
            return None
        form, best = self.pieces[i].form, None
        firsts = dict.fromkeys((form, *SLOTS))
        near = {p.form for p in self.pieces[i : i + REACH]}
        for pattern in (p for first in firsts for p in self.words.patterns.get(first, ())):
            if not pattern.literals <= near:
                continue
            found = self._fill(pattern, i, deep)
            if found is not None and (best is None or found.end > best.end):
                best = found
        return best

    def _fill(self, pattern: Pattern, i: int, deep: int) -> Match | None:
        """The pattern from a place, its places filled; None where it does not fit."""
        said: list[str] = []
        for n, part in enumerate(pattern.parts):
            if i >= len(self.pieces):
                return None
            if part in ("{n}", "{d}", "{y}"):
                number = self._number(i) if part == "{n}" else self._digits(i, part)
                if number is None:
                    return None
                said.append(number.text)
                i = number.end
            elif part == "{x}":
                follows = pattern.parts[n + 1 : n + 2]
                held = self._place(i, follows[0] if follows else "", deep)
                if held is None:
                    return None
                said.append(held.text)
                i = held.end
            elif part == "{a}":
                quality = self._phrase(i)
                if quality is None or phrase(quality.text) not in self.reference.adjectives:
                    return None
                said.append(quality.text)
                i = quality.end
            elif self._same(i, part):
                i += 1
            else:
                return None
        slots = iter(said)
        filled = re.sub(r"\{[dnaxy]\}", lambda _: next(slots, ""), _ordered(pattern, said))
        return Match(i, filled)

    def _same(self, i: int, form: str) -> bool:
        return i < len(self.pieces) and i not in self.kept and self.pieces[i].form == form

    def _place(self, i: int, follows: str, deep: int) -> Match | None:
        """What fills a place: one phrase, or more of them up to the word that follows it."""
        said: list[str] = []
        while i < len(self.pieces) and len(said) < WIDEST:
            if self.pieces[i].mark:
                return None
            found = self._at(i, deep + 1)
            if found.text:
                said.append(found.text)
            i = found.end
            if said and (not follows or follows in SLOTS or self._same(i, follows)):
                return Match(i, " ".join(said))
        return None

    def _number(self, i: int) -> Match | None:
        """A number with the unit or the currency behind it, or before it ("€45")."""
        start = i
        lead = ""
        if self.pieces[i].form in self.reference.group("money") and i + 1 < len(self.pieces):
            lead, i = self.pieces[i].form, i + 1
        if self.pieces[i].form[0].isdigit():
            found = Match(i + 1, self.pieces[i].form)
        else:
            found = self._numeral(i) or self._phrase(i) or Match(i, "")
            if found.text.partition(" ")[0] not in self.reference.numbers and not (
                found.text[:1].isdigit()
            ):
                return None
        unit = self._phrase(found.end) if found.end < len(self.pieces) else None
        plain = self.pieces[found.end].form if found.end < len(self.pieces) else ""
        if unit is not None and self._unit(unit.text):
            return Match(unit.end, f"{lead}{found.text} {unit.text}")
        if self._unit(plain):
            return Match(found.end + 1, f"{lead}{found.text} {plain}")
        return Match(found.end, f"{lead}{found.text}") if found.end > start else None

    def _digits(self, i: int, slot: str) -> Match | None:
        """The digits of a decade ("80", "1980"), or of a year."""
        form = self.pieces[i].form
        if not (len(form) <= 4 and form.isascii() and form.isdigit()):
            return None
        fits = int(form) in YEARS if slot == "{y}" else len(form) in (2, 4) and form[-1] == "0"
        return Match(i + 1, form) if fits else None

    def _unit(self, word: str) -> bool:
        groups = (self.reference.group(name) for name in ("money", "stars"))
        return word in self.reference.units or any(word in group for group in groups)

    def _compound(self, i: int) -> Match | None:
        """A word made of known words ("Horrorfilme"), or of one that nobody knows and a known."""
        word, words = self.pieces[i].form, self.words
        if not words.linking or len(word) < COMPOUND or not word.isalpha():
            return None
        half = None
        for cut in range(PART, len(word) - PART + 1):
            last = words.meaning((word[cut:],))
            if last is None:
                continue
            for link in words.linking:
                first = word[:cut].removesuffix(link) if link else word[:cut]
                if link and first == word[:cut]:
                    continue
                meaning = words.meaning((first,))
                if meaning is None and self.own((first,)):
                    meaning = first
                if meaning:
                    return Match(i + 1, f"{self._meant(meaning)} {self._meant(last)}".strip())
            noun = phrase(last) not in self.reference.cues
            if half is None and cut > PART and len(word) - cut > PART and last and noun:
                half = Match(i + 1, f"{word[:cut]} {last}")
        return half


def _ordered(pattern: Pattern, said: list[str]) -> str:
    """The meaning of a pattern; ``{1}`` and ``{2}`` name its places where their order changes."""
    text = pattern.meaning
    for n, part in enumerate(said, 1):
        text = text.replace(f"{{{n}}}", part)
    return text
