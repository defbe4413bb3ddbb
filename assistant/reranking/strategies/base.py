"""What a strategy is: how it would ask, and asking."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

from assistant.reranking.desk import Desk
from assistant.reranking.paper import Cost, Job, Paper


class Strategy(Protocol):
    """A way of asking a model about more candidates than it should be asked about at once.

    Both methods see the candidates in prior order, as positions. A strategy keeps nothing between
    rankings.
    """

    @property
    def name(self) -> str:
        """The word for it, as in a plan."""
        ...

    def size(self, paper: Paper) -> int:
        """Candidates in one window; fewer than two: none fits the limits."""
        ...

    def waves(self, paper: Paper, rng: random.Random, claims: int) -> Sequence[Sequence[Job]]:
        """The windows as they are expected, in waves that wait for one another.

        The first wave is what will be asked; in a later one, which depends on the answers, the
        candidates stand for others.
        """
        ...

    def most(self, paper: Paper) -> int:
        """Windows asked about at the most, repairs apart."""
        ...

    def cost(self, paper: Paper, job: Job) -> Cost:
        """What one window costs."""
        ...

    async def run(self, desk: Desk) -> None:
        """Ask, and leave the marks at the desk."""
        ...


def reasons(paper: Paper, claims: int) -> list[list[Job]]:
    """The wave in which a strategy that ranks without reasons asks for them afterwards
    (:meth:`Desk.ask_reasons`): one window of the best. Empty where none are wanted."""
    best = paper.holds(min(paper.top_k, len(paper)))
    if claims < 1 or best < 1:
        return []
    return [[Job(positions=tuple(range(best)), wanted=min(claims, best), claims=claims)]]


class Listwise(ABC):
    """What the strategies share that have lists made."""

    @abstractmethod
    def size(self, paper: Paper) -> int:
        """See :class:`Strategy`."""

    def cost(self, paper: Paper, job: Job) -> Cost:
        """See :class:`Strategy`."""
        return paper.cost(job, self.size(paper))
