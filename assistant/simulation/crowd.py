"""People drawn from histories that are held back, each with something they came to like later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.simulation.habits import people as habits
from assistant.simulation.knowledge import Catalogue, Fact, remembered
from assistant.simulation.person import Nature, Person
from retrieval.errors import InputError
from retrieval.evaluation.log import Log
from retrieval.evaluation.splits import Case, by_user
from retrieval.types import Event

MOST = 0.5
"""Share of the people with enough history that may be drawn: the others are learned from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The people who will talk, and what is left to learn from.

    ``pasts`` holds the events before the cut of those whom Palate knows, by visitor; ``others``
    every event of everybody who was not drawn. ``notes`` say what else is to be known of the draw.
    """

    people: tuple[Person, ...]
    catalogue: Catalogue
    pasts: Mapping[str, tuple[Event, ...]]
    others: tuple[Event, ...]
    notes: tuple[str, ...]


def draw(log: Log, *, people: int, seed: int) -> Crowd:
    """So many people at random.

    The histories are cut as in ``palate evaluate history``: the last fifth of the likes of each
    person with at least 10 of them, in their own time, is the future; one item of it is the target.
    At most half of these people are drawn, and those of whose target nothing can be said are left
    out. Half of them are known to Palate. The same seed draws the same people. Raises InputError
    when nobody has enough history.
    """
    if not log.events:
        raise InputError("this workspace holds no events, so there is nobody to simulate")
    split = by_user(log.events, log.kinds, seed=seed)
    cases = _drawn(split.report.cases, people, seed)
    held = {case.user for case in cases}
    catalogue = Catalogue(log.schema, {item.id: item for item in log.items})
    drawn = [(case, _person(case, n, catalogue, seed)) for n, case in enumerate(cases)]
    told = [(case, person) for case, person in drawn if person is not None]
    return Crowd(
        people=tuple(person for _, person in told),
        catalogue=catalogue,
        pasts={person.visitor: case.events for case, person in told if person.known},
        others=tuple(e for e in log.events if e.user not in held),
        notes=_notes(split.shuffled, people, len(cases), len(cases) - len(told), seed),
    )


def _drawn(cases: Sequence[Case], people: int, seed: int) -> list[Case]:
    order = np.random.default_rng(seed).permutation(len(cases))
    return [cases[n] for n in order[: min(people, max(1, int(MOST * len(cases))))]]


def _person(case: Case, number: int, catalogue: Catalogue, seed: int) -> Person | None:
    """The person of a case; None where nothing can be said of any target."""
    rng = np.random.default_rng([seed, number])
    had = frozenset(e.item for e in case.events)
    future = sorted(
        t
        for t in case.targets.difference(had)
        if t in catalogue.items and catalogue.items[t].available
    )
    if not future:
        return None
    table = habits()
    target = future[int(rng.integers(len(future)))]
    facts = remembered(catalogue, catalogue.items[target], case.liked, table["knows"], rng)
    if not facts:
        return None
    nature = table["nature"]
    drawn = {n: rng.uniform(*nature[n]) for n in ("noise", "typos", "talkative", "silent")}
    whole = {n: int(rng.integers(nature[n][0], nature[n][1] + 1)) for n in ("turns", "tolerance")}
    return Person(
        visitor=f"simulated-{number}",
        target=target,
        facts=facts,
        had=had,
        later=case.targets,
        opening=_opening(facts, table["openers"], rng),
        nature=Nature(**drawn, **whole),
        known=bool(rng.random() < 0.5),
        seed=(seed, number),
    )


def _opening(
    facts: tuple[Fact, ...], shares: dict[str, float], rng: np.random.Generator
) -> tuple[Fact, ...]:
    """What they begin with: nothing, one fact, two, or an example; less where they know less."""
    names = list(shares)
    way = names[int(rng.choice(len(names), p=np.array(list(shares.values()))))]
    likes = tuple(f for f in facts if f.kind == "like")
    plain = tuple(f for f in facts if f.kind != "like")
    if way == "nothing":
        return ()
    if way == "like" and likes:
        return likes[:1]
    return (plain or likes)[: 2 if way == "two" else 1]


def _notes(shuffled: bool, wanted: int, drawn: int, mute: int, seed: int) -> tuple[str, ...]:
    notes = []
    if shuffled:
        notes.append(f"no times: each history was put in a random order, seed {seed}")
    if drawn < wanted:
        notes.append(f"{drawn:,} people drawn of {wanted:,}: half of those with enough history")
    if mute:
        notes.append(f"{mute:,} people left out: nothing can be said of their target")
    return tuple(notes)
