"""Blending the model's order with the prior's. Pure functions of ranks.

A language model ranks well for people of whom little is known and worse than a collaborative score
for people of whom much is (reported for live traffic of a recommender engine: ahead below about a
hundred events, behind from four hundred on), so its weight falls with the length of the history.
Only the orders are blended, never the numbers: priors come in any scale (Borda count; de Borda
1781, as used for metasearch by Aslam and Montague, SIGIR 2001).
"""

from __future__ import annotations

from collections.abc import Sequence

NEWCOMER = 0.7
"""The model's weight for a person without a history."""

HALF = 100
"""Events at which that weight is halved."""


def model_weight(n_events: int) -> float:
    """The model's share of the blend, in (0, 0.7]: 0.7 without a history, half that at 100."""
    return NEWCOMER / (1 + max(0, n_events) / HALF)


def prior_order(priors: Sequence[float | None]) -> tuple[int, ...]:
    """Positions by prior, the best first; ties keep the input's order, missing ones (None or not
    a number) come last in the input's order. Without any prior it is the input's order.
    """

    def place(position: int) -> tuple[bool, float, int]:
        prior = priors[position]
        known = prior is not None and prior == prior
        return not known, -(prior or 0.0) if known else 0.0, position

    return tuple(sorted(range(len(priors)), key=place))


def scores(count: int, model: Sequence[int], weight: float) -> tuple[float, ...]:
    """Blended scores in [0, 1] of ``count`` candidates that come in prior order.

    ``model`` is the model's order of them, each at most once, the best first; those it left out
    follow in prior order. ``weight`` is the model's share in [0, 1]. Without a model's order the
    scores are the prior's own: 1 for the first, falling evenly to ``1 / count`` for the last.
    """
    by_prior = [1 - rank / count for rank in range(count)]
    if not model:
        return tuple(by_prior)
    named = set(model)
    order = [*model, *(c for c in range(count) if c not in named)]
    by_model = dict(zip(order, by_prior, strict=True))
    return tuple(weight * by_model[c] + (1 - weight) * by_prior[c] for c in range(count))
