"""``palate understand``: what messages mean, one reading a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.lines import objects
from ui.cli.options import Home, Json, Model
from ui.cli.output import aside, emit, progress_bars, reserved_stdout


def understand(
    file: Annotated[
        Path,
        typer.Option(
            metavar="FILE.jsonl",
            help='Messages: {"id", "text", "context"?: {"previous_slate": [ids]}}.',
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE.jsonl", help="Where the readings go.")],
    home: Home = None,
    llm: Model = None,
    as_json: Json = False,
) -> None:
    """Say what messages mean.

    Reads each message of a file as the dialogue would, given the slate it refers to.
    """
    with reserved_stdout():
        from assistant import Assistant
        from assistant.evaluation.scenarios import read_messages

        todo = list(objects(file, "id", "text"))
        degraded = 0
        with (
            Assistant.open(home, llm=llm, write=False, command="palate understand") as assistant,
            out.open("w", encoding="utf-8") as lines,
            progress_bars() as progress,
        ):
            for done, reading in enumerate(read_messages(assistant, todo), start=1):
                degraded += bool(reading.get("degraded"))
                lines.write(json.dumps(reading, ensure_ascii=False) + "\n")
                progress("reading messages", done, len(todo))
    if as_json:
        emit({"messages": len(todo), "degraded": degraded, "out": str(out)})
    else:
        aside().print(f"{len(todo):,} readings written to {out}")
