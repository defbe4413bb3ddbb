"""Choosing: first picks, reasons against a card, the list, side by side, constraints as chips."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.test_chat import answered, cards, ids, ready, say


def open_sheet(page: Page, name: str) -> None:
    page.locator(f'#tools [data-ask="{name}"]').click()
    expect(page.locator(f".sheet.{name}")).to_be_visible()


def close_sheet(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.locator(".sheet")).to_be_hidden()


def test_a_newcomer_s_first_picks_are_used_at_once(open_page: Open) -> None:
    page = open_page()
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(10)
    picked = [str(tiles.nth(n).get_attribute("data-item")) for n in range(5)]
    for n in range(5):
        tiles.nth(n).click()
    expect(page.locator(".use p")).to_have_text("5 chosen")
    page.get_by_role("button", name="Show me more like these").click()
    expect(cards(page).first).to_be_visible()
    answered(page)
    assert not set(picked) & set(ids(page))
    open_sheet(page, "profile")
    expect(page.locator('[data-ask="remove"]')).to_have_count(5)
    close_sheet(page)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".welcome.first")).to_be_visible()
    expect(tiles).to_have_count(0)


def test_a_reason_against_a_card_becomes_a_constraint_and_its_chip_lifts_it(
    open_page: Open,
) -> None:
    page = open_page()
    say(page, "a western")
    expect(page.locator(".want")).to_have_text(["Western"])
    first = cards(page).first
    title = str(first.locator("h3 bdi").text_content())
    first.locator(".presses .dislike").click()
    expect(first.locator(".whynot button.chip").first).to_be_focused()
    reason = first.locator(".whynot [data-because^='not:']").first
    said = reason.inner_text()
    reason.click()
    expect(page.locator("#transcript .user-row").last).to_contain_text(title)
    expect(page.locator("#transcript .user-row").last).to_contain_text(said, ignore_case=True)
    answered(page)
    expect(page.locator(".want")).to_have_count(2)
    page.locator(".want").first.click()
    answered(page)
    expect(page.locator(".want")).to_have_count(1)
    expect(page.locator("#transcript .user-row").last).to_contain_text("Western")
    say(page, "a comedy")
    expect(page.locator(".wants")).to_contain_text("Comedy")


def test_what_is_saved_stays_on_the_list_and_what_is_hidden_stays_away(open_page: Open) -> None:
    page = open_page()
    say(page, "a crime film")
    save = cards(page).first.locator(".save")
    title = str(cards(page).first.locator("h3 bdi").text_content())
    save.click()
    expect(save).to_have_attribute("aria-pressed", "true")
    key = ids(page)[1]
    hidden = page.locator(f'.card[data-id="{key}"]')
    for step in ("undo", "stay"):
        hidden.locator(".presses .dislike").click()
        hidden.get_by_role("button", name=re.compile("^Hide it")).click()
        expect(page.locator(".card.gone")).to_be_visible()
        if step == "undo":
            page.locator(".card.gone button").click()
            expect(page.locator(".card.gone")).to_have_count(0)
            expect(hidden).to_be_visible()
    page.reload()
    expect(cards(page).first).to_be_visible()
    assert key not in ids(page)
    open_sheet(page, "profile")
    unsave = page.get_by_role("button", name=f"Take off the list: {title}")
    expect(unsave).to_be_visible()
    unsave.click()
    expect(unsave).to_have_count(0)


def test_cards_are_compared_and_explained_over_the_page(open_page: Open) -> None:
    page = open_page()
    say(page, "a comedy")
    for n in (0, 1, 2):
        cards(page).nth(n).locator(".compare").click()
    expect(page.locator(".tray p")).to_have_text("3 chosen")
    page.locator(".tray").get_by_role("button", name="Compare").click()
    sheet = page.get_by_role("dialog", name="Side by side")
    expect(sheet.locator("thead th")).to_have_count(4)
    assert sheet.locator("tr.differs").count() > 0
    close_sheet(page)
    expect(page.locator(".tray [data-ask]")).to_be_focused()
    reason = cards(page).first.locator(".reason")
    reason.click()
    expect(page.locator(".sheet.why .claims li").first).to_be_visible()
    page.locator(".sheet").get_by_role("button", name="Close").click()
    expect(page.locator(".sheet")).to_be_hidden()
    expect(reason).to_be_focused()


def test_beliefs_are_read_changed_and_everything_can_be_erased(open_page: Open) -> None:
    page = open_page()
    say(page, "I hate horror")
    open_sheet(page, "profile")
    belief = page.locator(".beliefs li")
    expect(belief).to_contain_text("You do not like Horror")
    belief.locator('[data-ask="pin"]').click()
    expect(belief).to_contain_text("Pinned")
    expect(belief.locator('[data-ask="weaken"]')).to_be_visible()
    belief.locator('[data-do="edit"]').click()
    belief.get_by_role("textbox").fill("I hate musicals")
    belief.get_by_role("textbox").press("Enter")
    expect(page.locator("#transcript .user-row").last).to_contain_text("I hate musicals")
    answered(page)
    open_sheet(page, "profile")
    expect(belief).to_have_count(1)
    expect(belief).to_contain_text("You do not like Musical")
    with page.expect_download() as saved:
        page.locator('[data-ask="download"]').click()
    assert saved.value.suggested_filename == "palate.json"
    page.locator('[data-ask="sure"]').click()
    page.locator('[data-leave="erase"]').click()
    expect(page.locator(".welcome.first")).to_be_visible()
    open_sheet(page, "profile")
    expect(belief).to_have_count(0)


def test_messages_are_edited_taken_back_and_conversations_taken_up_again(open_page: Open) -> None:
    page = open_page()
    say(page, "a western")
    first = ids(page)
    say(page, "only from after 1990")
    page.locator("#transcript").get_by_role("button", name="Undo").click()
    rows = page.locator("#transcript .user-row")
    expect(rows).to_have_count(1)
    expect(page.get_by_role("textbox", name="Message")).to_have_value("only from after 1990")
    assert ids(page) == first
    rows.hover()
    page.locator("#transcript").get_by_role("button", name="Edit").click()
    page.locator("#transcript textarea").fill("a musical")
    page.locator("#transcript").get_by_role("button", name="Submit").click()
    expect(rows).to_have_text(["a musical"])
    answered(page)
    expect(page.locator(".want")).to_have_text(["Musical"])
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".welcome.first")).to_be_visible()
    say(page, "a comedy")
    open_sheet(page, "talks")
    expect(page.locator(".sheet .entry")).to_have_count(2)
    with page.expect_download() as saved:
        page.locator('[data-ask="export"]').first.click()
    assert "a comedy" in saved.value.path().read_text(encoding="utf-8")
    page.get_by_role("button", name="Delete: a comedy").click()
    expect(page.locator(".welcome.first")).to_be_visible()
    open_sheet(page, "talks")
    page.locator(".sheet .entry").click()
    expect(rows).to_have_text(["a musical"])


def test_a_private_conversation_leaves_nothing(open_page: Open) -> None:
    page = open_page()
    ready(page)
    open_sheet(page, "talks")
    page.get_by_role("button", name="Start a private one").click()
    expect(page.locator(".pill")).to_be_visible()
    say(page, "I hate horror")
    expect(page.locator(".card .save")).to_have_count(0)
    open_sheet(page, "profile")
    expect(page.locator(".beliefs li")).to_have_count(0)
    close_sheet(page)
    open_sheet(page, "talks")
    expect(page.locator(".sheet .entry")).to_have_count(0)


def test_the_keyboard_alone_is_enough(open_page: Open) -> None:
    page = open_page()
    say(page, "a western")
    cards(page).first.focus()
    page.keyboard.press("ArrowRight")
    expect(cards(page).nth(1)).to_be_focused()
    page.keyboard.press("s")
    expect(cards(page).nth(1).locator(".save")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    cards(page).nth(1).focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    close_sheet(page)
    expect(cards(page).nth(1)).to_be_focused()
    page.keyboard.press("/")
    box = page.get_by_role("textbox", name="Message")
    expect(box).to_be_focused()
    box.type("one")
    box.press("Shift+Enter")
    box.type("two")
    expect(box).to_have_value("one\ntwo")


def test_colours_size_and_language_are_kept(open_page: Open) -> None:
    page = open_page(color_scheme="light")
    ready(page)
    open_sheet(page, "settings")
    page.get_by_role("button", name="Dark").click()
    page.get_by_role("button", name="Largest").click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("button", name="Neues Gespräch")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Neues Gespräch")).to_be_visible()
    expect(page.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert page.evaluate("document.documentElement.style.getPropertyValue('--s')") == "1.3"


def test_two_tabs_of_one_conversation_meet_again(open_page: Open) -> None:
    page = open_page()
    say(page, "a western")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#transcript .user-row")).to_have_count(1)
    say(other, "only from after 1990")
    page.bring_to_front()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#transcript .user-row")).to_have_count(2)
    assert ids(page) == ids(other)


def test_a_turn_can_be_stopped_and_the_page_goes_on(open_page: Open) -> None:
    page = open_page()
    say(page, "a western")
    page.evaluate(
        """() => new MutationObserver((_, watch) => {
          const stop = document.querySelector('.stop');
          if (stop) { watch.disconnect(); stop.click(); window.stopped = true; }
        }).observe(document.querySelector('#status'), { childList: true, subtree: true })"""
    )
    box = page.get_by_role("textbox", name="Message")
    box.fill("only from after 1990")
    box.press("Enter")
    page.wait_for_function("window.stopped")
    answered(page)
    # It was stopped in time, and the message is back, or it was answered already.
    rows = page.locator("#transcript .user-row")
    expect(page.locator(".notice")).to_have_count(2 - rows.count())
    expect(box).to_have_value("only from after 1990" if rows.count() == 1 else "")
    box.fill("")
    say(page, "a comedy")
    expect(page.locator(".wants")).to_contain_text("Comedy")
