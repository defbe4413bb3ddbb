"""What a family of hostile answers is made of."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.reranking.handles import DIGITS, LETTERS

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Said:
    """A reply. ``order`` lists the handles that it plainly ranks, the best first; empty where it
    plainly ranks nothing; None where that is open."""

    text: str
    order: tuple[str, ...] | None = None


class Asked:
    """What a family may use: the ``handles`` as shown, how many are ``wanted``, chance."""

    def __init__(self, rng: random.Random, handles: Sequence[str], wanted: int) -> None:
        self.rng = rng
        self.handles = tuple(handles) or ("b2c", "k7d", "x9z")
        self.wanted = max(1, min(wanted, len(self.handles)))

    def order(self) -> tuple[str, ...]:
        """As many as are wanted in any order but the one they are shown in."""
        while True:
            found = tuple(self.rng.sample(self.handles, self.wanted))
            if len(found) < 2 or found != tuple(h for h in self.handles if h in found):
                return found

    def pick(self, *choices: str) -> str:
        """One of them."""
        return self.rng.choice(choices)

    def other(self) -> str:
        """A handle of another request."""
        while True:
            name = "".join(map(self.rng.choice, (LETTERS, DIGITS, LETTERS)))
            if name not in self.handles:
                return name

    def words(self) -> str:
        """Prose of no meaning, without handles."""
        some = ("of", "the", "item", "night", "3", "12", "wie", "для", "これは", "très", "?", "—")
        return " ".join(self.rng.choices(some, k=self.rng.randint(1, 12)))


Family = Callable[[Asked], Said]
FAMILIES: dict[str, Family] = {}
HEAVY: dict[str, Family] = {}


def family(make: Family) -> Family:
    """Add a family under its name."""
    FAMILIES[make.__name__] = make
    return make


def heavy(make: Family) -> Family:
    """Add a family whose replies are long."""
    HEAVY[make.__name__] = make
    return make


def ranking(names: Sequence[object], **more: object) -> str:
    """The shape that is asked for."""
    return json.dumps({"ranking": list(names), **more}, ensure_ascii=False)
