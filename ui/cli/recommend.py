"""``palate recommend``: the best items for a user, for items liked, or for a request in words."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.cli.options import Home, Json, Model
from ui.cli.output import card_json, degraded_json, emit, paper, reserved_stdout


def recommend(
    user: Annotated[str | None, typer.Option(metavar="ID", help="Whose taste to use.")] = None,
    like: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="An item that is liked; repeatable.")
    ] = None,
    query: Annotated[str, typer.Option(metavar="TEXT", help="What is wanted, in words.")] = "",
    k: Annotated[int, typer.Option("-k", "--k", min=1, max=1000, help="How many items.")] = 10,
    home: Home = None,
    llm: Model = None,
    as_json: Json = False,
) -> None:
    """Recommend items.

    For a user, for items liked, for a request in words; with nothing given, what is popular.
    """
    with reserved_stdout():
        from assistant import Assistant

        with Assistant.open(home, llm=llm, write=False, command="palate recommend") as assistant:
            found = assistant.recommend(user=user, like=tuple(like or ()), query=query, k=k)
    if as_json:
        items = [card_json(card) for card in found.items]
        emit({"items": items, "degraded": degraded_json(found.degraded)})
        return
    from ui.terminal import print_cards, print_notice

    out = paper()
    print_cards(out, found.items)
    print_notice(out, found.degraded)
