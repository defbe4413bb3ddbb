"""``palate owner``: the password of the owner's page."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ui.cli.options import Home
from ui.cli.output import paper

app = typer.Typer(help="The owner's page.", rich_markup_mode=None, no_args_is_help=False)


@app.callback()
def owner() -> None:
    """The owner's page."""


@app.command()
def password(
    home: Home = None,
    show: Annotated[
        bool,
        typer.Option(
            "--print", help="Print the hash for PALATE_OWNER_PASSWORD_HASH and keep nothing."
        ),
    ] = False,
) -> None:
    """Set the password of the owner's page, which is at /owner from then on.

    Asked for twice; where standard input is no terminal its first line is the password. What is
    kept is a salted hash. A new password ends every session; deleting the file owner.password of
    the workspace closes the page.
    """
    from assistant.build import default_home
    from assistant.settings import load
    from retrieval.errors import WorkspaceMissing
    from ui.login import hash_password, keep_hash

    place = load(home=home).home or default_home()
    if not show and not place.is_dir():
        raise WorkspaceMissing(
            f"there is no workspace at {place}: run palate ingest --catalog FILE --home {place}"
        )
    encoded = hash_password(_asked())
    if show:
        sys.stdout.write(encoded + "\n")
        return
    path = keep_hash(place, encoded)
    paper().print(f"The owner's page is open at /owner; the hash is in {path}", soft_wrap=True)


def _asked() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
