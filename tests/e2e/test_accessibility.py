"""What axe-core finds on the page, in every state that a person can open, narrow and wide."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.test_chat import cards, ready, say

axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
)


def found(page: Page) -> list[str]:
    """What axe-core holds against the page, but for what it calls minor or moderate."""
    violations = axe.Axe().run(page).response["violations"]
    return [
        f"{v['id']}: {n['target']}"
        for v in violations
        if v["impact"] in ("serious", "critical")
        for n in v["nodes"]
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_no_state_of_the_page_shuts_anybody_out(open_page: Open, width: int, scheme: str) -> None:
    page = open_page(width, 780, color_scheme=scheme, reduced_motion="reduce")
    ready(page)
    expect(page.locator(".tile").first).to_be_visible()
    assert found(page) == []
    say(page, "a western, I hate horror")
    assert found(page) == []
    cards(page).first.locator(".presses .dislike").click()
    assert found(page) == []
    page.keyboard.press("Escape")
    for name in ("talks", "profile", "settings"):
        page.locator(f'#tools [data-ask="{name}"]').click()
        expect(page.locator(f".sheet.{name}")).to_be_visible()
        assert found(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("Escape")
        expect(page.locator(".sheet")).to_be_hidden()
    cards(page).first.locator(".reason").click()
    expect(page.locator(".sheet.why")).to_be_visible()
    assert found(page) == []
    page.keyboard.press("Escape")
    for n in (0, 1):
        cards(page).nth(n).locator(".compare").click()
    page.locator(".tray [data-ask]").click()
    expect(page.locator(".sheet.compare")).to_be_visible()
    assert found(page) == []
