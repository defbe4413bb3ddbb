"""What was ranked before, by the request's fingerprint: in memory and, if wished, in a file."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path

from assistant.reranking.cache_file import CacheFile, Entry

log = logging.getLogger(__name__)

MAX_BYTES = 256 * 1024
"""Bytes of one value as JSON; a larger one is not kept."""

SWEEP = 1000
"""How many values are put between two removals of what has expired from the file."""

DAY = 86400.0


class RankCache:
    """Remembers JSON values by key; each user sees only what was put for that very user.

    ``entries`` bounds the memory (the least recently used goes first). With a ``path`` the values
    are also kept in one SQLite file, which processes may share. An entry expires ``ttl`` seconds
    after it was put (None: never) and, when ``daily``, at midnight UTC. Safe across threads.

    ``get`` and ``put`` raise nothing: a value that cannot be kept and a file that cannot be used
    are logged, and a damaged file is set aside as ``<name>.damaged``. They may block for about a
    second where another process holds the file. After ``close`` nothing is found or kept.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        entries: int = 1024,
        ttl: float | None = DAY,
        daily: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if entries < 1:
            raise ValueError(f"entries must be at least 1, got {entries}")
        if ttl is not None and not ttl > 0:
            raise ValueError(f"ttl must be positive, got {ttl}")
        self._entries, self._ttl, self._daily, self._clock = entries, ttl, daily, clock
        self._lock = threading.Lock()
        self._memory: OrderedDict[tuple[str, str], Entry] = OrderedDict()
        self._file = None if path is None else CacheFile(path)
        self._epoch = None if self._file is None else self._file.epoch()
        self._puts = 0
        self._closed = False
        if self._file is not None:
            self._file.sweep(*self._span())

    def get(self, key: str, user: str = "") -> Mapping[str, object] | None:
        """The value put last for this key and user, as a copy; None when there is none."""
        with self._lock:
            entry = None if self._closed else self._find(key, user)
        if entry is None:
            return None
        value: dict[str, object] = json.loads(entry.text)
        return value

    def put(self, key: str, value: Mapping[str, object], user: str = "") -> None:
        """Keep a value in the place of the one before."""
        text = _encoded(value)
        with self._lock:
            if self._closed:
                return
            if text is None:
                self._forget(key, user)
                return
            entry = Entry(made=self._clock(), text=text)
            self._keep((user, key), entry)
            if self._file is None:
                return
            self._file.write(key, user, entry)
            self._puts += 1
            if self._puts % SWEEP == 0:
                self._file.sweep(*self._span())

    def erase(self, user: str) -> int:
        """Remove all entries of a user, and their bytes from the file; how many there were.

        Other processes that share the file, and can still read it, forget them before their next
        answer. A damaged file that was set aside is deleted, as nobody can tell whose bytes it
        holds. Raises :class:`~assistant.errors.ErasureFailed` where the file could not be cleaned.
        """
        with self._lock:
            self._follow()  # what was erased elsewhere is not counted twice
            keys = [key for owner, key in self._memory if owner == user]
            for key in keys:
                del self._memory[user, key]
            return len(keys) if self._file is None else self._file.erase(user, keys)

    def clear(self) -> None:
        """Remove everything, as thoroughly as :meth:`erase`."""
        with self._lock:
            self._memory.clear()
            if self._file is not None:
                self._file.clear()

    def close(self) -> None:
        """Let go of memory and file; what is in the file is found again by the next cache."""
        with self._lock:
            self._closed = True
            self._memory.clear()
            if self._file is not None:
                self._file.close()

    def _find(self, key: str, user: str) -> Entry | None:
        self._follow()
        low, high = self._span()
        entry = self._memory.pop((user, key), None)
        if entry is None or not low <= entry.made < high:
            entry = None if self._file is None else self._file.read(key, user)
        if entry is None:
            return None
        if not low <= entry.made < high:
            self._forget(key, user)
            return None
        self._keep((user, key), entry)
        return entry

    def _follow(self) -> None:
        """Forget what is in memory when something was erased, here or by another process."""
        epoch = None if self._file is None else self._file.epoch()
        if epoch is not None and epoch != self._epoch:
            self._memory.clear()
            self._epoch = epoch

    def _span(self) -> tuple[float, float]:
        """From when, and until before when, an entry must be made to be good now.

        It ends as far ahead as it begins behind: what a clock that was wrong put into the future
        must not live until then.
        """
        now = self._clock()
        reach = float("inf") if self._ttl is None else self._ttl
        low, high = now - reach, now + reach
        if self._daily:
            midnight = now // DAY * DAY
            low, high = max(low, midnight), min(high, midnight + DAY)
        return low, high

    def _keep(self, at: tuple[str, str], entry: Entry) -> None:
        self._memory[at] = entry
        self._memory.move_to_end(at)
        if len(self._memory) > self._entries:
            self._memory.popitem(last=False)

    def _forget(self, key: str, user: str) -> None:
        self._memory.pop((user, key), None)
        if self._file is not None:
            self._file.drop(key, user)


def _encoded(value: Mapping[str, object]) -> bytes | None:
    """The value as JSON; None when it is none or too large."""
    try:
        text = json.dumps(dict(value), allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        log.warning("cache.not_kept: reason=%s", type(error).__name__)
        return None
    if len(text) > MAX_BYTES:
        log.info("cache.not_kept: bytes=%d allowed=%d", len(text), MAX_BYTES)
        return None
    return text
