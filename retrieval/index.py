"""One index version: vectors, words and taste over the same rows, built together, then only read.

::

    vNNNN/
      ids.json         item ids in row order: every part has its rows in this order
      texts.npy        hashes of what was embedded, by row
      chroma/          the vectors: Chroma's files, and the same by row
      lexical/         BM25
      collaborative/   the scorers; empty of knowledge when there were no events
      blend/           how their scores become one
      manifest.json    written last: a version without it was never finished
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.embeddings import Encoder, item_text, same_space
from retrieval.errors import EncoderError, StoreError
from retrieval.lexical import LexicalIndex
from retrieval.manifest import FORMAT, REMEDY, Manifest, digest, read_manifest, write_whole
from retrieval.manifest import NAME as MANIFEST
from retrieval.types import Event, ItemId
from retrieval.vector_cache import KEY, VectorCache, encode_cached, text_key
from retrieval.vectors import Floats, Rows, VectorStore

if TYPE_CHECKING:
    from retrieval.blend import Blend
    from retrieval.collaborative import Collaborative
    from retrieval.ingest import BuildRequest

log = logging.getLogger(__name__)

IDS, TEXTS, CHROMA, LEXICAL, COLLABORATIVE, BLEND = (
    "ids.json",
    "texts.npy",
    "chroma",
    "lexical",
    "collaborative",
    "blend",
)
CHURN = 0.25
"""Share of the items that may come, change and go before the graph of vectors is built anew.

