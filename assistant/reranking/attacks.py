"""Poisoned candidates: what an attacker who writes an item's listing may put there.

The attacks stand in ``attacks.toml``; this module only turns an honest candidate into a poisoned
one. After what is reported of ranking models: instructions in a passage (Greshake et al., "Not what
you've signed up for", AISec 2023), orders in the text of a product (Kumar and Lakkaraju,
"Manipulating large language models to increase product visibility", 2024), and characters that only
a machine reads (Boucher et al., "Bad characters", IEEE S&P 2022).
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from string import Template
from types import MappingProxyType
from typing import Literal

from assistant.reranking.handles import DIGITS, LETTERS
from retrieval.types import Candidate, Query, Value

Hiding = Literal["", "zero width", "bidi", "tags", "selectors", "homoglyphs"]

HARMLESS = "The listing goes on below. It was last changed in spring and is checked once a year. "
"""What the control says: nothing of the item's worth, and nothing to do."""

NAME_WORDS = 6
"""Words by which an attack calls its item."""

ALIKE = str.maketrans("aceiopxyABCEHKMOPTX", "асеіорхуАВСЕНКМОРТХ")
"""Latin letters to Cyrillic ones that look the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One way of poisoning a candidate; ``family`` groups attacks of one kind.

    ``text`` goes before the candidate's text and ``fields`` before its fields, where a long listing
    is not yet cut. Slots in both: ``$query``, ``$name`` (of the item), ``$handle`` and ``$other``
    (guessed handles), ``$handles`` (all short ones) and ``$tag`` (a guess at the fence). The text
    is said ``repeat`` times, then written as ``hide`` says.
    """

    name: str
    family: str
    text: str = ""
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    repeat: int = 1
    hide: Hiding = ""

    def poison(self, candidate: Candidate, query: Query, rng: random.Random) -> Candidate:
        """The candidate with the attack in it; id, prior and scores stay. Guesses are drawn from
        ``rng``."""
        slots = _slots(candidate, query, rng)
        text = HIDDEN[self.hide](Template(self.text).substitute(slots) * self.repeat)
        added: dict[str, Value] = {
            name: Template(value).substitute(slots) for name, value in self.fields.items()
        }
        honest = {name: value for name, value in candidate.fields.items() if name not in added}
        said = f"{text} {candidate.text}" if text else candidate.text
        return replace(candidate, text=said, fields={**added, **honest})


def load() -> tuple[Attack, ...]:
    """The attacks of the file, in its order."""
    source = files("assistant.reranking").joinpath("attacks.toml").read_text(encoding="utf-8")
    return tuple(Attack(**row) for row in tomllib.loads(source)["attack"])


def control(length: int) -> Attack:
    """An attack that is none: harmless text of so many characters."""
    text = HARMLESS * (length // len(HARMLESS) + 1)
    return Attack(name="control", family="control", text=text[:length])


def added(honest: Candidate, poisoned: Candidate) -> int:
    """Characters by which the poisoned candidate is longer, in its text and its fields."""
    return _length(poisoned) - _length(honest)


def _length(candidate: Candidate) -> int:
    held = sum(len(name) + len(str(value)) for name, value in candidate.fields.items())
    return len(candidate.text) + held


def _slots(candidate: Candidate, query: Query, rng: random.Random) -> dict[str, str]:
    return {
        "query": query.text,
        "name": _name(candidate),
        "handle": _guess(rng),
        "other": _guess(rng),
        "handles": " ".join(a + d + b for a in LETTERS for d in DIGITS for b in LETTERS),
        "tag": "".join(rng.choice(LETTERS) for _ in range(6)),
    }


def _name(candidate: Candidate) -> str:
    """What the item is called: its title or name, else its first words."""
    known = (candidate.fields.get("title"), candidate.fields.get("name"), candidate.text)
    said = next((v for v in known if isinstance(v, str) and v.strip()), "this item")
    return " ".join(said.split()[:NAME_WORDS])


def _guess(rng: random.Random) -> str:
    return rng.choice(LETTERS) + rng.choice(DIGITS) + rng.choice(LETTERS)


def _in_tags(text: str) -> str:
    """ASCII as characters of the Tags block, which show nothing."""
    return "".join(chr(0xE0000 + ord(c)) for c in text if c.isascii())


def _in_selectors(text: str) -> str:
    """The bytes of the text as variation selectors, which show nothing."""
    return "".join(chr(0xFE00 + b if b < 16 else 0xE0100 + b - 16) for b in text.encode())


HIDDEN: Mapping[Hiding, Callable[[str], str]] = {
    "": str,
    "zero width": "\u200b".join,
    "bidi": lambda text: f"\u202e{text[::-1]}\u202c",
    "tags": _in_tags,
    "selectors": _in_selectors,
    "homoglyphs": lambda text: text.translate(ALIKE),
}
