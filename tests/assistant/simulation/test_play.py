"""Simulated people with Palate and its rivals: what must hold whatever the figures are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from assistant.settings import Settings
from assistant.simulation.knowledge import Fact
from assistant.simulation.play import PALATE, RIVALS, Outcome, play_all, policies
from assistant.simulation.report import report
from assistant.simulation.world import World
from retrieval.progress import silent
from retrieval.storage.workspace import Workspace
from retrieval.types import UserId
from tests.assistant.simulation.conftest import SEED

SIZE = 6


@pytest.fixture(scope="module")
def outcomes(world: World) -> Mapping[str, tuple[Outcome, ...]]:
    return play_all(world, policies(world, SIZE), silent)


def test_the_same_dialogues_are_played_again(
    world: World, outcomes: Mapping[str, tuple[Outcome, ...]]
) -> None:
    first = replace(world, people=world.people[:4])
    played = play_all(first, policies(first, SIZE), silent)
    assert played == {name: found[:4] for name, found in outcomes.items()}


def test_the_future_reaches_neither_model_nor_profile(world: World) -> None:
    parts = world.parts
    assert parts.retriever.index.manifest.events == world.learned
    for person in world.people:
        profile = parts.taste.of(person.visitor)
        assert person.target in person.later
        assert not person.later & set(profile.weights)
        assert bool(profile.n_events) == person.known
    ours = {p.visitor for p in world.people}
    assert {e.user for e in parts.workspace.events.all()} & ours == {
        p.visitor for p in world.people if p.known
    }


def test_the_workspace_is_left_as_it_was(
    settings: Settings, world: World, outcomes: Mapping[str, tuple[Outcome, ...]]
) -> None:
    assert settings.home is not None
    with Workspace.open(settings.home) as source:
        assert source.events.count() > world.learned
        for person in world.people:
            assert source.events.of_user(UserId(person.visitor)) == ()
            assert source.sessions.visitor_of(person.visitor) is None
    assert not list(settings.home.glob("**/*simulate*"))


def test_a_planted_leak_voids_the_dialogue_and_counts_nowhere(world: World) -> None:
    victim = world.people[0]
    title = world.catalogue.items[victim.target].title
    leak = Fact("like", "", title)
    telling = replace(victim, facts=(leak,), opening=(leak,))
    planted = replace(world, people=(telling, *world.people[1:3]))
    played = play_all(planted, policies(planted, SIZE), silent)
    for name in (PALATE, *RIVALS):
        first = played[name][0]
        assert first.void
        assert first.found is None
        assert first.shown() == ()
    told = report(played, seed=SEED)
    assert set(told.void.values()) == {1}
    assert told.people == 2


def test_palate_repeats_nothing_to_people_who_type_as_they_mean(world: World) -> None:
    careful = tuple(replace(p, nature=replace(p.nature, typos=0.0)) for p in world.people)
    plain = replace(world, people=careful)
    made = {PALATE: policies(plain, SIZE)[PALATE]}
    played = play_all(plain, made, silent)[PALATE]
    assert [[said for said, _ in o.said] for o in played if o.repeats] == []


def test_each_rival_does_what_it_is_called_after(
    outcomes: Mapping[str, tuple[Outcome, ...]],
) -> None:
    assert set(outcomes) == {PALATE, *RIVALS}
    assert sum(o.questions for o in outcomes["always-recommend"]) == 0
    assert all(a.slate for o in outcomes["always-recommend"] for _, a in o.said)
    for outcome in outcomes["random-questions"]:
        asked = "".join("?" if a.asked else "." for _, a in outcome.said)
        assert "???" not in asked
        assert "..." not in asked
    for outcome in outcomes["greedy"]:
        assert len(set(outcome.shown())) == len(outcome.shown())
        assert outcome.questions == 0
    shown = {name: [o.shown() for o in found] for name, found in outcomes.items()}
    assert len({str(slates) for slates in shown.values()}) == len(outcomes)


def test_everybody_ends_with_the_target_or_leaves(
    outcomes: Mapping[str, tuple[Outcome, ...]],
) -> None:
    for found in outcomes.values():
        for o in found:
            assert o.left == (o.found is None)
            assert (o.found is not None) == (o.person.target in o.shown())
            assert 1 <= o.turns <= o.person.nature.turns
            assert o.content is None or o.found is None or o.content <= o.found
