"""Dialogues of simulated people with whoever answers, and what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.sessions import new_id
from assistant.simulation.knowledge import Catalogue
from assistant.simulation.leaks import names
from assistant.simulation.person import Answer, Person, Talk
from assistant.simulation.policies import Greedy, Palate, Policy, RandomQuestions, Recommending
from assistant.simulation.world import World
from retrieval.progress import Progress
from retrieval.types import ItemId

PALATE = "palate"
RIVALS = ("always-recommend", "random-questions", "greedy")

ASKING = 1_000
"""Beside a person's seed, what random questions are drawn from: no number that a message has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one dialogue.

    ``found`` and ``content`` are the turn, from 1, at which the target, or anything the person came
    to like, was shown; None where it never was. ``questions`` and ``repeats`` are counts over the
    dialogue, ``left`` is true when they gave up. A ``void`` dialogue ends with the message that
    named the target, unanswered, and counts nowhere. ``said`` are the messages as typed, with
    their answers.
    """

    person: Person
    found: int | None
    content: int | None
    turns: int
    questions: int
    repeats: int
    left: bool
    void: bool
    said: tuple[tuple[str, Answer], ...]

    def shown(self) -> tuple[ItemId, ...]:
        """Everything that was on a slate, in order, repeats included."""
        return tuple(i for _, answer in self.said for i in answer.slate)


async def play(person: Person, policy: Policy, catalogue: Catalogue) -> Outcome:
    """One dialogue, to the target, to the end of the person's patience or to a leak."""
    talk = Talk(person, catalogue)
    title = catalogue.items[person.target].title
    said: list[tuple[str, Answer]] = []
    void = False
    while not (talk.left or talk.found):
        meant, typed = talk.say()
        void = names(meant, title) or names(typed, title)
        if void:
            said.append((typed, Answer()))
            break
        answer = await policy.answer(typed)
        talk.hear(answer)
        said.append((typed, answer))
    return Outcome(
        person=person,
        found=talk.found,
        content=talk.content,
        turns=talk.turn,
        questions=talk.questions,
        repeats=talk.repeats,
        left=talk.left,
        void=void,
        said=tuple(said),
    )


def policies(world: World, size: int) -> dict[str, Callable[[Person], Policy]]:
    """Palate and its rivals by name, each made anew for every person."""
    parts = world.parts

    def asking(person: Person) -> Policy:
        rng = np.random.default_rng([*person.seed, ASKING])
        return Recommending(parts, person.visitor, size, RandomQuestions(parts, rng))

    return {
        PALATE: lambda p: Palate(parts, new_id(), p.visitor),  # no choice of ours hangs on the id
        "always-recommend": lambda p: Recommending(parts, p.visitor, size),
        "random-questions": asking,
        "greedy": lambda p: Greedy(parts, p.visitor, size),
    }


def play_all(
    world: World, made: Mapping[str, Callable[[Person], Policy]], progress: Progress
) -> dict[str, tuple[Outcome, ...]]:
    """Every person with every policy; the outcomes by policy, in the order of the people."""
    found: dict[str, list[Outcome]] = {name: [] for name in made}
    with asyncio.Runner() as runner:
        for done, person in enumerate(world.people, start=1):
            for name, make in made.items():
                found[name].append(runner.run(play(person, make(person), world.catalogue)))
            progress("playing dialogues", done, len(world.people))
    return {name: tuple(outcomes) for name, outcomes in found.items()}


def fair(outcomes: Mapping[str, Sequence[Outcome]]) -> dict[str, tuple[Outcome, ...]]:
    """The outcomes of the people whose words gave nothing away to anybody, so that every policy is
    measured on the same ones."""
    rows = list(zip(*outcomes.values(), strict=True))
    kept = [row for row in rows if not any(outcome.void for outcome in row)]
    return {name: tuple(row[n] for row in kept) for n, name in enumerate(outcomes)}
