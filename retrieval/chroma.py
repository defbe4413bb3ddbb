"""The vector store in Chroma: one directory with one collection for each index version.

The graph that Chroma searches is HNSW (Yu. Malkov and D. Yashunin, "Efficient and robust
approximate nearest neighbor search using Hierarchical Navigable Small World graphs", TPAMI 2020).
It knows nothing of a request's filter, so the store decides how to ask: few allowed items are
compared one by one; many are found by asking for more neighbours than needed and dropping those
that are not allowed. ``docs/benchmarks/scale.md`` has the measurements.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.errors import StoreError
from retrieval.hnsw_files import blank_unused
from retrieval.offline import go_offline
from retrieval.types import ItemId
from retrieval.vectors import (
    NOTHING,
    Floats,
    Hits,
    Mask,
    Rows,
    best,
    check_mask,
    check_vectors,
    checked_rows,
    unit_query,
)

SMALL = 50_000  # items up to which a quicker graph finds more than the large one does


def hnsw(items: int) -> dict[str, str | int]:
    """How the graph of so many items is built and searched: .997 of the 50 nearest are found in a
    small one, .990 in one of 250,000 (see ``docs/benchmarks/vector-search.md``)."""
    effort = (100, 200) if items <= SMALL else (200, 500)
    construction, search = effort
    return {
        "space": "cosine",
        "max_neighbors": 32,
        "ef_construction": construction,
        "ef_search": search,
    }


NAME = "items"
MATRIX = "vectors.npy"
SPARE = 200  # neighbours asked for beyond those wanted: the last ones are unsure
DEEP = 1.6  # times the square root of all: neighbours asked for at the least under a filter
WIDEN = 4  # times as many when too few of them are allowed
EACH = 36  # vectors compared in the time that the graph takes for one neighbour more
WIDE = 0.5  # share of all from which the graph is asked however quick comparing would be
BLOCK = 512  # vectors compared at once: they stay in the processor's cache, which halves the time


class ChromaStore:
    """See :class:`retrieval.vectors.VectorStore`. Written once, and then only read.

    ``row`` gives each id of the collection its row. Beside Chroma's own files lies ``vectors.npy``,
    (n, dim), the same vectors by row, mapped into memory: cosines are computed from it, because
    Chroma takes 60 microseconds to hand out one vector. Every failure of Chroma is a StoreError.
    """

    def __init__(
        self, path: Path, client: Any, collection: Any, row: Mapping[ItemId, int], vectors: Floats
    ) -> None:
        self.path = path
        self.metadata: Mapping[str, Any] = dict(collection.metadata or {})
        self._client = client
        self._collection = collection
        self._row = row
        self._vectors = vectors

    @classmethod
    def create(
        cls,
        path: Path,
        ids: Sequence[ItemId],
        vectors: Floats,
        *,
        metadata: Mapping[str, str | int] | None = None,
        progress: Callable[[int], None] | None = None,
        name: str = NAME,
    ) -> ChromaStore:
        """A store of unit vectors (n, dim) with their ids, in ``path``, which must not hold one.

        ``progress`` is called with the number of items stored so far. StoreError when ids and
        vectors do not go together, or an id repeats.
        """
        check_vectors(vectors)
        row = _numbered(ids, vectors)
        if (path / "chroma.sqlite3").exists():
            raise StoreError(f"there is a vector store at '{path}' already")
        path.mkdir(parents=True, exist_ok=True)
        client = _client(path)
        facts = {**(metadata or {}), "dimensions": int(vectors.shape[1])}
        with _translated(path, "create"):
            # The explicit None: left out, Chroma attaches a model of its own and downloads it.
            collection = client.create_collection(
                name,
                embedding_function=None,
                configuration={"hnsw": hnsw(len(ids))},
                metadata=facts,
            )
            batch = int(client.get_max_batch_size())
            for start in range(0, len(ids), batch):
                part = slice(start, start + batch)
                collection.add(ids=list(ids[part]), embeddings=vectors[part])
                if progress is not None:
                    progress(min(start + batch, len(ids)))
            blank_unused(path)
        _save(path, vectors)
        return cls(path, client, collection, row, _load(path))

    @classmethod
    def derive(
        cls,
        source: Path,
        path: Path,
        ids: Sequence[ItemId],
        vectors: Floats,
        *,
        changed: Rows,
        gone: Sequence[ItemId],
        name: str = NAME,
    ) -> ChromaStore:
        """A store in ``path`` from a copy of the one at ``source``, which stays as it is.

        ``ids`` and ``vectors`` (n, dim) are all that it will hold, ``changed`` the rows of those
        that are new or have another vector than before, ``gone`` the ids that it loses. StoreError
        as for :meth:`create`, and when the result does not hold n items.
        """
        check_vectors(vectors)
        row = _numbered(ids, vectors)
        try:
            shutil.copytree(source, path, ignore=shutil.ignore_patterns(MATRIX))
        except (OSError, shutil.Error) as error:
            raise StoreError(f"cannot copy the vectors at '{source}': {error}") from error
        client = _client(path)
        with _translated(path, "refresh"):
            collection = client.get_collection(name, embedding_function=None)
            batch = int(client.get_max_batch_size())
            for start in range(0, len(gone), batch):
                collection.delete(ids=list(gone[start : start + batch]))
            for start in range(0, len(changed), batch):
                part = changed[start : start + batch]
                collection.upsert(ids=[ids[r] for r in part], embeddings=vectors[part])
            held = int(collection.count())
            blank_unused(path)
        _expect(path, "items", len(ids), held)
        _save(path, vectors)
        return cls(path, client, collection, row, _load(path))

    @classmethod
    def open(
        cls,
        path: Path,
        row: Mapping[ItemId, int],
        *,
        dimensions: int | None = None,
        name: str = NAME,
    ) -> ChromaStore:
        """The store at ``path``, whose ids are those of ``row``.

        StoreError when there is none, when it cannot be read, or when it does not hold as many
        items, or vectors as long, as is expected.
        """
        if not (path / "chroma.sqlite3").is_file():
            raise StoreError(f"there is no vector store at '{path}'; ingest the catalogue again")
        client = _client(path)
        with _translated(path, "open"):
            collection = client.get_collection(name, embedding_function=None)
            held = int(collection.count())
        vectors = _load(path)
        _expect(path, "items", len(row), held)
        _expect(path, "vectors", len(row), len(vectors))
        _expect(path, "dimensions", dimensions, vectors.shape[1])
        return cls(path, client, collection, row, vectors)

    @property
    def dimensions(self) -> int:
        """Length of the vectors."""
        return int(self._vectors.shape[1])

    def count(self) -> int:
        """Number of rows."""
        return len(self._vectors)

    def search(self, vector: Floats, k: int, allowed: Mask | None = None) -> Hits:
        """See :class:`retrieval.vectors.VectorStore`.

        Exact where less than half of the rows are allowed and comparing all of them is the quicker
        way. Otherwise approximate in which rows it finds (recall@50 is .99 or more, see the
        benchmark), exact in their cosines and their order.
        """
        return self.search_each([vector], k, allowed)[0]

    def search_each(
        self, vectors: Sequence[Floats] | Floats, k: int, allowed: Mask | None = None
    ) -> list[Hits]:
        """See :class:`retrieval.vectors.VectorStore`. Chroma is asked once for all: half of the
        time of a search goes into asking."""
        units = [unit_query(vector, self.dimensions) for vector in vectors]
        check_mask(allowed, self.count())
        found = iter(self._near([unit for unit in units if unit is not None], k, allowed))
        return [NOTHING if u is None else self._ranked(next(found), u, k) for u in units]

    def get(self, rows: Sequence[int] | Rows) -> Floats:
        """See :class:`retrieval.vectors.VectorStore`."""
        return np.asarray(self._vectors[checked_rows(rows, self.count())])

    def close(self) -> None:
        """Let go of the files. The store cannot be used afterwards."""
        self._client.close()

    def _near(self, units: Sequence[Floats], k: int, allowed: Mask | None) -> list[Rows]:
        """For each unit vector rows that hold its ``k`` nearest allowed ones, in no order."""
        many = self.count() if allowed is None else int(np.count_nonzero(allowed))
        if not units or k < 1 or many == 0:
            return [np.zeros(0, dtype=np.intp)] * len(units)
        if allowed is None or many == self.count():
            return self._nearest(units, min(k, many))
        wide = max((k + SPARE) * self.count() / many, DEEP * math.sqrt(self.count()))
        # However they lie, no more neighbours can be dropped than there are rows not allowed.
        ask = min(math.ceil(wide), k + self.count() - many)
        if many <= k or many <= min(EACH * ask, WIDE * self.count()):
            return [np.flatnonzero(allowed)] * len(units)
        near = (rows[allowed[rows]] for rows in self._nearest(units, ask))
        return [
            rows if len(rows) >= k else self._wider(unit, ask * WIDEN, k, allowed)
            for unit, rows in zip(units, near, strict=True)
        ]

    def _wider(self, unit: Floats, ask: int, k: int, allowed: Mask) -> Rows:
        """``k`` or more of the nearest among the allowed: asks on until enough are in."""
        while ask < self.count():
            rows = self._nearest([unit], ask)[0]
            rows = rows[allowed[rows]]
            if len(rows) >= k:
                return rows
            ask *= WIDEN
        return np.flatnonzero(allowed)  # they lie far from what was asked for: compare every one

    def _nearest(self, units: Sequence[Floats], k: int) -> list[Rows]:
        """Rows of the ``k`` nearest of each by the graph, in no particular order."""
        with _translated(self.path, "search"):
            answer = self._collection.query(query_embeddings=list(units), n_results=k, include=[])
        try:
            found = [[self._row[item] for item in items] for items in answer["ids"]]
        except KeyError as error:
            raise StoreError(
                f"the vector store at '{self.path}' holds {error}, which the index does not; "
                "ingest the catalogue again"
            ) from error
        return [np.array(rows, dtype=np.intp) for rows in found]

    def _ranked(self, rows: Rows, unit: Floats, k: int) -> Hits:
        rows = np.sort(rows)
        cosines = np.empty(len(rows), dtype=np.float32)
        for start in range(0, len(rows), BLOCK):
            part = slice(start, start + BLOCK)
            cosines[part] = self._vectors[rows[part]] @ unit
        return best(rows, cosines, k)


def _numbered(ids: Sequence[ItemId], vectors: Floats) -> dict[ItemId, int]:
    row = {item: n for n, item in enumerate(ids)}
    if len(ids) != len(vectors):
        raise StoreError(f"{len(ids)} ids, but vectors of shape {vectors.shape}")
    if len(row) != len(ids):
        raise StoreError(f"{len(ids)} ids, but only {len(row)} different ones")
    return row


def _save(path: Path, vectors: Floats) -> None:
    try:
        np.save(path / MATRIX, np.ascontiguousarray(vectors, dtype=np.float32))
    except OSError as error:
        raise StoreError(f"cannot write the vectors at '{path}': {error}") from error


def _load(path: Path) -> Floats:
    try:
        vectors = np.load(path / MATRIX, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise StoreError(
            f"cannot read the vectors at '{path}': {error}; ingest the catalogue again"
        ) from error
    return np.asarray(vectors)


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
