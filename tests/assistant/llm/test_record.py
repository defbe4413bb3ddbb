"""Recording real traffic and replaying it to the letter."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import ModelOverloaded, ModelUnavailable, RecordingMissing
from assistant.llm import record
from assistant.llm.complete import complete
from assistant.llm.record import Recorder, Replay
from assistant.llm.recording import key
from assistant.llm.scripted import Scripted
from assistant.llm.types import ChatRequest, Delta, Message, TokenChoice, Usage
from assistant.settings import Settings

ASKED = ChatRequest(
    messages=(Message(role="user", content="größer \ud800"),),
    schema={"type": "object"},
    prompt="rerank@v1#0123abcd",
)
USED = Usage(prompt_tokens=9, completion_tokens=4, cached_tokens=1, reasoning_tokens=2)


async def test_a_replay_gives_the_same_pieces_finish_and_usage(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "recording.json"
    weights = tmp_path / "weights.gguf"
    weights.write_bytes(b"abc")
    with Recorder(Scripted([["one ", "two"]], usage=USED), path, weights=weights) as recorder:
        heard: list[str] = []
        first = await complete(recorder, ASKED, heard.append)
    replay = Replay(path)
    again: list[str] = []
    assert await complete(replay, ASKED, again.append) == first
    assert again == heard == ["one ", "two"]
    assert replay.name == recorder.name == "scripted"
    held = json.loads(path.read_text(encoding="utf-8"))
    assert held["sha256"].startswith("ba7816bf")  # of "abc", FIPS 180-2
    assert held["prompts"] == ["rerank@v1#0123abcd"]
    assert "größer" not in path.read_text(encoding="utf-8")


async def test_a_request_that_was_not_recorded_names_the_command(tmp_path: Path) -> None:
    path = tmp_path / "films.json"
    Recorder(Scripted([]), path, again="python -m assistant.llm.record --out films.json").save()
    with pytest.raises(RecordingMissing) as raised:
        await complete(Replay(path), ASKED)
    said = str(raised.value)
    assert "films.json holds no answer to rerank@v1#0123abcd" in said
    assert "record it again: python -m assistant.llm.record --out films.json" in said


async def test_a_recording_from_before_reasoning_was_counted_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    with Recorder(Scripted(["x"], usage=USED), path) as recorder:
        await complete(recorder, ASKED)
    held = json.loads(path.read_text(encoding="utf-8"))
    del held["calls"][key(ASKED)]["usage"]["reasoning_tokens"]
    path.write_text(json.dumps(held), encoding="utf-8")
    assert (await complete(Replay(path), ASKED)).usage == replace(USED, reasoning_tokens=0)


async def test_failures_are_recorded_as_failures(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    other = replace(ASKED, seed=2)
    script = Scripted([["half", ModelUnavailable("down")], ModelOverloaded("b", retry_after=4)])
    with Recorder(script, path) as recorder:
        for request in (ASKED, other):
            with pytest.raises((ModelUnavailable, ModelOverloaded)):
                await complete(recorder, request)
    with pytest.raises(ModelUnavailable, match="down"):
        await complete(Replay(path), ASKED)
    with pytest.raises(ModelOverloaded) as raised:
        await complete(Replay(path), other)
    assert raised.value.retry_after == 4


async def test_log_probabilities_are_replayed_with_the_piece_they_belong_to(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    asked = replace(ASKED, top_logprobs=2)
    told = (TokenChoice("b", {"b": -0.25, "c": -1.5}), TokenChoice("d", {"d": 0.0}))
    pieces = [Delta(text="a"), Delta(text="bd", logprobs=told), Delta(logprobs=told[:1])]
    with Recorder(Scripted([pieces, "plain"]), path) as recorder:
        first = await complete(recorder, asked)
        await complete(recorder, ASKED)
    assert first.logprobs == (*told, told[0])
    replayed = [delta async for delta in Replay(path).stream(asked)]
    assert replayed == [*pieces, Delta(finish="stop")]
    held = json.loads(path.read_text(encoding="utf-8"))["calls"]
    assert "logprobs" not in held[key(ASKED)]


def test_only_a_request_that_wants_log_probabilities_has_another_key() -> None:
    plain = ChatRequest(messages=(Message(role="user", content="hello"),))
    # as recorded before there were any
    assert key(plain) == "e9e569ca01c87dd49c542defd494411f1f6bd13e2baaf99498edb8ada7b56ab8"
    assert len({key(replace(plain, top_logprobs=n)) for n in (0, 1, 5)}) == 3


async def test_notes_are_passed_on_and_not_recorded(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    script = Scripted([[Delta(note="asked again"), "x"]])
    with Recorder(script, path) as recorder:
        assert (await complete(recorder, ASKED)).notes == ("asked again",)
    replayed = [delta async for delta in Replay(path).stream(ASKED)]
    assert replayed == [Delta(text="x"), Delta(finish="stop")]


async def test_nothing_is_written_when_the_recorded_run_fails(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    with pytest.raises(ModelUnavailable), Recorder(Scripted([]), path) as recorder:
        await complete(recorder, ASKED)
    assert not path.exists()


def test_all_that_could_change_the_answer_changes_the_key_and_the_deadline_does_not() -> None:
    assert key(replace(ASKED, deadline=1.5)) == key(ASKED)
    changed = [
        replace(ASKED, seed=1),
        replace(ASKED, temperature=0.5),
        replace(ASKED, max_tokens=7),
        replace(ASKED, schema=None),
        replace(ASKED, prompt="rerank@v2#0"),
        replace(ASKED, messages=(Message(role="system", content="größer \ud800"),)),
    ]
    assert len({key(request) for request in [ASKED, *changed]}) == 7


def test_a_file_that_is_no_recording_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingMissing, match=r"no recording at .*none\.json"):
        Replay(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(RecordingMissing, match="not a recording"):
        Replay(tmp_path / "bad.json")


def test_the_command_explains_how_a_recording_is_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        record.main(["--help"])
    assert ended.value.code == 0
    assert "PALATE_LLM_BASE_URL" in capsys.readouterr().out


def test_the_command_wants_its_messages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        record.main(["--out", str(tmp_path / "r.json"), "--messages", str(tmp_path / "none")])
    assert ended.value.code == 2
    assert "no file of messages" in capsys.readouterr().err


def _answers(request: ChatRequest) -> str:
    if request.schema_name != "ranking":
        return json.dumps({"act": "recommend", "include": [], "text": "quiet"})
    assert request.schema is not None
    handles = request.schema["properties"]["ranking"]["items"]["enum"]  # type: ignore[index]
    return json.dumps({"ranking": handles[::-1], "claims": []})


def test_a_recorded_conversation_replays_to_the_same_replies(
    film_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def settings(name: str) -> Settings:
        shutil.copytree(film_home, tmp_path / name)
        return Settings(home=tmp_path / name, encoder="hashed")

    path = tmp_path / "talk.json"
    talk = ["a quiet western", "something newer"]
    with Recorder(Scripted(_answers), path) as recorder:
        first = record.play(recorder, settings("one"), talk, "talk")
    replay = Replay(path)
    again = record.play(replay, settings("two"), talk, "talk")
    assert [r.text for r in again] == [r.text for r in first]
    assert [r.cards for r in again] == [r.cards for r in first]
    assert not any(r.degraded for r in again)
    assert set(replay.asked) == set(recorder.recording.calls)
    assert "> a quiet western" in capsys.readouterr().out


def test_the_command_wants_an_endpoint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    messages = tmp_path / "m.txt"
    messages.write_text("hello\n")
    with pytest.raises(SystemExit) as ended:
        record.main(["--out", str(tmp_path / "r.json"), "--messages", str(messages)])
    assert ended.value.code == 2
    assert "PALATE_LLM_BASE_URL" in capsys.readouterr().err
