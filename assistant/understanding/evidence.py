"""What a message really says, as evidence for what somebody claims to have read in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from assistant.types import Direction, Reading
from assistant.understanding.arbitrate import wishes
from assistant.understanding.bound_fields import Said
from assistant.understanding.bounds import numbers_said
from assistant.understanding.chart import Chart, find_cues
from assistant.understanding.facets import FacetValue, lexicon_key
from assistant.understanding.fields import NumberField
from assistant.understanding.numbers import Number
from assistant.understanding.titles import forms
from assistant.understanding.tokens import tokenise, words
from assistant.understanding.vocabulary import Vocabulary

ALIKE = 82
"""Of 100, by rapidfuzz: how alike a title and the best part of the message must be."""

LONGEST = 4
"""Words of the longest facet value that is looked for in a message."""

MOST_WORDS = 200
"""Words in which facet values are looked for."""

NEXT = 100
"""From here on "after 1999" may be written as the whole number beside it."""

TURNING = ("comparing_less", "too", "enough", "negate")
"""Cues that turn a comparison round: "too long", "less new"."""

Names = Mapping[str, tuple[FacetValue, ...]]
"""Values by what they are called."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A message, and whatever else a reading of it may rest on.

    ``heard`` is the message in the reference language, empty where it is the same. ``left`` are the
    words that the rules made nothing of, None when every word may be read anew: a title, a value or
    a comparison needs one of them, because the rules know that "you" and "down" are no names.
    ``question`` is our open question: a short answer ("the first two") names in it what it means.
    """

    vocabulary: Vocabulary
    message: str
    heard: str = ""
    left: str | None = None
    question: str = ""

    @classmethod
    def beside(
        cls, rules: Reading, vocabulary: Vocabulary, message: str, heard: str, question: str
    ) -> Evidence:
        """What there is to read beside what the rules did. Who says something of their own does not
        only choose among the answers of our question."""
        return cls(
            vocabulary=vocabulary,
            message=message,
            heard=heard,
            left=rules.text or "",
            question="" if wishes(rules) else question,
        )

    def says(self, text: str) -> bool:
        """Whether the person said every word of a text; not for a text without words."""
        own = words(text, self.vocabulary.lexicon.spelling)
        return bool(own) and self._words.issuperset(own)

    def holds(self, value: FacetValue) -> bool:
        """Whether some run of words, slips mended, stands for a facet value, or a word that no
        other value of its field has: "hedge" of hedge plants."""
        return (value.field, value.value) in self._values | self.offered or self._tells(value)

    def _tells(self, value: FacetValue) -> bool:
        lexicon, stem = self.vocabulary.lexicon, self.vocabulary.lexicon.stem
        own = {stem(w) for w in words(value.value, lexicon.spelling)}
        ordinary = self.vocabulary.nouns | lexicon.stop | lexicon.common
        said = own & {stem(w) for w in self._words - ordinary if self._open([w])}
        if value.loose or value.person or value.flag or len(own) < 2 or not said:
            return False
        others = {
            v.value
            for key, values in self.vocabulary.facets.values.items()
            if said & set(key.split(" "))
            for v in values
            if v.field == value.field and not v.synonym
        }
        return others <= {value.value}

    def names(self, key: str) -> bool:
        """Whether a title, as the words of its key, was said, a slip or two aside."""
        said = " ".join(forms(self._text, self.vocabulary.lexicon))
        short = len(key) < 5  # a short word is alike to too many others
        found = f" {key} " in f" {said} " if short else fuzz.partial_ratio(key, said) >= ALIKE
        return found and (self._left is None or self._is_name(key, self._left))

    def _is_name(self, key: str, left: Iterable[str]) -> bool:
        """Whether words that the rules took for no title may be one: something of it is left, all
        of it was said, and it is written like a name, or whole and of several words."""
        own = [w for w in key.split(" ") if w not in self.vocabulary.lexicon.stop] or [key]
        whole = len(own) > 1 and bool(self.vocabulary.titles.exact(key))
        return (
            any(_alike(w, left) for w in own)
            and all(_alike(w, self._words) for w in own)
            and (whole or any(_alike(w, self._capitals) for w in own))
        )

    def bounds(self, known: NumberField, low: float | None, high: float | None) -> bool:
        """Whether every side of a limit on a field that is there rests on a number that was said
        of such a thing, and on that side: "before 1970" is no minimum."""
        return all(
            bound is None or any(self._rests(bound, upper, known, n) for n in self._numbers)
            for bound, upper in ((low, False), (high, True))
        )

    def _rests(self, bound: float, upper: bool, known: NumberField, said: Said) -> bool:
        """Whether a bound is this number, on a side where it may stand; "from the eighties" bounds
        both."""
        number = (said.other or said.number) if upper else said.number
        decade = number.low != number.high
        if said.side == ("min" if upper else "max") and not (decade and upper):
            return False
        ends = [end * x for end in (number.low, number.high) for x in self._factors(number, known)]
        return any(bound == x or (abs(bound - x) == 1 and x >= NEXT) for x in ends)

    def _factors(self, number: Number, known: NumberField) -> list[float]:
        """What turns the number into the field's unit; empty when it measures something else."""
        kind = known.field.kind
        if (
            (number.money and kind != "price")
            or (number.stars and kind != "rating")
            or (number.era and kind != "year" and known.field.role != "date")
        ):
            return []
        offers = self.vocabulary.numbers.with_unit(number.unit, self.vocabulary.lexicon)
        if number.unit and offers:
            return [number.factor * x for f, x in offers if f.name == known.name]
        return [number.factor]

    def compares(self, known: NumberField, direction: Direction) -> bool:
        """Whether a word speaks of the field, its label or an adjective of it, in that sense."""
        lexicon = self.vocabulary.lexicon
        turned = self._chart.has(*TURNING)
        spoken = f" {' '.join(t.norm for t in self._chart.tokens)} "
        senses = {
            a.direction
            for phrase, adjectives in lexicon.adjectives.items()
            if f" {' '.join(phrase)} " in spoken and self._open(phrase)
            for a in adjectives
            if (a.kind is not None and a.kind == known.field.kind) or known.words & set(a.fields)
        }
        if senses:
            return turned or direction in senses
        return any(lexicon.stem(w) in known.words and self._open([w]) for w in self._words)

    def _open(self, said: Iterable[str]) -> bool:
        """Whether a run of words holds one that may be read anew."""
        return self._left is None or not self._left.isdisjoint(said)

    @property
    def _text(self) -> str:
        """The message in the reference language: only there is known what its words mean."""
        return self.heard or self.message

    @cached_property
    def _left(self) -> frozenset[str] | None:
        if self.left is None:
            return None
        return frozenset(words(self.left, self.vocabulary.lexicon.spelling))

    @cached_property
    def _capitals(self) -> frozenset[str]:
        tokens = tokenise(self.message, self.vocabulary.lexicon.spelling)
        return frozenset(t.norm for t in tokens if t.quoted or (t.capital and not t.opens))

    @cached_property
    def _chart(self) -> Chart:
        lexicon = self.vocabulary.lexicon
        tokens = tokenise(self._text, lexicon.spelling)
        return Chart(tokens, find_cues(tokens, lexicon))

    @cached_property
    def _numbers(self) -> list[Said]:
        return numbers_said(self._chart, self.vocabulary)

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(words(self._text, self.vocabulary.lexicon.spelling))

    @cached_property
    def _values(self) -> frozenset[tuple[str, str]]:
        names = (self.vocabulary.facets.people, self.vocabulary.facets.surnames)
        return frozenset(self._held(self._text, names, self._open))

    @cached_property
    def offered(self) -> frozenset[tuple[str, str]]:
        """Field and value of the answers that our question names and the person does not."""
        names = (self.vocabulary.facets.people,)
        return frozenset(self._held(self.question, names, lambda _: True)) - self._values

    def _held(
        self, text: str, names: Sequence[Names], counts: Callable[[Sequence[str]], bool]
    ) -> Iterator[tuple[str, str]]:
        """Field and value of everything that a run of words stands for, of those runs that count;
        slips are mended."""
        lexicon, facets = self.vocabulary.lexicon, self.vocabulary.facets
        plain = words(text, lexicon.spelling)[:MOST_WORDS]
        mended = [w if w in facets.words else self._mended(w) for w in plain]
        for run in (plain, mended):
            for start in range(len(run)):
                for end in range(start + 1, min(start + LONGEST, len(run)) + 1):
                    if not counts(plain[start:end]):
                        continue
                    key = " ".join(map(lexicon.stem, run[start:end]))
                    name = " ".join(run[start:end])
                    for table, said in ((facets.values, key), *((t, name) for t in names)):
                        yield from ((v.field, v.value) for v in table.get(said, ()))

    def _mended(self, word: str) -> str:
        near = self.vocabulary.speller.near(word, 1)
        return near[0][0] if near else word


def known_values(vocabulary: Vocabulary, field: str, value: str) -> tuple[FacetValue, ...]:
    """The facet values and people that go by a name; a flag goes by its field's."""
    facets, lexicon = vocabulary.facets, vocabulary.lexicon
    name = " ".join(words(value, lexicon.spelling))
    key = lexicon_key(value, lexicon)
    if key in {"true", "yes"}:
        key = lexicon_key(field.rpartition(".")[2].replace("_", " "), lexicon)
    return (
        *facets.values.get(key, ()),
        *facets.people.get(name, ()),
        *facets.surnames.get(name, ()),
    )


def _alike(word: str, others: Iterable[str]) -> bool:
    return any(fuzz.ratio(word, other) >= ALIKE for other in others)
