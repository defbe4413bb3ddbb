"""What every vector store must do. Subclass it and say how a store is made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.errors import StoreError
from retrieval.types import ItemId
from retrieval.types import ids as item_ids
from retrieval.vectors import VectorStore

Floats = NDArray[np.float32]
Make = Callable[[Sequence[ItemId], Floats], VectorStore]

# Worked by hand: the plane, at 0, 90, 180 degrees, and at the angle whose cosine is 0.6.
PLANE = np.array([[1, 0], [0, 1], [-1, 0], [0.6, 0.8]], dtype=np.float32)
NAMES = item_ids(["east", "north", "west", "between"])
EAST = np.array([1, 0], dtype=np.float32)


def spread(n: int, dimensions: int, seed: int = 0) -> Floats:
    """Unit vectors in loose clusters."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(8, dimensions))
    points = centres[rng.integers(0, 8, n)] + 0.7 * rng.normal(size=(n, dimensions))
    unit: Floats = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    return unit


class VectorStoreContract:
    """Tests for one implementation; ``make`` is a fixture that the subclass defines."""

    def test_the_nearest_come_first_with_their_cosines(self, make: Make) -> None:
        hits = make(NAMES, PLANE).search(EAST, 4)
        assert [i for i, _ in hits] == ["east", "between", "north", "west"]
        assert [s for _, s in hits] == pytest.approx([1.0, 0.6, 0.0, -1.0], abs=1e-6)

    def test_k_cuts_and_may_be_more_than_there_is(self, make: Make) -> None:
        store = make(NAMES, PLANE)
        assert [i for i, _ in store.search(EAST, 2)] == ["east", "between"]
        assert len(store.search(EAST, 99)) == 4
        assert store.search(EAST, 0) == []

    def test_only_allowed_items_are_found(self, make: Make) -> None:
        store = make(NAMES, PLANE)
        allowed = item_ids(["west", "north", "nobody", "west"])
        assert [i for i, _ in store.search(EAST, 4, allowed)] == ["north", "west"]
        assert store.search(EAST, 4, []) == []

    def test_ties_go_by_the_order_of_storing(self, make: Make) -> None:
        same = np.repeat(EAST[None], 6, axis=0)
        names = item_ids(["f", "b", "e", "a", "d", "c"])
        assert [i for i, _ in make(names, same).search(EAST, 6)] == list(names)
        assert [i for i, _ in make(names, same).search(EAST, 9, sorted(names))] == list(names)

    def test_length_of_the_vector_does_not_matter(self, make: Make) -> None:
        store = make(NAMES, PLANE)
        assert store.search(7 * EAST, 4) == store.search(EAST, 4)

    def test_a_vector_without_direction_finds_nothing(self, make: Make) -> None:
        assert make(NAMES, PLANE).search(0 * EAST, 4) == []

    def test_get_keeps_the_order_asked_and_repeats(self, make: Make) -> None:
        got = make(NAMES, PLANE).get(item_ids(["west", "east", "west"]))
        assert got.dtype == np.float32
        assert np.allclose(got, PLANE[[2, 0, 2]])

    def test_getting_nothing_gives_no_rows(self, make: Make) -> None:
        assert make(NAMES, PLANE).get([]).shape == (0, 2)

    def test_what_get_gave_is_the_callers_own(self, make: Make) -> None:
        store = make(NAMES, PLANE)
        store.get(item_ids(["east"]))[:] = 5
        assert np.allclose(store.get(item_ids(["east"])), EAST)

    def test_an_unknown_item_is_named(self, make: Make) -> None:
        with pytest.raises(StoreError, match="'nobody'"):
            make(NAMES, PLANE).get(item_ids(["east", "nobody"]))

    def test_a_vector_of_another_size_is_refused_with_both_numbers(self, make: Make) -> None:
        with pytest.raises(StoreError, match=r"2 dimensions.*\(3,\)"):
            make(NAMES, PLANE).search(np.ones(3, dtype=np.float32), 1)

    def test_a_vector_with_gaps_is_refused(self, make: Make) -> None:
        with pytest.raises(StoreError, match="finite"):
            make(NAMES, PLANE).search(np.array([np.nan, 1], dtype=np.float32), 1)

    def test_an_empty_store_answers(self, make: Make) -> None:
        store = make([], np.zeros((0, 2), dtype=np.float32))
        assert (store.count(), store.dimensions) == (0, 2)
        assert store.search(EAST, 3) == []
        assert store.search(EAST, 3, NAMES) == []
        assert store.get([]).shape == (0, 2)

    def test_count_and_dimensions_are_told(self, make: Make) -> None:
        store = make(NAMES, PLANE)
        assert (store.count(), store.dimensions) == (4, 2)

    @pytest.mark.parametrize("length", [0.5, 0.0, np.nan])
    def test_a_stored_vector_has_length_one(self, make: Make, length: float) -> None:
        with pytest.raises(StoreError, match="length 1"):
            make(item_ids(["a"]), np.array([[length, 0]], dtype=np.float32))

    def test_an_id_is_stored_once(self, make: Make) -> None:
        with pytest.raises(StoreError, match="2 ids"):
            make(item_ids(["a", "a"]), PLANE[:2])

    def test_ids_and_vectors_go_together(self, make: Make) -> None:
        with pytest.raises(StoreError, match="3 ids"):
            make(NAMES[:3], PLANE)

    def test_reading_from_many_threads_gives_what_one_gives(self, make: Make) -> None:
        vectors = spread(300, 16)
        names = item_ids([f"é{n}" for n in range(300)])
        store = make(names, vectors)
        asked = [(spread(1, 16, seed)[0], names[seed :: 1 + seed % 5]) for seed in range(24)]
        alone = [(store.search(v, 9), store.search(v, 9, a), store.get(a)) for v, a in asked]
        store = make(names, vectors)
        wrong: list[int] = []

        def work(start: int) -> None:
            for n in range(start, len(asked), 2):
                v, a = asked[n]
                found = (store.search(v, 9), store.search(v, 9, a), store.get(a))
                if found[:2] != alone[n][:2] or not np.array_equal(found[2], alone[n][2]):
                    wrong.append(n)

        threads = [threading.Thread(target=work, args=(n % 2,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
