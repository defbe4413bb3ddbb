"""Progress, threads, event loops and cancellation."""

from __future__ import annotations

import asyncio

import pytest

from assistant.llm.scripted import Answer, Scripted
from assistant.llm.types import ChatRequest
from assistant.reranking import Blend, Candidate, Reranker
from tests.assistant.reranking.answering import ids, pool, ranks, shown


async def test_progress_counts_handles_while_the_model_still_writes() -> None:
    held, third = asyncio.Event(), asyncio.Event()
    seen: list[tuple[int, int]] = []

    def answer(request: ChatRequest) -> Answer:
        a, b, c, d = shown(request)
        return ['{"ranking": ["', a[:1], a[1:], f'", "{b}", "{a}", "{c}"', held, f', "{d}"]}}']

    def report(done: int, total: int) -> None:
        seen.append((done, total))
        if done == 3:
            third.set()

    task = asyncio.create_task(Reranker(Scripted(answer)).arank("x", pool(), on_progress=report))
    await third.wait()
    assert not task.done()
    held.set()
    await task
    assert seen == [(1, 4), (3, 4), (4, 4)]


async def test_rank_works_inside_a_running_event_loop() -> None:
    result = Reranker(Scripted(ranks(1, 0, 2, 3)), blend=Blend(model_weight=1)).rank("x", pool())
    assert ids(result)[0] == "i1"


async def test_many_rankings_at_once_do_not_mix() -> None:
    reranker = Reranker(Scripted(ranks(1, 0)), blend=Blend(model_weight=1))
    pools = [[Candidate(id=f"{k}a", prior=1.0), Candidate(id=f"{k}b")] for k in range(20)]
    results = await asyncio.gather(*(reranker.arank("x", p) for p in pools))
    assert [ids(r) for r in results] == [[f"{k}b", f"{k}a"] for k in range(20)]


async def test_a_cancelled_ranking_leaves_its_model() -> None:
    heard = asyncio.Event()
    script = Scripted(lambda r: [shown(r)[0], asyncio.Event()])
    call = Reranker(script).arank("x", pool(), on_progress=lambda *_: heard.set())
    task = asyncio.create_task(call)
    await heard.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
