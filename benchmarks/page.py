"""How soon the page is there and answers, and whether twenty people on it stay apart.

    python -m benchmarks.page speed --home DIR [--rounds 12]
    python -m benchmarks.page crowd --home DIR [--browsers 2] [--clients 18] [--turns 10]
        [--pause 0]

Each copies the workspace, serves the copy by ``palate serve`` without a model and warms it up.
``speed`` opens the page in headless Chromium with a fresh profile each round: first paint and the
moment at which a message can be typed, from the start of the navigation; then, from the press of
Enter, the first word of the answer and the first card. ``crowd`` lets browsers and programs (by the
protocol of the page's own endpoint) talk at once. Each asks for the films of three years
that are nobody else's: a card of another year, on any turn, is cross-talk. ``pause`` is the seconds
for which each looks at an answer before the next message.
"""

from __future__ import annotations

import argparse
import json
import re
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.service import Client, served

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PATIENCE = 60_000.0
OPENING = "a film from {low} to {high}"
FOLLOWING = ("others please", "something lighter", "others please", "better rated ones")

PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
WATCH = """
() => {
  window.seen = {};
  const said = () => document.querySelectorAll('#transcript .user-row').length;
  const before = said();
  const look = () => {
    const now = performance.now();
    const last = [...document.querySelectorAll('#transcript .message-row')].pop();
    const status = document.querySelector('.status.on');
    if (!seen.status && status && status.innerText.trim()) seen.status = now;
    if (!seen.word && said() > before && last.classList.contains('bot-row')
        && last.innerText.trim()) seen.word = now;
    const card = document.querySelector('.card');
    if (!seen.card && card && card.dataset.id !== window.first) seen.card = now;
    if (!seen.word || !seen.card) requestAnimationFrame(look);
  };
  window.first = document.querySelector('.card')?.dataset.id;
  document.addEventListener('keydown', e => {
    if (e.key === 'Enter') { seen.start = performance.now(); look(); }
  }, {capture: true, once: true});
}
"""


@contextmanager
def browser_page(width: int = 1280) -> Iterator[Page]:
    """A page of a fresh browser profile, not yet opened."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
        page.set_default_timeout(PATIENCE)
        yield page
        browser.close()


def answered(page: Page) -> None:
    """Wait until nothing is being worked on."""
    last = page.locator("#transcript .message-row").last
    expect(last).to_have_class(re.compile(r"\bbot-row\b"), timeout=PATIENCE)
    expect(page.locator(".status.on")).to_have_count(0, timeout=PATIENCE)


def say(page: Page, message: str) -> None:
    """Type a message, send it with Enter and wait until the answer is whole."""
    box = page.get_by_role("textbox", name="Message")
    box.fill(message)
    box.press("Enter")
    expect(page.locator("#transcript .user-row").last).to_contain_text(message, timeout=PATIENCE)
    answered(page)


def one_round(address: str) -> dict[str, float]:
    """Milliseconds of one visit."""
    found: dict[str, float] = {}
    with browser_page() as page:
        page.goto(f"http://{address}/", wait_until="commit")
        box = page.get_by_role("textbox", name="Message")
        expect(box).to_be_enabled(timeout=PATIENCE)
        found["ready"] = page.evaluate("performance.now()")
        found["first paint"] = page.evaluate(PAINT)
        for name, message in (("first", "a heist film, nothing gory"), ("next", "newer")):
            page.evaluate(WATCH)
            box.fill(message)
            box.press("Enter")
            page.wait_for_function("() => window.seen.word && window.seen.card")
            seen = page.evaluate("window.seen")
            answered(page)
            for what in ("status", "word", "card"):
                if what in seen:
                    found[f"{name} message: {what}"] = seen[what] - seen["start"]
    return found


def speed(asked: argparse.Namespace) -> None:
    """Print medians and the 95th percentile over the rounds."""
    with served(asked.home, PALATE_LLM="none") as (address, _, _copy):
        one_round(address)
        rounds = [one_round(address) for _ in range(asked.rounds)]
    print("| what | median, ms | p95, ms |\n|---|---:|---:|")
    for what in sorted({name for r in rounds for name in r}):
        told = sorted(r[what] for r in rounds if what in r)
        print(f"| {what} | {told[len(told) // 2]:.0f} | {told[int(0.95 * len(told))]:.0f} |")


@dataclass
class Told:
    """What one of the crowd saw: seconds of its turns, cards, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    cards: int = 0
    wrong: list[str] = field(default_factory=list)

    def check(self, years: list[int], low: int) -> None:
        """Hold what was shown to the years that were asked for."""
        self.cards += len(years)
        foreign = [y for y in years if not low <= y <= low + 2]
        if foreign:
            self.wrong.append(f"asked for {low} to {low + 2}, was shown {foreign}")


