"""What a re-ranking returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from assistant.llm.types import Usage
from assistant.types import Claim

Status = Literal["ok", "repaired", "partial", "fallback"]
"""How much of the order is the model's.

``ok``: all that was asked, in the declared shape. ``repaired``: the same, after something wrong in
the answer was put right. ``partial``: the model ordered fewer candidates than it was asked to.
``fallback``: nothing usable came, and the order is the prior alone.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing that went wrong or was put right. ``code`` is fixed, ``detail`` is for a person."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One place of the result. ``rank`` counts from 1; ``score`` is in [0, 1], falls with rank and
    says how the model's place and the prior's place were blended; it is no probability.

    ``reasons`` are claims about the candidate that were checked against its own fields and text.
    ``index`` is the candidate's position in the input, which tells equal ids apart.
    """

    id: str
    rank: int
    score: float
    reasons: tuple[Claim, ...] = ()
    index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RankResult:
    """The best candidates, in order; always ``min(top_k, n)`` of them, each input at most once.

    ``issues`` lists everything that was wrong, in the order it was found. ``prompt`` is the id of
    the prompt that was used, empty when no call was made.
    """

    items: tuple[Ranked, ...]
    status: Status
    issues: tuple[Issue, ...] = ()
    usage: Usage = field(default_factory=Usage)
    prompt: str = ""
