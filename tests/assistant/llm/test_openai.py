"""The adapter against a real socket and a server that misbehaves in every way we know of."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest

from assistant.errors import (
    BadAnswer,
    BudgetExceeded,
    DeadlineExceeded,
    ModelError,
    ModelOverloaded,
    ModelRefused,
    ModelUnavailable,
    SettingsError,
)
from assistant.llm.complete import ChatReply, complete
from assistant.llm.openai import OpenAIChat
from assistant.llm.types import ChatRequest, Message, Usage
from tests.assistant.llm.server import (
    OPEN,
    Script,
    chunk,
    endpoint,
    events,
    part,
    reply,
    saying,
)

KEY = "sk-very-secret"
WORDS = "what the person wrote"
GOOD = saying("hello ", "there", usage={"prompt_tokens": 7, "completion_tokens": 2})


def asking(deadline: float = 20.0, **more: object) -> ChatRequest:
    return ChatRequest(
        messages=(Message(role="user", content=WORDS),),
        deadline=deadline,
        **more,  # type: ignore[arg-type]
    )


def chat(url: str) -> OpenAIChat:
    return OpenAIChat(base_url=url, model="small", api_key=KEY)


async def answered(*answers: bytes | Script, deadline: float = 20.0) -> ChatReply:
    async with endpoint(*answers) as served:
        return await complete(chat(served.url), asking(deadline))


async def hang(body: object, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def hang_midway(body: object, writer: asyncio.StreamWriter) -> None:
    writer.write(OPEN + part(chunk("half an ")))
    await asyncio.Event().wait()


async def hang_at_the_end(body: object, writer: asyncio.StreamWriter) -> None:
    writer.write(OPEN + part(chunk("whole")) + part(chunk(None, "stop")))
    await asyncio.Event().wait()


async def cut(body: object, writer: asyncio.StreamWriter) -> None:
    writer.write(OPEN + part(chunk("half an ")))
    await writer.drain()
    writer.transport.abort()


async def test_an_answer_is_streamed_in_pieces_with_the_usage_that_was_reported() -> None:
    pieces: list[str] = []
    async with endpoint(GOOD) as served:
        got = await complete(chat(served.url), asking(), pieces.append)
        assert served.keys == [f"bearer {KEY}"]
    assert pieces == ["hello ", "there"]
    assert got == ChatReply(
        text="hello there",
        finish="stop",
        usage=Usage(prompt_tokens=7, completion_tokens=2),
    )


async def test_the_request_carries_schema_limits_and_seed_as_the_protocol_names_them() -> None:
    schema = {"type": "object"}
    async with endpoint(GOOD) as served:
        request = asking(schema=schema, schema_name="form", max_tokens=9, seed=3)
        await complete(chat(served.url), request)
        (body,) = served.bodies
    assert body["model"] == "small"
    assert body["messages"] == [{"role": "user", "content": WORDS}]
    assert (body["max_tokens"], body["seed"], body["temperature"]) == (9, 3, 0.0)
    assert body["stream_options"] == {"include_usage": True}
    shape = {"name": "form", "schema": schema, "strict": True}
    assert body["response_format"] == {"type": "json_schema", "json_schema": shape}


async def test_usage_is_an_estimate_and_says_so_when_none_was_reported() -> None:
    got = await answered(saying("hello"))
    assert got.usage.estimated
    assert got.usage.completion_tokens == 1
    assert got.usage.prompt_tokens > 0


async def test_cached_tokens_are_read() -> None:
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 1,
        "prompt_tokens_details": {"cached_tokens": 8},
    }
    assert (await answered(saying("x", usage=usage))).usage.cached_tokens == 8


async def test_reasoning_tokens_are_read_and_nonsense_is_none() -> None:
    for said, read in [(5, 5), (-5, 0), ("many", 0), (None, 0)]:
        details = {"reasoning_tokens": said}
        usage = {"prompt_tokens": 9, "completion_tokens": 6, "completion_tokens_details": details}
        got = (await answered(saying("x", usage=usage))).usage
        assert got == Usage(prompt_tokens=9, completion_tokens=6, reasoning_tokens=read)


async def test_nonsense_usage_is_not_believed() -> None:
    got = await answered(saying("x", usage={"prompt_tokens": "many", "completion_tokens": -1}))
    assert got.usage.estimated


async def test_a_server_that_does_not_stream_is_understood() -> None:
    body = {"choices": [{"message": {"content": "all at once"}, "finish_reason": "stop"}]}
    assert (await answered(reply(200, json.dumps(body)))).text == "all at once"


async def test_an_answer_is_whole_when_the_server_forgets_to_hang_up() -> None:
    assert (await answered(hang_at_the_end)).text == "whole"


FAILURES: list[tuple[str, bytes | Script, type[ModelError]]] = [
    ("401", reply(401, '{"error": {"message": "bad key sk-very-secret"}}'), ModelRefused),
    ("403", reply(403, "{}"), ModelRefused),
    ("404", reply(404, "no such model"), ModelRefused),
    ("400", reply(400, '{"error": {"message": "what the person wrote is bad"}}'), ModelRefused),
    ("307", reply(307, "", "location: http://127.0.0.1:9/"), ModelRefused),
    ("429", reply(429, "{}", "retry-after: 7"), ModelOverloaded),
    ("quota", reply(429, '{"error": {"code": "insufficient_quota"}}'), ModelRefused),
    ("503 busy", reply(503, "{}", "retry-after: 7"), ModelOverloaded),
    ("408", reply(408, "{}"), ModelUnavailable),
    ("500", reply(500, "<html>oh no</html>", kind="text/html"), ModelUnavailable),
    ("too long", reply(400, '{"error": {"code": "context_length_exceeded"}}'), BudgetExceeded),
    ("cut", cut, ModelUnavailable),
    ("ends early", events(chunk("half"), done=False), ModelUnavailable),
    ("error in body", reply(200, '{"error": {"message": "overloaded"}}'), ModelUnavailable),
    ("error in stream", events({"error": {"message": "overloaded"}}), ModelUnavailable),
    ("empty body", reply(200, b"", kind="text/event-stream"), BadAnswer),
    ("empty choices", events({"choices": []}), BadAnswer),
    ("no choices, whole", reply(200, '{"choices": []}'), BadAnswer),
    ("html", reply(200, "<html>hi</html>", kind="text/html"), BadAnswer),
    ("invalid json", events('{"choices": [{"del'), BadAnswer),
    ("invalid json, whole", reply(200, "{{{"), BadAnswer),
    ("invalid utf-8", reply(200, b"data: \xff\xfe\n\n", kind="text/event-stream"), BadAnswer),
    ("deep json", events("[" * 100_000), BadAnswer),
    ("a number", events("42"), BadAnswer),
    ("choices of a wrong type", events({"choices": 7}), BadAnswer),
    ("choice of a wrong type", events({"choices": ["x"]}), ModelUnavailable),
    ("refusal", events({"choices": [{"delta": {"refusal": "no"}}]}), ModelRefused),
    ("filtered", events(chunk("", "content_filter")), ModelRefused),
    ("not http", b"SSH-2.0-OpenSSH\r\n", ModelUnavailable),
    ("hangs up", b"", ModelUnavailable),
]


@pytest.mark.parametrize(
    ("answer", "error"), [f[1:] for f in FAILURES], ids=[f[0] for f in FAILURES]
)
async def test_each_failure_has_its_name_and_tells_no_secret(
    answer: bytes | Script, error: type[ModelError]
) -> None:
    with pytest.raises(ModelError) as raised:
        await answered(answer)
    assert type(raised.value) is error
    shown = str(raised.value) + repr(raised.value.__cause__)
    assert KEY not in shown
    assert WORDS not in shown


@pytest.mark.parametrize("answer", [hang, hang_midway])
async def test_a_server_that_hangs_is_left_at_the_deadline(answer: Script) -> None:
    async with endpoint(answer) as served:
        with pytest.raises(DeadlineExceeded, match="did not finish"):
            await complete(chat(served.url), asking(0.3))
        await served.left.wait()  # the connection was closed, so the server can stop


async def test_the_deadline_holds_for_a_reader_that_streams_by_itself() -> None:
    async with endpoint(hang_midway) as served:
        stream = chat(served.url).stream(asking(0.3))
        assert (await anext(stream)).text == "half an "
        with pytest.raises(DeadlineExceeded):
            await anext(stream)


async def test_a_reader_that_leaves_closes_the_connection() -> None:
    async with endpoint(hang_midway) as served:
        heard = asyncio.Event()
        call = complete(chat(served.url), asking(), lambda _: heard.set())
        task = asyncio.create_task(call)
        await heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await served.left.wait()


async def test_no_server_at_all_is_unavailable() -> None:
    async with endpoint(GOOD) as served:
        url = served.url
    with pytest.raises(ModelUnavailable, match="no connection to 127"):
        await complete(chat(url), asking())


async def test_retry_after_is_told() -> None:
    with pytest.raises(ModelOverloaded) as raised:
        await answered(reply(429, "{}", "retry-after: 7"))
    assert raised.value.retry_after == 7


async def test_options_that_an_endpoint_refuses_are_left_out_and_remembered() -> None:
    async def picky(body: dict[str, object], writer: asyncio.StreamWriter) -> None:
        shape = body.get("response_format")
        if "stream_options" in body:
            writer.write(reply(400, '{"error": {"param": "stream_options"}}'))
        elif "max_tokens" in body:
            said = "Unsupported parameter: 'max_tokens', use 'max_completion_tokens'"
            writer.write(reply(400, json.dumps({"error": {"message": said}})))
        elif shape is not None and shape["json_schema"]["strict"]:  # type: ignore[index]
            writer.write(reply(422, '{"error": {"message": "response_format: maxLength"}}'))
        else:
            writer.write(saying("fine"))

    async with endpoint(picky) as served:
        model = chat(served.url)
        request = asking(schema={"type": "object"})
        assert (await complete(model, request)).text == "fine"
        assert len(served.bodies) == 4
        assert (await complete(model, request)).text == "fine"
        assert len(served.bodies) == 5
        last = served.bodies[-1]
    assert last["max_completion_tokens"] == 512
    assert last["response_format"]["json_schema"]["strict"] is False  # type: ignore[index]


async def test_an_endpoint_that_refuses_everything_is_given_up() -> None:
    said = json.dumps({"error": {"message": "temperature, seed, max_tokens, stream_options?"}})
    async with endpoint(reply(400, said)) as served:
        with pytest.raises(ModelRefused):
            await complete(chat(served.url), asking(schema={}, seed=1))
        assert len(served.bodies) <= 7


def test_one_model_serves_many_event_loops() -> None:
    async def twice() -> list[str]:
        async with endpoint(GOOD) as served:
            model._base_url = served.url
            return [(await complete(model, asking())).text for _ in range(2)]

    model = chat("http://127.0.0.1:1/v1")
    assert [asyncio.run(twice()) for _ in range(2)] == [["hello there"] * 2] * 2


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://x/v1", "http://"])
def test_a_base_url_that_is_none_is_a_setting_to_mend(url: str) -> None:
    with pytest.raises(SettingsError, match="base URL"):
        chat(url)


def test_a_key_that_no_header_can_carry_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingsError) as raised:
        OpenAIChat(base_url="http://127.0.0.1/v1", model="m", api_key="schlüssel")
    assert "schlüssel" not in str(raised.value)


def test_the_client_is_imported_only_when_a_call_is_made() -> None:
    code = (
        "import sys; from assistant.llm.openai import OpenAIChat; "
        "OpenAIChat(base_url='http://127.0.0.1/v1', model='m'); print('openai' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
