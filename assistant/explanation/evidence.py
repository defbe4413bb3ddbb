"""What claims may rest on: the request, what the person likes, and measured relations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from assistant.constraints import Constraint
from assistant.explanation.wording import REFERENCE, Wording
from retrieval.filters import fold, number, texts
from retrieval.types import Item, ItemId, Schema

K_ANONYMITY = 5
"""People that must stand behind what is told of others, unless a setting says otherwise."""

TENTH = 0.1
"""Share of the items of a value that are called its most popular."""

GROUP = 20
"""Items that such a value must have at the least."""

MAIN = 0.9
"""Coverage from which a facet is one that the whole catalogue is sorted by."""


def _unrelated(_a: ItemId, _b: ItemId) -> float:
    return 0.0


def _apart(_a: ItemId, _b: ItemId) -> tuple[int, float]:
    return (0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Liked:
    """An item the person likes; ``now`` when it was named in this conversation, ``known`` when
    their own events say so: a good rating, a purchase, a like."""

    item: Item
    now: bool
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything the claims of one slate may rest on.

    ``similarity`` gives the cosine of two items, ``together`` the number of people who liked both
    and the lift of that over chance. ``words`` are the content words of the request,
    ``wording`` the language that claims are written in. ``had`` are items that the person had
    anything to do with, ``trending`` those that people turned to lately, ``k_anonymity`` is how
    many must stand behind what is told of others.
    """

    schema: Schema
    statistics: Statistics
    wording: Wording = REFERENCE
    constraints: tuple[Constraint, ...] = ()
    words: tuple[str, ...] = ()
    liked: tuple[Liked, ...] = ()
    similarity: Callable[[ItemId, ItemId], float] = _unrelated
    together: Callable[[ItemId, ItemId], tuple[int, float]] = _apart
    had: frozenset[ItemId] = frozenset()
    trending: frozenset[ItemId] = frozenset()
    k_anonymity: int = K_ANONYMITY

    def share(self, name: str, value: str) -> float:
        """The share of the catalogue that has this value, in [0, 1]."""
        return self.statistics.share(name, value)

    def good_rating(self, name: str) -> float:
        """The upper third of the catalogue's ratings begins here."""
        return self.statistics.good.get(name, float("inf"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """How common each facet value is, and where good ratings begin. Made once per index version.

    ``popular`` says for each value of the facet ``group``, folded, where its most popular tenth
    begins, by the number field ``count``; both are empty where a catalogue has no such fields.
    """

    total: int
    frequency: Mapping[tuple[str, str], int]
    good: Mapping[str, float]
    popular: Mapping[str, float] = field(default_factory=dict)
    group: str = ""
    count: str = ""

    def share(self, name: str, value: str) -> float:
        """The share of the catalogue that has this value; 0 for a value it does not know."""
        folded = texts(value)[0]
        return self.frequency.get((name, folded), 0) / max(self.total, 1)

    @classmethod
    def of(cls, items: Iterable[Item], schema: Schema) -> Statistics:
        """Count the facet values and rank the ratings of a catalogue."""
        facets = [f.name for f in schema.by_role("facet")]
        ratings = [f.name for f in schema.by_kind("rating")]
        main = (f.name for f in schema.by_role("facet") if f.kind == "plain" and f.embedded
                and f.coverage >= MAIN)  # fmt: skip
        counts = (f.name for f in schema.by_kind("popularity"))
        group, count = next(main, ""), next(counts, "")
        counted: dict[str, list[float]] = {}
        frequency: Counter[tuple[str, str]] = Counter()
        rated: dict[str, list[float]] = {name: [] for name in ratings}
        folded: dict[str, str] = {}  # most values are met again and again
        total = 0
        for item in items:
            total += 1
            for name in facets:
                held = item.fields.get(name)
                if isinstance(held, tuple):
                    each = {folded.get(v) or folded.setdefault(v, fold(v)) for v in held}
                else:
                    each = set() if held is None else set(texts(held))
                frequency.update([(name, t) for t in each])
                if name == group and (known := number(item.fields.get(count))) is not None:
                    for t in each:
                        counted.setdefault(t, []).append(known)
            for name in ratings:
                x = number(item.fields.get(name))
                if x is not None:
                    rated[name].append(x)
        good = {n: sorted(xs)[2 * len(xs) // 3] for n, xs in rated.items() if xs}
        return cls(
            total=total,
            frequency=frequency,
            good=good,
            popular=_popular(counted),
            group=group,
            count=count,
        )


def _popular(counted: Mapping[str, list[float]]) -> dict[str, float]:
    """Where the most popular tenth of each value begins, for values of :data:`GROUP` items."""
    return {
        value: sorted(xs, reverse=True)[int(TENTH * len(xs))]
        for value, xs in counted.items()
        if len(xs) >= GROUP
    }
