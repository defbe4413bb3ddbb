"""Ranking by a model that scores: a rerank endpoint, or a cross-encoder of one's own."""

from __future__ import annotations

import asyncio
import math

from assistant.errors import ModelError
from assistant.llm.tokens import encode
from assistant.llm.types import ScoreModel
from assistant.reranking.consult import CODES
from assistant.reranking.desk import Desk
from assistant.reranking.paper import Paper
from assistant.reranking.slots import Slots
from assistant.reranking.types import Issue, Plan


def plan(paper: Paper) -> Plan:
    """One call with all candidates. Its tokens are our count; what an endpoint asks for it is known
    to the endpoint alone."""
    tokens = len(encode(paper.wish)) + sum(len(encode(paper.plain(p))) for p in range(len(paper)))
    limits = paper.limits
    return Plan(
        strategy="endpoint",
        rounds=1,
        calls=1,
        tokens=tokens,
        max_calls=1 if limits.calls is None else min(1, limits.calls),
        max_tokens=tokens if limits.tokens is None else min(tokens, limits.tokens),
        judged=len(paper),
    )


async def run(scorer: ScoreModel, desk: Desk, slots: Slots, planned: Plan) -> None:
    """Ask for the scores and leave them at the desk as marks; a failure is among its issues."""
    paper, ledger = desk.paper, desk.bureau.ledger
    forbidden = ledger.take(planned.tokens, 0)
    if forbidden:
        desk.note(1, [Issue(code="limit", detail=forbidden)])
        return
    documents = [paper.plain(p) for p in range(len(paper))]
    try:
        async with slots, asyncio.timeout(ledger.left):
            scores, usage = await scorer.score(paper.wish, documents, deadline=ledger.left)
    except ModelError as error:
        code = next(code for kind, code in CODES if isinstance(error, kind))
        desk.note(1, [Issue(code=code, detail=str(error))])
        return
    except TimeoutError:
        detail = f"{scorer.name} did not finish in the time given"
        desk.note(1, [Issue(code="deadline", detail=detail)])
        return
    except Exception as error:  # noqa: BLE001  (a model of the user's own: it may raise anything)
        said = f"{scorer.name} raised {type(error).__name__}"
        desk.note(1, [Issue(code="model_error", detail=said)])
        return
    ledger.settle(planned.tokens, 0, usage)
    given = dict(enumerate(scores[: len(documents)]))
    desk.marks = {p: [s] for p, s in given.items() if s is not None and math.isfinite(s)}
    missing = len(documents) - len(desk.marks)
    desk.kind = "relevance"
    if missing:
        desk.short = True
        detail = f"{missing} of {len(documents)} got no score and keep their prior order"
        desk.note(1, [Issue(code="missing_score", detail=detail)])
    desk.tell()
