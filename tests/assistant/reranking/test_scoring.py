"""Ranking by a model that scores: an endpoint over HTTP, the command, one's own cross-encoder."""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.errors import ModelOverloaded
from assistant.llm.types import Usage
from assistant.reranking import Limits, Reranker
from assistant.reranking.endpoint import RerankEndpoint
from tests.assistant.llm.server import endpoint, reply
from tests.assistant.reranking.models import codes, ids, named, pool
from tests.shared import ROOT

SCORES = [
    {"index": 2, "relevance_score": 0.9},
    {"index": 0, "relevance_score": 0.2},
    {"index": 1, "relevance_score": 0.5},
]
GOOD = reply(200, json.dumps({"results": SCORES, "usage": {"total_tokens": 7}}))


class Own:
    """A cross-encoder as a user would bring one."""

    name = "own"

    def __init__(self, *scores: float | Exception | None) -> None:
        self.scores = scores

    async def score(
        self, query: str, documents: Sequence[str], *, deadline: float
    ) -> tuple[tuple[float | None, ...], Usage]:
        for score in self.scores:
            if isinstance(score, Exception):
                raise score
        return tuple(s for s in self.scores if not isinstance(s, Exception)), Usage(prompt_tokens=3)


async def test_an_endpoint_ranks_and_its_usage_is_told() -> None:
    async with endpoint(GOOD) as served:
        model = RerankEndpoint(url=f"{served.url}/rerank", model="small")
        result = await Reranker(model).arank("x", pool(3, priors=False))
    assert ids(result) == named(2, 1, 0)
    assert (result.status, result.issues) == ("ok", ())
    assert {item.kind for item in result.items} == {"relevance"}
    assert result.usage.prompt_tokens == 7
    assert result.prompt == ""
    assert (result.plan.strategy, result.plan.calls) == ("endpoint", 1)


async def test_the_command_asks_the_endpoint_of_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "candidates.jsonl"
    file.write_text("".join(json.dumps({"id": c.id, "text": c.text}) + "\n" for c in pool(3)))
    async with endpoint(GOOD) as served:
        ran = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from ui.cli import main; main()",
            "rerank", "--query", "x", "--candidates", str(file), "--json",
            cwd=ROOT,
            env={**os.environ, "PALATE_RERANK_URL": f"{served.url}/rerank", "PALATE_LLM": "auto"},
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await ran.communicate()
    assert ran.returncode == 0
    told = json.loads(out)
    assert [item["id"] for item in told["items"]] == named(2, 1, 0)
    assert told["status"] == "ok"


def test_scores_are_blended_with_the_prior_and_missing_ones_are_named() -> None:
    result = Reranker(Own(0.1, 0.9, None)).rank("x", pool(3))
    assert ids(result)[-1] == "i2"
    assert (result.status, codes(result)) == ("partial", ["missing_score"])


@pytest.mark.parametrize(
    ("scorer", "code"),
    [
        (Own(ModelOverloaded("wait")), "overloaded"),
        (Own(KeyError("secret words")), "model_error"),
        (Own(0.5, 0.5, 0.5), "zero_variance"),
        (Own(math.nan, 1.0, 0.0), "missing_score"),
        (Own(1.0), "missing_score"),
        (Own(), "missing_score"),
    ],
)
def test_a_scorer_that_fails_is_named_and_loses_nothing(scorer: Own, code: str) -> None:
    result = Reranker(scorer).rank("x", pool(3))
    assert sorted(ids(result)) == named(0, 1, 2)
    assert result.status in ("fallback", "partial")
    assert code in codes(result)
    assert "secret" not in str(result)
    assert all(0 <= item.score <= 1 for item in result.items)


def test_a_limit_of_no_calls_holds_for_a_scorer_too() -> None:
    result = Reranker(Own(3.0, 2.0, 1.0), limits=Limits(calls=0)).rank("x", pool(3))
    assert (result.status, codes(result)) == ("fallback", ["limit"])
