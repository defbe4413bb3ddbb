"""Cards as HTML: everything a person needs, nothing a stranger wrote gets to act."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from assistant.types import Want
from tests.ui.values import card
from ui import cards, onboarding, slate

HOSTILE = "</h3><script>alert(1)</script><img src=x onerror='alert(2)'>\" onclick=\"alert(3)"


class Page(HTMLParser):
    """The elements of a piece of HTML with their attributes, and all of its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_a_hostile_item_adds_no_element_and_no_attribute() -> None:
    tame = card("a", title="x", year="x", price="x", facts=(("x", "x"),), available=False)
    wild = card(
        HOSTILE,
        title=HOSTILE,
        year=HOSTILE,
        price=HOSTILE,
        facts=((HOSTILE, HOSTILE),),
        available=False,
    )
    expected, found = Page(cards.card_html(tame, 1)), Page(cards.card_html(wild, 1))
    assert [(tag, set(a)) for tag, a in found.elements] == [
        (tag, set(a)) for tag, a in expected.elements
    ]
    assert HOSTILE in found.text


def test_hostile_suggestions_status_and_notices_are_text() -> None:
    for html in (
        slate.chips_html((HOSTILE,)),
        onboarding.welcome_html((HOSTILE,), nouns=HOSTILE),
        slate.status_html(HOSTILE, done=1, total=2),
        slate.notice_html(HOSTILE),
    ):
        page = Page(html)
        assert HOSTILE in page.text
        assert not page.named("script")
        assert not page.named("img")


def test_every_button_is_a_button_with_a_label_that_names_the_item() -> None:
    buttons = Page(cards.card_html(card("7", "Night Ferry"), 1)).named("button")
    acts = [b["data-act"] for b in buttons if "data-act" in b]
    assert acts == ["like", "more_like", "dislike", "seen"]
    assert [b["data-ask"] for b in buttons if "data-ask" in b] == ["why", "save", "hide"]
    named = [b for b in buttons if b.get("class") != "reason" and b["aria-label"] != "Close"]
    assert all("Night Ferry" in str(b["aria-label"]) for b in named)
    assert {b["data-item"] for b in buttons if "data-item" in b} == {"7"}
    assert {b["type"] for b in buttons} == {"button"}


def test_an_id_is_sent_back_exactly_as_it_is() -> None:
    odd = ' a  "b"\t<c>&amp; '
    buttons = Page(cards.card_html(card(odd), 1)).named("button")
    assert {b["data-item"] for b in buttons if "data-item" in b} == {odd}


def test_what_cannot_be_had_says_so() -> None:
    assert "Not available" in cards.card_html(card(available=False), 1)
    assert "Not available" not in cards.card_html(card(), 1)


def test_price_year_facts_and_reason_are_on_the_card() -> None:
    text = Page(cards.card_html(card(price="€589"), 3)).text
    for said in ("3", "The Long Harbour", "1998", "€589", "Crime, Drama", "By Iris Maddox"):
        assert said in text


@pytest.mark.parametrize(
    "image",
    [
        "https://elsewhere.example/poster.jpg",
        "//elsewhere.example/poster.jpg",
        "data:image/svg+xml;base64,PHN2Zz4=",
        'data:image/png;base64,AAAA" onerror="x',
        "javascript:alert(1)",
        "",
    ],
)
def test_a_picture_that_is_not_embedded_is_never_asked_for(image: str) -> None:
    assert not Page(cards.card_html(card(image=image), 1)).named("img")


def test_an_embedded_picture_is_shown() -> None:
    image = "data:image/png;base64,iVBORw0KGgo="
    assert Page(cards.card_html(card(image=image), 1)).named("img")[0]["src"] == image


def test_a_slate_counts_its_cards_and_says_whether_it_is_busy() -> None:
    one = Page(slate.slate_html((card(),), noun="film", nouns="films", busy=True))
    assert one.named("section")[0]["aria-busy"] == "true"
    assert "1 film" in one.text
    assert "2 films" in slate.slate_html((card("a"), card("b")), noun="film", nouns="films")


def test_nothing_to_show_is_an_empty_string() -> None:
    assert slate.slate_html((), noun="film", nouns="films") == ""
    assert slate.chips_html(()) == ""
    assert slate.notice_html("") == ""


@pytest.mark.parametrize(("done", "width"), [(0, "0%"), (3, "25%"), (12, "100%"), (40, "100%")])
def test_the_bar_stays_between_nothing_and_all(done: int, width: str) -> None:
    assert f"width:{width}" in slate.status_html("Weighing", done=done, total=12)


def test_only_the_buttons_of_a_card_can_be_pressed() -> None:
    assert cards.pressed("more_like") == "more_like"
    for other in ("delete", "", None, 3, ["like"]):
        assert cards.pressed(other) is None


def test_a_value_in_words_hides_its_label_from_the_eye_only() -> None:
    facts = (("genre", "Crime, Drama"), ("rating", "4.2"), ("wireless", "yes"))
    page = Page(cards.card_html(card(facts=facts), 1))
    shown = [a.get("class") for a in page.named("div") if set(a) <= {"class"}]
    assert shown.count("worded") == 1
    for label, value in facts:
        assert label in page.text
        assert value in page.text


def test_what_may_speak_against_an_item_is_offered_by_its_key() -> None:
    marks = cards.Marks(against=(("too_high:runtime", "too long"),))
    page = Page(cards.card_html(card(), 1, marks=marks))
    assert "Too long" in page.text
    assert "too_high:runtime" in [b.get("data-because") for b in page.named("button")]


def test_in_private_nothing_is_offered_that_would_be_kept() -> None:
    page = Page(cards.card_html(card(), 1, marks=cards.Marks(kept=False)))
    assert [b["data-ask"] for b in page.named("button") if "data-ask" in b] == ["why"]


@pytest.mark.parametrize(("score", "bars"), [(0.0, 1), (0.3, 2), (0.5, 2), (0.51, 3), (1.0, 4)])
def test_the_match_is_shown_in_four_steps(score: float, bars: int) -> None:
    page = Page(cards.card_html(card(score=score), 1))
    steps = [a["class"] for a in page.named("i")]
    assert (len(steps), steps.count("on")) == (4, bars)
    assert not Page(cards.card_html(card(score=score), 1, scored=False)).named("i")


def test_what_counts_can_be_removed_and_the_slate_be_copied() -> None:
    wants = (Want(text="Western", field="genres", values=("Western",)), Want(text=HOSTILE))
    html = slate.slate_html((card(title=HOSTILE),), noun="film", nouns="films", wants=wants)
    page = Page(html)
    lifts = [b for b in page.named("button") if b.get("data-act") == "lift"]
    assert [b["data-want"] for b in lifts] == ["0", "1"]
    assert lifts[0]["aria-label"] == "Remove: Western"
    assert not page.named("script")
    assert f"1. {HOSTILE}" in page.text


def test_a_newcomer_gets_things_to_tap_and_nobody_else() -> None:
    html = onboarding.welcome_html(
        ("a western",), nouns="films", starters=(card(HOSTILE, HOSTILE),)
    )
    tiles = [b for b in Page(html).named("button") if b.get("data-do") == "pick"]
    assert [b["data-item"] for b in tiles] == [HOSTILE]
    again = onboarding.welcome_html((), nouns="films", starters=(card(),), first=False)
    assert "tile" not in again
