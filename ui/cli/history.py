"""``palate evaluate history``: does Palate foretell what people liked next better than others?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ui.cli.options import Home, Json, Model
from ui.cli.output import emit, paper, progress_bars, reserved_stdout

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from retrieval.evaluation.comparison import Comparison
    from retrieval.evaluation.history import HistoryReport
    from retrieval.evaluation.measure import SplitReport

COLUMNS = {
    "ndcg@10": "nDCG",
    "recall@10": "recall",
    "map@10": "MAP",
    "mrr@10": "MRR",
    "hit@10": "hit",
    "coverage@10": "cover",
    "tail_recall@10": "tail",
}
"""Measures that the table shows, by the words over its columns; the object has them all."""


def history(
    ratings: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help="What users did: CSV, JSONL, Parquet or a MovieLens folder."
        ),
    ],
    catalog: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The items; without it they are bare ids."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the report as one web page, too.")
    ] = None,
    split: Annotated[
        Literal["user", "time", "both"],
        typer.Option(help="Cut each history in its own time, all at one moment, or both."),
    ] = "both",
    at_least: Annotated[
        int, typer.Option(min=3, help="Positive items from which a user is measured.")
    ] = 10,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 7,
    home: Home = None,  # noqa: ARG001  (as all commands have it: an index of its own is measured)
    llm: Model = None,  # noqa: ARG001  (no language model takes part)
    as_json: Json = False,
) -> None:
    """Hold back the end of every history and see who foretells it, Palate or tuned libraries.

    An index is built from what came before and asked through the code that serves; no workspace
    is read or changed, and no language model takes part.
    """
    with reserved_stdout():
        from platformdirs import user_cache_path

        from retrieval.embeddings import make_encoder
        from retrieval.evaluation.history import evaluate_history
        from retrieval.evaluation.report import as_json as told

        if html is not None:
            from retrieval.evaluation.page import require_plots

            require_plots()
        with progress_bars() as progress:
            report = evaluate_history(
                ratings,
                catalog,
                split=split,
                at_least=at_least,
                encoder=make_encoder("hashed" if catalog is None else "minilm-int8"),
                cache=user_cache_path("palate") / "vectors",
                seed=seed,
                progress=progress,
            )
        if html is not None:
            from retrieval.evaluation.page import page

            html.write_text(page(report), encoding="utf-8")
    if as_json:
        emit(told(report))
    else:
        print_history(paper(), report)


def print_history(out: Console, report: HistoryReport) -> None:
    """The report for a person: a table a split, the groups, and what is to be known of the run."""
    for measured in report.splits:
        out.print(_systems(measured, report))
        out.print(_told(measured.headline))
        same = measured.same_filter
        out.print(
            "Every rated item left out for the peers too, as Palate leaves it out: " + _told(same)
        )
        out.print(_groups(measured))
    for note in report.notes:
        out.print(f"Note: {note}", markup=False)
    for reason in report.void:
        out.print(f"VOID: {reason}", style="bold red", markup=False)


def _systems(measured: SplitReport, report: HistoryReport) -> Table:
    from rich.table import Table

    cut = "each history cut" if measured.split == "user" else "all cut at one moment"
    order = ", in a random order" if measured.shuffled else ""
    table = Table(
        title=f"{cut}{order}: {measured.users:,} users, {report.items:,} items",
        title_justify="left",
    )
    table.add_column("")
    for name in COLUMNS.values():
        table.add_column(name, justify="right")
    rows = {"Palate": measured.palate, **measured.peers}
    best = measured.headline.best_peer
    for name, system in rows.items():
        style = "bold" if name in ("Palate", best) else ""
        table.add_row(name, *(_figure(system.figures.get(c)) for c in COLUMNS), style=style)
    slate = measured.slate
    table.add_row("its slate", *(_figure(slate.get(c)) for c in COLUMNS), style="dim")
    return table


def _groups(measured: SplitReport) -> Table:
    from rich.table import Table

    table = Table(title="by likes known and the time they span; nDCG@10", title_justify="left")
    for name in ("", "users", "Palate", "peer", "", "ratio", "95 %"):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    groups = {**measured.buckets, **measured.spans}
    if measured.newcomers is not None:
        groups["newcomers"] = measured.newcomers
    for name, group in groups.items():
        table.add_row(
            name,
            f"{group.users:,}",
            _figure(group.palate),
            _figure(group.peers[group.best_peer]),
            group.best_peer,
            f"{group.ratio:.3f}",
            f"{group.interval[0]:.2f}-{group.interval[1]:.2f}",
        )
    return table


def _told(comparison: Comparison) -> str:
    low, high = comparison.interval
    return (
        f"nDCG@10 {comparison.ratio:.3f} times that of {comparison.best_peer}, the best peer "
        f"(95 % interval {low:.3f} to {high:.3f})"
    )


def _figure(x: float | None) -> str:
    return "" if x is None else f"{x:.4f}"
