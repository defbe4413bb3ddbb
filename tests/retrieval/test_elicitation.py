"""What a newcomer is asked about: known to many, judged differently, and each unlike the others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.collaborative import Collaborative, Interactions
from retrieval.collaborative.interactions import strength
from retrieval.collaborative.opinions import Opinions
from retrieval.elicitation import LEAST, first_picks
from retrieval.profiles import standing
from retrieval.types import Event, ItemId, ids
from tests.retrieval.collaborative.worlds import KINDS, event

ITEMS = ids(["agreed", "divided", "divided too", "obscure", "unknown"])
AXES = np.eye(5, dtype=np.float32)


def picks(events: list[Event], vectors: np.ndarray = AXES, k: int = 5) -> tuple[ItemId, ...]:
    fitted = Collaborative.fit(Interactions.build(events, ITEMS, KINDS))
    return first_picks(ITEMS, fitted, lambda own: vectors[[ITEMS.index(i) for i in own]], k)


def _log() -> list[Event]:
    """Twenty people like the first item; on the next two they are divided; two know the fourth."""
    events = [event(f"u{n}", "agreed", "rating", 5.0) for n in range(20)]
    for item in ("divided", "divided too"):
        events += [event(f"u{n}", item, "rating", 5.0 if n % 2 else 0.5) for n in range(12)]
    return events + [event(f"u{n}", "obscure", "rating", 5.0 if n else 0.5) for n in range(2)]


def test_opinions_are_counted_and_their_variance_is_that_of_the_strengths() -> None:
    opinions = Interactions.build(_log(), ITEMS, KINDS).opinions
    assert opinions.known.tolist() == [20, 12, 12, 2, 0]
    high, low = (
        strength(standing([event("u", "x", "rating", stars)], KINDS).weight) for stars in (5.0, 0.5)
    )
    assert high > 0 > low
    wanted = np.var([high, low] * 6)
    assert opinions.variance[0] == pytest.approx(0.0, abs=1e-6)
    assert opinions.variance[1] == pytest.approx(wanted, rel=1e-5)
    assert opinions.telling[1] == pytest.approx(12 * wanted, rel=1e-5)
    assert opinions.telling[4] == 0.0


@given(
    st.lists(st.tuples(st.integers(0, 4), st.floats(-0.99, 0.99)), max_size=60),
)
def test_variance_agrees_with_numpy_whatever_the_order(said: list[tuple[int, float]]) -> None:
    rows = np.array([row for row, _ in said], dtype=np.int32)
    strengths = np.array([x for _, x in said], dtype=np.float32)
    opinions = Opinions.of(rows, strengths, 5)
    for row in range(5):
        own = strengths[rows == row].astype(np.float64)
        assert opinions.known[row] == len(own)
        assert opinions.variance[row] == pytest.approx(np.var(own) if len(own) else 0, abs=1e-6)
    assert ((opinions.variance >= 0) & (opinions.variance <= 1)).all()


def test_picks_divide_and_what_all_agree_on_comes_last() -> None:
    assert picks(_log()) == ("divided", "divided too", "agreed")


def test_of_two_alike_the_second_waits() -> None:
    alike = AXES.copy()
    alike[2] = alike[1]
    assert picks(_log(), alike, 2) == ("divided", "agreed")


def test_what_too_few_know_is_not_asked_about() -> None:
    assert LEAST > 2
    assert "obscure" not in picks(_log())


@pytest.mark.parametrize("kind", ["like", "purchase"])
def test_where_nobody_differs_there_is_nothing_to_ask(kind: str) -> None:
    log = [event(f"u{n}", item, kind) for n in range(9) for item in ITEMS[:3]]
    assert picks(log) == ()
    assert picks([]) == ()


def test_opinions_are_saved_and_a_version_without_them_has_none(tmp_path) -> None:
    fitted = Collaborative.fit(Interactions.build(_log(), ITEMS, KINDS))
    fitted.save(tmp_path)
    again = Collaborative.load(tmp_path)
    assert np.array_equal(again.opinions.known, fitted.opinions.known)
    assert np.array_equal(again.opinions.variance, fitted.opinions.variance)
    before = Opinions.from_arrays({}, len(ITEMS))
    assert not before.known.any()
    assert not before.telling.any()
