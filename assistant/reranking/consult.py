"""Asking models about one window, and making the most of whatever comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace

from assistant.errors import (
    BadAnswer,
    BudgetExceeded,
    CircuitOpen,
    DeadlineExceeded,
    ModelError,
    ModelOverloaded,
    ModelRefused,
    ModelUnavailable,
)
from assistant.llm.complete import ChatReply, OnText, complete, estimate
from assistant.llm.structured import mend
from assistant.llm.types import ChatModel, ChatRequest, Usage
from assistant.reranking.answer import Order, mentions, read
from assistant.reranking.ledger import Ledger
from assistant.reranking.paper import AGAIN, Window
from assistant.reranking.slots import Slots
from assistant.reranking.types import Issue

CODES: tuple[tuple[type[ModelError], str], ...] = (
    (BadAnswer, "bad_answer"),
    (BudgetExceeded, "budget"),
    (CircuitOpen, "circuit_open"),
    (DeadlineExceeded, "deadline"),
    (ModelOverloaded, "overloaded"),
    (ModelRefused, "refused"),
    (ModelUnavailable, "unavailable"),
    (ModelError, "model_error"),
)

ELSEWHERE = {"bad_answer", "circuit_open", "overloaded", "refused", "unavailable", "model_error"}
"""Failures after which another model is worth asking; deadlines and budgets are not the model's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one call gave: its reply (None where it failed), the text heard either way, and what
    went wrong."""

    reply: ChatReply | None
    text: str
    issues: tuple[Issue, ...]

    @property
    def code(self) -> str:
        """The code of the failure; empty when there was none."""
        return "" if self.reply is not None else self.issues[-1].code


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The order as read (positions within the window, empty when there is none), and all that was
    wrong."""

    order: Order = field(default_factory=Order)
    issues: tuple[Issue, ...] = ()


