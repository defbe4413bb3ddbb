"""From a filled form to a Reading: everything the model says is held against what is known.

A title must be one of the catalogue's and be said in the message; a facet value must exist and be
said, else it is only text; a bound must be on a known field, in its span, and rest on a number in
the message. What does not stand is dropped, and the drop is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from assistant.types import Direction, Range, Reading, Relative
from assistant.understanding.context import Context
from assistant.understanding.facets import FacetValue, lexicon_key
from assistant.understanding.fields import NumberField
from assistant.understanding.form import ACTS, Bounds, Comparison, FacetWish, Form
from assistant.understanding.titles import forms
from assistant.understanding.tokens import words
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import ItemId

POSITION = re.compile(r"#\s*(\d{1,2})")
YEAR = re.compile(r"\((\d{4})\)\s*$")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
ALIKE = 82
"""Of 100, by rapidfuzz: how alike a title and the best part of the message must be."""

LONGEST = 4
"""Words of the longest facet value that is looked for in a message."""


@dataclass(slots=True)
class Resolver:
    """Resolves one form against one message. ``dropped`` names the kinds of what did not stand."""

    vocabulary: Vocabulary
    message: str
    context: Context
    dropped: list[str] = field(default_factory=list)

    def reading(self, form: Form) -> Reading:
        """What of the form stands. Empty where nothing does; never raises."""
        loose: list[str] = []
        wanted, liked_titles = self._sorted_out(form.liked)
        unwanted, disliked_titles = self._sorted_out(form.disliked)
        include = self._facets([*form.include, *wanted], loose)
        exclude = self._facets([*form.exclude, *unwanted], [])
        for name, value in exclude:
            include = [pair for pair in include if pair != (name, value)]
        liked, at_liked = self._items(liked_titles)
        disliked, at_disliked = self._items(disliked_titles)
        seen, at_seen = self._items(form.seen)
        text = self._text(form.text)
        parts = [text, *(said for said in loose if said.casefold() not in text.casefold())]
        return Reading(
            act=next((act for act in ACTS if act == form.act), "recommend"),
            liked=tuple(i for i in liked if i not in disliked),
            disliked=disliked,
            seen=tuple(i for i in seen if i not in (*liked, *disliked)),
            reference=tuple(dict.fromkeys((*at_liked, *at_disliked, *at_seen))),
            include=_grouped(include),
            exclude=_grouped(exclude),
            ranges=self._ranges(form.ranges),
            relative=self._relative(form.relative),
            text=" ".join(part for part in parts if part) or None,
            more=form.more and bool(self.context.slate),
        )

    def _sorted_out(self, said: Sequence[str]) -> tuple[list[FacetWish], list[str]]:
        """Facet values that were put among the titles (no title, but a value), and the rest."""
        wishes, titles = list[FacetWish](), list[str]()
        for text in said:
            wish = FacetWish(value=text)
            if not POSITION.search(text) and not self.title(text) and self._known(wish):
                wishes.append(wish)
            else:
                titles.append(text)
        return wishes, titles

    def _items(self, said: Sequence[str]) -> tuple[tuple[ItemId, ...], tuple[int, ...]]:
        """Items by position or title, and the positions."""
        items: dict[ItemId, None] = {}
        positions: dict[int, None] = {}
        for text in said:
            position = POSITION.search(text)
            if position:
                place = int(position[1])
                if 1 <= place <= len(self.context.slate):
                    positions[place] = None
                    items[self.context.slate[place - 1]] = None
                    continue
            found = None if position else self.title(text)
            if found is None:
                self.dropped.append("title")
            else:
                items[found] = None
        return tuple(items), tuple(positions)

    def title(self, text: str) -> ItemId | None:
        """The item of that title, if there is one and the message (or an earlier one) says it."""
        titles, lexicon = self.vocabulary.titles, self.vocabulary.lexicon
        year = YEAR.search(text)
        key = " ".join(forms(YEAR.sub("", text), lexicon))
        if not key:
            return None
        rows = [alias.row for alias in titles.exact(key)]
        if not rows:
            rows = list(titles.holding(key.split(" "))) if len(key) > 3 else []
            rows = rows if len(rows) == 1 else []
        if year:
            rows = [row for row in rows if titles.years[row] == int(year[1])] or rows
        if not rows or not self._says(key):
            return None
        return titles.ids[rows[0]]

    def _says(self, key: str) -> bool:
        spoken = (" ".join(forms(said, self.vocabulary.lexicon)) for said in self._spoken())
        short = len(key) < 5  # a short word is alike to too many others
        return any(
            f" {key} " in f" {said} " if short else fuzz.partial_ratio(key, said) >= ALIKE
            for said in spoken
        )

    def _spoken(self) -> tuple[str, ...]:
        return (self.message, *self.context.recent[-2:])

    def _facets(self, wishes: Iterable[FacetWish], loose: list[str]) -> list[tuple[str, str]]:
        """Field and value of wishes that exist and are said; the others' words go to ``loose``."""
        said = said_values(self.vocabulary, self.message)
        found: dict[tuple[str, str], None] = {}
        for wish in wishes:
            held = [v for v in self._known(wish) if (v.field, v.value) in said]
            own = [v for v in held if v.field == wish.field] or held[:1]
            if own and not own[0].loose:
                found[own[0].field, own[0].value] = None
                continue
            words_said = set(words(self.message, self.vocabulary.lexicon.spelling))
            own_words = words(wish.value, self.vocabulary.lexicon.spelling)
            if own_words and words_said.issuperset(own_words):
                loose.append(wish.value)
            else:
                self.dropped.append("facet")
        return list(found)

    def _known(self, wish: FacetWish) -> tuple[FacetValue, ...]:
        facets, lexicon = self.vocabulary.facets, self.vocabulary.lexicon
        name = " ".join(words(wish.value, lexicon.spelling))
        key = lexicon_key(wish.value, lexicon)
        if key in {"true", "yes"}:  # a flag is named by its field
            key = lexicon_key(wish.field.rpartition(".")[2].replace("_", " "), lexicon)
        return (
            *facets.values.get(key, ()),
            *facets.people.get(name, ()),
            *facets.surnames.get(name, ()),
        )

    def _ranges(self, bounds: Iterable[Bounds]) -> dict[str, Range]:
        found: dict[str, Range] = {}
        numbers = [float(n.replace(",", ".")) for n in NUMBER.findall(self.message) if _plain(n)]
        for b in bounds:
            known = self.vocabulary.numbers.get(b.field)
            if known is None or (b.min is None and b.max is None):
                self.dropped.append("range")
                continue
            decade = b.min is not None and b.max == b.min + 9 and b.min % 10 == 0
            sides = [
                x is None
                or (
                    (decade or any(abs(n - x) <= 1 for n in numbers))
                    and (known.span.count == 0 or known.span.holds(x, 0.5))
                )
                for x in (b.min, b.max)
            ]
            upside_down = b.min is not None and b.max is not None and b.min > b.max
            if all(sides) and not upside_down:
                found[known.name] = Range(min=b.min, max=b.max)
            else:
                self.dropped.append("range")
        return found

    def _relative(self, comparisons: Iterable[Comparison]) -> tuple[Relative, ...]:
        found: dict[Relative, None] = {}
        for c in comparisons:
            known = self.vocabulary.numbers.get(c.field)
            base = self._base(c.base)
            direction: Direction = "higher" if c.direction == "higher" else "lower"
            if (
                known is None
                or base is None
                or c.direction not in {"higher", "lower"}
                or not self._compares(known)
            ):
                self.dropped.append("relative")
            else:
                found[Relative(field=known.name, direction=direction, base=base)] = None
        return tuple(found)

    def _compares(self, known: NumberField) -> bool:
        """Whether a word of the message speaks of the field: its label, or an adjective of it."""
        lexicon = self.vocabulary.lexicon
        said = words(self.message, lexicon.spelling)
        if known.words & {lexicon.stem(w) for w in said}:
            return True
        spoken = f" {' '.join(said)} "
        return any(
            (a.kind is not None and a.kind == known.field.kind) or known.words & set(a.fields)
            for phrase, adjectives in lexicon.adjectives.items()
            if f" {' '.join(phrase)} " in spoken
            for a in adjectives
        )

    def _base(self, text: str) -> str | None:
        position = POSITION.search(text)
        if position:
            place = int(position[1])
            return f"slate#{place}" if 1 <= place <= len(self.context.slate) else None
        if text.strip().casefold() in {"shown", "these", "them", "slate"}:
            return "slate" if self.context.slate else None
        item = self.title(text)
        if item is not None:
            return f"anchor:{item}"
        return "category" if text.strip().casefold() in {"usual", "", "category"} else None

    def _text(self, text: str) -> str:
        """The model's summary of the rest, as far as it is made of words that were said."""
        spelling = self.vocabulary.lexicon.spelling
        said = set(words(self.message, spelling))
        return " ".join(w for w in text.split() if said.issuperset(words(w, spelling)))


def said_values(vocabulary: Vocabulary, message: str) -> set[tuple[str, str]]:
    """Field and value of every facet value that some run of words in the message stands for."""
    lexicon, facets = vocabulary.lexicon, vocabulary.facets
    plain = words(message, lexicon.spelling)[:200]
    mended = [w if w in facets.words else _mend(vocabulary, w) for w in plain]
    found: set[tuple[str, str]] = set()
    for run in (plain, mended):
        stems = [lexicon.stem(w) for w in run]
        for start in range(len(run)):
            for end in range(start + 1, min(start + LONGEST, len(run)) + 1):
                key, name = " ".join(stems[start:end]), " ".join(run[start:end])
                for table, said in (
                    (facets.values, key),
                    (facets.people, name),
                    (facets.surnames, name),
                ):
                    found.update((v.field, v.value) for v in table.get(said, ()))
    return found


def _mend(vocabulary: Vocabulary, word: str) -> str:
    near = vocabulary.speller.near(word, 1)
    return near[0][0] if near else word


def _plain(number: str) -> bool:
    return number.count(".") + number.count(",") <= 1 and len(number) < 16


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value)
    return found
