"""What true and false texts about the items of a workspace are made of: its own facts."""

from __future__ import annotations

import random
from collections import Counter

from assistant import Assistant
from retrieval.filters import fold, number, texts
from retrieval.types import Field, Item

KEYWORDS = ("tags", "keywords", "currency")  # open lists, of which nobody says "its tags are"


def _all(item: Item, field: Field) -> tuple[str, ...]:
    """The text values of a field."""
    held = item.fields.get(field.name)
    return held if isinstance(held, tuple) else (held,) if isinstance(held, str) else ()


class Material:
    """The items, people and values of one workspace, and the chance that draws from them."""

    def __init__(self, assistant: Assistant, chance: random.Random) -> None:
        parts = assistant.parts
        self.schema = parts.schema
        self.items = [i for i in parts.retriever.items.values() if not i.retired and i.fields]
        self.by_id = parts.retriever.items
        self.noun = self.schema.noun
        self.chance = chance
        self.taste = parts.taste
        self.together = parts.retriever.index.collaborative.together
        self.similarity = parts.retriever.similarity
        users = sorted({e.user for e in parts.workspace.events.all()})
        chance.shuffle(users)
        self.people = {u: self.taste.person(u) for u in users[:60]}
        self.people = {u: p for u, p in self.people.items() if len(p.liked) > 3}
        titles = Counter(fold(i.title) for i in self.items)
        self.plain = [i for i in self.items if titles[fold(i.title)] == 1 and 3 < len(i.title) < 45]

    def field(self, *kinds: str, role: str = "") -> list[Field]:
        return [
            f
            for f in self.schema.fields
            if (f.kind in kinds if kinds else True) and (not role or f.role == role)
        ]

    def say(self, *wordings: str, **said: object) -> str:
        return self.chance.choice(wordings).format(noun=self.noun, **said)

    def year_of(self, item: Item) -> int | None:
        for f in (*self.field("year"), *self.field(role="date")):
            x = number(item.fields.get(f.name))
            if x is not None:
                return int(x)
        return None

    def names(self, item: Item) -> list[tuple[Field, str]]:
        return [(f, v) for f in self.field("person") for v in _all(item, f) if " " in v]

    def values(self, item: Item) -> list[tuple[Field, str]]:
        found = []
        for f in self.field("plain", role="facet"):
            if f.name.rpartition(".")[2] not in KEYWORDS:
                found += [(f, v) for v in _all(item, f)]
        return found

    def others(self, f: Field, item: Item) -> list[str]:
        own = set(texts(item.fields[f.name]))
        out = {
            v
            for _ in range(30)
            for g, v in self.values(self.chance.choice(self.items))
            if g.name == f.name and fold(v) not in own
        }
        return sorted(out)
