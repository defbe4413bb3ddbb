"""Record a model's real traffic, and replay it without the model.

    with Recorder(model, Path("films.json")) as recorder:
        ...                                   # use it as the ChatModel
    Replay(Path("films.json"))                # answers the same requests the same way

Run as a program it plays a conversation against the configured endpoint and writes the recording.
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path

from assistant import errors
from assistant.errors import ModelError, ModelOverloaded, RecordingMissing
from assistant.llm.openai import OpenAIChat
from assistant.llm.recording import AGAIN, Call, Recording, Tokens, file_sha256, key, read
from assistant.llm.retry import Retrying
from assistant.llm.streams import streaming
from assistant.llm.types import ChatModel, ChatRequest, Delta
from assistant.settings import DEFAULT_MODEL, Settings, load
from assistant.types import Reply

HANDLE_SEED = 1
"""Handles are drawn from this seed while traffic is recorded or replayed."""


class Recorder:
    """A ChatModel that passes everything on and remembers it; ``save`` writes the file.

    As a context manager it saves at the end unless the block raised. An answer that failed is
    recorded as its failure; one whose reader left is not recorded. A request asked twice keeps its
    last answer. Notes are passed on and not recorded: a replay meets none of what they tell of.
    """

    handle_seed = HANDLE_SEED

    def __init__(
        self, model: ChatModel, path: Path, *, weights: Path | None = None, again: str = AGAIN
    ) -> None:
        sha256 = None if weights is None else file_sha256(weights)
        self.recording = Recording(model=model.name, sha256=sha256, again=again)
        self._model = model
        self._path = path

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def stream(self, request: ChatRequest) -> AsyncIterator[Delta]:
        """Answer as the model inside does."""
        call = Call(prompt=request.prompt, chunks=[])
        try:
            async with streaming(self._model, request) as deltas:
                async for delta in deltas:
                    if delta.text or delta.logprobs:
                        call.say(delta)
                    call.finish = delta.finish or call.finish
                    if delta.usage is not None:
                        call.usage = Tokens(**asdict(delta.usage))
                    yield delta
        except ModelError as error:
            call.error, call.message = type(error).__name__, str(error)
            call.retry_after = getattr(error, "retry_after", None)
            self._keep(request, call)
            raise
        self._keep(request, call)

    def _keep(self, request: ChatRequest, call: Call) -> None:
        self.recording.calls[key(request)] = call
        if request.prompt and request.prompt not in self.recording.prompts:
            self.recording.prompts.append(request.prompt)

    def save(self) -> None:
        """Write the file whole or not at all."""
        self.recording.write(self._path)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self.save()


class Replay:
    """A ChatModel that answers from a recording, piece by piece as it was streamed.

    Each piece is a point where other tasks may run. A request that was never recorded raises
    :class:`~assistant.errors.RecordingMissing`, naming the command that records again.
    """

    handle_seed = HANDLE_SEED

    def __init__(self, path: Path) -> None:
        self.recording = read(path)
        self.asked: list[str] = []
        self._path = path

    @property
    def name(self) -> str:
        """The name of the recorded model."""
        return self.recording.model

    async def stream(self, request: ChatRequest) -> AsyncIterator[Delta]:
        """The recorded answer, or the recorded failure."""
        asked = key(request)
        self.asked.append(asked)
        call = self.recording.calls.get(asked)
        if call is None:
            raise RecordingMissing(
                f"{self._path.name} holds no answer to {request.prompt or 'this request'} "
                f"({asked[:12]}); record it again: {self.recording.again}"
            )
        for place, text in enumerate(call.chunks):
            await asyncio.sleep(0)
            yield Delta(text=text, logprobs=call.choices(place))
        if call.error is not None:
            raise _failure(call)
        usage = None if call.usage is None else call.usage.usage()
        yield Delta(finish=call.finish or "stop", usage=usage)


def _failure(call: Call) -> ModelError:
    kind = getattr(errors, call.error or "", ModelError)
    if kind is ModelOverloaded:
        return ModelOverloaded(call.message, retry_after=call.retry_after)
    if isinstance(kind, type) and issubclass(kind, ModelError):
        return kind(call.message)
    return ModelError(call.message)


DESCRIPTION = """\
Record a conversation with the real model, to be replayed in tests without it.

1. Start an OpenAI-compatible endpoint and name it: PALATE_LLM_BASE_URL, PALATE_LLM_MODEL,
   PALATE_LLM_API_KEY (if it wants one).
2. Write the messages of the conversation to a text file, one a line.
3. Run this command. It plays the messages in one session over the workspace, prints what was
   replied, and writes the recording. Handles are seeded, so that the same conversation asks the
   same requests again. A line with "!" names a call that failed: give it more time
   (PALATE_LLM_UNDERSTAND_SECONDS, PALATE_LLM_RERANK_SECONDS) and record anew. Start from a
   workspace in which the session is not known yet.
A change of a prompt, a schema, the catalogue or the retriever changes the requests: a replay then
says which is missing, and this command is run again."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The program. Exit code 0, or 2 with one line when the input or the endpoint is missing."""
    parser = argparse.ArgumentParser(
        prog="python -m assistant.llm.record",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, help="the recording to write")
    parser.add_argument("--messages", type=Path, required=True, help="messages, one a line")
    parser.add_argument("--home", type=Path, help="the workspace (default: PALATE_HOME)")
    parser.add_argument("--weights", type=Path, help="the model's file, for its hash")
    parser.add_argument("--session", default="recording", help="the session's id")
    parser.add_argument("--again", help="the command that records again, if it is not this one")
    given = parser.parse_args(arguments)
    if not given.messages.is_file():
        parser.error(f"no file of messages at {given.messages}")
    settings = load(home=given.home)
    if settings.llm_base_url is None:
        parser.error("no endpoint to record: set PALATE_LLM_BASE_URL and PALATE_LLM_MODEL")
    words = sys.argv[1:] if arguments is None else arguments
    this = "python -m assistant.llm.record " + " ".join(shlex.quote(w) for w in words)
    again = given.again or this
    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else ""
    model = OpenAIChat(
        base_url=settings.llm_base_url, model=settings.llm_model or DEFAULT_MODEL, api_key=key
    )
    lines = given.messages.read_text(encoding="utf-8").splitlines()
    with Recorder(Retrying(model), given.out, weights=given.weights, again=again) as recorder:
        play(recorder, settings, [line for line in lines if line.strip()], given.session)
    return 0


def play(
    model: ChatModel, settings: Settings, messages: Sequence[str], session: str
) -> tuple[Reply, ...]:
    """Play the messages in one session with this model, and print the talk as it goes."""
    from assistant import Assistant  # a whole assistant: only when one is really wanted

    replies = []
    with Assistant.open(settings=settings, model=model, command="record") as assistant:
        for message in messages:
            reply = assistant.reply(session, message)
            replies.append(reply)
            lines = [f"> {message}", reply.text, *(f"  - {c.title}" for c in reply.cards)]
            lines += [f"  ! {d.stage}: {d.reason}" for d in reply.degraded]
            sys.stdout.write("\n".join(lines) + "\n\n")
    return tuple(replies)


if __name__ == "__main__":
    sys.exit(main())
