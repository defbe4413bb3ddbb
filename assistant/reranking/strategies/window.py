"""One window that holds everything."""

from __future__ import annotations

import random
from dataclasses import dataclass

from assistant.reranking.desk import Desk
from assistant.reranking.paper import Job, Paper
from assistant.reranking.strategies.base import Listwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Listwise):
    """One call that lists the best of all candidates that fit it (listwise prompting: Ma et al.,
    LRL, 2023; Sun et al., RankGPT, EMNLP 2023). Those that do not fit keep their prior order.

    With ``shuffles`` above 1 the same candidates are shown that many times in different orders, in
    one wave, the first time in prior order: permutation self-consistency (Tang et al., NAACL 2024),
    which also tells how far the model can be relied upon.
    """

    shuffles: int = 1
    name: str = "window"

    def __post_init__(self) -> None:
        if self.shuffles < 1:
            raise ValueError(f"shuffles must be at least 1, got {self.shuffles}")

    def size(self, paper: Paper) -> int:
        """As many as fit."""
        return paper.holds(len(paper))

    def waves(self, paper: Paper, rng: random.Random, claims: int) -> list[list[Job]]:
        """One wave."""
        shown = list(range(self.size(paper)))
        wanted = min(len(shown), paper.top_k, paper.limits.listed or paper.top_k)
        jobs = [Job(positions=tuple(shown), wanted=wanted, claims=min(claims, wanted))]
        for _ in range(1, self.shuffles):
            rng.shuffle(shown)
            jobs.append(Job(positions=tuple(shown), wanted=wanted))
        return [jobs]

    def most(self, paper: Paper) -> int:  # noqa: ARG002  (the same for all)
        """One for each order."""
        return self.shuffles

    async def run(self, desk: Desk) -> None:
        """Ask once."""
        await desk.wave(desk.waves[0], self.size(desk.paper))
