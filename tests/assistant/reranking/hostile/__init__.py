"""Hostile answers of a model, made for the handles that a request shows; the same for a seed.

Each family is a way in which models and the servers before them go wrong. Where it is plain what an
answer means, the family says so: an ``order`` that any reader would find in it, or none at all,
which must count as a failure. Everything else is open, and must only be survived.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from tests.assistant.reranking.hostile import handles, long, prose, shapes, speech
from tests.assistant.reranking.hostile.family import FAMILIES, HEAVY, Asked, Said

__all__ = ["FAMILIES", "HEAVY", "WHERE", "Hostile", "Said", "replies"]

WHERE = (prose, shapes, handles, speech, long)
"""The modules that the families are in; importing them adds the families."""

RARE = 400
"""One of so many replies is a megabyte long."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """One reply of a family; a function of what is shown, so that it can be given to any call."""

    family: str
    seed: str

    def said(self, handles: Sequence[str], wanted: int) -> Said:
        """The reply to a request that shows these handles."""
        make = FAMILIES.get(self.family) or HEAVY[self.family]
        return make(Asked(random.Random(self.seed), handles, wanted))


def replies(seed: int) -> Iterator[Hostile]:
    """Replies without end: the families by turns, and now and then a long one."""
    names, long = list(FAMILIES), list(HEAVY)
    for number in count():
        one = long[number // RARE % len(long)] if number % RARE == RARE - 1 else ""
        yield Hostile(one or names[number % len(names)], f"{seed} {number}")
