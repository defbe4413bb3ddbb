"""Why an item is not on the slate: the first cause that holds, in every language."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from assistant.constraints import Constraint
from assistant.explanation.wording import LANGUAGES, wording
from assistant.preferences import Preferences
from assistant.unshown import PARTS, Unshown, told, unshown
from retrieval.types import Candidate, Field, Item, ItemId, Query, Ranking, Schema

SCHEMA = Schema(
    fields=(
        Field(name="id", role="id"),
        Field(name="title", role="title"),
        Field(name="kind", role="facet", label="kind"),
        Field(name="price", role="number", kind="price", label="price", unit="EUR"),
    )
)
LAMP = Item(id=ItemId("l"), title="Corvan Lamp", fields={"kind": "desk", "price": 80.0})
CHEAP = Constraint(kind="range", turn=1, field="price", high=50.0)
DESK = Constraint(kind="include", turn=1, field="kind", values=("desk",))


def _ranking(scores: Mapping[str, float], before: int = 3) -> Ranking:
    ahead = tuple(
        Candidate(id=f"a{n}", scores={"semantic": 0.9, "popularity": 0.5}) for n in range(before)
    )
    return Ranking(candidates=(*ahead, Candidate(id="l", scores=scores)), eligible=40)


@pytest.mark.parametrize(
    ("preferences", "cause"),
    [
        (Preferences(dislikes=(LAMP.id,)), "disliked"),
        (Preferences(seen=(LAMP.id,)), "seen"),
        (Preferences(likes=(LAMP.id,)), "example"),
        (Preferences(constraints=(CHEAP, DESK)), "unfit"),
        (Preferences(passed=frozenset({LAMP.id})), "passed"),
        (Preferences(constraints=(DESK,)), "rank"),
    ],
)
def test_the_conversation_says_what_keeps_an_item_out(preferences: Preferences, cause: str) -> None:
    ranking = _ranking({"semantic": 0.2, "popularity": 0.5})
    assert unshown(LAMP, preferences, ranking, slate=3).cause == cause


def test_a_constraint_that_is_broken_is_named_with_what_is_there_instead() -> None:
    why = unshown(LAMP, Preferences(constraints=(CHEAP, DESK)), Ranking(), slate=3)
    assert why.broken == (CHEAP,)
    text = told(why, SCHEMA, wording("en"))
    assert "up to €50" in text
    assert "€80" in text
    assert "desk" not in text


def test_what_was_seen_before_what_is_remembered_and_what_is_gone() -> None:
    gone = Item(id=LAMP.id, title=LAMP.title, fields=LAMP.fields, retired=True)
    sold = Item(id=LAMP.id, title=LAMP.title, fields=LAMP.fields, available=False)
    assert unshown(gone, Preferences(), Ranking(), slate=3).cause == "retired"
    assert unshown(sold, Preferences(), Ranking(), slate=3).cause == "sold_out"
    waits = Preferences(unavailable=True)
    assert unshown(sold, waits, _ranking({}), slate=3).cause == "rank"


def test_a_rule_is_named() -> None:
    why = unshown(LAMP, Preferences(), Ranking(query=Query()), slate=3, rule="no lamps in May")
    assert why.cause == "rule"
    assert "no lamps in May" in told(why, SCHEMA, wording("en"))


def test_the_rank_is_told_with_the_part_that_counts_most_against_it() -> None:
    why = unshown(LAMP, Preferences(), _ranking({"semantic": 0.2, "popularity": 0.4}), slate=3)
    assert (why.rank, why.eligible, why.weakest) == (4, 40, "semantic")
    text = told(why, SCHEMA, wording("en"))
    assert "number 4 of 40" in text
    assert "your words" in text
    ahead = unshown(LAMP, Preferences(), _ranking({"semantic": 1.0, "popularity": 0.9}), slate=3)
    assert ahead.weakest == ""


def test_what_recall_did_not_bring_is_far() -> None:
    assert unshown(LAMP, Preferences(), Ranking(), slate=3).cause == "far"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_is_told_in_every_language(language: str) -> None:
    words = wording(language)
    causes = ("retired", "disliked", "seen", "example", "passed", "sold_out", "rule", "far", "rank")
    for cause in causes:
        why = Unshown(item=LAMP, cause=cause, rule="r", rank=7, eligible=9)  # type: ignore[arg-type]
        assert "Corvan Lamp" in told(why, SCHEMA, words)
    for part in (*PARTS, "lean:price"):
        why = Unshown(item=LAMP, cause="rank", rank=7, eligible=9, weakest=part)
        plain = Unshown(item=LAMP, cause="rank", rank=7, eligible=9)
        assert len(told(why, SCHEMA, words)) > len(told(plain, SCHEMA, words))
