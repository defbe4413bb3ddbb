"""The call itself: ask, follow the stream, and make the most of whatever came."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.errors import (
    BadAnswer,
    BudgetExceeded,
    DeadlineExceeded,
    ModelError,
    ModelOverloaded,
    ModelRefused,
    ModelUnavailable,
)
from assistant.llm.complete import complete, estimate
from assistant.llm.structured import mend
from assistant.llm.types import ChatModel, ChatRequest, Usage
from assistant.reranking.answer import Order, mentions, read
from assistant.reranking.types import Issue
from assistant.reranking.window import Window

OnProgress = Callable[[int, int], None]
"""Called as ``(done, total)`` while the model streams: handles ranked so far, handles wanted."""

CODES: tuple[tuple[type[ModelError], str], ...] = (
    (BadAnswer, "bad_answer"),
    (BudgetExceeded, "budget"),
    (DeadlineExceeded, "deadline"),
    (ModelOverloaded, "overloaded"),
    (ModelRefused, "refused"),
    (ModelUnavailable, "unavailable"),
    (ModelError, "model_error"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The order as read (empty when there is none), all that was wrong, and what it cost."""

    order: Order = field(default_factory=Order)
    issues: tuple[Issue, ...] = ()
    usage: Usage = field(default_factory=Usage)


class Ear:
    """Keeps what was said, and reports each newly ranked handle."""

    def __init__(self, window: Window, on_progress: OnProgress | None) -> None:
        self._handles = frozenset(window.handles)
        self._wanted = window.wanted
        self._longest = max(map(len, window.handles)) + 1
        self._report = on_progress
        self._pieces: list[str] = []
        self._tail = ""
        self._seen: set[str] = set()

    def __call__(self, piece: str) -> None:
        self._pieces.append(piece)
        if self._report is None or len(self._seen) >= self._wanted:
            return
        before = len(self._seen)
        text = self._tail + piece
        self._seen.update(mentions(text, self._handles))
        self._tail = text[-self._longest :]
        if len(self._seen) > before:
            self._report(min(len(self._seen), self._wanted), self._wanted)

    def heard(self) -> str:
        """All that was said so far."""
        return "".join(self._pieces)


async def consult(
    model: ChatModel, window: Window, on_progress: OnProgress | None, *, repair: bool
) -> Verdict:
    """Ask the model to rank a window; ask once more where the answer ranked nothing.

    What arrived before a failure counts as far as it goes. Raises nothing of a model's.
    """
    started = time.monotonic()
    first = await _once(model, window, window.request, on_progress)
    left = window.request.deadline - (time.monotonic() - started)
    if first.order.positions or not repair or left <= 0 or not _mendable(first):
        return first
    heard = first.issues[-1].detail
    again = mend(window.request, "", heard, left)
    second = await _once(model, window, again, on_progress)
    twice = Issue(code="asked_twice", detail=f"the first answer was not usable: {heard}")
    return Verdict(
        order=second.order, issues=(twice, *second.issues), usage=first.usage + second.usage
    )


def _mendable(verdict: Verdict) -> bool:
    return bool(verdict.issues) and verdict.issues[-1].code == "bad_answer"


async def _once(
    model: ChatModel, window: Window, request: ChatRequest, on_progress: OnProgress | None
) -> Verdict:
    ear = Ear(window, on_progress)
    failure: tuple[Issue, ...] = ()
    try:
        reply = await complete(model, request, ear)
    except ModelError as error:
        code = next(code for kind, code in CODES if isinstance(error, kind))
        failure = (Issue(code=code, detail=str(error)),)
        text = ear.heard()
        spent = estimate(request, text) if text or code == "deadline" else Usage()
    else:
        text, spent = reply.text, reply.usage
        if reply.finish == "length":
            failure = (Issue(code="cut_answer", detail="the answer reached its token limit"),)
    order = read(text, window.handles, window.wanted)
    if not order.positions and (not failure or failure[0].code == "cut_answer"):
        what = "the answer ranks no item of this request" if text.strip() else "it is empty"
        failure = (*failure, Issue(code="bad_answer", detail=what))
    if failure and failure[0].code == "cut_answer":  # said once is enough
        kept = tuple(i for i in order.issues if i.code != "cut_answer")
        order = Order(positions=order.positions, claims=order.claims, issues=kept)
    return Verdict(order=order, issues=(*failure, *order.issues), usage=spent)
