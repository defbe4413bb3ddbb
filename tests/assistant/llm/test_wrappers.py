"""Retries, metering, whole answers and the scripted model, held to their promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from assistant.errors import (
    BadAnswer,
    DeadlineExceeded,
    ModelError,
    ModelOverloaded,
    ModelRefused,
    ModelUnavailable,
)
from assistant.llm.blocking import blocking
from assistant.llm.complete import MAX_CHARS, complete
from assistant.llm.metered import Metered
from assistant.llm.retry import Retrying
from assistant.llm.scripted import Scripted
from assistant.llm.translate import retry_after
from assistant.llm.types import ChatRequest, Delta, Message, Usage

BUSY = ModelOverloaded("busy", retry_after=3.0)
DOWN = ModelUnavailable("down")


def asking(deadline: float = 20.0, prompt: str = "p") -> ChatRequest:
    return ChatRequest(
        messages=(Message(role="user", content="hello"),), deadline=deadline, prompt=prompt
    )


class Naps:
    """Takes the place of sleeping, and notes how long it would have been."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


async def test_an_answer_comes_after_failures_that_pass() -> None:
    naps, script = Naps(), Scripted([DOWN, BUSY, "at last"])
    got = await complete(Retrying(script, attempts=3, sleep=naps), asking())
    assert got.text == "at last"
    assert len(naps.taken) == 2


async def test_retry_after_is_obeyed_and_jitter_is_bounded() -> None:
    naps = Naps()
    await complete(Retrying(Scripted([BUSY, "x"]), sleep=naps), asking())
    assert naps.taken[0] >= 3.0
    naps = Naps()
    await complete(Retrying(Scripted([DOWN, "x"]), sleep=naps, first_wait=0.5), asking())
    assert 0 < naps.taken[0] <= 1.0


async def test_attempts_are_bounded_and_the_last_error_is_the_one_raised() -> None:
    script = Scripted([DOWN, DOWN, BUSY, "never"])
    with pytest.raises(ModelOverloaded):
        await complete(Retrying(script, attempts=3, sleep=Naps()), asking())
    assert len(script.requests) == 3


@pytest.mark.parametrize(
    "error", [ModelRefused("401"), BadAnswer("html"), DeadlineExceeded("late")]
)
async def test_what_a_retry_cannot_mend_is_not_retried(error: ModelError) -> None:
    script = Scripted([error, "never"])
    with pytest.raises(type(error)):
        await complete(Retrying(script, sleep=Naps()), asking())
    assert len(script.requests) == 1


async def test_a_wait_that_would_outlast_the_deadline_is_not_begun() -> None:
    naps, script = Naps(), Scripted([ModelOverloaded("busy", retry_after=60), "never"])
    with pytest.raises(ModelOverloaded):
        await complete(Retrying(script, sleep=naps), asking(deadline=5))
    assert naps.taken == []


async def test_attempts_share_one_deadline() -> None:
    script = Scripted([DOWN, "x"])
    await complete(Retrying(script, sleep=Naps()), asking(deadline=20))
    first, second = script.requests
    assert second.deadline <= first.deadline <= 20


async def test_a_stream_that_breaks_after_its_beginning_is_not_begun_again() -> None:
    script = Scripted([["half", DOWN], "never"])
    pieces: list[str] = []
    with pytest.raises(ModelUnavailable):
        await complete(Retrying(script, sleep=Naps()), asking(), pieces.append)
    assert pieces == ["half"]
    assert len(script.requests) == 1


async def test_each_attempt_made_again_is_noted_before_the_answer_begins() -> None:
    retrying = Retrying(Scripted([DOWN, BUSY, ["at ", "last"]]), sleep=Naps())
    deltas = [delta async for delta in retrying.stream(asking())]
    assert deltas == [
        Delta(note="asked again after ModelUnavailable"),
        Delta(note="asked again after ModelOverloaded"),
        Delta(text="at "),
        Delta(text="last"),
        Delta(finish="stop"),
    ]


