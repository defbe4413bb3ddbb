"""JSON Lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from retrieval.datasets.source import BLANK, EVERY, Counting, Row
from retrieval.datasets.text import Encoding, Lines, detect, is_flawed
from retrieval.errors import UnreadableFile


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A file of objects; see :func:`open_jsonl`. It declares no columns."""

    path: Path
    encoding: Encoding
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def rows(self, counting: Counting) -> Iterator[Row]:
        """The objects in order; a line that is none has the problem ``broken_json`` or the like."""
        with Lines(self.path, self.encoding) as lines:
            record = 0
            while True:
                lines.mark()
                line = next(lines, None)
                if line is None:
                    break
                record += 1
                if record % EVERY == 0:
                    counting(lines.done(), lines.total)
                number = lines.number
                values: object = None
                if not line.strip():
                    problem = BLANK
                elif lines.cut:
                    problem = "huge_row"
                elif self.encoding.flawed and is_flawed(line):
                    problem = "bad_encoding"
                else:
                    values = parse(line)
                    problem = "" if isinstance(values, Mapping) else "not_an_object"
                    problem = "broken_json" if values is None else problem
                if not problem and isinstance(values, Mapping):
                    yield Row(number, record, values)
                else:
                    yield Row(number, record, {}, problem, (line.rstrip("\r\n"),))
            counting(lines.total, lines.total)


def parse(line: str) -> object | None:
    """A line's value; NaN and Infinity, which some programs write, are null. None if broken."""
    import orjson

    found: object
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        if "NaN" not in line and "Infinity" not in line:
            return None
        try:
            found = json.loads(line, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            return None
    return found


def open_jsonl(path: Path) -> JsonLines:
    """A file whose first lines hold at least one object. UnreadableFile otherwise."""
    encoding = detect(path)
    with Lines(path, encoding) as lines:
        first = [line for line, _ in zip(lines, range(50), strict=False) if line.strip()]
    if any(isinstance(parse(line), Mapping) for line in first):
        return JsonLines(path, encoding)
    if first and first[0].strip() == "{":
        raise UnreadableFile(
            f"{path.name} is one JSON document over many lines; write one object a line"
        )
    raise UnreadableFile(f"{path.name} is not JSON Lines: no line holds a whole JSON object")
