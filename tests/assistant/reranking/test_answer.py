"""Reading answers: the defects known from other re-rankers, none of which may come back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.reranking.answer import read, schema
from assistant.reranking.handles import DIGITS, LETTERS, draw

HANDLES = ("b2c", "k7d", "x9z", "t4h")


def codes(text: str, wanted: int = 4) -> tuple[tuple[int, ...], list[str]]:
    order = read(text, HANDLES, wanted)
    return order.positions, [issue.code for issue in order.issues]


def ranking(*names: object) -> str:
    return json.dumps({"ranking": names})


def test_a_clean_answer_is_taken_as_it_stands() -> None:
    assert codes(ranking("x9z", "b2c", "t4h", "k7d")) == ((2, 0, 3, 1), [])


def test_digits_in_prose_are_not_ranks() -> None:
    assert codes("Of the 3 passages, my ranking is [2] > [1] > [3]") == ((), [])
    assert codes("1. 4\n2. 3\n3. 1") == ((), [])
    assert codes(ranking(2, 1, 3, 0)) == ((), [])


def test_prose_about_the_handles_themselves_is_read_and_says_so() -> None:
    said = "Of the 4 items, my ranking is [x9z] > [b2c] > [t4h] > [k7d]"
    assert codes(said) == ((2, 0, 3, 1), ["no_json"])
    assert codes("X9Z>B2C>T4H>K7D\n") == ((2, 0, 3, 1), ["no_json"])


def test_talk_about_one_item_is_not_a_ranking() -> None:
    assert codes("I cannot rank these; k7d is unclear to me.") == ((), [])


@pytest.mark.parametrize(
    "refusal",
    ["", "I'm sorry, I can't help with that.", "Error: rate limit", "null", "[]", "{}", "\x00" * 9],
)
def test_a_refusal_or_an_error_string_is_no_order(refusal: str) -> None:
    assert codes(refusal) == ((), [])


@pytest.mark.parametrize("empty", ['{"ranking": []}', '{"ranking": null}', '{"ranking": "b2c"}'])
def test_an_empty_or_mistyped_ranking_is_no_order(empty: str) -> None:
    assert codes(empty)[0] == ()


def test_spaces_and_line_breaks_change_nothing() -> None:
    tight = '{"ranking":["x9z","b2c","t4h","k7d"]}'
    loose = '\n\n { "ranking" : [ "x9z" ,\n"b2c","t4h" , "k7d" ] }\n\n'
    assert codes(tight) == codes(loose) == ((2, 0, 3, 1), [])
    within = tight.replace("k7d", " k7d\\n")
    assert codes(within) == ((2, 0, 3, 1), ["loose_handle"])


def test_unknown_repeated_and_missing_handles_are_counted() -> None:
    said = ranking("x9z", "x9z", "q2q", -1, 0, None, ["b2c"], "b2c")
    positions, found = codes(said)
    assert positions == (2, 0)
    assert found == ["unknown_handle", "repeated_handle", "missing_handle"]


def test_an_answer_that_was_cut_gives_what_of_it_is_whole() -> None:
    assert codes('{"ranking": ["x9z", "b2c", "t4') == ((2, 0), ["missing_handle", "cut_answer"])


def test_reasoning_that_mentions_handles_is_not_the_answer() -> None:
    thought = "<think>k7d > t4h > b2c > x9z?</think>"
    assert codes(thought + ranking("x9z", "b2c", "t4h", "k7d"))[0] == (2, 0, 3, 1)
    assert codes(thought) == ((), [])


def test_the_fullest_of_several_objects_is_the_answer() -> None:
    example = ranking("b2c")
    assert codes(f"For example {example}. Now: {ranking(*HANDLES)}")[0] == (0, 1, 2, 3)


def test_handles_of_another_request_mean_nothing() -> None:
    assert codes(ranking("z9x", "d7k", "c2b", "h4t"))[0] == ()


@given(
    st.text()
    | st.lists(st.sampled_from([*HANDLES, '"', ",", "{", "]", " 1", "ranking"])).map("".join)
)
def test_whatever_is_said_each_item_is_placed_at_most_once(text: str) -> None:
    order = read(text, HANDLES, 4)
    assert len(set(order.positions)) == len(order.positions)
    assert set(order.positions) <= set(range(4))


@pytest.mark.parametrize(
    "text",
    [
        "b2c k7d x9z " * 80_000,
        json.dumps({"ranking": ["b2c"] * 200_000}),
        "{" * 500_000,
        "<think>" * 100_000,
        '{"ranking":[' * 80_000,
        "\x00" * 1_000_000,
    ],
)
def test_a_megabyte_of_anything_is_read_within_the_time_of_a_test(text: str) -> None:
    assert set(read(text, HANDLES, 4).positions) <= set(range(4))


def test_the_schema_allows_exactly_these_handles_and_bounds_everything() -> None:
    made = json.dumps(schema(HANDLES, 2, ("genres",), 1))
    assert '"enum": ["b2c", "k7d", "x9z", "t4h"], ' not in made
    assert '"enum": ["b2c", "k7d", "x9z", "t4h"]' in made
    assert '"maxItems": 2' in made
    assert "claims" not in json.dumps(schema(HANDLES, 2, ("genres",), 0))


@given(st.integers(0, 300), st.lists(st.text(max_size=30), max_size=5), st.integers())
def test_handles_are_distinct_and_occur_in_no_text(n: int, texts: list[str], seed: int) -> None:
    drawn = draw(n, texts, seed)
    assert len(set(drawn.names)) == n
    assert not any(name in text.casefold() for name in drawn.names for text in texts)
    assert draw(n, texts, seed) == drawn


def test_handles_differ_from_request_to_request() -> None:
    assert draw(5, ["a"], 1) != draw(5, ["b"], 1)
    assert draw(5, ["a"], 1) != draw(5, ["a"], 2)
    assert draw(30, ["a"]) != draw(30, ["a"])


def test_texts_that_hold_every_short_handle_get_longer_ones() -> None:
    full = " ".join(a + d + b for a in LETTERS for d in DIGITS for b in LETTERS)
    assert all(len(name) > 3 for name in draw(3, [full], 1).names)
