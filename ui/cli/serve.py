"""``palate serve``: the chat on one port."""

from __future__ import annotations

from ui.cli.options import Home, Host, Model, Port


def serve(
    home: Home = None, llm: Model = None, host: Host = "127.0.0.1", port: Port = 7860
) -> None:
    """Serve the chat for a browser."""
    from assistant import Assistant
    from ui.server import listen, serve

    with (
        listen(host, port) as socket,
        Assistant.open(home, llm=llm, command="palate serve") as assistant,
    ):
        serve(assistant, socket)
