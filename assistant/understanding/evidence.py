"""What a message really says, as evidence for what somebody claims to have read in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from assistant.types import Direction
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


@dataclass(frozen=True)
class Evidence:
    """A message, and whatever else it may rest on.

    ``heard`` is the message in the reference language, ``question`` our open question: a short
    answer ("the first two") names in it what it means. Both may be empty.
    """

    vocabulary: Vocabulary
    message: str
    heard: str = ""
    question: str = ""

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
        said = own & {stem(w) for w in self._words - ordinary}
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

    @cached_property
    def offered(self) -> frozenset[tuple[str, str]]:
        """Field and value of the answers that our question names and the person does not."""
        return self._held([self.question], surnames=False) - self._values

    def names(self, key: str) -> bool:
        """Whether a title, as the words of its key, was said, a slip or two aside."""
        short = len(key) < 5  # a short word is alike to too many others
        return any(
            f" {key} " in f" {said} " if short else fuzz.partial_ratio(key, said) >= ALIKE
            for said in (" ".join(forms(t, self.vocabulary.lexicon)) for t in self._texts)
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
            if f" {' '.join(phrase)} " in spoken
            for a in adjectives
            if (a.kind is not None and a.kind == known.field.kind) or known.words & set(a.fields)
        }
        if senses:
            return turned or direction in senses
        return bool(known.words & {lexicon.stem(w) for w in self._words})

    @property
    def _own(self) -> list[str]:
        """The person's own words, in each language they are known in."""
        return [t for t in dict.fromkeys((self.message, self.heard)) if t]

    @property
    def _texts(self) -> list[str]:
        return [*self._own, *([self.question] if self.question else [])]

    @cached_property
    def _chart(self) -> Chart:
        """The message in the reference language: only there is known what a word compares."""
        lexicon = self.vocabulary.lexicon
        tokens = tokenise(self.heard or self.message, lexicon.spelling)
        return Chart(tokens, find_cues(tokens, lexicon))

    @cached_property
    def _numbers(self) -> list[Said]:
        return numbers_said(self._chart, self.vocabulary)

    @cached_property
    def _words(self) -> frozenset[str]:
        spelling = self.vocabulary.lexicon.spelling
        return frozenset(w for text in self._own for w in words(text, spelling))

    @cached_property
    def _values(self) -> frozenset[tuple[str, str]]:
        return self._held(self._own, surnames=True)

    def _held(self, texts: Iterable[str], *, surnames: bool) -> frozenset[tuple[str, str]]:
        """Field and value of everything in these texts that stands for a facet value."""
        lexicon, facets = self.vocabulary.lexicon, self.vocabulary.facets
        named = [facets.people, facets.surnames] if surnames else [facets.people]
        found: set[tuple[str, str]] = set()
        for text in texts:
            plain = words(text, lexicon.spelling)[:MOST_WORDS]
            mended = [w if w in facets.words else self._mended(w) for w in plain]
            for run in (plain, mended):
                stems = [lexicon.stem(w) for w in run]
                for start in range(len(run)):
                    for end in range(start + 1, min(start + LONGEST, len(run)) + 1):
                        key, name = " ".join(stems[start:end]), " ".join(run[start:end])
                        for table, said in ((facets.values, key), *((t, name) for t in named)):
                            found.update((v.field, v.value) for v in table.get(said, ()))
        return frozenset(found)

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
