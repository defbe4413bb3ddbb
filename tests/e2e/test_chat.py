"""A person in a browser: asks, refines, presses cards, comes back, and is alone."""

from __future__ import annotations

import json
import shutil
import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.catalogue import HOSTILE, HOSTILE_MAKER
from tests.e2e.conftest import Open, serving


def ready(page: Page) -> None:
    """Wait until the server knows who is here."""
    expect(page.get_by_role("textbox", name="Message")).to_be_enabled()


def say(page: Page, message: str) -> None:
    """Type a message, send it with Enter and wait until the answer is whole."""
    box = page.get_by_role("textbox", name="Message")
    box.fill(message)
    box.press("Enter")
    expect(page.locator("#transcript .user-row").last).to_contain_text(message)
    answered(page)


def answered(page: Page) -> None:
    """Wait until nothing is being worked on: the last word is the assistant's, no card is busy."""
    expect(page.locator("#transcript .message-row").last).to_have_class(_bot())
    expect(page.locator(".status.on")).to_have_count(0)
    expect(page.locator('[aria-busy="true"]')).to_have_count(0)


def _bot() -> object:
    import re

    return re.compile(r"\bbot-row\b")


def cards(page: Page) -> Locator:
    return page.locator(".card")


def ids(page: Page) -> list[str]:
    return [str(c.get_attribute("data-id")) for c in cards(page).all()]


def years(page: Page) -> list[int]:
    return [int(text) for text in page.locator(".card .year").all_inner_texts()]


def test_the_server_says_that_it_is_well_and_keeps_the_page_to_itself(address: str) -> None:
    with urlopen(address + "health", timeout=60) as answer:
        assert json.load(answer) == {"status": "ok"}
    with urlopen(address, timeout=60) as answer:
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_person_asks_refines_likes_and_sees_the_slate_change(open_page: Open) -> None:
    page = open_page()
    expect(page.locator(".example").first).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()

    say(page, "a western")
    expect(cards(page).first).to_be_visible()
    assert all("Western" in text for text in page.locator(".card .facts").all_inner_texts())
    assert page.locator(".card .reason").count() > 0
    first = ids(page)

    say(page, "only from after 1990")
    assert years(page)
    assert min(years(page)) > 1989
    refined = ids(page)
    assert refined != first

    liked = cards(page).first
    title = str(liked.locator("h3 bdi").text_content())
    liked.get_by_role("button", name=f"Like: {title}").click()
    expect(page.locator("#transcript .user-row").last).to_contain_text(f"I like {title}")
    answered(page)
    assert ids(page)
    assert refined[0] not in ids(page)
    assert ids(page) != refined


def test_every_button_of_a_card_has_an_effect(open_page: Open) -> None:
    page = open_page()
    say(page, "a comedy")
    for label in ("Just not for me: ", "Seen it: ", "More like "):
        before = ids(page)
        title = str(cards(page).nth(1).locator("h3 bdi").text_content())
        if not label.startswith("More"):
            page.get_by_role("button", name="Not for me: " + title, exact=True).click()
        page.get_by_role("button", name=label + title, exact=True).click()
        heard = label.replace("Just not", "Not") + title
        expect(page.locator("#transcript .user-row").last).to_contain_text(heard)
        answered(page)
        assert before[1] not in ids(page)


def test_a_conversation_outlives_a_reload_and_a_new_one_ends_it(open_page: Open) -> None:
    page = open_page()
    example = page.locator(".example").first
    text = example.inner_text()
    example.click()
    expect(page.locator("#transcript .user-row").last).to_contain_text(text)
    answered(page)
    before = ids(page)
    page.reload()
    expect(page.locator("#transcript .user-row")).to_contain_text(text)
    expect(cards(page)).to_have_count(len(before))
    assert ids(page) == before
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".welcome.first")).to_be_visible()
    expect(page.locator("#transcript .message-row")).to_have_count(0)
    expect(cards(page)).to_have_count(0)


def test_two_visitors_do_not_see_one_another(open_page: Open) -> None:
    one, two = open_page(), open_page()
    say(one, "a western")
    say(two, "a musical")
    mine = ids(one)
    for page, own, other in ((one, "a western", "a musical"), (two, "a musical", "a western")):
        page.reload()
        expect(page.locator("#transcript .user-row")).to_have_count(1)
        expect(page.locator("#transcript .user-row")).to_contain_text(own)
        expect(page.locator("#transcript")).not_to_contain_text(other)
    expect(cards(one)).to_have_count(len(mine))
    assert ids(one) == mine
    stored = [page.evaluate("JSON.stringify(localStorage)") for page in (one, two)]
    assert stored[0] != stored[1]


def test_a_message_sent_while_another_is_answered_is_answered_next(open_page: Open) -> None:
    page = open_page()
    box = page.get_by_role("textbox", name="Message")
    said = ["a western", "a comedy instead"]
    for message in said:
        expect(box).to_have_value("")  # taken, and not yet answered: the line is for the next one
        box.fill(message)
        box.press("Enter")
    rows = page.locator("#transcript .user-row")
    expect(rows).to_have_text(said)
    answered(page)
    expect(box).to_have_value("")


def test_a_hostile_title_is_shown_as_text(open_page: Open) -> None:
    page = open_page()
    say(page, f"a musical by {HOSTILE_MAKER}")
    expect(cards(page).first.locator("h3 bdi")).to_have_text(HOSTILE)
    page.locator(".card .press.more_like").first.click()
    expect(page.locator("#transcript .user-row").last).to_contain_text(HOSTILE)
    answered(page)
    assert page.title() == "Palate"
    assert page.locator("#slate img, #transcript img").count() == 0


def test_a_card_can_be_pressed_with_the_keyboard_alone(open_page: Open) -> None:
    page = open_page()
    say(page, "a crime film")
    button = cards(page).first.locator(".press.more_like")
    button.focus()
    outline = button.evaluate("e => getComputedStyle(e).outlineStyle")
    page.keyboard.press("Enter")
    expect(page.locator("#transcript .user-row").last).to_contain_text("More like")
    answered(page)
    assert outline == "solid"


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 800, "light"), (390, 844, "dark")])
def test_cards_and_the_line_to_write_in_stay_in_sight(
    open_page: Open, width: int, height: int, scheme: str
) -> None:
    page = open_page(width, height, color_scheme=scheme)
    for message in ("a western", "a comedy instead", "something from the 1980s"):
        say(page, message)
    expect(cards(page).first).to_be_in_viewport(ratio=0.9)
    expect(page.get_by_role("textbox", name="Message")).to_be_in_viewport(ratio=1)
    expect(page.locator("#transcript .message-row").last).to_be_in_viewport()
    wide, tall = page.evaluate("[document.body.scrollWidth, document.body.scrollHeight]")
    assert wide <= width
    assert tall <= height


def test_a_stream_that_is_still_open_lets_the_service_end_in_order(
    home: Path, tmp_path: Path
) -> None:
    with ExitStack() as open_, serving(shutil.copytree(home, tmp_path / "home")) as address:
        place = urlsplit(address)
        stream = open_.enter_context(socket.create_connection((place.hostname, place.port)))
        asked = f"GET /gradio_api/heartbeat/idle HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n"
        stream.sendall(asked.encode())
        assert b" 200 OK" in stream.recv(200)
