"""The owner logs in, brings a catalogue, builds it, tries it and sees how the conversations go."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Open, serving, watched
from tests.e2e.test_accessibility import found
from tests.e2e.test_chat import cards, ready, say
from ui.login import hash_password, keep_hash

PASSWORD = "a fine old password"


@pytest.fixture
def owned(home: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a server whose workspace is its own and has a password."""
    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    keep_hash(copy, hash_password(PASSWORD))
    with serving(copy) as address:
        yield address


@pytest.fixture
def profile(browser: Browser, owned: str) -> Iterator[Open]:
    with watched(browser, owned) as made:
        yield made


def write_films(path: Path) -> None:
    """Forty films, and on line 41 one without a title."""
    with path.open("w", encoding="utf-8") as out:
        out.write("id,title,year,genres,overview\n")
        for n in range(39):
            genre = ("Western", "Crime", "Comedy")[n % 3]
            said = f"A {genre.lower()} about a lighthouse and its keeper number {n}."
            out.write(f"n{n},The Lighthouse {n},{1960 + n},{genre},{said}\n")
        out.write("n39,,1999,Western,A western without a name.\n")


def fits(page: Page, width: int) -> None:
    """Nobody is shut out, and nothing hangs over the edge."""
    assert found(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def enter(page: Page, address: str) -> None:
    page.goto(f"{address}owner")
    expect(page).to_have_url(f"{address}owner/login")
    page.get_by_label("The owner's password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="How it is doing")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_from_the_login_to_the_figures(
    profile: Open, owned: str, tmp_path: Path, width: int, scheme: str
) -> None:
    visitor = profile()
    visitor.goto(owned)
    ready(visitor)
    say(visitor, "a western")
    expect(cards(visitor).first).to_be_visible()
    assert "owner" not in visitor.content().lower().replace("owned", "")

    write_films(tmp_path / "films.csv")
    rating = "user_id,item_id,rating,timestamp\nann,n1,5,1600000000\nann,nowhere,5,1600000001\n"
    (tmp_path / "events.csv").write_text(rating, encoding="utf-8")
    page = profile(width, 900, color_scheme=scheme)
    page.goto(f"{owned}owner")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    fits(page, width)
    enter(page, owned)
    fits(page, width)
    page.get_by_role("link", name="Catalogue").click()
    page.get_by_label("Catalogue", exact=True).set_input_files(tmp_path / "films.csv")
    page.get_by_label("Events", exact=True).set_input_files(tmp_path / "events.csv")
    page.get_by_role("button", name="Show what they hold").click()

    preview = page.locator("#preview")
    expect(preview).to_be_visible()
    expect(preview.get_by_role("row", name="genres facet")).to_contain_text("Western")
    expect(preview.get_by_role("row", name="overview text")).to_be_visible()
    refused = page.locator("#refused").get_by_role("row")
    expect(refused.filter(has_text="41")).to_contain_text("missing title")
    expect(refused.filter(has_text="nowhere")).to_contain_text("unknown item")
    fits(page, width)

    page.get_by_label("300 items that these files lack will no longer be shown").check()
    page.get_by_role("button", name="Build and serve").click()
    expect(page.get_by_role("heading", name="Built and served")).to_be_visible()
    page.get_by_label("What a visitor might ask for").fill("a western from the sixties")
    page.get_by_role("button", name="Recommend").click()
    expect(page.locator(".found li").first).to_contain_text("The Lighthouse")
    fits(page, width)

    say(visitor, "something with a lighthouse, a comedy")
    expect(cards(visitor).first).to_contain_text("The Lighthouse")
    page.get_by_role("link", name="Figures").click()
    tiles = page.locator(".tiles > div").first
    expect(tiles).to_contain_text(re.compile(r"[1-9]\d* conversations?, [1-9]\d* visitors?"))
    expect(page.locator("svg.plot").first).to_be_visible()
    expect(page.get_by_role("rowheader", name="understand")).to_be_visible()
    fits(page, width)
    with page.expect_download() as got:
        page.get_by_role("link", name="CSV of the stages").click()
    table = got.value.path().read_text(encoding="utf-8").splitlines()
    assert table[0] == "stage,turns,median_seconds,p95_seconds"
    assert re.match(r"understand,[1-9]\d*,", table[1])

    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    page.goto(f"{owned}owner")
    expect(page).to_have_url(f"{owned}owner/login")


def test_a_page_without_scripts_does_it_too(profile: Open, owned: str, tmp_path: Path) -> None:
    write_films(tmp_path / "films.csv")
    page = profile(java_script_enabled=False)
    enter(page, owned)
    page.get_by_role("link", name="Catalogue").click()
    page.get_by_label("Catalogue", exact=True).set_input_files(tmp_path / "films.csv")
    page.get_by_role("button", name="Show what they hold").click()
    expect(page.locator("#preview")).to_be_visible()
    page.get_by_role("button", name="Give these files up").click()
    expect(page.locator("#preview")).to_be_hidden()
