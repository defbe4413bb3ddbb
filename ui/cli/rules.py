"""``palate rules``: business rules, looked at before they are in force."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ui.cli.options import Home, Json
from ui.cli.output import emit, paper, reserved_stdout

app = typer.Typer(help="Business rules.", rich_markup_mode=None, no_args_is_help=False)


@app.callback()
def rules() -> None:
    """Business rules."""


@app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The rules; without it those of the workspace."),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Read the rules as serving would, and say of how many items each speaks.

    A rule that speaks of no item is probably misspelt: a value is compared as it is written.
    """
    with reserved_stdout():
        from assistant.build import count_rules
        from assistant.settings import load

        found = count_rules(load(home=home, rules=file))
    if as_json:
        told = [{"name": r.name, "action": _action(r), "items": n} for r, n in found]
        emit({"rules": told})
        return
    out = paper()
    for rule, items in found:
        said = f"{items:,} item{'' if items == 1 else 's'}" if items else "no item, never at work"
        out.print(f"{_action(rule):<8}{rule.name}: {said}", markup=False)
    out.print(f"{len(found)} rule{'' if len(found) == 1 else 's'}, all in order.")


def _action(rule: object) -> str:
    return type(rule).__name__.lower()
