"""What an index version says of itself: written last, so where it is, the version is whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from retrieval.errors import StoreError

NAME = "manifest.json"
REMEDY = "ingest the catalogue again"
FORMAT: Literal[3] = 3
"""Goes up when a part of a version is laid down in another way; older versions are built anew."""


class Manifest(BaseModel):
    """What an index version holds. ``ids``, ``texts`` and ``vectors`` are hashes of the content.

    ``churn`` counts the vectors that were added, changed or removed since the graph they are
    searched by was last built whole.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[3] = FORMAT
    encoder: str
    dimensions: int = Field(gt=0)
    items: int = Field(ge=0)
    events: int = Field(ge=0)
    churn: int = Field(ge=0)
    ids: str
    texts: str
    vectors: str


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a version. StoreError when it is unfinished, damaged or of another format."""
    path = directory / NAME
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise StoreError(f"the index at '{directory}' was never finished; {REMEDY}") from error
    except (OSError, ValidationError) as error:
        raise StoreError(f"cannot use the manifest '{path}': {error}; {REMEDY}") from error


def digest(texts: Iterable[str]) -> str:
    """A hash of texts in their order; the lengths keep neighbours apart."""
    state = hashlib.blake2b(digest_size=16)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "little") + data)
    return state.hexdigest()


def write_whole(path: Path, text: str) -> None:
    """Write the whole file or nothing: beside it first, then put in its place."""
    beside = path.with_suffix(".tmp")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write '{path}': {error}") from error
