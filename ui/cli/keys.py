"""``palate keys``: who else may ask the service, and taking that back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ui.cli.options import Home, Json
from ui.cli.output import emit, paper

if TYPE_CHECKING:
    from retrieval.storage.keys import ApiKey
    from retrieval.storage.workspace import Workspace

app = typer.Typer(help="Keys of other programs.", rich_markup_mode=None, no_args_is_help=False)


@app.callback()
def keys() -> None:
    """Keys of other programs."""


@app.command("add")
def add(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What it is for.")],
    reach: Annotated[
        Literal["visitor", "product", "owner"],
        typer.Option(help="One visitor; the visitors of one product; everybody and the service."),
    ] = "product",
    space: Annotated[
        str,
        typer.Option(
            metavar="SPACE",
            help="The product. Keys of one space share its visitors, others never see them. "
            "Without it a product's key gets a space of its own.",
        ),
    ] = "",
    visitor: Annotated[
        str | None, typer.Option(metavar="ID", help="Whose key it is, for --reach visitor.")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Make a key. Its token is shown once: only a hash of it is kept."""
    import secrets

    from assistant.api.access import ID, SPACE
    from retrieval.errors import InputError

    if (reach == "visitor") != (visitor is not None):
        raise InputError("--visitor ID goes with --reach visitor, and with nothing else")
    if visitor is not None and not re.fullmatch(ID, visitor):
        raise InputError("a visitor id is 1 to 80 letters, digits or . _ : - characters")
    if reach == "owner" and space:
        raise InputError("an owner's key reaches everybody; leave --space out")
    if space and not SPACE.fullmatch(space):
        raise InputError("a space is 1 to 32 small letters, digits or - characters")
    if reach == "product" and not space:
        space = f"p-{secrets.token_hex(4)}"
    inside = f"{space}:{visitor}" if space and visitor is not None else visitor
    with _opened(home) as workspace:
        key, token = workspace.keys.add(name, reach, space=space, visitor=inside)
    if as_json:
        emit({**_plain(key), "token": token})
        return
    out = paper()
    out.print(f'key {key.id} ("{key.name}"): reaches {_reaches(key)}', markup=False)
    out.print(token, markup=False, soft_wrap=True)
    out.print("Keep it now; it cannot be shown again.")


@app.command("list")
def list_(home: Home = None, as_json: Json = False) -> None:
    """List the keys that were made, the oldest first; tokens are not kept."""
    with _opened(home) as workspace:
        keys = workspace.keys.all()
    if as_json:
        emit({"keys": [_plain(key) for key in keys]})
        return
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("key", "name", "reaches", "made", "revoked"):
        table.add_column(title)
    for key in keys:
        row = _plain(key)
        table.add_row(
            key.id, key.name, _reaches(key), str(row["created"]), str(row["revoked"] or "")
        )
    paper().print(table)


@app.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The id that palate keys list shows.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Put a key out of force, at once and for good."""
    with _opened(home) as workspace:
        done = workspace.keys.revoke(key)
    if as_json:
        emit({"revoked": key, "changed": done})
    else:
        paper().print(f"key {key} is {'' if done else 'already '}revoked", markup=False)


def _opened(home: Home) -> Workspace:
    from assistant.build import default_home
    from assistant.settings import load
    from retrieval.storage.workspace import Workspace

    return Workspace.open(load(home=home).home or default_home())


def _plain(key: ApiKey) -> dict[str, object]:
    return {
        "key": key.id,
        "name": key.name,
        "reach": key.reach,
        "space": key.space,
        "visitor": key.visitor,
        "created": _day(key.created),
        "revoked": _day(key.revoked) if key.revoked is not None else None,
    }


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _reaches(key: ApiKey) -> str:
    if key.visitor is not None:
        return f"the visitor {key.visitor}"
    return f"the visitors of {key.space}" if key.space else "everybody"
