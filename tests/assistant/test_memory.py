"""What is remembered across conversations: as a value, and in the dialogue."""

from __future__ import annotations

import asyncio

import pytest

from assistant import Assistant
from assistant.constraints import Constraint
from assistant.memory import (
    DAY,
    FAINT,
    FIRST,
    HALF_LIFE,
    KEPT,
    Memory,
    Note,
    Source,
    change,
    judgements,
    remember,
    reverted,
    start,
)
from assistant.types import Finished, Range, Reading, Reply, SessionId
from retrieval.types import Field, ItemId, Schema

SCHEMA = Schema(
    fields=(
        Field(name="genres", role="facet", multi=True),
        Field(name="price", role="number", kind="price"),
    )
)
HATES = Reading(exclude={"genres": ("Horror",)}, averse={"genres": ("Horror",)})
LOVES = Reading(include={"genres": ("Western",)}, fond={"genres": ("Western",)})
NEVER = Reading(exclude={"genres": ("War",)}, scope="always")
ITEM = ItemId("a")


def _after(
    *readings: Reading, at: float = 0.0, every: float = DAY, old: Memory | None = None
) -> Memory:
    memory = old or Memory()
    for turn, reading in enumerate(readings, start=1):
        source = Source(
            session=SessionId("s"), turn=turn, at=at + (turn - 1) * every, said=f"message {turn}"
        )
        memory = remember(
            memory, reading, listed=tuple(n.id for n in memory.notes), schema=SCHEMA, source=source
        )
    return memory


def test_a_taste_is_a_dated_note_that_fades_and_what_always_holds_does_not() -> None:
    horror, western, war = _after(HATES, LOVES, NEVER, every=0.0).notes
    assert (horror.strength, horror.pinned, horror.soft) == (FIRST, False, False)
    assert (western.strength, western.pinned, western.soft) == (FIRST, False, True)
    assert (war.strength, war.pinned, war.soft) == (1.0, True, False)
    assert (war.turn, war.said, war.session) == (3, "message 3", "s")
    later = HALF_LIFE * DAY
    assert horror.strength_at(later) == pytest.approx(FIRST / 2)
    assert war.strength_at(50 * later) == 1.0


def test_a_faint_taste_is_not_acted_on_and_comes_back_stronger_when_said_again() -> None:
    memory = _after(HATES)
    faded = HALF_LIFE * DAY * 3
    assert FIRST / 8 < FAINT
    assert memory.at(faded) == ()
    assert not start(memory, faded).constraints
    again = _after(HATES, old=memory, at=DAY)
    assert len(again.notes) == 1
    assert FIRST < again.notes[0].strength < 1.0


def test_a_new_conversation_begins_with_what_is_remembered() -> None:
    begun = start(_after(HATES, LOVES, at=7 * DAY, every=0.0), 8 * DAY)
    (out,) = begun.constraints
    assert (out.kind, out.values, out.scope) == ("exclude", ("Horror",), "always")
    assert (out.turn, out.noted) == (0, 7 * DAY)
    assert [c.values for c in begun.hints] == [("Western",)]


def test_what_contradicts_a_note_replaces_it() -> None:
    fond = Reading(include={"genres": ("Horror",)}, fond={"genres": ("Horror",)})
    (note,) = _after(HATES, fond).notes
    assert note.constraint is not None
    assert note.constraint.kind == "include"
    cheap = Reading(act="profile", scope="always", ranges={"price": Range(max=80)})
    dear = Reading(act="profile", scope="always", ranges={"price": Range(max=120)})
    (limit,) = _after(cheap, dear).notes
    assert limit.constraint == Constraint(
        kind="range", turn=2, field="price", high=120, scope="always"
    )


def test_what_is_allowed_again_is_forgotten_but_not_for_one_evening() -> None:
    fine = Reading(lifted={"genres": ("Horror",)})
    tonight = Reading(lifted={"genres": ("Horror",)}, scope="request")
    assert not _after(HATES, fine).notes
    assert _after(HATES, tonight).notes == _after(HATES).notes


