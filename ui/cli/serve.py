"""``palate serve``: the chat and the API on one port."""

from __future__ import annotations

from typing import Annotated

import typer

from ui.cli.options import Home, Host, Model, Port

Log = Annotated[
    bool, typer.Option("--log", help="A JSON line on standard error for each request to the API.")
]


def serve(
    home: Home = None,
    llm: Model = None,
    host: Host = "127.0.0.1",
    port: Port = 7860,
    log: Log = False,
) -> None:
    """Serve the chat for a browser, and the API for other programs."""
    from assistant import Assistant
    from assistant.settings import load
    from ui.cli.logs import configure
    from ui.server import listen, serve

    settings = load(home=home, llm=llm)
    with (
        listen(host, port) as socket,
        Assistant.open(settings=settings, command="palate serve") as assistant,
    ):
        configure(every_request=log)
        serve(assistant, socket, settings)
