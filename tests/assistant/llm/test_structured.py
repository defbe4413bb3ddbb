"""Answers in a shape: found where they are, never guessed, mended once at most."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from assistant.errors import BadAnswer, ModelUnavailable
from assistant.llm.scripted import Scripted
from assistant.llm.structured import ask, objects, parse, without_reasoning
from assistant.llm.types import ChatRequest, Delta, Message, Usage


class Fruit(BaseModel):
    name: str
    seeds: int


GOOD = '{"name": "fig", "seeds": 30}'
FIG = Fruit(name="fig", seeds=30)
ASKED = ChatRequest(messages=(Message(role="user", content="a fruit"),), prompt="fruit@v1#0")


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\n\n  {GOOD}\n",
        f"```json\n{GOOD}\n```",
        f"Sure! Here it is: {GOOD} Enjoy.",
        f"<think>a fig has 3 seeds {{no}}</think>{GOOD}",
        f"<THINKING>hm</THINKING>\n{GOOD}",
        f"reasoning without a beginning</think>{GOOD}",
        f'First {{"name": "plum"}}, no: {GOOD}',
        f"{{oops}} {GOOD}",
        '{"name": "fig", "seeds": 30, "more": "kept out"}',
        '{"name": "fig", "seeds": 30, "more": "it was cut he',
    ],
)
def test_the_answer_is_found(text: str) -> None:
    assert parse(text, Fruit) == FIG


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("I cannot help with that.", "no JSON object"),
        ("30 figs, 2 plums", "no JSON object"),
        ("[1, 2]", "no JSON object"),
        ('{"name": "fig"}', "seeds: Field required"),
        ('{"name": 3, "seeds": "many"}', "name: Input should be a valid string"),
        ("<think>" + GOOD, "no JSON object"),
        ('{"name": "fi', "no JSON object"),
    ],
)
def test_what_does_not_fit_is_a_bad_answer_that_names_the_fault(text: str, said: str) -> None:
    with pytest.raises(BadAnswer, match=said):
        parse(text, Fruit)


def test_marks_of_reasoning_quoted_in_an_answer_are_data() -> None:
    text = '{"name": "</think>", "seeds": 1}'
    assert parse(text, Fruit).name == "</think>"


@pytest.mark.parametrize(
    "text", ["{" * 100_000, "[" * 100_000, '{"a":' * 50_000, "<think>" * 20_000, "\x00" * 1000]
)
def test_deep_and_long_nonsense_is_refused_in_time(text: str) -> None:
    with pytest.raises(BadAnswer):
        parse(text, Fruit)


@given(st.text())
def test_no_text_makes_the_parser_fail(text: str) -> None:
    for found in objects(text):
        assert isinstance(found, dict)


@given(st.text(alphabet="<>/thinkTHINK {}ab"))
def test_reasoning_is_only_ever_taken_away(text: str) -> None:
    assert len(without_reasoning(text)) <= len(text)


async def test_a_bad_answer_is_mended_once_within_the_same_conversation() -> None:
    used = Usage(prompt_tokens=3, completion_tokens=1)
    script = Scripted(["a fig, I think", GOOD], usage=used)
    got = await ask(script, ASKED, Fruit)
    assert (got.value, got.repaired, got.usage) == (FIG, True, used + used)
    again = script.requests[1]
    assert [m.role for m in again.messages] == ["user", "assistant", "user"]
    assert again.messages[1].content == "a fig, I think"
    assert "no JSON object" in again.messages[2].content
    assert again.deadline <= ASKED.deadline


async def test_the_notes_of_both_calls_are_kept() -> None:
    script = Scripted([[Delta(note="one"), "no"], [Delta(note="two"), GOOD]])
    assert (await ask(script, ASKED, Fruit)).notes == ("one", "two")
    script = Scripted([[Delta(note="one"), GOOD]])
    assert (await ask(script, ASKED, Fruit)).notes == ("one",)


async def test_two_bad_answers_are_one_failure() -> None:
    script = Scripted(["no", "no again", GOOD])
    with pytest.raises(BadAnswer):
        await ask(script, ASKED, Fruit)
    assert len(script.requests) == 2


async def test_without_repair_the_first_bad_answer_is_the_failure() -> None:
    script = Scripted(["no", GOOD])
    with pytest.raises(BadAnswer):
        await ask(script, ASKED, Fruit, repair=False)
    assert len(script.requests) == 1


async def test_a_model_that_fails_is_not_asked_to_mend() -> None:
    script = Scripted([ModelUnavailable("down"), GOOD])
    with pytest.raises(ModelUnavailable):
        await ask(script, ASKED, Fruit)
