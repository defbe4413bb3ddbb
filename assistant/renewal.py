"""Changes of the catalogue that came one by one, taken in while it is served.

Whoever sends a change is answered when it is on disk. One thread builds the next index version
from all that wait, and after it what came meanwhile: as long as it worked, so long it rests, so
that visitors keep at least half of the machine.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.door import Assistant
from assistant.errors import AssistantError
from retrieval.errors import RetrievalError, Stopped
from retrieval.types import Item, ItemId

log = logging.getLogger(__name__)

AGAIN = 60.0
"""Seconds until a build that failed is tried again, unless a change comes first."""

JOIN_SECONDS = 60.0

State = Literal["idle", "building", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """How it stands: ``stage`` while it builds, ``problem`` when the last build failed."""

    state: State = "idle"
    stage: str = ""
    problem: str = ""


class Renewal:
    """Takes waiting changes into what one assistant serves. Safe to call from any thread.

    :meth:`start` begins with what waited on disk; :meth:`close` comes before the assistant's.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._now = Renewed()
        self._changed = threading.Condition()
        self._due = False
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def now(self) -> Renewed:
        """How it stands at this moment."""
        return self._now

    @property
    def waiting(self) -> int:
        """How many items have a change that is not in force yet."""
        return self._assistant.parts.workspace.changes.count()

    def change(self, items: Sequence[Item], retired: Sequence[ItemId] = ()) -> None:
        """Keep these changes and have them taken in. What is retired is not recommended from now
        on; everything else is in force with the version that is built next."""
        self._assistant.parts.workspace.changes.add(items, retired)
        # Looked up again: another version may have begun to answer meanwhile.
        self._assistant.parts.retriever.withdraw(retired)
        self._wake()

    def start(self) -> None:
        """Begin to take in what waits and what will come; an assistant that only reads has nothing
        to begin."""
        if self._thread is None and self._assistant.parts.workspace.writable:
            self._thread = threading.Thread(target=self._run, name="renewal", daemon=True)
            self._thread.start()
            self._wake()

    def close(self) -> None:
        """Stop; what is half built is left undone and waits for the next start."""
        self._ending.set()
        self._wake()
        if self._thread is not None:
            self._thread.join(JOIN_SECONDS)

    def wait(self, timeout: float | None = None) -> Renewed:
        """How it stands when nothing waits any more, or a build has failed, or time is up."""
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._now.state == "failed" or (self._now.state == "idle" and not self.waiting)
                ),
                timeout,
            )
        return self._now

    def _wake(self) -> None:
        with self._changed:
            self._due = True
            self._changed.notify_all()

    def _run(self) -> None:
        patience: float | None = None
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._due, patience)
                self._due = False
            if self._ending.is_set():
                return
            patience = None
            if self.waiting:
                began = time.monotonic()
                patience = None if self._built() else AGAIN
                self._ending.wait(time.monotonic() - began)

    def _built(self) -> bool:
        """Build once; whether it went well."""
        self._now = Renewed(state="building")
        problem = ""
        try:
            self._assistant.refresh(changes=True, progress=self._progress)
        except Stopped:
            pass  # the changes wait on disk
        except (RetrievalError, AssistantError, OSError) as error:
            log.warning("renewal_failed", extra={"error": type(error).__name__})
            problem = str(error)
        except Exception:  # unseen in its thread, it would look as if it ran for ever
            log.exception("renewal_broke")
            problem = "something went wrong that should not; see the server's log"
        with self._changed:
            self._now = Renewed(state="failed" if problem else "idle", problem=problem)
            self._changed.notify_all()
        return not problem

    def _progress(self, stage: str, _done: int, _total: int | None) -> None:
        if self._ending.is_set():
            raise Stopped("the service is ending")
        if self._now.stage != stage:
            self._now = replace(self._now, stage=stage)
