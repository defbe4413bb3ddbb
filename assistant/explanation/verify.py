"""The check that stands between a claim and the person: only what holds is shown.

The checker reads the item and the measured relations itself; it does not trust the code that made
the claim, nor the model that phrased it.
"""

from __future__ import annotations

import re

from assistant.explanation import phrasing
from assistant.explanation.evidence import Evidence
from assistant.types import Claim
from retrieval.filters import fold, phrase, texts, words_of
from retrieval.types import Item

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def holds(claim: Claim, item: Item, evidence: Evidence) -> bool:
    """Whether the evidence that the claim names says what the claim says."""
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
        return evidence.together(other, item.id)[0] == claim.measure
    if claim.kind == "shared" and not all(
        _has(liked[other], claim.field, v, evidence) for other in claim.items for v in claim.values
    ):
        return False
    if claim.kind == "popular":
        return _numbers(evidence.wording.plain(claim.text)) <= _numbers_of(item)
    return bool(claim.values) and all(_has(item, claim.field, v, evidence) for v in claim.values)


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
