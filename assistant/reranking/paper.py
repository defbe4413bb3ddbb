"""The papers of one ranking: what is shown of each candidate, and what a request for some of them
costs. Lines are made and counted once, however many windows they stand in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import prompts
from assistant.llm.tokens import encode
from assistant.llm.types import ChatRequest, Message
from assistant.reranking.answer import schema
from assistant.reranking.claims import fields_of
from assistant.reranking.handles import draw
from assistant.reranking.present import (
    LEAST,
    OVERHEAD,
    body,
    inert,
    joins,
    line,
    request_text,
    value_text,
)
from assistant.reranking.types import Limits
from retrieval.types import Candidate, Query

FRAME, ENTRY = 4, 5
"""Tokens of an answer: of the object, and of one handle in it."""

CLAIM = 60
"""Tokens of answer that one claim may take, and twice what it takes as a rule."""

MESSAGE = 4
"""Tokens of one message beside its text, as providers count them."""

AGAIN = 120
"""Tokens that asking a second time adds to a prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One window: these candidates (positions in prior order, as they are displayed), of which
    ``wanted`` are to be listed, with up to ``claims`` reasons."""

    positions: tuple[int, ...]
    wanted: int
    claims: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Tokens of one call: the prompt, the answer as it should be, and the longest allowed."""

    prompt: int
    answer: int
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A request and what its handles stand for: the nth handle is the nth of ``positions``."""

    request: ChatRequest
    handles: tuple[str, ...]
    positions: tuple[int, ...]
    wanted: int
    claims: int


class Paper:
    """What a model may see of ``candidates``, which come in prior order, for one request.

    ``size`` is how many candidates share one window's room; it sets the length of every line.
    """

    def __init__(
        self,
        query: Query,
        candidates: Sequence[Candidate],
        top_k: int,
        limits: Limits,
        seed: int | None,
    ) -> None:
        self.candidates = candidates
        self.top_k = top_k
        self.limits = limits
        self.wish = request_text(query)
        self.prompt = prompts.load("rerank")
        self.handles = draw(len(candidates), [self.wish, *map(_all_text, candidates)], seed)
        self._seed = seed
        self._sheets: dict[int, tuple[tuple[str, ...], tuple[int, ...]]] = {}

    def __len__(self) -> int:
        return len(self.candidates)

    @cached_property
    def bare(self) -> int:
        """Tokens of the prompt without any candidate."""
        slots = {"request": self.wish, "fence": self.handles.fence, "items": ""}
        system, user = self.prompt.render(
            **slots, count=str(self.top_k), claims=str(self.limits.claims)
        )
        return len(encode(system)) + len(encode(user)) + 2 * MESSAGE

    def holds(self, most: int) -> int:
        """How many of ``most`` candidates one window holds; fewer than two: none."""
        room = self.limits.prompt_tokens - self.bare
        return min(most, max(0, room) // (LEAST + OVERHEAD))

    def share(self, size: int) -> int:
        """Tokens a candidate may take where ``size`` of them share a window."""
        room = self.limits.prompt_tokens - self.bare
        return max(LEAST, min(self.limits.item_tokens, room // max(1, size) - OVERHEAD))

    def sheet(self, size: int) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """The line of every candidate for windows of that size, and its tokens."""
        share = self.share(size)
        if share not in self._sheets:
            bodies = [body(c, share) for c in self.candidates]
            names = self.handles.names
            self._sheets[share] = (
                tuple(line(said, name) for (said, _), name in zip(bodies, names, strict=True)),
                tuple(tokens + OVERHEAD - 1 for _, tokens in bodies),
            )
        return self._sheets[share]

    def plain(self, position: int) -> str:
        """A candidate's line as it stands alone."""
        return body(self.candidates[position], self.limits.item_tokens)[0]

    def cost(self, job: Job, size: int) -> Cost:
        """What a window costs."""
        _, tokens = self.sheet(size)
        answer = FRAME + ENTRY * job.wanted + CLAIM // 2 * job.claims
        return Cost(
            prompt=self.bare + sum(tokens[p] for p in job.positions),
            answer=answer,
            longest=_longest(job),
        )

    def window(self, job: Job, size: int, deadline: float) -> Window:
        """The request of a window, to be answered within ``deadline`` seconds."""
        lines, _ = self.sheet(size)
        shown = tuple(self.handles.names[p] for p in job.positions)
        fields = fields_of([self.candidates[p] for p in job.positions]) if job.claims else ()
        claims = job.claims if fields else 0
        system, user = self.prompt.render(
            request=self.wish,
            fence=self.handles.fence,
            items="\n".join(lines[p] for p in job.positions),
            count=str(job.wanted),
            claims=str(claims),
        )
        request = ChatRequest(
            messages=(Message(role="system", content=system), Message(role="user", content=user)),
            schema=schema(shown, job.wanted, fields, claims),
            schema_name="ranking",
            max_tokens=_longest(job) if claims else _longest(Job(positions=(), wanted=job.wanted)),
            seed=self._seed,
            deadline=deadline,
            prompt=self.prompt.id,
            prompt_tokens=self.cost(job, size).prompt,
        )
        return Window(
            request=request,
            handles=shown,
            positions=job.positions,
            wanted=job.wanted,
            claims=claims,
        )


def _longest(job: Job) -> int:
    return 32 + 8 * job.wanted + CLAIM * job.claims


def _all_text(candidate: Candidate) -> str:
    """Everything a candidate says, and its id: what the handles must not occur in. Where a handle
    may stand in it with something invisible between its letters, it is there as shown, too."""
    held = (candidate.text, *candidate.fields, *map(value_text, candidate.fields.values()))
    shown = (inert(said) for said in held if joins(said))
    return "\n".join((candidate.id, candidate.text, str(dict(candidate.fields)), *shown))
