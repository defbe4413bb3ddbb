"""One index version: vectors, words and taste over the same rows, built together, then only read.

::

    vNNNN/
      ids.json         item ids in row order: every part has its rows in this order
      chroma/          the vectors: Chroma's files, and the same by row
      lexical/         BM25
      collaborative/   the scorers; empty of knowledge when there were no events
      manifest.json    written last: a version without it was never finished
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from retrieval.embeddings import Encoder, item_text, same_space
from retrieval.errors import EncoderError, StoreError
from retrieval.lexical import LexicalIndex
from retrieval.types import Event, ItemId
from retrieval.vector_cache import VectorCache, encode_cached
from retrieval.vectors import Floats, VectorStore

if TYPE_CHECKING:
    from retrieval.collaborative import Collaborative
    from retrieval.ingest import BuildRequest

MANIFEST, IDS, CHROMA, LEXICAL, COLLABORATIVE = (
    "manifest.json",
    "ids.json",
    "chroma",
    "lexical",
    "collaborative",
)
REMEDY = "ingest the catalogue again"
FORMAT: Literal[2] = 2


class Manifest(BaseModel):
    """What an index version holds. ``ids``, ``texts`` and ``vectors`` are hashes of the content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[2] = FORMAT
    encoder: str
    dimensions: int = Field(gt=0)
    items: int = Field(ge=0)
    events: int = Field(ge=0)
    ids: str
    texts: str
    vectors: str


def signature(encoder: Encoder) -> str:
    """Names the way an index is built; a version with another one has to be built anew."""
    return f"{encoder.name} format {FORMAT}"


def build_index(request: BuildRequest, *, encoder: Encoder) -> None:
    """Build a whole version in ``request.directory``, which is empty or does not exist yet.

    Rows are the items by id. Texts that were embedded before are taken from ``request.cache``, so
    an interrupted build goes on where it was. Progress is told in the stages ``embedding``,
    ``storing``, ``words`` (in items) and ``collaborative``. Raises EncoderError and StoreError;
    then there is no manifest, and the directory is to be thrown away.
    """
    from retrieval.chroma import ChromaStore

    items = sorted(request.items, key=lambda item: item.id)
    ids = tuple(item.id for item in items)
    told = request.progress
    request.directory.mkdir(parents=True, exist_ok=True)

    texts = [item_text(item, request.schema) for item in items]
    cache = VectorCache(request.cache, encoder.name, encoder.dimensions)
    vectors = encode_cached(encoder, texts, cache, lambda n: told("embedding", n, len(items)))

    told("storing", 0, len(items))
    ChromaStore.create(
        request.directory / CHROMA,
        ids,
        vectors,
        metadata={"encoder": encoder.name, "count": len(items)},
        progress=lambda n: told("storing", n, len(items)),
    ).close()

    told("words", 0, len(items))
    LexicalIndex.build(items, request.schema).save(request.directory / LEXICAL)
    told("words", len(items), len(items))

    events = _build_collaborative(request, ids)
    _write(request.directory / IDS, json.dumps(ids, ensure_ascii=False))
    manifest = Manifest(
        encoder=encoder.name,
        dimensions=encoder.dimensions,
        items=len(items),
        events=events,
        ids=_digest(ids),
        texts=_digest(texts),
        vectors=hashlib.blake2b(vectors.tobytes(), digest_size=16).hexdigest(),
    )
    _write(request.directory / MANIFEST, manifest.model_dump_json(indent=2))


def _build_collaborative(request: BuildRequest, ids: Sequence[ItemId]) -> int:
    """Fit and save the scorers; gives the number of events they were fitted on."""
    from retrieval.collaborative import Collaborative, Interactions

    count = 0

    def counted() -> Iterator[Event]:
        nonlocal count
        for event in request.events():
            count += 1
            yield event

    interactions = Interactions.build(counted(), ids, request.kinds)
    model = Collaborative.fit(interactions, progress=request.progress)
    model.save(request.directory / COLLABORATIVE)
    return count


