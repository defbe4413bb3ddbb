"""The measure of position bias: exact for models whose bias is known."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from itertools import permutations as all_orders
from statistics import fmean

import pytest

from assistant.errors import ModelRefused
from assistant.llm.scripted import Answer, Scripted
from assistant.llm.types import ChatRequest
from assistant.reranking import Blend, Candidate, Reranker
from assistant.reranking.bias import (
    PositionBias,
    aposition_bias,
    kendall,
    permutations,
    position_bias,
    shift,
    slope,
)
from assistant.reranking.strategies import Blocks, Strategy, Window

LISTED = re.compile(r"text of (\d+) \| id: (\S+)$", re.MULTILINE)
Shown = list[tuple[str, str]]


def pool(n: int) -> list[Candidate]:
    """Candidates whose priors would hold the order if they were left."""
    return [Candidate(id="same", text=f"text of {k:02}", prior=-float(k)) for k in range(n)]


def lines(request: ChatRequest) -> Shown:
    """The number of each item shown, and its handle."""
    return LISTED.findall(request.messages[1].content)


def lists(order: Callable[[Shown], Shown]) -> Scripted:
    """A model that makes this order of what it is shown."""

    def answer(request: ChatRequest) -> Answer:
        return json.dumps({"ranking": [handle for _, handle in order(lines(request))]})

    return Scripted(answer)


def loves_the_first(weight: float) -> Scripted:
    """A model that knows the order, and counts each place nearer to the head as so many places."""

    def order(shown: Shown) -> Shown:
        cost = {h: int(k) + weight * place for place, (k, h) in enumerate(shown)}
        return sorted(shown, key=lambda line: cost[line[1]])

    return lists(order)


def test_a_model_that_ignores_places_has_no_bias() -> None:
    found = position_bias(Reranker(lists(sorted)), "x", pool(8))
    assert (found.shift, found.tau) == (0, 1)
    assert (found.n, found.rounds, found.failures) == (8, 5, 0)
    assert found.chance == 63 / 24


def test_a_model_that_copies_the_order_shown_has_a_slope_of_one() -> None:
    script = lists(list)
    found = position_bias(Reranker(script, blend=Blend(model_weight=0.1)), "x", pool(8), rounds=4)
    assert found.slope == 1
    rounds = [[int(k) for k, _ in lines(request)] for request in script.requests]
    assert len(rounds) == 4
    moved = [
        abs(a.index(item) - b.index(item)) for a, b in combinations(rounds, 2) for item in range(8)
    ]
    assert found.shift == pytest.approx(sum(moved) / len(moved))
    alike = [
        ((a.index(i) < a.index(j)) == (b.index(i) < b.index(j))) * 2 - 1
        for a, b in combinations(rounds, 2)
        for i, j in combinations(range(8), 2)
    ]
    assert found.tau == pytest.approx(sum(alike) / len(alike))


def test_a_model_that_reverses_it_has_a_slope_of_minus_one_and_the_same_shift() -> None:
    copied = position_bias(Reranker(lists(list)), "x", pool(8))
    turned = position_bias(Reranker(lists(lambda shown: shown[::-1])), "x", pool(8))
    assert turned.slope == -1
    assert turned.shift == copied.shift
    assert turned.tau == pytest.approx(copied.tau)


def test_the_slope_of_a_model_that_ignores_places_is_noise_of_the_size_that_is_said() -> None:
    reranker = Reranker(lists(sorted))
    found = [position_bias(reranker, "x", pool(6), rounds=4, seed=s) for s in range(60)]
    error = found[0].slope_error
    assert error == pytest.approx((5 * 4) ** -0.5)
    slopes = [bias.slope or 0.0 for bias in found]
    assert abs(fmean(slopes)) < 3 * error / 60**0.5
    assert fmean(s * s for s in slopes) ** 0.5 == pytest.approx(error, rel=0.3)


def test_chance_is_the_mean_over_all_pairs_of_rankings() -> None:
    for n in (2, 3, 4):
        every = [tuple(p + 1 for p in order) for order in all_orders(range(n))]
        mean = fmean(shift(a, b) for a in every for b in every)
        assert mean == pytest.approx(float(Fraction(n * n - 1, 3 * n)))


def test_the_statistics_are_worked_by_hand() -> None:
    same, swapped, back = (1, 2, 3), (1, 3, 2), (3, 2, 1)
    assert (shift(same, same), shift(same, swapped), shift(same, back)) == (0, 2 / 3, 4 / 3)
    assert (kendall(same, same), kendall(same, back)) == (1, -1)
    assert kendall(same, swapped) == (2 - 1) / 3
    assert (slope(same, same), slope(same, back)) == (1, -1)
    assert slope(same, swapped) == (1 + 0 + 0) / 2  # (-1)(-1) + 0·1 + 1·0 over 1 + 0 + 1


def test_orders_are_different_and_drawn_from_the_seed() -> None:
    assert len(set(permutations(3, 6, random.Random(1)))) == 6
    assert len(permutations(3, 50, random.Random(1))) == 6
    assert permutations(30, 4, random.Random(1)) == permutations(30, 4, random.Random(1))
    found = position_bias(Reranker(lists(sorted)), "x", pool(2), rounds=5)
    assert (found.rounds, found.shift, found.slope) == (2, 0, 0)


def test_rounds_without_an_answer_are_left_out_and_counted() -> None:
    def broken(request: ChatRequest) -> Answer:
        if lines(request)[0][0] != "02":
            return ModelRefused("no")
        return json.dumps({"ranking": [handle for _, handle in sorted(lines(request))]})

    quiet = position_bias(Reranker(Scripted(broken)), "x", pool(3), rounds=6)
    loud = position_bias(Reranker(Scripted(broken), on_failure="raise"), "x", pool(3), rounds=6)
    assert quiet == loud
    assert (quiet.rounds, quiet.failures, quiet.shift) == (6, 4, 0)


def test_without_a_model_nothing_is_known() -> None:
    found = position_bias(Reranker(), "x", pool(4))
    assert found == PositionBias(
        n=4, rounds=5, failures=5, shift=None, chance=1.25, tau=None, slope=None, slope_error=None
    )


@pytest.mark.parametrize(("n", "rounds"), [(1, 5), (0, 5), (4, 1)])
def test_too_few_items_or_rounds_are_refused(n: int, rounds: int) -> None:
    with pytest.raises(ValueError, match=f"got {n} and {rounds}"):
        position_bias(Reranker(), "x", pool(n), rounds=rounds)


async def test_it_works_in_an_event_loop() -> None:
    assert (await aposition_bias(Reranker(lists(list)), "x", pool(3))).slope == 1


@pytest.mark.parametrize("weight", [0.5, 1, 2])
@pytest.mark.parametrize(
    "better", [Blocks(width=8), Window(shuffles=4)], ids=["blocks", "four shuffles"]
)
def test_balanced_blocks_and_shuffles_are_less_biased_than_one_window(
    better: Strategy, weight: float
) -> None:
    def measured(strategy: Strategy) -> PositionBias:
        reranker = Reranker(loves_the_first(weight), strategy=strategy)
        return position_bias(reranker, "x", pool(24), rounds=8)

    one, other = measured(Window()), measured(better)
    assert other.slope < one.slope  # type: ignore[operator]
    assert other.shift < one.shift  # type: ignore[operator]
    assert other.tau > one.tau  # type: ignore[operator]
