"""A text while it is being checked: its tokens, what of it has been read, and the claims found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assistant.understanding.tokens import Token, tokenise
from assistant.verification.words import Phrases, Words
from retrieval.types import Item, ItemId

HARD = frozenset(".?!;·|…\n•")
SOFT = frozenset(',:()[]-–—/&"“”„«»')
NEAR = 3  # words that may stand between a negation and what it denies


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One claim of a text, in its own words; ``why`` says in plain words what it was held to."""

    text: str
    holds: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a text is about: the item, and where they are known the person and the card above it.

    ``liked`` are the items the person likes, ``had`` those they had anything to do with.
    """

    item: Item
    person: Person | None = None
    above: Item | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What is known of a person: items they liked, disliked, bought, had before; their ratings."""

    liked: frozenset[ItemId] = frozenset()
    disliked: frozenset[ItemId] = frozenset()
    bought: frozenset[ItemId] = frozenset()
    had: frozenset[ItemId] = frozenset()
    rated: tuple[tuple[ItemId, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that was read: tokens ``start`` to ``end``, and what it was read as."""

    start: int
    end: int
    what: str


class Sheet:
    """The tokens of one text. A token is read once; what nobody reads is looked at in the end."""

    def __init__(
        self, text: str, subject: Subject, words: Words, spelling: dict[str, tuple[str, ...]]
    ):
        self.text = text
        self.subject = subject
        self.item = subject.item
        self.words = words
        self.tokens: list[Token] = tokenise(text, spelling)
        self.spots: list[Spot] = []
        self.claims: list[tuple[int, Checked]] = []
        self._read = [False] * len(self.tokens)
        self._clause = _clauses(text, self.tokens)

    def __len__(self) -> int:
        return len(self.tokens)

    def norm(self, i: int) -> str:
        """The compared form of a token; empty outside the text."""
        return self.tokens[i].norm if 0 <= i < len(self.tokens) else ""

    def free(self, start: int, end: int | None = None) -> bool:
        """Whether none of these tokens has been read."""
        end = start + 1 if end is None else end
        return start >= 0 and end <= len(self) and not any(self._read[start:end])

    def cover(self, start: int, end: int, what: str = "") -> None:
        """Mark tokens as read."""
        for i in range(start, end):
            self._read[i] = True
        if what:
            self.spots.append(Spot(start, end, what))

    def claim(
        self, start: int, end: int, holds: bool, why: str, *, what: str = "claim", since: int = -1
    ) -> None:
        """Note what tokens claim. ``since`` lets its words begin earlier, at its cue."""
        self.cover(start, end, what)
        first = since if 0 <= since < start else start
        said = self.text[self.tokens[first].start : self.tokens[end - 1].end]
        self.claims.append((start, Checked(text=said, holds=holds, why=why)))

    def same_sentence(self, a: int, b: int) -> bool:
        """Whether two tokens stand in one sentence."""
        return self._clause[a] == self._clause[b]

    def sentence(self, i: int) -> range:
        """The tokens of the sentence that a token stands in."""
        mine = self._clause[i]
        return range(self._clause.index(mine), len(self._clause) - self._clause[::-1].index(mine))

    def spots_in(self, tokens: range, what: str) -> list[Spot]:
        """What was read as ``what`` among these tokens, in order."""
        return sorted(
            (s for s in self.spots if s.what == what and s.start in tokens), key=lambda s: s.start
        )

    def denied(self, i: int) -> bool:
        """Whether a negation right before a token turns it round."""
        for back in range(1, NEAR + 1):
            j = i - back
            if j < 0 or not self.same_sentence(j, i) or self.norm(j) in (",", "but"):
                return False
            if self.words["sense.negate"].at(self.tokens, j) > j:
                return self.norm(j + 1) not in ("only", "just")
            if self._read[j]:
                return False
        return False

    def find(self, phrases: Phrases, within: range | None = None) -> list[tuple[int, int]]:
        """Where the phrases stand, in order, among tokens that nobody has read."""
        found, i = [], within.start if within else 0
        stop = within.stop if within else len(self)
        while i < stop:
            end = phrases.at(self.tokens, i)
            if end > i and self.free(i, end):
                found.append((i, end))
                i = end
            else:
                i += 1
        return found

    def skip(self, i: int, phrases: Phrases | frozenset[str]) -> int:
        """The first token from ``i`` that is none of these words."""
        while i < len(self):
            if isinstance(phrases, frozenset):
                if self.norm(i) not in phrases:
                    break
                i += 1
            else:
                end = phrases.at(self.tokens, i)
                if end == i:
                    break
                i = end
        return i


Step = Callable[[Sheet], None]


def _clauses(text: str, tokens: list[Token]) -> list[int]:
    """The number of the sentence that each token stands in."""
    found, current, last = [], 0, 0
    for n, t in enumerate(tokens):
        if "\n" in text[last : t.start]:
            current += 1
        found.append(current)
        last = t.end
        ends = t.text in HARD and not _inside(text, tokens, n)
        if ends:
            current += 1
    return found


def _inside(text: str, tokens: list[Token], n: int) -> bool:
    """Whether a full stop belongs to an initial or an abbreviation: "J. R. R.", "Dr."."""
    t = tokens[n]
    if t.text != "." or n == 0:
        return False
    before = tokens[n - 1]
    short = before.kind == "word" and before.capital and len(before.text) <= 2
    return short and before.end == t.start and text[t.end : t.end + 1] != ""
