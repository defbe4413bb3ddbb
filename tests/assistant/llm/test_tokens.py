"""Counting and cutting by tokens, offline and in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.llm.tokens import Count, count, encode, encoding, is_estimate, truncate_to_tokens


def test_known_texts_have_their_known_tokens() -> None:
    assert encode("hello world") == [24912, 2375]  # as published for o200k_base
    assert count("", "gpt-4o") == Count(0, False)


def test_counts_for_a_model_with_another_tokenizer_are_flagged() -> None:
    assert not is_estimate("gpt-4o-mini")
    assert is_estimate("gpt-4")  # cl100k_base
    assert is_estimate("local")
    assert count("hello world", "local") == Count(2, True)


def test_special_markers_in_a_text_are_text() -> None:
    assert len(encode("<|endoftext|>")) > 1


@given(st.text(), st.integers(min_value=-1, max_value=12))
def test_a_cut_text_is_a_beginning_within_the_limit(text: str, limit: int) -> None:
    cut = truncate_to_tokens(text, limit)
    assert text.startswith(cut)
    assert len(encode(cut)) <= max(0, limit) + 1  # a half character dropped may merge otherwise


@pytest.mark.parametrize("text", ["東京の夜は静かだ。" * 20, "城市夜晚安静" * 20, "🎬🍿" * 30])
def test_scripts_without_spaces_are_cut_between_characters(text: str) -> None:
    cut = truncate_to_tokens(text, 10)
    assert cut
    assert text.startswith(cut)
    assert len(encode(cut)) <= 10


def test_a_text_within_the_limit_is_left_as_it_is() -> None:
    assert truncate_to_tokens("hello world", 2) == "hello world"
    assert truncate_to_tokens("hi", 50) == "hi"


def test_a_long_run_without_spaces_is_counted_piece_by_piece() -> None:
    assert len(encode("a" * 300_000)) > 1000
    assert truncate_to_tokens("a" * 300_000, 5)


def test_every_token_of_the_encoding_is_there() -> None:
    assert encoding().max_token_value == 199_999
