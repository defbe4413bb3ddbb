"""Whatever a listing holds is text wherever it comes out: page, terminal, JSON, CSV, log."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from assistant.conversations import Talk
from assistant.showcase import Comparison
from assistant.types import Card, Claim, Finished, SessionId, Want
from retrieval.evaluation.page import _table
from retrieval.rejects import Rejects
from tests.ui.values import card, reply
from ui import cards, screen, sheets, slate
from ui.cards import Marks
from ui.cli.failures import say
from ui.cli.output import card_json, emit
from ui.paint import bubbles
from ui.screen import Screen
from ui.terminal import print_cards, print_chips, print_reply

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<a href='javascript:alert(1)'>x</a>",
    "![x](https://outside.example/p.png?q=1)",
    "[x](javascript:alert(1))",
    "# Heading\n\n* list\n\n```\ncode",
    "$$\\href{javascript:alert(1)}{x}$$",
    "{{constructor.constructor('alert(1)')()}} ${7*7} <%= 7*7 %>",
    "\x1b]8;;https://outside.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[31mred\x07\x9b31m",
    "\u202egnp.exe\u2066x\u2069\u200f",
    "a\rb\x00c\x08d\x7f",
    "[link=https://outside.example]x[/link][bold red]y[/]",
    "=HYPERLINK(\"https://outside.example\")",
    "&lt;script&gt;&#60;b&#62;",
    "<!-- --><svg/onload=alert(1)>",
    "</style><style>@import 'https://outside.example'</style>",
)  # fmt: skip
IMAGES = (
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https://outside.example/pixel.gif",
    "//outside.example/pixel.gif",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/svg+xml;base64,PHN2Zz4=",
    "data:image/png;base64,AAAA' onerror='x",
    "data:image/png;base64,AAAA\n",
)
TEXTS = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE), st.sampled_from(IMAGES))
SAFE_ATTRIBUTES = {
    "class", "data-id", "data-act", "data-ask", "data-do", "data-item", "data-because",
    "aria-label", "aria-hidden", "aria-pressed", "aria-expanded", "tabindex", "hidden", "title",
    "style",
    "type", "role", "src", "alt", "viewbox", "d", "fill", "stroke", "stroke-width", "width",
    "height", "stroke-linecap", "stroke-linejoin", "cx", "cy", "r", "points", "x", "y", "focusable",
    "x1", "x2", "y1", "y2", "rx", "ry",
}  # fmt: skip

PAINT = re.compile(r"--dark:#\w{6};--light:#\w{6};--angle:\d+deg;--at:\d+%(?:;--size:[\d.]+)?")


class Page(HTMLParser):
    """The skeleton of a piece of HTML: elements and names of attributes; and what is linked to."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.skeleton: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.styles: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skeleton.append((tag, tuple(name for name, _ in attrs)))
        self.links += [v or "" for name, v in attrs if name in ("src", "href", "action")]
        self.styles += [v or "" for name, v in attrs if name == "style"]

    def handle_comment(self, data: str) -> None:
        self.skeleton.append(("!--", ()))

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile_card(*texts: str) -> Card:
    """A card all of whose words come from these texts."""
    a, b, c, d = texts
    return card(
        a or "k", title=b or "t", year=c, price=d, image=c, tones=(d, a),
        facts=((a or "f", d or "v"), (b or "g", c or "w")),
        reasons=(Claim(kind="fact", text=d or "r"),), available=False,
    )  # fmt: skip


def tame(wild: Card) -> Card:
    """A card with words in the same places, and none that could do anything."""

    def word(text: str, *, shown: bool = True) -> str:
        return "x" if text and shown else ""

    return card(
        "x", title="x", year=word(wild.year), price=word(wild.price),
        facts=tuple(("x", "x") for _ in wild.facts), reasons=(Claim(kind="fact", text="x"),),
        available=False,
    )  # fmt: skip


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_a_card_of_any_text_has_the_elements_of_a_plain_one_and_links_nowhere(
    a: str, b: str, c: str, d: str
) -> None:
    wild = hostile_card(a, b, c, d)
    page = Page(cards.card_html(wild, 1, marks=Marks(against=((a, b or "y"),))))
    plain = Page(cards.card_html(tame(wild), 1, marks=Marks(against=(("x", "x"),))))
    assert [tag for tag, _ in page.skeleton] == [tag for tag, _ in plain.skeleton]
    assert {name for _, names in page.skeleton for name in names} <= SAFE_ATTRIBUTES
    assert page.links == []
    assert all(PAINT.fullmatch(style) for style in page.styles)


