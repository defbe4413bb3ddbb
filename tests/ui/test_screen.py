"""The page as a value: how the events of a turn change it."""

from __future__ import annotations

from assistant.types import (
    Degraded,
    Finished,
    SessionId,
    Shown,
    Status,
    Text,
    TurnEvent,
    VisitorId,
)
from tests.ui.values import card, reply
from ui.screen import Screen, asked, failed, fold, resumed

EMPTY = Screen(visitor=VisitorId("v"), session=SessionId("s"))


def play(screen: Screen, message: str, *events: TurnEvent) -> Screen:
    screen = asked(screen, message)
    for event in events:
        screen = fold(screen, event)
    return screen


def test_a_message_is_on_the_page_before_any_answer() -> None:
    screen = asked(EMPTY, "a quiet drama")
    assert screen.messages == (("user", "a quiet drama"),)
    assert screen.busy
    assert screen.status is not None


def test_pieces_of_text_grow_one_message_and_end_the_status() -> None:
    screen = play(
        EMPTY,
        "hello",
        Status(stage="searching", text="Searching"),
        Text(text="Here "),
        Text(text="you are."),
    )
    assert screen.messages[-1] == ("assistant", "Here you are.")
    assert screen.status is None
    assert screen.busy


def test_cards_stand_on_the_page_while_the_text_is_still_written() -> None:
    screen = play(EMPTY, "hello", Shown(cards=(card(),)))
    assert screen.cards == (card(),)
    assert screen.busy
    assert screen.slates == 1


def test_the_finished_reply_has_the_last_word() -> None:
    final = reply("Here you are.", cards=(card("b"),), chips=("newer",))
    screen = play(EMPTY, "hello", Text(text="Here"), Finished(reply=final))
    assert screen.messages == (("user", "hello"), ("assistant", "Here you are."))
    assert screen.cards == (card("b"),)
    assert screen.chips == ("newer",)
    assert not screen.busy


def test_a_reply_without_cards_leaves_the_last_slate_in_place() -> None:
    first = play(EMPTY, "hello", Finished(reply=reply(cards=(card(),))))
    second = play(first, "thanks", Text(text="Gladly."), Finished(reply=reply("Gladly.")))
    assert second.cards == (card(),)
    assert second.slates == first.slates


def test_the_same_cards_again_are_no_new_slate() -> None:
    shown = Shown(cards=(card(),))
    screen = play(EMPTY, "hello", shown, Finished(reply=reply(cards=(card(),))))
    assert screen.slates == 1


def test_what_fell_back_is_said_once_each_and_forgotten_with_the_next_message() -> None:
    twice = (
        Degraded(stage="understand", reason="The model did not answer."),
        Degraded(stage="rerank", reason="The model did not answer."),
    )
    screen = play(EMPTY, "hello", Finished(reply=reply(degraded=twice)))
    assert screen.notice == "The model did not answer."
    assert asked(screen, "again").notice == ""


def test_a_turn_that_failed_leaves_the_page_usable() -> None:
    screen = failed(play(EMPTY, "hello", Shown(cards=(card(),))), "It went wrong.")
    assert not screen.busy
    assert screen.status is None
    assert screen.notice == "It went wrong."
    assert screen.cards == (card(),)


def test_a_session_is_taken_up_where_it_was_left() -> None:
    history = (
        ("hello", reply("One.", cards=(card("a"),), chips=("newer",))),
        ("newer", reply("Two.", cards=(card("b"),), chips=("older",))),
    )
    screen = resumed(EMPTY, history)
    assert [text for _, text in screen.messages] == ["hello", "One.", "newer", "Two."]
    assert screen.cards == (card("b"),)
    assert screen.chips == ("older",)
    assert not screen.busy


def test_equal_answers_in_a_row_stay_two_messages() -> None:
    screen = resumed(EMPTY, (("hi", reply("Hello.")), ("hi", reply("Hello."))))
    assert len(screen.messages) == 4
