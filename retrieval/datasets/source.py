"""The seam between a data set and ingest: named rows with their line numbers.

A reader of files and a built-in data set look the same to ingest. A data set that is made in
memory wraps any iterable of ``(line_no, dict)`` pairs in :class:`Rows`::

    Rows("films", lambda: enumerate(films, start=1), total=len(films))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

Counting = Callable[[int, int | None], None]
"""Called now and then as counting(done, total), in bytes or rows; total None when unknown."""

EVERY = 512
"""Rows between two calls of a :data:`Counting`."""


class Row(NamedTuple):
    """One record as it was read.

    ``line`` is where it starts, from 1; ``record`` counts records without the header, from 1,
    blank lines included. ``problem`` is the reason why it cannot be read ("blank_line",
    "broken_json", "too_few_columns", …) and empty for a good row; ``raw`` holds a bad row's cells
    as far as they could be told apart.
    """

    line: int
    record: int
    values: Mapping[str, object]
    problem: str = ""
    raw: tuple[str, ...] = ()


BLANK = "blank_line"


class Source(Protocol):
    """Rows of one catalogue or event log; they can be read more than once."""

    @property
    def name(self) -> str:
        """What messages and files of rejects call it: a file name, a data set's name."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in order where the format declares them, else empty."""
        ...

    def rows(self, counting: Counting) -> Iterator[Row]:
        """The records in order. UnreadableFile when the source breaks off or changes shape."""
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """A :class:`Source` over ``make()``, which gives ``(line_no, dict)`` pairs, anew each time."""

    name: str
    make: Callable[[], Iterable[tuple[int, Mapping[str, object]]]]
    columns: tuple[str, ...] = ()
    total: int | None = None

    def rows(self, counting: Counting) -> Iterator[Row]:
        """The pairs as records; progress in rows."""
        record = 0
        for record, (line, values) in enumerate(self.make(), start=1):
            if record % EVERY == 0:
                counting(record, self.total)
            yield Row(line, record, values)
        counting(record, record)
