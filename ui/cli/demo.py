"""``palate demo``: the built-in films, made ready once, and the chat over them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ui.cli.options import Home, Host, Model, Port
from ui.cli.output import aside, progress_bars

if TYPE_CHECKING:
    from assistant import Assistant
    from assistant.settings import Settings
    from retrieval.ingest import IngestReport


def demo(home: Home = None, llm: Model = None, host: Host = "127.0.0.1", port: Port = 7860) -> None:
    """Chat over the built-in films."""
    from assistant.settings import load
    from ui.server import listen, serve

    settings = load(home=home or _default(), llm=llm)
    with listen(host, port) as socket, _open(settings) as assistant:
        serve(assistant, socket, settings)


def _default() -> Path:
    """Apart from the workspace of ``palate ingest``, so that the demo never mixes with it."""
    from assistant.build import default_home
    from assistant.settings import load

    return load().home or default_home().with_name("demo")


def _open(settings: Settings) -> Assistant:
    from assistant import Assistant
    from retrieval.errors import WorkspaceMissing

    assert settings.home is not None
    try:
        return Assistant.open(settings=settings, command="palate demo")
    except WorkspaceMissing:
        build(settings.home)
        return Assistant.open(settings=settings, command="palate demo")


def build(home: Path) -> IngestReport:
    """Make the built-in films ready in ``home``, with progress on standard error."""
    from assistant.build import ingest_into
    from assistant.settings import load
    from retrieval.datasets import demo as films

    settings = load(home=home)
    if "encoder" not in settings.model_fields_set:
        # Seventeen thousand short texts: the int8 model embeds them in the same space, sooner.
        settings = settings.model_copy(update={"encoder": "minilm-int8"})
    aside().print(f"Making the built-in films ready in {home}; this happens once.")
    with tempfile.TemporaryDirectory(prefix="palate-demo-") as folder, progress_bars() as progress:
        files = films.write(Path(folder), progress)
        return ingest_into(
            home,
            settings=settings,
            catalog=files.catalog,
            events=files.events,
            schema=files.schema,
            progress=progress,
        )