async def test_notes_are_collected_and_are_no_part_of_the_answer() -> None:
    pieces: list[str] = []
    script = Scripted([[Delta(note="one"), "a", Delta(text="b", note="two")]])
    got = await complete(script, asking(), pieces.append)
    assert (got.text, got.notes) == ("ab", ("one", "two"))
    assert pieces == ["a", "b"]
    assert (await complete(Scripted(["a"]), asking())).notes == ()


async def test_the_error_of_the_last_attempt_is_raised_as_it_is() -> None:
    with pytest.raises(ModelUnavailable) as raised:
        await complete(Retrying(Scripted([DOWN, DOWN]), attempts=2, sleep=Naps()), asking())
    assert raised.value is DOWN
    assert str(raised.value) == "down"


async def test_a_note_is_not_the_beginning_of_an_answer() -> None:
    script = Scripted([[Delta(note="on the way"), Delta(), DOWN], "x"])
    got = await complete(Retrying(script, sleep=Naps()), asking())
    assert (got.text, got.notes) == ("x", ("on the way", "asked again after ModelUnavailable"))


async def test_retries_around_retries_tell_of_all_attempts() -> None:
    script = Scripted([DOWN, BUSY, DOWN, "x"])
    inner = Retrying(script, attempts=2, sleep=Naps())
    got = await complete(Retrying(inner, attempts=2, sleep=Naps()), asking())
    said = ["ModelUnavailable", "ModelOverloaded", "ModelUnavailable"]
    assert got.notes == tuple(f"asked again after {name}" for name in said)


async def test_what_was_retried_is_told_before_an_attempt_that_hangs() -> None:
    stream = Retrying(Scripted([DOWN, [asyncio.Event()]]), sleep=Naps()).stream(asking())
    assert (await anext(stream)).note == "asked again after ModelUnavailable"
    task = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_usage_or_a_finish_is_the_beginning_of_an_answer() -> None:
    for first in (Delta(usage=Usage(completion_tokens=1)), Delta(finish="stop")):
        with pytest.raises(ModelUnavailable):
            await complete(Retrying(Scripted([[first, DOWN], "never"]), sleep=Naps()), asking())


async def test_an_answer_of_notes_alone_is_empty() -> None:
    class Silent:
        name = "silent"

        async def stream(self, request: ChatRequest) -> AsyncIterator[Delta]:
            yield Delta(note="nothing to say")

    got = await complete(Retrying(Silent()), asking())
    assert (got.text, got.notes) == ("", ("nothing to say",))


def test_fewer_attempts_than_one_are_refused() -> None:
    with pytest.raises(ValueError, match="got 0"):
        Retrying(Scripted([]), attempts=0)


