"""How far a model is trusted, and what comes of it."""

from __future__ import annotations

import math
import random
import statistics
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.reranking import Blend, Calibration, Candidate, Reranker
from assistant.reranking.blend import (
    listed,
    normal_scores,
    prior_order,
    prior_scores,
    reliability,
    stand,
)
from tests.assistant.reranking.models import by, first, pool


def test_normal_scores_are_those_of_ordered_draws() -> None:
    assert normal_scores(1) == (0.0,)
    assert normal_scores(2) == pytest.approx((0.6744897501960817, -0.6744897501960817))
    assert sum(normal_scores(9)) == pytest.approx(0)


def test_what_was_not_listed_shares_the_places_that_are_left() -> None:
    marks = listed((4, 5, 6, 7), (6,))
    scale = normal_scores(4)
    assert marks[6] == scale[0]
    assert marks[4] == marks[5] == marks[7] == pytest.approx(sum(scale[1:]) / 3)


def test_equal_priors_share_their_places_and_unknown_ones_are_equal() -> None:
    scale = normal_scores(5)
    found = prior_scores([3.0, 1.0, 1.0, None, math.nan])
    assert found[0] == scale[0]
    assert found[1] == found[2] == pytest.approx((scale[1] + scale[2]) / 2)
    assert found[3] == found[4]
    assert prior_order([None, 1.0, math.nan, 2.0]) == (3, 1, 0, 2)


def test_reliability_is_the_correlation_of_two_marks_of_one_item() -> None:
    rng = random.Random(5)
    for true in (0.0, 0.5, 0.9):
        marks = {}
        for c in range(4_000):
            own = rng.gauss(0, math.sqrt(true))
            marks[c] = [own + rng.gauss(0, math.sqrt(1 - true)) for _ in range(2)]
        assert reliability(marks) == pytest.approx(true, abs=0.05)
    assert reliability({0: [1.0], 1: [-1.0]}) == 0.4  # nothing was judged twice: what is believed


def judged(n: int, order: list[int], blocks: int = 5, copies: int = 2) -> dict[int, list[float]]:
    """Marks of a model with one fixed order, from random blocks."""
    rng, marks = random.Random(1), {c: list[float]() for c in range(n)}
    place = {c: k for k, c in enumerate(order)}
    for _ in range(copies):
        shuffled = rng.sample(range(n), n)
        for b in range(blocks):
            block = shuffled[b::blocks]
            best = sorted(block, key=place.__getitem__)[: len(block) // 2]
            for c, value in listed(block, best).items():
                marks[c].append(value)
    return marks


def test_a_model_that_is_sure_and_agrees_is_trusted_and_one_that_reverses_is_not() -> None:
    n, priors = 100, [-float(c) for c in range(100)]
    rng = random.Random(2)
    near = sorted(range(n), key=lambda c: c + rng.gauss(0, 25))
    agrees = stand(judged(n, near), priors)
    against = stand(judged(n, near[::-1]), priors)
    assert agrees.trust > 0.6
    assert min(agrees.confidence) > 0.5
    assert against.trust == 0
    assert against.order == tuple(range(n))
    assert set(against.confidence) == {0.0}


def test_chance_costs_nothing_on_average_and_a_perfect_model_gains() -> None:
    lost, won = [], []
    for seed in range(30):
        rng = random.Random(seed)
        good = set(rng.sample(range(100), 10))
        ahead = sorted(range(100), key=lambda c: -(1.0 * (c in good)) + rng.gauss(0, 1))
        wanted = {place for place, c in enumerate(ahead) if c in good}
        priors = [-float(c) for c in range(100)]

        def hits(order: tuple[int, ...], wanted: set[int] = wanted) -> int:
            return len(set(order[:10]) & wanted)

        base = hits(tuple(range(100)))
        marks: dict[int, list[float]] = {c: [] for c in range(100)}
        for _ in range(2):
            for block in (rng.sample(range(100), 100)[b::5] for b in range(5)):
                chosen = rng.sample(block, 10)
                for c, value in listed(block, chosen).items():
                    marks[c].append(value)
        lost.append(base - hits(stand(marks, priors).order))
        perfect = judged(100, sorted(range(100), key=lambda c: (c not in wanted, rng.random())))
        won.append(hits(stand(perfect, priors).order) - base)
    assert statistics.mean(lost) < 0.2
    assert statistics.mean(won) > 2


@given(st.integers(1, 30), st.integers(0, 99), st.integers(0, 5_000))
def test_scores_lie_between_0_and_1_and_fall_with_the_order(
    n: int, seed: int, n_events: int
) -> None:
    rng = random.Random(seed)
    marks = {c: [rng.gauss(0, 1) for _ in range(rng.randrange(4))] for c in range(n)}
    priors = sorted((rng.choice([None, 0.0, rng.random()]) for _ in range(n)),
                    key=lambda p: (p is None, -(p or 0)))  # fmt: skip
    found = stand(marks, priors, n_events=n_events)
    assert sorted(found.order) == list(range(n))
    in_order = [found.scores[c] for c in found.order]
    assert all(0 <= s <= 1 for s in (*in_order, *found.model, *found.prior, *found.confidence))
    assert all(a >= b - 1e-9 for a, b in pairwise(in_order))


def test_a_calibration_finds_the_curve_that_made_the_examples() -> None:
    rng = random.Random(3)
    scores = [rng.random() for _ in range(5_000)]
    wanted = [rng.random() < 1 / (1 + math.exp(-(6 * s - 4))) for s in scores]
    found = Calibration.fit(scores, wanted)
    assert found.slope == pytest.approx(6, abs=0.5)
    assert found.offset == pytest.approx(-4, abs=0.4)


def test_scores_that_say_nothing_or_the_contrary_give_one_probability() -> None:
    found = Calibration.fit([0.9, 0.8, 0.2, 0.1], [False, False, True, True])
    assert found.slope == 0
    assert found(0.1) == found(0.9) == pytest.approx(0.5)


@pytest.mark.parametrize(("scores", "wanted"), [([], []), ([1.0], [True]), ([1.0, 2.0], [True])])
def test_a_calibration_needs_both_kinds_of_examples(
    scores: list[float], wanted: list[bool]
) -> None:
    with pytest.raises(ValueError, match="one judgement each"):
        Calibration.fit(scores, wanted)


def test_a_threshold_on_calibrated_scores_says_that_nothing_fits() -> None:
    never = Calibration(slope=1.0, offset=-20.0)
    half = Calibration(slope=100.0, offset=-50.0)
    for calibration, fits in ((never, 0), (half, 2)):
        blend = Blend(model_weight=1, calibration=calibration, threshold=0.5)
        result = Reranker(by(first([2])), blend=blend).rank("x", pool(4))
        assert result.fits == fits
        assert {item.kind for item in result.items} == {"calibrated"}
        assert len(result.items) == 4
    assert Reranker(by(float)).rank("x", pool(4)).fits is None


def test_priors_that_are_all_alike_say_nothing_and_the_model_decides() -> None:
    flat = [Candidate(id=c.id, text=c.text, prior=1.0) for c in pool(6)]
    result = Reranker(by(first([5, 4, 3, 2, 1, 0]))).rank("x", flat)
    assert [item.id for item in result.items] == [f"i{k}" for k in (5, 4, 3, 2, 1, 0)]
    assert result.items[0].parts["trust"] == 1
