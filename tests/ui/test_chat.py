"""The page's own handlers over a real assistant, without a browser."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest

from assistant import Assistant
from assistant.settings import Settings
from tests.workspaces import film_workspace
from ui.chat import Page
from ui.screen import Screen


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    home = film_workspace(tmp_path_factory.mktemp("chat") / "home")
    with Assistant.open(settings=Settings(home=home, encoder="hashed", llm="none")) as opened:
        yield opened


@pytest.fixture
def page(assistant: Assistant) -> Page:
    return Page(assistant)


def event(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


async def last(updates: Any) -> Screen:
    """The screen after the last update of a handler."""
    return [step async for step in updates][-1][0]  # type: ignore[no-any-return]


async def test_a_message_shows_before_the_answer(page: Page) -> None:
    browser, now, *_ = page.arrive({})
    steps = [step async for step in page.say("a western", now, browser)]
    first, final = steps[0][0], steps[-1][0]
    assert first.messages == (("user", "a western"),)
    assert first.busy
    assert final.cards
    assert not final.busy


async def test_a_visitor_is_known_again_and_takes_up_the_session(page: Page) -> None:
    browser, now, *_ = page.arrive({})
    spoken = await last(page.say("a western", now, browser))
    again, back, *_ = page.arrive(browser)
    assert again == browser
    assert back.messages == spoken.messages
    assert back.cards == spoken.cards


async def test_the_page_goes_on_after_the_server_forgot_its_state(page: Page) -> None:
    browser, now, *_ = page.arrive({})
    await last(page.say("a western", now, browser))
    on = await last(page.say("from after 1960", None, browser))
    assert [role for role, _ in on.messages] == ["user", "assistant"] * 2


@pytest.mark.parametrize(
    "kept", [None, {}, [], "x", {"visitor": 3}, {"session": "?", "visitor": "?"}, {"visitor": "u1"}]
)
def test_whatever_the_browser_kept_a_page_opens(page: Page, kept: Any) -> None:
    browser, now, *_ = page.arrive(kept)
    assert browser["visitor"] == now.visitor
    assert now.visitor not in {"3", "?", "u1"}
    assert now.messages == ()


def test_the_session_of_another_visitor_is_not_shown(page: Page) -> None:
    mine, *_ = page.arrive({})
    theirs, now, *_ = page.arrive({"visitor": "v." + "x" * 22, "session": mine["session"]})
    assert theirs["session"] != mine["session"]
    assert now.messages == ()


async def test_a_press_on_a_card_that_is_not_there_changes_nothing_and_says_so(page: Page) -> None:
    browser, now, *_ = page.arrive({})
    shown = await last(page.say("a western", now, browser))
    real = shown.cards[0].id
    for data in ({"act": "like", "item": "nope"}, {"act": "erase", "item": real}, {"item": 3}, {}):
        after = await last(page.press(event(**data), shown, browser))
        assert after.cards == shown.cards
        assert after.messages == shown.messages
        assert after.notice


async def test_an_empty_message_is_no_turn(page: Page) -> None:
    browser, now, *_ = page.arrive({})
    assert await last(page.say(" \n\x00 ", now, browser)) == now


async def test_the_transcript_gets_text_and_never_elements(page: Page) -> None:
    browser, now, *_ = page.arrive({})
    steps = [step async for step in page.say("<img src=//x.example> & co", now, browser)]
    said = steps[0][1][0]["content"]
    assert "<" not in said
    assert html.unescape(said) == "<img src=//x.example> & co"


async def test_an_error_with_a_name_is_said_and_the_page_stays_usable(page: Page) -> None:
    browser, now, *_ = page.arrive({})
    stranger = Screen(visitor="somebody-else", session=now.session)  # type: ignore[arg-type]
    after = await last(page.say("a western", stranger, browser))
    assert "another visitor" in after.notice
    assert not after.busy


def test_a_new_conversation_keeps_the_visitor(page: Page) -> None:
    browser, now, *_ = page.arrive({})
    after, fresh, *_ = page.start_afresh(now, browser)
    assert after["visitor"] == browser["visitor"]
    assert after["session"] != browser["session"]
    assert fresh.messages == ()


def test_a_handler_that_failed_frees_the_page(page: Page) -> None:
    browser, now, *_ = page.arrive({})
    after, *_ = page.give_up(now, browser)
    assert not after.busy
    assert "try again" in after.notice


def test_the_page_holds_nothing_of_any_visitor(page: Page, assistant: Assistant) -> None:
    assert vars(page) == {"assistant": assistant}
