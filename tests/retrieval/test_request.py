"""What a request says of items: repeats damped, nearness in deviations, hints that may be off."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.columns import Columns
from retrieval.filters import Has, Within
from retrieval.hashed import HashedEncoder
from retrieval.request import damped, embed, likely, unusual
from retrieval.types import Item, ItemId


def test_repeats_count_one_and_the_logarithm() -> None:
    # 1 + ln 1 = 1, 1 + ln 4 = 2.39, 1 + ln 10 = 3.30
    assert damped("one") == "one"
    assert damped("dog " * 4) == "dog dog"
    assert damped("dog " * 10) == "dog dog dog"


@given(st.lists(st.sampled_from(["a", "bee", "sea"]), max_size=40))
def test_damping_keeps_every_word_and_adds_none(said: list[str]) -> None:
    left = damped(" ".join(said)).split()
    assert set(left) == set(said)
    assert all(left.count(w) <= said.count(w) for w in set(said))


def test_labels_in_brackets_are_not_read() -> None:
    encoder = HashedEncoder()
    assert embed(("[TOMT] [MOVIE] a shark",), encoder) == pytest.approx(
        embed(("a shark",), encoder)
    )


def test_nearness_counts_in_deviations_of_the_catalogue() -> None:
    reference = np.array([[0.0], [2.0]], dtype=np.float32)  # cosines 0 and 2: mean 1, deviation 1
    asked = np.array([[1.0]], dtype=np.float32)
    items = np.array([[1.0], [3.0]], dtype=np.float32)
    assert unusual(items, asked, reference)[:, 0].tolist() == [0.0, 2.0]


def test_a_catalogue_in_which_all_is_alike_divides_by_nothing() -> None:
    same = np.ones((3, 2), dtype=np.float32)
    assert np.isfinite(unusual(same, same[:1], same)).all()


def _columns(*years: int | None, genre: str = "Horror") -> Columns:
    return Columns(
        [
            Item(
                id=ItemId(str(n)),
                title=str(n),
                fields={"genres": (genre,), **({} if year is None else {"year": year})},
            )
            for n, year in enumerate(years)
        ]
    )


def test_a_remembered_year_counts_half_a_quarter_deviation_off() -> None:
    columns = _columns(1980, 2000, 1990, None)  # known: mean 1990, variance 200/3
    quarter = 0.25 * float(np.std([1980, 2000, 1990]))
    hint = Within("year", 1980, 1980 + quarter)
    rows = np.arange(4)
    expected = [1.0, 0.5 ** ((20 - quarter) / quarter), 0.5 ** ((10 - quarter) / quarter), 0.0]
    assert likely((hint,), columns, rows).tolist() == pytest.approx(expected, rel=1e-5)


def test_two_periods_are_alternatives_and_two_genres_add_to_a_mean() -> None:
    columns = _columns(1980, 2000)
    rows = np.arange(2)
    either = (Within("year", 1980, 1980), Within("year", 2000, 2000))
    assert likely(either, columns, rows).tolist() == [1.0, 1.0]
    genres = (Has("genres", ("Horror",)), Has("genres", ("Comedy",)))
    assert likely(genres, columns, rows).tolist() == [0.5, 0.5]


def test_without_hints_nothing_is_likely() -> None:
    assert likely((), _columns(1980), np.arange(1)).tolist() == [0.0]
