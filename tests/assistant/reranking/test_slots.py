"""Slots shared by threads and event loops: never too many inside, none lost, first come first."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.reranking.slots import Slots


class Room:
    """Counts who is inside, over all threads."""

    def __init__(self) -> None:
        self.most = self.inside = 0
        self._lock = threading.Lock()

    def step(self, by: int) -> None:
        with self._lock:
            self.inside += by
            self.most = max(self.most, self.inside)


async def all_free(slots: Slots, count: int) -> bool:
    """Whether ``count`` holders fit and one more does not; hangs where a slot was lost."""
    async with AsyncExitStack() as stack:
        for _ in range(count):
            await stack.enter_async_context(slots)
        extra = asyncio.create_task(held(slots, asyncio.Event()))
        for _ in range(5):
            await asyncio.sleep(0)
        full = not extra.done()
        extra.cancel()
        await asyncio.gather(extra, return_exceptions=True)
    return full


async def held(slots: Slots, entered: asyncio.Event, leave: asyncio.Event | None = None) -> None:
    """Take a slot, say so, and keep it until told to leave."""
    async with slots:
        entered.set()
        if leave is not None:
            await leave.wait()


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize("count", [0, -1])
def test_no_slots_are_an_error_of_the_caller(count: int) -> None:
    with pytest.raises(ValueError, match=f"got {count}"):
        Slots(count)


@settings(max_examples=30)
@given(
    count=st.integers(1, 4),
    threads=st.integers(1, 4),
    tasks=st.integers(1, 25),
    cancelled=st.floats(0, 1),
    seed=st.integers(),
)
def test_never_too_many_inside_and_no_slot_is_lost(
    count: int, threads: int, tasks: int, cancelled: float, seed: int
) -> None:
    slots, room = Slots(count), Room()
    failures: list[BaseException] = []

    async def visit(rng: random.Random) -> None:
        async with slots:
            room.step(1)
            try:
                for _ in range(rng.randrange(4)):
                    await asyncio.sleep(0)
            finally:
                room.step(-1)

    async def crowd(rng: random.Random) -> None:
        visits = []
        for _ in range(tasks):
            visits.append(asyncio.create_task(visit(rng)))
            if rng.random() < 0.5:
                await asyncio.sleep(0)
            if rng.random() < cancelled:
                rng.choice(visits).cancel()
        for end in await asyncio.gather(*visits, return_exceptions=True):
            if end is not None and not isinstance(end, asyncio.CancelledError):
                failures.append(end)

    with ThreadPoolExecutor(threads) as pool:
        crowds = [crowd(random.Random(seed * 10 + number)) for number in range(threads)]
        for _ in pool.map(asyncio.run, crowds):
            pass
    assert failures == []
    assert room.most <= count
    assert room.inside == 0
    assert asyncio.run(all_free(slots, count))


async def test_first_come_first_served() -> None:
    slots, order = Slots(1), list[int]()

    async def visit(number: int) -> None:
        async with slots:
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(visit(n) for n in range(10)))
    assert order == list(range(10))


async def test_one_that_comes_back_waits_behind_those_in_line() -> None:
    slots, order = Slots(1), list[str]()

    async def greedy() -> None:
        for _ in range(2):
            async with slots:
                order.append("greedy")
                await settle()

    async def patient() -> None:
        async with slots:
            order.append("patient")

    await asyncio.gather(greedy(), patient())
    assert order == ["greedy", "patient", "greedy"]


async def test_an_error_inside_frees_the_slot() -> None:
    slots = Slots(1)
    with pytest.raises(KeyError):
        async with slots:
            raise KeyError("inside")
    assert await all_free(slots, 1)


async def test_a_cancelled_waiter_is_not_served() -> None:
    slots, gone, served = Slots(1), asyncio.Event(), asyncio.Event()
    async with slots:
        first = asyncio.create_task(held(slots, gone))
        second = asyncio.create_task(held(slots, served))
        await settle()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    await second
    assert (gone.is_set(), served.is_set()) == (False, True)
    assert await all_free(slots, 1)


async def test_a_waiter_cancelled_as_its_turn_comes_hands_the_slot_on() -> None:
    slots, gone, served = Slots(1), asyncio.Event(), asyncio.Event()
    async with slots:
        first = asyncio.create_task(held(slots, gone))
        second = asyncio.create_task(held(slots, served))
        await settle()
    first.cancel()  # granted by the line above, and not awake yet
    await asyncio.gather(first, return_exceptions=True)
    await second
    assert (gone.is_set(), served.is_set()) == (False, True)
    assert await all_free(slots, 1)


def abandoned(slots: Slots) -> asyncio.AbstractEventLoop:
    """A loop that stands still, open, with one waiter in line."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # it is told of the task that never ends
    waiting = loop.create_task(held(slots, asyncio.Event()))
    loop.run_until_complete(settle())
    assert not waiting.done()
    return loop


def test_a_waiter_whose_loop_was_closed_is_passed_over() -> None:
    slots, here = Slots(1), asyncio.new_event_loop()
    leave, entered = asyncio.Event(), asyncio.Event()
    holder = here.create_task(held(slots, entered, leave))
    here.run_until_complete(entered.wait())
    abandoned(slots).close()
    leave.set()
    here.run_until_complete(holder)
    assert here.run_until_complete(all_free(slots, 1))
    here.close()
    gc.collect()
    assert asyncio.run(all_free(slots, 1))


def test_a_slot_granted_to_a_loop_that_is_closed_then_comes_back() -> None:
    slots, here = Slots(1), asyncio.new_event_loop()
    leave, entered = asyncio.Event(), asyncio.Event()
    holder = here.create_task(held(slots, entered, leave))
    here.run_until_complete(entered.wait())
    other = abandoned(slots)
    leave.set()
    here.run_until_complete(holder)  # grants the slot to the loop that stands still
    other.close()
    del other
    gc.collect()
    assert here.run_until_complete(all_free(slots, 1))
    here.close()


def test_a_waiter_on_another_thread_is_woken() -> None:
    slots, waits = Slots(1), threading.Event()

    async def elsewhere() -> str:
        waits.set()
        async with slots:
            return "in"

    async def here() -> None:
        async with slots:
            thread = asyncio.create_task(asyncio.to_thread(asyncio.run, elsewhere()))
            await asyncio.to_thread(waits.wait)
        assert await thread == "in"

    asyncio.run(here())
