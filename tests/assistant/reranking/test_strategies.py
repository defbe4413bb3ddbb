"""Every strategy on its own: what it asks, in how many rounds, and what becomes of the answers."""

from __future__ import annotations

import asyncio
import json
import math
import random
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import ModelUnavailable
from assistant.llm.scripted import Answer, Scripted
from assistant.llm.types import ChatRequest, Delta, TokenChoice
from assistant.reranking import Blend, Limits, Reranker
from assistant.reranking.strategies import Blocks, Pointwise, Setwise, Sliding, Window
from assistant.reranking.strategies.blocks import deal
from tests.assistant.reranking.models import by, codes, first, ids, named, pool, shown, wanted

ALONE = Blend(model_weight=1.0)
ITEM = re.compile(r"text: item (\d+)")
BEST = (71, 3, 44, 90, 12, 55, 28, 63, 81, 9)


@pytest.mark.parametrize("strategy", ["window", "sliding", "blocks", "setwise"])
def test_a_perfect_model_brings_the_best_to_the_top(strategy: str) -> None:
    result = Reranker(by(first(BEST)), strategy=strategy, blend=ALONE).rank("x", pool(100), 10)
    assert (result.status, result.issues) == ("ok", ())
    # Blocks see the best apart from one another: the last of them may be taken for the next.
    assert len(set(ids(result)) & set(named(*BEST))) >= (8 if strategy == "blocks" else 10)
    assert result.plan.strategy == strategy


@pytest.mark.parametrize("strategy", ["window", "sliding", "setwise"])
def test_where_one_call_sees_the_best_together_their_order_is_the_models(strategy: str) -> None:
    result = Reranker(by(first(BEST)), strategy=strategy, blend=ALONE).rank("x", pool(100), 10)
    assert ids(result) == named(*BEST)


@pytest.mark.parametrize(
    ("strategy", "calls", "rounds"),
    [
        ("window", 1, 1),
        ("sliding", 9, 9),
        ("blocks", 11, 2),
        ("auto", 11, 2),
        ("pointwise", 100, 1),
    ],
)
def test_the_calls_and_rounds_for_a_hundred_are_those_of_the_method(
    strategy: str, calls: int, rounds: int
) -> None:
    plan = Reranker(by(float), strategy=strategy).plan("x", pool(100), 10)
    assert (plan.calls, plan.rounds, plan.judged) == (calls, rounds, 100)


async def test_a_wave_of_blocks_waits_for_nothing_but_the_slots() -> None:
    release, waiting = asyncio.Event(), asyncio.Semaphore(0)

    def answer(request: ChatRequest) -> Answer:
        waiting.release()
        return [release, Delta(text='{"ranking": []}')]

    reranker = Reranker(Scripted(answer), strategy="blocks", limits=Limits(concurrency=10))
    task = asyncio.create_task(reranker.arank("x", pool(100)))
    for _ in range(10):  # all ten are asked before one is answered
        await waiting.acquire()
    assert not task.done()
    release.set()
    await task


