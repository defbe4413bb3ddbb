"""The language of conditions: what it means, and how it says what is wrong."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import ExpressionError
from retrieval.expressions import DEEPEST, LONGEST, parse
from retrieval.filters import (
    AllOf,
    Among,
    AnyOf,
    Filter,
    Has,
    Known,
    Not,
    Says,
    Within,
    matches,
)
from retrieval.types import Field, ItemId, Schema
from tests.retrieval.samples import thing

SCHEMA = Schema(
    fields=(
        Field(name="sku", role="id"),
        Field(name="name", role="title"),
        Field(name="about", role="text"),
        Field(name="brand", role="facet"),
        Field(name="tags", role="facet", multi=True),
        Field(name="vegan", role="facet", kind="flag"),
        Field(name="price", role="number", kind="price"),
        Field(name="released", role="date"),
        Field(name="attributes.ram_gb", role="number"),
        Field(name="attributes.weight", role="number"),
        Field(name="box.weight", role="number"),
        Field(name="country of origin", role="facet"),
        Field(name="internal", role="ignore"),
    )
)
LISTS = {"staff picks": (ItemId("a"), ItemId("b"))}


def read(text: str) -> Filter:
    return parse(text, SCHEMA, LISTS)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ('brand == "Vessel"', Has("brand", ("Vessel",))),
        ("brand == 'say \"it\"'", Has("brand", ('say "it"',))),
        (r'brand == "a \"b\" \\"', Has("brand", ('a "b" \\',))),
        ('brand != "Vessel"', Not(Has("brand", ("Vessel",)))),
        ('brand in ("A", "B",)', Has("brand", ("A", "B"))),
        ('brand not in ("A")', Not(Has("brand", ("A",)))),
        ("brand in (5, 7.5, true)", Has("brand", ("5", "7.5", "true"))),
        ("vegan == true", Has("vegan", ("true",))),
        ("vegan == FALSE", Has("vegan", ("false",))),
        ("price < 500", Within("price", None, 500, strict=True)),
        ("price <= 500", Within("price", None, 500)),
        ("price > -1.5e2", Within("price", -150, None, strict=True)),
        ("price>=.5", Within("price", 0.5, None)),
        ("price == 20", Within("price", 20, 20)),
        ("price in (20, 30)", AnyOf((Within("price", 20, 20), Within("price", 30, 30)))),
        ('released < "2024-01-01"', Within("released", None, 2024, strict=True)),
        ("released >= 2024", Within("released", 2024, None)),
        ("ram_gb >= 8", Within("attributes.ram_gb", 8, None)),
        ("attributes.ram_gb >= 8", Within("attributes.ram_gb", 8, None)),
        ('`country of origin` == "FR"', Has("country of origin", ("FR",))),
        ("missing(attributes.ram_gb)", Not(Known("attributes.ram_gb"))),
        ("not missing(ram_gb)", Not(Not(Known("attributes.ram_gb")))),
        ('says("wind up", "clockwork")', Says(("wind up", "clockwork"))),
        ('listed("staff picks")', Among(frozenset(LISTS["staff picks"]))),
        ('sku == "X-1"', Among(frozenset({ItemId("X-1")}))),
        ('sku in ("a", 7)', Among(frozenset({ItemId("a"), ItemId("7")}))),
    ],
)
def test_each_form_means_one_filter(text: str, means: Filter) -> None:
    assert read(text) == means


def test_or_binds_loosest_and_not_tightest() -> None:
    a, b, c = (Has("brand", (x,)) for x in "abc")
    assert read('brand == "a" or brand == "b" and brand == "c"') == AnyOf((a, AllOf((b, c))))
    assert read('(brand == "a" or brand == "b") and brand == "c"') == AllOf((AnyOf((a, b)), c))
    assert read('not brand == "a" and brand == "b"') == AllOf((Not(a), b))
    assert read('not (brand == "a" and brand == "b")') == Not(AllOf((a, b)))
    assert read('NOT brand == "a" AND brand == "b" AND brand == "c"') == AllOf((Not(a), b, c))


def test_the_whole_of_an_example_holds_for_the_items_it_should() -> None:
    where = read('price < 500 and brand in ("A", "B") and not missing(attributes.ram_gb)')
    fits = thing("1", "x", price=499.0, brand="b", **{"attributes.ram_gb": 8})
    dear = thing("2", "x", price=500.0, brand="B", **{"attributes.ram_gb": 8})
    bare = thing("3", "x", price=10.0, brand="A")
    unpriced = thing("4", "x", brand="A", **{"attributes.ram_gb": 8})
    assert [matches(where, i) for i in (fits, dear, bare, unpriced)] == [True, False, False, False]


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "a condition was expected"),
        ("price < 5 and", 14, "a condition was expected"),
        ("pric < 5", 1, 'no field "pric"; did you mean "price"?'),
        ('price < 5 and bramd == "x"', 15, 'did you mean "brand"?'),
        ("ram < 5", 1, 'did you mean "attributes.ram_gb"?'),
        ("weight < 5", 1, "it could be attributes.weight or box.weight; write the full name"),
        ("zzz < 5", 1, "there are sku, name"),
        ('name == "x"', 1, 'says("…")'),
        ("internal == 1", 1, "schema file"),
        ('price < "cheap"', 9, "compare it with 500"),
        ('released > "soon"', 12, '"2024-01-31" or 2024'),
        ("brand < 5", 7, "there are == and in"),
        ("vegan == 1", 10, "true or false"),
        ("vegan", 6, "such as vegan == true"),
        ("brand", 6, "such as brand == "),
        ('brand = "x"', 7, "write == to compare"),
        ('brand == "x" && price < 5', 14, 'write "and"'),
        ("!vegan == true", 1, 'write "not"'),
        ("brand == vessel", 10, 'put text in quotes: "vessel"'),
        ('brand == "vessel', 10, "not closed"),
        ("brand == 'vessel", 10, "not closed"),
        ("price < 12x", 9, "cannot be read"),
        ("price < price", 9, "no value"),
        ("price <", 8, "a value was expected"),
        ("(price < 5", 11, '")" was expected where the expression ends'),
        ("price < 5)", 10, "not expected here"),
        ('price < 5 brand == "x"', 11, "join conditions with and, or"),
        ("brand in ()", 11, "at least one value"),
        ('brand in "x"', 10, '"(" was expected'),
        ('brand in ("a" "b")', 15, '"," was expected'),
        ('brand not == "a"', 11, "in (…)"),
        ("and", 1, "where a field was expected"),
        ("missing(5)", 9, "the name of a field"),
        ("missing(pric)", 9, 'did you mean "price"?'),
        ("says(5)", 6, "text in quotes"),
        ("says()", 6, "text in quotes"),
        ('listed("staff pick")', 8, 'did you mean "staff picks"?'),
        ("price < 5; import os", 10, "no part of the language"),
        ("__class__ == 5", 1, "no field"),
    ],
)
def test_what_is_wrong_is_said_with_its_column_and_the_remedy(
    text: str, column: int, says: str
) -> None:
    with pytest.raises(ExpressionError) as raised:
        read(text)
    assert raised.value.column == column, raised.value
    assert says in str(raised.value)
    assert str(raised.value).startswith(f"column {column}: ")
    assert "\n" not in str(raised.value)


def test_what_is_too_long_or_too_deep_is_refused_and_does_not_crash() -> None:
    with pytest.raises(ExpressionError, match=f"at most {LONGEST}"):
        read(" " * LONGEST + "price < 5")
    for deep in ("(" * 1000 + "price < 5" + ")" * 1000, "not " * 900 + "price < 5"):
        with pytest.raises(ExpressionError, match=f"more than {DEEPEST}"):
            read(deep)
    read("(" * (DEEPEST - 1) + "price < 5" + ")" * (DEEPEST - 1))


@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(
                [*"()<>=,", "==", "and", "or", "not", "in", "price", "brand", '"x"', "5", "missing",
                 "says", "`", "true", " "]
            ),
            max_size=12,
        ).map(" ".join),
    )
)  # fmt: skip
def test_any_text_is_a_filter_or_a_named_error(text: str) -> None:
    column = 1
    try:
        matches(read(text), thing("1", "x", price=1.0))
    except ExpressionError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1


@given(st.text(alphabet=string.printable, min_size=1, max_size=12))
def test_a_quoted_text_stands_for_itself(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    assert read(f'brand == "{quoted}"') == Has("brand", (value,))
