"""Scripted models that read the very prompt, and candidates for them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from assistant.llm.scripted import Answer, Scripted
from assistant.llm.types import ChatRequest, Usage
from assistant.reranking import Candidate, RankResult

LINE = re.compile(r"text: item (\d+)\b.*\| id: (\S+)$", re.MULTILINE)
COUNT = re.compile(r"Rank the (\d+) best")


def pool(n: int, *, priors: bool = True) -> tuple[Candidate, ...]:
    """Candidates ``i0``, ``i1``, … in falling prior order."""
    return tuple(
        Candidate(id=f"i{k}", text=f"item {k} of the list", prior=-float(k) if priors else None)
        for k in range(n)
    )


def shown(request: ChatRequest) -> list[tuple[int, str]]:
    """Numbers and handles of the candidates, in the order shown."""
    return [(int(k), handle) for k, handle in LINE.findall(request.messages[1].content)]


def wanted(request: ChatRequest) -> int:
    """How many are to be listed."""
    found = COUNT.search(request.messages[1].content)
    assert found is not None
    return int(found[1])


def by(key: Callable[[int], float], *, usage: Usage | None = None) -> Scripted:
    """A model that lists the candidates with the least keys."""

    def answer(request: ChatRequest) -> Answer:
        best = sorted(shown(request), key=lambda pair: key(pair[0]))[: wanted(request)]
        return json.dumps({"ranking": [handle for _, handle in best]})

    return Scripted(answer, usage=usage)


def ids(result: RankResult) -> list[str]:
    """The ids in order."""
    return [item.id for item in result.items]


def named(*numbers: int) -> list[str]:
    """Ids by number."""
    return [f"i{k}" for k in numbers]


def codes(result: RankResult) -> list[str]:
    """The codes of the issues."""
    return [issue.code for issue in result.issues]


def first(order: Sequence[int]) -> Callable[[int], float]:
    """A key that puts these first, in this order, and the others in prior order."""
    places = {k: place for place, k in enumerate(order)}
    return lambda k: places.get(k, len(places) + k)