@pytest.mark.parametrize(
    "reading",
    [
        Reading(include={"genres": ("Western",)}),
        Reading(exclude={"genres": ("Horror",)}),
        Reading(exclude={"genres": ("Horror",)}, scope="request"),
        Reading(ranges={"price": Range(max=80)}),
        Reading(exclude={"genres": ("Horror",)}, averse={"genres": ("Horror",)}, own=False),
        Reading(described=True, include={"genres": ("Western",)}, fond={"genres": ("Western",)}),
    ],
    ids=["a request", "a limit of it", "for now", "a price", "somebody else's", "a description"],
)
def test_an_ordinary_request_leaves_no_note(reading: Reading) -> None:
    assert _after(reading) == Memory()


def test_orders_reach_the_notes_that_are_pointed_at_or_named() -> None:
    memory = _after(HATES, LOVES, NEVER)
    horror, western, war = memory.notes
    assert _after(Reading(memory="forget", reference=(2,)), old=memory).notes == (horror, war)
    named = Reading(memory="forget", lifted={"genres": ("War",)})
    assert _after(named, old=memory).notes == (horror, western)
    assert _after(Reading(memory="forget", reference=(9,)), old=memory) == memory
    assert _after(Reading(memory="forget_all"), old=memory).notes == ()
    pinned = _after(Reading(memory="pin", reference=(1,)), old=memory).notes[0]
    assert pinned.pinned
    loose = _after(Reading(memory="unpin", reference=(3,)), old=memory).notes[2]
    assert not loose.pinned
    edited = Reading(
        act="profile",
        memory="edit",
        reference=(1,),
        exclude={"genres": ("Musical",)},
        scope="always",
    )
    first, second, third = _after(edited, old=memory).notes
    assert first.constraint is not None
    assert first.constraint.values == ("Musical",)
    assert (second, third) == (western, war)


def test_nothing_is_learnt_while_paused() -> None:
    paused = _after(Reading(memory="pause"), HATES, NEVER)
    assert paused == Memory(paused=True)
    assert len(_after(Reading(memory="resume"), HATES, old=paused).notes) == 1


def test_a_change_taken_back_leaves_what_was_there_also_when_taken_back_twice() -> None:
    before = _after(HATES, LOVES)
    for reading in (
        NEVER,
        HATES,
        Reading(memory="forget", reference=(1,)),
        Reading(memory="pause"),
    ):
        after = _after(reading, old=before, at=9 * DAY)
        done = change(before, after)
        assert done
        assert reverted(after, [done]) == before
        assert reverted(before, [done]) == before
    assert not change(before, before)


def test_the_weakest_notes_go_when_there_are_too_many() -> None:
    many = [
        Reading(exclude={"genres": (f"g{n}",)}, averse={"genres": (f"g{n}",)}) for n in range(KEPT)
    ]
    memory = _after(NEVER, *many, Reading(include={"genres": ("z",)}, scope="always"))
    assert len(memory.notes) == KEPT
    held = [n.constraint.values[0] for n in memory.notes if n.constraint]
    assert "War" in held
    assert "g0" not in held


def test_only_own_judgements_become_events() -> None:
    felt = Reading(liked=(ITEM,), felt=frozenset({ITEM}))
    assert [(e.kind, e.item) for e in judgements(felt, 1.0)] == [("like", ITEM)]
    assert judgements(Reading(liked=(ITEM,)), 1.0) == ()  # an example: "something like A"
    assert [e.kind for e in judgements(Reading(seen=(ITEM,)), 1.0)] == ["seen"]
    assert judgements(Reading(seen=(ITEM,), own=False), 1.0) == ()


def _said(assistant: Assistant, session: str, *messages: str) -> Reply:
    replies = [assistant.reply(session, m, visitor="ann") for m in messages]
    return replies[-1]


def _genres(assistant: Assistant, reply: Reply) -> set[object]:
    items = assistant.parts.retriever.items
    held = (items[i].fields["genres"] for i in reply.slate.ids())
    return {g for genres in held for g in genres}  # type: ignore[union-attr]


def test_what_was_said_of_oneself_holds_in_the_next_conversation(films: Assistant) -> None:
    first = _said(films, "one", "I hate horror. Something from before 1983")
    assert "remember" in first.text
    reply = _said(films, "two", "something thrilling from before 1983")
    assert "Horror" not in _genres(films, reply)
    assert "noted" in reply.text
    stranger = films.reply("three", "horror from before 1983", visitor="bob")
    assert "Horror" in _genres(films, stranger)


