"""One conversation of thirty turns: after each, what is wanted is exactly what was said so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from assistant import Assistant
from assistant.constraints import Constraint
from assistant.preferences import Preferences
from assistant.types import Reply
from retrieval.types import Item, ItemId

Held = Callable[[Item], bool]


def _genres(item: Item) -> set[str]:
    held = item.fields["genres"]
    assert isinstance(held, tuple)
    return set(held)


def _year(item: Item) -> float:
    held = item.fields["year"]
    assert isinstance(held, float | int)
    return held


def _minutes(item: Item) -> float:
    held = item.fields["minutes"]
    assert isinstance(held, float | int)
    return held


@dataclass(frozen=True)
class Step:
    """A message, the constraints that stand after it (in short), and what every item must satisfy.

    ``ids`` is the slate where it must be exactly that, ``words`` what the reply must say.
    """

    message: str
    stands: set[str]
    fits: Held = lambda _: True
    act: str = "recommend"
    ids: tuple[str, ...] | None = None
    words: str = ""


def short(c: Constraint) -> str:
    if c.kind == "range":
        low = "" if c.low is None else f"{c.low:g}"
        high = "" if c.high is None else f"{int(c.high)}"
        return f"{c.field} {low}..{high}"
    return f"{'+' if c.kind == 'include' else '-'}{'/'.join(sorted(c.values))}"


STEPS = [
    Step("hello there", set(), act="chitchat"),
    Step("a western please", {"+Western"}, lambda i: "Western" in _genres(i)),
    Step(
        "from before 1970",
        {"+Western", "year ..1969"},
        lambda i: "Western" in _genres(i) and _year(i) < 1970,
    ),
    Step(
        "nothing with John Wayne",
        {"+Western", "year ..1969", "-John Wayne"},
        lambda i: "John Wayne" not in i.fields["cast"],  # type: ignore[operator]
        ids=("f03", "f05", "f06"),
    ),
    Step(
        "under two and a half hours",
        {"+Western", "year ..1969", "-John Wayne", "minutes ..150"},
        ids=("f03",),
    ),
    Step(
        "undo that",
        {"+Western", "year ..1969", "-John Wayne"},
        act="undo",
        ids=("f03", "f05", "f06"),
    ),
    Step(
        "actually the year does not matter, drop the year limit",
        {"+Western", "-John Wayne"},
        lambda i: "Western" in _genres(i),
    ),
    Step("what is the first one about?", {"+Western", "-John Wayne"}, act="answer"),
    Step(
        "I have seen Unforgiven",
        {"+Western", "-John Wayne"},
        lambda i: i.id != "f07",
    ),
    Step(
        "what do you know about me?", {"+Western", "-John Wayne"}, act="profile", words="Unforgiven"
    ),
    Step(
        "comedies instead, from the 1980s",
        {"+Comedy", "-John Wayne", "year 1980..1989"},
        lambda i: "Comedy" in _genres(i) and 1980 <= _year(i) <= 1989,
    ),
    Step(
        "no fantasy",
        {"+Comedy", "-John Wayne", "year 1980..1989", "-Fantasy"},
        ids=("f35",),
    ),
    Step(
        "fantasy is fine after all",
        {"+Comedy", "-John Wayne", "year 1980..1989"},
        lambda i: "Comedy" in _genres(i) and 1980 <= _year(i) <= 1989,
    ),
    Step(
        "make it the 1990s",
        {"+Comedy", "-John Wayne", "year 1990..1999"},
        lambda i: 1990 <= _year(i) <= 1999,
    ),
    Step(
        "under two hours",
        {"+Comedy", "-John Wayne", "year 1990..1999", "minutes ..120"},
        lambda i: _minutes(i) <= 120,
    ),
    Step(
        "I hate Groundhog Day",
        {"+Comedy", "-John Wayne", "year 1990..1999", "minutes ..120"},
        lambda i: i.id != "f30",
    ),
    Step(
        "show me others",
        {"+Comedy", "-John Wayne", "year 1990..1999", "minutes ..120"},
        act="no_match",
    ),
    Step("undo", {"+Comedy", "-John Wayne", "year 1990..1999", "minutes ..120"}, act="undo"),
    Step("thanks!", {"+Comedy", "-John Wayne", "year 1990..1999", "minutes ..120"}, act="chitchat"),
    Step("start over", set(), act="undo"),
    Step("never show me musicals", {"-Musical"}, lambda i: "Musical" not in _genres(i)),
    Step(
        "something like Blade Runner",
        {"-Musical"},
        lambda i: i.id not in ("f11", "f30"),
    ),
    Step(
        "but newer than 2000",
        {"-Musical", "year 2001.."},
        lambda i: _year(i) > 2000,
    ),
    Step(
        "and not by Christopher Nolan",
        {"-Musical", "year 2001..", "-Christopher Nolan"},
        lambda i: "Christopher Nolan" not in i.fields["directors"],  # type: ignore[operator]
    ),
    Step(
        "something completely different",
        {"-Musical", "year 2001..", "-Christopher Nolan"},
        lambda i: i.id not in ("f11", "f30"),
    ),
    Step("why the first?", {"-Musical", "year 2001..", "-Christopher Nolan"}, act="explain"),
    Step("no horror tonight", {"-Musical", "year 2001..", "-Christopher Nolan", "-Horror"}),
    Step(
        "start over please",
        {"-Musical"},
        lambda i: "Musical" not in _genres(i) and i.id not in ("f07", "f30"),
    ),
    Step(
        "an Alfred Hitchcock film",
        {"-Musical", "+Alfred Hitchcock"},
        ids=("f53", "f54", "f55", "f56"),
    ),
    Step(
        "forget that I never want musicals",
        {"+Alfred Hitchcock"},
        act="profile",
        words="Musical",
    ),
]


def test_thirty_turns_keep_every_promise(films: Assistant) -> None:
    assert len(STEPS) == 30
    items = films.parts.retriever.items
    for number, step in enumerate(STEPS, start=1):
        reply: Reply = films.reply("long", step.message, visitor="ann")
        where = f"turn {number}, {step.message!r}: {reply.act}, {reply.text}"
        assert reply.act == step.act, where
        slate = [c.id for c in reply.cards]
        assert all(step.fits(items[ItemId(i)]) for i in slate), f"{where} {slate}"
        if step.ids is not None:
            assert sorted(slate) == list(step.ids), f"{where} {slate}"
        if step.act == "recommend":
            assert slate, where
        assert step.words in reply.text, where
        assert _stands(films) == step.stands, f"{where} {_stands(films)}"
    turns = films.parts.sessions.open("long", "ann").turns
    assert [t.seq for t in turns] == list(range(1, 31))
    _every_constraint_names_its_turn(turns[28].preferences)


def _stands(films: Assistant) -> set[str]:
    held = films.parts.sessions.open("long", "ann").preferences.constraints
    return {short(c) for c in held}


def _every_constraint_names_its_turn(preferences: Preferences) -> None:
    assert {short(c): c.turn for c in preferences.constraints} == {
        "-Musical": 21,
        "+Alfred Hitchcock": 29,
    }


@pytest.mark.parametrize("back", [1, 3, 5])
def test_any_number_of_turns_can_be_taken_back(films: Assistant, back: int) -> None:
    said = ["westerns", "before 1970", "no John Wayne", "under two hours", "like High Noon"]
    before: list[set[str]] = [set()]
    for message in said:
        films.reply("long", message, visitor="ann")
        before.append(_stands(films))
    for _ in range(back):
        assert films.reply("long", "undo", visitor="ann").act == "undo"
    assert _stands(films) == before[len(said) - back]
