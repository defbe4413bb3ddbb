"""A simulated person, and what they do in one dialogue.

They see what a person sees (the items shown, the text, the buttons) and compare it with what they
remember of their target. They never learn of scores, and do not know how anybody chooses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from assistant.simulation import words
from assistant.simulation.habits import people
from assistant.simulation.knowledge import Catalogue, Fact, values
from assistant.types import Act
from retrieval.filters import fold
from retrieval.types import Item, ItemId

NEAR, FAR = 0.5, 0.3
"""Likeness from which an item shown is "the right direction", and below which it is wrong."""

YEARS = 4
"""Years apart from which somebody says newer or older."""

DEARER = 0.25
"""Share of a price from which somebody says cheaper or dearer."""

AGREES = 0.8
"""Chance that an offer is taken up."""

_NAMED = re.compile(r"\((\d{4})\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person gets to see of a turn; ``slate`` is empty where nothing new was shown."""

    slate: tuple[ItemId, ...] = ()
    text: str = ""
    chips: tuple[str, ...] = ()
    asked: bool = False
    act: Act = "recommend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """A person's own noise and patience: chances in [0, 1], ``turns`` they have time for and
    ``tolerance``, the annoyances after which they leave."""

    noise: float
    typos: float
    talkative: float
    silent: float
    turns: int
    tolerance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with a target.

    ``facts`` are what they remember of it, in the order in which it comes to mind; ``had`` holds
    what they rated before, ``later`` everything they came to like afterwards, the target included.
    ``opening`` is the part of ``facts`` that they begin with. ``known`` tells whether Palate holds
    their history; ``seed`` makes all their chances.
    """

    visitor: str
    target: ItemId
    facts: tuple[Fact, ...]
    had: frozenset[ItemId]
    later: frozenset[ItemId]
    opening: tuple[Fact, ...]
    nature: Nature
    known: bool
    seed: tuple[int, ...]


