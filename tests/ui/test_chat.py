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
from ui.screen import Screen, asked


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
    browser, now, *_ = page.visits.arrive({})
    steps = [step async for step in page.turns.say("a western", now, browser)]
    first, final = steps[0][0], steps[-1][0]
    assert first.messages == (("user", "a western"),)
    assert first.busy
    assert final.cards
    assert not final.busy


async def test_a_visitor_is_known_again_and_takes_up_the_session(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    spoken = await last(page.turns.say("a western", now, browser))
    again, back, *_ = page.visits.arrive(browser)
    assert again == browser
    assert back.messages == spoken.messages
    assert back.cards == spoken.cards


async def test_the_page_goes_on_after_the_server_forgot_its_state(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    await last(page.turns.say("a western", now, browser))
    on = await last(page.turns.say("from after 1960", None, browser))
    assert [role for role, _ in on.messages] == ["user", "assistant"] * 2


@pytest.mark.parametrize(
    "kept", [None, {}, [], "x", {"visitor": 3}, {"session": "?", "visitor": "?"}, {"visitor": "u1"}]
)
def test_whatever_the_browser_kept_a_page_opens(page: Page, kept: Any) -> None:
    browser, now, *_ = page.visits.arrive(kept)
    assert browser["visitor"] == now.visitor
    assert now.visitor not in {"3", "?", "u1"}
    assert now.messages == ()


def test_the_session_of_another_visitor_is_not_shown(page: Page) -> None:
    mine, *_ = page.visits.arrive({})
    theirs, now, *_ = page.visits.arrive({"visitor": "v." + "x" * 22, "session": mine["session"]})
    assert theirs["session"] != mine["session"]
    assert now.messages == ()


async def test_a_press_on_a_card_that_is_not_there_changes_nothing_and_says_so(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    shown = await last(page.turns.say("a western", now, browser))
    real = shown.cards[0].id
    for data in ({"act": "like", "item": "nope"}, {"act": "erase", "item": real}, {"item": 3}, {}):
        after = await last(page.turns.press(event(**data), shown, browser))
        assert after.cards == shown.cards
        assert after.messages == shown.messages
        assert after.notice


async def test_an_empty_message_is_no_turn(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    assert await last(page.turns.say(" \n\x00 ", now, browser)) == now


async def test_the_transcript_gets_text_and_never_elements(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    steps = [step async for step in page.turns.say("<img src=//x.example> & co", now, browser)]
    said = steps[0][1][0]["content"]
    assert "<" not in said
    assert html.unescape(said) == "<img src=//x.example> & co"


async def test_an_error_with_a_name_is_said_and_the_page_stays_usable(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    stranger = Screen(visitor="somebody-else", session=now.session)  # type: ignore[arg-type]
    after = await last(page.turns.say("a western", stranger, browser))
    assert "another visitor" in after.notice
    assert not after.busy


def test_a_new_conversation_keeps_the_visitor(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    after, fresh, *_ = page.visits.leave(event(leave="fresh"), now, browser)
    assert after["visitor"] == browser["visitor"]
    assert after["session"] != browser["session"]
    assert fresh.messages == ()


def test_a_handler_that_failed_frees_the_page(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    after, *_ = page.turns.give_up(asked(now, "a western"), browser)
    assert not after.busy
    assert "try again" in after.notice
    assert page.turns.give_up(now, browser)[0] == now


def test_the_page_holds_nothing_of_any_visitor(page: Page, assistant: Assistant) -> None:
    held = {**vars(page.visits), **vars(page.turns), **vars(page.visits.asides)}
    ours = {k: v for k, v in held.items() if not callable(v)}
    assert ours.pop("assistant") is assistant
    assert {type(v).__module__.partition(".")[0] for v in ours.values()} == {"ui", "builtins"}
    assert not any(isinstance(v, Screen) for v in ours.values())


def taken(kind: type[Any], index: int, value: str = "") -> Any:
    return kind(None, {"index": index, "value": value, "previous_value": ""})


async def test_an_edited_message_takes_the_place_of_what_was_said(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    now = await last(page.turns.say("a western", now, browser))
    now = await last(page.turns.say("from after 1960", now, browser))
    change = taken(gr.EditData, 0, "a comedy")
    edited = await last(page.turns.edit(change, now, browser))
    assert [text for role, text in edited.messages if role == "user"] == ["a comedy"]
    assert [w.text for w in edited.wants] == ["Comedy"]
    assert page.visits.arrive(browser)[1].messages == edited.messages


async def test_a_retried_message_is_said_once(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    now = await last(page.turns.say("a western", now, browser))
    again = await last(page.turns.retry(taken(gr.RetryData, 0), now, browser))
    assert [role for role, _ in again.messages] == ["user", "assistant"]
    assert again.turns[0] > now.turns[0]


async def test_a_message_taken_back_returns_to_the_line(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    now = first = await last(page.turns.say("a western", now, browser))
    now = await last(page.turns.say("from after 1960", now, browser))
    then, *_, errand = page.turns.undo(taken(gr.UndoData, 2), now, browser)
    assert then.messages == first.messages
    assert then.cards == first.cards
    assert "from after 1960" in errand
    nowhere, *_ = page.turns.undo(taken(gr.UndoData, 99), then, browser)
    assert nowhere == then


async def test_a_constraint_is_removed_by_its_chip(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    now = await last(page.turns.say("a western from after 1960", now, browser))
    assert len(now.wants) == 2
    after = await last(page.turns.press(event(act="lift", want="0"), now, browser))
    assert after.wants == now.wants[1:]
    for odd in ("7", "-1", "", None):
        gone = await last(page.turns.press(event(act="lift", want=odd), after, browser))
        assert gone.wants == after.wants
        assert gone.notice


async def test_first_picks_begin_a_conversation(page: Page, assistant: Assistant) -> None:
    browser, now, *_ = page.visits.arrive({})
    assert 'data-do="pick"' in page.visits.painter.slate(now)
    picks = [c.id for c in assistant.showcase.starters()[:3]]
    after = await last(page.turns.press(event(act="picked", items=picks), now, browser))
    assert after.cards
    assert {e.item for e in assistant.person(now.visitor).history()} == set(picks)
    fresh = page.visits.leave(event(leave="fresh"), after, browser)[1]
    assert 'data-do="pick"' not in page.visits.painter.slate(fresh)
    for odd in ([], "x", None, ["nothing"]):
        stays = await last(page.turns.press(event(act="picked", items=odd), after, browser))
        assert stays.messages == after.messages


async def test_a_reason_against_a_card_acts_at_once(page: Page, assistant: Assistant) -> None:
    browser, now, *_ = page.visits.arrive({})
    now = await last(page.turns.say("a crime film", now, browser))
    card = next(c for c in now.cards if assistant.showcase.critiques(c.id))
    why = assistant.showcase.critiques(card.id)[0]
    press = event(act="dislike", item=card.id, because=why.key)
    after = await last(page.turns.press(press, now, browser))
    assert why.text in after.messages[-2][1]
    assert card.id not in {c.id for c in after.cards}
    assert page.visits.arrive(browser)[1].messages == after.messages


async def test_conversations_are_opened_and_deleted(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    one = await last(page.turns.say("a western", now, browser))
    browser, two, *_ = page.visits.leave(event(leave="fresh"), one, browser)
    two = await last(page.turns.say("a comedy", two, browser))
    sheet = page.visits.aside(event(ask="talks"), two, browser)[1]
    assert "a western" in sheet
    assert "a comedy" in sheet
    browser, back, *_ = page.visits.leave(event(leave="open", item=one.session), two, browser)
    assert back.messages == one.messages
    assert browser["session"] == one.session
    browser, stays, *_ = page.visits.leave(event(leave="delete", item=two.session), back, browser)
    assert stays.messages == back.messages
    browser, fresh, *_ = page.visits.leave(event(leave="delete", item=one.session), back, browser)
    assert fresh.messages == ()
    assert "a western" not in page.visits.aside(event(ask="talks"), fresh, browser)[1]
    same = page.visits.leave(event(leave="open", item="somebody else's!"), fresh, browser)[1]
    assert same.notice


async def test_a_private_conversation_is_kept_nowhere(page: Page, assistant: Assistant) -> None:
    browser, now, *_ = page.visits.arrive({})
    browser, private, *_ = page.visits.leave(event(leave="private"), now, browser)
    assert private.private
    said = await last(page.turns.say("a western", private, browser))
    await last(page.turns.press(event(act="like", item=said.cards[0].id), said, browser))
    page.visits.aside(event(ask="save", item=said.cards[0].id), said, browser)
    person = assistant.person(now.visitor)
    assert person.history() == ()
    assert assistant.conversations(now.visitor).all() == ()
    assert page.visits.arrive(browser)[1].private


async def test_what_is_known_of_a_person_is_shown_changed_and_erased(
    page: Page, assistant: Assistant
) -> None:
    browser, now, *_ = page.visits.arrive({})
    now = await last(page.turns.say("I hate horror", now, browser))
    card = now.cards[0]
    person = assistant.person(now.visitor)

    def ask(name: str, item: str = "") -> tuple[Any, Any]:
        _, sheet, errand = page.visits.aside(event(ask=name, item=item), now, browser)
        return sheet, errand

    ask("save", card.id)
    assert person.saved() == (card.id,)
    sheet, _ = ask("profile")
    assert "You do not like Horror" in sheet
    assert html.escape(card.title) in sheet
    belief = person.beliefs()[0].id
    ask("pin", belief)
    assert person.beliefs()[0].pinned
    ask("weaken", belief)
    assert person.beliefs()[0].strength < 0.5
    ask("pause")
    assert person.paused
    ask("resume")
    edited = event(act="edit", item=belief, say="I love horror")
    now = await last(page.turns.press(edited, now, browser))
    assert [b.text for b in person.beliefs()] == ["you like Horror"]
    ask("forget", person.beliefs()[0].id)
    ask("unsave", card.id)
    assert (person.beliefs(), person.saved()) == ((), ())
    assert 'data-errand="hide"' in ask("hide", card.id)[1]
    assert card.id not in page.visits.painter.slate(now).split("data-id=")[1]
    assert 'data-errand="unhide"' in ask("unhide", card.id)[1]
    assert now.visitor in html.unescape(ask("download")[1])
    assert "I hate horror" in ask("export", now.session)[1]
    assert 'data-leave="erase"' in ask("sure")[0]
    _, after, *_ = page.visits.leave(event(leave="erase"), now, browser)
    assert after.visitor != now.visitor
    assert person.export()["sessions"] == []


async def test_reasons_and_differences_are_shown(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    now = await last(page.turns.say("a western with Clint Eastwood", now, browser))
    one, two = now.cards[:2]
    sheet = page.visits.aside(event(ask="why", item=one.id), now, browser)[1]
    assert all(html.escape(c.text[1:]) in sheet for c in one.reasons)
    ids = [one.id, two.id]
    sheet = page.visits.aside(event(ask="compare", items=ids), now, browser)[1]
    assert html.escape(two.title) in sheet
    for odd in ([one.id], "x", None, ["a", "b"]):
        assert "update" in str(page.visits.aside(event(ask="compare", items=odd), now, browser)[1])


async def test_another_language_stays_chosen(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    now = await last(page.turns.say("a western", now, browser))
    browser, then, *_ = page.visits.leave(event(leave="language", value="de"), now, browser)
    assert then.language == "de"
    assert then.messages == now.messages
    assert page.visits.arrive(browser)[1].language == "de"


async def test_a_stopped_turn_gives_its_message_back(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    now = await last(page.turns.say("a western", now, browser))
    running = [step async for step in page.turns.say("from after 1960", now, browser)]
    page.turns.assistant.conversations(now.visitor).take_back(now.session, running[-1][0].turns[-1])
    _, kept, *_, errand = page.visits.leave(event(leave="stop"), running[0][0], browser)
    assert kept.messages == now.messages
    assert not kept.busy
    assert "from after 1960" in errand


async def test_what_another_tab_said_is_seen_when_the_page_is_looked_at(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    one = await last(page.turns.say("a western", now, browser))
    two = await last(page.turns.say("from after 1960", one, browser))
    assert page.visits.look(one, browser)[0].messages == two.messages
    assert page.visits.look(two, browser)[0] == two


def test_sliders_are_kept_by_the_browser_and_shown_where_they_were_left(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    move = event(ask="mix", item="diversity", value="80")
    browser, *_ = page.visits.aside(move, now, browser)
    assert browser["mix"] == {"diversity": 80}
    for odd in ({"item": "diversity", "value": "-1"}, {"item": "x", "value": "3"}, {}):
        browser, *_ = page.visits.aside(event(ask="mix", **odd), now, browser)
        assert browser["mix"] == {"diversity": 80}
    browser, now, *_ = page.visits.leave(event(leave="fresh"), now, browser)
    assert browser["mix"] == {"diversity": 80}
    sheet = page.visits.aside(event(ask="settings"), now, browser)[1]
    assert 'value="80" data-slide="diversity"' in sheet
    assert 'value="20" data-slide="novelty"' in sheet


async def test_where_nothing_fits_what_counts_can_still_be_removed(page: Page) -> None:
    browser, now, *_ = page.visits.arrive({})
    now = await last(page.turns.say("a western by Stanley Kubrick from the 2020s", now, browser))
    assert now.cards == ()
    panel = page.visits.painter.slate(now)
    assert panel.count('data-act="lift"') == len(now.wants) > 1
