"""``palate export`` and ``palate erase``: what is held of a person, and getting rid of it."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from ui.cli.options import Home, Json
from ui.cli.output import emit, paper, reserved_stdout

User = Annotated[str, typer.Option("--user", metavar="ID", help="A user or visitor id.")]


def export(user: User, home: Home = None, as_json: Json = False) -> None:
    """Print everything that is held of a person as JSON."""
    with reserved_stdout():
        from assistant import Assistant

        with Assistant.open(home, llm="none", write=False, command="palate export") as assistant:
            held = assistant.person(user).export()
    if as_json:
        emit(held)
    else:
        json.dump(held, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")


def erase(user: User, home: Home = None, as_json: Json = False) -> None:
    """Erase everything that is held of a person. A run that was cut off goes on with the next."""
    from assistant.build import default_home
    from assistant.settings import load
    from retrieval.storage.workspace import Workspace

    place = load(home=home).home or default_home()
    with Workspace.open(place, command="palate erase", write=True) as workspace:
        done = workspace.personal.erase(user)
    if as_json:
        emit({"erased": dict(done.rows), "rebuild_due": done.trained})
        return
    rows = ", ".join(f"{name} {n:,}" for name, n in done.rows.items())
    paper().print(f"erased: {rows}")
    if done.trained:
        paper().print(
            "The index in force was learnt from these events too. It holds no name, and what it "
            "made of them ends with the next build: run palate ingest"
        )
    paper().print(
        "Take the person out of your own event files too, or the next ingest brings them back."
    )
