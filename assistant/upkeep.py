"""The owner's work on a catalogue while it is served: bring files, look at what they would change,
build, and go on serving from the result.

One piece of work runs at a time, in one thread, and tells how far it has come. The files lie in a
folder of the workspace that only its owner can read, and are removed when they were taken in, given
up or replaced; what a killed process left is removed at the next start.
"""

from __future__ import annotations

import logging
import re
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from assistant.door import Assistant
from assistant.errors import AssistantError
from retrieval.errors import InputError, RetrievalError, Stopped, WorkspaceBusy
from retrieval.ingest import IngestReport
from retrieval.preview import Preview, Refused, preview, refused

log = logging.getLogger(__name__)

FOLDER = "uploads"
LOADING = "loading"
JOIN_SECONDS = 60.0

Part = Literal["catalog", "events", "schema"]
PARTS: tuple[Part, ...] = ("catalog", "events", "schema")

State = Literal["empty", "reading", "ready", "building", "done", "failed", "stopped"]

_ODD = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stage of the work: how many units are done of how many (None: not known), and in how
    many seconds."""

    stage: str
    done: int
    total: int | None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How the work stands. ``files`` maps a part to the name its owner's file had.

    ``preview`` is there from ``ready`` on, ``report`` when it is ``done``, ``problem`` when it
    ``failed``, with the refused rows as far as there are any.
    """

    state: State = "empty"
    files: Mapping[Part, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    preview: Preview | None = None
    report: IngestReport | None = None
    problem: str = ""
    refused: tuple[Refused, ...] = ()

    @property
    def busy(self) -> bool:
        """Whether something is being done at this moment."""
        return self.state in ("reading", "building")


class Upkeep:
    """The work on the catalogue of one served assistant. All methods may be called from any thread.

    ``close`` ends it before the assistant is closed.
    """

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self._folder = assistant.parts.workspace.home / FOLDER
        self._lock = threading.Lock()
        self._work = Work()
        self._began: dict[str, float] = {}
        self._stop = threading.Event()
        self._place: Path | None = None
        self._thread: threading.Thread | None = None
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def work(self) -> Work:
        """How it stands now."""
        with self._lock:
            return self._work

    def place(self) -> Path:
        """A fresh folder for files that are being received; the caller hands it to :meth:`look`
        or removes it."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        place = self._folder / f"{time.time_ns():x}"
        place.mkdir(mode=0o700)
        return place

    def look(self, place: Path, files: Mapping[Part, str]) -> None:
        """Begin to look at the files of a :meth:`place`, in place of those looked at before.

        ``files`` maps each part to its name, under which it lies in ``place / part``. WorkspaceBusy
        while something is being done; InputError when there is neither catalogue nor events.
        """
        try:
            if not files.keys() & {"catalog", "events"}:
                raise InputError("choose a catalogue, an event log, or both")
            before = self._begin(Work(state="reading", files=dict(files)), ("empty", *_RESTING))
        except RetrievalError:
            shutil.rmtree(place, ignore_errors=True)
            raise
        if before is not None and before != place:
            shutil.rmtree(before, ignore_errors=True)
        self._place = place
        self._run(self._looked)

    def build(self) -> None:
        """Begin to build what was looked at. WorkspaceBusy while something is being done;
        InputError when nothing was looked at, or cannot be built."""
        now = self.work
        if now.preview is None or now.state == "done":
            raise InputError("there is nothing to build: bring a catalogue or events first")
        self._begin(replace(now, state="building", steps=(), problem=""), _RESTING)
        self._run(self._built)

    def stop(self) -> None:
        """Ask the work to stop; nothing has changed then. It ends at its next step."""
        self._stop.set()

    def drop(self) -> None:
        """Give up the files that were looked at. WorkspaceBusy while something is being done."""
        place = self._begin(Work(), ("empty", *_RESTING))
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)

    def wait(self, timeout: float | None = None) -> Work:
        """How it stands when the work has ended, or after ``timeout`` seconds."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return self.work

    def close(self) -> None:
        """Stop the work, wait for it, and remove the files."""
        self._stop.set()
        self.wait(JOIN_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _begin(self, then: Work, allowed: tuple[State, ...]) -> Path | None:
        """Change over to ``then``; the place of the files that were there until now."""
        with self._lock:
            if self._work.state not in allowed:
                raise WorkspaceBusy("another catalogue is being read or built; wait, or stop it")
            self._work = then
            self._began = {}
            self._stop.clear()
            place = self._place
            if then.state == "empty":
                self._place = None
            return place

    def _run(self, work: Callable[[Path], Work]) -> None:
        place = self._place
        assert place is not None
        self._thread = threading.Thread(
            target=self._followed, args=(work, place), name="upkeep", daemon=True
        )
        self._thread.start()

    def _followed(self, work: Callable[[Path], Work], place: Path) -> None:
        """Do the work; whatever happens, it has ended and its state says how."""
        try:
            then = work(place)
        except Stopped:
            then = replace(self.work, state="stopped")
        except (RetrievalError, AssistantError, OSError) as error:
            log.warning("upkeep_failed", extra={"error": type(error).__name__})
            then = self._failed(place, _plain(error))
        except Exception:  # unseen in its thread, it would look as if it ran for ever
            log.exception("upkeep_broke")
            then = self._failed(place, "something went wrong that should not; see the server's log")
        with self._lock:
            self._work = then

    def _failed(self, place: Path, problem: str) -> Work:
        return replace(self.work, state="failed", problem=problem, refused=refused(place))

    def _looked(self, place: Path) -> Work:
        given = self._given(place)
        found = preview(
            self.assistant.parts.workspace,
            place,
            catalog=given.get("catalog"),
            events=given.get("events"),
            schema=given.get("schema"),
            progress=self._progress,
        )
        return replace(self.work, state="ready", preview=found, refused=found.refused)

    def _built(self, place: Path) -> Work:
        given = self._given(place)
        report = self.assistant.refresh(
            catalog=given.get("catalog"),
            events=given.get("events"),
            schema=given.get("schema"),
            progress=self._progress,
        )
        shutil.rmtree(place, ignore_errors=True)
        return replace(self.work, state="done", report=report)

    def _given(self, place: Path) -> dict[Part, Path]:
        return {part: place / part / safe_name(name) for part, name in self.work.files.items()}

    def _progress(self, stage: str, done: int, total: int | None) -> None:
        if self._stop.is_set():
            raise Stopped("stopped by the owner")
        now = time.monotonic()
        with self._lock:
            spent = now - self._began.setdefault(stage, now)
            step = Step(stage=stage, done=done, total=total, seconds=spent)
            others = tuple(s for s in self._work.steps if s.stage != stage)
            known = [s.stage for s in self._work.steps]
            at = known.index(stage) if stage in known else len(others)
            self._work = replace(self._work, steps=(*others[:at], step, *others[at:]))


_RESTING: tuple[State, ...] = ("ready", "done", "failed", "stopped")


def safe_name(name: str) -> str:
    """A file's name as it is stored: letters, digits and ``. _ -``, at most 80, never hidden."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return _ODD.sub("_", last).lstrip(".")[-80:] or "file"


def _plain(error: Exception) -> str:
    """What went wrong, without the place of a list that the page shows itself."""
    return str(error).partition("; nothing has changed, see ")[0]
