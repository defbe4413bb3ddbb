"""The strategies by name, and choosing one."""

from __future__ import annotations

from assistant.reranking.ledger import affordable
from assistant.reranking.paper import Paper
from assistant.reranking.strategies.base import Strategy
from assistant.reranking.strategies.blocks import Blocks
from assistant.reranking.strategies.pointwise import Pointwise
from assistant.reranking.strategies.setwise import Setwise
from assistant.reranking.strategies.sliding import Sliding
from assistant.reranking.strategies.window import Window

__all__ = ["Blocks", "Pointwise", "Setwise", "Sliding", "Strategy", "Window", "choose", "named"]

COMFORTABLE = 30
"""Candidates that a model orders well at once; of more, those in the middle are overlooked (Liu et
al., "Lost in the middle", TACL 2024)."""

BY_NAME: dict[str, Strategy] = {
    s.name: s for s in (Window(), Sliding(), Blocks(), Setwise(), Pointwise())
}


def named(strategy: str | Strategy) -> Strategy | None:
    """The strategy of that name, the given one itself, or None for ``auto``. ValueError for a name
    that is none."""
    if not isinstance(strategy, str):
        return strategy
    if strategy == "auto":
        return None
    if strategy not in BY_NAME:
        names = ", ".join(["auto", *BY_NAME])
        raise ValueError(f"there is no strategy {strategy!r}; there are {names}")
    return BY_NAME[strategy]


def choose(paper: Paper) -> Strategy:
    """The strategy for a ranking: one window up to 30 candidates that fit it, else blocks where the
    limits allow them, else one window over the head of the list."""
    window, blocks = BY_NAME["window"], BY_NAME["blocks"]
    n = len(paper)
    if n <= COMFORTABLE and paper.holds(n) == n:
        return window
    size = blocks.size(paper)
    if size < 4:
        return window
    calls = blocks.most(paper)
    _, tokens = paper.sheet(size)
    total = calls * paper.bare + Blocks().copies * sum(tokens)
    return blocks if affordable(paper.limits, calls, total, None) else window
