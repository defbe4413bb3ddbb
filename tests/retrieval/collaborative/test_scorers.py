"""What holds for every scorer, then what each is by its own definition."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.collaborative import (
    Ease,
    ImplicitALS,
    Interactions,
    ItemKnn,
    Popularity,
    Scorer,
    Transitions,
)
from retrieval.collaborative.ease import default_regularisation
from retrieval.types import ids
from tests.retrieval.collaborative.worlds import CAMPS, KINDS, LEFT, NOBODY, RIGHT, camps, event

tastes = st.dictionaries(st.integers(0, NOBODY), st.floats(-3, 3, width=32), max_size=6)


@pytest.fixture(
    scope="module",
    params=[Ease, ImplicitALS, ItemKnn, Transitions, Popularity],
    ids=lambda kind: kind.name,
)
def scorer(request) -> Scorer:
    return request.param.fit(camps())


class TestEveryScorer:
    """The contract; a new scorer is added to the fixture above."""

    def test_scores_cover_the_catalogue_and_are_nan_where_nobody_likes(self, scorer) -> None:
        scores = scorer.score({0: 1.0})
        assert scores.shape == (len(CAMPS),)
        assert scores.dtype == np.float32
        assert np.isnan(scores).tolist() == [row == NOBODY for row in range(len(CAMPS))]
        assert scorer.rows.tolist() == list(range(NOBODY))

    def test_a_like_lifts_its_camp_and_a_dislike_lowers_it(self, scorer) -> None:
        left = scorer.score({0: 1.0, 1: 1.0})
        both = scorer.score({0: 1.0, 1: 1.0, 4: -1.0})
        if scorer.name == "popularity":
            assert np.array_equal(left, both, equal_nan=True)
            return
        assert min(left[list(LEFT[2:])]) > max(left[list(RIGHT)])
        assert both[list(RIGHT[1:])].mean() < left[list(RIGHT[1:])].mean()

    def test_nothing_known_says_the_same_of_everybody(self, scorer) -> None:
        stranger = scorer.score({})
        assert np.array_equal(stranger, scorer.score({NOBODY: 1.0}), equal_nan=True)
        assert np.array_equal(stranger, scorer.score({0: 0.0}), equal_nan=True)
        if scorer.name != "popularity":
            assert not np.nan_to_num(stranger).any()

    def test_a_row_that_does_not_exist_is_named(self, scorer) -> None:
        for row in (-1, len(CAMPS)):
            with pytest.raises(ValueError, match=f"row {row}"):
                scorer.score({row: 1.0})

    def test_a_weight_that_is_no_number_is_refused(self, scorer) -> None:
        with pytest.raises(ValueError, match="finite"):
            scorer.score({0: float("nan")})

    def test_it_comes_back_from_its_arrays_unchanged(self, scorer) -> None:
        arrays = scorer.arrays()
        assert all(a.dtype != object for a in arrays.values())
        again = type(scorer).from_arrays(arrays)
        taste = {0: 1.0, 5: -0.5}
        assert np.array_equal(again.score(taste), scorer.score(taste), equal_nan=True)
        assert again.rows.tolist() == scorer.rows.tolist()

    def test_fitting_twice_gives_the_same(self, scorer) -> None:
        again = type(scorer).fit(camps())
        assert np.array_equal(again.score({0: 1.0}), scorer.score({0: 1.0}), equal_nan=True)

    def test_a_score_that_was_given_out_is_nobody_elses(self, scorer) -> None:
        scorer.score({0: 1.0})[:] = 99.0
        assert not (scorer.score({0: 1.0}) == 99.0).any()

    @given(taste=tastes)
    def test_scores_are_finite_and_do_not_depend_on_the_order(self, scorer, taste) -> None:
        before = dict(taste)
        scores = scorer.score(taste)
        assert np.isfinite(scores[:NOBODY]).all()
        turned = dict(reversed(taste.items()))
        assert np.array_equal(scorer.score(turned), scores, equal_nan=True)
        assert taste == before

    @pytest.mark.parametrize("likers", [0, 1, 2])
    def test_a_world_of_one_item_or_none_is_a_world(self, scorer, likers: int) -> None:
        events = [event(f"u{n}", "a") for n in range(likers)]
        tiny = type(scorer).fit(Interactions.build(events, ids("ab"), KINDS))
        enough = 1 if scorer.name == "popularity" else 2
        assert np.isnan(tiny.score({0: 1.0})).tolist() == [likers < enough, True]
        again = type(scorer).from_arrays(tiny.arrays())
        assert again.score({0: 1.0}).shape == (2,)


def dense(matrix: Interactions) -> np.ndarray:
    return np.asarray(matrix.csr().toarray(), dtype=np.float64)


def test_ease_is_the_minimum_of_its_own_loss() -> None:
    """Each column of B solves its ridge regression on the other items; nothing is inverted here."""
    x = dense(camps())[:, :NOBODY]
    scorer = Ease.fit(camps(), regularisation=2.0)
    for target in range(NOBODY):
        others = [row for row in range(NOBODY) if row != target]
        a = x[:, others]
        by_hand = np.linalg.solve(a.T @ a + 2.0 * np.eye(len(others)), a.T @ x[:, target])
        learned = [scorer.score({row: 1.0})[target] for row in others]
        assert learned == pytest.approx(by_hand.tolist(), abs=2e-3)  # stored as float16
        assert scorer.score({target: 1.0})[target] == 0.0


def test_ease_scores_are_sums_over_what_was_judged() -> None:
    scorer = Ease.fit(camps())
    both = scorer.score({0: 1.0, 5: -0.5})
    parts = scorer.score({0: 1.0}) - 0.5 * scorer.score({5: 1.0})
    assert both == pytest.approx(parts, abs=1e-6, nan_ok=True)


def test_ease_in_blocks_is_ease_at_once(monkeypatch) -> None:
    whole = Ease.fit(camps())
    monkeypatch.setattr("retrieval.collaborative.ease.BLOCK", 3)
    for row in range(NOBODY):
        assert Ease.fit(camps()).score({row: 1.0}) == pytest.approx(
            whole.score({row: 1.0}), nan_ok=True
        )


def test_ease_keeps_the_greatest_weights_of_each_row() -> None:
    whole, few = Ease.fit(camps()), Ease.fit(camps(), keep=3)
    for row in range(NOBODY):
        all_of_it = np.abs(np.nan_to_num(whole.score({row: 1.0})))
        kept = np.abs(np.nan_to_num(few.score({row: 1.0})))
        assert np.count_nonzero(kept) == 3
        assert sorted(kept)[-3:] == sorted(all_of_it)[-3:]


def test_lambda_grows_with_the_likers_of_an_item_and_with_their_strength() -> None:
    few = camps()
    many = Interactions.build(
        [event(f"x{u}", i) for u in range(800) for i in CAMPS[:NOBODY]], CAMPS, KINDS
    )
    # 8 times the cube of a number of likers is twice its root
    ratio = default_regularisation(many) / default_regularisation(few)
    assert ratio == pytest.approx((800 / few.counts[:NOBODY].mean()) ** (1 / 3), rel=1e-5)


def test_als_folds_a_person_in_by_the_normal_equations() -> None:
    """The vector zeroes the gradient of the loss over all items, written out one by one."""
    scorer = ImplicitALS.fit(camps(), alpha=2.0, regularisation=0.5, factors=4)
    arrays = scorer.arrays()
    factors = np.asarray(arrays["factors"], dtype=np.float64)
    taste = {0: 0.8, 2: 0.3, 6: -0.6}
    person = scorer.person(taste).astype(np.float64)
    gradient = 0.5 * person
    for row in range(NOBODY):
        weight = taste.get(row, 0.0)
        confidence = 1.0 + 2.0 * abs(weight)
        gradient -= confidence * (weight - factors[row] @ person) * factors[row]
    assert gradient == pytest.approx(np.zeros(4), abs=1e-4)


def test_als_folds_a_user_of_the_matrix_in_where_fitting_left_them() -> None:
    from implicit.cpu.als import AlternatingLeastSquares

    matrix = camps()
    matrix = replace(matrix, values=np.ones_like(matrix.values))  # there, a preference is 1
    confidence = matrix.csr()[:, :NOBODY]
    confidence.data = 1.0 + np.float32(2.0) * confidence.data
    peer = AlternatingLeastSquares(
        factors=4, regularization=0.5, iterations=5, random_state=1, num_threads=1, alpha=1.0
    )
    peer.fit(confidence, show_progress=False)
    ours = ImplicitALS(
        peer.item_factors, np.arange(NOBODY, dtype=np.int32), NOBODY, alpha=2.0, regularisation=0.5
    )
    x = dense(matrix)
    for user in range(3):
        taste = {row: float(x[user, row]) for row in np.flatnonzero(x[user])}
        theirs = peer.recalculate_user(user, confidence[user])
        assert ours.person(taste) == pytest.approx(theirs, abs=1e-4)


def test_popularity_is_damped_and_ends_at_one() -> None:
    events = [event(f"u{n}", "hit") for n in range(100)] + [event("u0", "rare")]
    matrix = Interactions.build(events, ids(["hit", "rare", "none"]), KINDS)
    strong = float(matrix.values[0])
    expected = [1.0, np.log(1 + strong) / np.log(1 + 100 * strong), 0.0]
    assert Popularity.fit(matrix).values == pytest.approx(expected)


def test_neighbours_are_weighed_by_the_cosine_of_their_likers() -> None:
    likes = {"u": "ab", "v": "ab", "w": "ab", "x": "ac", "y": "ac"}
    log = [event(user, item) for user, items in likes.items() for item in items]
    matrix = replace(
        Interactions.build(log, ids("abc"), KINDS), values=np.ones(10, dtype=np.float32)
    )
    scores = ItemKnn.fit(matrix).score({1: 1.0})
    # 3 of the 5 likers of a like b, which has 3 of its own; nobody likes both b and c
    assert scores.tolist() == pytest.approx([3 / np.sqrt(5 * 3), 0.0, 0.0], abs=1e-3)
    assert ItemKnn.fit(matrix, neighbours=1).score({0: 1.0})[1:].tolist() == pytest.approx(
        [3 / np.sqrt(5 * 3), 0.0], abs=1e-3
    )


def test_transitions_follow_the_order_of_time_and_fade_with_distance() -> None:
    walks = {"u": "abc", "v": "abc", "w": "ca"}
    log = [
        event(user, item, day=float(day))
        for user, items in walks.items()
        for day, item in enumerate(items)
    ]
    scorer = Transitions.fit(Interactions.build(log, ids("abc"), KINDS))
    after_a, after_c = scorer.score({0: 1.0}), scorer.score({2: 1.0})
    # a was visited three times, b follows it twice at distance 1 and c twice at distance 2
    assert after_a.tolist() == pytest.approx([0.0, 2 / (3 + 5), 1 / (3 + 5)], abs=1e-3)
    assert after_c.tolist() == pytest.approx([1 / (3 + 5), 0.0, 0.0], abs=1e-3)


def test_a_click_leads_somewhere_but_nothing_leads_to_a_click() -> None:
    log = [
        e
        for user in ("u", "v")
        for e in (
            event(user, "a", kind="click", day=1.0),
            event(user, "b", day=2.0),
            event(user, "c", kind="click", day=3.0),
        )
    ] + [event(user, item, day=9.0) for user in ("x", "y") for item in "ac"]
    scorer = Transitions.fit(Interactions.build(log, ids("abc"), KINDS))
    assert scorer.score({0: 1.0})[1] == pytest.approx(2 / (4 + 5), abs=1e-3)
    assert scorer.score({1: 1.0}).tolist() == [0.0, 0.0, 0.0]


def test_without_times_transitions_learn_nothing() -> None:
    log = [event(user, item) for user in "uv" for item in "ab"]
    scorer = Transitions.fit(Interactions.build(log, ids("ab"), KINDS))
    assert scorer.score({0: 1.0}).tolist() == [0.0, 0.0]
