"""What a cell says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.values import (
    MAX_CELL,
    HugeCell,
    as_date,
    as_flag,
    as_number,
    as_text,
    flatten,
    is_missing,
    listed,
    split,
)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("7", 7),
        ("-3.5", -3.5),
        (".5", 0.5),
        ("1e3", 1000),
        ("$1,299.00", 1299),
        ("12,50 €", 12.5),
        ("1.299,95", 1299.95),
        ("EUR 49", 49),
        (4, 4),
        (2.5, 2.5),
    ],
)
def test_a_number_is_read_however_it_is_written(cell: object, number: float) -> None:
    assert as_number(cell) == number


@pytest.mark.parametrize(
    "cell", ["", "five", "PG-13", "NaN", "inf", "1-2", "1_000", True, None, "9" * 50]
)
def test_what_is_no_number_is_none(cell: object) -> None:
    assert as_number(cell) is None


@given(st.floats(allow_nan=True, allow_infinity=True) | st.integers() | st.text() | st.booleans())
def test_a_number_is_finite_or_none_and_nothing_raises(cell: object) -> None:
    number = as_number(cell)
    assert number is None or abs(number) < float("inf")
    as_flag(cell)
    as_date(cell)


def test_flags_are_booleans_and_their_words() -> None:
    assert [as_flag(c) for c in (True, "yes", "FALSE", "maybe", 1)] == [
        True,
        True,
        False,
        None,
        None,
    ]


def test_dates_are_iso_and_real() -> None:
    assert as_date("2021-05-02T10:00:00Z") == "2021-05-02"
    assert as_date("2021-13-02") is None
    assert as_date("02/05/2021") is None


def test_missing_words_are_missing() -> None:
    assert all(map(is_missing, ("", "NA", "n/a", "NULL", "None", "-", "\\N")))
    assert not is_missing("Nathan")


def test_a_list_in_a_cell_is_read_as_json_or_as_python_writes_it() -> None:
    assert listed('["a", "b"]') == ["a", "b"]
    assert listed("['Drama', \"L'Age\"]") == ["Drama", "L'Age"]
    assert listed('[{"id": 18, "name": "Drama"}]') == ["Drama"]
    assert listed("[]") == []
    assert listed("[sic]") is None
    assert split("a| b |c", "|") == ["a", "b", "c"]


def test_numbers_as_text_lose_only_a_needless_fraction() -> None:
    assert [as_text(v) for v in (1.0, 1.5, 7, True, None, "x")] == [
        "1",
        "1.5",
        "7",
        "true",
        "",
        "x",
    ]


def test_nested_objects_are_laid_out_with_dots_and_empty_values_left_out() -> None:
    row = {
        "a": {"b": {"c": 1}, "d": ""},
        "e": None,
        "f": [],
        "g": [1, None, "x"],
        "h": float("nan"),
    }
    assert flatten(row) == {"a.b.c": 1, "g": [1, "x"]}


def test_objects_in_a_list_stand_for_their_names() -> None:
    assert flatten({"genres": [{"id": 1, "name": "Noir"}, {"id": 2}]}) == {"genres": ["Noir"]}


def test_endless_nesting_ends() -> None:
    row: dict[str, object] = {"leaf": 1}
    for _ in range(500):
        row = {"n": row}
    assert flatten(row) == {}


def test_a_huge_cell_is_named_as_such() -> None:
    with pytest.raises(HugeCell):
        flatten({"a": "x" * (MAX_CELL + 1)})
