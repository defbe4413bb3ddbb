"""Lays a ledger on a slate and says which promises are broken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, combinations
from typing import Literal

from retrieval.types import Item, ItemId
from tests.promises.demands import Demand, amount, said
from tests.promises.ledger import Agree, Gone, Ids, Message, Order, State, Undo

MOST = 12
"""Items that a slate may hold where no number was named."""

FEW = 3
"""Items below which a slate is short, where that many fit."""

Rule = Literal[
    "constraint",  # an item breaks what was demanded
    "repeat",  # an item came back that was rejected, known, or passed over for others
    "sold out",  # an item that cannot be had, and was not welcome
    "retired",  # an item that is no longer part of the catalogue, or never was
    "duplicate",  # one item twice on a slate
    "too many",  # more items than asked for
    "empty",  # no item, though something fits
    "short",  # fewer than three, though more fit
    "order",  # not in the order asked for
    "undo",  # an undo that does not show what was there
    "gave up",  # more given up than had to be
    "names",  # the reply names an item that nobody spoke of
]

PROMISES: tuple[Rule, ...] = ("constraint", "repeat")
"""The rules whose breach is the worst: what was demanded, and what was turned away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One broken promise, and what broke it."""

    rule: Rule
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person gets to see of a turn."""

    slate: Ids = ()
    text: str = ""


class Shelf:
    """The items of a catalogue, the retired ones too, as they were stored."""

    def __init__(self, items: Iterable[Item]) -> None:
        self.items: Mapping[ItemId, Item] = {i.id: i for i in items}

    def fitting(self, state: State, *, without: tuple[Demand, ...] = ()) -> int:
        """How many items must be found, counted one by one: what is open counts as demanded, and an
        item of which nothing is known may be left out by what it must not be."""
        demands = [d for d in (*state.firm, *state.perhaps) if d not in without]
        away = state.gone | state.passed
        return sum(
            not i.retired
            and (i.available or state.welcome)
            and i.id not in away
            and all(d.met(i) and any(f in i.fields for f in d.fields) for d in demands)
            for i in self.items.values()
        )

    def named(self, text: str, *, allowed: Iterable[ItemId], known: str) -> tuple[str, ...]:
        """Titles that a text names though nobody spoke of those items.

        Only titles of three words and more are looked for, since shorter ones are words too, and
        only those that are no part of an allowed title, of a value of the catalogue or of ``known``
        text.
        """
        there = {self.items[i].title for i in allowed if i in self.items}
        hay = "\n".join((known, *there))
        titles = (t for t in self._titles if t in text)
        whole = (t for t in titles if re.search(rf"(?<!\w){re.escape(t)}(?!\w)", text))
        return tuple(t for t in whole if t not in hay and t.casefold() not in self._values)

    @cached_property
    def _titles(self) -> tuple[str, ...]:
        long = (i.title for i in self.items.values() if len(i.title.split()) >= 3)
        return tuple(dict.fromkeys(t for t in long if len(t) >= 12))

    @cached_property
    def _values(self) -> frozenset[str]:
        return frozenset(v for i in self.items.values() for f in i.fields.values() for v in said(f))


