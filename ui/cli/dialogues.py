"""``palate evaluate dialogues``: is the next recommendation of a written conversation found?"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.cli.lines import objects
from ui.cli.options import Home, Json, Model
from ui.cli.output import emit, paper, progress_bars, reserved_stdout

if TYPE_CHECKING:
    from assistant.evaluation.dialogues import Figures

MEANINGS = {
    "not_in_workspace": "not in this workspace",
    "not_new": "named before in the conversation",
    "text_states_answer": "given away by the text itself",
}


def dialogues(
    file: Annotated[Path, typer.Option(metavar="FILE", help="Dialogues, one JSON object a line.")],
    home: Home = None,
    llm: Model = None,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Measure plain vector search in the same run.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Follow written conversations and measure how often the next recommendation is found."""
    with reserved_stdout():
        from assistant import Assistant
        from assistant.evaluation.dialogues import evaluate_dialogues
        from assistant.evaluation.lines import cases

        with (
            Assistant.open(home, llm=llm, write=False, command="palate evaluate") as assistant,
            progress_bars() as progress,
        ):
            parts = assistant.parts
            todo = cases(objects(file, "context", "target_items"), parts.retriever.items)
            figures = evaluate_dialogues(parts, todo, baseline=baseline, progress=progress)
    if as_json:
        emit(_json(figures))
    else:
        _table(figures)


def _json(figures: Figures) -> dict[str, Any]:
    """The figures as they are documented: means on top, everything else beside them."""
    found: dict[str, Any] = {
        "turns": figures.turns,
        "targets": figures.targets,
        **{name: round(value, 4) for name, value in figures.values.items()},
        "intervals": {name: _rounded(pair) for name, pair in figures.intervals.items()},
        "lines": figures.lines,
        "not_scored": dict(figures.left_out),
    }
    if figures.baseline:
        found["baseline"] = {name: round(value, 4) for name, value in figures.baseline.items()}
        found["ratios"] = {
            name: {"ratio": _finite(value), "interval": _rounded(pair)}
            for name, (value, pair) in figures.ratios.items()
        }
    return found


def _table(figures: Figures) -> None:
    from rich.table import Table

    table = Table(title=f"{figures.targets:,} targets of {figures.turns:,} turns", title_style="")
    for heading in (
        "",
        "Palate",
        "95 %",
        *(("vectors alone", "ratio") if figures.baseline else ()),
    ):
        table.add_column(heading, justify="right" if heading else "left")
    for name, value in figures.values.items():
        low, high = figures.intervals[name]
        row = [name, f"{value:.3f}", f"{low:.3f} to {high:.3f}"]
        if figures.baseline:
            times, (least, most) = figures.ratios[name]
            row += [f"{figures.baseline[name]:.3f}", f"{times:.2f} ({least:.2f} to {most:.2f})"]
        table.add_row(*row)
    paper().print(table)
    for why, count in figures.left_out.items():
        paper().print(f"not scored, {MEANINGS.get(why, why)}: {count:,}")


def _rounded(pair: tuple[float, float]) -> list[float | None]:
    return [_finite(x) for x in pair]


def _finite(value: float) -> float | None:
    """JSON knows no NaN: a ratio to nothing is null."""
    return round(value, 4) if math.isfinite(value) else None
