"""Conversations over the built-in shop: prices, stock, attributes, comparisons, rules, offers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.types import Reply
from retrieval.types import Item

CATEGORIES = {
    "rain jackets", "tents", "city bikes", "kettles", "speakers", "desk chairs", "teas",
    "jigsaw puzzles",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(built_in_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    home = tmp_path_factory.mktemp("shop") / "home"
    shutil.copytree(built_in_shop, home)
    with Assistant.open(home, llm="none", command="test") as assistant:
        yield assistant


class Talk:
    """A conversation; ``items`` is what was shown last."""

    def __init__(self, shop: Assistant, session: str) -> None:
        self._shop, self._session = shop, session
        self.items: list[Item] = []

    def say(self, message: str) -> Reply:
        reply = self._shop.reply(self._session, message, visitor=self._session)
        if reply.cards:
            self.items = [self._shop.parts.retriever.items[c.id] for c in reply.cards]
        return reply

    def numbers(self, name: str) -> list[float]:
        return [float(str(i.fields[name])) for i in self.items]

    def values(self, name: str) -> set[object]:
        return {i.fields.get(name) for i in self.items}


@pytest.fixture
def talk(shop: Assistant, request: pytest.FixtureRequest) -> Talk:
    return Talk(shop, "".join(c for c in request.node.name if c.isalnum())[:60])


def test_a_conversation_of_fourteen_turns_keeps_what_was_said(talk: Talk) -> None:
    talk.say("I need a tent")
    assert talk.values("category") == {"tents"}

    assert "in stock" in {w.text for w in talk.say("in stock only").wants}
    assert all(i.available for i in talk.items)

    talk.say("sleeps at least two")
    assert min(talk.numbers("attributes.sleeps")) >= 2
    dearest = max(talk.numbers("price"))

    talk.say("cheaper")
    assert max(talk.numbers("price")) < dearest
    assert min(talk.numbers("attributes.sleeps")) >= 2

    second = talk.items[1]
    talk.say("like the second but lighter")
    assert max(talk.numbers("attributes.weight_g")) < float(
        str(second.fields["attributes.weight_g"])
    )
    assert talk.values("category") == {"tents"}
    assert all(i.available for i in talk.items)

    first_two = talk.items[:2]
    reply = talk.say("compare the first two")
    assert reply.act == "compare"
    assert all(i.title in reply.text for i in first_two)
    assert "price" in reply.text

    lightest = min(talk.items, key=lambda i: float(str(i.fields["attributes.weight_g"])))
    reply = talk.say("which of these is the lightest?")
    assert lightest.title in reply.text

    reply = talk.say("under 20 euros")
    assert reply.act == "no_match"
    assert not reply.cards
    assert "Shall I relax that?" in reply.text
    offered = [c for c in reply.chips if c.startswith("Yes")]
    assert offered

    reply = talk.say("yes")
    assert reply.act == "recommend"
    assert talk.items
    assert all(i.available for i in talk.items)

    talk.say("a speaker instead, waterproof")
    assert talk.values("category") == {"speakers"}
    assert talk.values("attributes.waterproof") == {True}

    talk.say("at least 15 hours of battery")
    assert min(talk.numbers("attributes.battery_hours")) >= 15

    reply = talk.say("not by Sondling")
    assert "Sondling" not in talk.values("brand")
    assert {w.text for w in reply.wants} >= {"speakers", "waterproof", "without Sondling"}

    shown = talk.items[0]
    reply = talk.say("is the first one in stock?")
    assert reply.act == "answer"
    assert reply.text == f"{shown.title} is in stock."

    talk.say("forget everything, kettles quieter than 60 dB")
    assert talk.values("category") == {"kettles"}
    assert max(talk.numbers("attributes.noise_db")) < 60


@pytest.mark.parametrize(
    ("opening", "fits"),
    [
        (0, lambda i: i.fields["category"] == "rain jackets" and i.fields["price"] < 100),
        (1, lambda i: i.fields["category"] == "tents" and i.fields["attributes.weight_g"] < 1500),
        (2, lambda i: i.fields["category"] == "teas" and i.fields["price"] < 25),
        (
            3,
            lambda i: (
                i.fields["category"] == "kettles" and i.fields["attributes.variable_temperature"]
            ),
        ),
        (
            4,
            lambda i: (
                i.fields["attributes.waterproof"] and i.fields["attributes.battery_hours"] >= 15
            ),
        ),
        (5, lambda i: i.fields["attributes.age_min"] <= 7),
    ],
)
def test_every_opening_shows_three_or_more_that_fit(
    shop: Assistant, talk: Talk, opening: int, fits: Callable[[Item], bool]
) -> None:
    talk.say(shop.examples()[opening])
    assert len(talk.items) >= 3
    assert all(i.available and fits(i) for i in talk.items)


def test_the_lightest_first_is_an_order_that_is_kept(shop: Assistant, talk: Talk) -> None:
    talk.say(shop.examples()[1])
    weights = talk.numbers("attributes.weight_g")
    assert weights == sorted(weights)


def test_its_rules_pin_a_kettle_and_bury_what_is_old(shop: Assistant, talk: Talk) -> None:
    talk.say("kettles")
    assert talk.items[0].id == "KET-10"
    talk.say("kettles, but nothing by Hobmoor")
    assert "Hobmoor" not in talk.values("brand")
    every = shop.recommend(query="kettle", k=40).items
    kettles = [c.id for c in every if c.id.startswith("KET")]
    assert "KET-05" not in kettles[:6]


def test_the_first_picks_of_a_shop_without_events_differ(shop: Assistant) -> None:
    starters = shop.showcase.starters()
    assert len(starters) == 10
    items = shop.parts.retriever.items
    kinds = {items[c.id].fields["category"] for c in starters}
    assert kinds <= CATEGORIES
    assert len(kinds) >= 5
    assert all(c.available for c in starters)
