"""The file format of recorded model traffic: what was asked (hashed), and what came back.

A request is known by the SHA-256 of its canonical JSON. The deadline is left out, because how much
time is left differs from run to run; everything that could change the answer is in.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import RecordingMissing
from assistant.llm.types import ChatRequest, Delta, TokenChoice, Usage

AGAIN = "python -m assistant.llm.record --out FILE"


class Tokens(BaseModel):
    """Usage as recorded."""

    model_config = ConfigDict(extra="forbid")

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: bool = False

    def usage(self) -> Usage:
        """As the value used inside."""
        return Usage(**self.model_dump())


class Choice(BaseModel):
    """One token with its alternatives, as recorded."""

    model_config = ConfigDict(extra="forbid")

    token: str
    alternatives: dict[str, float]


class Call(BaseModel):
    """One recorded answer; ``error`` is the kind of failure that ended it, if one did.

    ``logprobs`` are the tokens of each chunk that has any, by its position; None if none has.
    """

    model_config = ConfigDict(extra="forbid")

    prompt: str
    chunks: list[str]
    logprobs: dict[int, list[Choice]] | None = None
    finish: str | None = None
    usage: Tokens | None = None
    error: str | None = None
    message: str = ""
    retry_after: float | None = None

    def say(self, delta: Delta) -> None:
        """Add a piece of the answer."""
        if delta.logprobs:
            told = [
                Choice(token=c.token, alternatives=dict(c.alternatives)) for c in delta.logprobs
            ]
            self.logprobs = {**(self.logprobs or {}), len(self.chunks): told}
        self.chunks.append(delta.text)

    def choices(self, place: int) -> tuple[TokenChoice, ...]:
        """The tokens of a chunk, where they were told."""
        told = (self.logprobs or {}).get(place, ())
        return tuple(TokenChoice(c.token, c.alternatives) for c in told)


class Recording(BaseModel):
    """A whole file. ``sha256`` is the hash of the model's weights where they were at hand."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    model: str
    sha256: str | None = None
    again: str = AGAIN
    prompts: list[str] = []
    calls: dict[str, Call] = {}

    def write(self, path: Path) -> None:
        """Write the file whole or not at all."""
        text = json.dumps(self.model_dump(exclude_none=True), ensure_ascii=False, indent=1)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".part")
        beside.write_text(text + "\n", encoding="utf-8")
        beside.replace(path)


def read(path: Path) -> Recording:
    """Load a recording. Raises :class:`RecordingMissing` when there is none, or it is not one."""
    try:
        return Recording.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise RecordingMissing(f"no recording at {path}; make one: {AGAIN}") from None
    except ValidationError as error:
        raise RecordingMissing(
            f"{path} is not a recording ({error.error_count()} faults)"
        ) from None


def key(request: ChatRequest) -> str:
    """The hash a request is recorded under."""
    asked: dict[str, object] = {
        "messages": [[m.role, m.content] for m in request.messages],
        "schema": request.schema,
        "schema_name": request.schema_name,
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "seed": request.seed,
        "prompt": request.prompt,
    }
    if request.top_logprobs > 0:  # left out otherwise, as in recordings from before there were any
        asked["top_logprobs"] = request.top_logprobs
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
