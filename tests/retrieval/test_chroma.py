"""The Chroma store: the contract, agreement with the exact store on real vectors, the disk."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
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
from retrieval.vectors import ExactStore, Hits
from tests.contracts.vector_store import (
    EAST,
    PLANE,
    Floats,
    Make,
    VectorStoreContract,
    only,
    spread,
)
from tests.retrieval.samples import FILM_SCHEMA, films

ROOT = Path(__file__).parents[2]


def named(vectors: Floats) -> tuple[ItemId, ...]:
    """An id for each vector, whose order is not that of the rows."""
    return item_ids([f"é{(7 * n) % 10_007}" for n in range(len(vectors))])


def rows_of(vectors: Floats) -> dict[ItemId, int]:
    """What :func:`named` gives, with the rows."""
    return {item: row for row, item in enumerate(named(vectors))}


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    stores: list[ChromaStore] = []

    def made(vectors: Floats) -> ChromaStore:
        path = tmp_path / f"chroma{len(stores)}"
        stores.append(ChromaStore.create(path, named(vectors), vectors))
        return stores[-1]

    yield made
    for store in stores:
        store.close()


class TestChromaStore(VectorStoreContract):
    """All of the contract, with Chroma."""


class TestChromaStoreByNeighbours(VectorStoreContract):
    """And where even few allowed items are looked for through the graph."""

    @pytest.fixture(autouse=True)
    def no_scan(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(chroma, "EACH", 0)


@pytest.fixture(scope="module")
def real() -> Floats:
    """300 films; without their plots, to embed them in a second or two."""
    items = [replace(item, text="") for item in films(300, step=30)]
    return OnnxEncoder().encode([item_text(item, FILM_SCHEMA) for item in items])


def middles(vectors: Floats) -> Floats:
    """Points between two stored vectors, nearer to one: the middle would tie them by design."""
    return np.asarray(0.7 * vectors[:40] + 0.3 * vectors[-40:], dtype=np.float32)


def agree(found: Hits, true: Hits) -> None:
    """The same rows in the same order, with the same cosines."""
    assert found.rows.tolist() == true.rows.tolist()
    assert np.allclose(found.cosines, true.cosines, atol=1e-6)


def test_both_stores_find_the_same_films(make: Make, real: Floats) -> None:
    store, truth = make(real), ExactStore(real)
    shared = [
        len(np.intersect1d(store.search(v, 20).rows, truth.search(v, 20).rows))
        for v in middles(real)
    ]
    assert sum(shared) >= 0.99 * 20 * len(shared)


def test_both_stores_agree_exactly_on_allowed_films(make: Make, real: Floats) -> None:
    store, truth = make(real), ExactStore(real)
    for n, vector in enumerate(middles(real)):
        allowed = only(300, *range(n % 7, 300, 1 + n % 11))
        agree(store.search(vector, 20, allowed), truth.search(vector, 20, allowed))


def test_many_allowed_films_are_found_through_their_neighbours(
    make: Make, real: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma, "EACH", 0)
    store, truth = make(real), ExactStore(real)
    found = []
    for n, vector in enumerate(middles(real)):
        allowed = only(300, *range(n % 3, 300, 1 + n % 4))
        ours = store.search(vector, 20, allowed).rows
        assert len(ours) == 20
        assert allowed[ours].all()
        found.append(len(np.intersect1d(ours, truth.search(vector, 20, allowed).rows)))
    assert sum(found) >= 0.99 * 20 * len(found)


def test_allowed_items_at_the_far_end_are_found_too(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma, "EACH", 0)
    monkeypatch.setattr(chroma, "SPARE", 0)
    vectors = spread(400, 16)
    store, truth = make(vectors), ExactStore(vectors)
    far = only(400, *truth.search(vectors[0], 400).rows[-40:])
    agree(store.search(vectors[0], 8, far), truth.search(vectors[0], 8, far))


def test_a_store_is_opened_by_another_process(make: Make) -> None:
    vectors = spread(1_500, 8)
    store = make(vectors)
    assert isinstance(store, ChromaStore)
    expected = store.search(vectors[7], 5).rows.tolist()
    store.close()
    program = (
        "import json, sys; from pathlib import Path; import numpy as np\n"
        "from retrieval.chroma import ChromaStore\n"
        "from tests.retrieval.test_chroma import rows_of\n"
        "row = rows_of(np.zeros((1500, 8)))\n"
        "store = ChromaStore.open(Path(sys.argv[1]), row, dimensions=8)\n"
        "vector = np.array(json.loads(sys.argv[2]), dtype='float32')\n"
        "print(json.dumps(store.search(vector, 5).rows.tolist()))"
    )
    command = [sys.executable, "-c", program, str(store.path), json.dumps(vectors[7].tolist())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == expected


def test_metadata_comes_back(tmp_path: Path) -> None:
    facts: dict[str, str | int] = {"encoder": "some/model", "count": 4}
    ChromaStore.create(tmp_path / "c", named(PLANE), PLANE, metadata=facts).close()
    store = ChromaStore.open(tmp_path / "c", rows_of(PLANE))
    assert store.metadata == {"encoder": "some/model", "count": 4, "dimensions": 2}
    store.close()


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    told: list[int] = []
    vectors = spread(6_000, 4)
    store = ChromaStore.create(tmp_path / "c", named(vectors), vectors, progress=told.append)
    assert told[-1] == 6_000
    assert told == sorted(told)
    assert np.allclose(store.get([5_999, 0]), vectors[[5_999, 0]])
    assert store.search(vectors[5_432], 1).rows.tolist() == [5_432]
    store.close()


def test_ids_are_distinct_and_go_with_the_vectors(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"2 ids, but only 1"):
        ChromaStore.create(tmp_path / "c", item_ids(["a", "a"]), PLANE[:2])
    with pytest.raises(StoreError, match="3 ids"):
        ChromaStore.create(tmp_path / "c", item_ids(["a", "b", "c"]), PLANE)


def test_opening_names_both_counts_and_both_sizes(make: Make) -> None:
    store = make(PLANE)
    assert isinstance(store, ChromaStore)
    with pytest.raises(StoreError, match="should hold 5 items, it holds 4"):
        ChromaStore.open(store.path, {**rows_of(PLANE), ItemId("new"): 4})
    with pytest.raises(StoreError, match="should hold 384 dimensions, it holds 2"):
        ChromaStore.open(store.path, rows_of(PLANE), dimensions=384)


def test_an_id_that_the_index_does_not_know_is_named(make: Make) -> None:
    store = make(PLANE)
    assert isinstance(store, ChromaStore)
    others = {ItemId(f"x{n}"): n for n in range(4)}
    with pytest.raises(StoreError, match="holds 'é0', which the index does not"):
        ChromaStore.open(store.path, others).search(EAST, 1)


def test_a_missing_store_is_not_made_by_looking_for_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no vector store at"):
        ChromaStore.open(tmp_path / "absent", {})
    assert not (tmp_path / "absent").exists()


def test_a_damaged_store_is_named(make: Make, tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"not a database" * 500)
    with pytest.raises(StoreError, match="could not open"):
        ChromaStore.open(tmp_path, {})
    store = make(PLANE)
    assert isinstance(store, ChromaStore)
    (store.path / "vectors.npy").write_bytes(b"no array")
    with pytest.raises(StoreError, match="cannot read the vectors"):
        ChromaStore.open(store.path, rows_of(PLANE))


def test_a_store_of_another_name_is_not_there(make: Make) -> None:
    store = make(PLANE)
    assert isinstance(store, ChromaStore)
    with pytest.raises(StoreError, match="could not open"):
        ChromaStore.open(store.path, rows_of(PLANE), name="other")


def test_a_store_is_not_written_over(make: Make) -> None:
    store = make(PLANE)
    assert isinstance(store, ChromaStore)
    with pytest.raises(StoreError, match="already"):
        ChromaStore.create(store.path, named(PLANE), PLANE)


def test_a_closed_store_leaves_another_one_open(make: Make) -> None:
    store = make(PLANE)
    assert isinstance(store, ChromaStore)
    ChromaStore.open(store.path, rows_of(PLANE)).close()
    assert store.search(EAST, 1).rows.tolist() == [0]
