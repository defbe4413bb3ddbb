"""What is made once for each event loop."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from assistant.llm.perloop import PerLoop


class Thing:
    """Something to hold; it may hold its loop, as a client does amid a call."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()


async def test_one_object_is_made_for_each_loop() -> None:
    held = PerLoop(Thing)
    assert held.get() is held.get()

    async def other() -> Thing:
        return held.get()

    elsewhere = await asyncio.to_thread(lambda: asyncio.run(other()))
    assert elsewhere is not held.get()


def test_what_holds_a_closed_loop_is_dropped_when_the_next_loop_comes() -> None:
    async def use() -> weakref.ref[Thing]:
        return weakref.ref(held.get())

    held = PerLoop(Thing)
    first = asyncio.run(use())
    asyncio.run(use())
    gc.collect()
    assert first() is None


def test_without_a_running_loop_there_is_no_object() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        PerLoop(list).get()
