"""From scores to probabilities, learned from examples that somebody judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

STEPS = 50
"""Newton steps at most; about six are needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A logistic curve through judged scores: ``1 / (1 + exp(-(slope * score + offset)))``.

    J. Platt, "Probabilistic outputs for support vector machines", 1999, with his softened targets,
    which keep the curve finite where the examples part without an overlap. ``slope`` is never
    negative: a calibration does not change an order.
    """

    slope: float
    offset: float

    def __call__(self, score: float) -> float:
        """The probability in (0, 1) that something with this score is wanted."""
        return _logistic(self.slope * score + self.offset)

    @classmethod
    def fit(cls, scores: Sequence[float], wanted: Sequence[bool]) -> Self:
        """The curve of judged examples.

        ValueError unless there are as many judgements as scores, with at least one of either kind.
        """
        good = sum(wanted)
        bad = len(wanted) - good
        if len(scores) != len(wanted) or not good or not bad:
            raise ValueError(
                f"a calibration needs scores with one judgement each, wanted and unwanted ones: "
                f"got {len(scores)} scores, {good} wanted and {bad} unwanted"
            )
        high, low = (good + 1) / (good + 2), 1 / (bad + 2)
        targets = [high if w else low for w in wanted]
        slope, offset = 0.0, math.log((good + 1) / (bad + 1))
        for _ in range(STEPS):
            found = [_logistic(slope * s + offset) for s in scores]
            g0 = sum(t - f for t, f in zip(targets, found, strict=True))
            g1 = sum((t - f) * s for t, f, s in zip(targets, found, scores, strict=True))
            weights = [f * (1 - f) + 1e-12 for f in found]
            h00 = sum(weights)
            h01 = sum(w * s for w, s in zip(weights, scores, strict=True))
            h11 = sum(w * s * s for w, s in zip(weights, scores, strict=True)) + 1e-9
            det = h00 * h11 - h01 * h01
            if det <= 0:
                break
            step0, step1 = (h11 * g0 - h01 * g1) / det, (h00 * g1 - h01 * g0) / det
            offset, slope = offset + step0, slope + step1
            if abs(step0) + abs(step1) < 1e-9:
                break
        if slope >= 0:
            return cls(slope=slope, offset=offset)
        mean = sum(targets) / len(targets)  # the scores say nothing: everything is as likely
        return cls(slope=0.0, offset=math.log(mean / (1 - mean)))


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
