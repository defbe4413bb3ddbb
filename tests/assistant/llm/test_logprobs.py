"""Log-probabilities from an endpoint: asked for only where wanted, read without trust."""

from __future__ import annotations

import asyncio
import json

import pytest

from assistant.llm.complete import ChatReply, complete
from assistant.llm.openai import OpenAIChat
from assistant.llm.types import ChatRequest, Message, TokenChoice
from tests.assistant.llm.server import Script, chunk, endpoint, events, reply, saying


def asking(top_logprobs: int) -> ChatRequest:
    return ChatRequest(
        messages=(Message(role="user", content="which?"),), top_logprobs=top_logprobs
    )


def entry(token: object, logprob: object, *others: tuple[object, object]) -> dict[str, object]:
    """One token as the protocol tells it."""
    top = [{"token": t, "logprob": p, "bytes": None} for t, p in others]
    return {"token": token, "logprob": logprob, "bytes": None, "top_logprobs": top}


def told(text: str, content: object) -> dict[str, object]:
    """One piece of a streamed answer with what is told of its tokens."""
    piece = chunk(text)
    piece["choices"][0]["logprobs"] = {"content": content}  # type: ignore[index]
    return piece


def whole(content: object) -> bytes:
    """The same in one body; NaN and Infinity are written as Python reads them."""
    choice = {"message": {"content": "A"}, "finish_reason": "stop", "logprobs": content}
    return reply(200, json.dumps({"choices": [choice]}))


async def answered(answer: bytes | Script, top_logprobs: int = 2) -> ChatReply:
    async with endpoint(answer) as served:
        model = OpenAIChat(base_url=served.url, model="small")
        return await complete(model, asking(top_logprobs))


A = entry("A", -0.25, ("A", -0.25), ("B", -1.5))
B = entry("B", -2, ("C", -0.5))
READ = (TokenChoice("A", {"A": -0.25, "B": -1.5}), TokenChoice("B", {"B": -2.0, "C": -0.5}))


async def test_they_are_asked_for_only_where_they_are_wanted() -> None:
    async with endpoint(saying("x")) as served:
        model = OpenAIChat(base_url=served.url, model="small")
        for wanted in (0, 5):
            assert (await complete(model, asking(wanted))).logprobs == ()
        plain, body = served.bodies
    assert "logprobs" not in plain
    assert "top_logprobs" not in plain
    assert (body["logprobs"], body["top_logprobs"]) == (True, 5)


async def test_they_are_read_from_a_stream_in_order() -> None:
    got = await answered(events(told("A", [A]), chunk("-"), told("B", [B]), chunk(None, "stop")))
    assert (got.text, got.logprobs) == ("A-B", READ)


async def test_they_are_read_from_a_whole_body() -> None:
    assert (await answered(whole({"content": [A, B]}))).logprobs == READ


async def test_a_piece_without_text_still_tells_its_token() -> None:
    got = await answered(events(chunk("x"), told("", [A]), chunk(None, "stop")))
    assert (got.text, got.logprobs) == ("x", READ[:1])


async def test_the_chosen_token_is_included_where_it_is_not_among_the_likeliest() -> None:
    got = await answered(whole({"content": [entry("A", -7.0, ("B", -0.1), ("C", -2.5))]}))
    assert got.logprobs == (TokenChoice("A", {"A": -7.0, "B": -0.1, "C": -2.5}),)


NAN, INF = float("nan"), float("inf")
NONSENSE: list[object] = [
    None,
    7,
    "A",
    [],
    {"content": None},
    {"content": "A"},
    {"content": {"token": "A"}},
    {"content": [None, 7, "A", [], {}]},
    {"content": [entry(7, -1.0), entry(None, -1.0), entry(["A"], -1.0)]},
    {"content": [entry("A", p) for p in (NAN, -INF, INF, 0.5, None, "-1", [], True, False)]},
    {"content": [entry("A", -(10**400)), entry("A", 10**400)]},
    {"content": [entry("A", 0.5, ("B", -1.0))]},
    {"content": [{"token": "A"}, {"logprob": -1.0}, {"token": "A", "top_logprobs": 7}]},
]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
async def test_nonsense_is_dropped_and_the_answer_stays(nonsense: object) -> None:
    got = await answered(whole(nonsense))
    assert (got.text, got.logprobs) == ("A", ())


async def test_nonsense_among_the_alternatives_is_dropped_and_the_token_stays() -> None:
    others = [("B", NAN), ("C", 0.1), (7, -1.0), ("D", "x"), ("E", -3.0), ("A", -9.0)]
    got = await answered(whole({"content": [entry("A", -0.25, *others), "x"]}))
    assert got.logprobs == (TokenChoice("A", {"A": -0.25, "E": -3.0}),)


async def test_nonsense_in_a_stream_is_dropped_and_the_answer_stays() -> None:
    strange = [told("A", x) for x in (None, 7, "A", [None, 7], [entry(None, 0.5)])]
    got = await answered(events(*strange, chunk(None, "stop")))
    assert (got.text, got.logprobs) == ("AAAAA", ())


@pytest.mark.parametrize(
    "said",
    [
        (400, {"error": {"message": "bad", "param": "top_logprobs"}}),
        (422, {"error": {"message": "logprobs is not supported with stream"}}),
    ],
)
async def test_an_endpoint_that_refuses_them_is_not_asked_for_them_again(
    said: tuple[int, object],
) -> None:
    async def picky(body: dict[str, object], writer: asyncio.StreamWriter) -> None:
        refused = "logprobs" in body or "top_logprobs" in body
        writer.write(reply(said[0], json.dumps(said[1])) if refused else saying("fine"))

    async with endpoint(picky) as served:
        model = OpenAIChat(base_url=served.url, model="small")
        for _ in range(2):
            got = await complete(model, asking(3))
            assert (got.text, got.logprobs) == ("fine", ())
        assert ["logprobs" in body for body in served.bodies] == [True, False, False]
