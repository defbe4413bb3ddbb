"""The circuit breaker: when it opens, what it lets through, and what does not count."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from assistant.errors import (
    BadAnswer,
    BudgetExceeded,
    CircuitOpen,
    DeadlineExceeded,
    ModelError,
    ModelOverloaded,
    ModelRefused,
    ModelUnavailable,
)
from assistant.llm.breaker import Breaker
from assistant.llm.complete import complete
from assistant.llm.retry import Retrying
from assistant.llm.scripted import Answer, Scripted
from assistant.llm.types import ChatModel, ChatRequest, Delta, Message

DOWN = ModelUnavailable("down")
FAILURES = [DOWN, ModelOverloaded("busy"), DeadlineExceeded("late")]
ANSWERS = [ModelRefused("401"), BadAnswer("html"), BudgetExceeded("long")]
ASKED = ChatRequest(messages=(Message(role="user", content="a secret"),), deadline=20.0)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def outcome(model: ChatModel) -> str:
    """The answer, or the name of the error."""
    try:
        return (await complete(model, ASKED)).text
    except ModelError as error:
        return type(error).__name__


async def outcomes(model: ChatModel, calls: int) -> list[str]:
    return [await outcome(model) for _ in range(calls)]


async def test_failures_in_a_row_open_the_circuit_and_no_request_is_made() -> None:
    script = Scripted([*FAILURES, "never"])
    breaker = Breaker(script, failures=3, clock=Clock())
    got = await outcomes(breaker, 5)
    names = ["ModelUnavailable", "ModelOverloaded", "DeadlineExceeded"]
    assert got == [*names, "CircuitOpen", "CircuitOpen"]
    assert len(script.requests) == 3
    assert breaker.name == "scripted"


async def test_the_message_names_the_model_and_the_seconds_left_and_no_more() -> None:
    clock = Clock()
    breaker = Breaker(Scripted([DOWN], name="small"), failures=1, rest=30, clock=clock)
    await outcome(breaker)
    clock.now += 17.5
    with pytest.raises(CircuitOpen) as raised:
        await complete(breaker, ASKED)
    assert str(raised.value) == "small is not asked for another 13 s: 1 call failed"


@pytest.mark.parametrize("answer", ["fine", *ANSWERS])
async def test_an_answer_of_a_living_endpoint_resets_the_count(answer: Answer) -> None:
    script = Scripted([DOWN, answer, DOWN, answer, "still asked"])
    assert (await outcomes(Breaker(script, failures=2, clock=Clock()), 5))[-1] == "still asked"


async def test_after_the_rest_a_good_trial_closes_the_circuit() -> None:
    clock = Clock()
    breaker = Breaker(Scripted([DOWN, DOWN, "back", DOWN, "fine"]), failures=2, clock=clock)
    await outcomes(breaker, 2)
    clock.now += 29.9
    assert await outcome(breaker) == "CircuitOpen"
    clock.now += 0.1
    assert await outcomes(breaker, 3) == ["back", "ModelUnavailable", "fine"]


async def test_a_failed_trial_opens_the_circuit_for_another_rest() -> None:
    clock, script = Clock(), Scripted([DOWN, DOWN, DOWN, "back"])
    breaker = Breaker(script, failures=2, rest=30, clock=clock)
    await outcomes(breaker, 2)
    clock.now += 30
    assert await outcomes(breaker, 2) == ["ModelUnavailable", "CircuitOpen"]
    clock.now += 29
    assert await outcome(breaker) == "CircuitOpen"
    clock.now += 1
    assert await outcome(breaker) == "back"


async def test_one_trial_at_a_time() -> None:
    clock, held, heard = Clock(), asyncio.Event(), asyncio.Event()
    breaker = Breaker(Scripted([DOWN, ["ba", held, "ck"], "next"]), failures=1, clock=clock)
    await outcome(breaker)
    clock.now += 30
    trial = asyncio.create_task(complete(breaker, ASKED, lambda _: heard.set()))
    await heard.wait()
    with pytest.raises(CircuitOpen, match="being tried by one call, for 30 s more at most"):
        await complete(breaker, ASKED)
    held.set()
    assert (await trial).text == "back"
    assert await outcome(breaker) == "next"


@pytest.mark.parametrize("leave", ["aclose", "cancel"])
async def test_a_trial_that_is_left_lets_another_be_the_trial(leave: str) -> None:
    clock = Clock()
    script = Scripted([DOWN, ["half", asyncio.Event()], DOWN, "back"])
    breaker = Breaker(script, failures=1, clock=clock)
    await outcome(breaker)
    clock.now += 30
    stream = breaker.stream(ASKED)
    assert (await anext(stream)).text == "half"
    if leave == "aclose":
        await stream.aclose()  # type: ignore[attr-defined]
    else:
        task = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await outcomes(breaker, 2) == ["ModelUnavailable", "CircuitOpen"]


async def test_a_reader_that_leaves_neither_counts_nor_resets() -> None:
    script = Scripted([DOWN, ["half", asyncio.Event()], DOWN, "never"])
    breaker = Breaker(script, failures=2, clock=Clock())
    await outcome(breaker)
    stream = breaker.stream(ASKED)
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    assert await outcomes(breaker, 2) == ["ModelUnavailable", "CircuitOpen"]


class Hanging:
    """Takes its time, by the test's clock, and gives no answer the first time it is asked."""

    name = "hanging"

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock, self.seconds, self.asked = clock, seconds, asyncio.Event()

    async def stream(self, request: ChatRequest) -> AsyncIterator[Delta]:
        if not self.asked.is_set():
            self.clock.now += self.seconds
            self.asked.set()
            await asyncio.Event().wait()
        yield Delta(text="fine", finish="stop")


