"""The same turns in domains that no data file names, with fields called otherwise each time.

Every turn is said in the catalogue's own words, and what it must come to follows from its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from assistant.build import ingest_into, make_parts
from assistant.door import Assistant
from assistant.settings import Settings
from assistant.types import Reply
from retrieval.storage.workspace import Workspace
from tests.assistant.domains.catalogue import DOMAINS, World, make

NUMBERS = count()
WORLDS = tuple((domain, seed) for domain in DOMAINS for seed in (1, 2))


class Talk:
    """One conversation over one catalogue; each :meth:`say` is a turn."""

    def __init__(self, assistant: Assistant, world: World, session: str) -> None:
        self.world = world
        self.slate: list[str] = []
        self._assistant = assistant
        self._session = session

    def say(self, message: str) -> Reply:
        reply = self._assistant.reply(self._session, message)
        if reply.cards:
            self.slate = [str(card.id) for card in reply.cards]
        return reply

    def held(self, name: str) -> list[object]:
        """The values of a field over what was shown last."""
        return [self.world.value(key, name) for key in self.slate]


@pytest.fixture(scope="module", params=WORLDS, ids=lambda p: f"{p[0].thing}-{p[1]}")
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Assistant, World]]:
    world = make(*request.param)
    home = tmp_path_factory.mktemp(world.domain.thing) / "home"
    home.mkdir()
    catalogue = world.write(home.parent / "catalogue.jsonl")
    ingest_into(home, settings=Settings(encoder="hashed"), catalog=catalogue)
    workspace = Workspace.open(home, write=True, command="test")
    with Assistant(make_parts(workspace, Settings(encoder="hashed"), None)) as assistant:
        yield assistant, world


@pytest.fixture
def begin(opened: tuple[Assistant, World]) -> Callable[[], Talk]:
    """Begins conversations, each with nothing said before."""
    assistant, world = opened
    return lambda: Talk(assistant, world, f"talk-{next(NUMBERS)}")


Begin = Callable[[], Talk]


def there_is_less(talk: Talk, reply: Reply, name: str, most: object) -> None:
    """Everything shown has less of it, or the rows hold nothing that does, which is then said."""
    w = talk.world
    sort = w.common(w.sort)
    less = [k for k in w.rows if w.value(k, w.sort) == sort and w.value(k, name) < most]
    if reply.cards:
        assert set(talk.slate) <= set(less)
    else:
        assert reply.act == "no_match"
        assert not set(less) - w.sold_out


def test_a_vague_opener_gets_one_good_question(begin: Begin) -> None:
    talk = begin()
    reply = talk.say(f"I'd like a {talk.world.domain.thing}")
    assert reply.asked
    assert "?" in reply.text


def test_facets_are_wanted_and_refused(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    sort, trait = w.common(w.sort), w.common(w.traits)
    talk.say(f"a {sort} {w.domain.thing}")
    assert talk.slate
    assert set(talk.held(w.sort)) == {sort}
    talk.say(f"nothing with {trait}")
    assert set(talk.held(w.sort)) == {sort}
    assert not any(trait in held for held in talk.held(w.traits))  # type: ignore[operator]


def test_another_value_replaces_the_first(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    first, second = w.domain.sorts[:2]
    talk.say(f"{first} please")
    talk.say(f"{second} instead")
    assert set(talk.held(w.sort)) == {second}


def test_makers_and_people_go_by_a_part_of_their_names(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    maker, name = w.domain.makers[1], w.domain.names[2]
    talk.say(f"something by {name}")
    assert set(talk.held(w.people)) == {name}
    other = begin()
    other.say(f"anything from {maker.split()[0]}")
    assert set(other.held(w.maker)) == {maker}


@pytest.mark.parametrize("word", ["under {} euros", "no more than {} eur", "max {}€"])
def test_a_price_is_a_most(begin: Begin, word: str) -> None:
    talk = begin()
    talk.say(f"{talk.world.domain.thing}s {word.format(60)}")
    assert talk.slate
    assert max(talk.held(talk.world.price)) <= 60  # type: ignore[type-var]


def test_numbers_are_bound_by_their_unit_and_by_their_label(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    talk.say(f"one of at least 100 {w.unit}")
    assert min(talk.held(w.size)) >= 100  # type: ignore[type-var]
    other = begin()
    other.say(f"{w.label(w.size)} under 90")
    assert other.slate
    assert max(other.held(w.size)) <= 90  # type: ignore[type-var]


def test_years_are_bound_on_both_sides(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    talk.say("only from after 1980")
    assert min(talk.held(w.year)) > 1980  # type: ignore[type-var]
    talk.say("not newer than 2000")
    assert all(1980 < year <= 2000 for year in talk.held(w.year))  # type: ignore[operator]


def test_a_flag_is_wanted_and_given_up(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    talk.say(f"{w.label(w.flag)} ones only")
    assert set(talk.held(w.flag)) == {True}
    reply = talk.say(f"{w.label(w.flag)} does not matter")
    assert w.label(w.flag) not in reply.text.partition(".")[0]


def test_cheaper_leans_on_the_second(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    talk.say(f"{w.common(w.sort)}, please")
    second = talk.held(w.price)[1]
    there_is_less(talk, talk.say("cheaper than the second"), w.price, second)


def test_a_size_is_compared_by_its_own_adjective(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    talk.say(f"{w.common(w.sort)}, please")
    first = talk.held(w.size)[0]
    there_is_less(talk, talk.say("shorter than the first"), w.size, first)


def test_an_order_of_values_is_climbed(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    lowest = w.domain.levels[0]
    talk.say(f"{w.label(w.level)}: {lowest}")
    assert set(talk.held(w.level)) == {lowest}
    word = w.domain.levels[-1]
    talk.say(f"more {word} than the first")
    assert talk.slate
    assert lowest not in talk.held(w.level)


def test_more_like_the_first_but_of_another_sort(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    talk.say(f"{w.domain.sorts[0]} {w.domain.thing}s")
    first = talk.slate[0]
    talk.say(f"more like the first, but {w.domain.sorts[1]}")
    assert talk.slate
    assert first not in talk.slate
    assert set(talk.held(w.sort)) == {w.domain.sorts[1]}


def test_others_bring_nothing_back_and_undo_does(begin: Begin) -> None:
    talk = begin()
    talk.say(f"{talk.world.domain.thing}s under 100 euros")
    before = list(talk.slate)
    talk.say("show me others")
    assert talk.slate
    assert not set(before) & set(talk.slate)
    talk.say("undo that")
    assert talk.slate == before


def test_what_is_known_does_not_come_back(begin: Begin) -> None:
    talk = begin()
    talk.say(f"{talk.world.domain.thing}s under 100 euros")
    first = talk.slate[0]
    talk.say("I already have the first one, what else is there?")
    assert first not in talk.slate
    talk.say("and others?")
    assert first not in talk.slate


def test_facts_are_told_or_said_to_be_missing(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    talk.say(f"{w.common(w.sort)}, please")
    key = talk.slate[1]
    for name in (w.maker, w.people, w.size, w.year):
        reply = talk.say(f"what is the {w.label(name)} of the second?")
        assert reply.act == "answer"
        assert str(w.value(key, name)) in reply.text
    assert str(w.value(key, w.price)) in talk.say("how much is it?").text
    assert str(w.value(key, w.maker)) in talk.say("who makes it?").text


def test_two_are_compared_and_the_foremost_is_told(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    talk.say(f"{w.common(w.sort)}, please")
    reply = talk.say("compare the first and the third")
    assert reply.act == "compare"
    assert all(str(w.value(talk.slate[n], w.price)) in reply.text for n in (0, 2))
    cheapest = min(talk.slate, key=lambda key: w.value(key, w.price))
    reply = talk.say("which of these is the cheapest?")
    assert reply.act == "compare"
    assert str(w.rows[cheapest][f"{w.domain.thing}_name"]) in reply.text


def test_why_and_why_not(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    sort, other = w.domain.sorts[:2]
    talk.say(f"{sort} under 70 euros")
    assert talk.say("why the first?").act == "explain"
    missing = next(key for key in w.rows if w.value(key, w.sort) == other)
    title = str(w.rows[missing][f"{w.domain.thing}_name"])
    reply = talk.say(f"why not {title}?")
    assert reply.act == "explain"
    assert title in reply.text
    assert sort in reply.text
    assert other in reply.text


def test_no_match_names_what_excludes_all_and_an_agreed_offer_is_kept(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    sort = w.domain.sorts[2]
    reply = talk.say(f"a {sort} under 3 euros")
    assert reply.act == "no_match"
    assert sort in reply.text
    assert "?" in reply.text
    reply = talk.say("yes please")
    assert reply.cards
    assert w.value(talk.slate[0], w.sort) == sort or min(talk.held(w.price)) < 3  # type: ignore[type-var]


def test_what_is_sold_out_is_not_shown_and_is_said_to_be(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    gone = sorted(w.sold_out)
    for message in (f"{w.domain.thing}s under 90", "others", "others", "others"):
        talk.say(message)
        assert not set(gone) & set(talk.slate)
    title = str(w.rows[gone[0]][f"{w.domain.thing}_name"])
    assert "out of stock" in talk.say(f"is {title} in stock?").text


def test_an_ambiguous_title_is_asked_about_and_then_settled(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    maker = w.domain.makers[0].split()[0]
    reply = talk.say(f"do you have {maker} {w.domain.sorts[0].title()}?")
    assert reply.asked or all(m.startswith(maker) for m in talk.held(w.maker))  # type: ignore[attr-defined]


def test_slips_of_the_pen_are_read_through(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    for trait in (v for v in w.domain.trait_values if len(v) > 5):
        slip = trait[:2] + trait[3] + trait[2] + trait[4:]
        other = begin()
        other.say(f"with {slip}")
        assert all(trait in held for held in other.held(w.traits)), slip  # type: ignore[operator]


def test_a_place_that_the_list_does_not_have_is_asked_about(begin: Begin) -> None:
    talk = begin()
    talk.say("show me 3")
    reply = talk.say("is the ninth any good?")
    assert not reply.cards
    assert "Which one" in reply.text


def test_what_is_known_of_the_person_is_what_they_said(begin: Begin) -> None:
    talk = begin()
    w = talk.world
    sort, trait = w.common(w.sort), w.common(w.traits)
    talk.say(f"{sort}, but no {trait}")
    reply = talk.say("what do you know about me?")
    assert reply.act == "profile"
    assert sort in reply.text
    assert trait in reply.text
