"""Words: folding, endings, scripts without spaces."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from retrieval.words import stem, stems, words


def test_words_are_folded_and_lose_their_accents() -> None:
    assert words("Amélie's  CAFÉ, no. 3") == ["amelies", "cafe", "no", "3"]


def test_an_apostrophe_joins_an_ending_and_divides_an_article() -> None:
    assert words("don't") == ["dont"]
    assert words("L'Avventura") == ["l", "avventura"]
    assert stems("Schindler's") == stems("Schindlers") == ["schindler"]


def test_a_run_without_spaces_becomes_pairs_of_characters() -> None:
    assert words("東京物語 1953") == ["東京", "京物", "物語", "1953"]
    assert words("人") == ["人"]


def test_a_run_of_two_scripts_is_divided_between_them() -> None:
    assert words("BTS東京") == ["bts", "東京"]


def test_korean_words_share_pairs_whatever_follows_them() -> None:
    assert set(words("사랑")) < set(words("사랑은"))


def test_stems_join_the_forms_of_a_word() -> None:
    assert stem("dreams") == stem("dreaming") == "dream"


def test_stemming_is_the_same_in_many_threads() -> None:
    expected = {w: stem(w) for w in ("running", "relational", "happiness", "flies")}
    stem.cache_clear()
    wrong: list[str] = []

    def work() -> None:
        wrong.extend(w for w, s in expected.items() for _ in range(50) if stem(w) != s)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@given(st.text())
def test_any_text_has_words_without_spaces(text: str) -> None:
    assert all(w and not any(c.isspace() for c in w) for w in words(text))
