"""What goes into a re-ranking and what comes out of it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from assistant.llm.prices import Price
from assistant.llm.types import Usage
from assistant.types import Claim

Status = Literal["ok", "repaired", "partial", "fallback"]
"""How much of the order is the model's.

``ok``: all that was asked, in the declared shape. ``repaired``: the same, after something wrong in
the answers was put right. ``partial``: the model judged fewer candidates than it was asked to.
``fallback``: nothing usable came, and the order is the prior alone.
"""

ScoreKind = Literal["prior", "rank", "grade", "probability", "relevance", "calibrated"]
"""What a score was made of: the ``prior`` alone; ``rank``, places in lists; ``grade``, grades
from 0 to 4; ``probability``, expected grades from log-probabilities; ``relevance``, what a scoring
endpoint said; ``calibrated``, a probability learned from judged examples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one ranking may use. None: no limit.

    ``deadline`` is in seconds and ``concurrency`` calls at a time, over everything that a
    :class:`Reranker` does at once. ``calls`` counts requests, repairs included, ``tokens`` prompt
    and completion tokens together, ``money`` is in the currency of ``price``, without which it
    cannot be held. ``prompt_tokens`` bounds one prompt, ``item_tokens`` a candidate in it,
    ``listed`` how many of a window the model is asked to list (None: as many as are returned) and
    ``claims`` how many reasons.
    """

    deadline: float = 30.0
    calls: int | None = None
    tokens: int | None = None
    money: float | None = None
    price: Price | None = None
    concurrency: int = 8
    prompt_tokens: int = 6000
    item_tokens: int = 90
    listed: int | None = None
    claims: int = 3

    def __post_init__(self) -> None:
        if not self.deadline > 0:
            raise ValueError(f"deadline must be positive, got {self.deadline}")
        for name, least in (("calls", 0), ("tokens", 0), ("money", 0), ("listed", 1)):
            value = getattr(self, name)
            if value is not None and not value >= least:
                raise ValueError(f"{name} must be at least {least}, got {value}")
        if min(self.concurrency, self.prompt_tokens, self.item_tokens) < 1 or self.claims < 0:
            raise ValueError("concurrency, prompt_tokens and item_tokens must be at least 1")
        if self.money is not None and self.price is None:
            raise ValueError("a limit of money needs a price: Limits(money=…, price=Price(…))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a ranking will take, known before anything is sent.

    ``strategy`` is the one that was chosen. ``rounds`` are calls that wait for one another.
    ``calls``, ``tokens`` and ``cost`` are what is expected where the model answers as asked;
    those with ``max_`` are never exceeded, repairs included, as long as the endpoint keeps to
    the length of answer it is given. Costs are None where no price is known. ``judged`` is how many
    candidates the model will see.
    """

    strategy: str
    rounds: int = 0
    calls: int = 0
    tokens: int = 0
    cost: float | None = None
    max_calls: int = 0
    max_tokens: int = 0
    max_cost: float | None = None
    judged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing that went wrong or was put right. ``code`` is fixed, ``detail`` is for a person."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One place of the result.

    ``rank`` counts from 1. ``score`` is in [0, 1] and falls with rank; ``kind`` says what it is
    made of: only a probability or a calibrated score means the same in two rankings.
    ``confidence`` in [0, 1] is how far the model's word on this candidate could be relied upon: 0
    where it gave none or where its answers contradict each other. ``parts`` are the score's sources
    in [0, 1]: ``model`` and ``prior``, the place either gives it alone, and ``trust``, the model's
    share.
    ``reasons`` are claims about the candidate that were checked against its own fields and text.
    ``index`` is the candidate's position in the input, which tells equal ids apart.
    """

    id: str
    rank: int
    score: float
    kind: ScoreKind = "prior"
    confidence: float = 0.0
    parts: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    reasons: tuple[Claim, ...] = ()
    index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RankResult:
    """The best candidates, in order; always ``min(top_k, n)`` of them, each input at most once.

    ``issues`` lists everything that was wrong, in the order it was found. ``usage`` is what was
    spent on it, ``cost`` that in money (None: no price is known), ``latency`` in seconds. ``plan``
    is what had been planned. ``fingerprint`` is a hash of all that the answer depends on; equal
    ones mean the same question to the same model. ``fits`` is how many items reach the threshold
    that was set, None without one: 0 says that nothing here fits. ``cached`` marks an answer that
    was remembered. ``prompt`` is the id of the prompt, empty when no call was made.
    ``claims_made`` counts what a model claimed of the items, ``claims_held`` what of it was true.
    """

    items: tuple[Ranked, ...]
    status: Status
    issues: tuple[Issue, ...] = ()
    usage: Usage = field(default_factory=Usage)
    cost: float | None = None
    latency: float = 0.0
    plan: Plan = field(default_factory=lambda: Plan(strategy="none"))
    fingerprint: str = ""
    fits: int | None = None
    cached: bool = False
    prompt: str = ""
    claims_made: int = 0
    claims_held: int = 0
