"""``palate mcp``: tools for another assistant, on standard input and output."""

from __future__ import annotations

from ui.cli.options import Home, Model


def mcp(home: Home = None, llm: Model = None) -> None:
    """Offer recommendations to another assistant as tools (Model Context Protocol).

    Speaks on standard input and output; the assistant starts it. Leaves the workspace's writer to
    others, so it runs beside palate serve.
    """
    import asyncio

    from assistant import Assistant
    from assistant.api.app import Api
    from assistant.settings import load

    settings = load(home=home, llm=llm)
    with Assistant.open(settings=settings, write=False, command="palate mcp") as assistant:
        asyncio.run(Api(assistant, settings).tools.run_stdio_async())
