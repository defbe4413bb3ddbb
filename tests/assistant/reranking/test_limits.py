"""What a ranking may use, what it planned, and what it did: no limit is ever exceeded."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import ModelUnavailable
from assistant.llm.prices import Price, cost
from assistant.llm.scripted import Answer, Scripted
from assistant.llm.tokens import encode
from assistant.llm.types import ChatRequest, Usage
from assistant.reranking import (
    Blend,
    Candidate,
    Limits,
    RankCache,
    Reranker,
    RerankFailed,
)
from tests.assistant.reranking.models import by, codes, first, ids, named, pool, shown

NAMES = ("auto", "window", "sliding", "blocks", "setwise", "pointwise")


def careless(seed: int) -> Scripted:
    """A model whose every other answer is of no use, of the allowed length."""
    asked = [seed]
    good = by(lambda k: (k * 7 + seed) % 11)

    def answer(request: ChatRequest) -> Answer:
        asked[0] += 1
        if asked[0] % 3 == 0:
            return "no " * (request.max_tokens // 2)
        return good._next(request) if shown(request) else str(asked[0] % 5)

    return Scripted(answer)


def spent(script: Scripted, answers: int) -> int:
    """Tokens of all prompts, as our tokenizer counts them, and those of the answers."""
    prompts = sum(len(encode(m.content)) for r in script.requests for m in r.messages)
    return prompts + answers


@given(
    st.sampled_from(NAMES),
    st.integers(2, 60),
    st.integers(1, 12),
    st.none() | st.integers(0, 12),
    st.none() | st.integers(0, 9_000),
    st.booleans(),
    st.booleans(),
    st.integers(0, 99),
)
def test_the_plans_bounds_are_never_exceeded(
    strategy: str,
    n: int,
    top_k: int,
    calls: int | None,
    tokens: int | None,
    repair: bool,
    explain: bool,
    seed: int,
) -> None:
    script = careless(seed)
    price = Price(1.0, 2.0)
    reranker = Reranker(
        script,
        strategy=strategy,
        repair=repair,
        limits=Limits(calls=calls, tokens=tokens, price=price, prompt_tokens=2000),
        seed=seed,
    )
    plan = reranker.plan("what is wanted", pool(n), top_k, explain)
    result = reranker.rank("what is wanted", pool(n), top_k, explain)
    assert result.plan == plan
    assert len(script.requests) <= plan.max_calls
    assert plan.calls <= plan.max_calls
    used = result.usage.prompt_tokens + result.usage.completion_tokens
    assert used <= plan.max_tokens
    assert spent(script, result.usage.completion_tokens) <= plan.max_tokens
    assert plan.tokens <= plan.max_tokens
    assert calls is None or plan.max_calls <= calls
    assert tokens is None or plan.max_tokens <= tokens
    assert plan.max_cost is not None
    assert result.cost is not None
    assert result.cost <= plan.max_cost
    assert len(result.items) == min(top_k, n)


@given(st.integers(31, 90), st.integers(0, 20))
def test_what_is_planned_is_what_is_used_where_the_model_answers_as_asked(
    n: int, seed: int
) -> None:
    for strategy in ("window", "sliding", "blocks"):
        script = by(first([n - 1, n // 2, 7]))
        reranker = Reranker(script, strategy=strategy, seed=seed)
        result = reranker.rank("x", pool(n), 10)
        used = result.usage.prompt_tokens + result.usage.completion_tokens
        assert abs(used / result.plan.tokens - 1) <= 0.1


def test_planning_sends_nothing() -> None:
    script = by(float)
    plan = Reranker(script, strategy="blocks").plan("x", pool(100))
    assert plan.calls == 11
    assert script.requests == []


def test_money_is_held_before_it_is_spent() -> None:
    price = Price(1_000_000.0, 1_000_000.0)  # one a token
    whole = Reranker(by(float), strategy="sliding", limits=Limits(price=price))
    full = whole.plan("x", pool(60))
    assert full.cost == full.tokens
    half = (full.cost or 0) / 2
    script = by(float)
    limited = Reranker(script, strategy="sliding", limits=Limits(money=half, price=price))
    result = limited.rank("x", pool(60))
    assert 0 < len(script.requests) < full.calls
    assert result.cost is not None
    assert result.cost <= half
    assert result.status == "partial"
    assert codes(result)[-1] == "limit"
    assert "money" in result.issues[-1].detail


def test_a_cost_is_unknown_without_a_price_and_never_nothing() -> None:
    result = Reranker(by(float)).rank("x", pool(5))
    assert result.cost is None
    assert result.plan.cost is None
    assert result.plan.max_cost is None
    assert cost(Usage(prompt_tokens=1), None) is None


def test_the_best_so_far_stands_where_the_calls_run_out() -> None:
    script = by(first([39]))
    result = Reranker(script, strategy="sliding", limits=Limits(calls=2)).rank("x", pool(40), 40)
    assert len(script.requests) == 2
    assert result.status == "partial"
    assert ids(result).index("i39") < 39
    assert sorted(ids(result)) == sorted(named(*range(40)))
    assert "call 3: the limit of 2 calls is reached" in [i.detail for i in result.issues]


def test_no_call_at_all_is_a_fallback_that_says_so() -> None:
    script = by(float)
    result = Reranker(script, limits=Limits(calls=0)).rank("x", pool(5))
    assert script.requests == []
    assert (result.status, codes(result)) == ("fallback", ["limit"])


async def test_no_more_calls_than_allowed_run_at_a_time_over_all_rankings() -> None:
    running, most = 0, 0
    turn, begun = asyncio.Event(), asyncio.Semaphore(0)

    def answer(request: ChatRequest) -> Answer:
        nonlocal running, most
        running += 1
        most = max(most, running)
        begun.release()
        handles = [h for _, h in shown(request)]
        return [turn, json.dumps({"ranking": handles})]

    class Counting(Scripted):
        async def stream(self, request: ChatRequest):  # type: ignore[no-untyped-def]
            nonlocal running
            try:
                async for delta in super().stream(request):
                    yield delta
            finally:
                running -= 1

    reranker = Reranker(Counting(answer), limits=Limits(concurrency=3))
    task = asyncio.create_task(reranker.arank_many([("x", pool(4))] * 20))
    for _ in range(3):
        await begun.acquire()
    turn.set()
    results = await task
    assert most == 3
    assert [len(r.items) for r in results] == [4] * 20


async def test_who_waits_for_a_slot_keeps_the_deadline() -> None:
    script = by(float)
    reranker = Reranker(script, limits=Limits(concurrency=1, deadline=0.1))
    async with reranker._setup.slots:  # somebody else has it, for longer
        late = await reranker.arank("x", pool(4))
    assert (late.status, codes(late)) == ("fallback", ["deadline"])
    assert script.requests == []
    assert late.usage == Usage()


async def test_who_waits_before_anything_is_prepared_keeps_the_deadline_too() -> None:
    script = by(float)
    reranker = Reranker(script, limits=Limits(concurrency=1, deadline=0.1))
    async with reranker._gate, reranker._gate:
        late = await reranker.arank("x", pool(4))
    assert (late.status, codes(late)) == ("fallback", ["deadline"])
    assert script.requests == []
    assert (await reranker.arank("x", pool(4))).status == "ok"


async def test_a_cancelled_ranking_gives_its_slots_back() -> None:
    begun = asyncio.Event()

    def answer(request: ChatRequest) -> Answer:
        begun.set()
        return [asyncio.Event()]

    script = Scripted(answer)
    reranker = Reranker(script, limits=Limits(concurrency=1))
    task = asyncio.create_task(reranker.arank("x", pool(4)))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    script._answers = lambda r: json.dumps({"ranking": [h for _, h in shown(r)]})
    assert (await reranker.arank("x", pool(4))).status == "ok"


async def test_a_stream_gives_the_best_so_far_and_then_the_result() -> None:
    script = by(first([99, 98]))
    reranker = Reranker(script, strategy="sliding")
    seen = [result async for result in reranker.astream("x", pool(100), 5)]
    assert [r.status for r in seen[:-1]] == ["partial"] * (len(seen) - 1)
    assert len(seen) > 1
    assert seen[-1].status == "ok"
    assert all(len(r.items) == 5 for r in seen)


async def test_who_stops_reading_a_stream_ends_its_calls() -> None:
    held = asyncio.Event()
    good = by(float)
    asked = [0]

    def answer(request: ChatRequest) -> Answer:
        asked[0] += 1
        return good._next(request) if asked[0] == 1 else [held]

    reranker = Reranker(Scripted(answer), strategy="sliding", limits=Limits(concurrency=1))
    stream = reranker.astream("x", pool(60), 5)
    assert (await anext(stream)).status == "partial"
    await stream.aclose()
    asked[0] = 0
    assert len((await reranker.arank("x", pool(1))).items) == 1


def test_the_next_model_is_asked_where_the_first_gives_nothing() -> None:
    down = Scripted(lambda _: ModelUnavailable("no connection"), name="down")
    up = by(first([2]))
    result = Reranker([down, up], blend=Blend(model_weight=1)).rank("x", pool(4))
    assert ids(result)[0] == "i2"
    assert (result.status, codes(result)) == ("repaired", ["unavailable", "next_model"])
    assert "scripted" in result.issues[1].detail


def test_a_failure_can_be_raised_with_what_would_have_been_returned() -> None:
    down = Scripted(lambda _: ModelUnavailable("no connection"))
    with pytest.raises(RerankFailed, match="no connection") as raised:
        Reranker(down, on_failure="raise").rank("x", pool(4), 2)
    assert ids(raised.value.result) == named(0, 1)


def test_what_a_foreign_model_raises_is_an_issue_and_no_exception() -> None:
    class Broken:
        name = "broken"

        def stream(self, request: ChatRequest):  # type: ignore[no-untyped-def]
            raise KeyError("secret prompt")

    result = Reranker(Broken()).rank("x", pool(3))
    assert (result.status, codes(result)) == ("fallback", ["model_error"])
    assert "secret" not in str(result.issues)


def test_a_remembered_answer_costs_nothing_and_says_so() -> None:
    script, cache = by(first([3, 1])), RankCache()
    reranker = Reranker(script, cache=cache)
    once, again = (reranker.rank("x", pool(6), 4) for _ in range(2))
    assert len(script.requests) == 1
    assert (once.cached, again.cached) == (False, True)
    assert again.usage == Usage()
    assert [(i.id, i.index, i.score, i.kind, dict(i.parts)) for i in again.items] == [
        (i.id, i.index, i.score, i.kind, dict(i.parts)) for i in once.items
    ]
    assert again.fingerprint == once.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"query": "y"},
        {"top_k": 3},
        {"explain": True},
        {"candidates": pool(7)},
        {"candidates": (*pool(5), Candidate(id="i5", text="item 5 of the list", prior=9.0))},
        {"candidates": pool(6)[::-1]},
    ],
)
def test_whatever_changes_the_answer_changes_the_fingerprint(change: dict[str, object]) -> None:
    asked = {"query": "x", "candidates": pool(6), "top_k": 4, "explain": False}
    reranker = Reranker(by(float))
    one = reranker.rank(**asked)  # type: ignore[arg-type]
    other = reranker.rank(**{**asked, **change})  # type: ignore[arg-type]
    assert one.fingerprint != other.fingerprint
    assert one.fingerprint == Reranker(by(float)).rank(**asked).fingerprint  # type: ignore[arg-type]


def test_a_failure_is_not_remembered() -> None:
    asked = [0]
    good = by(first([1]))

    def answer(request: ChatRequest) -> Answer:
        asked[0] += 1
        return ModelUnavailable("gone") if asked[0] == 1 else good._next(request)

    reranker = Reranker(Scripted(answer), cache=RankCache())
    assert [reranker.rank("x", pool(4)).status for _ in range(3)] == ["fallback", "ok", "ok"]
    assert asked[0] == 2
