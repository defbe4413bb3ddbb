"""Words against items: weights of fields, exact titles, scripts, empty cases, the disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import StoreError
from retrieval.lexical import LexicalIndex
from retrieval.types import Item
from tests.retrieval.samples import SHELF, SHELF_SCHEMA, thing

INDEX = LexicalIndex.build(SHELF, SHELF_SCHEMA)


def found(text: str, index: LexicalIndex = INDEX, items: Sequence[Item] = SHELF) -> list[str]:
    """The items that share a word with the text, best first, ties by row."""
    scores = index.scores(text)
    rows = sorted(np.flatnonzero(scores), key=lambda r: (-scores[r], r))
    return [items[r].id for r in rows]


def test_a_word_of_the_title_counts_more_than_one_of_the_text() -> None:
    assert found("cocoa") == ["s4", "s1"]


def test_accents_case_and_forms_do_not_matter() -> None:
    assert found("CAFE lumiere") == found("café lumière") == ["s1"]
    assert found("mornings")[0] == "s2"


def test_people_and_facets_are_found() -> None:
    assert set(found("ada roast")) == {"s1", "s4"}
    assert found("bo lind") == ["s4"]
    assert found("calm") == ["s2"]


def test_a_title_of_common_words_is_found_by_its_name_alone() -> None:
    assert found("it") == ["s3"]
    assert "s3" not in found("it is mild")


def test_an_exact_title_stands_above_a_longer_one() -> None:
    items = [
        thing("a", "Night Train Home"),
        thing("b", "Night Train"),
        thing("c", "Night Night Train"),
    ]
    index = LexicalIndex.build(items, SHELF_SCHEMA)
    assert found("night train", index, items)[0] == "b"


def test_japanese_is_found_by_parts_of_a_run() -> None:
    assert found("お茶") == ["s5"]
    assert found("東京") == ["s5"]
    assert found("大阪") == []


def test_scores_cover_every_item_in_the_order_given() -> None:
    scores = INDEX.scores("cocoa")
    assert scores.shape == (len(SHELF),)
    assert scores.dtype == np.float32
    assert [SHELF[r].id for r in np.flatnonzero(scores)] == ["s1", "s4"]


@pytest.mark.parametrize("text", ["", "   ", "zyzzyva", "!?…", "the", "🍵", "\ud83d"])
def test_a_text_without_known_words_finds_nothing(text: str) -> None:
    assert found(text) == []
    assert not INDEX.scores(text).any()


@pytest.mark.parametrize("items", [(), (thing("a", ""), thing("b", "..."))])
def test_a_catalogue_without_words_is_searched_in_vain(
    items: tuple[object, ...], tmp_path: Path
) -> None:
    index = LexicalIndex.build(items, SHELF_SCHEMA)  # type: ignore[arg-type]
    index.save(tmp_path)
    for each in (index, LexicalIndex.load(tmp_path)):
        assert each.scores("anything").tolist() == [0.0] * len(items)


def test_what_is_loaded_answers_as_what_was_saved(tmp_path: Path) -> None:
    INDEX.save(tmp_path / "words")
    loaded = LexicalIndex.load(tmp_path / "words")
    for text in ("cocoa", "東京", "ada roast morning", ""):
        assert np.array_equal(loaded.scores(text), INDEX.scores(text))


def test_a_missing_or_damaged_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"absent.*ingest"):
        LexicalIndex.load(tmp_path / "absent")
    INDEX.save(tmp_path)
    (tmp_path / "postings.rows.npy").write_bytes(b"nonsense")
    with pytest.raises(StoreError, match="cannot read"):
        LexicalIndex.load(tmp_path)


def test_a_changed_catalogue_is_found_as_if_all_were_read_again() -> None:
    changed = (thing("s0", "A cocoa morning"), *SHELF[2:], replace(SHELF[0], title="Renamed"))
    whole = LexicalIndex.build(changed, SHELF_SCHEMA)
    renewed = LexicalIndex.build(changed, SHELF_SCHEMA, INDEX)
    for text in ("cocoa", "morning", "renamed", "東京", "ada roast", SHELF[0].title, "it"):
        assert np.allclose(renewed.scores(text), whole.scores(text), atol=1e-6), text


def test_a_renewed_index_is_saved_and_renewed_again(tmp_path: Path) -> None:
    renewed = LexicalIndex.build(SHELF[1:], SHELF_SCHEMA, INDEX)
    renewed.save(tmp_path)
    again = LexicalIndex.build(SHELF, SHELF_SCHEMA, LexicalIndex.load(tmp_path))
    for text in ("cocoa", "calm", "東京"):
        assert np.allclose(again.scores(text), INDEX.scores(text), atol=1e-6)


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    assert (INDEX.scores(text) >= 0).all()
