"""``palate rerank``: a file of candidates in, one JSON object out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.llm.structured import describe
from assistant.llm.types import ChatModel, ScoreModel
from assistant.reranking.reranker import Reranker
from assistant.reranking.types import Limits, RankResult
from retrieval.errors import InputError, UnreadableFile
from retrieval.types import Candidate, Fields, Value

MAX_LINE = 2_000_000
"""Characters of one line; a longer one is no candidate."""


class Line(BaseModel):
    """One line of the file. Numbers are welcome as ids; further keys are taken as fields."""

    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True, allow_inf_nan=False)

    id: str
    text: str = ""
    fields: dict[str, object] = {}
    prior: float | None = None


def rerank_file(
    query: str,
    candidates: Path,
    *,
    model: ChatModel | ScoreModel | None = None,
    strategy: str = "auto",
    top_k: int = 10,
    explain: bool = True,
    deadline: float = 60.0,
    seed: int | None = None,
) -> RankResult:
    """Re-rank the candidates of a JSONL file: ``{"id", "text", "fields"?, "prior"?}`` a line.

    Raises :class:`~retrieval.errors.InputError`, naming file and line, for input that is wrong.
    """
    if top_k < 0:
        raise InputError(f"--top-k must not be negative, got {top_k}")
    try:
        reranker = Reranker(model, strategy=strategy, limits=Limits(deadline=deadline), seed=seed)
    except ValueError as error:
        raise InputError(str(error)) from None
    return reranker.rank(query, tuple(read_candidates(candidates)), top_k, explain)


def read_candidates(path: Path) -> Iterator[Candidate]:
    """The candidates of a JSONL file, in order; blank lines are passed over, an empty file is none.

    Raises :class:`~retrieval.errors.UnreadableFile` naming the first line that is wrong.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UnreadableFile(f'cannot read "{path}": {error.strerror or error}') from None
    except UnicodeDecodeError:
        raise UnreadableFile(f'"{path}" is not UTF-8 text; expected JSONL') from None
    for number, raw in enumerate(text.split("\n"), start=1):
        if not raw.strip():
            continue
        if len(raw) > MAX_LINE:
            raise UnreadableFile(f'"{path}" line {number}: longer than {MAX_LINE} characters')
        try:
            line = Line.model_validate_json(raw)
        except ValidationError as error:
            raise UnreadableFile(f'"{path}" line {number}: {describe(error, whole="")}') from None
        held = {**(line.model_extra or {}), **line.fields}
        yield Candidate(id=line.id, text=line.text, fields=as_fields(held), prior=line.prior)


def as_fields(held: Mapping[str, object], under: str = "") -> Fields:
    """Fields as the re-ranker takes them: nested names joined by dots, lists as tuples of text,
    nothing for null and for empty lists.
    """
    fields: dict[str, Value] = {}
    for name, value in held.items():
        path = f"{under}{name}"
        if isinstance(value, dict):
            fields.update(as_fields(value, f"{path}."))
        elif isinstance(value, list):
            texts = tuple(str(v) for v in value if isinstance(v, str | int | float))
            if texts:
                fields[path] = texts
        elif isinstance(value, str | bool | int | float):
            fields[path] = value
    return fields


def as_json(result: RankResult) -> dict[str, object]:
    """The result as plain values, ready for JSON. A cost is None where no price is known."""
    plan = result.plan
    return {
        "items": [
            {
                "id": item.id,
                "rank": item.rank,
                "score": round(item.score, 6),
                "kind": item.kind,
                "confidence": round(item.confidence, 6),
                "parts": {name: round(part, 6) for name, part in item.parts.items()},
                "reasons": [claim.text for claim in item.reasons],
            }
            for item in result.items
        ],
        "status": result.status,
        "issues": [{"code": issue.code, "detail": issue.detail} for issue in result.issues],
        "usage": {
            "prompt_tokens": result.usage.prompt_tokens,
            "completion_tokens": result.usage.completion_tokens,
            "cached_tokens": result.usage.cached_tokens,
            "reasoning_tokens": result.usage.reasoning_tokens,
            "estimated": result.usage.estimated,
            "cost": result.cost,
        },
        "plan": {
            "strategy": plan.strategy,
            "rounds": plan.rounds,
            "calls": plan.calls,
            "tokens": plan.tokens,
            "max_calls": plan.max_calls,
            "max_tokens": plan.max_tokens,
        },
        "latency": round(result.latency, 3),
        "fingerprint": result.fingerprint,
    }
