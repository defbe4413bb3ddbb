"""Blending what a model says with the order the candidates came in.

How far a model is to be trusted is not known beforehand, but it shows in its answers. An item that
is judged twice should come out alike: the correlation between its marks is the model's
*reliability* (classical test theory; C. Spearman, 1904). And a model that knows what is wanted
finds the best of a useful prior more often than chance would: that *agreement* is what random and
hostile answers lack. Marks are averaged, standardised, and weighed against the prior by the
precision of either. Nothing is read from the numbers of a prior but their order: priors come in any
scale. Pure functions; ``docs/reranking.md`` has what they give with models that are perfect, random
and hostile.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from types import MappingProxyType

from assistant.reranking.calibration import Calibration

NORMAL = NormalDist()

HALF = 100
"""Events of a history at which the model's weight is halved. A language model ranks well for people
of whom little is known and worse than a collaborative score for people of whom much is (reported
for live traffic of a recommender engine: ahead below about a hundred events, behind from four
hundred on)."""

RELIABILITY, EVIDENCE = 0.4, 8
"""What is believed before anything was judged twice, and how many such pairs that is worth."""

AGREEMENT = 0.3
"""The correlation with the prior that is believed likewise."""

USEFUL = (0.15, 0.6)
"""Bounds of the prior's own validity: it is never worthless, nor is the model a mere echo of it."""

TRUSTED, DOUBTED = 1.0, 0.0
"""Standard errors of agreement from which a model is fully trusted, and up to which not at all."""

BELIEF = 20.0
"""Standard errors that are granted beforehand, shared by the items judged and less where each was
judged more than once: a list of twenty is too short to prove anything, and most models are of use.
"""

FINAL = 4
"""Marks that one among finalists is worth: it owes nothing to the company that it was made in."""

