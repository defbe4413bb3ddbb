"""CSV and its relatives: comma, semicolon, tab or bar between cells, names in the first line."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retrieval.datasets.source import BLANK, EVERY, Counting, Row
from retrieval.datasets.text import Encoding, Lines, detect, is_flawed
from retrieval.errors import UnreadableFile
from retrieval.values import as_date, as_number

_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Delimited:
    """A table in a text file; see :func:`open_delimited`."""

    path: Path
    encoding: Encoding
    delimiter: str
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def rows(self, counting: Counting) -> Iterator[Row]:
        """The records in order; blank lines count as records with the problem ``blank_line``.

        A cell beyond 131,072 characters makes its row ``huge_cell``. A quote that is never closed
        costs its own line only: the lines it swallowed are read again.
        """
        width = len(self.columns)
        with Lines(self.path, self.encoding) as lines:
            reader = csv.reader(lines, delimiter=self.delimiter)
            next(reader)
            record = 0
            while True:
                lines.mark()
                start = lines.number + 1
                problem = ""
                cells: list[str] = []
                try:
                    cells = next(reader)
                except StopIteration:
                    break
                except csv.Error as e:
                    problem = "huge_cell" if "limit" in str(e) else "malformed_row"
                    cells = [lines.start]
                record += 1
                if record % EVERY == 0:
                    counting(lines.done(), lines.total)
                if lines.cut:
                    problem = "huge_row"
                elif lines.ended:  # more lines were wanted: a quote is open
                    problem = "unclosed_quote"
                problem = problem or self._problem(cells, width)
                if problem and lines.spanned > 1:
                    cells = [lines.back().rstrip("\r\n")]
                    problem = "unclosed_quote"
                    reader = csv.reader(lines, delimiter=self.delimiter)
                values = {} if problem else dict(zip(self.columns, cells, strict=True))
                yield Row(start, record, values, problem, tuple(cells) if problem else ())
            counting(lines.total, lines.total)

    def _problem(self, cells: list[str], width: int) -> str:
        if not cells or (len(cells) == 1 and not cells[0].strip()):
            return BLANK
        if len(cells) < width:
            return "too_few_columns"
        if len(cells) > width:
            return "too_many_columns"
        return "bad_encoding" if self.encoding.flawed and any(is_flawed(c) for c in cells) else ""


def open_delimited(path: Path) -> Delimited:
    """A table whose delimiter is told from its first lines.

    UnreadableFile when it has one column only, no header, two columns of one name, or is no text.
    """
    encoding = detect(path)
    with Lines(path, encoding) as lines:
        first = [line for line, _ in zip(lines, range(20), strict=False)]
    if not first[0].strip():
        raise UnreadableFile(f"{path.name} starts with a blank line; it must start with a header")
    delimiter = _delimiter(first)
    if delimiter is None:
        raise UnreadableFile(
            f"{path.name} is not a table: its first line has one column only "
            "(comma, semicolon, tab and | were tried)"
        )
    try:
        header = next(csv.reader(first, delimiter=delimiter))
    except csv.Error as e:
        raise UnreadableFile(f"{path.name} has a header that cannot be read: {e}") from e
    return Delimited(path, encoding, delimiter, _columns(header, path.name))


def _delimiter(first: list[str]) -> str | None:
    """The delimiter that cuts the first lines into the same number of cells, two or more."""
    ranks: dict[str, tuple[float, int]] = {}
    for delimiter in _DELIMITERS:
        try:
            widths = [len(r) for r in csv.reader(first, delimiter=delimiter) if r]
        except csv.Error:
            widths = [len(line.split(delimiter)) for line in first]
        if widths and widths[0] > 1:
            same = sum(w == widths[0] for w in widths) / len(widths)
            ranks[delimiter] = (same, widths[0])
    return max(ranks, key=lambda d: ranks[d]) if ranks else None


def _columns(header: list[str], name: str) -> tuple[str, ...]:
    columns = [cell.strip() for cell in header]
    shown = ", ".join(cell[:30] for cell in columns[:6])
    if any(as_number(c) is not None or as_date(c) is not None for c in columns):
        raise UnreadableFile(
            f"{name} has no header: its first line is data ({shown}); add a line with the names"
        )
    if any(len(c) > 200 for c in columns):
        raise UnreadableFile(f"{name} has no header: its first line is prose, not names")
    columns = [c or f"column_{i}" for i, c in enumerate(columns, start=1)]
    twice = [c for c, n in Counter(columns).items() if n > 1]
    if twice:
        raise UnreadableFile(f'{name} has two columns called "{twice[0]}"; rename one')
    return tuple(columns)
