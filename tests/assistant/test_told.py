"""What the figures read of real conversations."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime

from assistant.door import Assistant
from assistant.insight import Told, figures
from assistant.sessions import Served, TurnRecord
from assistant.told import _Reading, _Served, _Turn, told
from assistant.types import Finished, Reading


def turns(assistant: Assistant) -> list[Told]:
    return list(told(assistant.parts.workspace.sessions.since(0)))


async def press(assistant: Assistant, session: str, item: str, kind: str) -> None:
    async for step in assistant.react(session, item, kind, visitor="v.one"):  # type: ignore[arg-type]
        if isinstance(step, Finished):
            return


def test_every_field_that_is_read_is_one_that_is_written() -> None:
    assert {f.name for f in fields(_Turn)} <= {f.name for f in fields(TurnRecord)}
    assert {f.name for f in fields(_Served)} <= {f.name for f in fields(Served)}
    assert {f.name for f in fields(_Reading)} <= {f.name for f in fields(Reading)}


async def test_a_conversation_is_told_with_what_it_came_to(films: Assistant) -> None:
    session = films.new_session("v.one")
    reply = films.reply(session, "a western", visitor="v.one")
    first = reply.slate.ids()[0]
    await press(films, session, first, "like")
    films.reply(session, "I'll take the second one", visitor="v.one")
    films.reply(session, "a western from before 1900", visitor="v.one")
    found = turns(films)
    assert [t.act for t in found[:2]] == ["recommend", "recommend"]
    assert found[0].slate == reply.slate.ids()
    assert {"understand", "candidates", "select"} <= found[0].seconds.keys()
    assert first in found[1].asked_about
    assert found[-1].act == "no_match"
    assert any("1899" in want for want in found[-1].wants)
    today = datetime.now(UTC).date()
    events = list(films.parts.workspace.events.of_visitors(0))
    second = found[1].slate[1]
    assert [(e.item, e.kind) for e in events] == [(first, "like"), (second, "like")]
    assert found[2].chosen == (second,)
    counted = figures(found, events, films.parts.workspace.kinds(), first=today, last=today)
    assert (counted.conversations, counted.visitors, counted.slates) == (1, 1, 2)
    assert counted.accepted == 2
    assert [u.message for u in counted.unmet] == ["a western from before 1900"]


def test_a_turn_that_only_takes_others_back_is_none(films: Assistant) -> None:
    session = films.new_session("v.one")
    films.reply(session, "a western", visitor="v.one")
    films.conversations("v.one").take_back(session, 1)
    assert len(turns(films)) == 1


def test_private_conversations_are_not_told(films: Assistant) -> None:
    session = films.new_session("v.one", private=True)
    films.reply(session, "a western", visitor="v.one")
    assert turns(films) == []


def test_a_command_to_the_memory_speaks_of_no_items(films: Assistant) -> None:
    session = films.new_session("v.one")
    films.reply(session, "a western, I hate horror", visitor="v.one")
    films.reply(session, "what do you know about me?", visitor="v.one")
    films.reply(session, "forget the first", visitor="v.one")
    assert [t.asked_about for t in turns(films)] == [(), (), ()]
