"""A visitor's conversations: listed by their first words, taken back in part, deleted."""

from __future__ import annotations

import pytest

from assistant import Assistant
from assistant.door import Reaction
from assistant.errors import SessionError
from assistant.types import Finished, Reply


def _said(films: Assistant, session: str, *messages: str) -> list[Reply]:
    return [films.reply(session, m, visitor="ann") for m in messages]


async def _react(films: Assistant, session: str, item: str, kind: Reaction) -> Reply:
    events = [e async for e in films.react(session, item, kind, visitor="ann")]
    assert isinstance(events[-1], Finished)
    return events[-1].reply


def test_conversations_are_listed_by_their_first_message_the_latest_first(films: Assistant) -> None:
    _said(films, "one", "crime films", "newer")
    _said(films, "two", "a western")
    films.reply("other", "a comedy", visitor="bob")
    films.new_session("ann")
    listed = films.conversations("ann").all()
    assert [(t.session, t.title) for t in listed] == [("two", "a western"), ("one", "crime films")]
    assert listed[0].at >= listed[1].at
    _said(films, "one", "only from the 1990s")
    assert films.conversations("ann").all()[0].session == "one"


def test_a_deleted_conversation_is_gone_and_only_its_owner_deletes_it(films: Assistant) -> None:
    _said(films, "one", "crime films")
    with pytest.raises(SessionError):
        films.conversations("bob").delete("one")
    assert films.conversations("ann").delete("one")
    assert not films.conversations("ann").delete("one")
    assert films.conversations("ann").all() == ()
    assert films.history("one", visitor="ann") == ()


def test_private_conversations_are_not_listed_and_end_when_deleted(films: Assistant) -> None:
    session = films.new_session("ann", private=True)
    _said(films, session, "crime films")
    ann = films.conversations("ann")
    assert ann.all() == ()
    assert ann.private(session)
    assert ann.delete(session)
    assert not ann.private(session)


@pytest.mark.parametrize("private", [False, True])
def test_what_is_taken_back_was_never_said(films: Assistant, private: bool) -> None:
    session = films.new_session("ann", private=private)
    first, second, _ = _said(films, session, "a western", "only from the 1960s", "with John Wayne")
    films.conversations("ann").take_back(session, second.turn)
    history = films.history(session, visitor="ann")
    assert [message for message, _ in history if message] == ["a western"]
    assert [c.id for c in history[-1][1].cards] == [c.id for c in first.cards]
    assert [w.text for w in history[-1][1].wants] == ["Western"]
    (other,) = _said(films, session, "only from the 1950s")
    assert [w.text for w in other.wants] == ["Western", "from 1950 to 1959"]
    spoken = [m for m, _ in films.history(session, visitor="ann") if m]
    assert spoken == ["a western", "only from the 1950s"]


def test_taking_back_the_first_turn_leaves_a_fresh_start(films: Assistant) -> None:
    (first,) = _said(films, "one", "a western")
    films.conversations("ann").take_back("one", first.turn)
    assert not [m for m, _ in films.history("one", visitor="ann") if m]
    (reply,) = _said(films, "one", "a comedy")
    assert [w.text for w in reply.wants] == ["Comedy"]


async def test_taking_back_takes_events_and_notes_with_it_and_undo_goes_on_from_there(
    films: Assistant,
) -> None:
    session = films.new_session("ann")
    first = [e async for e in films.turn(session, "a western", visitor="ann")][-1]
    assert isinstance(first, Finished)
    liked = await _react(films, session, first.reply.cards[0].id, "like")
    hated = [e async for e in films.turn(session, "I hate horror", visitor="ann")][-1]
    assert isinstance(hated, Finished)
    ann = films.person("ann")
    assert len(ann.history()) == 1
    assert len(ann.beliefs()) == 1
    films.conversations("ann").take_back(session, hated.reply.turn)
    assert ann.beliefs() == ()
    assert len(ann.history()) == 1
    undone = [e async for e in films.turn(session, "undo", visitor="ann")][-1]
    assert isinstance(undone, Finished)
    assert [c.id for c in undone.reply.cards] == [c.id for c in first.reply.cards]
    assert ann.history() == ()
    assert liked.cards != undone.reply.cards


def test_a_turn_that_is_not_there_takes_nothing_back(films: Assistant) -> None:
    _said(films, "one", "a western")
    before = films.history("one", visitor="ann")
    films.conversations("ann").take_back("one", 99)
    assert films.history("one", visitor="ann") == before
    with pytest.raises(SessionError):
        films.conversations("bob").take_back("one", 1)
