"""Money from tokens, worked by hand."""

from __future__ import annotations

import pytest

from assistant.llm.prices import Price, cost
from assistant.llm.types import Usage

USED = Usage(prompt_tokens=1000, completion_tokens=200, cached_tokens=600, reasoning_tokens=150)


def test_cached_tokens_cost_the_cached_price() -> None:
    price = Price(2.0, 8.0, cached=0.5)
    assert cost(USED, price) == pytest.approx((400 * 2.0 + 600 * 0.5 + 200 * 8.0) / 1_000_000)


def test_cached_tokens_cost_as_much_as_others_where_no_price_is_given() -> None:
    assert cost(USED, Price(prompt=2.0, completion=8.0)) == pytest.approx(0.0036)


def test_cached_tokens_may_be_free() -> None:
    assert cost(USED, Price(2.0, 8.0, cached=0.0)) == pytest.approx(0.0024)


def test_an_unknown_price_is_unknown_and_a_price_of_nothing_is_nothing() -> None:
    assert cost(USED, None) is None
    assert cost(USED, Price(0, 0)) == 0.0


def test_more_cached_tokens_than_prompt_tokens_never_make_a_negative_cost() -> None:
    nonsense = Usage(prompt_tokens=10, cached_tokens=1000)
    assert cost(nonsense, Price(2.0, 8.0, cached=1.0)) == pytest.approx(10 / 1_000_000)


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf"), "2"])
@pytest.mark.parametrize("name", ["prompt", "completion", "cached"])
def test_a_price_that_is_none_is_refused(name: str, wrong: float) -> None:
    given = {"prompt": 1.0, "completion": 1.0, name: wrong}
    with pytest.raises(ValueError, match=f"the {name} price must be a finite number"):
        Price(**given)
