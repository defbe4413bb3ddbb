"""Overlapping blocks, all at once."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.reranking import blend
from assistant.reranking.blend import Standing
from assistant.reranking.desk import Desk
from assistant.reranking.paper import Job, Paper
from assistant.reranking.strategies.base import Listwise

ERRORS = 2.0
"""Standard errors within which a candidate's place among the best is uncertain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks(Listwise):
    """Blocks of ``width``, asked about in one wave, in which every candidate stands ``copies``
    times, in other company and in another half of the display each time. A second wave of one
    block is for those whose place among the best is still uncertain.

    After JointRank (Dedov, 2025: overlapping blocks, one pass, aggregated). New here: every block
    holds candidates of all parts of the prior order, so that marks mean the same in each; places
    are balanced against position bias; and because everything is judged twice the answers
    themselves tell how far they can be relied upon (:mod:`assistant.reranking.blend`).
    """

    width: int = 20
    copies: int = 2
    name: str = "blocks"

    def __post_init__(self) -> None:
        if self.width < 4 or self.copies < 1:
            raise ValueError(
                f"a block holds at least 4, and one copy: got {self.width} and {self.copies}"
            )

    def size(self, paper: Paper) -> int:
        """The width, or less where a prompt has no room for it."""
        return paper.holds(min(self.width, len(paper)))

    def waves(self, paper: Paper, rng: random.Random, claims: int) -> list[list[Job]]:
        """The blocks, and a second wave of one."""
        size = self.size(paper)
        blocks = deal(len(paper), math.ceil(len(paper) / size), self.copies, rng)
        first = [Job(positions=block, wanted=_wanted(len(block))) for block in blocks]
        if len(first) == self.copies:  # one block holds them all
            first[0] = Job(positions=first[0].positions, wanted=first[0].wanted, claims=claims)
            return [first]
        # As many as are in doubt as a rule.
        return [first, [self._last(tuple(range(max(2, size * 3 // 4))), claims)]]

    def most(self, paper: Paper) -> int:
        """The first wave and one block more."""
        return self.copies * math.ceil(len(paper) / self.size(paper)) + 1

    async def run(self, desk: Desk) -> None:
        """Ask about all blocks, then about those that are in doubt."""
        size = self.size(desk.paper)
        claims = desk.paper.limits.claims if desk.explain else 0
        await desk.wave(desk.waves[0], size)
        if len(desk.waves) == 1 or not desk.marks:
            return
        standing = desk.standing()
        doubtful = (
            standing.order[:size]
            if desk.explain
            else uncertain(standing, min(desk.paper.top_k, len(desk.paper)), size)
        )
        if len(doubtful) > 1:
            listed = await desk.ask(self._last(doubtful, claims), size, mark=False)
            if listed:
                desk.finals = finals(desk.marks, doubtful, listed)

    @staticmethod
    def _last(positions: Sequence[int], claims: int) -> Job:
        wanted = max(_wanted(len(positions)), min(claims, len(positions)))
        return Job(positions=tuple(positions), wanted=wanted, claims=claims)


def _wanted(size: int) -> int:
    """Half of a block is listed: the rest is told apart by its other blocks."""
    return max(1, math.ceil(size / 2))


def deal(n: int, blocks: int, copies: int, rng: random.Random) -> list[tuple[int, ...]]:
    """``copies`` times all of ``n`` positions, each time in ``blocks`` blocks of equal size or one
    less.

    Each block gets one of every ``blocks`` neighbours in prior order. Within a block the display
    order is random in the first copy; in the others everything moves on by an equal part of the
    display, so that over all copies no candidate stands always early or always late.
    """
    found: list[tuple[int, ...]] = []
    early = [rng.random() for _ in range(n)]
    for copy in range(copies):
        hands: list[list[int]] = [[] for _ in range(blocks)]
        for start in range(0, n, blocks):
            turn = list(range(start, min(start + blocks, n)))
            seats = rng.sample(range(blocks), len(turn))
            for position, seat in zip(turn, seats, strict=True):
                hands[seat].append(position)
        moved = [(at + copy / copies) % 1 for at in early]
        found += [tuple(sorted(hand, key=moved.__getitem__)) for hand in hands if hand]
    return found


def uncertain(standing: Standing, top_k: int, most: int) -> tuple[int, ...]:
    """Positions whose place among the first ``top_k`` is in doubt, in order, at most ``most``:
    those nearest to the cut, where it lies within two standard errors of them."""
    order = standing.order
    if not 0 < top_k < len(order) or standing.trust == 0 or not math.isfinite(standing.error):
        return ()
    z = standing.z
    cut = (z[order[top_k - 1]] + z[order[top_k]]) / 2
    near = sorted(order, key=lambda p: abs(z[p] - cut))[:most]
    doubtful = {p for p in near if abs(z[p] - cut) <= ERRORS * standing.error}
    return tuple(p for p in order if p in doubtful)


def finals(
    marks: Mapping[int, Sequence[float]], shown: Sequence[int], listed: Sequence[int]
) -> dict[int, float]:
    """Marks of a block of finalists.

    A place among finalists is worth more than one among all: they get the mean and the spread of
    the marks that the finalists have.
    """
    held = {p: sum(own) / len(own) for p in shown if (own := marks.get(p))}
    if len(held) < 2:
        return {}
    middle = statistics.fmean(held.values())
    spread = statistics.pstdev(held.values())
    new = blend.listed(shown, listed)
    mean, wide = statistics.fmean(new.values()), statistics.pstdev(new.values()) or 1.0
    return {p: middle + spread * (value - mean) / wide for p, value in new.items()}
