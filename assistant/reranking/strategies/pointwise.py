"""One candidate at a time."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import prompts
from assistant.llm.complete import ChatReply
from assistant.llm.tokens import encode
from assistant.llm.types import ChatRequest, Message
from assistant.reranking.desk import Desk
from assistant.reranking.paper import MESSAGE, Cost, Job, Paper
from assistant.reranking.strategies.base import reasons
from assistant.reranking.types import Issue

GRADES = 4
"""The best grade; the worst is 0."""

ALTERNATIVES = 10
"""Tokens whose probabilities are asked for: the grades and what else an answer may begin with."""

ANSWER = 8
"""Tokens that an answer may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointwise:
    """A grade from 0 to 4 for each candidate in a call of its own, all in one wave (graded
    relevance: Zhuang et al., "Beyond yes and no", NAACL 2024). Where the endpoint gives
    log-probabilities the score is the expected grade, else the grade that was written.

    The only strategy whose scores mean the same from one request to the next; one call a candidate,
    and one more for reasons of those that came out first.
    """

    name: str = "pointwise"

    def size(self, paper: Paper) -> int:
        """Each stands alone."""
        return len(paper)

    def waves(self, paper: Paper, rng: random.Random, claims: int) -> list[list[Job]]:  # noqa: ARG002
        """One window a candidate."""
        each = [Job(positions=(p,), wanted=0) for p in range(len(paper))]
        return [each, *reasons(paper, claims)]

    def most(self, paper: Paper) -> int:
        """One a candidate, and one for reasons."""
        return len(paper) + 1

    def cost(self, paper: Paper, job: Job) -> Cost:
        """One line, and a digit; a list for reasons."""
        if job.claims:
            return paper.cost(job, len(job.positions))
        return Cost(prompt=_tokens(_messages(paper, job.positions[0])), answer=1, longest=ANSWER)

    async def run(self, desk: Desk) -> None:
        """Grade everything."""
        async with asyncio.TaskGroup() as group:
            for position in range(len(desk.paper)):
                group.create_task(self._one(desk, position))
        if desk.marks:
            await desk.ask_reasons()

    async def _one(self, desk: Desk, position: int) -> None:
        number = desk.number()
        messages = _messages(desk.paper, position)
        request = ChatRequest(
            messages=messages,
            max_tokens=ANSWER,
            top_logprobs=ALTERNATIVES,
            prompt=prompts.load("grade").id,
            deadline=desk.bureau.ledger.left,
        )
        desk.prompt = request.prompt
        said = await desk.bureau.reply(request, _tokens(messages))
        issues, value = list(said.issues), None
        if said.reply is not None:
            value, exact = grade(said.reply)
            if value is None:
                issues.append(Issue(code="bad_answer", detail="the answer holds no grade"))
            else:
                if said.reply.text.strip() not in DIGITS:
                    detail = "the grade was not written as asked"
                    issues.append(Issue(code="loose_grade", detail=detail))
                desk.kind = "probability" if exact and desk.kind != "grade" else "grade"
        desk.note(number, issues)
        if value is None:
            desk.short = True
        else:
            desk.marks[position] = [value]
        desk.tell()


def _messages(paper: Paper, position: int) -> tuple[Message, ...]:
    system, user = prompts.load("grade").render(
        request=paper.wish, fence=paper.handles.fence, item=paper.plain(position)
    )
    return Message(role="system", content=system), Message(role="user", content=user)


def _tokens(messages: Sequence[Message]) -> int:
    return sum(len(encode(m.content)) + MESSAGE for m in messages)


def grade(reply: ChatReply) -> tuple[float | None, bool]:
    """The grade in [0, 1], and whether it is an expected one.

    The answer must be one grade and nothing but white space and a full stop around it: a digit in
    prose is no grade. It is an expected one where its token comes with the probabilities of the
    others.
    """
    said = reply.text.strip().rstrip(".")
    if said not in DIGITS:
        return None, False
    for choice in reply.logprobs:
        if choice.token.strip() in DIGITS:
            weights = dict.fromkeys(DIGITS, 0.0)
            for token, logprob in choice.alternatives.items():
                if token.strip() in weights:
                    weights[token.strip()] += math.exp(logprob)
            total = sum(weights.values())
            if total > 0:
                return sum(int(d) * w for d, w in weights.items()) / total / GRADES, True
        elif choice.token.strip():
            break
    return int(said) / GRADES, False


DIGITS: Sequence[str] = tuple(str(g) for g in range(GRADES + 1))
