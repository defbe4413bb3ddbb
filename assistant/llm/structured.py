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

REASONING = re.compile(
    r"<(/?)(?:think|thinking|thought|reasoning|reflection|scratchpad)>", re.IGNORECASE
)
OPENING = re.compile(r'\{\s*["}]')
"""What a JSON object begins with; any other brace is prose or code."""

STARTS = 8
"""How many beginnings may turn out to be none before the rest is given up; more is no answer."""

BLANKS = " \t\r\n"
BLANK = re.compile(rf"[{BLANKS}]*")
"""White space as JSON has it."""

DECODER = json.JSONDecoder()

SHOWN = 300
"""Tokens of a bad answer that are shown to the model when it is asked to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[Shape]):
    """A valid answer; ``repaired`` when the first one was not and a second call mended it.

    ``notes`` are those of both calls.
    """

    value: Shape
    usage: Usage
    repaired: bool = False
    notes: tuple[str, ...] = ()


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
        value = parse(reply.text, shape)
        return Answer(value=value, usage=reply.usage, notes=reply.notes)
    except BadAnswer as error:
        left = request.deadline - (time.monotonic() - started)
        if not repair or left <= 0:
            raise
        again = mend(request, reply.text, str(error), left)
    second = await complete(model, again, on_text)
    return Answer(
        value=parse(second.text, shape),
        usage=reply.usage + second.usage,
        repaired=True,
        notes=reply.notes + second.notes,
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A JSON object in a text. ``whole``: it was not cut off. ``alone``: there was nothing but
    white space beside it."""

    value: dict[str, object]
    whole: bool = True
    alone: bool = False


def objects(text: str) -> Iterator[dict[str, object]]:
    """JSON objects in the text, in order; see :func:`located`."""
    for found in located(text):
        yield found.value


def located(text: str) -> Iterator[Found]:
    """JSON objects in the text, in order: at its beginning, in a fence, or within prose.

    The last one may be cut off (by a token limit, a broken stream): what of it is whole is given.
    Time is linear in the text: what was read is not read again, and at most :data:`STARTS`
    beginnings may turn out to be none.
    """
    kept = without_reasoning(text)
    intact = len(kept) == len(text)
    first, last = _blank(kept, 0), len(kept.rstrip(BLANKS))
    failures, cut, place = 0, -1, 0
    while failures < STARTS and (opening := OPENING.search(kept, place)) is not None:
        start = opening.start()
        decoded = _decoded(kept, start)
        if decoded is None:
            failures += 1
            cut, place = (start if cut < 0 else cut), start + 1
            continue
        value, place = decoded
        yield Found(value=value, alone=intact and (start, place) == (first, last))
    if cut >= 0:
        rest = kept[cut:].encode("utf-8", "replace")  # half a surrogate pair is a TypeError there
        try:
            partial = pydantic_core.from_json(rest, allow_partial=True)
        except ValueError:
            return
        if isinstance(partial, dict) and partial:
            yield Found(value=partial, whole=False)


def without_reasoning(text: str) -> str:
    """The text without ``<think>`` blocks; one that is never closed reaches to the end, one that
    was never opened from the beginning.

    Marks inside a JSON object at the beginning, or right behind a block, are quoted data.
    """
    kept: list[str] = []
    inside, place, tries = False, 0, STARTS
    at = _past_object(text, 0)
    while (mark := REASONING.search(text, at)) is not None:
        if mark[1]:
            if not inside:
                kept.clear()  # closed without being opened: all before it was reasoning
            inside = False
        elif not inside:
            kept.append(text[place : mark.start()])
            inside = True
        place = at = mark.end()
        if not inside and tries:
            tries -= 1
            at = _past_object(text, place)
    if not inside:
        kept.append(text[place:])
    return "".join(kept)


def _past_object(text: str, place: int) -> int:
    """The end of the JSON object that comes next in the text; ``place`` where none does."""
    start = _blank(text, place)
    decoded = _decoded(text, start) if text.startswith("{", start) else None
    return place if decoded is None else decoded[1]


def _decoded(text: str, start: int) -> tuple[dict[str, object], int] | None:
    """The JSON object that begins there, and its end."""
    try:
        return DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None


def _blank(text: str, place: int) -> int:
    """The end of the white space there."""
    found = BLANK.match(text, place)
    return place if found is None else found.end()
