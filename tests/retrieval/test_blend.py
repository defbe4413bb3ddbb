"""The blend of scores, learned and summed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from retrieval.blend import LEAST, Blend, Example
from retrieval.errors import StoreError
from retrieval.taste import FEATURES

EASE, CONTENT, LIKERS = (FEATURES.index(n) for n in ("ease", "content", "likers"))


def histories(n: int, telling: int, seed: int = 1) -> list[Example]:
    """Forty candidates each, of which the four with the greatest value in one column are liked."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        table = rng.normal(size=(40, len(FEATURES))).astype(np.float32)
        liked = np.zeros(40, dtype=np.bool_)
        liked[np.argsort(-table[:, telling])[:4]] = True
        made.append(Example(table=table, liked=liked))
    return made


def test_a_column_that_tells_is_learned_though_the_sum_passes_it_over() -> None:
    blend = Blend.fit(histories(LEAST, LIKERS))
    assert blend.learned
    unseen = histories(1, LIKERS, seed=9)[0]
    best = np.argsort(-blend.score(unseen.table))[:4]
    alone = np.argsort(-Blend().score(unseen.table))[:4]
    assert unseen.liked[best].sum() > unseen.liked[alone].sum()


def test_what_does_not_beat_the_sum_on_unseen_people_is_thrown_away() -> None:
    rng = np.random.default_rng(4)
    noise = [Example(table=e.table, liked=rng.permutation(e.liked)) for e in histories(LEAST, EASE)]
    summed = [*noise]
    for n in range(0, len(summed), 4):  # the judges: the sum is right about every one of them
        order = np.argsort(-Blend().score(summed[n].table))
        liked = np.zeros(40, dtype=np.bool_)
        liked[order[:4]] = True
        summed[n] = Example(table=summed[n].table, liked=liked)
    blend = Blend.fit(summed)
    assert not blend.learned
    assert "summed 1.0000" in blend.why


def test_few_histories_teach_nothing() -> None:
    blend = Blend.fit(histories(LEAST - 1, EASE))
    assert not blend.learned
    assert str(LEAST) in blend.why


def test_a_history_without_a_like_is_no_example() -> None:
    blank = [
        Example(table=e.table, liked=np.zeros(40, dtype=np.bool_))
        for e in histories(2 * LEAST, EASE)
    ]
    assert not Blend.fit(blank).learned


def test_the_sum_reads_deviations_and_passes_over_what_is_unknown() -> None:
    table = np.full((3, len(FEATURES)), np.nan, dtype=np.float32)
    table[:, EASE] = [1.0, 2.0, 3.0]
    table[:2, CONTENT] = [0.0, 1.0]
    deviation = np.sqrt(2 / 3)
    expected = [-0.7 / deviation - 0.3, 0.3, 0.7 / deviation]
    assert Blend().score(table).tolist() == pytest.approx(expected, abs=1e-6)
    assert Blend().score(table[:0]).shape == (0,)


@pytest.mark.parametrize("telling", [None, EASE])
def test_it_comes_back_from_disk_unchanged(tmp_path, telling) -> None:
    blend = Blend() if telling is None else Blend.fit(histories(LEAST, LIKERS))
    blend.save(tmp_path / "blend")
    again = Blend.load(tmp_path / "blend")
    unseen = histories(1, EASE, seed=5)[0].table
    assert again.score(unseen).tolist() == blend.score(unseen).tolist()
    assert (again.learned, again.why) == (blend.learned, blend.why)


def test_the_same_examples_give_the_same_blend() -> None:
    unseen = histories(1, EASE, seed=5)[0].table
    once, twice = (Blend.fit(histories(LEAST, LIKERS)).score(unseen) for _ in range(2))
    assert once.tolist() == twice.tolist()


@pytest.mark.parametrize("damage", ["blend.json", "trees.txt"])
def test_a_missing_or_damaged_file_is_named_with_the_remedy(tmp_path, damage) -> None:
    Blend.fit(histories(LEAST, LIKERS)).save(tmp_path)
    (tmp_path / damage).write_bytes(b"{}")
    with pytest.raises(StoreError, match=str(tmp_path)):
        Blend.load(tmp_path)
    (tmp_path / damage).unlink()
    with pytest.raises(StoreError, match="ingest the data again"):
        Blend.load(tmp_path)


def test_a_blend_of_other_features_is_refused(tmp_path) -> None:
    Blend().save(tmp_path)
    manifest = json.loads((tmp_path / "blend.json").read_text())
    manifest["features"] = ["ease"]
    (tmp_path / "blend.json").write_text(json.dumps(manifest))
    with pytest.raises(StoreError, match="other features"):
        Blend.load(tmp_path)


def test_a_blend_that_does_not_say_its_examples_counts_half(tmp_path) -> None:
    Blend.fit(histories(LEAST, LIKERS)).save(tmp_path)
    manifest = json.loads((tmp_path / "blend.json").read_text())
    assert manifest.pop("examples") == LEAST
    (tmp_path / "blend.json").write_text(json.dumps(manifest))
    unseen = histories(1, EASE, seed=5)[0].table
    old, trees = Blend.load(tmp_path), (tmp_path / "trees.txt").read_text()
    assert old.score(unseen).tolist() == Blend(trees, 150).score(unseen).tolist()
