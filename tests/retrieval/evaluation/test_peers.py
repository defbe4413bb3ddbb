"""The peers: that each is what it is called, and that one seed gives one answer."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.evaluation.accuracy import ndcg_at_10
from retrieval.evaluation.peers import PEERS, ease
from retrieval.evaluation.splits import by_user
from retrieval.evaluation.tuning import Board, fit, matrix, rank, rival, tune
from retrieval.kinds import DEFAULT_KINDS
from tests.retrieval.evaluation.worlds import log_of, two_tastes

LOG = log_of(two_tastes())
IDS = [item.id for item in LOG.items]
SPLIT = by_user(LOG.events, DEFAULT_KINDS, seed=1)
EARLY, BOARD = Board.of(SPLIT.tune, IDS), Board.of(SPLIT.report, IDS)

everyone = pytest.mark.parametrize("name", list(PEERS))


def first(name: str) -> dict[str, float]:
    return PEERS[name].settings()[0]


@pytest.mark.parametrize("shape", [(30, 8), (8, 30)])
def test_ease_is_the_closed_form_whichever_side_is_inverted(shape: tuple[int, int]) -> None:
    likes = (np.random.default_rng(2).random(shape) < 0.4).astype(np.float32)
    likes[0] = 1.0  # every item is liked
    p = np.linalg.inv(likes.T @ likes + 3.0 * np.eye(shape[1]))
    b = -p / np.diag(p)
    np.fill_diagonal(b, 0.0)
    rows = [np.flatnonzero(own).tolist() for own in likes]
    made = ease(matrix(rows, shape[1]), {"regularisation": 3.0}, 1)
    assert made.scores(matrix(rows, shape[1]), None) == pytest.approx(likes @ b, abs=1e-5)


def test_ease_scores_what_nobody_likes_as_nothing() -> None:
    made = ease(matrix([[0, 2], [0, 3], [2, 3]], 5), {"regularisation": 1.0}, 1)
    assert made.scores(matrix([[0]], 5), None)[0, [1, 4]].tolist() == [0.0, 0.0]


def test_popularity_counts_likers() -> None:
    made = PEERS["popularity"].fit(matrix([[0, 2], [2]], 3), {}, 1)
    assert made.scores(matrix([[], [1]], 3), None).tolist() == [[1.0, 0.0, 2.0]] * 2


def test_cosine_neighbours_are_by_the_cosine_of_likers() -> None:
    likes = matrix([[0, 1], [0, 1], [0, 2], [2]], 3)
    made = PEERS["cosine_knn"].fit(likes, {"k": 3}, 1)
    scores = made.scores(matrix([[0]], 3), None)[0]
    assert scores[1] == pytest.approx(2 / np.sqrt(3 * 2))
    assert scores[2] == pytest.approx(1 / np.sqrt(3 * 2))


@everyone
def test_the_same_seed_gives_the_same_rankings(name: str) -> None:
    one, two = (rank(fit(PEERS[name], BOARD.likes, first(name), 7), BOARD, BOARD.liked),) * 2
    assert one is not None
    assert np.array_equal(one, two)


@everyone
def test_a_barred_item_never_comes(name: str) -> None:
    barred = [(*own, 0, 1, 2) for own in BOARD.liked]
    ranked = rank(fit(PEERS[name], BOARD.likes, first(name), 7), BOARD, barred)
    assert ranked is not None
    for row, out in zip(ranked.tolist(), barred, strict=True):
        assert set(row).isdisjoint(out)


@pytest.mark.parametrize("name", [n for n, peer in PEERS.items() if peer.personal])
def test_a_personal_peer_finds_the_taste(name: str) -> None:
    setting, trials = tune(PEERS[name], EARLY, seed=7)
    assert max(t.ndcg for t in trials) == next(t.ndcg for t in trials if t.setting == setting)
    answer = rank(fit(PEERS[name], BOARD.likes, setting, 7), BOARD, BOARD.liked)
    popular = rank(fit(PEERS["popularity"], BOARD.likes, {}, 7), BOARD, BOARD.liked)
    assert answer is not None
    assert popular is not None
    found = ndcg_at_10(answer, BOARD.targets).mean()
    assert found > ndcg_at_10(popular, BOARD.targets).mean()


def test_a_rival_answers_in_three_ways_and_bpr_not_of_a_few_likes() -> None:
    few = [own[-2:] for own in BOARD.liked]
    for name, folds in (("ease", True), ("als", True), ("bpr", False)):
        made = rival(PEERS[name], EARLY, BOARD, rated=BOARD.liked, few=few, seed=7)
        assert (made.few is not None) is folds
        assert np.array_equal(made.full, made.rated)


def test_what_lies_at_an_end_of_its_grid_is_named() -> None:
    assert PEERS["ease"].at_edge({"regularisation": 25}) == ("regularisation",)
    assert PEERS["ease"].at_edge({"regularisation": 100}) == ()
    assert PEERS["popularity"].at_edge({}) == ()