def judge(
    shelf: Shelf,
    state: State,
    message: Message,
    answer: Answer,
    *,
    named: Iterable[ItemId] = (),
    before: Ids = (),
    shown: frozenset[ItemId] = frozenset(),
) -> tuple[list[Fault], dict[Demand, Demand | None]]:
    """The faults of an answer, and the demands that an accepted offer gave up, each with the limit
    that may hold in its place.

    ``state`` is what holds after the message, ``before`` the slate that lay there when it was
    written, ``named`` what the person spoke of by name, ``shown`` all that was on a slate: an offer
    is of what is new.
    """
    slate = answer.slate
    faults = list(_items(shelf, state, slate))
    intents = message.intents
    if any(isinstance(i, Undo) for i in intents):
        # What lay there may hold what has been turned away in the meantime.
        faults = [f for f in faults if f.rule not in ("constraint", "repeat", "sold out")]
        if set(slate) != set(state.slate):
            faults.append(Fault(rule="undo", detail=f"{slate} instead of {state.slate}"))
        return faults, {}
    orders = [i for i in intents if isinstance(i, Order)]
    if orders:  # the same items again, in order
        faults = [f for f in faults if f.rule != "repeat" or f.detail in state.gone]
    given: tuple[Demand, ...] = ()
    if any(isinstance(i, Agree) for i in intents):
        given = tuple(d for d in state.firm if not _all_meet(shelf, d, slate))
        faults = [f for f in faults if f.rule != "constraint"]
        if not slate:
            faults.append(Fault(rule="empty", detail="an offer was accepted"))
        new = replace(state, passed=state.passed | shown)
        if any(shelf.fitting(new, without=less) for less in _less(given)):
            faults.append(Fault(rule="gave up", detail=f"{given}"))
    most = message.most if message.most is not None else MOST
    if len(slate) > most:
        faults.append(Fault(rule="too many", detail=f"{len(slate)} of {most}"))
    faults += [f for o in orders for f in _order(shelf, o, slate)]
    moved = {d: _moved(shelf, d, slate) for d in given}
    judges = all(isinstance(i, Gone) for i in intents)  # which a word of thanks answers too
    if not message.talk and len(slate) < min(FEW, most):
        limits = tuple(d for d in moved.values() if d is not None)
        perhaps = replace(state, perhaps=(*state.perhaps, *limits))
        fits = shelf.fitting(perhaps, without=given)
        if fits and not slate and not judges:
            faults.append(Fault(rule="empty", detail=f"{fits} fit"))
        elif slate and len(slate) < min(FEW, most, fits) and not orders:
            faults.append(Fault(rule="short", detail=f"{len(slate)}, {fits} fit"))
    spoken = {*slate, *before, *state.slate, *state.gone, *named}
    for title in shelf.named(answer.text, allowed=spoken, known=message.text):
        faults.append(Fault(rule="names", detail=title))
    return faults, moved


def _items(shelf: Shelf, state: State, slate: Ids) -> Iterable[Fault]:
    """What is wrong with the items themselves."""
    if len(set(slate)) < len(slate):
        yield Fault(rule="duplicate", detail=f"{slate}")
    for id_ in dict.fromkeys(slate):
        item = shelf.items.get(id_)
        if item is None or item.retired:
            yield Fault(rule="retired", detail=id_)
            continue
        if id_ in state.gone or id_ in state.passed:
            yield Fault(rule="repeat", detail=id_)
        if not item.available and not state.welcome:
            yield Fault(rule="sold out", detail=id_)
        for demand in state.firm:
            if not demand.met(item):
                held = {f: item.fields.get(f) for f in demand.fields}
                yield Fault(rule="constraint", detail=f"{id_} {held} breaks {demand}")


def _order(shelf: Shelf, order: Order, slate: Ids) -> Iterable[Fault]:
    """An order that does not hold; items without the number come last."""
    held = [amount(shelf.items[i].fields.get(order.field)) for i in slate if i in shelf.items]
    known = [x for x in held if x is not None]
    if held[: len(known)] != sorted(known, reverse=order.descending):
        yield Fault(rule="order", detail=f"{order.field}: {held}")


def _all_meet(shelf: Shelf, demand: Demand, slate: Ids) -> bool:
    return all(demand.met(shelf.items[i]) for i in slate if i in shelf.items)


def _moved(shelf: Shelf, demand: Demand, slate: Ids) -> Demand | None:
    """A limit that was given up, as far as the items shown lie from it; None for what is none."""
    held = [amount(shelf.items[i].fields.get(f)) for i in slate for f in demand.fields]
    known = [x for x in held if x is not None]
    if not demand.bounds or not known:
        return None
    low = demand.least if demand.least is not None else demand.above
    high = demand.most if demand.most is not None else demand.below
    return Demand(
        fields=demand.fields,
        least=None if low is None else min(low, *known),
        most=None if high is None else max(high, *known),
    )


def _less(given: tuple[Demand, ...]) -> Iterable[tuple[Demand, ...]]:
    """Every smaller choice from what was given up."""
    return chain.from_iterable(combinations(given, n) for n in range(len(given)))
