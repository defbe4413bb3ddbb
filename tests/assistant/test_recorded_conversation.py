"""A conversation recorded with a real small model over the built-in films, replayed without it.

Nothing is asserted of what the model chose; everything of what Palate made of it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.explanation.verify import holds
from assistant.llm.record import Replay
from assistant.preferences import to_query
from assistant.settings import Settings
from assistant.types import Reply
from retrieval.filters import matches
from retrieval.types import Profile
from tests.record_conversation import MESSAGES, RECORDING, SESSION


@pytest.fixture(scope="module")
def told(
    built_in_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Assistant, list[tuple[str, Reply]], Replay]:
    home = tmp_path_factory.mktemp("replay") / "home"
    shutil.copytree(built_in_home, home)
    replay = Replay(RECORDING)
    with Assistant.open(settings=Settings(home=home, explore=0), model=replay) as assistant:
        lines = MESSAGES.read_text(encoding="utf-8").splitlines()
        talk = [(line, assistant.reply(SESSION, line)) for line in lines]
        return assistant, talk, replay


Told = tuple[Assistant, list[tuple[str, Reply]], Replay]


def test_the_recording_is_of_a_real_model_and_is_used_whole(told: Told) -> None:
    _, talk, replay = told
    assert replay.recording.sha256 is not None
    assert set(replay.asked) == set(replay.recording.calls)
    assert len(replay.asked) > len(talk)  # understanding every turn, ranking every slate


def test_no_turn_degraded_and_every_turn_said_something(told: Told) -> None:
    _, talk, _ = told
    assert all(reply.text and not reply.degraded for _, reply in talk)
    assert sum(bool(reply.cards) for _, reply in talk) >= 3


def test_every_slate_satisfies_what_was_understood(told: Told) -> None:
    assistant, _, _ = told
    items = assistant.parts.retriever.items
    turns = assistant.parts.sessions.open(SESSION, None).turns
    shown = [t for t in turns if t.served.slate]
    assert shown
    for turn in shown:
        where = turn.preferences.where()
        assert all(matches(where, items[i]) for i in turn.served.slate)
        gone = {*turn.preferences.likes, *turn.preferences.dislikes, *turn.preferences.seen}
        assert not gone & set(turn.served.slate)


def test_every_reason_that_was_shown_rests_on_the_items_own_facts(told: Told) -> None:
    assistant, talk, _ = told
    parts = assistant.parts
    turns = parts.sessions.open(SESSION, None).turns
    checked = 0
    for (_, reply), turn in zip(talk, turns, strict=True):
        query = to_query(turn.preferences, Profile())
        evidence = parts.taste.evidence(reply.slate, turn.preferences, query, parts.retriever)
        above = None
        for card in reply.cards:
            item = parts.retriever.items[card.id]
            for claim in card.reasons:
                assert holds(claim, item, evidence, above), claim
                checked += 1
            above = item
    assert checked > 10