class Talk:
    """One person in one dialogue: gives their messages, and keeps count of what befalls them.

    The chances of the n-th message are drawn from the person's seed and n alone, so two systems
    that answer alike hear the same. ``found`` and ``content`` are the turn at which the target, or
    anything they came to like, was shown; ``left`` is true once they gave up.
    """

    def __init__(self, person: Person, catalogue: Catalogue) -> None:
        self.found: int | None = None
        self.content: int | None = None
        self.left = False
        self.turn = 0
        self.repeats = 0
        self.questions = 0
        self._person = person
        self._catalogue = catalogue
        self._target = catalogue.items[person.target]
        self._told: set[Fact] = set()
        self._visible: tuple[ItemId, ...] = ()
        self._shown: set[ItemId] = set()
        self._gone: set[ItemId] = set()
        self._refused: set[str] = set()
        self._asked: set[str] = set()
        self._annoyed = 0
        self._last = Answer()

    def say(self) -> tuple[str, str]:
        """The next message as it was meant and as it was typed."""
        self.turn += 1
        rng = np.random.default_rng([*self._person.seed, self.turn])
        slips = rng.random() < self._person.nature.typos
        meant = self._open(rng) if self.turn == 1 else self._respond(rng)
        return meant, words.misspelt(meant, rng) if slips else meant

    def hear(self, answer: Answer) -> None:
        """Take in the answer to the last message."""
        again = len(self._gone.intersection(answer.slate))
        same = bool(answer.slate) and set(answer.slate) == set(self._visible)
        idle = not answer.slate and not answer.asked
        self.repeats += again
        self.questions += answer.asked
        self._annoyed += (again > 0) + same + idle
        self._last = answer
        self._visible = answer.slate or self._visible
        self._shown.update(answer.slate)
        if self.content is None and self._person.later.intersection(answer.slate):
            self.content = self.turn
        if self._person.target in answer.slate:
            self.found = self.turn
        else:
            nature = self._person.nature
            self.left = self.turn >= nature.turns or self._annoyed >= nature.tolerance

    def _open(self, rng: np.random.Generator) -> str:
        facts = tuple(self._mistaken(f, rng) for f in self._person.opening)
        self._told.update(self._person.opening)
        return words.opener(facts, self._catalogue.schema, rng)

    def _respond(self, rng: np.random.Generator) -> str:
        last, nature = self._last, self._person.nature
        offered = last.act in ("no_match", "feedback_ack") and not last.slate
        if offered and rng.random() < AGREES:
            return words.phrase("answer", "agree", rng)
        if last.act == "ask" and not last.slate:
            return words.phrase("answer", "which", rng, place=self._meant(last.text))
        if last.asked and last.chips and not offered:
            return self._reply(rng)
        if last.asked or not self._visible or rng.random() < nature.talkative:
            return self._tell(rng)
        return self._react(rng)

    def _tell(self, rng: np.random.Generator) -> str:
        """The next thing that comes to mind; when all is said, others are asked for."""
        for fact in self._person.facts:
            if fact not in self._told:
                self._told.add(fact)
                return words.tell(self._mistaken(fact, rng), rng)
        return self._others(rng)

    def _reply(self, rng: np.random.Generator) -> str:
        """The answer to a question: a button that fits, else what they remember of that."""
        chips = self._last.chips
        fields = self._catalogue.fields_of(chips)
        self._annoyed += bool(fields & self._asked)
        self._asked |= fields
        judged = [(chip, self._catalogue.fits(chip, self._target)) for chip in chips]
        fits = [chip for chip, holds in judged if holds]
        wrong = [chip for chip, holds in judged if holds is False]
        if rng.random() < self._person.nature.silent:
            return words.phrase("answer", "any", rng)
        if wrong and rng.random() < self._person.nature.noise:
            return words.phrase("answer", "value", rng, value=words.pick(wrong, rng))
        if fits:
            chip = words.pick(fits, rng)
            self._told.update(f for f in self._person.facts if fold(f.value) == fold(chip))
            return words.phrase("answer", "value", rng, value=chip)
        for fact in self._person.facts:
            if fact.field in fields and fact not in self._told:
                self._told.add(fact)
                return words.tell(fact, rng)
        return words.phrase("answer", "any", rng)

    def _react(self, rng: np.random.Generator) -> str:
        """Something about the slate, from how its items differ from the target."""
        weights = people()["reacts"]
        options: list[tuple[float, Callable[[np.random.Generator], str]]] = []
        known = [self._catalogue.items[i] for i in self._visible]
        places = list(enumerate(known, start=1))
        apart = [(n, what, higher) for n, i in places for what, higher in self._apart(i)]
        far = [n for n, i in places if self._alike(i) < FAR]
        near = [n for n, i in places if self._alike(i) >= NEAR]
        had = [n for n, i in places if i.id in self._person.had and i.id not in self._gone]
        foreign = self._foreign(known)
        if apart:
            options.append((weights["compare"], lambda r: self._compare(apart, r)))
        if foreign:
            options.append((weights["less"], lambda r: self._less(foreign, r)))
        if near:
            options.append((weights["more"], lambda r: self._point("more", near, r)))
        if far:
            options.append((weights["reject"], lambda r: self._point("reject", far, r)))
        if had:
            options.append((weights["seen"], lambda r: self._point("seen", had, r)))
        options.append((weights["others"], self._others))
        shares = np.array([weight for weight, _ in options])
        return options[int(rng.choice(len(options), p=shares / shares.sum()))][1](rng)

    def _compare(self, apart: list[tuple[int, str, bool]], rng: np.random.Generator) -> str:
        place, what, higher = apart[int(rng.integers(len(apart)))]
        if rng.random() < self._person.nature.noise:
            higher = not higher
        key = f"{'higher' if higher else 'lower'}_{what}"
        return words.phrase("react", key, rng, place=place)

    def _less(self, foreign: list[str], rng: np.random.Generator) -> str:
        self._refused.add(foreign[0])
        return words.phrase("react", "less", rng, value=foreign[0].lower())

    def _point(self, key: str, places: list[int], rng: np.random.Generator) -> str:
        place = places[int(rng.integers(len(places)))]
        if key in ("reject", "seen"):
            self._gone.add(self._visible[place - 1])
        return words.phrase("react", key, rng, place=place)

    def _others(self, rng: np.random.Generator) -> str:
        self._gone |= self._shown
        return words.phrase("react", "others", rng)

    def _foreign(self, known: list[Item]) -> list[str]:
        """Values that the slate is full of and the target lacks, the most frequent first."""
        votes: Counter[str] = Counter()
        for field in self._catalogue.facets:
            if self._catalogue.kind(field) == "value":
                own = set(values(self._target, field))
                votes.update(v for i in known for v in values(i, field) if v not in own)
        return [v for v, n in votes.most_common() if n > 1 and v not in self._refused]

    def _apart(self, item: Item) -> list[tuple[str, bool]]:
        """In what the target is plainly higher or lower than the item: its period, its price."""
        years, shares = self._catalogue.apart(self._target, item)
        found = [("period", years > 0)] if abs(years) >= YEARS else []
        return found + ([("price", shares > 0)] if abs(shares) >= DEARER else [])

    def _alike(self, item: Item) -> float:
        return self._catalogue.alike(item, self._target)

    def _meant(self, text: str) -> int:
        """The place, from 1, at which a question back names the example that they had."""
        examples = {f.value for f in self._told if f.kind == "like"}
        for item in (self._catalogue.items.get(i) for i in sorted(self._person.had)):
            if item is not None and item.title in examples:
                at = text.find(self._catalogue.dated(item))
                if at >= 0:
                    return 1 + len(_NAMED.findall(text[:at]))
        return 1

    def _mistaken(self, fact: Fact, rng: np.random.Generator) -> Fact:
        """The fact, or by their noise a wrong one of the same kind."""
        if rng.random() >= self._person.nature.noise:
            return fact
        if fact.kind == "period":
            return replace(fact, value=str(int(fact.value) + words.step(rng) * 10))
        others = sorted(self._catalogue.usual.get(fact.field, {fact.value}))
        return replace(fact, value=words.pick(others, rng)) if fact.kind == "value" else fact
