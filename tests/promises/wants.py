"""What a generated person may demand next, drawn from what the items have."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from retrieval.types import Field, Item
from tests.promises.demands import Demand, plain
from tests.promises.stock import Facet, Stock, spread, values
from tests.promises.wording import Words, reading

HARD = 0.12
"""Chance that somebody demands what perhaps nothing meets."""

WHOLE_YEAR = 0.9999


class Wants:
    """Draws demands over one catalogue that can be said in one person's language."""

    def __init__(self, stock: Stock, words: Words, rng: random.Random) -> None:
        self._stock = stock
        self._words = words
        self._rng = rng

    def is_kind(self, demand: Demand) -> bool:
        """Whether it says what kind of thing is wanted."""
        kind = self._stock.kind
        return kind is not None and demand.fields == (kind.field.name,)

    def one(self, facet: Facet, value: str) -> Demand:
        """A demand for one value."""
        return Demand(fields=(facet.field.name,), one_of=(value,))

    def fit(self, demands: Sequence[Demand]) -> list[Item]:
        """The items to be had that meet all of them."""
        return self._stock.meeting(demands)

    def draw(self, had: Sequence[Demand], *, opening: bool = False) -> Demand | None:
        """A new demand that something meets together with those before, or perhaps nothing."""
        pool = self.fit(had)
        if len(pool) < 2:
            return None
        makers = [self._of_facet, self.of_number, self._of_people]
        make = self._rng.choices(makers, [3.0, 3.0, 1.0])[0]
        pool_or_all = self.fit(had[:1]) if self._rng.random() < HARD else pool
        new = make(pool_or_all, had)
        if new is None or not self._words.clear(new):
            return None
        shape = self._words.shape(new)
        head = opening and not any(self._words.shape(d) == "value" for d in had)
        if not self._words.has("said", shape) and not (head and shape == "value"):
            return None
        if new in had or any(new.fields == d.fields and (d.bounds or new.bounds) for d in had):
            return None
        told = {plain(v) for d in had for v in (*d.one_of, *d.none_of)}
        again = any(plain(v) in told for v in (*new.one_of, *new.none_of))
        if again or (opening and any(d.fields == new.fields for d in had)):
            return None
        left = len(self.fit((*had, new)))
        hard = pool_or_all is not pool
        # Of two of a kind that exclude each other the newer may be meant alone.
        alone = any(d.one_of and new.one_of and d.fields == new.fields for d in had)
        return new if (hard and not alone) or left >= 1 else None

    def _of_facet(self, pool: Sequence[Item], had: Sequence[Demand]) -> Demand | None:
        there = [f for f in self._stock.facets if f is not self._stock.kind]
        there = [f for f in there if self.common(f.field, pool)]
        single = {d.fields[0] for d in had if d.one_of} & self._stock.single
        there = [f for f in there if f.field.name not in single]
        if not there:
            return None
        facet = self._rng.choice(there)
        counts = values(pool, facet)
        options = [v for v in facet.values if counts[v]]
        if facet.flag:
            options = [v for v in options if v == "true"]
        if not options:
            return None
        value = self._rng.choice(options)
        if not facet.flag and self._rng.random() < 0.35:
            return Demand(fields=(facet.field.name,), none_of=(value,))
        return self.one(facet, value)

    def common(self, field: Field, pool: Sequence[Item]) -> bool:
        """Whether a field says something about most of the items."""
        return 2 * sum(field.name in i.fields for i in pool) > len(pool)

    def of_number(self, pool: Sequence[Item], had: Sequence[Demand]) -> Demand | None:
        """A limit among the numbers of a pool."""
        fields = [f for f in self._stock.numbers if self.common(f, pool)]
        vague = ("minimum", "maximum")
        fields = [f for f in fields if f.label.partition(" ")[0] not in vague]
        if not fields:
            return None
        field = self._rng.choice(fields)
        known = spread(pool, field.name)
        low, high = known[len(known) // 4], known[(3 * len(known)) // 4]
        if low == high:
            return None
        x = _near(known[self._rng.randrange(len(known))], field)
        how = reading(field)
        name = (field.name,)
        makers = {
            "least": Demand(fields=name, least=x),
            "most": Demand(fields=name, most=x),
            "above": Demand(fields=name, above=x),
            "below": Demand(fields=name, below=x),
        }
        if how == "year":
            decade = 10.0 * int(x // 10)
            if 1900 <= decade < 2000:
                makers["decade"] = Demand(fields=name, least=decade, below=decade + 10)
        if how == "date":
            makers = {
                "above": Demand(fields=name, above=int(x) + WHOLE_YEAR),
                "below": Demand(fields=name, below=float(int(x))),
            }
        a, b = _near(low, field), _near(high, field)
        if a < b and how in ("year", "price", "plain"):
            makers["between"] = Demand(fields=name, least=a, most=b)
        said = [d for d in makers.values() if self._words.has("said", self._words.shape(d))]
        return self._rng.choice(said) if said else None

    def _of_people(self, pool: Sequence[Item], had: Sequence[Demand]) -> Demand | None:
        there = sorted(
            {
                (name, field)
                for item in self._rng.sample(list(pool), min(30, len(pool)))
                for field in {self._stock.people[n] for n in _names(item, self._stock)}
                for name in _names(item, self._stock)
                if self._stock.people[name] == field
            }
        )
        if not there:
            return None
        name, field = self._rng.choice(there)
        if self._rng.random() < 0.35:
            return Demand(fields=(field,), none_of=(name,))
        return Demand(fields=(field,), one_of=(name,))


def _names(item: Item, stock: Stock) -> list[str]:
    people = (f.name for f in stock.schema.by_kind("person"))
    held = (item.fields.get(name) for name in people)
    spelt = (v if isinstance(v, tuple) else (str(v),) for v in held if v is not None)
    return [name for some in spelt for name in some if name in stock.people]


def _near(x: float, field: Field) -> float:
    """A number as people name limits: years whole, ratings to a tenth, else two digits of it."""
    if field.kind == "year" or field.role == "date" or x == 0:
        return float(int(x))
    if field.kind == "rating":
        return round(x, 1)
    digits = 1 - math.floor(math.log10(abs(x)))
    return round(x, digits)
