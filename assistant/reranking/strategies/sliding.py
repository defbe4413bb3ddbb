"""A window that slides from the end of the list to its head."""

from __future__ import annotations

import random
from dataclasses import dataclass

from assistant.reranking.desk import Desk
from assistant.reranking.paper import Job, Paper
from assistant.reranking.strategies.base import Listwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliding(Listwise):
    """Windows of ``width`` from the last candidates to the first, each ``step`` further on, so that
    the best of one window are judged again in the next (Sun et al., RankGPT, EMNLP 2023).

    Every call waits for the one before: (n - width) / step + 1 of them. Of each window those are
    listed that can still move on.
    """

    width: int = 20
    step: int = 10
    name: str = "sliding"

    def __post_init__(self) -> None:
        if not 1 <= self.step < self.width:
            raise ValueError(f"step must be in [1, width), got {self.step} and {self.width}")

    def size(self, paper: Paper) -> int:
        """The width, or less where a prompt has no room for it."""
        return paper.holds(min(self.width, len(paper)))

    def waves(self, paper: Paper, rng: random.Random, claims: int) -> list[list[Job]]:  # noqa: ARG002
        """One window a wave."""
        size = self.size(paper)
        step = min(self.step, size - 1)
        starts = [*range(len(paper) - size, 0, -step), 0]
        return [
            [
                Job(
                    positions=tuple(range(start, start + size)),
                    wanted=min(size, max(step, 0 if start else paper.top_k)),
                    claims=0 if start else claims,
                )
            ]
            for start in starts
        ]

    def most(self, paper: Paper) -> int:
        """As many as there are windows."""
        return len(self.waves(paper, random.Random(0), 0))

    async def run(self, desk: Desk) -> None:
        """Slide; a window without an answer leaves its candidates where they are."""
        size = self.size(desk.paper)
        order = list(range(len(desk.paper)))
        for (job,) in desk.waves:
            places = slice(job.positions[0], job.positions[-1] + 1)
            shown = tuple(order[places])
            asked = Job(positions=shown, wanted=job.wanted, claims=job.claims)
            listed = await desk.ask(asked, size, mark=False)
            if listed:
                order[places] = [*listed, *(p for p in shown if p not in set(listed))]
                desk.order(order, places.start + job.wanted)
