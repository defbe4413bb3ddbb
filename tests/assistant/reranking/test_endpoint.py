"""The rerank endpoint against a server that misbehaves in every way we know of."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from assistant.llm.tokens import encode
from assistant.llm.types import ScoreModel, Usage
from assistant.reranking.endpoint import RerankEndpoint
from tests.assistant.llm.server import Script, endpoint, reply

KEY = "sk-very-secret"
WORDS = "what the person wrote"
DOCUMENTS = ("a red book", "a blue film", "grün")

Answered = tuple[tuple[float | None, ...], Usage]


def results(*entries: object, **more: object) -> bytes:
    return reply(200, json.dumps({"results": entries, **more}))


def entry(index: object, score: object) -> dict[str, object]:
    return {"index": index, "relevance_score": score}


GOOD = results(entry(2, 0.9), entry(0, 0.5), entry(1, -3), usage={"total_tokens": 7})


def asked_at(url: str, key: str = KEY) -> RerankEndpoint:
    return RerankEndpoint(url=f"{url}/rerank", model="small", api_key=key)


async def scored(
    answer: bytes | Script, documents: Sequence[str] = DOCUMENTS, deadline: float = 20.0
) -> Answered:
    async with endpoint(answer) as served:
        model: ScoreModel = asked_at(served.url)
        return await model.score(WORDS, documents, deadline=deadline)


async def from_handler(handler: Any, documents: Sequence[str] = DOCUMENTS) -> Answered:
    transport = httpx2.MockTransport(handler)
    model = RerankEndpoint(url="http://127.0.0.1/rerank", model="m", transport=transport)
    return await model.score(WORDS, documents, deadline=20)


async def test_each_document_gets_the_score_that_stands_beside_its_number() -> None:
    assert await scored(GOOD) == ((0.5, -3.0, 0.9), Usage(prompt_tokens=7))


async def test_the_request_is_as_the_protocol_has_it() -> None:
    async with endpoint(GOOD) as served:
        await asked_at(served.url).score(WORDS, DOCUMENTS, deadline=20)
        assert served.keys == [f"bearer {KEY}"]
        assert served.bodies == [
            {"model": "small", "query": WORDS, "documents": list(DOCUMENTS), "top_n": 3}
        ]


async def test_the_url_is_asked_as_it_stands_and_without_a_key_there_is_no_header() -> None:
    seen: list[httpx2.Request] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"results": [entry(0, 1)]})

    url = "http://127.0.0.1:8000/v2/rerank?version=3"
    model = RerankEndpoint(url=url, model="m", transport=httpx2.MockTransport(handler))
    await model.score("q", ["d"], deadline=20)
    assert str(seen[0].url) == url
    assert "authorization" not in seen[0].headers
    assert model.name == "m"


async def test_no_documents_are_not_asked_about() -> None:
    async with endpoint(GOOD) as served:
        assert await asked_at(served.url).score("q", [], deadline=20) == ((), Usage())
        assert served.bodies == []


async def test_text_that_no_server_could_read_is_made_readable() -> None:
    async with endpoint(GOOD) as served:
        odd = ("half \ud83d of a pair", "\ud83d\ude00 whole", "\x00\u2028")
        await asked_at(served.url).score("\udfff", odd, deadline=20)
        (body,) = served.bodies
    assert body["query"] == "\ufffd"
    assert body["documents"] == ["half \ufffd of a pair", "😀 whole", "\x00\u2028"]


async def test_the_name_score_is_read_too() -> None:
    answer = results({"index": 1, "score": 2}, {"index": 0, "score": 1.5}, {"index": 2})
    assert (await scored(answer))[0] == (1.5, 2.0, None)


async def test_usage_is_estimated_where_no_tokens_were_reported() -> None:
    billed = {"billed_units": {"search_units": 1}}
    _, usage = await scored(results(entry(0, 1), meta=billed))
    # The query is read with each of the three documents.
    expected = 3 * len(encode(WORDS)) + sum(len(encode(d)) for d in DOCUMENTS)
    assert usage == Usage(prompt_tokens=expected, estimated=True)


@pytest.mark.parametrize("total", [-1, True, "7", None, 7.5])
async def test_nonsense_usage_is_not_believed(total: object) -> None:
    assert (await scored(results(entry(0, 1), usage={"total_tokens": total})))[1].estimated


GOOD_ONE = entry(0, 0.25)
SINGLE: list[tuple[str, object]] = [
    ("index is text", entry("1", 9)),
    ("index is a float", entry(1.0, 9)),
    ("index is a boolean", entry(True, 9)),
    ("index is missing", {"relevance_score": 9}),
    ("not an object", [1, 9]),
    ("null", None),
    ("score is text", entry(1, "9")),
    ("score is a boolean", entry(1, True)),
    ("score is missing", {"index": 1}),
    ("score is NaN", entry(1, math.nan)),
    ("score is infinite", entry(1, math.inf)),
    ("score is beyond a float", entry(1, 10**400)),
    ("score is a list", entry(1, [9])),
]


@pytest.mark.parametrize("bad", [s[1] for s in SINGLE], ids=[s[0] for s in SINGLE])
async def test_an_entry_that_is_wrong_in_itself_costs_only_its_own_score(bad: object) -> None:
    answer = results(bad, GOOD_ONE, entry(2, 0.5))
    assert (await scored(answer))[0] == (0.25, None, 0.5)


async def test_a_document_named_twice_has_no_score() -> None:
    answer = results(entry(1, 0.9), entry(0, 0.5), entry(1, 0.1), entry(1, 0.9))
    assert (await scored(answer))[0] == (0.5, None, None)


async def test_an_endpoint_that_counts_from_one_is_not_believed_at_all() -> None:
    with pytest.raises(BadAnswer, match="not among the 3"):
        await scored(results(entry(1, 0.9), entry(2, 0.5), entry(3, 0.1)))


async def hang(body: object, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"


async def hang_midway(body: object, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b'c\r\n{"results": \r\n')
    await asyncio.Event().wait()


async def cut(body: object, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b'c\r\n{"results": \r\n')
    await writer.drain()
    writer.transport.abort()


async def endless(body: object, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    while True:
        writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        await writer.drain()


PACKED = reply(200, gzip.compress(b'{"results": []}'), "content-encoding: gzip")
FAILURES: list[tuple[str, bytes | Script, type[ModelError]]] = [
    ("401", reply(401, '{"message": "bad key sk-very-secret"}'), ModelRefused),
    ("403", reply(403, "{}"), ModelRefused),
    ("404", reply(404, "no such model"), ModelRefused),
    ("422", reply(422, '{"detail": "what the person wrote is bad"}'), ModelRefused),
    ("307", reply(307, "", "location: http://127.0.0.1:9/"), ModelRefused),
    ("429", reply(429, "{}", "retry-after: 7"), ModelOverloaded),
    ("503 busy", reply(503, "{}", "retry-after: 7"), ModelOverloaded),
    ("500", reply(500, b"\xff\xfe oh no", kind="text/html"), ModelUnavailable),
    ("500, long", reply(500, b"x" * 5_000_000), ModelUnavailable),
    ("too long", reply(400, '{"message": "exceeds the context length"}'), BudgetExceeded),
    ("cut", cut, ModelUnavailable),
    ("hangs up", b"", ModelUnavailable),
    ("not http", b"SSH-2.0-OpenSSH\r\n", ModelUnavailable),
    ("error in body", reply(200, '{"error": {"message": "what the person wrote"}}'), BadAnswer),
    ("message in body", reply(200, '{"message": "invalid api token"}'), BadAnswer),
    ("error beside results", results(GOOD_ONE, error="half of it failed"), BadAnswer),
    ("204", reply(204, ""), BadAnswer),
    ("empty body", reply(200, ""), BadAnswer),
    ("html", reply(200, "<html>hi</html>", kind="text/html"), BadAnswer),
    ("invalid utf-8", reply(200, b'{"results": "\xff\xfe"}'), BadAnswer),
    ("deep json", reply(200, "[" * 100_000), BadAnswer),
    ("huge number", reply(200, '{"results": ' + "9" * 5000 + "}"), BadAnswer),
    ("a list", reply(200, '[{"index": 0, "score": 1}]'), BadAnswer),
    ("a number", reply(200, "42"), BadAnswer),
    ("results missing", reply(200, "{}"), BadAnswer),
    ("results an object", reply(200, '{"results": {"0": 1}}'), BadAnswer),
    ("no results", results(), BadAnswer),
    ("no usable score", results(entry(0, None), entry("1", 1)), BadAnswer),
    ("negative index", results(GOOD_ONE, entry(-1, 1)), BadAnswer),
    ("index out of range", results(GOOD_ONE, entry(3, 1)), BadAnswer),
    ("packed", PACKED, BadAnswer),
    ("endless", endless, BadAnswer),
]


@pytest.mark.parametrize(
    ("answer", "error"), [f[1:] for f in FAILURES], ids=[f[0] for f in FAILURES]
)
async def test_each_failure_has_its_name_and_tells_no_secret(
    answer: bytes | Script, error: type[ModelError]
) -> None:
    with pytest.raises(ModelError) as raised:
        await scored(answer)
    assert type(raised.value) is error
    shown = str(raised.value) + repr(raised.value.__cause__)
    for secret in (KEY, WORDS, DOCUMENTS[0], "oh no"):
        assert secret not in shown


async def test_retry_after_is_told() -> None:
    with pytest.raises(ModelOverloaded) as raised:
        await scored(reply(429, "{}", "retry-after: 7"))
    assert raised.value.retry_after == 7


@pytest.mark.parametrize("answer", [hang, hang_midway])
async def test_a_server_that_hangs_is_left_at_the_deadline(answer: Script) -> None:
    async with endpoint(answer) as served:
        with pytest.raises(DeadlineExceeded, match="did not finish"):
            await asked_at(served.url).score(WORDS, DOCUMENTS, deadline=0.3)
        await served.left.wait()  # the connection was closed, so the server can stop


async def test_a_caller_that_leaves_closes_the_connection() -> None:
    asked = asyncio.Event()

    async def slow(body: object, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await asyncio.Event().wait()

    async with endpoint(slow) as served:
        call = asked_at(served.url).score(WORDS, DOCUMENTS, deadline=20)
        task = asyncio.create_task(call)
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await served.left.wait()


async def test_no_server_at_all_is_unavailable() -> None:
    async with endpoint(GOOD) as served:
        url = served.url
    with pytest.raises(ModelUnavailable, match=r"connection to 127\.0\.0\.1:\d+ failed"):
        await asked_at(url).score(WORDS, DOCUMENTS, deadline=20)


@pytest.mark.parametrize(
    "error",
    [
        httpx2.ConnectTimeout("t"),
        httpx2.RemoteProtocolError("r"),
        httpx2.DecodingError("d"),
        httpx2.InvalidURL("u"),
        httpx2.StreamClosed(),
        TimeoutError(WORDS),
        OSError(WORDS),
        UnicodeError(WORDS),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_the_network_raises_is_unavailable(error: Exception) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        raise error

    with pytest.raises(ModelUnavailable) as raised:
        await from_handler(handler)
    assert WORDS not in str(raised.value)


async def test_a_body_of_four_megabytes_is_read_and_no_byte_more() -> None:
    good = json.dumps({"results": [entry(0, 1)]}).encode()

    def sized(size: int) -> Any:
        return lambda _: httpx2.Response(200, content=good.ljust(size))

    assert (await from_handler(sized(4_000_000)))[0] == (1.0, None, None)
    with pytest.raises(BadAnswer, match="more than 4000000 bytes"):
        await from_handler(sized(4_000_001))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
ENTRIES = VALUES | st.fixed_dictionaries(
    {},
    optional={
        "index": st.integers(-1, 4) | VALUES,
        "relevance_score": st.floats() | VALUES,
        "score": st.floats() | VALUES,
    },
)
BODIES = st.fixed_dictionaries(
    {"results": st.lists(ENTRIES, max_size=6) | VALUES},
    optional={"usage": VALUES | st.dictionaries(st.just("total_tokens"), VALUES), "error": VALUES},
)


def meant(entries: list[Any], place: int) -> set[float]:
    """The numbers that stand beside this place, told as plainly as possible."""
    beside = [
        e.get("relevance_score", e.get("score"))
        for e in entries
        if isinstance(e, dict) and type(e.get("index")) is int and e["index"] == place
    ]
    return {float(v) for v in beside if type(v) in {int, float} and abs(v) < 1e308}


@given(BODIES)
def test_no_answer_gives_a_document_the_score_of_another(body: dict[str, Any]) -> None:
    handler = lambda _: httpx2.Response(200, content=json.dumps(body))  # noqa: E731
    try:
        scores, usage = asyncio.run(from_handler(handler))
    except BadAnswer:
        return
    assert len(scores) == len(DOCUMENTS)
    assert usage.prompt_tokens >= 0
    for place, score in enumerate(scores):
        assert score is None or abs(score) >= 1e308 or meant(body["results"], place) == {score}


@given(
    st.binary(max_size=200) | st.text(alphabet='{}[]":,0123456789eN results index').map(str.encode)
)
def test_no_bytes_raise_anything_but_an_error_of_ours(body: bytes) -> None:
    try:
        scores, _ = asyncio.run(from_handler(lambda _: httpx2.Response(200, content=body)))
    except BadAnswer:
        return
    assert len(scores) == len(DOCUMENTS)


def test_one_model_serves_many_event_loops() -> None:
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(200, json={"results": [entry(0, 1)]})
    )
    model = RerankEndpoint(url="http://127.0.0.1/rerank", model="m", transport=transport)

    async def twice() -> list[Answered]:
        return [await model.score("q", ["d"], deadline=20) for _ in range(2)]

    assert asyncio.run(twice()) == asyncio.run(twice())


@pytest.mark.parametrize(
    "url", ["", "localhost:8000", "ftp://x/v1", "http://", "http://x:port/", "http://[1/"]
)
def test_a_url_that_is_none_is_a_setting_to_mend(url: str) -> None:
    with pytest.raises(SettingsError, match="not the URL"):
        RerankEndpoint(url=url, model="m")


@pytest.mark.parametrize("key", ["schlüssel", "two\nlines"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(SettingsError) as raised:
        RerankEndpoint(url="http://127.0.0.1/", model="m", api_key=key)
    assert key not in str(raised.value)


def test_the_client_is_imported_only_when_a_call_is_made() -> None:
    code = (
        "import sys; from assistant.reranking.endpoint import RerankEndpoint; "
        "RerankEndpoint(url='http://127.0.0.1/', model='m'); print('httpx2' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
