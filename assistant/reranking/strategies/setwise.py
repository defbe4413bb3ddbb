"""Sets of candidates held against the last of the best."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.reranking.desk import Desk
from assistant.reranking.paper import Job, Paper
from assistant.reranking.strategies.base import Listwise, reasons

AT_ONCE = 3
"""Winners of a group that are placed in one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setwise(Listwise):
    """Insertion from the prior order: the first candidates are ordered, then each following
    ``group`` is shown with the last of the best, and those put before it are placed among them, up
    to three at a time (Zhuang et al., Setwise, SIGIR 2024; the prior as the starting order: Podolak
    et al., 2025).

    Cheap where the prior is good, since most groups are dismissed in one short call. Every call
    waits for the one before. Reasons are asked for in one call more, of those that came out first.
    """

    group: int = 9
    name: str = "setwise"

    def __post_init__(self) -> None:
        if self.group < 1:
            raise ValueError(f"group must be at least 1, got {self.group}")

    def size(self, paper: Paper) -> int:
        """Enough for the best with a group."""
        return paper.holds(min(len(paper), paper.top_k + max(self.group, AT_ONCE)))

    def waves(self, paper: Paper, rng: random.Random, claims: int) -> list[list[Job]]:  # noqa: ARG002
        """The first order, then one window a group; that a group moves anything is not expected."""
        size = self.size(paper)
        best = min(size, max(paper.top_k, 2))
        first = Job(positions=tuple(range(size)), wanted=best)
        groups = [
            [_challenge(best - 1, range(at, min(at + self.group, len(paper))))]
            for at in range(size, len(paper), self.group)
        ]
        return [[first], *groups, *reasons(paper, claims)]

    def most(self, paper: Paper) -> int:
        """Everybody moves up, and reasons are wanted."""
        groups = len(self.waves(paper, random.Random(0), 0)) - 1
        return 1 + groups * (2 * math.ceil(self.group / AT_ONCE) + 1) + 1

    async def run(self, desk: Desk) -> None:
        """Insert; a call without an answer leaves things as they are."""
        size = self.size(desk.paper)
        (first,), *groups = [wave for wave in desk.waves if not wave[0].claims]
        listed = await desk.ask(first, size, mark=False)
        order = _before(listed, list(range(len(desk.paper))))
        best, heard = first.wanted, bool(listed)
        for (planned,) in groups:
            group = planned.positions[1:]
            while group:
                last = order[best - 1]
                found = await desk.ask(_challenge(last, group), size, mark=False)
                heard = heard or bool(found)
                winners = found[: found.index(last)] if last in found else found
                if not winners:
                    break
                rivals = Job(positions=(*order[:best], *winners), wanted=best)
                order = _before(await desk.ask(rivals, size, mark=False), order)
                # Were all that could be listed better, there may be more of them.
                group = () if last in found else tuple(p for p in group if p not in set(winners))
            if heard:  # else the prior order would pass for the model's
                desk.order(order, best)
        if heard:
            desk.order(order, best)
            await desk.ask_reasons()


def _challenge(last: int, group: Sequence[int]) -> Job:
    """The window in which a group is held against the last of the best."""
    return Job(positions=(last, *group), wanted=min(AT_ONCE, len(group) + 1))


def _before(listed: tuple[int, ...], order: list[int]) -> list[int]:
    """The order with what was listed put first."""
    ahead = set(listed)
    return [*listed, *(p for p in order if p not in ahead)]
