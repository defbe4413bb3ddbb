"""Text files in the encodings that people have, line by line, in bounded memory."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import UnreadableFile

MAX_LINE = 4_000_000
"""Characters of one line; what goes beyond is skipped and the line is marked as cut."""

_BLOCK = 1 << 20
_MAGIC = (
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook; export the table as CSV"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ", "an xz archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first"),
    (b"SQLite format 3", "an SQLite database; export the table as CSV"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x7fELF", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; export the table as CSV"),
)


def head(path: Path, size: int = 65_536) -> bytes:
    """The first bytes of a file. UnreadableFile when there is none, or it is empty or no file."""
    try:
        if path.is_dir():
            raise UnreadableFile(f"{path} is a folder; a file was expected")
        if not path.exists():
            raise UnreadableFile(f"{path} does not exist")
        if not path.is_file():
            raise UnreadableFile(f"{path} is not a regular file; save its content to one first")
        with path.open("rb") as f:
            start = f.read(size)
    except OSError as e:
        raise UnreadableFile(f"{path} cannot be read: {e.strerror or e}") from e
    if not start:
        raise UnreadableFile(f"{path} is empty")
    return start


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file's bytes become text. ``flawed`` files hold bytes that are not valid in it."""

    codec: str
    flawed: bool = False


def detect(path: Path) -> Encoding:
    """The encoding: by byte order mark, else UTF-8 when it is valid throughout, else Windows-1252.

    The whole file is looked at (about 1 GB a second), so that one late accent does not break an
    ingest half-way. A file that is mostly valid UTF-8 with a few bad bytes stays UTF-8 and is
    flawed: its bad rows are rejected, not guessed. UnreadableFile for what is no text.
    """
    start = head(path)
    for magic, what in _MAGIC:
        if start.startswith(magic):
            raise UnreadableFile(f"{path} is not text but {what}")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16")
    if start.startswith(codecs.BOM_UTF8):
        start = start[3:]
    elif (wide := _wide(start)) is not None:
        return Encoding(wide)
    if b"\x00" in start or _binary(start):
        raise UnreadableFile(f"{path} is binary, not text")
    return _utf8_or_latin(path)


def _wide(start: bytes) -> str | None:
    """UTF-16 without a mark: Latin text has a zero in every other byte."""
    even, odd = start[0:4000:2], start[1:4000:2]
    if len(odd) < 8:
        return None
    if odd.count(0) > 0.7 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return None


def _binary(start: bytes) -> bool:
    controls = sum(start.count(bytes([b])) for b in range(32) if b not in (9, 10, 12, 13))
    return controls > 0.02 * len(start)


def _utf8_or_latin(path: Path) -> Encoding:
    if _valid(path):
        return Encoding("utf-8-sig")
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = 0
    with path.open("rb") as f:
        for block in iter(lambda: f.read(_BLOCK), b""):
            text = decoder.decode(block)
            plain = len(text.encode("ascii", "ignore"))
            wrong = len(text) - len(text.encode("utf-8", "ignore").decode("utf-8"))
            bad += wrong
            good += len(text) - plain - wrong
    return Encoding("cp1252") if bad > good else Encoding("utf-8-sig", flawed=True)


def _valid(path: Path) -> bool:
    """Whether the whole file is UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        with path.open("rb") as f:
            for block in iter(lambda: f.read(_BLOCK), b""):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _clean(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


class Lines(Iterator[str]):
    """The lines of a text file with their ends, as the csv module wants them.

    ``number`` is that of the line given last, from 1. ``cut`` tells that a line since the last
    :meth:`mark` was longer than :data:`MAX_LINE`, ``ended`` that the end of the file was met since
    then. :meth:`back` gives lines again that were given
    since the mark, all but the first.
    """

    def __init__(self, path: Path, encoding: Encoding) -> None:
        self._raw = path.open("rb", buffering=0)
        errors = "replace" if encoding.codec == "cp1252" else "surrogateescape"
        if encoding.codec.startswith("utf-16"):
            errors = "replace"
        self._text = io.TextIOWrapper(
            io.BufferedReader(self._raw, _BLOCK), encoding.codec, errors, newline=""
        )
        self.total = path.stat().st_size
        self.number = 0
        self.cut = False
        self.ended = False
        self._since: list[str] = []
        self._again: list[str] = []

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._read()
        self.number += 1
        self._since.append(line)
        return line

    def _read(self) -> str:
        line = self._text.readline(MAX_LINE)
        if not line:
            self.ended = True
            raise StopIteration
        if len(line) >= MAX_LINE and line[-1] not in "\r\n":
            self.cut = True
            while (rest := self._text.readline(_BLOCK)) and rest[-1] not in "\r\n":
                pass
            line = line[:200_000] + "\n"
        return line

    def mark(self) -> None:
        """A record starts with the next line."""
        self._since.clear()
        self.cut = self.ended = False

    @property
    def spanned(self) -> int:
        """How many lines were given since the mark."""
        return len(self._since)

    @property
    def start(self) -> str:
        """The first 200 characters since the mark; empty when no line was given."""
        return self._since[0][:200].rstrip("\r\n") if self._since else ""

    def back(self) -> str:
        """Take back all lines since the mark but the first, which is returned."""
        first, *rest = self._since
        self._again.extend(reversed(rest))
        self.number -= len(rest)
        self._since = [first]
        return first

    def done(self) -> int:
        """Bytes read so far."""
        return self._raw.tell()


def is_flawed(line: str) -> bool:
    """Whether a line holds bytes that were no valid UTF-8."""
    return not line.isascii() and not _clean(line)
