"""Palate beside its peers on one group of people, by nDCG@10."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.bootstrap import ratio, ratio_interval

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Mean nDCG@10 of Palate, of its scorers alone and of the peers; None for no answer.

    ``ratio`` is Palate over ``best_peer``, the peer with the highest mean on these very people,
    which is the strictest choice; ``interval`` its 95 % bootstrap interval. NaN where the best
    peer finds nothing. ``over_part`` is the same over ``best_part``, the scorer of Palate's own
    that would have done best alone; empty and NaN where no scorer was asked.
    """

    users: int
    palate: float
    parts: Mapping[str, float]
    peers: Mapping[str, float | None]
    best_peer: str
    ratio: float
    interval: tuple[float, float]
    best_part: str = ""
    over_part: float = math.nan
    part_interval: tuple[float, float] = (math.nan, math.nan)


def compare(
    palate: Floats,
    peers: Mapping[str, Floats | None],
    *,
    parts: Mapping[str, Floats] | None = None,
    group: Mask | None = None,
    seed: int,
) -> Comparison | None:
    """The comparison over the cases of ``group`` (all without it); None where that is nobody.

    Every array is (cases,), one nDCG@10 each, in one order; at least one peer has an answer.
    """
    chosen = np.ones(len(palate), dtype=np.bool_) if group is None else group
    if not chosen.any():
        return None
    answers = {name: x[chosen] for name, x in peers.items() if x is not None}
    ours, best = palate[chosen], _best(answers)
    alone = {name: x[chosen] for name, x in (parts or {}).items()}
    part = _best(alone) if alone else ""
    return Comparison(
        users=int(chosen.sum()),
        palate=float(ours.mean()),
        parts={name: float(x.mean()) for name, x in alone.items()},
        peers={n: float(answers[n].mean()) if n in answers else None for n in peers},
        best_peer=best,
        ratio=ratio(ours, answers[best]),
        interval=ratio_interval(ours, answers[best], seed=seed),
        best_part=part,
        over_part=ratio(ours, alone[part]) if part else math.nan,
        part_interval=(
            ratio_interval(ours, alone[part], seed=seed, level=1 - 0.05 / len(alone))
            if part
            else (math.nan, math.nan)
        ),
    )


def _best(answers: Mapping[str, Floats]) -> str:
    return max(answers, key=lambda name: float(answers[name].mean()))


def by_length(lengths: NDArray[np.integer]) -> dict[str, Mask]:
    """Who has how much history: likes before the cut, in the buckets 1-5, 6-20, 21-100 and over."""
    return {
        "1-5": (lengths >= 1) & (lengths <= 5),
        "6-20": (lengths >= 6) & (lengths <= 20),
        "21-100": (lengths >= 21) & (lengths <= 100),
        "over 100": lengths > 100,
    }


def by_span(seconds: Floats) -> dict[str, Mask]:
    """Who entered a whole history within a day, and who did not; nobody where no time is known.

    ``seconds`` is (cases,), from a person's first event to the last, NaN without times. What was
    entered in one sitting is in the order of a questionnaire and not of a life.
    """
    with np.errstate(invalid="ignore"):
        return {"within a day": seconds <= DAY, "over a day": seconds > DAY}