A copied graph keeps the links that were laid for what was there.
"""


def signature(encoder: Encoder) -> str:
    """Names the way an index is built; a version with another one has to be built anew."""
    return f"{encoder.name} format {FORMAT}"


def build_index(request: BuildRequest, *, encoder: Encoder) -> None:
    """Build a whole version in ``request.directory``, which is empty or does not exist yet.

    Rows are the items by id. Texts that were embedded before are taken from ``request.cache``, so
    an interrupted build goes on where it was. Where the version in force, ``request.earlier``, was
    built in the same way, what it says of unchanged items is taken over; the result is the same but
    for what the graph of vectors finds, which is approximate either way. Progress is told in the
    stages ``embedding``, ``storing``, ``words`` (in items) and ``collaborative``. Raises
    EncoderError and StoreError; then there is no manifest, and the directory is to be thrown away.
    """
    earlier = _earlier(request, encoder)
    if earlier is not None:
        try:
            _build(request, encoder, earlier)
            return
        except StoreError as error:
            log.warning("refresh gives way to a whole build: %s", error)
            shutil.rmtree(request.directory)
        finally:
            earlier.close()
    _build(request, encoder, None)


def _earlier(request: BuildRequest, encoder: Encoder) -> Index | None:
    if request.earlier is None:
        return None
    try:
        index = Index.open(request.earlier)
    except StoreError:
        return None
    built = (index.manifest.encoder, index.manifest.dimensions)
    return index if built == (encoder.name, encoder.dimensions) and index.ids else None


def _build(request: BuildRequest, encoder: Encoder, earlier: Index | None) -> None:
    items = sorted(request.items, key=lambda item: item.id)
    ids = tuple(item.id for item in items)
    told = request.progress
    request.directory.mkdir(parents=True, exist_ok=True)

    texts = [item_text(item, request.schema) for item in items]
    keys = np.array([text_key(text) for text in texts], dtype=f"V{KEY}")
    kept = np.full(len(ids), -1, dtype=np.intp)
    if earlier is not None:
        kept = np.array([earlier.row.get(item, -1) for item in ids], dtype=np.intp)
        kept[(kept >= 0) & (earlier.texts[kept] != keys)] = -1
    vectors = _embed(request, encoder, texts, kept, earlier)
    np.save(request.directory / TEXTS, keys)

    told("storing", 0, len(items))
    churn = _store(request, encoder, ids, vectors, kept, earlier)
    told("storing", len(items), len(items))

    told("words", 0, len(items))
    before = earlier.lexical if earlier is not None else None
    LexicalIndex.build(items, request.schema, before).save(request.directory / LEXICAL)
    told("words", len(items), len(items))

    events = _build_taste(request, ids, vectors)
    write_whole(request.directory / IDS, json.dumps(ids, ensure_ascii=False))
    manifest = Manifest(
        encoder=encoder.name,
        dimensions=encoder.dimensions,
        items=len(items),
        events=events,
        churn=churn,
        ids=digest(ids),
        texts=digest(texts),
        vectors=hashlib.blake2b(vectors.tobytes(), digest_size=16).hexdigest(),
    )
    write_whole(request.directory / MANIFEST, manifest.model_dump_json(indent=2))


def _embed(
    request: BuildRequest,
    encoder: Encoder,
    texts: Sequence[str],
    kept: Rows,
    earlier: Index | None,
) -> Floats:
    """The vectors of the texts, (n, dim); ``kept`` (n,) is the earlier row of each, or -1."""
    n = len(texts)
    vectors = np.empty((n, encoder.dimensions), dtype=np.float32)
    if earlier is not None:
        vectors[kept >= 0] = earlier.store.get(kept[kept >= 0])
    new = np.flatnonzero(kept < 0)
    request.progress("embedding", n - len(new), n)
    if len(new):
        cache = VectorCache(request.cache, encoder.name, encoder.dimensions)
        vectors[new] = encode_cached(
            encoder,
            [texts[row] for row in new.tolist()],
            cache,
            lambda done: request.progress("embedding", n - len(new) + done, n),
        )
    return vectors


def _store(
    request: BuildRequest,
    encoder: Encoder,
    ids: Sequence[ItemId],
    vectors: Floats,
    kept: Rows,
    earlier: Index | None,
) -> int:
    """Store the vectors, in a copy of the earlier graph while it is mostly what was built whole.

    Gives the churn of the graph.
    """
    from retrieval.chroma import ChromaStore

    path = request.directory / CHROMA
    if earlier is not None:
        there = set(ids)
        gone = [item for item in earlier.ids if item not in there]
        changed = np.flatnonzero(kept < 0)
        churn = earlier.manifest.churn + len(gone) + len(changed)
        if churn <= CHURN * len(ids):
            store = ChromaStore.derive(
                earlier.directory / CHROMA, path, ids, vectors, changed=changed, gone=gone
            )
            store.close()
            return churn
    ChromaStore.create(
        path,
        ids,
        vectors,
        metadata={"encoder": encoder.name},
        progress=lambda n: request.progress("storing", n, len(ids)),
    ).close()
    return 0


def _build_taste(request: BuildRequest, ids: Sequence[ItemId], vectors: Floats) -> int:
    """Learn and save the scorers and their blend; gives the number of events they learned from."""
    from retrieval.train import learn

    count = 0

    def counted() -> Iterator[Event]:
        nonlocal count
        for event in request.events():
            count += 1
            yield event

    collaborative, blend = learn(counted(), ids, request.kinds, vectors, request.progress)
    collaborative.save(request.directory / COLLABORATIVE)
    blend.save(request.directory / BLEND)
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
        self._blend: Blend | None = None
        self._closers: list[Callable[[], None]] = []

    @classmethod
    def open(cls, directory: Path) -> Index:
        """The version in ``directory``. StoreError when it is unfinished, damaged, or of a format
        that this release does not read.
        """
        manifest = read_manifest(directory)
        try:
            ids = tuple(json.loads((directory / IDS).read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise StoreError(f"cannot read '{directory / IDS}': {error}; {REMEDY}") from error
        if len(ids) != manifest.items or digest(ids) != manifest.ids:
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

    @property
    def texts(self) -> NDArray[np.void]:
        """Hashes of what was embedded, (n,), by row. StoreError when they are not there."""
        try:
            keys: NDArray[np.void] = np.load(self.directory / TEXTS, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise StoreError(f"cannot read '{self.directory / TEXTS}': {error}") from error
        return keys

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

    @property
    def blend(self) -> Blend:
        """How the scores of taste become one."""
        with self._lock:
            if self._blend is None:
                from retrieval.blend import Blend

                self._blend = Blend.load(self.directory / BLEND)
            return self._blend

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
