"""Folders that are made once for all test processes of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from filelock import FileLock


@dataclass(frozen=True)
class Once:
    """Folders under a root that every process of one test run sees, and no other run."""

    root: Path

    def make(self, name: str, fill: Callable[[Path], object]) -> Path:
        """The folder of that name, filled by whoever comes first; the others wait for it.

        A folder counts as filled when ``fill`` returned: after a failure the next one tries again
        under another name.
        """
        done = self.root / f"{name}.done"
        with FileLock(self.root / f"{name}.lock"):
            if done.exists():
                return Path(done.read_text(encoding="utf-8"))
            folder = Path(mkdtemp(prefix=f"{name}-", dir=self.root))
            fill(folder)
            done.write_text(str(folder), encoding="utf-8")
            return folder
