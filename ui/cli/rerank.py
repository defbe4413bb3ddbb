"""``palate rerank``: candidates in, the best of them in order out. Needs no workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
    strategy: Annotated[
        str,
        typer.Option(help="auto, window, sliding, blocks, setwise or pointwise."),
    ] = "auto",
    llm: Model = None,
    as_json: Json = False,
) -> None:
    """Re-rank candidates of your own.

    Needs no workspace; each reason was checked against the candidate it speaks of. Asks the
    language model that is configured, or the rerank endpoint of PALATE_RERANK_URL.
    """
    with reserved_stdout():
        from assistant.llm.configured import make_model
        from assistant.reranking.configured import make_endpoint
        from assistant.reranking.door import as_json as plain
        from assistant.reranking.door import rerank_file
        from assistant.settings import load

        settings = load(llm=llm)
        result = rerank_file(
            query,
            candidates,
            model=make_endpoint(settings) or make_model(settings),
            strategy=strategy,
            top_k=top_k,
            deadline=settings.llm_rerank_seconds,
        )
    if as_json:
        emit(plain(result))
        return
    out = paper()
    for item in result.items:
        reasons = " · ".join(claim.text for claim in item.reasons)
        out.print(f"{item.rank:>3}  {item.id}  {reasons}".rstrip(), markup=False)
    for issue in result.issues:
        out.print(f"Note: {issue.detail}", markup=False, style="yellow")
