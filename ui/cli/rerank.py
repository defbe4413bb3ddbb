"""``palate rerank``: candidates in, the best of them in order out. Needs no workspace."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from retrieval.errors import UnreadableFile
from retrieval.types import Candidate
from retrieval.values import as_text, flatten
from ui.cli.lines import objects
from ui.cli.options import Json, Model
from ui.cli.output import emit, paper, reserved_stdout


def rerank(
    query: Annotated[str, typer.Option(metavar="TEXT", help="What is wanted, in words.")],
    candidates: Annotated[
        Path,
        typer.Option(
            metavar="FILE.jsonl",
            help='One candidate a line: {"id", "text", "fields"?, "prior"?}.',
        ),
    ],
    top_k: Annotated[int, typer.Option("--top-k", min=1, help="How many to return.")] = 10,
    llm: Model = None,
    as_json: Json = False,
) -> None:
    """Re-rank candidates of your own.

    Needs no workspace; each reason was checked against the candidate it speaks of.
    """
    with reserved_stdout():
        from assistant import Reranker
        from assistant.build import make_model
        from assistant.settings import load

        pool = [_candidate(line, candidates) for line in objects(candidates, "id", "text")]
        settings = load(llm=llm)
        model = make_model(settings)
        reranker = Reranker(model=model, deadline=settings.llm_rerank_seconds)
        result = reranker.rank(query, pool, top_k=top_k, explain=True)
    if as_json:
        emit(
            {
                "items": [
                    {
                        "id": item.id,
                        "rank": item.rank,
                        "score": item.score,
                        "reasons": [claim.text for claim in item.reasons],
                    }
                    for item in result.items
                ],
                "status": result.status,
                "issues": [{"code": i.code, "detail": i.detail} for i in result.issues],
                "usage": {
                    "prompt_tokens": result.usage.prompt_tokens,
                    "completion_tokens": result.usage.completion_tokens,
                },
            }
        )
        return
    out = paper()
    for item in result.items:
        reasons = " · ".join(claim.text for claim in item.reasons)
        out.print(f"{item.rank:>3}  {item.id}  {reasons}".rstrip(), markup=False)
    for issue in result.issues:
        out.print(f"Note: {issue.detail}", markup=False, style="yellow")


def _candidate(line: Mapping[str, Any], path: Path) -> Candidate:
    key, text, prior = line["id"], line["text"], line.get("prior")
    fields = {} if line.get("fields") is None else line["fields"]
    wrong = ""
    if not isinstance(key, str | int) or isinstance(key, bool):
        wrong = '"id" must be text'
    elif not isinstance(text, str):
        wrong = '"text" must be text'
    elif prior is not None and not _is_number(prior):
        wrong = '"prior" must be a number'
    elif not isinstance(fields, Mapping):
        wrong = '"fields" must be an object'
    if wrong:
        raise UnreadableFile(f'"{path}", candidate {str(key)[:40]!r}: {wrong}')
    return Candidate(
        id=str(key),
        text=text,
        fields={
            name: tuple(as_text(v) for v in value) if isinstance(value, list) else value
            for name, value in flatten(fields).items()
        },
        prior=None if prior is None else float(prior),
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
