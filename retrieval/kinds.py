"""Which events are good news about an item, and how good.

One table, :data:`DEFAULT_KINDS`, gives every kind of event a signed weight; a workspace overrides
it from its schema file (``[events.<kind>]``). A rating is read relative to the scale: with the
default 5 stars, 5 weighs +2, 4 weighs +1.1, 3 weighs +0.2 and 2 weighs -0.7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

Carries = Literal["nothing", "stars", "money", "quantity"]

NEUTRAL = 0.55
"""Share of the rating scale where a rating turns from bad to good news: just under 3 of 5."""

POSITIVE = 0.8
"""Share of the rating scale from which a rating counts as a like: 4 of 5, 8 of 10."""

LIKED = 2.0
"""Weight from which an event without stars counts as a like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKind:
    """One kind of event.

    ``weight`` is signed: what one such event says about the item. For a kind that carries stars
    it is the weight of the best rating. ``carries`` says what the event's value means.
    """

    name: str
    weight: float
    carries: Carries = "nothing"


_DEFAULT = (
    EventKind(name="view", weight=0.2),
    EventKind(name="click", weight=1.0),
    EventKind(name="add_to_cart", weight=2.0, carries="quantity"),
    EventKind(name="purchase", weight=3.0, carries="money"),
    EventKind(name="rating", weight=2.0, carries="stars"),
    EventKind(name="like", weight=2.0),
    EventKind(name="save", weight=1.0),
    EventKind(name="dislike", weight=-2.0),
    EventKind(name="dismiss", weight=-1.0),
    EventKind(name="hide", weight=-1.0),
    EventKind(name="return", weight=-2.0, carries="money"),
    EventKind(name="seen", weight=0.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKinds(Mapping[str, EventKind]):
    """The kinds a workspace knows, by name, and its rating scale from ``low`` to ``high``."""

    table: Mapping[str, EventKind] = field(
        default_factory=lambda: MappingProxyType({k.name: k for k in _DEFAULT})
    )
    low: float = 0.5
    high: float = 5.0

    def __getitem__(self, name: str) -> EventKind:
        return self.table[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.table)

    def __len__(self) -> int:
        return len(self.table)

    def known(self, name: str) -> bool:
        """Whether a kind of that (lower-case) name is in the table."""
        return name in self.table

    def share(self, value: float) -> float:
        """A rating's place on the scale, in [0, 1]; a scale that starts above 0 counts from 0."""
        floor = min(self.low, 0.0)
        return min(1.0, max(0.0, (value - floor) / (self.high - floor)))

    def weight(self, kind: str, value: float | None) -> float:
        """What the event says about the item: positive is liked, negative disliked, 0 nothing.

        Ratings run linearly from the kind's weight at the top of the scale through 0 at
        :data:`NEUTRAL`, never below minus that weight; a rating without a value says nothing, and
        so does an unknown kind.
        """
        k = self.table.get(kind)
        if k is None:
            return 0.0
        if k.carries != "stars":
            return k.weight
        if value is None:
            return 0.0
        return k.weight * max(-1.0, (self.share(value) - NEUTRAL) / (1.0 - NEUTRAL))

    def positive(self, kind: str, value: float | None) -> bool:
        """Whether the event counts as a like: a rating of 4 of 5 and up, a purchase, a like."""
        k = self.table.get(kind)
        if k is None:
            return False
        if k.carries == "stars":
            return value is not None and self.share(value) >= POSITIVE - 1e-9
        return k.weight >= LIKED

    def with_scale(self, low: float, high: float) -> EventKinds:
        """The same kinds on another rating scale. ValueError unless ``low < high``."""
        if not low < high:
            raise ValueError(f"a rating scale must rise, got {low} to {high}")
        return replace(self, low=low, high=high)

    def with_kinds(self, *kinds: EventKind) -> EventKinds:
        """The same scale with these kinds added or replaced."""
        return replace(self, table=MappingProxyType({**self.table, **{k.name: k for k in kinds}}))


DEFAULT_KINDS = EventKinds()
