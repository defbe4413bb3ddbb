"""What every vector store must do. Subclass it and say how a store is made."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.errors import StoreError
from retrieval.vectors import Mask, VectorStore

Floats = NDArray[np.float32]
Make = Callable[[Floats], VectorStore]

# Worked by hand: the plane, at 0, 90, 180 degrees, and at the angle whose cosine is 0.6.
PLANE = np.array([[1, 0], [0, 1], [-1, 0], [0.6, 0.8]], dtype=np.float32)
EAST = np.array([1, 0], dtype=np.float32)


def spread(n: int, dimensions: int, seed: int = 0) -> Floats:
    """Unit vectors in loose clusters."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(8, dimensions))
    points = centres[rng.integers(0, 8, n)] + 0.7 * rng.normal(size=(n, dimensions))
    unit: Floats = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    return unit


def only(count: int, *rows: int) -> Mask:
    """A mask that allows these rows."""
    mask = np.zeros(count, dtype=np.bool_)
    mask[list(rows)] = True
    return mask


class VectorStoreContract:
    """Tests for one implementation; ``make`` is a fixture that the subclass defines."""

    def test_the_nearest_come_first_with_their_cosines(self, make: Make) -> None:
        rows, cosines = make(PLANE).search(EAST, 4)
        assert rows.tolist() == [0, 3, 1, 2]
        assert cosines.tolist() == pytest.approx([1.0, 0.6, 0.0, -1.0], abs=1e-6)

    def test_k_cuts_and_may_be_more_than_there_is(self, make: Make) -> None:
        store = make(PLANE)
        assert store.search(EAST, 2).rows.tolist() == [0, 3]
        assert len(store.search(EAST, 99).rows) == 4
        assert store.search(EAST, 0).rows.tolist() == []

    def test_only_allowed_rows_are_found(self, make: Make) -> None:
        store = make(PLANE)
        assert store.search(EAST, 4, only(4, 1, 2)).rows.tolist() == [1, 2]
        assert store.search(EAST, 1, only(4, 1, 2)).rows.tolist() == [1]
        assert store.search(EAST, 4, only(4)).rows.tolist() == []
        assert store.search(EAST, 4, only(4, 0, 1, 2, 3)).rows.tolist() == [0, 3, 1, 2]

    def test_a_mask_of_another_length_is_refused_with_both_numbers(self, make: Make) -> None:
        with pytest.raises(StoreError, match=r"4 rows.*\(3,\)"):
            make(PLANE).search(EAST, 1, only(3, 0))

    def test_a_list_of_rows_is_no_mask(self, make: Make) -> None:
        with pytest.raises(StoreError, match="int"):
            make(PLANE).search(EAST, 1, np.array([0, 1, 2, 3]))  # type: ignore[arg-type]

    def test_ties_go_by_row(self, make: Make) -> None:
        store = make(np.repeat(EAST[None], 6, axis=0))
        assert store.search(EAST, 6).rows.tolist() == [0, 1, 2, 3, 4, 5]
        assert store.search(EAST, 9, only(6, 5, 1, 3)).rows.tolist() == [1, 3, 5]

    def test_length_of_the_vector_does_not_matter(self, make: Make) -> None:
        store = make(PLANE)
        assert store.search(7 * EAST, 4).rows.tolist() == store.search(EAST, 4).rows.tolist()
        assert store.search(7 * EAST, 4).cosines.max() <= 1.0

    def test_a_vector_without_direction_finds_nothing(self, make: Make) -> None:
        assert len(make(PLANE).search(0 * EAST, 4).rows) == 0

    def test_searches_at_once_answer_as_one_by_one(self, make: Make) -> None:
        store = make(PLANE)
        asked = np.array([EAST, 0 * EAST, PLANE[1], -2 * EAST])
        for allowed in (None, only(4), only(4, 1, 2), only(4, 0, 1, 3)):
            for k in (0, 2, 9):
                each = [hits.rows.tolist() for hits in store.search_each(asked, k, allowed)]
                assert each == [store.search(v, k, allowed).rows.tolist() for v in asked]
        assert store.search_each([], 2) == []

    def test_one_bad_vector_among_many_is_refused(self, make: Make) -> None:
        with pytest.raises(StoreError, match="not finite"):
            make(PLANE).search_each([EAST, np.array([np.nan, 1], dtype=np.float32)], 1)

    def test_get_keeps_the_order_asked_and_repeats(self, make: Make) -> None:
        got = make(PLANE).get([2, 0, 2])
        assert got.dtype == np.float32
        assert np.allclose(got, PLANE[[2, 0, 2]])

    def test_getting_nothing_gives_no_rows(self, make: Make) -> None:
        assert make(PLANE).get([]).shape == (0, 2)

    def test_what_get_gave_is_the_callers_own(self, make: Make) -> None:
        store = make(PLANE)
        store.get([0])[:] = 5
        assert np.allclose(store.get([0]), EAST)

    @pytest.mark.parametrize("row", [4, -1])
    def test_a_row_that_is_not_there_is_named(self, make: Make, row: int) -> None:
        with pytest.raises(StoreError, match=f"4 rows.* {row};"):
            make(PLANE).get([0, row])

    def test_a_vector_of_another_size_is_refused_with_both_numbers(self, make: Make) -> None:
        with pytest.raises(StoreError, match=r"2 dimensions.*\(3,\)"):
            make(PLANE).search(np.ones(3, dtype=np.float32), 1)

    def test_a_vector_with_gaps_is_refused(self, make: Make) -> None:
        with pytest.raises(StoreError, match="finite"):
            make(PLANE).search(np.array([np.nan, 1], dtype=np.float32), 1)

    def test_an_empty_store_answers(self, make: Make) -> None:
        store = make(np.zeros((0, 2), dtype=np.float32))
        assert (store.count(), store.dimensions) == (0, 2)
        assert len(store.search(EAST, 3).rows) == 0
        assert len(store.search(EAST, 3, only(0)).rows) == 0
        assert store.get([]).shape == (0, 2)

    def test_count_and_dimensions_are_told(self, make: Make) -> None:
        store = make(PLANE)
        assert (store.count(), store.dimensions) == (4, 2)

    @pytest.mark.parametrize("length", [0.5, 0.0, np.nan])
    def test_a_stored_vector_has_length_one(self, make: Make, length: float) -> None:
        with pytest.raises(StoreError, match="length 1"):
            make(np.array([[length, 0]], dtype=np.float32))

    def test_a_single_vector_is_no_matrix(self, make: Make) -> None:
        with pytest.raises(StoreError, match=r"got \(2,\)"):
            make(EAST)

    def test_reading_from_many_threads_gives_what_one_gives(self, make: Make) -> None:
        vectors = spread(300, 16)
        store = make(vectors)
        asked = [
            (spread(1, 16, seed)[0], only(300, *range(seed, 300, 1 + seed % 5)))
            for seed in range(24)
        ]

        def answer(vector: Floats, mask: Mask) -> tuple[list[int], list[int], Floats]:
            rows, some = store.search(vector, 9).rows, store.search(vector, 9, mask).rows
            return rows.tolist(), some.tolist(), store.get(some)

        alone = [answer(*a) for a in asked]
        store = make(vectors)
        wrong: list[int] = []

        def work(start: int) -> None:
            for n in range(start, len(asked), 2):
                found = answer(*asked[n])
                if found[:2] != alone[n][:2] or not np.array_equal(found[2], alone[n][2]):
                    wrong.append(n)

        threads = [threading.Thread(target=work, args=(n % 2,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
