"""``palate demo``: the built-in films or the built-in shop, made ready once, and the chat."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.options import Home, Host, Model, Port
from ui.cli.output import aside, progress_bars

if TYPE_CHECKING:
    from assistant import Assistant
    from assistant.settings import Settings
    from retrieval.ingest import IngestReport


Shop = Annotated[
    bool,
    typer.Option("--shop", help="A small invented shop instead: prices, stock, attributes, rules."),
]


def demo(
    home: Home = None,
    llm: Model = None,
    host: Host = "127.0.0.1",
    port: Port = 7860,
    shop: Shop = False,
) -> None:
    """Chat over the built-in films, or over the built-in shop."""
    from assistant.settings import load
    from ui.server import listen, serve

    settings = load(home=home or _default(shop), llm=llm)
    with listen(host, port) as socket, _open(settings, shop) as assistant:
        serve(assistant, socket, settings)


def _default(shop: bool) -> Path:
    """Apart from the workspace of ``palate ingest``, so that the demo never mixes with it."""
    from assistant.build import default_home
    from assistant.settings import load

    return load().home or default_home().with_name("demo-shop" if shop else "demo")


def _open(settings: Settings, shop: bool) -> Assistant:
    from assistant import Assistant
    from retrieval.errors import WorkspaceMissing

    assert settings.home is not None
    try:
        assistant = Assistant.open(settings=settings, command="palate demo")
    except WorkspaceMissing:
        (build_shop if shop else build)(settings.home)
        assistant = Assistant.open(settings=settings, command="palate demo")
    try:
        _is_the_one(assistant, settings.home, shop)
    except BaseException:
        assistant.close()
        raise
    return assistant


def _is_the_one(assistant: Assistant, home: Path, shop: bool) -> None:
    """InputError where ``home`` holds the shop and the films were asked for, or anything but the
    shop where the shop was."""
    from retrieval.datasets.shop import products
    from retrieval.errors import InputError

    there = assistant.parts.retriever.items.keys()
    wanted = "shop" if shop else "films"
    if (set(products()) <= there) != shop:
        raise InputError(
            f'"{home}" holds another catalogue than the built-in {wanted}; '
            "name a folder of its own with --home"
        )


def build(home: Path) -> IngestReport:
    """Make the built-in films ready in ``home``, with progress on standard error."""
    from assistant.build import ingest_into
    from retrieval.datasets import demo as films

    settings = _settings(home)
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


def build_shop(home: Path) -> IngestReport:
    """Make the built-in shop ready in ``home``: its products, and its rules where there are none
    yet, with progress on standard error."""
    from assistant.build import ingest_into
    from retrieval.datasets import shop

    aside().print(f"Making the built-in shop ready in {home}; this happens once.")
    home.mkdir(parents=True, exist_ok=True)
    rules = home / "rules.toml"
    if not rules.exists():
        shutil.copyfile(shop.RULES, rules)
    with progress_bars() as progress:
        return ingest_into(
            home,
            settings=_settings(home),
            catalog=shop.CATALOG,
            schema=shop.SCHEMA,
            progress=progress,
        )


def _settings(home: Path) -> Settings:
    """With the int8 model unless another is set: it embeds in the same space, sooner."""
    from assistant.settings import load

    settings = load(home=home)
    if "encoder" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"encoder": "minilm-int8"})