class Bureau:
    """Asks the models of one re-ranker, in their order, within one ranking's ledger."""

    def __init__(
        self, models: Sequence[ChatModel], slots: Slots, ledger: Ledger, *, repair: bool
    ) -> None:
        self.models = models
        self.ledger = ledger
        self._slots = slots
        self._repair = repair

    async def ask(
        self, window: Window, prompt: int, heard: Callable[[Sequence[str]], None]
    ) -> Verdict:
        """The order of a window whose prompt takes ``prompt`` tokens. ``heard`` is called with
        the handles that each piece of the answer names. Raises nothing of a model's."""
        issues: list[Issue] = []
        for number, model in enumerate(self.models):
            verdict = await self._of(model, window, prompt, heard)
            issues += verdict.issues
            if verdict.order.positions or not issues or issues[-1].code not in ELSEWHERE:
                return Verdict(order=verdict.order, issues=tuple(issues))
            issues += self._following(number)
        return Verdict(issues=tuple(issues))

    async def reply(self, request: ChatRequest, prompt: int) -> Said:
        """The first model's reply that comes, without a repair, with the issues of all asked."""
        issues: list[Issue] = []
        for number, model in enumerate(self.models):
            said = await self.say(model, request, prompt)
            issues += said.issues
            if said.reply is not None or said.code not in ELSEWHERE:
                return replace(said, issues=tuple(issues))
            issues += self._following(number)
        return Said(reply=None, text="", issues=tuple(issues))

    def _following(self, number: int) -> list[Issue]:
        """That the next model is asked; nothing where there is none."""
        if number + 1 == len(self.models):
            return []
        name, following = self.models[number].name, self.models[number + 1].name
        detail = f"{name} gave nothing usable; {following} is asked"
        return [Issue(code="next_model", detail=detail)]

    async def _of(
        self, model: ChatModel, window: Window, prompt: int, heard: Callable[[Sequence[str]], None]
    ) -> Verdict:
        """One model's order; asked once more where the answer ranked nothing."""
        first = await self.say(model, window.request, prompt, _Ear(window.handles, heard))
        verdict = _verdict(first, window)
        if verdict.order.positions or not self._repair or not _mendable(verdict):
            return verdict
        why = verdict.issues[-1].detail
        again = replace(
            mend(window.request, "", why, self.ledger.left), prompt_tokens=prompt + AGAIN
        )
        second = await self.say(model, again, prompt + AGAIN, _Ear(window.handles, heard))
        repaired = _verdict(second, window)
        twice = Issue(code="asked_twice", detail=f"the first answer was not usable: {why}")
        before = tuple(i for i in verdict.issues if i.code != "bad_answer")  # that is ``twice``
        return Verdict(order=repaired.order, issues=(*before, twice, *repaired.issues))

    async def say(
        self, model: ChatModel, request: ChatRequest, prompt: int, on_text: OnText | None = None
    ) -> Said:
        """One call, if the ledger allows it, when a slot is free. A failure is in the issues."""
        forbidden = self.ledger.take(prompt, request.max_tokens)
        if forbidden:
            code = "deadline" if self.ledger.left <= 0 else "limit"
            return Said(reply=None, text="", issues=(Issue(code=code, detail=forbidden),))
        spent, pieces, sent = Usage(), list[str](), False

        def listen(piece: str) -> None:
            pieces.append(piece)
            if on_text is not None:
                on_text(piece)

        try:
            # Waiting for a slot counts: a ranking is not late because others are slow.
            async with asyncio.timeout(self.ledger.left), self._slots:
                sent = True
                reply = await complete(model, _within(request, self.ledger.left), listen)
        except (ModelError, TimeoutError) as error:
            code = next((code for kind, code in CODES if isinstance(error, kind)), "deadline")
            text = "".join(pieces)
            if text or (sent and code == "deadline"):
                spent = estimate(request, text)
            detail = str(error) or f"{model.name} did not answer in the time given"
            return Said(reply=None, text=text, issues=(Issue(code=code, detail=detail),))
        except Exception as error:  # noqa: BLE001  (a model of the user's own: it may raise anything)
            said = f"{model.name} raised {type(error).__name__}"
            return Said(reply=None, text="", issues=(Issue(code="model_error", detail=said),))
        else:
            spent = reply.usage
            told = tuple(Issue(code="retried", detail=note) for note in reply.notes)
            return Said(reply=reply, text=reply.text, issues=told)
        finally:
            self.ledger.settle(prompt, request.max_tokens, spent)


def _within(request: ChatRequest, seconds: float) -> ChatRequest:
    return replace(request, deadline=max(0.001, seconds))


class _Ear:
    """Reports the handles of each piece, also one that is cut across two."""

    def __init__(self, handles: Sequence[str], heard: Callable[[Sequence[str]], None]) -> None:
        self._handles: Container[str] = frozenset(handles)
        self._longest = max(map(len, handles)) + 1
        self._heard = heard
        self._tail = ""

    def __call__(self, piece: str) -> None:
        text = self._tail + piece
        if named := tuple(mentions(text, self._handles)):
            self._heard(named)
        self._tail = text[-self._longest :]


def _mendable(verdict: Verdict) -> bool:
    return bool(verdict.issues) and verdict.issues[-1].code == "bad_answer"


def _verdict(said: Said, window: Window) -> Verdict:
    """What a call's text says about the window, with everything that was wrong with it."""
    order = read(said.text, window.handles, window.wanted, window.claims)
    issues = said.issues
    cut = said.reply is not None and said.reply.finish == "length"
    if cut:  # said once is enough
        issues = (*issues, Issue(code="cut_answer", detail="the answer reached its token limit"))
        kept = tuple(i for i in order.issues if i.code != "cut_answer")
        order = Order(positions=order.positions, claims=order.claims, issues=kept)
    if not order.positions and said.reply is not None:
        what = "the answer ranks no item of this request" if said.text.strip() else "it is empty"
        issues = (*issues, Issue(code="bad_answer", detail=what))
    return Verdict(order=order, issues=(*issues, *order.issues))
