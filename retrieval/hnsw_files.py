"""The room that Chroma's graph files keep for later items holds nothing.

Chroma's index writes the whole of what it has reserved, and what it has not filled yet is memory
as it was found: whatever the process held there before, a key or somebody's words among it. A
store that is written once needs none of that room, so it is overwritten before anybody reads it.
"""

from __future__ import annotations

import struct
from pathlib import Path

HEADER = struct.Struct("<iQQQQ")
"""Version, offset of the first layer, items that fit, items held, bytes of an item there."""
VERSION = 1
LENGTH_BYTES = 4


def blank_unused(path: Path) -> None:
    """Overwrite with zeros what lies beyond the last item in the graphs' files under ``path``.

    Nothing is done where there are none, or where they are of a version not known here.
    """
    for header in path.glob("*/header.bin"):
        head = header.read_bytes()[: HEADER.size]
        if len(head) < HEADER.size:
            continue
        version, _, _, held, item_bytes = HEADER.unpack(head)
        if version == VERSION:
            _blank(header.with_name("length.bin"), held * LENGTH_BYTES)
            _blank(header.with_name("data_level0.bin"), held * item_bytes)


def _blank(file: Path, start: int) -> None:
    """The bytes of a file from ``start`` on become zeros; its size stays."""
    if not file.is_file() or (left := file.stat().st_size - start) <= 0:
        return
    with file.open("r+b") as out:
        out.seek(start)
        for done in range(0, left, 1 << 20):
            out.write(bytes(min(1 << 20, left - done)))