def messages(low: int, turns: int) -> list[str]:
    """What one person says."""
    first = OPENING.format(low=low, high=low + 2)
    return [first, *(FOLLOWING[n % len(FOLLOWING)] for n in range(turns - 1))]


def by_program(address: str, low: int, turns: int, pause: float = 0.0) -> Told:
    """A conversation by Gradio's own protocol, with a client that is as cheap as can be."""
    told, client, session = Told(), Client(address), ""
    mine = secrets.token_hex(8)
    for message in messages(low, turns):
        began = time.perf_counter()
        body = {"data": [message, session], "session_hash": mine}
        _, event = client.ask("POST", "/gradio_api/call/reply", body)
        path = f"/gradio_api/call/reply/{json.loads(event)['event_id']}"
        status, stream = client.ask("GET", path)
        told.seconds.append(time.perf_counter() - began)
        name, _, data = stream.decode().strip().rpartition("\n\n")[2].partition("\ndata: ")
        if status != 200 or name != "event: complete":
            told.wrong.append(f"{status}: {stream[-200:]!r}")
            continue
        (reply,) = json.loads(data)
        session = reply["session"]
        told.check([int(card["year"]) for card in reply["cards"]], low)
        time.sleep(pause)
    return told


def by_hand(address: str, low: int, turns: int, pause: float = 0.0) -> Told:
    """A conversation in a browser."""
    told = Told()
    with browser_page() as page:
        page.on("pageerror", lambda error: told.wrong.append(f"script: {error}"))
        page.on(
            "console",
            lambda m: told.wrong.append(f"console: {m.text}") if m.type == "error" else None,
        )
        page.goto(f"http://{address}/")
        expect(page.get_by_role("textbox", name="Message")).to_be_enabled(timeout=PATIENCE)
        for message in messages(low, turns):
            began = time.perf_counter()
            say(page, message)
            told.seconds.append(time.perf_counter() - began)
            shown = page.locator(".card .year").all_inner_texts()
            told.check([int(text) for text in shown], low)
            time.sleep(pause)
    return told


def crowd(asked: argparse.Namespace) -> None:
    """Let all talk at once; print how long their turns took and what went wrong."""
    people = [by_hand] * asked.browsers + [by_program] * asked.clients
    with (
        served(asked.home, PALATE_LLM="none") as (address, _, _copy),
        ThreadPoolExecutor(len(people)) as pool,
    ):
        for talk in (by_program, by_hand):  # what is loaded at the first use is loaded now
            talk(address, 1947, 3)
        began = time.perf_counter()
        talks = [
            pool.submit(talk, address, 1950 + 3 * n, asked.turns, asked.pause)
            for n, talk in enumerate(people)
        ]
        told = [talk.result() for talk in talks]
        took = time.perf_counter() - began
    for name, kind in (("browsers", told[: asked.browsers]), ("programs", told[asked.browsers :])):
        seconds = sorted(s for t in kind for s in t.seconds)
        if seconds:
            print(f"{name}: {len(seconds)} turns, median {seconds[len(seconds) // 2]:.2f} s, "
                  f"p95 {seconds[int(0.95 * len(seconds))]:.2f} s, "
                  f"longest {seconds[-1]:.2f} s")  # fmt: skip
    wrong = [w for t in told for w in t.wrong]
    print(f"{sum(t.cards for t in told)} cards in {took:.0f} s; wrong: {len(wrong)}")
    for line in wrong[:20]:
        print(line)


def main() -> None:
    """Run one measurement."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["speed", "crowd"])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--browsers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=18)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--pause", type=float, default=0.0)
    asked = parser.parse_args()
    {"speed": speed, "crowd": crowd}[asked.what](asked)


if __name__ == "__main__":
    main()
