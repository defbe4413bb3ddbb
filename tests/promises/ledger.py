"""What a person has demanded so far, and what must not come back: kept from what they meant.

A message is one or more intents; each gives the state after it. Where what people mean by it is
open (does a price limit follow from laptops to headphones?), a demand moves to ``perhaps``: the
dialogue may keep it or drop it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from retrieval.types import Item, ItemId
from tests.promises.demands import Demand, amount, plain

Ids = tuple[ItemId, ...]
NOTHING: Mapping[Demand, Demand | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What holds now. ``slate`` lies before the person; ``gone`` was rejected, known already, or
    shown before they asked for others; ``welcome`` says that sold-out items may be shown."""

    firm: tuple[Demand, ...] = ()
    perhaps: tuple[Demand, ...] = ()
    gone: frozenset[ItemId] = frozenset()
    passed: frozenset[ItemId] = frozenset()
    welcome: bool = False
    slate: Ids = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Demands that hold from now on. One about a number, or about a field that holds one value,
    replaces what was said of that field; a kind of thing leaves the rest open."""

    demands: tuple[Demand, ...]
    single: frozenset[str] = frozenset()
    kind: str = ""

    def after(self, state: State) -> State:
        for new in self.demands:
            switched = bool(new.one_of) and new.fields == (self.kind,)
            had = [d for d in state.firm if d.one_of and d.fields == new.fields]
            if switched and had and had[0] != new:
                state = replace(state, firm=(), perhaps=(*state.perhaps, *state.firm))
            replaces = new.bounds or (bool(new.one_of) and set(new.fields) <= self.single)
            firm = tuple(
                left
                for d in state.firm
                if not (replaces and d.fields == new.fields and bool(d.one_of) == bool(new.one_of))
                and (left := _contradicted(d, new)) is not None
            )
            # "Over 80", then "rather under 98": whether the other end still holds is open.
            gone = (d for d in state.firm if d not in firm)
            ends = tuple(d for d in (*state.perhaps, *gone) if _other_end(d, new))
            perhaps = tuple(d for d in state.perhaps if d.fields != new.fields)
            state = replace(state, firm=(*firm, new), perhaps=(*perhaps, *ends))
        return state


def _other_end(old: Demand, new: Demand) -> bool:
    """Whether one bounds a number from below and the other from above, and both can hold."""
    lows = [next((x for x in (d.least, d.above) if x is not None), None) for d in (old, new)]
    highs = [next((x for x in (d.most, d.below) if x is not None), None) for d in (old, new)]
    low, high = [x for x in lows if x is not None], [x for x in highs if x is not None]
    return old.fields == new.fields and len(low) == len(high) == 1 and low[0] <= high[0]


def _contradicted(old: Demand, new: Demand) -> Demand | None:
    """The older demand as far as the newer one leaves it; None where nothing is left of it."""
    if old.bounds or old.fields != new.fields:
        return old
    gone = {plain(v) for v in (*new.one_of, *new.none_of)}
    if old.one_of and new.none_of:
        left = tuple(v for v in old.one_of if plain(v) not in gone)
        return replace(old, one_of=left) if left else None
    if old.none_of and new.one_of:
        left = tuple(v for v in old.none_of if plain(v) not in gone)
        return replace(old, none_of=left) if left else None
    return old


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """A demand is taken back."""

    demand: Demand

    def after(self, state: State) -> State:
        fields = self.demand.fields
        kept = tuple(d for d in state.firm if d != self.demand)
        perhaps = tuple(d for d in state.perhaps if d.fields != fields)
        return replace(state, firm=kept, perhaps=perhaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """Items that are rejected, or known already."""

    items: Ids

    def after(self, state: State) -> State:
        return replace(state, gone=state.gone | frozenset(self.items))


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Others than everything shown so far in this conversation."""

    shown: frozenset[ItemId]

    def after(self, state: State) -> State:
        return replace(state, passed=state.passed | self.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Higher or lower in a number than one of the slate; older limits on it are open then."""

    base: Item
    field: str
    higher: bool

    def after(self, state: State) -> State:
        x = amount(self.base.fields.get(self.field))
        new = Demand(fields=(self.field,), **({"above": x} if self.higher else {"below": x}))
        older = tuple(d for d in state.firm if d.bounds and d.fields == new.fields)
        firm = tuple(d for d in state.firm if d not in older)
        return replace(state, firm=(*firm, new), perhaps=(*state.perhaps, *older))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The slate in the order of a number."""

    field: str
    descending: bool

    def after(self, state: State) -> State:
        return state


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """Sold-out items may be shown."""

    def after(self, state: State) -> State:
        return replace(state, welcome=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """All demands are forgotten; what was rejected or is known stays away."""

    def after(self, state: State) -> State:
        return State(gone=state.gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """The last message that changed anything never happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something about the slate; nothing changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree:
    """A yes to the first offer of what to give up."""


Step = Ask | Lift | Gone | Others | Compare | Order | Welcome | Restart
Intent = Step | Undo | Question | Agree


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is meant and what is said. ``most`` items are wanted, where a number is named; ``named``
    are the items that the text names; ``shape`` is the wording's name, for counting. ``talk`` marks
    a message that need not be answered with items."""

    text: str
    intents: tuple[Intent, ...]
    shape: str = ""
    most: int | None = None
    named: Ids = ()
    talk: bool = False


class Ledger:
    """The state of one conversation, with the states that an undo goes back to.

    ``shown`` is everything that was on a slate since they began or started over, ``named``
    everything the person spoke of by name; both are facts, which no undo takes back.
    """

    def __init__(self) -> None:
        self.state = State()
        self.shown: frozenset[ItemId] = frozenset()
        self.named: frozenset[ItemId] = frozenset()
        self._before: list[tuple[State, frozenset[ItemId]]] = []
        self._idle = False

    def hear(self, message: Message) -> None:
        """Take in a message before its answer."""
        bases = (i.base.id for i in message.intents if isinstance(i, Compare))  # pointed at
        self.named |= frozenset((*message.named, *bases))
        state, shown = self.state, self.shown
        for intent in message.intents:
            if isinstance(intent, Undo):
                self._idle = False
                self.state, had = self._before.pop() if self._before else (State(), frozenset())
                self.shown |= had  # a fresh start that is taken back forgets nothing
                return
            if isinstance(intent, Restart):
                self.shown = frozenset()
            if isinstance(intent, Step):
                state = intent.after(state)
        if not any(isinstance(i, Question) for i in message.intents):
            self._before.append((self.state, shown))
            self._idle = state == self.state
        self.state = state

    def see(self, slate: Ids, given_up: Mapping[Demand, Demand | None] = NOTHING) -> None:
        """Take in what was shown, and which demands an accepted offer gave up, with the limits that
        may hold in their place."""
        self.shown |= frozenset(slate)
        if self._idle and not slate:
            self._before.pop()  # nothing changed and nothing was shown: there is nothing to undo
        self._idle = False
        firm = tuple(d for d in self.state.firm if d not in given_up)
        moved = tuple(d for d in given_up.values() if d is not None)
        self.state = replace(
            self.state,
            firm=firm,
            perhaps=(*self.state.perhaps, *moved),
            slate=slate or self.state.slate,
        )
