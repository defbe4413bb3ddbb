"""How simulated people put things: templates as data, chosen and misspelt by a seeded generator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.simulation.habits import people
from assistant.simulation.knowledge import Fact
from retrieval.types import Schema

LONG = 5
"""Letters from which a word may be misspelt."""


def pick(options: Sequence[str], rng: np.random.Generator) -> str:
    """One of the options, each as likely."""
    return options[int(rng.integers(len(options)))]


def said(fact: Fact, rng: np.random.Generator) -> str:
    """The value as somebody might write it: "Sci-Fi" or "sci-fi", "1990" or "90"."""
    careless = rng.random() < 0.5
    if fact.kind in ("value", "detail"):
        return fact.value.lower() if careless else fact.value
    if fact.kind == "period" and careless and fact.value.startswith("19"):
        return fact.value[2:]
    return fact.value


def opener(facts: Sequence[Fact], schema: Schema, rng: np.random.Generator) -> str:
    """A first message that tells these facts; with none, one that only asks for help."""
    table = people()
    if not facts:
        return pick(table["open"]["nothing"], rng)
    first, *more = facts
    value = said(first, rng)
    if first.kind == "value":
        text = pick(table["open"]["value"], rng)
    else:
        text = pick(table["open"]["one"], rng) + " " + pick(table["with"][first.kind], rng)
    text = text.format(v=value, noun=schema.noun, nouns=schema.nouns)
    for fact in more:
        text += " " + pick(table["with"][fact.kind], rng).format(v=said(fact, rng))
    return pick(table["open"]["first"], rng).format(facts=text)


def tell(fact: Fact, rng: np.random.Generator) -> str:
    """A message that adds one fact."""
    return pick(people()["tell"][fact.kind], rng).format(v=said(fact, rng))


def phrase(
    table: str, key: str, rng: np.random.Generator, *, place: int = 0, value: str = ""
) -> str:
    """A message of that table; ``place`` is a position of the slate, from 1."""
    known = people()["react"]["nth"]
    nth = known[place - 1] if 0 < place <= len(known) else f"number {place}"
    return pick(people()[table][key], rng).format(nth=nth, v=value)


def step(rng: np.random.Generator) -> int:
    """One up or one down."""
    return 1 if rng.random() < 0.5 else -1


def misspelt(text: str, rng: np.random.Generator) -> str:
    """The text with one slip of the keyboard in a longer word; unchanged where there is none."""
    words = text.split(" ")
    long = [n for n, word in enumerate(words) if len(word) >= LONG and word.isalpha()]
    if not long:
        return text
    n = long[int(rng.integers(len(long)))]
    word = words[n]
    at = int(rng.integers(1, len(word) - 1))
    slips = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],  # two letters swapped
        word[:at] + word[at + 1 :],  # one left out
        word[:at] + word[at] + word[at:],  # one struck twice
    )
    words[n] = pick(slips, rng)
    return " ".join(words)
