"""``palate evaluate``: measurements that drive the very code that serves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.dialogues import dialogues
from ui.cli.history import history
from ui.cli.lines import objects
from ui.cli.options import Home, Json, Model
from ui.cli.output import aside, emit, progress_bars, reserved_stdout

app = typer.Typer(help="Measure this workspace.", rich_markup_mode=None, no_args_is_help=False)


app.command()(dialogues)
app.command()(history)


@app.callback()
def evaluate() -> None:
    """Measure this workspace."""


@app.command()
def scenarios(
    file: Annotated[Path, typer.Option(metavar="FILE", help="Scenarios, one JSON object a line.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the answers go, one a turn.")],
    home: Home = None,
    llm: Model = None,
    as_json: Json = False,
) -> None:
    """Play the user's lines of written conversations, each as a fresh visitor."""
    with reserved_stdout():
        from assistant import Assistant
        from assistant.evaluation.scenarios import play_scenarios
        from assistant.settings import load

        # Two runs of one workspace are compared, so nothing is left to chance.
        settings = load(home=home, llm=llm, explore=0)
        todo = list(objects(file, "id", "turns"))
        total = sum(len(s["turns"]) for s in todo if isinstance(s["turns"], list))
        done = 0
        with (
            Assistant.open(settings=settings, command="palate evaluate") as assistant,
            out.open("w", encoding="utf-8") as lines,
            progress_bars() as progress,
        ):
            for answer in play_scenarios(assistant, todo):
                lines.write(json.dumps(answer, ensure_ascii=False) + "\n")
                done += 1
                progress("playing turns", done, total)
    if as_json:
        emit({"scenarios": len(todo), "turns": done, "out": str(out)})
    else:
        aside().print(f"{done:,} turns of {len(todo):,} scenarios written to {out}")
