"""``palate verify``: whether texts about items are true."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ui.cli.lines import objects
from ui.cli.options import Home, Json
from ui.cli.output import emit, paper, progress_bars, reserved_stdout


def verify(
    file: Annotated[
        Path,
        typer.Option(metavar="FILE.jsonl", help='Texts: {"id", "item", "user"?, "text"}.'),
    ],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Say whether texts about items are true.

    Splits each text into claims and holds each to the workspace. What cannot be verified does not
    hold. The exit code says nothing of the outcome.
    """
    results = []
    with reserved_stdout():
        from assistant import Assistant

        todo = list(objects(file, "id", "item", "text"))
        with (
            Assistant.open(home, llm="none", write=False, command="palate verify") as assistant,
            progress_bars() as progress,
        ):
            for done, line in enumerate(todo, start=1):
                user = line.get("user")
                verdict = assistant.verify(
                    str(line["item"]), str(line["text"]), user=None if user is None else str(user)
                )
                results.append(
                    {
                        "id": line["id"],
                        "holds": verdict.holds,
                        "claims": [
                            {"text": c.text, "holds": c.holds, "why": c.why} for c in verdict.claims
                        ],
                    }
                )
                progress("checking texts", done, len(todo))
    if as_json:
        emit({"results": results})
        return
    out = paper()
    for result in results:
        out.print(
            f"{result['id']}: {'holds' if result['holds'] else 'does not hold'}", markup=False
        )
        for claim in result["claims"]:
            mark = "+" if claim["holds"] else "-"
            out.print(f"  {mark} {claim['text']} ({claim['why']})", markup=False)