@pytest.mark.parametrize(("seconds", "then"), [(19.99, "CircuitOpen"), (10.0, "fine")])
async def test_a_call_cancelled_at_its_deadline_counts_as_one_that_exceeded_it(
    seconds: float, then: str
) -> None:
    clock = Clock()
    model = Hanging(clock, seconds)
    breaker = Breaker(model, failures=1, clock=clock)
    call = asyncio.create_task(complete(breaker, ASKED))
    await model.asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await outcome(breaker) == then


async def test_an_answer_is_whole_for_a_reader_that_leaves_after_its_finish() -> None:
    clock = Clock()
    breaker = Breaker(Scripted([DOWN, "back", DOWN]), failures=1, clock=clock)
    await outcome(breaker)
    clock.now += 30
    stream = breaker.stream(ASKED)
    while (await anext(stream)).finish is None:
        pass
    await stream.aclose()  # type: ignore[attr-defined]
    assert await outcome(breaker) == "ModelUnavailable"


async def test_calls_from_before_the_circuit_opened_do_not_move_it() -> None:
    clock, held = Clock(), [asyncio.Event(), asyncio.Event()]
    script = Scripted([["a", held[0], "b"], ["c", held[1], DOWN], DOWN, "back"])
    breaker = Breaker(script, failures=1, rest=30, clock=clock)
    old = [breaker.stream(ASKED) for _ in held]
    for stream in old:
        await anext(stream)
    await outcome(breaker)
    for event in held:
        event.set()
    async for _ in old[0]:
        pass
    assert await outcome(breaker) == "CircuitOpen"  # a late success does not close it
    clock.now += 20
    with pytest.raises(ModelUnavailable):
        await anext(old[1])
    clock.now += 10
    assert await outcome(breaker) == "back"  # a late failure did not lengthen the rest


async def test_a_trial_that_is_lost_does_not_keep_the_circuit_open_for_ever() -> None:
    clock = Clock()
    breaker = Breaker(Scripted([DOWN, ["lost"], "back"]), failures=1, rest=5, clock=clock)
    await outcome(breaker)
    clock.now += 5
    lost = breaker.stream(ASKED)
    await anext(lost)
    clock.now += 19
    assert await outcome(breaker) == "CircuitOpen"
    clock.now += 1
    assert await outcome(breaker) == "back"
    await lost.aclose()  # type: ignore[attr-defined]


def test_threads_with_loops_of_their_own_share_one_count_and_one_trial() -> None:
    clock, lock, trials, most = Clock(), threading.Lock(), 0, 0

    class Dead:
        name = "dead"

        async def stream(self, request: ChatRequest) -> AsyncIterator[Delta]:
            nonlocal trials
            with lock:
                trials += 1
            raise ModelUnavailable("down")
            yield Delta()

    breaker = Breaker(Dead(), failures=8, clock=clock)
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        asyncio.run(outcomes(breaker, 1))

    for most in (8, 9):
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert trials == most
        clock.now += 30


async def test_an_open_circuit_is_not_asked_again_by_retries() -> None:
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    script = Scripted([DOWN, DOWN, "never"])
    with pytest.raises(CircuitOpen):
        await complete(
            Retrying(Breaker(script, failures=2, clock=Clock()), attempts=9, sleep=nap), ASKED
        )
    assert len(naps) == 2


@pytest.mark.parametrize(
    "wrong", [{"failures": 0}, {"rest": 0}, {"rest": float("nan")}, {"rest": float("inf")}]
)
def test_numbers_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Breaker(Scripted([]), **wrong)  # type: ignore[arg-type]
