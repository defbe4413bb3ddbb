"""Columns answer exactly as matches() does, whatever the filter and the catalogue."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.columns import Columns
from retrieval.filters import AllOf, Among, AnyOf, Has, Known, Not, Says, Within, matches
from retrieval.types import Item, ItemId

FIELDS = ("colour", "size", "tags", "attributes.new")
WORDS = (
    "", " ", "Red", "red", "RED", "crème", "creme", "brûlée 2", "Straße", "STRASSE", "İzmir",
    "日本", "日本映画", "new york", "new", "york", "yorker", "the new-york_times", "o'neil", "ﬁne",
    "fine", "x_y", "5", "5.0", "2", "true", "false", "None", "٣", "²", "e\u0301", "é", "\u0301",
    "!!", "a\nb", "a b", "nan", "inf",
)  # fmt: skip

words = st.one_of(st.sampled_from(WORDS), st.text(max_size=6))
numbers = st.one_of(
    st.sampled_from([0, 1, 2, 5, 5.0, 2.5, -0.0, 1e20, math.inf, -math.inf, math.nan, 2**63]),
    st.integers(),
    st.floats(),
)
values = st.one_of(words, numbers, st.booleans(), st.lists(words, max_size=3).map(tuple))
bounds = st.none() | numbers
items = st.builds(
    lambda title, text, fields, available, retired: Item(
        id=ItemId("i"), title=title, text=text, fields=fields, available=available, retired=retired
    ),
    words,
    words,
    st.dictionaries(st.sampled_from(FIELDS), values),
    st.booleans(),
    st.booleans(),
)
leaves = st.one_of(
    st.builds(Has, st.sampled_from(FIELDS), st.lists(words, max_size=3).map(tuple)),
    st.builds(Within, st.sampled_from(FIELDS), bounds, bounds, st.booleans()),
    st.builds(Says, st.lists(words, max_size=3).map(tuple)),
    st.builds(Known, st.sampled_from(FIELDS)),
    st.builds(Among, st.frozensets(st.sampled_from(["i0", "i1", "i5", "nobody"]))),
)
filters = st.recursive(
    leaves,
    lambda part: st.one_of(
        st.builds(Not, part),
        st.builds(AllOf, st.lists(part, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(part, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


# In a catalogue the ids differ.
catalogues = st.lists(items, max_size=8).map(
    lambda found: [replace(one, id=ItemId(f"i{n}")) for n, one in enumerate(found)]
)


def item(title: str = "", text: str = "", **fields) -> Item:
    return Item(id=ItemId(title), title=title, text=text, fields=fields)


@given(catalogues, st.none() | filters)
def test_the_mask_says_of_every_item_what_matches_says(catalogue, where) -> None:
    assert Columns(catalogue).mask(where).tolist() == [matches(where, i) for i in catalogue]


@given(st.lists(items, min_size=1, max_size=8), st.data())
def test_a_word_or_value_of_an_item_finds_it(catalogue, data) -> None:
    columns = Columns(catalogue)
    row = data.draw(st.integers(0, len(catalogue) - 1))
    for part in catalogue[row].title.split():
        where = Says((part,))
        assert columns.mask(where)[row] == matches(where, catalogue[row])
    for field, value in catalogue[row].fields.items():
        if isinstance(value, str):
            assert columns.mask(Has(field, (value,)))[row]


@given(st.lists(items, max_size=8), st.sampled_from(FIELDS))
def test_numbers_are_nan_exactly_where_there_is_none(catalogue, field) -> None:
    column = Columns(catalogue).numbers(field)
    assert column.shape == (len(catalogue),)
    for x, i in zip(column, catalogue, strict=True):
        value = i.fields.get(field)
        known = isinstance(value, int | float) and not isinstance(value, bool)
        assert np.array_equal(x, float(value) if known else np.nan, equal_nan=True)


def test_masks_by_hand() -> None:
    columns = Columns(
        [
            item("Red kettle", colour="Red", size=2, tags=("Quick", "Quiet")),
            item("Café table", text="For a small flat in New York.", size=2.5),
            item("New Yorker chair", colour="dark red", flag=True),
        ]
    )
    assert columns.mask(Has("colour", ("RED",))).tolist() == [True, False, False]
    assert columns.mask(Not(Has("colour", ("red",)))).tolist() == [False, True, True]
    assert columns.mask(Has("size", ("2",))).tolist() == [True, False, False]
    assert columns.mask(Has("flag", ("True",))).tolist() == [False, False, True]
    assert columns.mask(Has("tags", ("quiet", "heavy"))).tolist() == [True, False, False]
    assert columns.mask(Within("size", 2, 2.5)).tolist() == [True, True, False]
    assert columns.mask(Within("size", 2, 2.5, strict=True)).tolist() == [False, False, False]
    assert columns.mask(Says(("cafe",))).tolist() == [False, True, False]
    assert columns.mask(Says(("new york",))).tolist() == [False, True, True]
    assert columns.mask(Says(("york new",))).tolist() == [False, False, False]
    assert columns.mask(Says(("ork",))).tolist() == [False, False, False]
    assert columns.mask(Says(("red",))).tolist() == [True, False, True]
    assert columns.mask(Known("tags")).tolist() == [True, False, False]
    assert columns.mask(Not(Known("size"))).tolist() == [False, False, True]
    chairs = Among(frozenset({ItemId("New Yorker chair"), ItemId("nothing")}))
    assert columns.mask(chairs).tolist() == [False, False, True]


def test_an_empty_catalogue_answers_with_nothing() -> None:
    columns = Columns([])
    for where in (None, Says(("a b",)), Has("x", ("y",)), Not(Within("x", 1)), AllOf()):
        assert columns.mask(where).tolist() == []
    assert columns.numbers("x").tolist() == []


def test_availability_and_retirement_are_masks_of_their_own() -> None:
    columns = Columns(
        [
            Item(id=ItemId("a"), title="a", available=False),
            Item(id=ItemId("b"), title="b", retired=True),
        ]
    )
    assert columns.available.tolist() == [False, True]
    assert columns.retired.tolist() == [False, True]


def test_changing_a_mask_that_was_given_out_changes_no_later_one() -> None:
    columns = Columns([item("a", colour="red")])
    columns.mask(None)[0] = False
    columns.mask(Has("colour", ("red",)))[0] = False
    assert columns.mask(None).all()
    assert columns.mask(Has("colour", ("red",))).all()


def test_preparing_columns_changes_no_answer() -> None:
    catalogue = [item("a red one", colour="red", size=1)]
    columns = Columns(catalogue)
    columns.prepare(("colour", "size", "nowhere"), words=True)
    where = AllOf((Has("colour", ("red",)), Within("size", 0, 2), Says(("one",))))
    assert columns.mask(where).tolist() == [True]
