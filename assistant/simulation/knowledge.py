"""What somebody remembers of the thing they want, and what a catalogue's words are worth."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assistant.simulation.habits import people
from assistant.simulation.leaks import names
from retrieval.filters import fold, number
from retrieval.types import Field, Item, ItemId, Schema

FEW_VALUES = 60
"""Distinct values up to which people know a facet by heart; of more they remember a detail."""

USUAL = 4
"""Items that must hold a value or a word before people use it."""

TELLING = 0.02
"""Share of the catalogue up to which a word of a description tells anything."""

LEADING = 3
"""People of an item that somebody may remember: the first ones named."""

_MAKERS = ("director", "author", "writer", "creator", "maker", "composer")
_LETTERS = re.compile(r"[^\W\d_]{5,}")

Kind = Literal["value", "detail", "person", "maker", "period", "price", "word", "like"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that can be said of an item. ``field`` is empty for words and likenesses, and
    ``value`` is as a person says it: a period is the first year of its decade."""

    kind: Kind
    field: str
    value: str


class Catalogue:
    """The items as people know them: which facets there are, and how usual a word is."""

    def __init__(self, schema: Schema, items: Mapping[ItemId, Item]) -> None:
        self.schema = schema
        self.items = items
        self.facets = tuple(f for f in schema.by_role("facet") if f.kind in ("plain", "person"))
        self.usual: dict[str, Counter[str]] = {f.name: Counter() for f in self.facets}
        self._said: Counter[str] = Counter()
        for item in items.values():
            for field in self.facets:
                self.usual[field.name].update(set(values(item, field)))
            self._said.update(set(_LETTERS.findall(fold(item.text))))
        self._folded = {name: {fold(v) for v in held} for name, held in self.usual.items()}
        self.year = next(iter(schema.by_kind("year")), None)
        self.price = next(iter(schema.by_kind("price")), None)

    def facts(self, item: Item) -> list[Fact]:
        """Everything that people could say of the item, in the order of the catalogue; a value
        that names it is left out."""
        found = []
        for field in self.facets:
            kind = self.kind(field)
            held = values(item, field)
            for value in held[:LEADING] if field.kind == "person" else held:
                if kind in ("value", "person", "maker") or self.usual[field.name][value] >= USUAL:
                    found.append(Fact(kind, field.name, value))
        year = number(item.fields.get(self.year.name)) if self.year else None
        if self.year and year is not None:
            found.append(Fact("period", self.year.name, str(int(year) // 10 * 10)))
        price = number(item.fields.get(self.price.name)) if self.price else None
        if self.price and price is not None:
            found.append(Fact("price", self.price.name, str(int(price * 1.2) + 1)))
        most = max(USUAL, int(TELLING * len(self.items)))
        unsaid = tuple(people()["words"]["unsaid"])
        for word in dict.fromkeys(_LETTERS.findall(fold(item.text))):
            if USUAL <= self._said[word] <= most and not word.endswith(unsaid):
                found.append(Fact("word", "", word))
        return [f for f in found if not names(f.value, item.title)]

    def kind(self, field: Field) -> Kind:
        """How people speak of a facet's values."""
        if field.kind == "person":
            return "maker" if field.name.rpartition(".")[2].startswith(_MAKERS) else "person"
        return "value" if len(self.usual[field.name]) <= FEW_VALUES else "detail"

    def fields_of(self, chips: Sequence[str]) -> frozenset[str]:
        """What a question with these buttons is about: the facets that hold most of them, else the
        year or the price where most name a span of it. Empty where nothing does."""
        wanted = {fold(chip) for chip in chips}
        held = {n for n, known in self._folded.items() if 2 * len(wanted & known) > len(wanted)}
        if held:
            return frozenset(held)
        named = Counter(f.name for f in map(self._spanned, chips) if f is not None)
        return frozenset(name for name, n in named.items() if 2 * n > len(chips))

    def fits(self, chip: str, item: Item) -> bool | None:
        """Whether a button holds of the item; None where it is no value of anything."""
        said, meant, field = fold(chip), span(chip), self._spanned(chip)
        if meant is not None and field is not None:
            x = number(item.fields.get(field.name))
            return x is not None and meant[1] <= x <= meant[2]
        if not any(said in known for known in self._folded.values()):
            return None
        return any(said in map(fold, values(item, f)) for f in self.facets)

    def _spanned(self, chip: str) -> Field | None:
        """The field of whose numbers a button names a span."""
        meant = span(chip)
        if meant is None:
            return None
        return self.year if meant[0] == "year" else self.price

    def dated(self, item: Item) -> str:
        """The title as it is told from others like it: with its year, where one is known."""
        year = number(item.fields.get(self.year.name)) if self.year else None
        return item.title if year is None else f"{item.title} ({int(year)})"

    def alike(self, left: Item, right: Item) -> float:
        """How much two items share, in [0, 1]: of the values of facets people know by heart, the
        shared over all (Jaccard), less a little for every decade between them."""
        years, _ = self.apart(left, right)
        mine, other = self._known(left), self._known(right)
        share = len(mine & other) / len(mine | other) if mine | other else 0.0
        return max(0.0, share - 0.05 * abs(years) / 10)

    def apart(self, left: Item, right: Item) -> tuple[float, float]:
        """How many years later the left one was made, and by what share of the right one's price
        it is dearer; 0 where either is not known."""
        made, other = self._numbers(left, right, self.year)
        costs, price = self._numbers(left, right, self.price)
        return made - other, (costs - price) / price if price > 0 else 0.0

    def _numbers(self, left: Item, right: Item, field: Field | None) -> tuple[float, float]:
        if field is None:
            return 0.0, 0.0
        mine, other = (number(i.fields.get(field.name)) for i in (left, right))
        return (0.0, 0.0) if mine is None or other is None else (mine, other)

    def _known(self, item: Item) -> set[tuple[str, str]]:
        return {
            (f.name, v) for f in self.facets if self.kind(f) == "value" for v in values(item, f)
        }


_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)(s?)\b")
_MONEY = re.compile(r"[€$£]\s?(\d[\d,]*(?:\.\d+)?)")


def span(chip: str) -> tuple[Literal["year", "price"], float, float] | None:
    """The span of years or of money that a button names ("1990s", "up to 1990", "over €80"), its
    ends included; None where it names none."""
    said, table = fold(chip), people()["words"]
    money = [(float(amount.replace(",", "")), 0) for amount in _MONEY.findall(said)]
    found = money or [(float(year), 9 * bool(s)) for year, s in _YEAR.findall(said)]
    if not found:
        return None
    kind: Literal["year", "price"] = "price" if money else "year"
    first, (last, more) = found[0][0], found[-1]
    if any(word in said for word in table["until"]):
        return kind, -math.inf, last
    single = len(found) == 1
    if single and (any(word in said for word in table["since"]) or ("from" in said and not more)):
        return kind, first, math.inf
    return kind, first, last + more


def values(item: Item, field: Field) -> tuple[str, ...]:
    """The values of a facet as text, in the item's order; empty where it has none."""
    held = item.fields.get(field.name)
    if held is None or isinstance(held, bool):
        return ()
    return held if isinstance(held, tuple) else (str(held),)


def remembered(
    catalogue: Catalogue,
    target: Item,
    liked: Sequence[ItemId],
    chances: Mapping[str, float],
    rng: np.random.Generator,
) -> tuple[Fact, ...]:
    """What one person remembers of the target, in the order in which it would come to mind.

    ``liked`` are their own earlier likes, of which those that share most with the target may serve
    as examples: by what the catalogue says of both, never by anybody's scores. Empty when nothing
    can be said of it.
    """
    found = []
    facts = catalogue.facts(target)
    for fact in facts:
        chance = {
            "value": chances["value"],
            "person": chances["name"],
            "maker": chances["name"],
            "period": chances["period"],
            "price": chances["price"],
        }.get(fact.kind, 0.0)
        if rng.random() < chance:
            found.append(fact)
    for kind, most in (("detail", chances["detail"]), ("word", chances["word"])):
        held = [f for f in facts if f.kind == kind]
        n = min(len(held), int(rng.integers(0, int(most) + 1)))
        found += [held[i] for i in rng.choice(len(held), size=n, replace=False)] if n else []
    near = sorted(
        (catalogue.items[i] for i in liked if i in catalogue.items and i != target.id),
        key=lambda i: (-catalogue.alike(i, target), i.id),
    )
    near = [i for i in near if not names(i.title, target.title)][: 2 * int(chances["likes"])]
    n = min(len(near), int(rng.integers(0, int(chances["likes"]) + 1)))
    found += [Fact("like", "", near[i].title) for i in rng.choice(len(near), n, False)] if n else []
    order = rng.permutation(len(found))
    return tuple(found[i] for i in order)
