"""``palate serve``: the chat and the API on one port."""

from __future__ import annotations

from ui.cli.options import Home, Host, Model, Port


def serve(
    home: Home = None, llm: Model = None, host: Host = "127.0.0.1", port: Port = 7860
) -> None:
    """Serve the chat for a browser, and the API for other programs."""
    from assistant import Assistant
    from assistant.settings import load
    from ui.server import listen, serve

    settings = load(home=home, llm=llm)
    with (
        listen(host, port) as socket,
        Assistant.open(settings=settings, command="palate serve") as assistant,
    ):
        serve(assistant, socket, settings)
