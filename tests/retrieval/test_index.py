"""An index version: built whole or not at all, the same rows everywhere, opened lightly."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.embeddings import HashedEncoder, item_text
from retrieval.errors import EncoderError, StoreError
from retrieval.index import Index, build_index
from retrieval.ingest import BuildRequest
from retrieval.kinds import DEFAULT_KINDS
from retrieval.types import Event, Item, ItemId, UserId
from tests.retrieval.samples import SHELF, SHELF_SCHEMA, thing

ROOT = Path(__file__).parents[2]
LIKES = {"ann": ("s1", "s4"), "ben": ("s1", "s4"), "cy": ("s2", "s5"), "di": ("s2", "s1")}
EVENTS = tuple(
    Event(user=UserId(user), item=ItemId(item), kind="purchase", time=1.7e9 + n)
    for n, (user, item) in enumerate((u, i) for u, liked in LIKES.items() for i in liked)
)


class Spy(HashedEncoder):
    """A hashed encoder that remembers what it was asked, and fails when it is told to."""

    def __init__(self, *, fail: bool = False) -> None:
        super().__init__(64)
        self.asked: list[str] = []
        self._fail = fail

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        if self._fail:
            raise EncoderError("no model today")
        self.asked.extend(texts)
        return super().encode(texts, progress)


def request(
    home: Path,
    *,
    version: int = 1,
    items: Sequence[Item] = SHELF,
    events: Sequence[Event] = EVENTS,
    earlier: Path | None = None,
    progress: Callable[[str, int, int | None], None] = lambda *_: None,
) -> BuildRequest:
    return BuildRequest(
        items=items,
        events=lambda: iter(events),
        schema=SHELF_SCHEMA,
        kinds=DEFAULT_KINDS,
        directory=home / f"v{version}",
        cache=home / "cache",
        earlier=earlier,
        progress=progress,
    )


def built(home: Path, **changes: object) -> Index:
    """An index of the shelf, opened."""
    made = request(home, **changes)  # type: ignore[arg-type]
    build_index(made, encoder=Spy())
    return Index.open(made.directory)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = built(tmp_path)
    yield opened
    opened.close()


def test_every_part_has_its_rows_in_the_same_order(index: Index) -> None:
    assert index.ids == ("s1", "s2", "s3", "s4", "s5")
    assert [index.row[i] for i in index.ids] == [0, 1, 2, 3, 4]
    assert index.store.count() == len(index.ids)
    assert index.lexical.scores("cocoa").shape == (5,)
    assert index.collaborative.popularity.shape == (5,)
    assert np.argmax(index.lexical.scores("cocoa")) == index.row[ItemId("s4")]
    assert np.argmax(index.collaborative.popularity) == index.row[ItemId("s1")]


def test_an_item_is_nearest_to_its_own_text(index: Index) -> None:
    for item in SHELF:
        vector = HashedEncoder(64).encode([item_text(item, SHELF_SCHEMA)])[0]
        rows, cosines = index.store.search(vector, 1)
        assert (index.ids[rows[0]], round(float(cosines[0]), 4)) == (item.id, 1.0)


def test_taste_is_learned_from_the_events(index: Index) -> None:
    assert index.collaborative.together(ItemId("s1"), ItemId("s4"))[0] == 2
    assert index.manifest.events == len(EVENTS)


def test_a_catalogue_without_events_is_indexed(tmp_path: Path) -> None:
    index = built(tmp_path, events=())
    assert index.manifest.events == 0
    assert index.collaborative.score({ItemId("s1"): 1.0}) is None
    assert not index.collaborative.popularity.any()
    index.close()


def test_an_empty_catalogue_is_indexed(tmp_path: Path) -> None:
    index = built(tmp_path, items=(), events=())
    assert index.ids == ()
    assert len(index.store.search(np.ones(64, dtype=np.float32), 3).rows) == 0
    assert index.lexical.scores("tea").shape == (0,)
    assert index.collaborative.popularity.shape == (0,)
    index.close()


def test_one_item_is_indexed(tmp_path: Path) -> None:
    index = built(tmp_path, items=SHELF[:1])
    assert index.store.search(np.ones(64, dtype=np.float32), 3).rows.tolist() == [0]
    assert index.collaborative.popularity.shape == (1,)
    index.close()


def test_unchanged_items_are_not_embedded_again(tmp_path: Path) -> None:
    build_index(request(tmp_path), encoder=Spy())
    again = Spy()
    changed = (*SHELF[:-1], thing("s5", "A new name"), thing("s6", "Another"))
    build_index(request(tmp_path, version=2, items=changed), encoder=again)
    assert sorted(again.asked) == ["A new name", "Another"]
    index = Index.open(tmp_path / "v2")
    expected = HashedEncoder(64).encode([item_text(i, SHELF_SCHEMA) for i in changed])
    assert np.allclose(index.vectors([i.id for i in changed]), expected, atol=1e-6)
    with pytest.raises(StoreError, match="holds no 's7'"):
        index.vectors([ItemId("s7")])


def same(left: Index, right: Index) -> None:
    """Both answer every question alike."""
    assert (left.ids, left.manifest.texts) == (right.ids, right.manifest.texts)
    assert left.manifest.vectors == right.manifest.vectors
    for row in range(len(left.ids)):
        vector = right.store.get([row])[0]
        assert (
            left.store.search(vector, 3).rows.tolist()
            == right.store.search(vector, 3).rows.tolist()
        )
    for text in ("cocoa", "tea", "A new name", "it"):
        assert np.allclose(left.lexical.scores(text), right.lexical.scores(text), atol=1e-6)
    assert np.array_equal(left.collaborative.popularity, right.collaborative.popularity)


MANY = tuple(thing(f"m{n:02d}", f"Thing number {n} of many") for n in range(40))


def test_a_refresh_answers_as_a_whole_build_does(tmp_path: Path) -> None:
    before = (*SHELF, *MANY)
    after = (*SHELF[1:], *MANY[:-2], thing("m05", "A new name"), thing("a0", "Another"))
    after = tuple({item.id: item for item in after}.values())
    built(tmp_path, items=before).close()
    spy = Spy()
    renewed = request(tmp_path, version=2, items=after, earlier=tmp_path / "v1")
    build_index(renewed, encoder=spy)
    assert sorted(spy.asked) == ["A new name", "Another"]
    index = Index.open(tmp_path / "v2")
    assert index.manifest.churn == 3 + 2  # three gone, one changed, one new
    whole = built(tmp_path, version=3, items=after)
    assert whole.manifest.churn == 0
    same(index, whole)
    index.close()
    whole.close()


def test_a_refresh_of_a_refresh_counts_on_and_ends_in_a_whole_build(tmp_path: Path) -> None:
    items = (*SHELF, *MANY)
    built(tmp_path, items=items).close()
    churn = []
    for version in range(2, 6):
        items = tuple(
            thing(item.id, f"{item.title} again") if n % 9 == version else item
            for n, item in enumerate(items)
        )
        earlier = tmp_path / f"v{version - 1}"
        index = built(tmp_path, version=version, items=items, earlier=earlier)
        churn.append(index.manifest.churn)
        index.close()
    assert churn == [5, 10, 0, 5]
    index = Index.open(tmp_path / "v5")
    whole = built(tmp_path, version=6, items=items)
    same(index, whole)
    index.close()
    whole.close()


def test_a_refresh_leaves_the_version_it_came_from_as_it_was(tmp_path: Path) -> None:
    old = built(tmp_path, items=(*SHELF, *MANY))
    vector = old.store.get([old.row[ItemId("m07")]])[0]
    found = old.store.search(vector, 5).rows.tolist()
    after = (*SHELF, *MANY[:7], *MANY[8:])
    new = built(tmp_path, version=2, items=after, earlier=old.directory)
    assert old.store.search(vector, 5).rows.tolist() == found
    again = Index.open(old.directory)
    assert again.store.search(vector, 5).rows.tolist() == found
    assert ItemId("m07") not in new.row
    for index in (old, new, again):
        index.close()


def test_another_encoder_takes_nothing_over(tmp_path: Path) -> None:
    built(tmp_path).close()
    renewed = request(tmp_path, version=2, earlier=tmp_path / "v1")
    build_index(renewed, encoder=HashedEncoder(32))
    index = Index.open(tmp_path / "v2")
    assert (index.manifest.dimensions, index.manifest.churn) == (32, 0)
    assert index.store.dimensions == 32
    index.close()


@pytest.mark.parametrize("part", ["texts.npy", "chroma/vectors.npy", "lexical/vocabulary.json"])
def test_a_refresh_of_a_damaged_version_is_a_whole_build(tmp_path: Path, part: str) -> None:
    built(tmp_path, items=(*SHELF, *MANY)).close()
    (tmp_path / "v1" / part).unlink()
    index = built(tmp_path, version=2, items=(*SHELF, *MANY[1:]), earlier=tmp_path / "v1")
    whole = built(tmp_path, version=3, items=(*SHELF, *MANY[1:]))
    assert index.manifest == whole.manifest
    same(index, whole)
    index.close()
    whole.close()


def test_the_same_input_gives_the_same_manifest_whatever_its_order(tmp_path: Path) -> None:
    build_index(request(tmp_path), encoder=Spy())
    build_index(request(tmp_path, version=2, items=SHELF[::-1]), encoder=Spy())
    assert Index.open(tmp_path / "v1").manifest == Index.open(tmp_path / "v2").manifest


def test_progress_ends_at_all_items_in_every_stage(tmp_path: Path) -> None:
    told: dict[str, tuple[int, int | None]] = {}

    def tell(stage: str, done: int, total: int | None) -> None:
        told[stage] = (done, total)

    build_index(request(tmp_path, progress=tell), encoder=Spy())
    assert list(told) == ["embedding", "storing", "words", "collaborative"]
    assert {told["embedding"], told["storing"], told["words"]} == {(5, 5)}
    assert told["collaborative"][0] == told["collaborative"][1]


def test_a_build_that_fails_leaves_no_index(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="no model today"):
        build_index(request(tmp_path), encoder=Spy(fail=True))
    with pytest.raises(StoreError, match="never finished"):
        Index.open(tmp_path / "v1")


def test_an_index_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"v0009.*never finished; ingest"):
        Index.open(tmp_path / "v0009")


def altered(index: Index, **changes: object) -> Path:
    path = index.directory / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return index.directory


@pytest.mark.parametrize("changes", [{"format": 1}, {"items": "many"}, {"surprise": 1}])
def test_a_manifest_that_this_release_does_not_read_is_refused(
    index: Index, changes: dict[str, object]
) -> None:
    with pytest.raises(StoreError, match=r"manifest\.json"):
        Index.open(altered(index, **changes))


def test_ids_that_are_not_those_of_the_manifest_are_refused(index: Index) -> None:
    (index.directory / "ids.json").write_text('["s1", "s2"]')
    with pytest.raises(StoreError, match=r"lists 2 ids.*the 5 of the manifest"):
        Index.open(index.directory)
    (index.directory / "ids.json").unlink()
    with pytest.raises(StoreError, match=r"cannot read.*ids\.json"):
        Index.open(index.directory)


def test_vectors_of_another_size_than_the_manifest_says_are_refused(index: Index) -> None:
    opened = Index.open(altered(index, dimensions=384))
    with pytest.raises(StoreError, match="should hold 384 dimensions, it holds 64"):
        _ = opened.store


def test_an_encoder_of_another_model_is_refused(index: Index) -> None:
    index.check(Spy())
    with pytest.raises(EncoderError, match=r"hashed-64.*64 dimensions.*hashed-256"):
        index.check(HashedEncoder(256))


def test_opening_an_index_loads_nothing_heavy(index: Index) -> None:
    program = (
        "import sys; from pathlib import Path; from retrieval.index import Index\n"
        "Index.open(Path(sys.argv[1]))\n"
        "heavy = ('chromadb', 'torch', 'implicit', 'bm25s', 'onnxruntime', 'scipy')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    command = [sys.executable, "-c", program, str(index.directory)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_version_holds_no_pickle(index: Index) -> None:
    for path in index.directory.rglob("*.npy"):
        np.load(path, allow_pickle=False)
    ours = [p for p in index.directory.rglob("*") if "chroma" not in p.parts]
    assert not [p for p in ours if p.suffix in {".pkl", ".pickle", ".tmp"}]
