"""Rows that were not taken, or not wholly: counted by reason and written down for a person to mend.

The file is a CSV that is safe to open in a spreadsheet: a cell that a spreadsheet would run as a
formula gets an apostrophe in front, and long cells are cut.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from retrieval.values import as_number, as_text

MAX_SHOWN = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def inert(cell: str) -> str:
    """A cell that no spreadsheet runs, at most about :data:`MAX_SHOWN` characters long."""
    shown = cell.encode("utf-8", "replace").decode("utf-8")
    if len(shown) > MAX_SHOWN:
        shown = f"{shown[:MAX_SHOWN]}... ({len(shown)} characters)"
    start = shown.lstrip(" ")[:1]
    return f"'{shown}" if start and start in _FORMULA and as_number(shown) is None else shown


class Rejects:
    """The rejects of one file. ``rejected`` and ``warned`` count rows by reason.

    Rows are written to ``path`` as they come; there is no file while there are none. A context
    manager that closes the file.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self.rejected: Counter[str] = Counter()
        self.warned: Counter[str] = Counter()
        self._columns = tuple(columns)
        self._file: IO[str] | None = None

    def reject(
        self, line: int, record: int, reason: str, cells: Mapping[str, object] | Sequence[str]
    ) -> None:
        """Count and write a row that is not taken."""
        self.rejected[reason] += 1
        self._write(line, record, "rejected", reason, cells)

    def warn(
        self, line: int, record: int, reason: str, cells: Mapping[str, object] | Sequence[str]
    ) -> None:
        """Count and write a row that is taken although something about it is odd."""
        self.warned[reason] += 1
        self._write(line, record, "taken", reason, cells)

    def _write(
        self,
        line: int,
        record: int,
        outcome: str,
        reason: str,
        cells: Mapping[str, object] | Sequence[str],
    ) -> None:
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            header = ["line", "record", "outcome", "reason", *(self._columns or ("row",))]
            csv.writer(self._file).writerow([inert(c) for c in header])
        if isinstance(cells, Mapping):
            if self._columns:
                shown = [as_text(cells.get(c)) for c in self._columns]
            else:
                shown = ["; ".join(f"{k}: {as_text(v)}" for k, v in list(cells.items())[:20])]
        else:
            shown = list(cells[:50])
        csv.writer(self._file).writerow([line, record, outcome, reason, *map(inert, shown)])

    def __enter__(self) -> Rejects:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def publish(self, target: Path) -> Path | None:
        """Close the file and put it at ``target`` in place of an older one; None if no rows."""
        if self._file is None:
            target.unlink(missing_ok=True)
            return None
        self._file.close()
        self._file = None
        target.parent.mkdir(exist_ok=True)
        return self.path.replace(target)
