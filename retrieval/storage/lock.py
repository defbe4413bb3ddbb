"""One process at a time owns a workspace's writer.

The lock is the operating system's, on an open file: it ends with the process, however that ends.
Who holds it is written beside it, for the message only.
"""

from __future__ import annotations

import json
import logging
import os
import time
from pathlib import Path

from filelock import FileLock, Timeout

from retrieval.errors import WorkspaceBusy

log = logging.getLogger(__name__)

LOCK = "writer.lock"
OWNER = "writer.json"


class WriterLock:
    """The writer of the workspace at ``home``; taken by the constructor, given back by close().

    WorkspaceBusy, with the owner's pid and command, when it is taken.
    """

    def __init__(self, home: Path, command: str) -> None:
        self._owner = home / OWNER
        self._lock = FileLock(home / LOCK, is_singleton=False, thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise WorkspaceBusy(_busy(home)) from None
        owner = {"pid": os.getpid(), "command": command, "since": time.time()}
        part = self._owner.with_suffix(".part")
        try:
            part.write_text(json.dumps(owner), encoding="utf-8")
            part.replace(self._owner)
        except OSError as error:  # a disk that is full need not keep anybody from being answered
            log.info("writer_not_named", extra={"error": str(error)})
            part.unlink(missing_ok=True)
            self._owner.unlink(missing_ok=True)  # it would name a process that is gone

    def close(self) -> None:
        """Give the writer back."""
        if self._lock.is_locked:
            self._owner.unlink(missing_ok=True)
            self._lock.release()


def _busy(home: Path) -> str:
    try:
        owner = json.loads((home / OWNER).read_text(encoding="utf-8"))
        pid, command = int(owner["pid"]), str(owner["command"]) or "unknown"
    except (OSError, ValueError, KeyError, TypeError):
        return f"the workspace {home} is being written by another process; wait until it has ended"
    return (
        f'the workspace {home} is being written by process {pid} ("{command}"); '
        "wait until it has ended, or stop it"
    )
