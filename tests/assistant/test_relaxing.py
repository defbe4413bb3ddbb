"""When nothing fits: the least that gives way, counted on real items."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from assistant.constraints import Constraint
from assistant.relaxing import ENOUGH, relaxations
from retrieval.filters import all_of
from retrieval.types import Item, ItemId
from tests.assistant.shelf import Shelf

COLOURS = ("red", "blue", "green")


def item(n: int, colour: str, price: float, *tags: str) -> Item:
    fields = {"colour": colour, "price": price, "tags": tags}
    return Item(id=ItemId(str(n)), title=f"item {n}", fields=fields)


SHELF = Shelf([item(n, COLOURS[n % 2], 10.0 * (n + 1), "x" if n < 3 else "y") for n in range(10)])
BLUE = Constraint(kind="include", turn=1, field="colour", values=("blue",))
GREEN = Constraint(kind="include", turn=1, field="colour", values=("green",))
X = Constraint(kind="include", turn=2, field="tags", values=("x",))


def upto(price: float, turn: int = 3) -> Constraint:
    return Constraint(kind="range", turn=turn, field="price", high=price)


def test_a_limit_moves_as_far_as_the_next_few_items() -> None:
    moved, dropped = relaxations((BLUE, upto(15)), SHELF.count, SHELF.values)
    assert (moved.dropped, moved.instead) == ((upto(15),), (upto(60),))
    assert moved.count == ENOUGH
    assert (dropped.dropped, dropped.instead, dropped.count) == ((BLUE,), (), 1)
    assert moved.of((BLUE, upto(15))) == (BLUE, upto(60))


def test_a_strict_limit_moves_to_the_bound_itself_first() -> None:
    below = Constraint(kind="range", turn=3, field="price", high=20, strict=True)
    moved, *_ = relaxations((BLUE, below), SHELF.count, SHELF.values)
    assert moved.instead == (upto(60),)
    far = Constraint(kind="range", turn=3, field="price", low=100, strict=True)
    (lower,) = relaxations((BLUE, far), SHELF.count, SHELF.values)
    assert lower.instead == (Constraint(kind="range", turn=3, field="price", low=60),)


def test_what_fits_nothing_at_all_is_dropped_and_the_rest_stays() -> None:
    (only,) = relaxations((GREEN, upto(50)), SHELF.count, SHELF.values)
    assert (only.dropped, only.count) == ((GREEN,), 5)


def test_two_give_way_where_one_does_not_help() -> None:
    y = Constraint(kind="include", turn=4, field="tags", values=("z",))
    offers = relaxations((GREEN, y, upto(100)), SHELF.count, SHELF.values)
    assert [offer.dropped for offer in offers] == [(y, GREEN)]
    assert offers[0].count == 10


def test_of_values_that_must_all_hold_one_gives_way() -> None:
    both = Constraint(kind="include", turn=1, field="tags", values=("x", "y"), every=True)
    offers = relaxations((both, BLUE), SHELF.count, SHELF.values)
    assert [(c.values, offer.count) for offer in offers for c in offer.dropped] == [
        (("x",), 4),
        (("y",), 1),
    ]
    assert [c.values for c in offers[0].of((both, BLUE))] == [("y",), ("blue",)]


def test_there_is_no_offer_without_constraints_or_items() -> None:
    assert relaxations((), SHELF.count, SHELF.values) == ()
    empty = Shelf([])
    assert relaxations((BLUE,), empty.count, empty.values) == ()


CONSTRAINTS = st.lists(
    st.one_of(
        st.builds(
            lambda c, t: Constraint(kind="include", turn=t, field="colour", values=(c,)),
            st.sampled_from(COLOURS),
            st.integers(0, 5),
        ),
        st.builds(
            lambda c, t: Constraint(kind="exclude", turn=t, field="tags", values=(c,)),
            st.sampled_from("xyz"),
            st.integers(0, 5),
        ),
        st.builds(
            lambda low, wide, strict, t: Constraint(
                kind="range", turn=t, field="price", low=low, high=low + wide, strict=strict
            ),
            st.integers(-50, 150),
            st.integers(0, 60),
            st.booleans(),
            st.integers(0, 5),
        ),
    ),
    max_size=6,
    unique=True,
)


@given(CONSTRAINTS)
def test_offers_are_minimal_and_their_counts_are_true(constraints: list[Constraint]) -> None:
    if SHELF.count(all_of(c.filter() for c in constraints)):
        return
    offers = relaxations(constraints, SHELF.count, SHELF.values)
    for offer in offers:
        after = offer.of(constraints)
        assert offer.count == SHELF.count(all_of(c.filter() for c in after)) > 0
        for back in offer.dropped:
            less = [c for c in constraints if c not in offer.dropped or c == back]
            assert SHELF.count(all_of(c.filter() for c in less)) == 0
    possible = any(
        SHELF.count(all_of(c.filter() for c in constraints if c not in gone))
        for size in range(1, 4)
        for gone in combinations(constraints, size)
    )
    assert bool(offers) == possible


def test_the_kind_of_thing_gives_way_last() -> None:
    far = (BLUE, upto(5), Constraint(kind="include", turn=2, field="tags", values=("y",)))
    assert relaxations(far, SHELF.count, SHELF.values, ("colour",))[0].dropped == (upto(5),)
    both = (GREEN, upto(5))
    (only,) = relaxations(both, SHELF.count, SHELF.values, ("colour",))
    assert only.dropped == (upto(5), GREEN)
