"""The turn with a model: progress while it writes, its order and claims, and every way it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.errors import DeadlineExceeded, ModelError, ModelRefused, ModelUnavailable
from assistant.llm.scripted import Answer, Scripted
from assistant.llm.types import ChatRequest
from assistant.types import Finished, Reply, Shown, Status
from assistant.understanding.context import Context
from tests.assistant.conftest import Open


def _handles(request: ChatRequest) -> list[str]:
    assert request.schema is not None
    return request.schema["properties"]["ranking"]["items"]["enum"]  # type: ignore[index,no-any-return]


def _own_order(request: ChatRequest) -> str:
    """An order that agrees with the one shown as a rule: one that never does is not trusted."""
    shown = _handles(request)
    return json.dumps({"ranking": [*shown[2:4], *shown[:2], *shown[4:]], "claims": []})


def _model(reading: Answer, ranking: Answer | None = None) -> Scripted:
    def answer(request: ChatRequest) -> Answer:
        if request.schema_name == "ranking":
            return ranking if ranking is not None else _own_order(request)
        return reading

    return Scripted(answer)


WESTERN = json.dumps({"act": "recommend", "include": [{"field": "genres", "value": "Western"}]})


def test_status_arrives_while_the_model_still_writes_and_cards_only_after(
    open_assistant: Open, film_home: Path
) -> None:
    async def play() -> None:
        gate = asyncio.Event()
        model = _model(WESTERN)
        assistant = open_assistant(film_home, model)

        def slowly(request: ChatRequest) -> Answer:
            if request.schema_name != "ranking":
                return WESTERN
            text = _own_order(request)
            cut = text.index(",") + 1
            steps: Sequence[str | asyncio.Event] = (text[:cut], gate, text[cut:])
            return steps

        model._answers = slowly
        seen: list[object] = []
        async for event in assistant.turn("s", "westerns"):
            seen.append(event)
            if isinstance(event, Status) and event.stage == "ranking" and event.done == 1:
                assert not gate.is_set()
                assert not any(isinstance(e, Shown) for e in seen)
                assert not assistant.history("s")
                gate.set()
        assert gate.is_set()
        counted = [e.done for e in seen if isinstance(e, Status) and e.stage == "ranking"]
        assert counted == sorted(counted, key=lambda n: n or 0)
        assert len(counted) > 2
        assert isinstance(seen[-1], Finished)

    asyncio.run(play())


def test_status_is_told_while_the_model_reads(open_assistant: Open, film_home: Path) -> None:
    async def play() -> None:
        gate = asyncio.Event()
        cut = WESTERN.index("include")
        assistant = open_assistant(film_home, _model((WESTERN[:cut], gate, WESTERN[cut:])))
        counted: list[int | None] = []
        async for event in assistant.turn("s", "westerns"):
            if isinstance(event, Status) and event.stage == "understanding":
                counted.append(event.done)
                if event.done == 1:
                    assert not gate.is_set()
                    gate.set()
        assert counted == [None, 1, 2]

    asyncio.run(play())


def test_a_short_answer_is_read_against_our_question(open_assistant: Open, film_home: Path) -> None:
    model = _model(json.dumps({"act": "recommend"}))
    assistant = open_assistant(film_home, model)
    first = assistant.reply("s", "a film, please")
    assert first.asked
    question = Context(asked=first.text).question
    assistant.reply("s", "the middle one I guess")
    told = [r.messages[1].content for r in model.requests if r.schema_name == "form"][-1]
    assert f"person: a film, please\nrecommender: {question}" in told


def test_a_turn_makes_two_calls_and_records_which_prompts(
    open_assistant: Open, film_home: Path
) -> None:
    model = _model(WESTERN)
    assistant = open_assistant(film_home, model)
    reply = assistant.reply("s", "westerns")
    assert not reply.degraded
    assert [r.schema_name for r in model.requests][1] == "ranking"
    assert len(model.requests) == 2
    served = assistant.parts.sessions.open("s", None).turns[-1].served
    assert [p.partition("@")[0] for p in served.prompts] == ["understand", "rerank"]
    assert served.model == "scripted"


def test_the_models_order_changes_the_slate_but_not_what_may_be_on_it(
    open_assistant: Open, film_home: Path
) -> None:
    plain = open_assistant(film_home).reply("s", "westerns")
    ranked = open_assistant(film_home, _model(WESTERN)).reply("s", "westerns")
    assert plain.slate.ids() != ranked.slate.ids()
    assert all("Western" in p.item.fields["genres"] for p in ranked.slate.picks)  # type: ignore[operator]


def test_ids_never_reach_the_model_and_the_persons_words_never_the_system_part(
    open_assistant: Open, film_home: Path
) -> None:
    model = _model(WESTERN)
    open_assistant(film_home, model).reply("s", "westerns about revenge")
    for request in model.requests:
        text = "\n".join(m.content for m in request.messages)
        assert not any(f"f{n:02d}" in text.split() for n in range(1, 65))
        system = [m.content for m in request.messages if m.role == "system"]
        assert system
        assert not any("revenge" in s for s in system)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (ModelUnavailable("no connection"), "could not be reached"),
        (ModelRefused("401"), "refused"),
        (DeadlineExceeded("20 s"), "too long"),
        ("I am sorry, I cannot do that.", "could not be used"),
        ("", "could not be used"),
    ],
)
def test_a_failed_reading_falls_to_the_rules_and_says_why(
    open_assistant: Open, film_home: Path, failure: str | ModelError, words: str
) -> None:
    reply = open_assistant(film_home, _model(failure)).reply("s", "westerns before 1960")
    assert {c.id for c in reply.cards} == {"f01", "f02", "f03", "f04"}
    (note,) = [d for d in reply.degraded if d.stage == "understand"]
    assert words in note.reason
    assert words in reply.text


@pytest.mark.parametrize(
    "failure",
    [ModelUnavailable("gone"), "no", "Of the 3 passages, [2] > [1] > [3]", '{"ranking": []}'],
)
def test_a_failed_ranking_keeps_the_fused_order_and_says_so(
    open_assistant: Open, film_home: Path, failure: str | ModelError
) -> None:
    plain = open_assistant(film_home).reply("s", "westerns")
    reply = open_assistant(film_home, _model(WESTERN, failure)).reply("s", "westerns")
    assert reply.slate.ids() == plain.slate.ids()
    assert [d.stage for d in reply.degraded] == ["rerank"]


def test_what_the_model_invents_never_reaches_the_person(
    open_assistant: Open, film_home: Path
) -> None:
    def lies(request: ChatRequest) -> Answer:
        if request.schema_name != "ranking":
            return WESTERN
        handles = _handles(request)
        claims = [
            {"item": handles[0], "field": "directors", "quote": "Winner of nine awards"},
            {"item": handles[1], "field": "year", "quote": "1066"},
        ]
        return json.dumps({"ranking": [*handles, "zzzz"], "claims": claims})

    reply: Reply = open_assistant(film_home, Scripted(lies)).reply("s", "westerns")
    said = " ".join(c.text for card in reply.cards for c in card.reasons)
    assert (reply.faithfulness.made, reply.faithfulness.held) == (2, 0)
    assert reply.faithfulness.share == 0.0
    assert "awards" not in said
    assert "1066" not in said
    assert all("Western" in p.item.fields["genres"] for p in reply.slate.picks)  # type: ignore[operator]
