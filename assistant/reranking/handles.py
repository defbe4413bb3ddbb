"""Short random names under which candidates are shown to a model, new for every request.

A model that sees no ids can invent none, and an item's text cannot name another item's handle.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LETTERS = "bcdfghjkmnpqrtvwxz"
DIGITS = "23456789"
"""Without vowels, ``l``, ``0`` and ``1``: no handle spells a word or reads as a number."""


SHAPE = rf"[{LETTERS}](?:[{DIGITS}][{LETTERS}])+"
WORD = re.compile(rf"(?<![0-9A-Za-z_]){SHAPE}(?![0-9A-Za-z_])", re.IGNORECASE)
"""What looks like a handle, as a whole word, in any case."""


@dataclass(frozen=True, slots=True)
class Handles:
    """One handle a candidate, in the order of the candidates, and a tag that fences their text."""

    names: tuple[str, ...]
    fence: str


def source(seed: int | None, texts: Sequence[str]) -> random.Random:
    """The source of randomness for one request: begun by the system's, unless a seed is given.

    With a seed, the same request draws the same handles, in whatever order requests come: what is
    needed to replay a recording. Whoever knows the seed and the whole request can foretell them,
    so a seed is for recordings and tests.
    """
    if seed is None:
        return random.Random(os.urandom(32))
    digest = hashlib.sha256(str(seed).encode())
    for text in texts:
        digest.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return random.Random(digest.digest())


def draw(count: int, texts: Sequence[str], seed: int | None = None) -> Handles:
    """``count`` distinct handles (letter, digit, letter) of which none occurs in ``texts``.

    Where the texts hold nearly all of them, by accident or to do harm, longer ones are drawn.
    """
    rng = source(seed, texts)
    said = "\n".join(texts).casefold()
    taken = set(_around(said))
    names: dict[str, None] = {}
    length, misses = 3, 0
    while len(names) < count:
        letters = (rng.choice(DIGITS if place % 2 else LETTERS) for place in range(length))
        name = "".join(letters)
        if name in names or name in taken or (length > 3 and name in said):
            misses += 1
            if misses > 20 * (count + 1):
                length, misses = length + 2, 0
            continue
        names[name] = None
    return Handles(tuple(names), "".join(rng.choice(LETTERS) for _ in range(6)))


def _around(said: str) -> Iterator[str]:
    """What stands around every digit of the alphabet: three characters, fewer at the end. Found by
    ``find``, as a pattern takes twenty times as long over prose, which has few digits."""
    for digit in DIGITS:
        at = said.find(digit, 1)
        while at > 0:
            yield said[at - 1 : at + 2]
            at = said.find(digit, at + 1)
