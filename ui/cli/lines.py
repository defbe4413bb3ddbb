"""Reading a JSONL file that somebody hands to a command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from retrieval.errors import UnreadableFile


def objects(path: Path, *required: str) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file in order, each with the keys it must have; blank lines pass.

    Raises :class:`~retrieval.errors.UnreadableFile` with the file, the line and what is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnreadableFile(f'cannot read "{path}": {error.strerror or error}') from None
    except UnicodeDecodeError:
        raise UnreadableFile(f'"{path}" is not UTF-8 text; save it as UTF-8 JSON lines') from None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            raise UnreadableFile(f'"{path}" line {number} is not JSON') from None
        if not isinstance(found, dict):
            raise UnreadableFile(f'"{path}" line {number} is not a JSON object')
        for key in required:
            if key not in found:
                raise UnreadableFile(f'"{path}" line {number} lacks "{key}"')
        yield found
