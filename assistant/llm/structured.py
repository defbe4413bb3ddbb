"""Answers in a declared shape: reasoning removed, JSON found, validated, repaired once or refused.

Nothing is scraped: an answer counts only when a JSON object in it satisfies the pydantic model.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import pydantic_core
from pydantic import BaseModel, ValidationError

from assistant.errors import BadAnswer
from assistant.llm.complete import OnText, complete
from assistant.llm.tokens import truncate_to_tokens
from assistant.llm.types import ChatModel, ChatRequest, Message, Usage

Shape = TypeVar("Shape", bound=BaseModel)

REASONING = re.compile(r"<(/?)(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
STARTS = 8
"""How many opening braces are tried as the beginning of the answer; more is not an answer."""

SHOWN = 300
"""Tokens of a bad answer that are shown to the model when it is asked to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[Shape]):
    """A valid answer; ``repaired`` when the first one was not and a second call mended it."""

    value: Shape
    usage: Usage
    repaired: bool = False


async def ask(
    model: ChatModel,
    request: ChatRequest,
    shape: type[Shape],
    *,
    on_text: OnText | None = None,
    repair: bool = True,
) -> Answer[Shape]:
    """Ask for ``shape``; where the answer does not fit, ask once more within the same deadline.

    Raises :class:`~assistant.errors.BadAnswer` when no answer fits, and any other
    :class:`~assistant.errors.ModelError` that the model raises.
    """
    started = time.monotonic()
    reply = await complete(model, request, on_text)
    try:
        return Answer(value=parse(reply.text, shape), usage=reply.usage)
    except BadAnswer as error:
        left = request.deadline - (time.monotonic() - started)
        if not repair or left <= 0:
            raise
        again = mend(request, reply.text, str(error), left)
    second = await complete(model, again, on_text)
    value = parse(second.text, shape)
    return Answer(value=value, usage=reply.usage + second.usage, repaired=True)


def mend(request: ChatRequest, answer: str, wrong: str, deadline: float) -> ChatRequest:
    """The request asked again, with the beginning of the bad answer and what is wrong with it."""
    plea = f"That was not usable: {wrong}. Answer again, with one JSON object only."
    shown = truncate_to_tokens(answer, SHOWN) or "(nothing)"
    talk = (Message(role="assistant", content=shown), Message(role="user", content=plea))
    return replace(request, messages=request.messages + talk, deadline=deadline)


def parse(text: str, shape: type[Shape]) -> Shape:
    """The first JSON object in the text that satisfies ``shape``.

    Raises :class:`~assistant.errors.BadAnswer`; its message names the fields that are wrong, not
    what they hold.
    """
    wrong = "it holds no JSON object" if text.strip() else "it is empty"
    for found in objects(text):
        try:
            return shape.model_validate(found)
        except ValidationError as error:
            wrong = describe(error)
    raise BadAnswer(wrong)


def describe(error: ValidationError, whole: str = "answer") -> str:
    """Up to three faults, each as the field's place and what is wrong there.

    A fault of no field in particular is one of the ``whole``; without a word for that, of nothing.
    """
    faults = error.errors(include_input=False, include_url=False, include_context=False)[:3]
    places = (".".join(str(part) for part in f["loc"]) or whole for f in faults)
    return "; ".join(
        f"{place}: {f['msg']}" if place else f["msg"]
        for place, f in zip(places, faults, strict=True)
    )


def objects(text: str) -> Iterator[dict[str, object]]:
    """JSON objects in the text, in order: at its beginning, in a fence, or within prose.

    The last one may be cut off (by a token limit, a broken stream): what of it is whole is given.
    Time is linear in the text: at most :data:`STARTS` beginnings are tried.
    """
    text = without_reasoning(text)
    decoder = json.JSONDecoder()
    start, cut = text.find("{"), -1
    for _ in range(STARTS):
        if start < 0:
            break
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            cut, end = (start if cut < 0 else cut), start + 1
        else:
            if isinstance(found, dict):
                yield found
        start = text.find("{", end)
    if cut >= 0:
        try:
            partial = pydantic_core.from_json(text[cut:], allow_partial=True)
        except ValueError:
            return
        if isinstance(partial, dict) and partial:
            yield partial


def without_reasoning(text: str) -> str:
    """The text without ``<think>`` blocks; one that is never closed reaches to the end.

    An answer that begins with a brace is left alone: such marks in it are quoted data.
    """
    if text.lstrip().startswith("{"):
        return text
    kept: list[str] = []
    inside, place = False, 0
    for mark in REASONING.finditer(text):
        if mark[1]:
            if not inside:
                kept.clear()  # closed without being opened: all before it was reasoning
            inside = False
        elif not inside:
            kept.append(text[place : mark.start()])
            inside = True
        place = mark.end()
    if not inside:
        kept.append(text[place:])
    return "".join(kept)
