"""A generated person: decides what they mean, then puts it into words."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from tests.promises.check import Answer
from tests.promises.demands import Demand, amount
from tests.promises.ledger import (
    Agree,
    Ask,
    Compare,
    Gone,
    Ids,
    Intent,
    Ledger,
    Lift,
    Message,
    Order,
    Others,
    Question,
    Restart,
    Undo,
    Welcome,
)
from tests.promises.stock import Stock
from tests.promises.wants import Wants
from tests.promises.wording import LANGUAGES, Words, reading

T = TypeVar("T")

FOREIGN = 0.2
"""Share of the people who write another language than English."""

HABITS: dict[str, float] = {
    "add": 5.0,
    "limit": 1.5,
    "kind": 0.6,
    "lift": 1.5,
    "gone": 3.0,
    "titled": 0.7,
    "others": 3.0,
    "compare": 2.0,
    "order": 1.0,
    "few": 0.6,
    "welcome": 0.5,
    "undo": 1.8,
    "restart": 0.6,
    "question": 1.2,
}
"""How often people do what, relative to one another."""


class Person:
    """Somebody with demands of their own, in one conversation.

    Sees the slate and remembers what they said (the ledger); draws what to say next from ``seed``.
    The first message always demands something.
    """

    def __init__(self, stock: Stock, seed: int | str) -> None:
        self._rng = random.Random(seed)
        self._stock = stock
        foreign = self._rng.random() < FOREIGN
        self.language = self._rng.choice(LANGUAGES[1:]) if foreign else "en"
        self._words = Words(stock, self.language, self._rng)
        self._wants = Wants(stock, self._words, self._rng)
        self._items = {i.id: i for i in stock.items}
        self.turns = self._rng.randint(4, 9)

    def open(self) -> Message:
        """The first message."""
        return self._opening("thing", ())

    def next(self, ledger: Ledger, answer: Answer, *, stuck: bool) -> Message:
        """The message after an answer; ``stuck`` when that said that nothing fits."""
        if stuck and not answer.slate and self._rng.random() < 0.5:
            return Message(text=self._words.say("agree", "any"), intents=(Agree(),), shape="agree")
        for _ in range(200):
            kind = self._rng.choices(list(HABITS), list(HABITS.values()))[0]
            make: Callable[[Ledger], Message | None] = getattr(self, f"_{kind}")
            message = make(ledger)
            if message is not None:
                return message
        return Message(text=self._words.say("undo", "any"), intents=(Undo(),), shape="undo")

    def _opening(self, key: str, before: tuple[Intent, ...]) -> Message:
        """One to three demands at once, with a number of items now and then."""
        kind = self._stock.kind
        demands: list[Demand] = []
        if kind is not None:
            demands.append(self._wants.one(kind, self._rng.choice(kind.values)))
        wanted = self._rng.randint(1, 3)
        for _ in range(20):
            if len(demands) >= wanted:
                break
            new = self._wants.draw(demands, opening=True)
            if new is not None:
                demands.append(new)
        # A facet of many values is the head of the sentence: "westerns made before 1970".
        # What is left out comes last, so that nothing else is said of it.
        demands.sort(key=self._place)
        n = self._rng.randint(2, 5) if self.language == "en" and self._rng.random() < 0.2 else None
        if sum(self._words.shape(d) == "value" for d in demands) > 1 and kind is not None:
            demands = demands[:1]
        text = self._words.say("open", key, thing=self._words.thing(demands, n))
        ask = self._asked(tuple(demands))
        return Message(text=text, intents=(*before, ask), shape=f"open.{key}", most=n)

    def _spoken(self, name: str) -> bool:
        """Whether a field has a name that people use ("released" is none)."""
        field = self._stock.schema.find(name)
        return field is not None and field.role != "date"

    def _place(self, demand: Demand) -> int:
        head = self._words.shape(demand) == "value" or self._wants.is_kind(demand)
        return 0 if head else 2 if demand.none_of else 1

    def _asked(self, demands: tuple[Demand, ...]) -> Ask:
        kind = self._stock.kind
        return Ask(demands=demands, single=self._stock.single, kind=kind.field.name if kind else "")

    def _add(self, ledger: Ledger) -> Message | None:
        new = self._wants.draw(ledger.state.firm)
        if new is None:
            return None
        shape = self._words.shape(new)
        slots = self._words.slots(new)
        if self._words.has("add", shape) and self._rng.random() < 0.7:
            text = self._words.say("add", shape, **slots)
        elif self._words.has("add", "said") and self._words.has("said", shape):
            text = self._words.say("add", "said", said=self._words.said(new))
        else:
            return None
        return Message(text=text, intents=(self._asked((new,)),), shape=f"add.{shape}")

    def _limit(self, ledger: Ledger) -> Message | None:
        """Another limit in the place of one."""
        firm = ledger.state.firm
        old = self._choice([d for d in firm if d.bounds])
        if old is None or not self._words.has("add", "limit"):
            return None
        rest = [d for d in firm if d is not old]
        for _ in range(20):
            new = self._wants.of_number(self._wants.fit(rest), rest)
            if new is not None and new.fields == old.fields and new != old:
                said = self._words.said(new)
                text = self._words.say("add", "limit", said=said)
                return Message(text=text, intents=(self._asked((new,)),), shape="limit")
        return None

    def _kind(self, ledger: Ledger) -> Message | None:
        """Another kind of thing."""
        kind = self._stock.kind
        if kind is None or not self._words.has("add", "kind"):
            return None
        had = {v for d in ledger.state.firm if self._wants.is_kind(d) for v in d.one_of}
        value = self._rng.choice([v for v in kind.values if v not in had])
        text = self._words.say("add", "kind", value=value)
        ask = self._asked((self._wants.one(kind, value),))
        return Message(text=text, intents=(ask,), shape="kind")

    def _lift(self, ledger: Ledger) -> Message | None:
        """A demand is taken back, by the name of its field or by its value."""
        fields = [d.fields for d in ledger.state.firm if d.bounds]
        options = [
            d
            for d in ledger.state.firm
            if not self._wants.is_kind(d)
            and (not d.bounds or (fields.count(d.fields) == 1 and self._spoken(d.fields[0])))
        ]
        old = self._choice(options)
        if old is None or not self._words.has("lift", "number"):
            return None
        flag = self._words.shape(old) == "flag"
        key = "number" if old.bounds else "not_value" if old.none_of else "value"
        slots = self._words.slots(old)
        if flag:
            slots["value"] = slots["label"]
        text = self._words.say("lift", key, **slots)
        return Message(text=text, intents=(Lift(demand=old),), shape=f"lift.{key}")

    def _gone(self, ledger: Ledger) -> Message | None:
        """Something on the slate is rejected, or known already."""
        slate = ledger.state.slate
        places = range(1, min(len(slate), self._words.places) + 1)
        if not places:
            return None
        first = self._rng.choice(places)
        seen = "had" if self._stock.schema.by_kind("price") else "seen"
        key = self._choice(
            [k for k in ("place", "place", "all", "two", seen, seen) if self._words.has("gone", k)]
        )
        if key is None or (key == "two" and len(places) < 2):
            return None
        if key == "all":
            if self._words.has("gone", f"{seen}_all") and self._rng.random() < 0.5:
                key = f"{seen}_all"
            text = self._words.say("gone", key)
            away: tuple[Intent, ...] = (Gone(items=slate),)
            if key == "all":  # who wants none of these wants others; who knows them says so
                away = (*away, Others(shown=ledger.shown))
            return Message(text=text, intents=away, shape=f"gone.{key}")
        gone: Ids = (slate[first - 1],)
        slots: dict[str, object] = {"nth": self._words.nth(first), "n": first}
        if key == "two":
            second = self._rng.choice([p for p in places if p != first])
            gone = (*gone, slate[second - 1])
            slots["mth"] = self._words.nth(second)
        text = self._words.say("gone", key, **slots)
        return Message(text=text, intents=(Gone(items=gone),), shape=f"gone.{key}")

    def _titled(self, ledger: Ledger) -> Message | None:
        """Something that is named is rejected or known: from the slate, or from the catalogue."""
        named = {i.id: i for i in self._stock.titled}
        there = [named[i] for i in ledger.state.slate if i in named]
        fitting = [i for i in self._wants.fit(ledger.state.firm) if i.id in named]
        item = self._choice(there if there and self._rng.random() < 0.5 else fitting)
        seen = not self._stock.schema.by_kind("price")
        key = "seen_title" if seen and self._rng.random() < 0.6 else "not_title"
        if item is None or not self._words.has("gone", key):
            return None
        text = self._words.say("gone", key, title=item.title)
        gone = Gone(items=(item.id,))
        return Message(text=text, intents=(gone,), shape=f"gone.{key}", named=(item.id,))

    def _others(self, ledger: Ledger) -> Message | None:
        if not ledger.state.slate:
            return None
        others = Others(shown=ledger.shown)
        if self._words.has("others", "count") and self._rng.random() < 0.2:
            n = self._rng.randint(2, 5)
            text = self._words.say("others", "count", n=self._words.count(n))
            return Message(text=text, intents=(others,), shape="others.count", most=n)
        return Message(text=self._words.say("others", "any"), intents=(others,), shape="others")

    def _compare(self, ledger: Ledger) -> Message | None:
        places = list(enumerate(ledger.state.slate, start=1))[: self._words.places]
        options = []
        for place, id_ in places:
            item = self._items.get(id_)
            for field in self._stock.numbers:
                x = amount(item.fields.get(field.name)) if item is not None else None
                if x is None or field.derived or field.label.startswith(("minimum", "maximum")):
                    continue
                how = "year" if reading(field) == "date" else reading(field)
                for higher in (True, False):
                    key = f"{how}_{'higher' if higher else 'lower'}"
                    if self._words.has("compare", key):
                        options.append((place, item, field, higher, key))
        chosen = self._choice(options)
        if chosen is None:
            return None
        place, base, field, higher, key = chosen
        assert base is not None
        nth, label = self._words.nth(place), self._words.label(field.name)
        text = self._words.say("compare", key, nth=nth, label=label)
        step = Compare(base=base, field=field.name, higher=higher)
        return Message(text=text, intents=(step,), shape=f"compare.{key}")

    def _order(self, ledger: Ledger) -> Message | None:
        slate = [self._items[i] for i in ledger.state.slate if i in self._items]
        if len(slate) < 2:
            return None
        numbers = (f for f in self._stock.numbers if f.role == "number")
        fields = [f for f in numbers if self._wants.common(f, slate)]
        options = [
            (field, down, key)
            for field in fields
            for down in (True, False)
            if not field.label.startswith(("minimum", "maximum"))
            and self._words.has("order", key := f"{reading(field)}_{'down' if down else 'up'}")
        ]
        chosen = self._choice(options)
        if chosen is None:
            return None
        field, down, key = chosen
        text = self._words.say("order", key, label=self._words.label(field.name))
        step = Order(field=field.name, descending=down)
        return Message(text=text, intents=(step,), shape=f"order.{key}")

    def _few(self, ledger: Ledger) -> Message | None:
        if not ledger.state.slate or not self._words.has("few", "any"):
            return None
        n = self._rng.randint(1, 5)
        text = self._words.say("few", "any", n=self._words.count(n))
        return Message(text=text, intents=(Ask(demands=()),), shape="few", most=n)

    def _welcome(self, ledger: Ledger) -> Message | None:
        sold_out = any(not i.available for i in self._stock.items)
        if not (sold_out and ledger.state.slate and self._words.has("welcome", "any")):
            return None
        if ledger.state.welcome:
            return None
        text = self._words.say("welcome", "any")
        return Message(text=text, intents=(Welcome(),), shape="welcome")

    def _undo(self, ledger: Ledger) -> Message | None:
        return Message(text=self._words.say("undo", "any"), intents=(Undo(),), shape="undo")

    def _restart(self, ledger: Ledger) -> Message | None:
        if self._rng.random() < 0.5 and self._words.has("open", "restart"):
            return self._opening("restart", (Restart(),))
        text = self._words.say("restart", "any")
        return Message(text=text, intents=(Restart(),), shape="restart", talk=True)

    def _question(self, ledger: Ledger) -> Message | None:
        slate = [self._items[i] for i in ledger.state.slate if i in self._items]
        places = range(1, min(len(slate), self._words.places) + 1)
        key = self._choice(
            [k for k in ("place", "place", "two", "me") if self._words.has("question", k)]
        )
        if key is None or len(places) < 2:
            return None
        first, second = self._rng.sample(list(places), 2)
        fields = [f for f in self._stock.schema.fields if f.name in slate[first - 1].fields]
        field = self._choice([f for f in fields if f.role in ("facet", "number")])
        slots = {"nth": self._words.nth(first), "mth": self._words.nth(second)}
        label = field.label if field is not None else "title"
        text = self._words.say("question", key, label=label, **slots)
        return Message(text=text, intents=(Question(),), shape=f"question.{key}", talk=True)

    def _choice(self, options: Sequence[T]) -> T | None:
        return self._rng.choice(options) if options else None
