"""Items shown for their own sake: what to begin with, side by side, and what may speak against one.

Everything said here is read from the catalogue; nothing is guessed about the person.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant import answers
from assistant.explanation.cards import card
from assistant.explanation.wording import REFERENCE, Wording
from assistant.types import Card, Reading, Relative
from retrieval.elicitation import first_picks
from retrieval.filters import number
from retrieval.slate import Balance
from retrieval.types import Candidate, Field, Item, ItemId, Pick, Query

if TYPE_CHECKING:
    from assistant.build import Parts

SPREAD = Balance(diversity=0.6, calibration=0.0)
"""Well-known items, as different from one another as they can be without being obscure."""

STARTERS = 10
USUAL = 0.25  # share of the catalogue on either side of which a number is out of the ordinary
EXTREMES = 2
NAMES = 2  # a field with more people than that does not say whose work an item is
VALUES = 2
CRITIQUES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Critique:
    """Something true of an item that may speak against it. ``reading`` is what saying so means."""

    key: str
    text: str
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Items side by side; each row is a label, a value for each item and whether they differ."""

    cards: tuple[Card, ...]
    rows: tuple[tuple[str, tuple[str, ...], bool], ...]


class Showcase:
    """What a workspace's items have to show. Safe to share between threads."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock = threading.Lock()
        self._usual: dict[str, tuple[float, float]] = {}
        self._starters: tuple[Card, ...] | None = None

    def starters(self) -> tuple[Card, ...]:
        """Up to :data:`STARTERS` items for a newcomer to choose from: well known, different, and,
        where events show it, such that people differ about them
        (:func:`retrieval.elicitation.first_picks`)."""
        with self._lock:
            held = self._starters
        if held is None:
            retriever = self._parts.retriever
            ranking = retriever.candidates(Query())
            index = retriever.index
            chosen = first_picks(ranking.ids(), index.collaborative, index.vectors, STARTERS)
            if len(chosen) < STARTERS:
                chosen = retriever.select(ranking, STARTERS, balance=SPREAD).ids()
            held = self.cards(chosen)
            with self._lock:
                self._starters = held
        return held

    def cards(self, ids: Iterable[ItemId], words: Wording = REFERENCE) -> tuple[Card, ...]:
        """Plain cards without reasons, in order; ids that are not in the catalogue are left out."""
        return tuple(self._card(item, words) for item in self._items(ids))

    def compare(self, ids: Sequence[ItemId], words: Wording = REFERENCE) -> Comparison:
        """The items with every fact that the catalogue states of at least one of them."""
        items = self._items(ids)
        rows = answers.table(items, self._parts.schema, words)
        return Comparison(cards=tuple(self._card(i, words) for i in items), rows=rows)

    def critiques(self, item: ItemId, words: Wording = REFERENCE) -> tuple[Critique, ...]:
        """What may speak against an item: numbers out of the ordinary first, then whose work it is,
        then what it is. At most :data:`CRITIQUES`, each true of the item.

        A number speaks against nothing by itself: only those count of which the wording knows that
        there can be too much or too little.
        """
        found = self._parts.retriever.items.get(item)
        if found is None:
            return ()
        schema = self._parts.schema
        out: list[Critique] = []
        for field in schema.fields:
            if field.role in ("number", "date") and field.kind != "popularity":
                out += self._extreme(found, field, words)
        people = [f for f in schema.by_kind("person") if f.role == "facet"]
        plain = [f for f in schema.by_role("facet") if f.kind == "plain" and f.coverage > 0.5]
        out = out[:EXTREMES]
        works = (f for f in people if 0 < len(_values(found, f)) <= NAMES)
        for field in itertools.islice(works, 1):
            out += self._left_out(found, field, _values(found, field), words)
        for field in plain[:2]:
            out += self._left_out(found, field, _values(found, field), words)
        return tuple(out[:CRITIQUES])

    def _extreme(self, item: Item, field: Field, words: Wording) -> list[Critique]:
        x = number(item.fields.get(field.name))
        low, high = self._between(field)
        if x is None or low <= x <= high:
            return []
        above = x > high
        table = "too_high" if above else "too_low"
        kinds = words.tables[table]
        said = words.template(table, field) or kinds.get(field.kind)
        if said is None:
            return []
        direction = Relative(
            field=field.name,
            direction="lower" if above else "higher",
            base=f"anchor:{item.id}",
        )
        return [
            Critique(
                key=f"{table}:{field.name}",
                text=said,
                reading=Reading(disliked=(item.id,), relative=(direction,)),
            )
        ]

    def _left_out(
        self, item: Item, field: Field, values: Sequence[str], words: Wording
    ) -> list[Critique]:
        key = "card.not_person" if field.kind == "person" else "card.not"
        return [
            Critique(
                key=f"not:{field.name}:{n}",
                text=words.say(key, v=value, field=words.label(field)),
                reading=Reading(disliked=(item.id,), exclude={field.name: (value,)}),
            )
            for n, value in enumerate(values[:VALUES])
        ]

    def _between(self, field: Field) -> tuple[float, float]:
        """The bounds of what is usual for a number; everything where nothing is known."""
        with self._lock:
            held = self._usual.get(field.name)
        if held is None:
            values = self._parts.retriever.values(field.name)
            end = len(values) - 1
            held = (float("-inf"), float("inf"))
            if end > 0:
                held = (float(values[int(USUAL * end)]), float(values[int((1 - USUAL) * end)]))
            with self._lock:
                self._usual[field.name] = held
        return held

    def _items(self, ids: Iterable[ItemId]) -> tuple[Item, ...]:
        items = self._parts.retriever.items
        return tuple(items[i] for i in ids if i in items)

    def _card(self, item: Item, words: Wording) -> Card:
        return card(
            Pick(item=item, candidate=Candidate(id=item.id)), self._parts.schema, words=words
        )


def _values(item: Item, field: Field) -> tuple[str, ...]:
    """The words that a facet of the item holds, as the catalogue spells them."""
    held = item.fields.get(field.name)
    return tuple(v for v in (held if isinstance(held, tuple) else (held,)) if isinstance(v, str))
