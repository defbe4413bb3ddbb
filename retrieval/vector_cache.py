"""Vectors that were computed once, kept by the hash of their text.

One append-only file per encoder. A record is key (16 bytes), vector (float32), checksum (4 bytes),
so a build that is killed in the middle loses at most the block it was writing: on the next opening
the half-written tail is cut off, and a record whose checksum is wrong is passed over.
One process at a time writes, which the workspace's writer lock sees to.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.embeddings import Encoder
from retrieval.errors import EncoderError, StoreError

MAGIC = b"palate vectors 1\n"
KEY = 16
BLOCK = 512  # texts between two writes to the disk: a quarter of a minute of work at most is lost


def text_key(text: str) -> bytes:
    """The key of a text: 16 bytes of BLAKE2b over its UTF-8."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY).digest()


class VectorCache:
    """The vectors of one encoder under ``directory``, which is made when it is missing.

    Raises StoreError when the file cannot be read or written. A file with a foreign head (another
    version, or damage) is started anew: it is only a cache.
    """

    def __init__(self, directory: Path, encoder: str, dimensions: int) -> None:
        name = hashlib.blake2b(f"{encoder} {dimensions}".encode(), digest_size=8).hexdigest()
        self.path = directory / f"{name}.vectors"
        self.dimensions = dimensions
        self._head = MAGIC + f"{encoder} {dimensions}\n".encode()
        self._record = np.dtype(
            [("key", f"V{KEY}"), ("vector", "<f4", (dimensions,)), ("check", "<u4")]
        )
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._rows = self._load()
        except OSError as error:
            raise StoreError(f"cannot use the vector cache '{self.path}': {error}") from error

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: bytes) -> bool:
        return key in self._rows

    def get(self, keys: Sequence[bytes]) -> NDArray[np.float32]:
        """The vectors of these keys, (len(keys), dimensions). KeyError for one that is not held."""
        out = np.empty((len(keys), self.dimensions), dtype=np.float32)
        for row, key in enumerate(keys):
            out[row] = self._rows[key]
        return out

    def add(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Append the vectors, (len(keys), dimensions); they are on the disk when this returns."""
        records = np.zeros(len(keys), dtype=self._record)
        records["key"] = np.array([np.void(k) for k in keys], dtype=f"V{KEY}")
        records["vector"] = vectors
        for record in records:
            record["check"] = _checksum(record)
        try:
            with self.path.open("ab") as stream:
                stream.write(records.tobytes())
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise StoreError(f"cannot write the vector cache '{self.path}': {error}") from error
        self._rows.update(zip(keys, records["vector"], strict=True))

    def _load(self) -> dict[bytes, NDArray[np.float32]]:
        start, size = len(self._head), self._record.itemsize
        held = self.path.read_bytes() if self.path.exists() else b""
        if not held.startswith(self._head):
            self.path.write_bytes(self._head)
            return {}
        whole = (len(held) - start) // size
        if start + whole * size != len(held):
            with self.path.open("r+b") as stream:
                stream.truncate(start + whole * size)
        records = np.frombuffer(held, dtype=self._record, count=whole, offset=start)
        return {r["key"].tobytes(): r["vector"] for r in records if r["check"] == _checksum(r)}


def _checksum(record: np.void) -> int:
    return zlib.crc32(record["vector"].tobytes(), zlib.crc32(record["key"].tobytes()))


def encode_cached(
    encoder: Encoder,
    texts: Sequence[str],
    cache: VectorCache,
    progress: Callable[[int], None] | None = None,
) -> NDArray[np.float32]:
    """``encoder.encode(texts)``, computing only what the cache does not hold.

    Equal texts are computed once. The missing ones go by length, the longest first, for throughput
    and so that a rate shown early is too low rather than too high; the result is in the order of
    ``texts``. ``progress`` is called with the number of texts done, known ones first.
    """
    keys = [text_key(text) for text in texts]
    missing = {k: t for k, t in zip(keys, texts, strict=True) if k not in cache}
    known = len(texts) - len(missing)
    if progress is not None:
        progress(known)
    order = sorted(missing, key=lambda k: -len(missing[k]))
    for start in range(0, len(order), BLOCK):
        block = order[start : start + BLOCK]
        before = known + start

        def told(done: int, before: int = before) -> None:
            if progress is not None:
                progress(before + done)

        vectors = encoder.encode([missing[k] for k in block], told)
        if vectors.shape != (len(block), cache.dimensions):
            raise EncoderError(
                f"encoder '{encoder.name}' gave vectors of shape {vectors.shape}, "
                f"expected ({len(block)}, {cache.dimensions})"
            )
        cache.add(block, vectors)
    return cache.get(keys)
