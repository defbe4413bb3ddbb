"""``palate config``: what is configured, looked at before it serves."""

from __future__ import annotations

from dataclasses import asdict

import typer

from ui.cli.options import Home, Json, Model
from ui.cli.output import emit, paper, reserved_stdout

app = typer.Typer(help="The configuration.", rich_markup_mode=None, no_args_is_help=False)


@app.callback()
def config() -> None:
    """The configuration."""


@app.command()
def check(home: Home = None, llm: Model = None, as_json: Json = False) -> None:
    """Say whether everything that is configured would work; nothing is changed.

    Looks at the settings, the workspace and its index, the encoder, the business rules, the lists,
    the room on the disk and the language model, which is asked for one word. The exit code is 1
    where something would keep Palate from serving.
    """
    with reserved_stdout():
        from assistant.checkup import checkup
        from assistant.settings import load

        found = checkup(load(home=home, llm=llm))
    faults = sum(f.verdict == "fault" for f in found)
    if as_json:
        emit({"ready": not faults, "findings": [asdict(f) for f in found]})
    else:
        out = paper()
        for f in found:
            out.print(f"{f.verdict:<8} {f.name:<10} {f.told}", markup=False, soft_wrap=True)
        out.print("ready to serve" if not faults else "not ready: mend the faults above")
    if faults:
        raise typer.Exit(1)
