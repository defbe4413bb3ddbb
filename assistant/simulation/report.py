"""What the dialogues of simulated people come to: figures, and Palate beside each rival."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.simulation.play import PALATE, Outcome, fair
from retrieval.evaluation.bootstrap import ratio, ratio_interval

HEADLINE = 5
"""Turns within which the target has to be shown."""

TURNS = 8
"""Turns that are reported; nobody has time for more."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One policy over all people that count.

    ``success`` is the share of people whose target was shown within 1, 2, … :data:`TURNS` turns,
    ``interval`` that of the headline; ``content`` the share to whom anything they came to like was
    shown within the headline's turns. ``turn`` is the mean turn of those who found their target
    (NaN without any). ``questions`` and ``turns`` are means over dialogues. ``repeats`` counts
    items that came back after they were rejected, marked seen or passed over, ``shown`` all places
    of all slates and ``items`` the different items on them. ``left`` is the share that gave up.
    """

    success: tuple[float, ...]
    interval: Interval
    content: float
    turn: float
    turns: float
    questions: float
    repeats: int
    shown: int
    items: int
    left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Palate's success over a rival's, paired by person, after 1, 2, … :data:`TURNS` turns.

    ``only_palate`` and ``only_rival`` count the people whom one of them alone served within the
    headline's turns. A ratio to nothing is NaN.
    """

    ratios: tuple[float, ...]
    intervals: tuple[Interval, ...]
    only_palate: int
    only_rival: int

    @property
    def beyond(self) -> bool:
        """Whether the headline's interval lies above 1."""
        return self.intervals[HEADLINE - 1][0] > 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole run. ``void`` counts dialogues in which the target was named, by policy; ``people``
    those that count, ``groups`` how many of them and the headline's success by policy."""

    people: int
    void: Mapping[str, int]
    figures: Mapping[str, Figures]
    rivals: Mapping[str, Comparison]
    groups: Mapping[str, tuple[int, Mapping[str, float]]]


def report(outcomes: Mapping[str, Sequence[Outcome]], *, seed: int) -> Report:
    """The report of the outcomes by policy, each in the order of the people.

    Intervals are 95 %, bootstrapped over people. Without anybody left shares and means are NaN.
    """
    kept = fair(outcomes)
    ours = kept[PALATE]
    return Report(
        people=len(ours),
        void={name: sum(o.void for o in found) for name, found in outcomes.items()},
        figures={name: _figures(found, seed) for name, found in kept.items()},
        rivals={n: _compared(ours, found, seed) for n, found in kept.items() if n != PALATE},
        groups=_groups(kept),
    )


def within(outcomes: Sequence[Outcome], turns: int) -> NDArray[np.float64]:
    """1 for each person whose target was shown within so many turns, else 0: (people,)."""
    return np.array([o.found is not None and o.found <= turns for o in outcomes], dtype=np.float64)


def _figures(outcomes: Sequence[Outcome], seed: int) -> Figures:
    headline = within(outcomes, HEADLINE)
    places = [i for o in outcomes for i in o.shown()]
    return Figures(
        success=tuple(_mean(within(outcomes, n)) for n in range(1, TURNS + 1)),
        interval=ratio_interval(headline, np.ones(len(headline)), seed=seed),
        content=_mean([o.content is not None and o.content <= HEADLINE for o in outcomes]),
        turn=_mean([o.found for o in outcomes if o.found is not None]),
        turns=_mean([o.turns for o in outcomes]),
        questions=_mean([o.questions for o in outcomes]),
        repeats=sum(o.repeats for o in outcomes),
        shown=len(places),
        items=len(set(places)),
        left=_mean([o.left for o in outcomes]),
    )


def _compared(ours: Sequence[Outcome], theirs: Sequence[Outcome], seed: int) -> Comparison:
    pairs = [(within(ours, n), within(theirs, n)) for n in range(1, TURNS + 1)]
    mine, other = pairs[HEADLINE - 1]
    return Comparison(
        ratios=tuple(ratio(a, b) for a, b in pairs),
        intervals=tuple(ratio_interval(a, b, seed=seed) for a, b in pairs),
        only_palate=int((mine > other).sum()),
        only_rival=int((other > mine).sum()),
    )


_GROUPS: Mapping[str, Callable[[Outcome], bool]] = {
    "known": lambda o: o.person.known,
    "strangers": lambda o: not o.person.known,
    "begin with nothing": lambda o: not o.person.opening,
    "begin with something": lambda o: bool(o.person.opening),
}


def _groups(
    kept: Mapping[str, Sequence[Outcome]],
) -> dict[str, tuple[int, Mapping[str, float]]]:
    """The headline's success of those whom Palate knows, of strangers, and by how they began."""
    return {
        name: (
            sum(map(member, kept[PALATE])),
            {
                policy: _mean(within([o for o in found if member(o)], HEADLINE))
                for policy, found in kept.items()
            },
        )
        for name, member in _GROUPS.items()
    }


def _mean(values: Sequence[float] | NDArray[np.float64]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
