"""Chroma's files hold no memory of the process that wrote them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from retrieval.chroma import ChromaStore
from retrieval.hnsw_files import HEADER, blank_unused
from retrieval.types import ids as item_ids
from retrieval.vectors import Floats
from tests.contracts.vector_store import spread


def tails(path: Path) -> list[bytes]:
    """What stands in the files beyond the items held."""
    found = []
    for header in path.glob("*/header.bin"):
        _, _, _, held, item_bytes = HEADER.unpack(header.read_bytes()[: HEADER.size])
        for name, size in (("length.bin", 4), ("data_level0.bin", item_bytes)):
            found.append(header.with_name(name).read_bytes()[held * size :])
    return found


@pytest.mark.parametrize("n", [16, 2_500])
def test_a_store_ends_with_zeros_and_answers_as_before(tmp_path: Path, n: int) -> None:
    vectors: Floats = spread(n, 32)
    ids = item_ids([str(i) for i in range(n)])
    store = ChromaStore.create(tmp_path / "store", ids, vectors)
    store.close()
    assert tails(tmp_path / "store")
    assert not any(any(tail) for tail in tails(tmp_path / "store"))
    store = ChromaStore.open(tmp_path / "store", {id: row for row, id in enumerate(ids)})
    hits = store.search(vectors[7], 3)
    assert ids[int(hits.rows[0])] == "7"
    store.close()


def test_a_changed_store_ends_with_zeros(tmp_path: Path) -> None:
    vectors: Floats = spread(1_500, 32)
    ids = item_ids([str(i) for i in range(1_500)])
    ChromaStore.create(tmp_path / "old", ids, vectors).close()
    changed = np.arange(1_200, dtype=np.int64)
    vectors[changed] = vectors[changed[::-1]]
    ChromaStore.derive(
        tmp_path / "old", tmp_path / "new", ids, vectors, changed=changed, gone=()
    ).close()
    assert tails(tmp_path / "new")
    assert not any(any(tail) for tail in tails(tmp_path / "new"))


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], Path]:
    def made(header: bytes) -> Path:
        (tmp_path / "graph").mkdir()
        (tmp_path / "graph" / "header.bin").write_bytes(header)
        (tmp_path / "graph" / "length.bin").write_bytes(b"\1" * 40)
        (tmp_path / "graph" / "data_level0.bin").write_bytes(b"\2" * 200)
        return tmp_path

    return made


def test_what_is_held_stays_and_the_rest_goes(written: Callable[[bytes], Path]) -> None:
    path = written(HEADER.pack(1, 0, 10, 3, 20) + bytes(40))
    blank_unused(path)
    assert (path / "graph" / "length.bin").read_bytes() == b"\1" * 12 + bytes(28)
    assert (path / "graph" / "data_level0.bin").read_bytes() == b"\2" * 60 + bytes(140)


@pytest.mark.parametrize("header", [b"", b"\1\0", HEADER.pack(2, 0, 10, 3, 20)])
def test_files_of_an_unknown_kind_are_left(written: Callable[[bytes], Path], header: bytes) -> None:
    path = written(header)
    blank_unused(path)
    assert (path / "graph" / "length.bin").read_bytes() == b"\1" * 40


def test_a_folder_without_a_graph_is_left(tmp_path: Path) -> None:
    blank_unused(tmp_path)
    assert list(tmp_path.iterdir()) == []
