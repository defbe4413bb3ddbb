"""A real server over a small workspace, and a real browser that may talk to nobody else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from assistant.build import ingest_into
from assistant.settings import Settings
from tests.e2e.catalogue import write_catalogue, write_ratings
from tests.shared import ROOT

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000  # milliseconds that a slow machine gets for one answer

Open = Callable[..., Page]


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("e2e")
    write_catalogue(folder / "films.jsonl")
    write_ratings(folder / "ratings.csv")
    ingest_into(
        folder / "home",
        settings=Settings(encoder="hashed"),
        catalog=folder / "films.jsonl",
        events=folder / "ratings.csv",
    )
    return folder / "home"


@pytest.fixture(scope="package")
def address(home: Path) -> Iterator[str]:
    with serving(home) as found:
        yield found


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The address of a running ``palate serve``; afterwards it ends by a signal, and cleanly."""
    order = "import sys; from ui.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", order, "serve", "--home", home, "--port", "0", "--llm", "none"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PALATE_ENCODER": "hashed"},
    )
    assert process.stderr is not None
    said: list[str] = []
    rest: threading.Thread | None = None
    try:
        found = None
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                break
        assert found, f"the server did not start: {''.join(said)}"
        rest = threading.Thread(target=said.extend, args=(process.stderr,))
        rest.start()
        with urlopen(found[0], timeout=100):  # the page is made after the door is open
            pass
        yield found[0]
        process.terminate()
        assert process.wait(timeout=30) == 0, "".join(said)
        assert "Traceback" not in "".join(said), "".join(said)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(timeout=30)
        if rest is not None:
            rest.join(timeout=30)
        process.stderr.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no browser: /usr/bin/chromium is absent")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Opens the chat, each time in a browser profile of its own, and holds it to the rules."""
    with watched(browser, address) as profile:

        def open_(width: int = 1280, height: int = 800, **options: object) -> Page:
            page = profile(width, height, **options)
            page.goto(address)
            expect(page.get_by_role("textbox", name="Message")).to_be_visible()
            return page

        yield open_


@contextmanager
def watched(browser: Browser, address: str) -> Iterator[Open]:
    """Makes blank pages, each in a browser profile of its own, and looks at the end whether they
    kept to the rules: none may write an error to its console, fail in a script, or ask any other
    host."""
    wrong: list[str] = []
    contexts = []
    host = urlsplit(address).netloc

    def asked(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != host:
            wrong.append(f"asked another host: {url}")

    def open_(width: int = 1280, height: int = 800, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked(request.url))
        page.on("websocket", lambda socket: asked(socket.url))
        page.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
        page.on(
            "console",
            lambda m: wrong.append(f"console: {m.text}") if m.type == "error" else None,
        )
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []
