"""The Chroma store: the contract, agreement with the exact store on real vectors, the disk."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from retrieval import chroma
from retrieval.chroma import ChromaStore
from retrieval.embeddings import OnnxEncoder, item_text
from retrieval.errors import StoreError
from retrieval.types import ItemId
from retrieval.types import ids as item_ids
from retrieval.vectors import ExactStore, Hit
from tests.contracts.vector_store import (
    EAST,
    NAMES,
    PLANE,
    Floats,
    Make,
    VectorStoreContract,
    spread,
)
from tests.retrieval.samples import FILM_SCHEMA, films

ROOT = Path(__file__).parents[2]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    stores: list[ChromaStore] = []

    def made(ids: Sequence[ItemId], vectors: Floats) -> ChromaStore:
        path = tmp_path / f"chroma{len(stores)}"
        store = ChromaStore.create(path, dimensions=vectors.shape[1])
        stores.append(store)
        store.add(ids, vectors)
        return store

    yield made
    for store in stores:
        store.close()


class TestChromaStore(VectorStoreContract):
    """All of the contract, with Chroma."""


class TestChromaStoreThatKeepsNothing(VectorStoreContract):
    """And where the catalogue is too large to keep fetched vectors in memory."""

    @pytest.fixture(autouse=True)
    def no_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(chroma, "MEMORY", -1)


class TestChromaStoreByNeighbours(VectorStoreContract):
    """And where even few allowed items are looked for through the graph."""

    @pytest.fixture(autouse=True)
    def no_scan(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(chroma, "FEW", 0)


@pytest.fixture(scope="module")
def real() -> tuple[tuple[ItemId, ...], Floats]:
    """300 films; without their plots, to embed them in a second or two."""
    items = [replace(item, text="") for item in films(300, step=30)]
    texts = [item_text(item, FILM_SCHEMA) for item in items]
    return tuple(item.id for item in items), OnnxEncoder().encode(texts)


Real = tuple[tuple[ItemId, ...], Floats]


def middles(vectors: Floats) -> Floats:
    """Points between two stored vectors, nearer to one: the middle would tie them by design."""
    return np.asarray(0.7 * vectors[:40] + 0.3 * vectors[-40:], dtype=np.float32)


def agree(found: list[Hit], true: list[Hit]) -> None:
    """The same items in the same order; Chroma keeps vectors to the last bit but one."""
    assert [i for i, _ in found] == [i for i, _ in true]
    assert [s for _, s in found] == pytest.approx([s for _, s in true], abs=1e-6)


def test_both_stores_find_the_same_films(make: Make, real: Real) -> None:
    ids, vectors = real
    store, truth = make(ids, vectors), ExactStore(ids, vectors)
    shared = [
        len({i for i, _ in store.search(v, 20)} & {i for i, _ in truth.search(v, 20)})
        for v in middles(vectors)
    ]
    assert sum(shared) >= 0.99 * 20 * len(shared)


def test_both_stores_agree_exactly_on_allowed_films(make: Make, real: Real) -> None:
    ids, vectors = real
    store, truth = make(ids, vectors), ExactStore(ids, vectors)
    for n, vector in enumerate(middles(vectors)):
        allowed = ids[n % 7 :: 1 + n % 11]
        agree(store.search(vector, 20, allowed), truth.search(vector, 20, allowed))


def test_many_allowed_films_are_found_through_their_neighbours(
    make: Make, real: Real, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma, "FEW", 10)
    ids, vectors = real
    store, truth = make(ids, vectors), ExactStore(ids, vectors)
    found = []
    for n, vector in enumerate(middles(vectors)):
        allowed = ids[n % 3 :: 1 + n % 4]
        ours = [i for i, _ in store.search(vector, 20, allowed)]
        assert len(ours) == 20
        assert set(ours) <= set(allowed)
        found.append(len(set(ours) & {i for i, _ in truth.search(vector, 20, allowed)}))
    assert sum(found) >= 0.99 * 20 * len(found)


def test_allowed_items_at_the_far_end_are_found_too(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma, "FEW", 4)
    vectors = spread(400, 16)
    names = item_ids([str(n) for n in range(400)])
    store, truth = make(names, vectors), ExactStore(names, vectors)
    order = [i for i, _ in truth.search(vectors[0], 400)]
    agree(store.search(vectors[0], 8, order[-40:]), truth.search(vectors[0], 8, order[-40:]))


def test_a_store_is_opened_by_another_process(make: Make, tmp_path: Path) -> None:
    vectors = spread(1_500, 8)
    store = make(item_ids([f"ü{n}" for n in range(1_500)]), vectors)
    assert isinstance(store, ChromaStore)
    expected = store.search(vectors[7], 5)
    store.close()
    program = (
        "import json, sys; from pathlib import Path; import numpy as np\n"
        "from retrieval.chroma import ChromaStore\n"
        "store = ChromaStore.open(Path(sys.argv[1]), count=1500, dimensions=8)\n"
        "print(json.dumps(store.search(np.array(json.loads(sys.argv[2]), dtype='float32'), 5)))"
    )
    command = [sys.executable, "-c", program, str(store.path), json.dumps(vectors[7].tolist())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert [tuple(hit) for hit in json.loads(done.stdout)] == expected


def test_metadata_comes_back(tmp_path: Path) -> None:
    facts: dict[str, str | int] = {"encoder": "some/model", "count": 4}
    ChromaStore.create(tmp_path / "c", dimensions=2, metadata=facts).close()
    store = ChromaStore.open(tmp_path / "c")
    assert store.metadata == {"encoder": "some/model", "count": 4, "dimensions": 2}
    store.close()


def test_opening_names_both_counts_and_both_sizes(make: Make) -> None:
    store = make(NAMES, PLANE)
    assert isinstance(store, ChromaStore)
    with pytest.raises(StoreError, match="should hold 5 items, it holds 4"):
        ChromaStore.open(store.path, count=5)
    with pytest.raises(StoreError, match="should hold 384 dimensions, it holds 2"):
        ChromaStore.open(store.path, count=4, dimensions=384)


def test_a_missing_store_is_not_made_by_looking_for_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no vector store at"):
        ChromaStore.open(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()


def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"not a database" * 500)
    with pytest.raises(StoreError, match="could not open"):
        ChromaStore.open(tmp_path)


def test_a_store_of_another_name_is_not_there(make: Make) -> None:
    store = make(NAMES, PLANE)
    assert isinstance(store, ChromaStore)
    with pytest.raises(StoreError, match="could not open"):
        ChromaStore.open(store.path, name="other")


def test_a_store_is_not_written_over(make: Make) -> None:
    store = make(NAMES, PLANE)
    assert isinstance(store, ChromaStore)
    with pytest.raises(StoreError, match="already"):
        ChromaStore.create(store.path, dimensions=2)
    with pytest.raises(StoreError, match="'east' already"):
        store.add(NAMES[:1], PLANE[:1])


def test_more_items_than_one_batch_are_stored(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chroma, "FETCH", 100)
    vectors = spread(6_000, 4)
    store = make(item_ids([str(n) for n in range(6_000)]), vectors)
    assert store.count() == 6_000
    assert np.allclose(store.get(item_ids(["5999", "0"])), vectors[[5999, 0]])
    assert np.allclose(store.get(item_ids([str(n) for n in range(350)])), vectors[:350])


def test_a_closed_store_leaves_another_one_open(make: Make) -> None:
    store = make(NAMES, PLANE)
    assert isinstance(store, ChromaStore)
    ChromaStore.open(store.path).close()
    assert store.search(EAST, 1)[0][0] == "east"
