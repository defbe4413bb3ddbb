"""``palate serve`` as one would run it: a process of its own, found by what it prints."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import threading
from pathlib import Path

import httpx

from tests.shared import ROOT

ORDER = "import sys; from ui.cli import main; main()"


def palate(*arguments: str | Path, **settings: object) -> subprocess.Popen[str]:
    """A ``palate`` command that has been started; ``settings`` by their names without PALATE_."""
    named = {f"PALATE_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.Popen(
        [sys.executable, "-c", ORDER, *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **named},
    )


class Service:
    """A running service over a folder; a context manager that ends it, by force where it must.

    ``said`` is what it has written on standard error so far.
    """

    def __init__(self, home: Path, *, model: bool = False, **settings: object) -> None:
        llm = () if model else ("--llm", "none")
        settings.setdefault("api_rate", 1_000_000)
        self.process = palate("serve", "--home", home, "--port", "0", *llm, **settings)
        self.said: list[str] = []
        self.url = ""
        self._up = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def address(self) -> str:
        """Where it listens, once it does. AssertionError with its words when it does not."""
        assert self._up.wait(120), "the service says nothing"
        assert self.url, f"the service did not start: {''.join(self.said)}"
        return self.url

    def client(self, timeout: float = 120) -> httpx.Client:
        """A plain client of the service."""
        return httpx.Client(base_url=self.address(), timeout=timeout)

    def room(self, size: int | None) -> None:
        """Let it write no byte of a file beyond ``size``; None lets it write again. What it then
        writes fails in the middle, as on a disk that is full or under a quota."""
        least = resource.RLIM_INFINITY if size is None else size
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (least, resource.RLIM_INFINITY))

    def kill(self) -> None:
        """End it at this very moment, as ``kill -9`` does."""
        self.process.kill()
        self.process.wait()
        self._reader.join()

    def end(self) -> int:
        """Ask it to end; its exit code."""
        self.process.terminate()
        code = self.process.wait(timeout=60)
        self._reader.join()
        return code

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                self.said.append(line)
                if not self.url and (found := re.search(r"http://[\d.]+:\d+", line)):
                    self.url = found[0]
                    self._up.set()
        self._up.set()

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()