NO_FINALS: Mapping[int, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """How the model's order and the prior's are put together.

    ``model_weight`` fixes the model's share in [0, 1]; None, the default, reads it from the
    answers and the length of the history. ``calibration`` turns scores into probabilities, and
    ``threshold`` in [0, 1] is the score from which an item fits at all.
    """

    model_weight: float | None = None
    calibration: Calibration | None = None
    threshold: float | None = None

    def __post_init__(self) -> None:
        for name in ("model_weight", "threshold"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where the candidates stand, each field one number a candidate.

    ``scores`` are in [0, 1], ``model`` and ``prior`` what either says alone, on the same scale, and
    ``confidence`` how far the model's word goes. ``trust`` is the model's share of the scores and
    ``error`` the standard error of a score that this leaves, on the scale of the z-scores ``z``
    that the scores were made of. ``order`` holds all candidates, the best first, ties in prior
    order.
    """

    scores: tuple[float, ...]
    model: tuple[float, ...]
    prior: tuple[float, ...]
    confidence: tuple[float, ...]
    trust: float
    z: tuple[float, ...]
    error: float

    @property
    def order(self) -> tuple[int, ...]:
        """Positions of the candidates, the best first."""
        return tuple(sorted(range(len(self.z)), key=lambda c: (-round(self.z[c], 9), c)))


def prior_order(priors: Sequence[float | None]) -> tuple[int, ...]:
    """Positions by prior, the best first; ties keep the input's order, missing ones (None or not
    a number) come last in the input's order. Without any prior it is the input's order.
    """

    def place(position: int) -> tuple[bool, float, int]:
        prior = priors[position]
        known = prior is not None and prior == prior
        return not known, -(prior or 0.0) if known else 0.0, position

    return tuple(sorted(range(len(priors)), key=place))


@lru_cache(maxsize=256)
def normal_scores(n: int) -> tuple[float, ...]:
    """What ``n`` ordered draws from a normal distribution are about, the greatest first."""
    return tuple(NORMAL.inv_cdf((n - i - 0.5) / n) for i in range(n))


def listed(shown: Sequence[int], chosen: Sequence[int]) -> dict[int, float]:
    """Marks of the ``shown`` when these were ``chosen`` from them, the best first. Those that were
    not chosen share the places that are left."""
    scale = normal_scores(len(shown))
    marks = dict(zip(chosen, scale, strict=False))
    rest = scale[len(chosen) :]
    share = sum(rest) / len(rest) if rest else 0.0
    return {item: marks.get(item, share) for item in shown}


def prior_scores(priors: Sequence[float | None]) -> tuple[float, ...]:
    """Normal scores of priors that come in prior order; equal priors share their places."""
    n = len(priors)
    scale, out, start = normal_scores(n), list[float](), 0
    for end in range(1, n + 1):
        if end == n or _known(priors[end]) != _known(priors[start]):
            out += [sum(scale[start:end]) / (end - start)] * (end - start)
            start = end
    return tuple(out)


def stand(
    marks: Mapping[int, Sequence[float]],
    priors: Sequence[float | None],
    *,
    finals: Mapping[int, float] = NO_FINALS,
    n_events: int = 0,
    model_weight: float | None = None,
) -> Standing:
    """Where ``len(priors)`` candidates, which come in prior order, stand after the ``marks`` that
    the model gave to some of them.

    ``finals`` are marks of those that were held against one another in the same company, which
    tells more. An unmarked candidate counts like the worst that was marked, with confidence 0.
    Without marks, and where all of them are the same, the order is the prior's.
    """
    n = len(priors)
    p = prior_scores(priors)
    spread = _deviation(p)
    p = tuple(v / spread for v in p) if spread else p
    judged = {c: _mean(own, finals.get(c)) for c, own in marks.items() if own}
    middle = sum(judged.values()) / len(judged) if judged else 0.0
    wide = _deviation(tuple(judged.values()))
    if not wide:
        return _standing(p, (0.0,) * n, (0.0,) * n, 0.0, 1.0, math.inf)
    worst = min(judged.values())
    m = tuple((judged.get(c, worst) - middle) / wide for c in range(n))
    alike = reliability(marks)
    times = sum(map(len, marks.values())) / len(judged)
    agrees = _trusted(judged, m, p, BELIEF / len(judged) / times**2) if spread else 1.0
    precision = {c: _stepped(alike, len(own)) for c, own in marks.items() if own}
    mean = sum(precision.values()) / len(precision)
    confidence = tuple(agrees * math.sqrt(precision.get(c, 0.0)) for c in range(n))
    if not spread:
        of_model, of_prior = 1.0, 0.0
    elif model_weight is not None:
        of_model, of_prior = model_weight, 1 - model_weight
    else:
        of_model = agrees * math.sqrt(mean) / (1 - mean) / (1 + max(0, n_events) / HALF)
        of_prior = _precision_of_prior(judged, m, p, mean)
    return _standing(p, m, confidence, of_model, of_prior, of_model * math.sqrt(1 - mean))


def reliability(marks: Mapping[int, Sequence[float]]) -> float:
    """The correlation between two marks of the same item, in [0, .95], less one standard error:
    what may be luck is not counted. The belief alone where nothing was marked twice."""
    every = [mark for own in marks.values() for mark in own]
    middle = sum(every) / len(every)
    variance = sum((mark - middle) ** 2 for mark in every) / len(every)
    pairs = [
        (a - middle) * (b - middle)
        for own in marks.values()
        for i, a in enumerate(own)
        for b in own[i + 1 :]
    ]
    found = sum(pairs) / variance if variance else 0.0
    luck = 1 / math.sqrt(len(pairs)) if pairs else 0.0
    known = (found + EVIDENCE * RELIABILITY) / (len(pairs) + EVIDENCE)
    return min(0.95, max(0.0, known - luck))


def _mean(own: Sequence[float], final: float | None) -> float:
    if final is None:
        return sum(own) / len(own)
    return (sum(own) + FINAL * final) / (len(own) + FINAL)


def _stepped(alike: float, times: int) -> float:
    """The reliability of the mean of so many marks (Spearman and Brown, 1910), below 1."""
    return min(0.95, times * alike / (1 + (times - 1) * alike))


def _trusted(
    judged: Mapping[int, float], m: Sequence[float], p: Sequence[float], belief: float
) -> float:
    """How far the model finds what the prior puts first, in [0, 1]: the correlation of its marks
    with weights that fall with the place, in standard errors, ``belief`` of which are granted."""
    n = len(judged)
    weights = [1 / (place + 5) for place in range(n)]
    mean = sum(weights) / n
    own = [m[c] for c in sorted(judged, key=lambda c: (-p[c], c))]
    error = math.sqrt(sum((w - mean) ** 2 for w in weights) * n / max(1, n - 1))
    found = sum((w - mean) * z for w, z in zip(weights, own, strict=True)) / error if error else 0.0
    return max(0.0, min(1.0, (found + belief - DOUBTED) / (TRUSTED - DOUBTED)))


def _precision_of_prior(
    judged: Mapping[int, float], m: Sequence[float], p: Sequence[float], mean: float
) -> float:
    """The weight of the prior beside the model's: its correlation with what the model would say
    without its errors (corrected for attenuation), as a ratio of signal to noise."""
    n = len(judged)
    together = sum(m[c] * p[c] for c in judged)
    found = (together + EVIDENCE * AGREEMENT) / (n + EVIDENCE) / math.sqrt(max(mean, 0.02))
    valid = max(USEFUL[0], min(USEFUL[1], found))
    return valid / (1 - valid * valid)


def _standing(
    p: Sequence[float],
    m: Sequence[float],
    confidence: Sequence[float],
    of_model: float,
    of_prior: float,
    error: float,
) -> Standing:
    z = tuple(of_model * a + of_prior * b for a, b in zip(m, p, strict=True))
    size = math.hypot(of_model, of_prior) or 1.0
    total = of_model + of_prior
    return Standing(
        scores=tuple(NORMAL.cdf(v / size) for v in z),
        model=tuple(NORMAL.cdf(v) for v in m),
        prior=tuple(NORMAL.cdf(v) for v in p),
        confidence=tuple(confidence),
        trust=of_model / total if total else 0.0,
        z=z,
        error=error,
    )


def _deviation(values: Sequence[float]) -> float:
    if not values:
        return 0.0
    mean = sum(values) / len(values)
    variance = sum((v - mean) ** 2 for v in values) / len(values)
    return math.sqrt(variance) if variance > 1e-12 else 0.0


def _known(prior: float | None) -> float | None:
    return None if prior is None or prior != prior else prior
