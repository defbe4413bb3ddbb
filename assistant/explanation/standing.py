"""How an item stands among others: its rating, its popularity, and the card above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.explanation import phrasing
from assistant.explanation.evidence import Evidence
from assistant.types import Claim
from retrieval.filters import fold, number
from retrieval.types import Field, Item

TOLD = 0.07  # share by which two numbers must differ before one is called better
KNOWN = 0.5  # the same for how well known two items are, which varies far more
BETTER = {"price": "lower", "rating": "higher", "popularity": "higher"}
"""Which side of a number is the better one, for the kinds where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighted:
    """A claim and how telling it is; higher goes first."""

    claim: Claim
    weight: float


def rated(item: Item, evidence: Evidence) -> Iterator[Weighted]:
    """How well the item is rated, where it is in the upper third; and by how many people."""
    rating = next(
        (
            (f, x)
            for f in evidence.schema.by_kind("rating")
            if (x := number(item.fields.get(f.name))) is not None
        ),
        None,
    )
    count = next(
        (
            (f, x)
            for f in evidence.schema.by_kind("popularity")
            if (x := number(item.fields.get(f.name))) is not None
        ),
        None,
    )
    if rating and rating[1] >= evidence.good_rating(rating[0].name):
        words = evidence.wording
        own = "rating" in rating[0].name.casefold()
        mean = phrasing.quantity(round(rating[1], 1), words)
        label = words.label(rating[0])
        text = words.say("rated", x=mean) if own else words.say("labelled", field=label, x=mean)
        values: tuple[str, ...] = (phrasing.quantity(round(rating[1], 1)),)
        # A mean and a count belong together only when both come from the same place.
        together = count is not None and count[0].derived == rating[0].derived
        if count and together and count[1] >= evidence.k_anonymity and "rating" in count[0].name:
            text = words.say("rated_by", rated=text, n=phrasing.quantity(count[1], words))
            values = (*values, phrasing.quantity(count[1]))
        yield Weighted(
            claim=Claim(kind="popular", text=text, field=rating[0].name, values=values), weight=0.4
        )


def leading(item: Item, evidence: Evidence) -> Iterator[Weighted]:
    """That people turn to the item lately, and that it leads among those of its sort."""
    if item.id in evidence.trending:
        text = evidence.wording.say("trending")
        yield Weighted(claim=Claim(kind="trending", text=text), weight=0.38)
    known = evidence.statistics
    count = number(item.fields.get(known.count))
    held = item.fields.get(known.group)
    if count is None or held is None:
        return
    for value in held if isinstance(held, tuple) else (str(held),):
        if count >= max(known.popular.get(fold(value), float("inf")), evidence.k_anonymity):
            text = evidence.wording.say("popular_in", v=value)
            claim = Claim(kind="popular", text=text, field=known.group, values=(value,))
            yield Weighted(claim=claim, weight=0.42 - 0.2 * evidence.share(known.group, value))


def traded(item: Item, above: Item, evidence: Evidence) -> Iterator[Weighted]:
    """What is better and what is worse than in the card above; nothing where only one is so."""
    better: list[tuple[Field, str]] = []
    worse: list[tuple[Field, str]] = []
    for field in _comparable(evidence):
        mine, other = number(item.fields.get(field.name)), number(above.fields.get(field.name))
        if mine is None or other is None:
            continue
        least = KNOWN if field.kind == "popularity" else TOLD
        if abs(mine - other) < least * max(abs(mine), abs(other), 1e-9):
            continue
        side = "lower" if mine < other else "higher"
        (better if side == BETTER[field.kind] else worse).append((field, side))
    if not better or not worse:
        return
    told = (better[0], worse[0])
    table = evidence.wording.tables["trade"]
    said = [table[f"{field.kind}_{side}"] for field, side in told]
    text = evidence.wording.say("trade_off", better=said[0], worse=said[1])
    values = tuple(f"{field.name}:{side}" for field, side in told)
    claim = Claim(kind="trade_off", text=text, values=values, items=(above.id,))
    yield Weighted(claim=claim, weight=0.45)


def _comparable(evidence: Evidence) -> list[Field]:
    """The first field of each kind that has a better side; the catalogue's own before others."""
    found = []
    for kind in BETTER:
        own = sorted((f for f in evidence.schema.fields if f.kind == kind), key=lambda f: f.derived)
        found += own[:1]
    return found
