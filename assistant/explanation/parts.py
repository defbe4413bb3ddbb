"""What a score is made of, as a few parts that add up to it."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.explanation.wording import REFERENCE, Wording
from retrieval.types import Candidate, Ranking

GROUPS: Mapping[str, str] = {
    "semantic": "request",
    "said": "request",
    "lexical": "request",
    "hints": "request",
    "named": "named",
    "similar": "example",
    "touched": "example",
    "shared": "example",
    "taste": "taste",
    "popularity": "popularity",
    "toward": "tendency",
    "lean": "tendency",
}
"""What a person would call the retriever's score parts."""

DIGITS = 4


def breakdown(
    candidate: Candidate, ranking: Ranking, words: Wording = REFERENCE
) -> tuple[tuple[str, float], ...]:
    """The candidate's prior as labelled parts, the greatest first; they add up to it when rounded
    to :data:`DIGITS` places. Each says how far it lifts the candidate above the weakest one, so
    some may be negative. What the retriever did not give, a model's order did. Empty for a
    ranking that was not fused.
    """
    if not ranking.weights:
        return ()
    sums: dict[str, float] = {}
    for name, weight in ranking.weights.items():
        group = GROUPS.get(name.partition(":")[0], "request")
        gain = candidate.scores.get(name, 0.0) - ranking.base.get(name, 0.0)
        sums[group] = sums.get(group, 0.0) + weight * gain
    score = round(candidate.prior or 0.0, DIGITS)
    rest = score - sum(sums.values())
    if "model" in candidate.scores:
        sums["model"] = rest
    shares = {group: round(x, DIGITS) for group, x in sums.items()}
    shares = {group: x for group, x in shares.items() if x}
    if shares:  # what rounding lost goes where it is seen least
        most = max(shares, key=lambda group: abs(shares[group]))
        shares[most] = round(shares[most] + score - sum(shares.values()), DIGITS)
    found = [(words.tables["parts"][group], x) for group, x in shares.items()]
    return tuple(sorted(found, key=lambda part: -part[1]))