@given(st.integers(2, 60), st.integers(1, 7), st.integers(1, 4), st.integers(0, 99))
def test_every_candidate_stands_in_as_many_blocks_as_there_are_copies(
    n: int, blocks: int, copies: int, seed: int
) -> None:
    blocks = min(blocks, n)
    dealt = deal(n, blocks, copies, random.Random(seed))
    times = Counter(position for block in dealt for position in block)
    assert times == dict.fromkeys(range(n), copies)
    sizes = {len(block) for block in dealt}
    assert max(sizes) - min(sizes) <= 1
    for block in dealt:  # one of each run of neighbours: blocks are alike in what the prior thinks
        runs = [position // blocks for position in block]
        assert len(set(runs)) == len(runs)


def test_a_candidate_shown_early_in_one_block_is_shown_late_in_the_other() -> None:
    dealt = deal(200, 10, 2, random.Random(1))
    places: dict[int, list[float]] = {}
    for block in dealt:
        for place, position in enumerate(block):
            places.setdefault(position, []).append(place / (len(block) - 1))
    apart = [abs(a - b) for a, b in places.values()]
    assert sum(apart) / len(apart) > 0.4  # by chance a third of the display


def test_blocks_ask_again_only_about_those_whose_place_is_in_doubt() -> None:
    script = by(first(BEST))
    Reranker(script, strategy="blocks").rank("x", pool(100), 10)
    assert len(script.requests) == 11
    last = {k for k, _ in shown(script.requests[-1])}
    assert 2 <= len(last) <= 20


def test_a_model_that_contradicts_itself_is_not_asked_again() -> None:
    rng = random.Random(3)
    script = by(lambda _: rng.random())
    result = Reranker(script, strategy="blocks").rank("x", pool(100), 10)
    assert ids(result) == named(*range(10))
    assert len(script.requests) == 10
    assert result.items[0].parts["trust"] == 0


def test_a_sliding_window_carries_the_last_to_the_top() -> None:
    script = by(first([99]))
    result = Reranker(script, strategy=Sliding(width=10, step=5), blend=ALONE).rank(
        "x", pool(100), 1
    )
    assert ids(result) == named(99)
    assert [99 in dict(shown(r)) for r in script.requests] == [True] * len(script.requests)


def test_setwise_dismisses_a_group_in_one_call_and_places_a_winner_in_two() -> None:
    dismissed, won = by(float), by(first([25]))
    for script in (dismissed, won):
        Reranker(script, strategy=Setwise(group=9), blend=ALONE).rank("x", pool(37), 10)
    assert len(dismissed.requests) == 3
    assert len(won.requests) == 4


def test_shuffled_windows_are_different_orders_of_the_same() -> None:
    script = by(first([3, 1]))
    result = Reranker(script, strategy=Window(shuffles=4), blend=ALONE).rank("x", pool(12), 5)
    orders = [tuple(k for k, _ in shown(r)) for r in script.requests]
    assert orders[0] == tuple(range(12))
    assert len(set(orders)) == 4
    assert {tuple(sorted(o)) for o in orders} == {tuple(range(12))}
    assert ids(result)[:2] == named(3, 1)


def test_a_failed_call_costs_its_block_and_nothing_else() -> None:
    asked = [0]
    good = by(first(BEST))

    def answer(request: ChatRequest) -> Answer:
        asked[0] += 1
        if asked[0] == 4:
            return ModelUnavailable("gone")
        return good._next(request)

    result = Reranker(Scripted(answer), strategy="blocks").rank("x", pool(100), 10)
    assert result.status == "partial"
    assert [(i.code, i.detail) for i in result.issues] == [("unavailable", "call 4: gone")]
    assert len(set(ids(result)) & set(named(*BEST))) >= 7


def graded(grades: dict[int, str | Delta]) -> Scripted:
    """A model that says these grades of the items by number."""

    def answer(request: ChatRequest) -> Answer:
        number = int(ITEM.findall(request.messages[1].content)[0])
        said = grades[number]
        return said if isinstance(said, str) else [said]

    return Scripted(answer)


def test_grades_are_scores_that_mean_the_same_everywhere() -> None:
    script = graded({0: "0", 1: "4", 2: " 2.", 3: "1"})
    result = Reranker(script, strategy="pointwise", blend=ALONE).rank("x", pool(4))
    assert ids(result) == named(1, 2, 3, 0)
    assert [item.score for item in result.items] == [1.0, 0.5, 0.25, 0.0]
    assert {item.kind for item in result.items} == {"grade"}
    assert result.prompt.startswith("grade@v")
    assert len(script.requests) == 4


def test_with_log_probabilities_the_score_is_the_expected_grade() -> None:
    def told(**odds: float) -> Delta:
        token = max(odds, key=lambda d: odds[d])[1:]
        alternatives = {d[1:]: math.log(p) for d, p in odds.items()}
        return Delta(text=token, finish="stop", logprobs=(TokenChoice(token, alternatives),))

    script = graded({0: told(_3=0.6, _4=0.2), 1: told(_3=0.6, _0=0.2)})
    result = Reranker(script, strategy=Pointwise(), blend=ALONE).rank("x", pool(2))
    assert ids(result) == named(0, 1)
    assert [item.score for item in result.items] == pytest.approx([2.6 / 3.2, 1.8 / 3.2])
    assert {item.kind for item in result.items} == {"probability"}


def test_grades_are_asked_of_the_next_model_where_the_first_is_down() -> None:
    down = Scripted(lambda _: ModelUnavailable("gone"), name="down")
    script = graded({0: "0", 1: "4"})
    result = Reranker([down, script], strategy="pointwise", blend=ALONE).rank("x", pool(2))
    assert ids(result) == named(1, 0)
    assert (result.status, codes(result)) == ("repaired", ["unavailable", "next_model"] * 2)


def test_a_digit_in_prose_is_no_grade() -> None:
    script = graded({0: "1", 1: "I give it 4 of 4", 2: "", 3: "5", 4: "4"})
    result = Reranker(script, strategy="pointwise", blend=ALONE).rank("x", pool(5))
    assert ids(result) == named(4, 0, 1, 2, 3)
    assert (result.status, codes(result)) == ("partial", ["bad_answer"] * 3)


def test_a_model_that_thinks_the_same_of_everything_has_not_ranked() -> None:
    script = graded(dict.fromkeys(range(3), "3"))
    result = Reranker(script, strategy="pointwise").rank("x", pool(3))
    assert ids(result) == named(0, 1, 2)
    assert (result.status, codes(result)) == ("fallback", ["zero_variance"])


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (Window, {"shuffles": 0}),
        (Sliding, {"step": 20}),
        (Setwise, {"group": 0}),
        (Blocks, {"width": 3}),
    ],
)
def test_settings_that_make_no_sense_are_refused(make: type, values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"must|holds"):
        make(**values)


@pytest.mark.parametrize(("strategy", "more"), [("pointwise", 1), ("setwise", 1), ("sliding", 0)])
def test_reasons_are_given_for_what_came_out_first(strategy: str, more: int) -> None:
    def answer(request: ChatRequest) -> Answer:
        if not (listed := shown(request)):
            return "04"[ITEM.findall(request.messages[1].content)[0] in ("28", "29")]
        best = sorted(listed, reverse=True)
        claims = [{"item": handle, "field": "text", "quote": f"item {k}"} for k, handle in best[:2]]
        said: dict[str, object] = {"ranking": [handle for _, handle in best][: wanted(request)]}
        if "claims" in str(request.schema):
            said["claims"] = claims
        return json.dumps(said)

    counts = []
    for explain in (False, True):
        script = Scripted(answer)
        reranker = Reranker(script, strategy=strategy, blend=ALONE)
        result = reranker.rank("x", pool(30), top_k=3, explain=explain)
        assert (result.status, result.plan.max_calls >= len(script.requests)) == ("ok", True)
        assert set(ids(result)[:2]) == set(named(29, 28))
        assert [bool(item.reasons) for item in result.items] == [explain, explain, False]
        counts.append(len(script.requests))
    assert counts[1] - counts[0] == more
