"""What a message mentions and where: the common ground of linking, scopes and assembly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from assistant.types import Range
from assistant.understanding.facets import FacetValue
from assistant.understanding.lexicon import Adjective, Lexicon, Phrase
from assistant.understanding.tokens import Token
from retrieval.types import ItemId

_Entry = TypeVar("_Entry")

MentionKind = Literal["title", "facet", "number", "position", "adjective", "field"]

HARD_MARKS = frozenset(".?!;\n…。？！")
NO_NAMES: frozenset[str] = frozenset()
LASTING = frozenset({"habit", "self", "note", "lasting", "passing", "throughout"})


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase that does something in the sentence, by the names of what it may do."""

    start: int
    end: int
    names: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Something of the workspace that the message speaks of, over tokens ``start`` to ``end``.

    A title holds ``items``, the likeliest first (``unclear`` when the next are nearly as likely);
    a facet the ``values`` it may mean; a position its ``positions`` from 1 (``whole``: the whole
    slate); an adjective what it says; a number the ``ranges`` it sets.
    """

    start: int
    end: int
    kind: MentionKind
    items: tuple[ItemId, ...] = ()
    unclear: tuple[ItemId, ...] = ()
    values: tuple[FacetValue, ...] = ()
    positions: tuple[int, ...] = ()
    whole: bool = False
    described: bool = False
    adjectives: tuple[Adjective, ...] = ()
    field: str = ""
    ranges: Mapping[str, Range] | None = None
    strength: float = 0.0


class Chart:
    """The tokens of one message with its cues and mentions. Mentions never overlap."""

    __slots__ = ("_at", "_cue_at", "cues", "mentions", "tokens")

    def __init__(self, tokens: Sequence[Token], cues: Sequence[Cue]) -> None:
        self.tokens = tuple(tokens)
        self.cues = tuple(cues)
        self.mentions: tuple[Mention, ...] = ()
        self._at: list[Mention | None] = [None] * len(self.tokens)
        self._cue_at: list[Cue | None] = [None] * len(self.tokens)
        for c in self.cues:
            for i in range(c.start, c.end):
                self._cue_at[i] = c

    def __len__(self) -> int:
        return len(self.tokens)

    def free(self, start: int, end: int) -> bool:
        """Whether no mention covers any of these tokens."""
        return all(m is None for m in self._at[start:end])

    def add(self, mention: Mention) -> bool:
        """Put a mention in, unless its place is taken; whether it went in."""
        if mention.start >= mention.end or not self.free(mention.start, mention.end):
            return False
        for i in range(mention.start, mention.end):
            self._at[i] = mention
        self.mentions = tuple(sorted((*self.mentions, mention), key=lambda m: m.start))
        return True

    def replace(self, old: Mention, new: Mention) -> None:
        """Put ``new``, of the same place, instead of ``old``."""
        for i in range(old.start, old.end):
            self._at[i] = new
        self.mentions = tuple(new if m is old else m for m in self.mentions)

    def at(self, i: int) -> Mention | None:
        """The mention that covers a token, or None (also outside the message)."""
        return self._at[i] if 0 <= i < len(self._at) else None

    def cue(self, i: int) -> frozenset[str]:
        """The names of the cue that covers a token; empty inside titles and outside the message.

        Inside a bound ("never over 80") a negation has done its work and is no longer seen.
        """
        if not 0 <= i < len(self._cue_at):
            return NO_NAMES
        found, held = self._cue_at[i], self._at[i]
        if found is None or (held is not None and held.kind == "title"):
            return NO_NAMES
        if held is not None and held.kind == "number":
            return found.names & LASTING
        return found.names

    def cue_span(self, i: int) -> Cue | None:
        """The cue that covers a token, or None."""
        return self._cue_at[i] if 0 <= i < len(self._cue_at) else None

    def has(self, *names: str) -> bool:
        """Whether any cue of one of these names stands outside the titles."""
        wanted = frozenset(names)
        return any(not wanted.isdisjoint(self.cue(c.start)) for c in self.cues)

    def all(self, name: str) -> list[Cue]:
        """Every cue of that name outside the titles, in order."""
        return [c for c in self.cues if name in self.cue(c.start)]

    def norm(self, i: int) -> str:
        """The compared form of a token, or '' outside the message."""
        return self.tokens[i].norm if 0 <= i < len(self.tokens) else ""

    def hard(self, i: int) -> bool:
        """Whether a token ends a sentence, or lies outside the message."""
        if not 0 <= i < len(self.tokens):
            return True
        t = self.tokens[i]
        if t.norm == "." and self._initial(i):
            return False
        return t.kind == "mark" and t.norm in HARD_MARKS and self._at[i] is None

    def _initial(self, i: int) -> bool:
        """Whether the dot at a place belongs to an initial: "R. Lee Ermey"."""
        if not 0 < i < len(self.tokens) - 1:
            return False
        letter, following = self.tokens[i - 1], self.tokens[i + 1]
        return len(letter.norm) == 1 and letter.capital and following.capital

    def of_kind(self, *kinds: MentionKind) -> list[Mention]:
        """Mentions of these kinds in order."""
        return [m for m in self.mentions if m.kind in kinds]


def find_cues(tokens: Sequence[Token], lexicon: Lexicon) -> list[Cue]:
    """The cue phrases of a message: at each place the longest, from left to right, none
    overlapping.

    Marks end a phrase; linear in the number of tokens.
    """
    cues: list[Cue] = []
    i = 0
    while i < len(tokens):
        found = longest_phrase(tokens, i, lexicon.cues, lexicon.longest.get(tokens[i].norm, 0))
        if found:
            end, names = found
            cues.append(Cue(i, end, names))
            i = end
        else:
            i += 1
    return cues


def longest_phrase(
    tokens: Sequence[Token], start: int, table: Mapping[Phrase, _Entry], longest: int
) -> tuple[int, _Entry] | None:
    """The longest phrase of the table that begins at ``start``, as its end and entry, or None.

    A hyphen between two words is passed over, so ``noise-cancelling`` reads as two words.
    """
    found: tuple[int, _Entry] | None = None
    spoken: list[str] = []
    i = start
    while i < len(tokens) and len(spoken) < longest:
        token = tokens[i]
        if token.kind == "mark" and spoken:
            if token.norm in "-–/" and token.glued and i + 1 < len(tokens) and tokens[i + 1].glued:
                i += 1
                continue
            break
        spoken.append(token.norm)
        entry = table.get(tuple(spoken))
        i += 1
        if entry is not None:
            found = (i, entry)
    return found