def test_a_wish_of_the_moment_does_not(films: Assistant) -> None:
    _said(films, "one", "no horror tonight please", "nothing from before 1990")
    assert films.parts.sessions.open("two", "ann").memory == Memory()


def test_notes_are_listed_with_their_day_and_words_and_forgotten_by_number(
    films: Assistant,
) -> None:
    _said(films, "one", "never show me musicals", "I love westerns")
    listed = _said(films, "two", "what do you know about me?")
    assert listed.act == "profile"
    lines = listed.text.splitlines()
    assert lines[1].startswith("1. you never want Musical")
    assert "never show me musicals" in lines[1]
    assert "pinned" in lines[1]
    assert lines[2].startswith("2. you like Western")
    _said(films, "two", "forget the first")
    kept = films.parts.sessions.open("x", "ann").memory.notes
    assert [n.constraint.values for n in kept if n.constraint] == [("Western",)]


def test_forgetting_acts_at_once_and_undo_brings_it_back(films: Assistant) -> None:
    _said(films, "one", "I hate westerns")
    assert "Western" not in _genres(films, _said(films, "two", "films from before 1970"))
    _said(films, "two", "forget that I hate westerns")
    assert "Western" in _genres(films, _said(films, "two", "films from before 1960"))
    _said(films, "two", "undo", "undo")
    (note,) = films.parts.sessions.open("x", "ann").memory.notes
    assert note.constraint is not None
    assert note.constraint.values == ("Western",)


def test_judgements_reach_the_profile_of_the_next_conversation_and_undo_takes_them_out(
    films: Assistant,
) -> None:
    taste = films.parts.taste
    _said(films, "one", "crime films please", "I loved Heat and I have seen Casino")
    assert dict(taste.of("ann").weights) == {"f21": pytest.approx(1.46, abs=0.01)}
    assert {"f21", "f24"} <= taste.of("ann").seen
    assert not taste.of("ann", said={ItemId("f21"), ItemId("f24")}).n_events
    _said(films, "one", "undo")
    assert not taste.of("ann").n_events


def test_an_item_can_be_taken_out_of_the_history(films: Assistant) -> None:
    _said(films, "one", "crime films please", "I loved Heat")
    _said(films, "two", "forget that I loved Heat")
    assert not films.parts.taste.of("ann").n_events


def test_while_paused_neither_words_nor_buttons_leave_anything(films: Assistant) -> None:
    async def like() -> Reply:
        async for event in films.react("one", "f02", "like", visitor="ann"):
            if isinstance(event, Finished):
                return event.reply
        raise AssertionError

    assert _said(films, "one", "stop remembering things").act == "profile"
    _said(films, "one", "I hate horror", "I loved Heat")
    reply = asyncio.run(like())
    assert "f02" not in reply.slate.ids()
    assert films.parts.sessions.open("x", "ann").memory == Memory(paused=True)
    assert not films.parts.taste.of("ann").n_events
    _said(films, "one", "you can remember again", "I hate musicals")
    assert len(films.parts.sessions.open("x", "ann").memory.notes) == 1


def test_two_conversations_at_once_lose_no_note(films: Assistant) -> None:
    async def both() -> None:
        async def say(session: str, message: str) -> None:
            async for _ in films.turn(session, message, visitor="ann"):
                pass

        await asyncio.gather(say("one", "I hate horror"), say("two", "never show me musicals"))

    asyncio.run(both())
    held = films.parts.sessions.open("x", "ann").memory.notes
    assert {n.constraint.values for n in held if n.constraint} == {("Horror",), ("Musical",)}


def test_a_memory_is_written_and_read_whole(films: Assistant) -> None:
    sessions = films.parts.sessions
    memory = Memory(
        notes=(
            *_after(HATES, LOVES, NEVER).notes,
            Note(id="w", at=1.0, session=SessionId("s"), turn=1, said="x", wish="quiet evenings"),
        ),
        paused=True,
    )
    assert sessions.remember("eve", memory, 0)
    assert sessions.memory("eve") == (memory, 1)
    assert not sessions.remember("eve", Memory(), 0)  # somebody wrote in between
