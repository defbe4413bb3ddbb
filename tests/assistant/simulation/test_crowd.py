"""Who is drawn from the histories, and what is held back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.simulation.crowd import draw
from assistant.simulation.world import log_of
from retrieval.errors import InputError
from retrieval.evaluation.log import Log
from retrieval.evaluation.splits import by_user
from retrieval.storage.workspace import Workspace

SEED = 7


@pytest.fixture(scope="module")
def log(home: Path) -> Log:
    with Workspace.open(home) as workspace:
        return log_of(workspace)


def test_the_same_seed_draws_the_same_people(log: Log) -> None:
    first, again, other = (draw(log, people=8, seed=s) for s in (SEED, SEED, SEED + 1))
    assert first.people == again.people
    assert [p.target for p in first.people] != [p.target for p in other.people]


def test_what_they_look_for_is_later_than_all_that_is_known_of_them(log: Log) -> None:
    crowd = draw(log, people=20, seed=SEED)
    assert 0 < len(crowd.pasts) < len(crowd.people)
    for person in crowd.people:
        assert person.target in person.later
        assert person.target not in person.had
        if person.known:
            assert {e.item for e in crowd.pasts[person.visitor]} == person.had
        assert set(person.opening) <= set(person.facts)


def test_nothing_of_those_drawn_is_learned_from(log: Log) -> None:
    crowd = draw(log, people=20, seed=SEED)
    users = {e.user for e in log.events}
    assert len(users) - len({e.user for e in crowd.others}) == 20
    assert not users & {p.visitor for p in crowd.people}  # nobody is called by their own id


def test_at_most_half_of_those_with_enough_history_are_drawn(log: Log) -> None:
    everybody = draw(log, people=100_000, seed=SEED)
    enough = len(by_user(log.events, log.kinds, seed=SEED).report.cases)
    assert len(everybody.people) <= enough // 2
    assert everybody.others
    assert "half of those with enough history" in everybody.notes[0]


def test_without_events_there_is_nobody_to_simulate(log: Log) -> None:
    with pytest.raises(InputError, match="no events"):
        draw(replace(log, events=()), people=3, seed=SEED)
