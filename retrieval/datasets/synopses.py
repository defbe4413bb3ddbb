"""What the built-in films are about, in words of our own: ``synopses.jsonl``, keyed by IMDb id.

The catalogue's source knows facts and no plots. How the texts were written, and by what rules, is
in the README beside them; the tags come from the closed vocabulary in ``themes.toml``.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import UnreadableFile

SYNOPSES = Path(__file__).with_name("synopses.jsonl")
"""One object a line: ``{"id", "synopsis", "tags"}``."""

THEMES = Path(__file__).with_name("themes.toml")
"""Tags by kind, each with what it means of a film."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synopsis:
    """A film in two or three sentences (``text``), and its moods and themes (``tags``)."""

    id: str
    text: str
    tags: tuple[str, ...]


def read(path: Path = SYNOPSES) -> list[Synopsis]:
    """The synopses of a file in its order; none for an empty file.

    Raises :class:`UnreadableFile` when the file is missing or a line is not such an object.
    """
    found = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"cannot read the synopses {path}: {error}") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            found.append(_synopsis(line, f"{path}, line {number}"))
    return found


def vocabulary(path: Path = THEMES) -> dict[str, str]:
    """Every tag with its meaning, in the order of the file."""
    kinds = tomllib.loads(path.read_text(encoding="utf-8"))
    return {tag: meaning for tags in kinds.values() for tag, meaning in tags.items()}


def _synopsis(line: str, where: str) -> Synopsis:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UnreadableFile(f"{where} is not JSON: {error}") from error
    if not isinstance(row, dict) or set(row) != {"id", "synopsis", "tags"}:
        raise UnreadableFile(f'{where} should be an object of "id", "synopsis" and "tags"')
    tags = row["tags"]
    texts = (row["id"], row["synopsis"], *(tags if isinstance(tags, list) else (None,)))
    if not all(isinstance(text, str) for text in texts):
        raise UnreadableFile(f'{where}: "id" and "synopsis" are strings, "tags" a list of them')
    return Synopsis(id=row["id"], text=row["synopsis"], tags=tuple(tags))
