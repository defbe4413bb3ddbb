"""Making the one request of a single window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import prompts
from assistant.llm.tokens import encode
from assistant.llm.types import ChatRequest, Message
from assistant.reranking.answer import schema
from assistant.reranking.claims import fields_of
from assistant.reranking.handles import draw
from assistant.reranking.present import request_text, show
from retrieval.types import Candidate, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one call may use: seconds, prompt tokens, tokens an item, handles listed, claims."""

    deadline: float
    prompt_tokens: int
    item_tokens: int
    listed: int | None
    claims: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A request and what its handles stand for: the nth handle is the nth candidate.

    ``wanted`` handles are asked for, with at most ``claims`` claims about them.
    """

    request: ChatRequest
    handles: tuple[str, ...]
    wanted: int
    claims: int


def build(
    query: Query, candidates: Sequence[Candidate], top_k: int, limits: Limits, seed: int | None
) -> Window | None:
    """The request to rank as many leading candidates as fit; None when not even two do."""
    prompt = prompts.load("rerank")
    wish = request_text(query)
    texts = [wish, *(_all_text(c) for c in candidates)]
    handles = draw(len(candidates), texts, seed)
    slots = {"request": wish, "fence": handles.fence, "items": ""}
    bare = prompt.render(**slots, count=str(top_k), claims=str(limits.claims))
    room = limits.prompt_tokens - len(encode("".join(bare)))
    lines = show(candidates, handles, room, limits.item_tokens)
    if len(lines) < 2:
        return None
    shown = handles.names[: len(lines)]
    wanted = min(top_k, len(lines), limits.listed or top_k)
    fields = fields_of(candidates[: len(lines)]) if limits.claims else ()
    claims = min(limits.claims, wanted) if fields else 0
    slots["items"] = "\n".join(lines)
    system, user = prompt.render(**slots, count=str(wanted), claims=str(claims))
    request = ChatRequest(
        messages=(Message(role="system", content=system), Message(role="user", content=user)),
        schema=schema(shown, wanted, fields, claims),
        schema_name="ranking",
        max_tokens=32 + 8 * wanted + 60 * claims,
        seed=seed,
        deadline=limits.deadline,
        prompt=prompt.id,
    )
    return Window(request=request, handles=shown, wanted=wanted, claims=claims)


def _all_text(candidate: Candidate) -> str:
    """Everything a candidate says, and its id: what the handles must not occur in."""
    return "\n".join((candidate.id, candidate.text, str(dict(candidate.fields))))
