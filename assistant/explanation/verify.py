"""The check that stands between a claim and the person: only what holds is shown.

The checker reads the item and the measured relations itself; it does not trust the code that made
the claim, nor the model that phrased it.
"""

from __future__ import annotations

import re

from assistant.explanation import phrasing
from assistant.explanation.evidence import Evidence
from assistant.types import Claim
from retrieval.filters import fold, number, phrase, texts, words_of
from retrieval.types import Item

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def holds(claim: Claim, item: Item, evidence: Evidence, above: Item | None = None) -> bool:
    """Whether the evidence that the claim names says what the claim says; ``above`` is the item of
    the card above."""
    if claim.kind == "trade_off":
        return above is not None and claim.items == (above.id,) and _traded(claim, item, above)
    if claim.kind == "new" and item.id in evidence.had:
        return False
    if claim.kind == "trending":
        return item.id in evidence.trending
    liked = {entry.item.id: entry.item for entry in evidence.liked}
    if any(i not in liked for i in claim.items):
        return False
    if claim.kind == "query":
        return bool(claim.values) and all(phrase(w) in words_of(item) for w in claim.values)
    if claim.kind == "liked_item":
        (other,) = claim.items
        return abs(evidence.similarity(item.id, other) - (claim.measure or 0.0)) < 0.01
    if claim.kind == "co_liked":
        (other,) = claim.items
        support = evidence.together(other, item.id)[0]
        return support == claim.measure and support >= evidence.k_anonymity
    if claim.kind == "shared" and not all(
        _has(liked[other], claim.field, v, evidence) for other in claim.items for v in claim.values
    ):
        return False
    if claim.kind == "popular" and claim.field == evidence.statistics.group:
        return all(_has(item, claim.field, v, evidence) for v in claim.values) and all(
            _popular(item, v, evidence) for v in claim.values
        )
    if claim.kind == "popular":
        return _numbers(evidence.wording.plain(claim.text)) <= _numbers_of(item)
    return bool(claim.values) and all(_has(item, claim.field, v, evidence) for v in claim.values)


def _traded(claim: Claim, item: Item, above: Item) -> bool:
    """Whether each "field:lower" or "field:higher" of a trade-off is so."""
    for told in claim.values:
        name, _, side = told.rpartition(":")
        mine, other = number(item.fields.get(name)), number(above.fields.get(name))
        if mine is None or other is None or (mine < other) != (side == "lower") or mine == other:
            return False
    return bool(claim.values)


def _popular(item: Item, value: str, evidence: Evidence) -> bool:
    known = number(item.fields.get(evidence.statistics.count))
    least = evidence.statistics.popular.get(fold(value))
    return known is not None and least is not None and known >= least


def grounded(text: str, item: Item) -> bool:
    """Whether every number in a free sentence is a number that the item itself holds."""
    return _numbers(text) <= _numbers_of(item)


def _has(item: Item, name: str, value: str, evidence: Evidence) -> bool:
    if name == "title":
        return fold(value) in fold(item.title)
    if name == "text":
        return fold(value) in fold(item.text)
    held = item.fields.get(name)
    known = evidence.schema.find(name)
    if held is None or known is None:
        return False
    return fold(value) in texts(held) or value == phrasing.value(held, known, item.fields)


def _numbers(text: str) -> set[float]:
    return {float(n.replace(",", "")) for n in _NUMBER.findall(text) if n.count(".") < 2}


def _numbers_of(item: Item) -> set[float]:
    found = _numbers(item.title) | _numbers(item.text)
    for held in item.fields.values():
        if isinstance(held, bool):
            continue
        if isinstance(held, int | float):
            found |= {float(held), round(float(held), 1), round(float(held), 2), float(int(held))}
        else:
            found |= _numbers(" ".join(held) if isinstance(held, tuple) else held)
    return found
