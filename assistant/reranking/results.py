"""Making a result of what a ranking came to, and keeping it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from itertools import accumulate
from types import MappingProxyType

from pydantic import TypeAdapter, ValidationError

from assistant.reranking import blend
from assistant.reranking.calibration import Calibration
from assistant.reranking.desk import Desk
from assistant.reranking.types import Issue, Plan, Ranked, RankResult, ScoreKind, Status
from retrieval.types import Candidate

VALUES: frozenset[ScoreKind] = frozenset({"grade", "probability"})
"""Kinds whose marks lie in [0, 1] and mean something by themselves."""


def order(
    pool: Sequence[Candidate],
    indices: Sequence[int],
    top_k: int,
    desk: Desk | None,
    calibration: Calibration | None,
) -> tuple[Ranked, ...]:
    """The first ``top_k`` places. ``pool`` comes in prior order, ``indices`` are the positions that
    its candidates had in the input."""
    marks = {} if desk is None else desk.marks
    standing = (
        blend.stand({}, [c.prior for c in pool]) if desk is None or not marks else desk.standing()
    )
    kind: ScoreKind = "prior" if desk is None or standing.trust == 0 else desk.kind
    scores, alone = standing.scores, standing.model
    if kind in VALUES:
        given = {c: sum(own) / len(own) for c, own in marks.items()}
        worst = min(given.values())
        alone = tuple(given.get(c, worst) for c in range(len(pool)))
        trust = standing.trust
        scores = tuple(
            trust * a + (1 - trust) * p for a, p in zip(alone, standing.prior, strict=True)
        )
        best = sorted(range(len(pool)), key=lambda c: (-round(scores[c], 9), c))
    else:
        best = list(standing.order)
    if calibration is not None:
        scores, kind = tuple(map(calibration, scores)), "calibrated"
    # Nearly equal scores stand in prior order: none may exceed the one before.
    falling = tuple(accumulate((scores[c] for c in best), min))
    return tuple(
        Ranked(
            id=pool[c].id,
            rank=rank,
            score=falling[rank - 1],
            kind=kind,
            confidence=standing.confidence[c],
            parts=MappingProxyType(
                {"model": alone[c], "prior": standing.prior[c], "trust": standing.trust}
            ),
            reasons=() if desk is None else desk.reasons.get(c, ()),
            index=indices[c],
        )
        for rank, c in enumerate(best[:top_k], start=1)
    )


def verdict(
    n: int, desk: Desk | None, plan: Plan, trouble: Issue | None, *, done: bool
) -> tuple[Status, tuple[Issue, ...]]:
    """How much of the order is the model's, and everything that was wrong."""
    if desk is None:
        return ("ok", ()) if trouble is None else ("fallback", (trouble,))
    issues = [*desk.issues]
    if desk.marks and plan.judged < n:
        left = f"{n - plan.judged} of {n} did not fit the prompt and keep their prior order"
        issues.insert(0, Issue(code="window", detail=left))
    if len(desk.marks) > 1 and len({round(m, 9) for own in desk.marks.values() for m in own}) == 1:
        detail = "the model thinks the same of every item"
        issues.append(Issue(code="zero_variance", detail=detail))
        return "fallback", tuple(issues)
    if len(desk.marks) < 2:
        return "fallback", tuple(issues)
    if not done or desk.short or plan.judged < n:
        return "partial", tuple(issues)
    return ("repaired" if issues else "ok"), tuple(issues)


@lru_cache(maxsize=1)
def _stored() -> TypeAdapter[RankResult]:
    """Made at the first need: it takes as long as all the rest of the import."""
    return TypeAdapter(RankResult)


def as_plain(result: RankResult) -> Mapping[str, object]:
    """What a cache keeps of a result: no id and no text of a candidate but quoted reasons."""
    return {
        "items": [
            {**asdict(replace(i, id="", parts={})), "parts": dict(i.parts)} for i in result.items
        ],
        "status": result.status,
        "issues": [asdict(issue) for issue in result.issues],
        "fits": result.fits,
        "prompt": result.prompt,
        "claims_made": result.claims_made,
        "claims_held": result.claims_held,
    }


def from_plain(
    held: Mapping[str, object], candidates: Sequence[Candidate], fingerprint: str, plan: Plan
) -> RankResult | None:
    """The result that :func:`as_plain` came from, for the candidates as they came in; it cost
    nothing. None where what was kept is not one."""
    try:
        found = _stored().validate_python(held)
        items = tuple(replace(item, id=candidates[item.index].id) for item in found.items)
    except (ValidationError, IndexError):
        return None
    return replace(found, items=items, plan=plan, fingerprint=fingerprint, cached=True)
