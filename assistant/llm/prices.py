"""What a call costs in money, by the prices its provider asks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from assistant.llm.types import Usage

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """Money for one million tokens, in any currency.

    ``cached`` is the price of prompt tokens that the provider had cached; None where they cost as
    much as the others. Reasoning is billed as completion. Raises ValueError for a price that is
    not a finite number of at least 0.
    """

    prompt: float
    completion: float
    cached: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("prompt", self.prompt), ("completion", self.completion)):
            _check(name, value)
        if self.cached is not None:
            _check("cached", self.cached)


def cost(usage: Usage, price: Price | None) -> float | None:
    """The cost in the currency of the price; None where the price is unknown, which is not 0."""
    if price is None:
        return None
    cached = min(usage.cached_tokens, usage.prompt_tokens)  # as reported, so not to be trusted
    again = price.prompt if price.cached is None else price.cached
    asked = (usage.prompt_tokens - cached) * price.prompt + cached * again
    return (asked + usage.completion_tokens * price.completion) / MILLION


def _check(name: str, value: object) -> None:
    if not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"the {name} price must be a finite number of at least 0, got {value!r}")
