"""Failures of a model: none is raised, hidden, or loses what was heard before it."""

from __future__ import annotations

import asyncio

import pytest

from assistant.errors import (
    BadAnswer,
    BudgetExceeded,
    DeadlineExceeded,
    ModelError,
    ModelOverloaded,
    ModelRefused,
    ModelUnavailable,
)
from assistant.llm.scripted import Answer, Scripted
from assistant.llm.types import ChatRequest, Delta, Usage
from assistant.reranking import Blend, Limits, Reranker
from tests.assistant.reranking.answering import codes, ids, pool, ranks, shown


def test_an_unusable_answer_is_asked_for_once_more() -> None:
    def second(request: ChatRequest) -> Answer:
        return "sorry?" if len(request.messages) == 2 else ranks(1, 0, 2, 3)(request)

    script = Scripted(second, usage=Usage(prompt_tokens=5, completion_tokens=1))
    result = Reranker(script, blend=Blend(model_weight=1)).rank("x", pool())
    assert ids(result)[0] == "i1"
    assert (result.status, codes(result)) == ("repaired", ["asked_twice"])
    assert result.usage == Usage(prompt_tokens=10, completion_tokens=2)


def test_two_unusable_answers_are_a_fallback_with_both_named() -> None:
    result = Reranker(Scripted(["no", "Of the 3 passages, [2] > [1] > [3]"])).rank("x", pool())
    assert ids(result) == ["i0", "i1", "i2", "i3"]
    assert (result.status, codes(result)) == ("fallback", ["asked_twice", "bad_answer"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadAnswer("b"), "bad_answer"),
        (BudgetExceeded("b"), "budget"),
        (DeadlineExceeded("d"), "deadline"),
        (ModelOverloaded("o"), "overloaded"),
        (ModelRefused("r"), "refused"),
        (ModelUnavailable("u"), "unavailable"),
        (ModelError("m"), "model_error"),
    ],
)
def test_no_failure_of_a_model_is_raised_or_hidden(error: ModelError, code: str) -> None:
    result = Reranker(Scripted(lambda _: error)).rank("x", pool(), top_k=3)
    assert ids(result) == ["i0", "i1", "i2"]
    assert result.status == "fallback"
    assert codes(result)[-1] == code


def test_what_was_ranked_before_a_failure_counts() -> None:
    def answer(request: ChatRequest) -> Answer:
        handles = shown(request)
        return [f'{{"ranking": ["{handles[2]}", "{handles[1]}"', ModelUnavailable("cut")]

    result = Reranker(Scripted(answer), blend=Blend(model_weight=1)).rank("x", pool())
    assert ids(result) == ["i2", "i1", "i0", "i3"]
    assert result.status == "partial"
    assert codes(result)[0] == "unavailable"
    assert result.usage.estimated


async def test_the_deadline_holds_and_the_best_so_far_is_kept() -> None:
    def answer(request: ChatRequest) -> Answer:
        return [f'{{"ranking": ["{shown(request)[3]}",', asyncio.Event()]

    result = await Reranker(
        Scripted(answer), limits=Limits(deadline=0.1), blend=Blend(model_weight=1)
    ).arank("x", pool())
    assert ids(result)[0] == "i3"
    assert (result.status, codes(result)[0]) == ("partial", "deadline")


def test_an_answer_cut_at_its_token_limit_is_partial() -> None:
    def answer(request: ChatRequest) -> Answer:
        return [f'{{"ranking": ["{shown(request)[3]}",', Delta(finish="length")]

    result = Reranker(Scripted(answer), blend=Blend(model_weight=1)).rank("x", pool())
    assert (result.status, codes(result)) == ("partial", ["cut_answer", "missing_handle"])
