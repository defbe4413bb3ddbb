"""What one ranking may still spend. Nothing is sent that could exceed it."""

from __future__ import annotations

import math
import time

from assistant.llm.prices import cost
from assistant.llm.types import Usage
from assistant.reranking.types import Limits


class Ledger:
    """Calls, tokens and seconds of one ranking: the worst is set aside before a call and replaced
    by what it took afterwards.

    ``calls`` and ``tokens`` bound the ranking beside its ``limits``; the deadline counts from
    ``since``, by the monotonic clock.
    """

    def __init__(self, limits: Limits, *, calls: int, tokens: int, since: float) -> None:
        self.calls = 0
        self.usage = Usage()
        self._limits = limits
        self._most_calls = calls if limits.calls is None else min(calls, limits.calls)
        self._most_tokens = tokens if limits.tokens is None else min(tokens, limits.tokens)
        self._aside = Usage()
        self._ends = since + limits.deadline

    @property
    def left(self) -> float:
        """Seconds until the deadline, never below 0."""
        return max(0.0, self._ends - time.monotonic())

    def take(self, prompt: int, answer: int) -> str:
        """Set a call aside. Returns what forbids it, ready to be read, or nothing."""
        worst = Usage(prompt_tokens=prompt, completion_tokens=answer)
        total = self.usage + self._aside + worst
        money = cost(total, self._limits.price)
        if self.left <= 0:
            return f"the {self._limits.deadline:g} s given to it are over"
        if self.calls + 1 > self._most_calls:
            return f"the limit of {self._most_calls} calls is reached"
        if total.prompt_tokens + total.completion_tokens > self._most_tokens:
            return f"another call might exceed the limit of {self._most_tokens} tokens"
        if self._limits.money is not None and (money or 0.0) > self._limits.money:
            return f"another call might exceed the limit of {self._limits.money:g} in money"
        self.calls += 1
        self._aside = self._aside + worst
        return ""

    def settle(self, prompt: int, answer: int, spent: Usage) -> None:
        """Replace what was set aside for a call by what it took."""
        self._aside = Usage(
            prompt_tokens=self._aside.prompt_tokens - prompt,
            completion_tokens=self._aside.completion_tokens - answer,
        )
        self.usage = self.usage + spent


def affordable(limits: Limits, calls: int, tokens: int, money: float | None) -> bool:
    """Whether so much lies within the limits."""
    return (
        calls <= (math.inf if limits.calls is None else limits.calls)
        and tokens <= (math.inf if limits.tokens is None else limits.tokens)
        and (limits.money is None or money is None or money <= limits.money)
    )
