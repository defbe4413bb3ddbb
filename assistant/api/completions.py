"""``/v1/chat/completions`` and ``/v1/models``, as OpenAI's clients expect them."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.api import models
from assistant.api.answers import event_schema, stream
from assistant.api.chat import MODEL, check_model
from assistant.api.gate import shaped
from assistant.api.problems import Detail, Problem, named
from assistant.api.service import Here, Service, Who
from assistant.errors import AssistantError
from assistant.llm import tokens
from assistant.types import Finished, Reply, Text, TurnEvent
from retrieval.errors import RetrievalError

router = APIRouter(prefix="/v1", tags=["OpenAI's shape"])

Long = Annotated[str, StringConstraints(max_length=100_000)]


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: str
    text: Long = ""


class Message(BaseModel):
    """One message. Those of the person are read; what others said is not."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Long | list[Part] | None = None

    def text(self) -> str:
        """The words of the message, white space around them removed."""
        if isinstance(self.content, list):
            return "\n".join(p.text for p in self.content if p.type == "text").strip()
        return (self.content or "").strip()


class Format(BaseModel):
    """How the content is wanted: as text, or as one JSON object."""

    type: Literal["text", "json_object", "json_schema"] = "text"


class StreamOptions(BaseModel):
    """Whether a stream ends with the usage."""

    include_usage: bool = False


class ChatIn(BaseModel):
    """A conversation whose last message is the person's. Other parameters are passed over."""

    model_config = ConfigDict(allow_inf_nan=False)

    model: Annotated[str, StringConstraints(max_length=100)] = MODEL
    messages: list[Message] = Field(min_length=1, max_length=400)
    stream: bool = False
    stream_options: StreamOptions | None = None
    response_format: Format | None = None
    user: Annotated[str, StringConstraints(min_length=1, max_length=512)] | None = Field(
        None, description="Names the visitor; without it the conversation leaves nothing."
    )


class Slate(BaseModel):
    """What the answer is, as data; clients of OpenAI find it as a further attribute."""

    act: str
    session: str
    turn: int
    items: list[models.CardOut]
    chips: list[str]
    wants: list[models.WantOut]
    degraded: list[models.DegradedOut]


class Said(BaseModel):
    """The answer."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(BaseModel):
    """The one answer that there is."""

    index: int = 0
    message: Said
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class Usage(BaseModel):
    """Tokens of what was sent and answered, as OpenAI's newer models count them."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatOut(BaseModel):
    """A completion, with the slate as data beside its text."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: list[Choice]
    usage: Usage
    palate: Slate


class ModelOut(BaseModel):
    """A model that can be talked to."""

    id: str = MODEL
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "palate"


class ModelsOut(BaseModel):
    """The models that can be talked to."""

    object: Literal["list"] = "list"
    data: list[ModelOut]


STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The completion; with stream, chunks as server-sent events.",
        "content": {"text/event-stream": {"schema": event_schema()}},
    }
}


@router.get("/models", operation_id="listModels")
async def listed(_: Who) -> ModelsOut:
    """The models: Palate."""
    return ModelsOut(data=[ModelOut()])


@router.get("/models/{model}", operation_id="getModel")
async def model(model: Annotated[str, Path(max_length=100)], _: Who) -> ModelOut:
    """One model."""
    check_model(model)
    return ModelOut()


@router.post(
    "/chat/completions",
    operation_id="chat",
    response_model=ChatOut,
    responses=STREAMED,
)
async def complete(body: ChatIn, here: Here, who: Who, request: Request) -> Response:
    """Answer the last message of a conversation."""
    check_model(body.model)
    said = [text for m in body.messages if m.role == "user" and (text := m.text())]
    if body.messages[-1].role != "user" or not body.messages[-1].text():
        what = "the last message must be the person's, and not empty"
        raise Problem("invalid", errors=[Detail(where=["body", "messages"], what=what)])
    events = here.threads.answer(who, body.user, said)
    if body.stream:
        return await stream(_chunks(here, body, events, request))
    async with here.room.place(), aclosing(events):
        async for event in events:
            if isinstance(event, Finished):
                content = _content(body, event.reply)
                usage = await here.apart(_usage, body, content)
                out = ChatOut(
                    id=_new_id(),
                    created=int(time.time()),
                    choices=[Choice(message=Said(content=content))],
                    usage=usage,
                    palate=_slate(event.reply),
                )
                return Response(out.model_dump_json(), media_type="application/json")
    raise AssertionError("a turn ends with Finished")


async def _chunks(
    here: Service, body: ChatIn, events: AsyncGenerator[TurnEvent], request: Request
) -> AsyncGenerator[tuple[str, str]]:
    """The answer piece by piece. The text comes as it is made; JSON, and the slate, at the end."""
    frame = {"id": _new_id(), "created": int(time.time()), "model": MODEL}
    frame["object"] = "chat.completion.chunk"

    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> tuple[str, str]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return "", json.dumps({**frame, "choices": [choice], **more})

    as_json, heard = _as_json(body), ""
    async with here.room.place(), aclosing(events):
        try:
            yield chunk({"role": "assistant", "content": ""})
            async for event in events:
                if isinstance(event, Text) and not as_json:
                    heard += event.text
                    yield chunk({"content": event.text})
                elif isinstance(event, Finished):
                    content = _content(body, event.reply)
                    if content != heard:
                        yield chunk({"content": content.removeprefix(heard)})
                    slate = _slate(event.reply).model_dump(mode="json")
                    yield chunk({}, "stop", palate=slate)
                    if body.stream_options is not None and body.stream_options.include_usage:
                        usage = (await here.apart(_usage, body, content)).model_dump()
                        yield "", json.dumps({**frame, "choices": [], "usage": usage})
            yield "", "[DONE]"
        except (AssistantError, RetrievalError) as error:
            yield "", json.dumps(shaped(named(error), request.url.path, request.state.request))


def _as_json(body: ChatIn) -> bool:
    return body.response_format is not None and body.response_format.type != "text"


def _content(body: ChatIn, reply: Reply) -> str:
    """The answer as its content: words and a numbered list, or one JSON object."""
    if _as_json(body):
        slate = _slate(reply).model_dump(mode="json")
        return json.dumps({"text": reply.text, **slate}, ensure_ascii=False)
    lines = [reply.text]
    for n, card in enumerate(reply.cards, start=1):
        title = f"{card.title} ({card.year})" if card.year else card.title
        said = [title, *([card.price] if card.price else []), card.reason()]
        lines.append(f"{n}. " + " — ".join(part for part in said if part))
    return "\n".join(lines)


def _slate(reply: Reply) -> Slate:
    whole = models.turn(reply)
    return Slate(
        act=whole.act,
        session=whole.session,
        turn=whole.turn,
        items=whole.cards,
        chips=whole.chips,
        wants=whole.wants,
        degraded=whole.degraded,
    )


def _usage(body: ChatIn, content: str) -> Usage:
    sent = _tokens([m.text() for m in body.messages])
    made = _tokens([content])
    return Usage(prompt_tokens=sent, completion_tokens=made, total_tokens=sent + made)


def _tokens(texts: Sequence[str]) -> int:
    return sum(len(tokens.encode(text)) for text in texts)


def _new_id() -> str:
    return f"chatcmpl-{secrets.token_hex(12)}"