def test_retry_after_is_read_in_every_form_and_nonsense_is_none() -> None:
    assert retry_after({"retry-after": "7"}) == 7
    assert retry_after({"retry-after-ms": "250"}) == 0.25
    assert retry_after({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, now=40) == 60
    assert retry_after({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, now=40) == 0
    for nonsense in ("soon", "-1", "nan", "inf", ""):
        assert retry_after({"retry-after": nonsense}) is None
    assert retry_after({}) is None


def test_usages_add_up_in_every_part() -> None:
    one = Usage(prompt_tokens=9, completion_tokens=7, cached_tokens=5, reasoning_tokens=3)
    two = Usage(prompt_tokens=1, completion_tokens=1, reasoning_tokens=1, estimated=True)
    assert one + two == Usage(
        prompt_tokens=10, completion_tokens=8, cached_tokens=5, reasoning_tokens=4, estimated=True
    )


async def test_the_meter_counts_by_prompt_and_adds_up() -> None:
    used = Usage(prompt_tokens=5, completion_tokens=2)
    metered = Metered(Scripted(["a", "b", DOWN], usage=used))
    await complete(metered, asking(prompt="one"))
    await complete(metered, asking(prompt="two"))
    with pytest.raises(ModelUnavailable):
        await complete(metered, asking(prompt="two"))
    assert metered.name == "scripted"
    assert metered.meters()["one"].usage == used
    assert (metered.meters()["two"].calls, metered.meters()["two"].failures) == (2, 1)
    assert metered.total().calls == 3
    assert metered.total().usage == used + used


async def test_the_meter_passes_notes_on_and_counts_a_failure_after_notes_as_free() -> None:
    note = Delta(note="on the way")
    metered = Metered(Scripted([[note, DOWN], [note, "a"]]))
    with pytest.raises(ModelUnavailable):
        await complete(metered, asking())
    assert metered.total().usage == Usage()
    assert (await complete(metered, asking())).notes == ("on the way",)


async def test_an_answer_that_is_left_is_counted_at_our_estimate() -> None:
    heard = asyncio.Event()
    metered = Metered(Scripted([["piece", asyncio.Event()]]))
    task = asyncio.create_task(complete(metered, asking(), lambda _: heard.set()))
    await heard.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    total = metered.total()
    assert (total.calls, total.failures) == (1, 1)
    assert total.usage.estimated


async def test_a_scripted_model_waits_where_it_is_told_to() -> None:
    held, heard = asyncio.Event(), asyncio.Event()
    script = Scripted([["one ", held, "two"]])
    task = asyncio.create_task(complete(script, asking(), lambda _: heard.set()))
    await heard.wait()
    assert not task.done()
    held.set()
    assert (await task).text == "one two"


async def test_a_script_that_is_over_is_unavailable_and_a_function_may_answer() -> None:
    with pytest.raises(ModelUnavailable, match="0 answers"):
        await complete(Scripted([]), asking())
    echo = Scripted(lambda request: request.messages[-1].content)
    assert (await complete(echo, asking())).text == "hello"


async def test_a_model_that_never_answers_is_left_at_the_deadline() -> None:
    with pytest.raises(DeadlineExceeded, match=r"scripted did not finish within 0\.05 s"):
        await complete(Scripted([[asyncio.Event()]]), asking(deadline=0.05))


async def test_an_answer_without_end_is_cut() -> None:
    got = await complete(Scripted([["x" * 1000] * 1000]), asking())
    assert len(got.text) == MAX_CHARS
    assert got.finish == "length"


async def test_ten_lines_are_enough_for_a_model_of_ones_own() -> None:
    class Mine:
        name = "mine"

        def __init__(self) -> None:
            self.pieces = iter(["a", "b"])

        def stream(self, request: ChatRequest) -> Mine:
            return self

        def __aiter__(self) -> Mine:
            return self

        async def __anext__(self) -> Delta:
            for piece in self.pieces:
                return Delta(text=piece)
            raise StopAsyncIteration

    assert (await complete(Mine(), asking())).text == "ab"


def test_blocking_hands_over_the_reply_with_its_notes() -> None:
    retrying = Retrying(Scripted([DOWN, "x"]), sleep=Naps())
    assert blocking(complete(retrying, asking())).notes == ("asked again after ModelUnavailable",)


async def test_blocking_works_inside_a_running_loop_and_from_threads() -> None:
    async def name() -> str:
        await asyncio.sleep(0)
        return "done"

    assert blocking(name()) == "done"
    together = [asyncio.to_thread(lambda: blocking(name())) for _ in range(4)]
    assert await asyncio.gather(*together) == ["done"] * 4


def test_blocking_raises_what_was_raised_and_refuses_to_wait_for_itself() -> None:
    async def fails() -> None:
        raise ModelRefused("no")

    async def nested() -> None:
        blocking(asyncio.sleep(0))

    with pytest.raises(ModelRefused):
        blocking(fails())
    with pytest.raises(RuntimeError, match="await it instead"):
        blocking(nested())
