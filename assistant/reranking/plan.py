"""What a ranking will take, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.llm.prices import cost
from assistant.llm.types import Usage
from assistant.reranking.ledger import affordable
from assistant.reranking.paper import AGAIN, Cost, Job, Paper
from assistant.reranking.strategies import Strategy
from assistant.reranking.types import Limits, Plan


def make_plan(strategy: Strategy, paper: Paper, waves: Sequence[Sequence[Job]], tries: int) -> Plan:
    """The plan of the waves; ``tries`` is how often one window may be asked about, by all models
    and repairs together.

    Expected is what the limits allow of it, in order.
    """
    limits = paper.limits
    calls = prompt = answer = rounds = 0
    judged: set[int] = set()
    for wave in waves:
        for job in wave:
            one = strategy.cost(paper, job)
            worst = prompt + answer + one.prompt + one.longest
            money = _money(limits, prompt + one.prompt, answer + one.longest)
            if affordable(limits, calls + 1, worst, money):
                calls, prompt, answer = calls + 1, prompt + one.prompt, answer + one.answer
                judged.update(job.positions)
                rounds += job is wave[0]
    most = strategy.most(paper) * tries
    widest = _widest(strategy, paper, waves)
    each = widest.prompt + widest.longest + (AGAIN if tries > 1 else 0)
    most_calls = most if limits.calls is None else min(most, limits.calls)
    most_tokens = most_calls * each
    if limits.tokens is not None:
        most_tokens = min(most_tokens, limits.tokens)
    return Plan(
        strategy=strategy.name,
        rounds=rounds,
        calls=calls,
        tokens=prompt + answer,
        cost=_money(limits, prompt, answer),
        max_calls=most_calls,
        max_tokens=most_tokens,
        max_cost=_most_money(limits, most_tokens),
        judged=len(judged),
    )


def _widest(strategy: Strategy, paper: Paper, waves: Sequence[Sequence[Job]]) -> Cost:
    """More than any window can cost, whoever stands in it: its share of the longest lines."""
    costs = [strategy.cost(paper, job) for wave in waves for job in wave]
    widest = max((len(job.positions) for wave in waves for job in wave), default=0)
    _, tokens = paper.sheet(min(strategy.size(paper), widest))
    lines = sum(sorted(tokens, reverse=True)[:widest])
    return Cost(
        prompt=max(paper.bare + lines, *(c.prompt for c in costs)),
        answer=0,
        longest=max(c.longest for c in costs),
    )


def _money(limits: Limits, prompt: int, answer: int) -> float | None:
    return cost(Usage(prompt_tokens=prompt, completion_tokens=answer), limits.price)


def _most_money(limits: Limits, tokens: int) -> float | None:
    """Money that so many tokens can cost: all of them of the dearer kind."""
    dear = [_money(limits, tokens, 0), _money(limits, 0, tokens)]
    known = [money for money in dear if money is not None]
    if not known:
        return None
    return max(known) if limits.money is None else min(max(known), limits.money)