class Index:
    """A finished version. Opening reads the manifest and the ids; each part loads when first used.

    ``ids`` are in row order and ``row`` is their inverse. Safe to share between threads.
    """

    def __init__(self, directory: Path, manifest: Manifest, ids: tuple[ItemId, ...]) -> None:
        self.directory = directory
        self.manifest = manifest
        self.ids = ids
        self.row = {item: row for row, item in enumerate(ids)}
        self._lock = threading.Lock()
        self._store: VectorStore | None = None
        self._lexical: LexicalIndex | None = None
        self._collaborative: Collaborative | None = None
        self._closers: list[Callable[[], None]] = []

    @classmethod
    def open(cls, directory: Path) -> Index:
        """The version in ``directory``. StoreError when it is unfinished, damaged, or of a format
        that this release does not read.
        """
        manifest = _read_manifest(directory / MANIFEST)
        try:
            ids = tuple(json.loads((directory / IDS).read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise StoreError(f"cannot read '{directory / IDS}': {error}; {REMEDY}") from error
        if len(ids) != manifest.items or _digest(ids) != manifest.ids:
            raise StoreError(
                f"'{directory / IDS}' lists {len(ids)} ids, which are not the {manifest.items} "
                f"of the manifest; {REMEDY}"
            )
        return cls(directory, manifest, ids)

    @property
    def store(self) -> VectorStore:
        """The vectors. StoreError when they do not agree with the manifest."""
        with self._lock:
            if self._store is None:
                from retrieval.chroma import ChromaStore

                store = ChromaStore.open(
                    self.directory / CHROMA, self.row, dimensions=self.manifest.dimensions
                )
                self._closers.append(store.close)
                self._store = store
            return self._store

    def vectors(self, ids: Sequence[ItemId]) -> Floats:
        """Their vectors, (len(ids), dimensions), in the order asked. StoreError for a stranger."""
        rows = [self.row.get(item, -1) for item in ids]
        if -1 in rows:
            raise StoreError(f"the index holds no '{ids[rows.index(-1)]}'; {REMEDY}")
        return self.store.get(rows)

    @property
    def lexical(self) -> LexicalIndex:
        """The word index."""
        with self._lock:
            if self._lexical is None:
                self._lexical = LexicalIndex.load(self.directory / LEXICAL)
            return self._lexical

    @property
    def collaborative(self) -> Collaborative:
        """The scorers learned from events; they know nothing where there were none."""
        with self._lock:
            if self._collaborative is None:
                from retrieval.collaborative import Collaborative

                self._collaborative = Collaborative.load(self.directory / COLLABORATIVE)
            return self._collaborative

    def check(self, encoder: Encoder) -> None:
        """EncoderError unless this encoder's vectors can be compared with those of the index."""
        built = self.manifest
        if not same_space(encoder.name, built.encoder) or encoder.dimensions != built.dimensions:
            raise EncoderError(
                f"the index was built with '{built.encoder}' ({built.dimensions} dimensions), "
                f"queries would be read by '{encoder.name}' ({encoder.dimensions} dimensions); "
                f"set the encoder back, or {REMEDY}"
            )

    def close(self) -> None:
        """Let go of open files."""
        with self._lock:
            for close in self._closers:
                close()
            self._closers.clear()
            self._store = None


def _read_manifest(path: Path) -> Manifest:
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise StoreError(f"the index at '{path.parent}' was never finished; {REMEDY}") from error
    except (OSError, ValidationError) as error:
        raise StoreError(f"cannot use the manifest '{path}': {error}; {REMEDY}") from error


def _digest(texts: Iterable[str]) -> str:
    """A hash of texts in their order; the lengths keep neighbours apart."""
    digest = hashlib.blake2b(digest_size=16)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def _write(path: Path, text: str) -> None:
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
