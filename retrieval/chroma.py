"""The vector store in Chroma: one directory with one collection for each index version.

The graph that Chroma searches is HNSW (Yu. Malkov and D. Yashunin, "Efficient and robust
approximate nearest neighbor search using Hierarchical Navigable Small World graphs", TPAMI 2020).
It knows nothing of a request's filter, so the store decides how to ask: few allowed items are
fetched and compared one by one; many are found by asking for more neighbours than needed and
dropping those that are not allowed. ``docs/benchmarks/vector-search.md`` has the measurements.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import StoreError
from retrieval.offline import go_offline
from retrieval.types import ItemId
from retrieval.vectors import (
    Floats,
    Hit,
    allowed_rows,
    best,
    check_vectors,
    refuse_unknown,
    unit_query,
)

# ef_search 100 found .973 of the 50 nearest films, 500 finds .9996 in 2 to 3 ms more.
HNSW = {"space": "cosine", "ef_construction": 200, "max_neighbors": 32, "ef_search": 500}

NAME = "items"
FEW = 2_000  # allowed items up to which fetching and comparing all of them is the quicker way
SPARE = 1.5  # neighbours asked for, above the number that should do on average
WIDEN = 4
FETCH = 1_000  # vectors asked of Chroma at once
MEMORY = 256 * 2**20  # bytes of vectors kept once fetched; a larger store fetches anew each time

Rows = NDArray[np.intp]


class ChromaStore:
    """See :class:`retrieval.vectors.VectorStore`. Filled once after :meth:`create`, then only read.

    Vectors that were fetched stay in memory, for as many as a small catalogue has, because a turn
    asks for the same few hundred several times. Every failure of Chroma is a StoreError.
    """

    def __init__(self, path: Path, client: Any, collection: Any) -> None:
        self.path = path
        self._client = client
        self._collection = collection
        self.metadata: Mapping[str, Any] = dict(collection.metadata or {})
        self.dimensions = int(self.metadata.get("dimensions", 0))
        self._lock = threading.Lock()
        self._take(self._ask("list", collection.get, include=[])["ids"])

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        dimensions: int,
        metadata: Mapping[str, str | int] | None = None,
        name: str = NAME,
    ) -> ChromaStore:
        """An empty store in the directory ``path``, which must not hold one already."""
        if (path / "chroma.sqlite3").exists():
            raise StoreError(f"there is a vector store at '{path}' already")
        path.mkdir(parents=True, exist_ok=True)
        client = _client(path)
        facts = {**(metadata or {}), "dimensions": dimensions}
        with _translated(path, "create"):
            # The explicit None: left out, Chroma attaches a model of its own and downloads it.
            collection = client.create_collection(
                name, embedding_function=None, configuration={"hnsw": HNSW}, metadata=facts
            )
        return cls(path, client, collection)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        count: int | None = None,
        dimensions: int | None = None,
        name: str = NAME,
    ) -> ChromaStore:
        """The store at ``path``. StoreError when there is none, when Chroma cannot read it, or when
        it does not hold as many items, or vectors as long, as is expected.
        """
        if not (path / "chroma.sqlite3").is_file():
            raise StoreError(f"there is no vector store at '{path}'; ingest the catalogue again")
        client = _client(path)
        with _translated(path, "open"):
            collection = client.get_collection(name, embedding_function=None)
        store = cls(path, client, collection)
        _expect(path, "items", count, store.count())
        _expect(path, "dimensions", dimensions, store.dimensions)
        return store

    def add(self, ids: Sequence[ItemId], vectors: Floats) -> None:
        """Store unit vectors (n, dim) under new ids, in batches as large as Chroma takes them."""
        check_vectors(ids, vectors)
        if vectors.shape[1] != self.dimensions:
            raise StoreError(f"store holds {self.dimensions} dimensions, got {vectors.shape[1]}")
        # Chroma would pass over an id that it holds in silence and keep the old vector.
        repeated = next((i for i in ids if i in self._row), None)
        if repeated is not None:
            raise StoreError(f"the vector store at '{self.path}' holds '{repeated}' already")
        expected = self.count() + len(ids)
        batch = int(self._ask("measure", self._client.get_max_batch_size))
        for start in range(0, len(ids), batch):
            part = slice(start, start + batch)
            self._ask("add", self._collection.add, ids=list(ids[part]), embeddings=vectors[part])
        self._take(self._ask("list", self._collection.get, include=[])["ids"])
        _expect(self.path, "items", expected, self.count())

    def count(self) -> int:
        """Number of items."""
        return len(self._ids)

    def search(self, vector: Floats, k: int, allowed: Sequence[ItemId] | None = None) -> list[Hit]:
        """See :class:`retrieval.vectors.VectorStore`.

        Exact for up to :data:`FEW` allowed items. Otherwise approximate in which items it finds
        (recall@50 is .99 or more, see the benchmark), exact in their cosines and their order.
        """
        unit = unit_query(vector, self.dimensions)
        if unit is None or k < 1 or not self._ids:
            return []
        if allowed is None:
            return self._ranked(self._nearest(unit, min(k, self.count())), unit, k)
        rows = allowed_rows(self._row, allowed)
        if len(rows) <= max(FEW, k):
            return self._ranked(rows, unit, k)
        return self._ranked(self._nearest_of(rows, unit, k), unit, k)

    def get(self, ids: Sequence[ItemId]) -> Floats:
        """See :class:`retrieval.vectors.VectorStore`."""
        refuse_unknown((i for i in ids if i not in self._row), self.count())
        return self._vectors(np.array([self._row[i] for i in ids], dtype=np.intp))

    def close(self) -> None:
        """Let go of the files. The store cannot be used afterwards."""
        self._client.close()

    def _nearest_of(self, rows: Rows, unit: Floats, k: int) -> Rows:
        """``k`` or more of the nearest among ``rows``: asks on until enough are in."""
        permitted = np.zeros(self.count(), dtype=np.bool_)
        permitted[rows] = True
        ask = math.ceil(SPARE * k * self.count() / len(rows))
        while ask < self.count():
            near = self._nearest(unit, ask)
            near = near[permitted[near]]
            if len(near) >= k:
                return near
            ask *= WIDEN
        return rows  # the allowed lie far from what was asked for: compare every one of them

    def _nearest(self, unit: Floats, k: int) -> Rows:
        """Rows of the ``k`` nearest by the graph, in no particular order."""
        answer = self._ask(
            "search", self._collection.query, query_embeddings=[unit], n_results=k, include=[]
        )
        return np.array([self._row[i] for i in answer["ids"][0]], dtype=np.intp)

    def _ranked(self, rows: Rows, unit: Floats, k: int) -> list[Hit]:
        rows = np.sort(rows)
        return best(self._ids, rows, self._vectors(rows) @ unit, k)

    def _vectors(self, rows: Rows) -> Floats:
        if self._kept is None:
            return self._fetched(rows)
        with self._lock:
            missing = np.unique(rows[~self._held[rows]])
            if len(missing):
                self._kept[missing] = self._fetched(missing)
                self._held[missing] = True
        return np.asarray(self._kept[rows])

    def _fetched(self, rows: Rows) -> Floats:
        """Vectors from Chroma, which gives them in an order of its own and without the unknown."""
        wanted, back = np.unique(rows, return_inverse=True)
        distinct = self._empty(len(wanted))
        place = {self._ids[int(r)]: n for n, r in enumerate(wanted)}
        names = list(place)
        found = 0
        for start in range(0, len(names), FETCH):
            part = names[start : start + FETCH]
            answer = self._ask("read", self._collection.get, ids=part, include=["embeddings"])
            for item, vector in zip(answer["ids"], answer["embeddings"], strict=True):
                distinct[place[item]] = vector
            found += len(answer["ids"])
        _expect(self.path, "of the items asked for", len(names), found)
        return np.asarray(distinct[back])

    def _empty(self, n: int) -> Floats:
        return np.zeros((n, self.dimensions), dtype=np.float32)

    def _take(self, ids: Sequence[str]) -> None:
        self._ids = tuple(ItemId(i) for i in ids)
        self._row = {item: row for row, item in enumerate(self._ids)}
        size = len(self._ids) * self.dimensions * 4
        self._kept = self._empty(len(self._ids)) if size <= MEMORY else None
        self._held = np.zeros(len(self._ids), dtype=np.bool_)

    def _ask(self, doing: str, call: Any, **arguments: Any) -> Any:
        with _translated(self.path, doing):
            return call(**arguments)


def _client(path: Path) -> Any:
    go_offline()
    try:
        import chromadb
        from chromadb.config import Settings
    except ImportError as error:
        raise StoreError(
            f"the package 'chromadb' is needed to store vectors ({error}); "
            "install it with: pip install 'palate[app]'"
        ) from error
    with _translated(path, "open"):
        return chromadb.PersistentClient(str(path), settings=Settings(anonymized_telemetry=False))


@contextmanager
def _translated(path: Path, doing: str) -> Iterator[None]:
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, ValueError, OSError, RuntimeError) as error:
        raise StoreError(f"Chroma could not {doing} the vectors at '{path}': {error}") from error


def _expect(path: Path, what: str, expected: int | None, found: int) -> None:
    if expected is not None and expected != found:
        raise StoreError(
            f"the vector store at '{path}' should hold {expected} {what}, it holds {found}; "
            "ingest the catalogue again"
        )
