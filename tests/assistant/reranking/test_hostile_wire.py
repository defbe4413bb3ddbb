"""The re-ranker over a real socket, before endpoints that do everything wrong."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from assistant.llm import capped
from assistant.llm.openai import OpenAIChat
from assistant.reranking import Limits, RankResult, Reranker
from tests.assistant.llm.server import OPEN, Script, chunk, endpoint, events, part, reply, saying
from tests.assistant.reranking.answering import LINE, codes, ids, pool
from tests.assistant.reranking.test_hostile import valid

KEY = "sk-very-secret"
WISH = "the words of a wish"
SSE = "text/event-stream"


async def hang(body: object, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def hang_midway(body: object, writer: asyncio.StreamWriter) -> None:
    writer.write(OPEN + part(chunk('{"ranking": [')))
    await asyncio.Event().wait()


async def reset(body: object, writer: asyncio.StreamWriter) -> None:
    writer.write(OPEN + part(chunk('{"ranking": [')))
    await writer.drain()
    writer.transport.abort()


async def garbled_chunks(body: object, writer: asyncio.StreamWriter) -> None:
    writer.write(OPEN + part(chunk("half")) + b"zzzz\r\nnot a chunk\r\n")


async def endless(body: object, writer: asyncio.StreamWriter) -> None:
    writer.write(OPEN)
    while True:
        writer.write(part(chunk("no end " * 5_000)))
        await writer.drain()


def endless_line(status: int) -> Script:
    async def play(body: object, writer: asyncio.StreamWriter) -> None:
        writer.write(OPEN.replace(b"200 OK", f"{status} X".encode()) + b"6\r\ndata: \r\n")
        while True:
            writer.write(b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n")
            await writer.drain()

    return play


def whole(message: object, finish: object = "stop") -> bytes:
    return reply(200, json.dumps({"choices": [{"message": message, "finish_reason": finish}]}))


ECHO = json.dumps({"error": {"message": f"bad request: {WISH} {KEY}"}})
HTML = f"<html><body>{WISH} {KEY}</body></html>"

FAULTS: dict[str, tuple[bytes | Script, str]] = {
    **{
        f"{status} {name}": (reply(status, body, kind=kind), code)
        for status, code in [(400, "refused"), (401, "refused"), (403, "refused"),
                             (404, "refused"), (429, "overloaded"), (500, "unavailable"),
                             (502, "unavailable"), (503, "unavailable")]
        for name, body, kind in [("JSON", ECHO, "application/json"), ("HTML", HTML, "text/html"),
                                 ("empty", "", "text/plain")]
    },
    "429 and a time to wait": (reply(429, ECHO, "retry-after: 9"), "overloaded"),
    "503 and a time to wait": (reply(503, "", "retry-after: 9"), "overloaded"),
    "hangs": (hang, "deadline"),
    "hangs midway": (hang_midway, "deadline"),
    "reset midway": (reset, "unavailable"),
    "garbled chunks": (garbled_chunks, "unavailable"),
    "hangs up": (b"", "unavailable"),
    "invalid UTF-8": (reply(200, b"data: \xff\xfe\n\n", kind=SSE), "bad_answer"),
    "invalid UTF-8, whole": (reply(200, b'{"choices": "\xff"}'), "bad_answer"),
    "error in a good body": (reply(200, ECHO), "unavailable"),
    "error in the stream": (events(json.loads(ECHO)), "unavailable"),
    "broken lines": (events('{"choices": [{"del'), "bad_answer"),
    "broken later": (events(chunk("half"), "{oops"), "bad_answer"),
    "no JSON": (reply(200, "hello"), "bad_answer"),
    "HTML with 200": (reply(200, HTML, kind="text/html"), "bad_answer"),
    "a wrong content type": (reply(200, "{}", kind="image/png"), "bad_answer"),
    "no choices": (reply(200, "{}"), "bad_answer"),
    "empty choices": (reply(200, '{"choices": []}'), "bad_answer"),
    "choices a number": (reply(200, '{"choices": 7}'), "bad_answer"),
    "choices a text": (reply(200, '{"choices": "x"}'), "bad_answer"),
    "a choice of null": (reply(200, '{"choices": [null]}'), "bad_answer"),
    "content a list": (whole({"content": [{"type": "text", "text": "x"}]}), "bad_answer"),
    "content a number": (whole({"content": 42}), "bad_answer"),
    "content null": (whole({"content": None}), "bad_answer"),
    "a message of null": (whole(None), "bad_answer"),
    "a finish of a wrong type": (whole({"content": ""}, {"a": 1}), "bad_answer"),
    "a refusal": (whole({"content": None, "refusal": WISH}), "refused"),
    "filtered": (whole({"content": ""}, "content_filter"), "refused"),
    "tool calls only": (whole({"tool_calls": [{"id": "1"}]}, "tool_calls"), "bad_answer"),
    "an empty stream": (saying(""), "bad_answer"),
    "a refusal in words": (saying("I am sorry, ", "I cannot."), "bad_answer"),
    "endless": (endless, "cut_answer"),
}  # fmt: skip


async def ranked(answer: bytes | Script, deadline: float = 60.0) -> RankResult:
    async with endpoint(answer) as served:
        model = OpenAIChat(base_url=served.url, model="small", api_key=KEY)
        limits = Limits(deadline=deadline)
        result = await Reranker(model, limits=limits).arank(WISH, pool(6), 4)
    valid(result, pool(6), 4)
    return result


@pytest.mark.parametrize(("answer", "code"), FAULTS.values(), ids=FAULTS)
async def test_every_fault_of_an_endpoint_is_a_fallback_that_names_it(
    answer: bytes | Script, code: str
) -> None:
    result = await ranked(answer, 0.5 if code == "deadline" else 60.0)
    assert ids(result) == ["i0", "i1", "i2", "i3"]
    assert result.status == "fallback"
    assert code in codes(result)
    said = str(result.issues)
    assert not any(secret in said for secret in (KEY, WISH, "text of"))


@pytest.mark.parametrize("status", [200, 500])
async def test_a_line_without_end_is_cut_at_the_cap(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(capped, "MOST", 500_000)
    result = await ranked(endless_line(status))
    assert (result.status, codes(result)[-1]) == ("fallback", "bad_answer")


async def test_a_usage_beyond_all_measure_is_not_believed() -> None:
    usage = {"prompt_tokens": 10**400, "completion_tokens": 10**30}
    result = await ranked(saying("no", usage=usage))
    assert result.usage.estimated
    assert result.usage.prompt_tokens < 10**6


def ranks(body: dict[str, object], cut: int | None = None) -> str:
    user = body["messages"][1]["content"]  # type: ignore[index]
    handles = LINE.findall(user)[::-1][:4]
    return json.dumps({"ranking": handles})[:cut]


async def good(body: dict[str, object], writer: asyncio.StreamWriter) -> None:
    writer.write(saying(ranks(body), usage={"prompt_tokens": 9, "completion_tokens": 9}))


async def half(body: dict[str, object], writer: asyncio.StreamWriter) -> None:
    writer.write(OPEN + part(chunk(ranks(body, 28))))
    await writer.drain()
    writer.transport.abort()


async def test_a_good_answer_is_ok_and_half_of_one_is_partial() -> None:
    result = await ranked(good)
    assert (result.status, result.issues) == ("ok", ())
    result = await ranked(half)
    assert (result.status, codes(result)[0]) == ("partial", "unavailable")


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (good, "ok", None),
        (half, "partial", "unavailable"),
        (reply(500, HTML, kind="text/html"), "fallback", "unavailable"),
        (reply(401, ECHO), "fallback", "refused"),
        (saying("Error: rate limit exceeded"), "fallback", "bad_answer"),
    ],
    ids=["good", "half", "500", "401", "error string"],
)
async def test_the_command_prints_one_object_whatever_the_endpoint_does(
    tmp_path: Path, answer: bytes | Script, status: str, code: str | None
) -> None:
    lines = [json.dumps({"id": c.id, "text": c.text, "prior": c.prior}) for c in pool(6)]
    file = tmp_path / "pool.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    async with endpoint(answer) as served:
        told = {
            "PALATE_LLM_BASE_URL": served.url, "PALATE_LLM_MODEL": "small",
            "PALATE_LLM_API_KEY": KEY, "PALATE_LLM_ATTEMPTS": "1",
        }  # fmt: skip
        run = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from ui.cli import main; main()", "rerank", "--query", WISH,
            "--candidates", str(file), "--top-k", "4", "--json",
            env={**os.environ, **told}, stdout=-1, stderr=-1,
        )  # fmt: skip
        out, err = await run.communicate()
    assert run.returncode == 0, err.decode()
    found = json.loads(out)
    assert len({item["id"] for item in found["items"]}) == len(found["items"]) == 4
    assert found["status"] == status
    assert code in [issue["code"] for issue in found["issues"]] or code is None
    shown = json.dumps(found) + err.decode()
    assert not any(secret in shown for secret in (KEY, WISH, "Traceback"))