@pytest.mark.parametrize("image", IMAGES)
def test_no_picture_is_fetched_from_anywhere(image: str) -> None:
    assert Page(cards.card_html(card(image=image), 1)).links == []


@given(TEXTS, TEXTS)
def test_the_transcript_is_text_whatever_is_said(a: str, b: str) -> None:
    now = screen.asked(Screen(visitor="v", session=SessionId("s")), a)  # type: ignore[arg-type]
    now = screen.fold(now, Finished(reply=reply(b)))
    for bubble in bubbles(now):
        assert Page(bubble["content"]).skeleton == []


@given(TEXTS)
def test_chips_and_notices_have_their_own_elements_alone(text: str) -> None:
    for made in (slate.chips_html, lambda said: slate.notice_html(said[0]), wanted):
        plain = Page(made(("x",))).skeleton
        assert Page(made((text or "x",))).skeleton == plain


def wanted(said: tuple[str, ...]) -> str:
    """What counts, as chips to be removed."""
    return slate.wants_html([Want(text=text) for text in said])


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_what_opens_over_the_page_has_its_own_elements_alone(
    a: str, b: str, c: str, d: str
) -> None:
    wild = hostile_card(a, b, c, d)

    def opened(one: Card, text: str) -> list[str]:
        talk = Talk(session=SessionId("s"), title=text, at=1.7e9)
        side = Comparison(cards=(one, one), rows=((text, (text, text), True),))
        return [
            sheets.why_html(one, labels={}, titles={}, parts={"taste": 0.5}),
            sheets.compare_html(side),
            sheets.talks_html([talk], SessionId("s")),
        ]

    for html, plain in zip(opened(wild, a or "x"), opened(tame(wild), "x"), strict=True):
        page = Page(html)
        assert [tag for tag, _ in page.skeleton] == [tag for tag, _ in Page(plain).skeleton]
        assert page.links == []


def harmless(written: str) -> bool:
    """Whether nothing in it steers a terminal, but line breaks and the styles that rich writes."""
    rest = re.sub(r"\x1b\[[0-9;]*m", "", written)
    turning = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
    return not any((unicodedata.category(c) == "Cc" and c != "\n") or c in turning for c in rest)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_a_terminal_is_steered_by_no_text_and_no_markup_of_it_is_read(
    a: str, b: str, c: str, d: str
) -> None:
    out = Console(file=io.StringIO(), width=200, force_terminal=True, color_system="standard")
    print_cards(out, (hostile_card(a, b, c, d),))
    print_reply(out, a)
    print_chips(out, (b, c))
    assert isinstance(out.file, io.StringIO)
    assert harmless(out.file.getvalue())


@pytest.mark.parametrize("text", [*HOSTILE, "\udc80 alone", "e\u0301 👩\u200d🚀 \U000e0041"])
def test_json_is_one_line_and_gives_the_text_back(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    emit({"items": [card_json(card(title=text))]})
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert harmless(said)
    assert json.loads(said)["items"][0]["title"] == text


@pytest.mark.parametrize("text", HOSTILE)
def test_an_error_is_one_harmless_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(f'there is no item "{text}"')
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert harmless(said)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_table_of_the_report_is_text(text: str) -> None:
    plain = Page(_table(["x"], [["x"]])).skeleton
    page = Page(_table([text], [[text]]))
    assert page.skeleton == plain


@pytest.mark.parametrize(
    "cell", ["=1+1", "+x", "-x", "@x", "\t=1", "\r=1", " =1", "=cmd|'/c x'!A0"]
)
def test_a_cell_of_the_rejects_is_run_by_no_spreadsheet(cell: str, tmp_path: Path) -> None:
    with Rejects(tmp_path / "rejects.csv", (cell,)) as rejects:
        rejects.reject(1, 1, "x", {cell: cell})
    with (tmp_path / "rejects.csv").open(encoding="utf-8", newline="") as file:
        written = [row[4] for row in csv.reader(file)]
    assert len(written) == 2
    assert all(text.startswith("'") for text in written)
