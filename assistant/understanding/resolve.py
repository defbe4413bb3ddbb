"""From a filled form to a Reading: everything the model says is held against what is known.

A title must be one of the catalogue's and be said in the message; a facet value must exist and be
said, else it is only text; a bound must be on a known field, in its span, and rest on a number in
the message. What does not stand is dropped, and the drop is counted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from assistant.types import Direction, Range, Reading, Relative
from assistant.understanding.context import Context
from assistant.understanding.evidence import Evidence, known_values
from assistant.understanding.form import ACTS, Bounds, Comparison, FacetWish, Form
from assistant.understanding.titles import forms
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import ItemId

POSITION = re.compile(r"#\s*(\d{1,2})")
YEAR = re.compile(r"\((\d{4})\)\s*$")


@dataclass(slots=True)
class Resolver:
    """Resolves one form against one message. ``dropped`` names the kinds of what did not stand."""

    evidence: Evidence
    context: Context
    dropped: list[str] = field(default_factory=list)

    @property
    def vocabulary(self) -> Vocabulary:
        """What the workspace can be asked about."""
        return self.evidence.vocabulary

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
            known = known_values(self.vocabulary, "", text)
            if known and not POSITION.search(text) and not self.title(text):
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
        if not rows or not self.evidence.names(key):
            return None
        return titles.ids[rows[0]]

    def _facets(self, wishes: Iterable[FacetWish], loose: list[str]) -> list[tuple[str, str]]:
        """Field and value of wishes that exist and are said; the others' words go to ``loose``."""
        found: dict[tuple[str, str], None] = {}
        for wish in wishes:
            known = known_values(self.vocabulary, wish.field, wish.value)
            held = [v for v in known if self.evidence.holds(v)]
            own = [v for v in held if v.field == wish.field] or held[:1]
            if own and not own[0].loose:
                found[own[0].field, own[0].value] = None
            elif self.evidence.says(wish.value):
                loose.append(wish.value)
            else:
                self.dropped.append("facet")
        return self._chosen(found)

    def _chosen(self, found: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
        """Without answers of our question that were copied: a choice leaves some of them out."""
        offered = self.evidence.offered
        fields = {name for name, _ in found}
        copied = {
            (name, value)
            for name, value in offered
            if name in fields and {p for p in offered if p[0] == name} <= set(found)
        }
        self.dropped.extend("facet" for _ in copied)
        return [pair for pair in found if pair not in copied]

    def _ranges(self, bounds: Iterable[Bounds]) -> dict[str, Range]:
        found: dict[str, Range] = {}
        for b in bounds:
            known = self.vocabulary.numbers.get(b.field)
            sides = [x for x in (b.min, b.max) if x is not None]
            if (
                known is not None
                and sides
                and sides == sorted(sides)
                and all(known.span.count == 0 or known.span.holds(x, 0.5) for x in sides)
                and self.evidence.bounds(known, b.min, b.max)
            ):
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
                or not self.evidence.compares(known, direction)
            ):
                self.dropped.append("relative")
            else:
                found[Relative(field=known.name, direction=direction, base=base)] = None
        return tuple(found)

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
        return " ".join(w for w in text.split() if self.evidence.says(w))


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value)
    return found
