"""Which question is asked: what tells most about what was found, when it is worth its cost."""

from __future__ import annotations

import math
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assistant.questions import best_question, information
from retrieval.types import Candidate, Field, Schema

SCHEMA = Schema(
    fields=(
        Field(name="maker", role="facet"),
        Field(name="kind", role="facet"),
        Field(name="people", role="facet", kind="person"),
        Field(name="wired", role="facet", kind="flag"),
        Field(name="price", role="number", kind="price"),
        Field(name="year", role="number", kind="year"),
        Field(name="weight", role="number"),
    )
)
KINDS = ("lamp", "knife", "novel", "game")


def found(n: int, **fields: object) -> Candidate:
    return Candidate(id=str(n), prior=1 - n / 100, fields=MappingProxyType(fields))  # type: ignore[arg-type]


def asked(pool: list[Candidate], **more: object) -> tuple[str, list[object]] | None:
    question = best_question(pool, SCHEMA, main="kind", **more)  # type: ignore[arg-type]
    if question is None:
        return None
    said = [c.values[0] if c.values else (c.low, c.high) for c in question.options]
    return question.field.name, said


def test_the_kind_of_thing_tells_more_than_one_of_forty_makers() -> None:
    pool = [found(n, maker=f"m{n % 40}", kind=KINDS[n % 4], people=(f"p{n}",)) for n in range(80)]
    assert asked(pool) == ("kind", ["lamp", "knife", "novel", "game"])
    assert asked(pool, done=["kind"]) is None


def test_with_the_kind_known_the_price_is_asked_in_round_thirds() -> None:
    pool = [found(n, kind="lamp", price=11.0 + n, weight=float(n)) for n in range(90)]
    assert asked(pool, done=["kind"]) == (
        "price",
        [(None, 40.0), (40.0, 70.0), (70.0, None)],
    )


def test_the_more_was_said_and_asked_the_less_is_asked() -> None:
    pool = [found(n, kind=KINDS[n % 4]) for n in range(80)]
    answers = [asked(pool, before=before) is not None for before in range(6)]
    assert answers == sorted(answers, reverse=True)
    assert (answers[0], answers[-1]) == (True, False)


def test_any_name_tells_and_tells_more_than_the_kind_of_thing_where_there_are_many() -> None:
    few = [found(n, kind=KINDS[n % 4], people=(f"p{n % 8}",)) for n in range(100)]
    many = [found(n, kind=KINDS[n % 4], people=(f"p{n % 50}",)) for n in range(100)]
    assert asked(few) == ("kind", ["lamp", "knife", "novel", "game"])
    assert asked(many) == ("people", ["p0", "p1", "p2", "p3"])


def test_a_facet_that_says_nothing_of_what_a_thing_is_like_is_not_asked_about() -> None:
    plain = Schema(fields=(Field(name="rating", role="facet", embedded=False),))
    pool = [found(n, rating="RG"[n % 2]) for n in range(20)]
    assert best_question(pool, plain) is None
    assert best_question(pool, Schema(fields=(Field(name="rating", role="facet"),))) is not None


def test_years_are_cut_at_tens_and_no_year_is_in_two() -> None:
    pool = [found(n, year=1950 + n % 70) for n in range(140)]
    assert asked(pool) == ("year", [(None, 1970.0), (1971.0, 2000.0), (2001.0, None)])


@pytest.mark.parametrize(
    "pool",
    [
        [],
        [found(0, kind="lamp")],
        [found(n, kind="lamp") for n in range(20)],
        [found(n, kind=f"only {n}") for n in range(20)],
        [found(n, **({"kind": KINDS[n % 4]} if n < 8 else {})) for n in range(20)],
        [found(n, people=("p",), wired=bool(n % 2), weight=float(n)) for n in range(20)],
        [found(n, price=5.0) for n in range(20)],
    ],
)
def test_nothing_is_asked_that_does_not_split_what_was_found(pool: list[Candidate]) -> None:
    assert asked(pool) is None


def test_an_item_of_several_values_tells_less() -> None:
    one = [found(n, kind=(KINDS[n % 4],)) for n in range(40)]
    two = [found(n, kind=(KINDS[n % 4], KINDS[(n + 1) % 4])) for n in range(40)]
    gains = [
        q.gain for pool in (one, two) if (q := best_question(pool, SCHEMA, main="kind")) is not None
    ]
    assert gains == pytest.approx([0.9 * 2.0, 0.9 * 1.0], abs=0.02)


@given(
    arrays(np.float64, (6, 4), elements=st.floats(0, 5)),
    arrays(np.float64, 6, elements=st.floats(0.01, 5)),
)
def test_information_lies_between_nothing_and_what_an_answer_can_say(
    votes: np.ndarray, prior: np.ndarray
) -> None:
    assert -1e-9 <= information(votes, prior) <= math.log2(4) + 1e-9


def test_information_by_hand() -> None:
    prior = np.ones(4)
    assert information(np.eye(4), prior) == pytest.approx(2.0)
    assert information(np.zeros((4, 4)), prior) == pytest.approx(0.0)
    assert information(np.eye(2)[[0, 0, 0, 1]], prior) == pytest.approx(0.8112781)
