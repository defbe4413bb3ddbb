"""Models that answer what a test says, by the places of the items shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from assistant.llm.scripted import Answer
from assistant.llm.types import ChatRequest
from assistant.reranking import Candidate, RankResult

LINE = re.compile(r"\| id: (\S+)$", re.MULTILINE)


def pool(n: int = 4, **more: object) -> list[Candidate]:
    return [
        Candidate(id=f"i{k}", text=f"text of {k}", fields={"colour": f"c{k}"}, prior=float(-k))
        for k in range(n)
    ]


def shown(request: ChatRequest) -> list[str]:
    """The handles in the order shown."""
    return LINE.findall(request.messages[1].content)


def ranks(*places: int, **more: object) -> Callable[[ChatRequest], Answer]:
    """A model that lists the nth shown items in this order."""

    def answer(request: ChatRequest) -> Answer:
        handles = shown(request)
        return json.dumps({"ranking": [handles[p] for p in places], **more})

    return answer


def ids(result: RankResult) -> list[str]:
    return [item.id for item in result.items]


def codes(result: RankResult) -> list[str]:
    return [issue.code for issue in result.issues]
