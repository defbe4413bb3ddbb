"""What candidates have in common with examples."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from retrieval.columns import Columns
from retrieval.shared import in_common
from retrieval.types import Item, ItemId


def _item(n: int, **fields: str | int | bool | tuple[str, ...]) -> Item:
    return Item(id=ItemId(f"i{n}"), title=f"Item {n}", fields=fields)


ITEMS = [
    _item(0, kind="lamp", makers=("Orla", "Milo"), year=1990, new=True),
    _item(1, kind="lamp", makers=("orla",), year=1990, new=True),
    _item(2, kind="desk", makers=("Milo", "Ada"), year=1991, new=True),
    *(_item(n, kind="chair", year=1990, new=True) for n in range(3, 12)),
]
COLUMNS = Columns(ITEMS)
FACETS = ("kind", "makers", "year", "new")
ALL = np.arange(len(ITEMS))


def test_a_value_in_common_counts_as_what_it_tells() -> None:
    found = in_common([ITEMS[0]], FACETS, COLUMNS, ALL)
    assert found[1] == pytest.approx(2 * log(12 / 2))  # the kind, and a maker however written
    assert found[2] == pytest.approx(log(12 / 2))
    assert not found[3:].any()  # the same year and flag are no values in common


def test_what_most_items_have_is_no_news() -> None:
    assert not in_common([ITEMS[5]], FACETS, COLUMNS, ALL).any()


def test_several_examples_count_by_their_mean() -> None:
    both = in_common([ITEMS[0], ITEMS[2]], FACETS, COLUMNS, ALL)
    each = [in_common([ITEMS[n]], FACETS, COLUMNS, ALL) for n in (0, 2)]
    assert both == pytest.approx((each[0] + each[1]) / 2)


def test_rows_are_answered_in_their_order_and_nothing_is_shared_with_nothing() -> None:
    rows = np.array([2, 0])
    assert in_common([ITEMS[0]], FACETS, COLUMNS, rows) == pytest.approx(
        in_common([ITEMS[0]], FACETS, COLUMNS, ALL)[[2, 0]]
    )
    assert not in_common([], FACETS, COLUMNS, ALL).any()


def test_facets_that_say_nothing_of_what_an_item_is_like_are_left_out() -> None:
    assert in_common([ITEMS[0]], ("kind",), COLUMNS, ALL)[1] == pytest.approx(log(12 / 2))
