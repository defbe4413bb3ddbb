"""Which targets of a dialogue file are scored, and what the system may not be given."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.evaluation.lines import cases, states_answer
from retrieval.errors import UnreadableFile

KNOWN = frozenset({"1", "2", "3"})


def _line(**changes: Any) -> dict[str, Any]:
    line = {
        "dialogue_id": "d",
        "context": [{"role": "user", "text": "something with sharks"}],
        "mentioned_items": [],
        "target_items": [{"title": "Jaws", "movielens_id": 1}],
    }
    return {**line, **changes}


def test_a_target_without_a_mark_counts_as_new() -> None:
    (case,) = cases([_line()], KNOWN)
    assert case.targets == ("1",)
    assert case.left_out == ()


def test_targets_that_cannot_be_found_are_counted_and_not_scored() -> None:
    targets = [
        {"title": "Jaws", "movielens_id": 1, "is_new": False},
        {"title": "Elsewhere", "movielens_id": 99},
        {"title": "Nameless"},
        {"title": "Alien", "item_id": "2", "is_new": True},
        {"title": "Named", "movielens_id": 3},
    ]
    (case,) = cases([_line(target_items=targets, mentioned_items=[{"movielens_id": 3}])], KNOWN)
    assert case.targets == ("2",)
    assert case.left_out == ("not_new", "not_in_workspace", "not_in_workspace", "not_new")
    assert case.filtered == {"3"}


def test_a_target_that_the_text_gives_away_is_left_out() -> None:
    told = [{"role": "user", "text": "A shark eats people.\n\nEdit: it is called Jaws."}]
    (case,) = cases([_line(context=told)], KNOWN)
    assert case.targets == ()
    assert case.left_out == ("text_states_answer",)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Sharks.\n\nEdit: The movie is called Total Recall.", "Total Recall"),
        ("Sharks. I think it was called Dark City.", "Dark City"),
        ("SOLVED! Thank you! It was House from 2008.\n\nHey, a house", "House"),
        ("Edit: Solved. Love the Coopers. I have no recollection of it", "Love the Coopers"),
        ("EDIT: SOLVED! zero charisma the movie is.", "Zero Charisma"),
    ],
)
def test_a_statement_of_the_solution_is_recognised(text: str, title: str) -> None:
    flags = title != "Zero Charisma"  # two words in lower case may be words of the story
    assert states_answer(text, title) is flags


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("A guy drank from the fountain of youth.", "The Fountain"),
        ("The rabbit goes off and he has to run.\nEdit: typos", "Run"),
        ("EDIT: It is not Legion, I am sure.", "Legion"),
        ("Then they go back to their own timeline.", "Timeline"),
        ("Edit: it is called Jaws.", ""),
    ],
)
def test_words_of_the_story_give_nothing_away(text: str, title: str) -> None:
    assert not states_answer(text, title)


def test_a_line_of_another_shape_is_named() -> None:
    with pytest.raises(UnreadableFile, match=r'dialogue 2: "context.0.role"'):
        cases([_line(), _line(context=[{"role": "system", "text": "x"}])], KNOWN)


def test_what_was_collected_afterwards_is_not_read() -> None:
    plain, marked = cases(
        [_line(), _line(outcome="accepted", target_items=[{"movielens_id": 1, "liked": 1}])], KNOWN
    )
    assert plain == marked
