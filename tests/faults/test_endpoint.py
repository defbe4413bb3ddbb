"""A language model that fails, in whatever way, costs a turn its part and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.llm.breaker import Breaker
from assistant.llm.openai import OpenAIChat
from assistant.llm.retry import Retrying
from tests.assistant.api.served import Served
from tests.assistant.conftest import Open, film_home, open_assistant
from tests.faults.endpoint import FAULTS, Answered, Asking, Endpoint, grounded

__all__ = ["film_home", "open_assistant"]

SILENT = ("silent", "a token now and then")
"""Faults that only the deadline ends, so that it had better be short. With the others a busy
machine must not be taken for a slow model."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as endpoint:
        yield endpoint


@pytest.mark.parametrize("fault", FAULTS)
def test_every_answer_is_whole_and_says_what_fell_back(
    open_assistant: Open, film_home: Path, endpoint: Endpoint, fault: str
) -> None:
    chat = OpenAIChat(base_url=endpoint.url, model="m", api_key="none")
    seconds = 1.0 if fault in SILENT else 20.0
    # What is asked below opens the circuit; it rests for no longer than a test may take.
    model = Retrying(Breaker(chat, failures=3, rest=0.2), attempts=2, first_wait=0.01)
    assistant = open_assistant(
        film_home, model, llm_understand_seconds=seconds, llm_rerank_seconds=seconds
    )
    with Served(assistant) as served, served.client() as client:
        asking, ill, healed = Asking(client, "127.0.0.1"), Answered(), Answered()
        endpoint.fail(FAULTS[fault])
        for _ in range(2):
            assert not asking.turn(ill)
        assert not asking.completion(ill)
        endpoint.heal()
        assert any(asking.turn(healed) for _ in range(50))
    for seen in (ill, healed):
        assert seen.faults == []
        assert set(seen.statuses) == {200}
        for session, visitor in seen.turns:
            made, wrong = grounded(assistant, session, visitor)
            assert made
            assert wrong == []
    assert ill.stages == {"understand", "rerank"}
    assert ill.degraded == 3
