"""Exploration in a conversation: kept to its share, repeatable, and said openly."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.build import make_parts
from assistant.door import Assistant
from assistant.errors import SettingsError
from assistant.settings import Settings, load
from retrieval.storage.workspace import Workspace

TALK = ("a crime film", "something with robots", "others please")


@pytest.fixture
def open_with(tmp_path: Path, film_home: Path):  # type: ignore[no-untyped-def]
    """Opens a copy of the films with a share of places for the little known."""
    opened: list[Assistant] = []

    def open_(explore: float) -> Assistant:
        home = tmp_path / f"home{len(opened)}"
        shutil.copytree(film_home, home)
        workspace = Workspace.open(home, write=True, command="test")
        settings = Settings(encoder="hashed", explore=explore)
        opened.append(Assistant(make_parts(workspace, settings, None)))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


@pytest.mark.parametrize("share", ["-0.1", "1.1", "much"])
def test_a_share_that_is_none_is_refused(share: str) -> None:
    with pytest.raises(SettingsError, match="PALATE_EXPLORE"):
        load({"PALATE_EXPLORE": share})


def test_a_session_played_again_shows_the_same(open_with) -> None:  # type: ignore[no-untyped-def]
    first, second = open_with(0.5), open_with(0.5)
    shown = [[a.reply("one", line).slate.ids() for line in TALK] for a in (first, second)]
    assert shown[0] == shown[1]


def test_what_was_explored_is_logged_with_its_chance(open_with) -> None:  # type: ignore[no-untyped-def]
    assistant = open_with(0.5)
    explored = 0
    for n in range(8):
        session = f"s{n}"
        slate = assistant.reply(session, TALK[n % 2]).slate
        (turn,) = assistant.parts.sessions.open(session, None).turns
        assert turn.served.slate == slate.ids()
        assert turn.served.propensities == tuple(p.propensity for p in slate.picks)
        assert turn.served.explored == tuple(p.item.id for p in slate.picks if p.explored)
        ((_, again),) = assistant.history(session)
        assert [p.explored for p in again.slate.picks] == [p.explored for p in slate.picks]
        assert not slate.picks or not slate.picks[0].explored
        explored += len(turn.served.explored)
    assert explored > 0


def test_without_a_share_no_place_is_left_to_chance(open_with) -> None:  # type: ignore[no-untyped-def]
    assistant = open_with(0.0)
    for n in range(4):
        picks = assistant.reply(f"s{n}", TALK[0]).slate.picks
        assert all(p.propensity == 1.0 and not p.explored for p in picks)


def test_a_recommendation_is_drawn_only_for_a_seed(open_with) -> None:  # type: ignore[no-untyped-def]
    assistant = open_with(0.5)

    def shown(seed: int | None) -> tuple[str, ...]:
        return tuple(card.id for card in assistant.recommend(user="u1", seed=seed).items)

    assert shown(None) == shown(None)
    assert shown(4) == shown(4)
    assert len({shown(None), *(shown(n) for n in range(8))}) > 1


def test_a_card_says_openly_that_it_is_tried_out(open_with) -> None:  # type: ignore[no-untyped-def]
    assistant = open_with(0.5)
    told = 0
    for n in range(8):
        reply = assistant.reply(f"s{n}", TALK[n % 2])
        reasons = [claim.text for card in reply.cards for claim in card.reasons]
        assert len(set(reasons)) == len(reasons)
        for card, pick in zip(reply.cards, reply.slate.picks, strict=True):
            says = any(claim.kind == "new" for claim in card.reasons)
            assert pick.explored or not says
            told += says
    assert told > 0
