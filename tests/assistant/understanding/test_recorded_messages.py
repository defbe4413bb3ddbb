"""Thirty messages as a real small model read them, replayed: what was made of its readings.

Nothing is asserted of what the model said; everything of what is left of it beside the rules.
"""

from __future__ import annotations

import asyncio

import pytest

from assistant.llm.record import Replay
from assistant.types import Reading
from assistant.understanding.public_form import parse
from tests.labelled_messages import GROUPS, catalogues, exact, f1, own_messages
from tests.record_messages import RECORDING, Read, read_all


@pytest.fixture(scope="module")
def replay() -> Replay:
    return Replay(RECORDING)


@pytest.fixture(scope="module")
def found(replay: Replay) -> list[Read]:
    messages = own_messages()
    return [
        read
        for domain, (vocabulary, _) in catalogues().items()
        for read in asyncio.run(
            read_all(replay, vocabulary, [m for m in messages if m.domain == domain])
        )
    ]


def test_the_recording_is_of_a_real_model_and_is_used_whole(
    found: list[Read], replay: Replay
) -> None:
    assert len(found) == 30
    assert replay.recording.sha256 is not None
    assert set(replay.asked) == set(replay.recording.calls)
    assert len(replay.asked) >= len(found)


def test_the_labels_are_in_the_public_form() -> None:
    for domain, (vocabulary, items) in catalogues().items():
        keys = set(parse(Reading(), vocabulary.schema))
        ids = {item.id for item in items}
        for message in own_messages():
            if message.domain == domain:
                gold = message.gold
                assert set(gold) <= keys
                named = {i for side in ("liked", "disliked", "seen") for i in gold.get(side, ())}
                assert {*named, *message.context.slate} <= ids


@pytest.mark.parametrize("group", GROUPS)
def test_out_of_both_comes_no_worse_than_the_rules_alone(found: list[Read], group: str) -> None:
    rules = f1([(r.message.gold, r.rules) for r in found], group)
    model = f1([(r.message.gold, r.model) for r in found], group)
    assert f1([(r.message.gold, r.both) for r in found], group) >= max(rules, model)


def test_no_message_that_the_rules_read_right_is_spoilt(found: list[Read]) -> None:
    spoilt = [
        r.message.text
        for r in found
        if exact(r.message.gold, r.rules) and not exact(r.message.gold, r.both)
    ]
    assert spoilt == []
    assert sum(exact(r.message.gold, r.rules) for r in found) < len(found)
