"""Messages about what was just shown: positions, judgements, comparisons, orders."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.types import Relative
from assistant.understanding.context import Context
from retrieval.types import Sort
from tests.assistant.understanding.worlds import film_engine, plant_engine, shown

SLATE = shown("f3", "f5", "f6", "f9")
ROSES = shown("p1", "p2", "p3")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("the second one", (2,)),
        ("number two", (2,)),
        ("#3", (3,)),
        ("no. 2", (2,)),
        ("the 4th", (4,)),
        ("the last one", (4,)),
        ("compare 1 and 4", (1, 4)),
        ("why the first?", (1,)),
        ("the first two", (1, 2)),
    ],
)
def test_positions(text: str, places: tuple[int, ...]) -> None:
    assert film_engine.read(text, SLATE).reference == places


def test_positions_mean_nothing_without_a_slate() -> None:
    assert film_engine.read("the second one").reference == ()
    assert film_engine.read("the ninth one", SLATE).reference == ()


def test_a_place_is_an_offer_unless_something_is_said_of_what_was_shown() -> None:
    offered = replace(SLATE, asked="Shall I relax that?", offered=2)
    assert film_engine.read("the second, please", offered).reference == (2,)
    assert film_engine.read("not the fourth and not the third", offered).disliked == ("f9", "f6")
    assert film_engine.read("I've seen the third", offered).seen == ("f6",)


def test_ordinals_in_other_phrases_are_no_positions() -> None:
    assert film_engine.read("on second thoughts a comedy", SLATE).reference == ()
    assert film_engine.read("for the first time something old", SLATE).reference == ()
    assert film_engine.read("Still no. Three more", SLATE).reference == ()


def test_an_item_is_pointed_at_by_what_only_it_has() -> None:
    assert film_engine.read("the heist one was great", SLATE).liked == ("f3",)
    assert plant_engine.read("why the red one?", ROSES).reference == (2,)
    assert plant_engine.read("is the cheapest one in stock", ROSES).reference == (3,)


@pytest.mark.parametrize(
    ("text", "liked", "disliked", "seen"),
    [
        ("I loved number two", ("f5",), (), ()),
        ("the first looks great", ("f3",), (), ()),
        ("I don't like the second", (), ("f5",), ()),
        ("saw the third, it was rubbish", (), ("f6",), ()),
        ("#1 and #3 were really good", ("f3", "f6"), (), ()),
        ("I've seen the first two", (), (), ("f3", "f5")),
    ],
)
def test_judgements_alone_are_acknowledged(
    text: str, liked: tuple[str, ...], disliked: tuple[str, ...], seen: tuple[str, ...]
) -> None:
    reading = film_engine.read(text, SLATE)
    assert reading.act == "feedback_ack"
    assert (reading.liked, reading.disliked, reading.seen) == (liked, disliked, seen)


def test_a_judgement_with_a_request_asks_for_items() -> None:
    reading = film_engine.read("not the last one, I hated it. another?", SLATE)
    assert (reading.act, reading.disliked, reading.more) == ("recommend", ("f9",), True)


def test_a_whole_slate_can_be_rejected() -> None:
    reading = film_engine.read("none of these, next", SLATE)
    assert reading.disliked == ("f3", "f5", "f6", "f9")
    assert (reading.act, reading.more) == ("recommend", True)
    assert film_engine.read("nah", SLATE).more


@pytest.mark.parametrize(
    ("text", "relative"),
    [
        ("newer than the first", Relative(field="year", direction="higher", base="slate#1")),
        ("hmm older", Relative(field="year", direction="lower", base="slate")),
        ("more recent than all of those", Relative(field="year", direction="higher", base="slate")),
        ("the second one but funnier", Relative(field="funny", direction="higher", base="slate#2")),
        ("all too dark", Relative(field="dark", direction="lower", base="slate")),
        ("less well known", Relative(field="n_ratings", direction="lower", base="slate")),
        ("older than Heat", Relative(field="year", direction="lower", base="anchor:f3")),
        ("hidden gems?", Relative(field="n_ratings", direction="lower", base="category")),
    ],
)
def test_comparisons_and_their_base(text: str, relative: Relative) -> None:
    assert film_engine.read(text, SLATE).relative == (relative,)


def test_adjectives_find_the_field_by_the_words_of_its_label() -> None:
    higher = Relative(field="care.height_cm", direction="higher", base="slate#1")
    assert plant_engine.read("taller than the first", ROSES).relative == (higher,)
    cheap = Relative(field="cost", direction="lower", base="category")
    assert plant_engine.read("a rose, not too pricey").relative == (cheap,)
    assert plant_engine.read("it does not have to be cheap").relative == ()


def test_an_order_is_asked_for() -> None:
    assert film_engine.read("sort by year", SLATE).sort == Sort(field="year", descending=True)
    rising = Sort(field="cost", descending=False)
    assert plant_engine.read("cheapest first please", ROSES).sort == rising
    assert plant_engine.read("order those from least to most expensive", ROSES).sort == rising


def test_more_of_something_is_not_more_items() -> None:
    assert not film_engine.read("more like #1", SLATE).more
    assert film_engine.read("more like #1", SLATE).liked == ("f3",)
    assert film_engine.read("others please", SLATE).more


def test_items_need_not_be_at_hand() -> None:
    context = Context(slate=SLATE.slate)
    assert film_engine.read("I loved the second", context).liked == ("f5",)
    assert film_engine.read("why the pig one?", context).act == "explain"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("less corporate", [("corporate", "lower", "slate")]),
        ("more quirky than the second", [("quirky", "higher", "slate#2")]),
        ("not as preachy as the first", [("preachy", "lower", "slate#1")]),
        ("less sad please", [("sad", "lower", "slate")]),
        ("lighter in tone than 1", [("dark", "lower", "slate#1")]),
        (
            "more stylish and less talkative",
            [("stylish", "higher", "slate"), ("talkative", "lower", "slate")],
        ),
    ],
)
def test_a_quality_of_any_name_can_be_compared(text: str, said: list[tuple[str, str, str]]) -> None:
    read = film_engine.read(text, SLATE)
    assert [(r.field, r.direction, r.base) for r in read.relative] == said
    assert (read.act, read.more, read.text) == ("recommend", False, None)


@pytest.mark.parametrize("text", ["show me more", "more films please", "more of the same"])
def test_more_alone_asks_for_others(text: str) -> None:
    read = film_engine.read(text, SLATE)
    assert (read.more, read.relative) == (True, ())


@pytest.mark.parametrize(
    "text", ["something completely different", "nothing like these", "a change of pace please"]
)
def test_something_else_altogether_is_a_jump(text: str) -> None:
    read = film_engine.read(text, SLATE)
    assert (read.act, read.jump) == ("recommend", True)


@pytest.mark.parametrize("text", ["just show me something", "no more questions", "stop asking"])
def test_who_wants_no_questions_is_in_a_hurry(text: str) -> None:
    assert film_engine.read(text).hurry


@pytest.mark.parametrize("text", ["show me otthers", "anythiing else?", "othres please"])
def test_a_slip_in_asking_for_others_is_put_right(text: str) -> None:
    assert film_engine.read(text, SLATE).more


@pytest.mark.parametrize(
    "text", ["I know the second already", "already had the second", "the second? already seen"]
)
def test_what_is_known_already_is_seen(text: str) -> None:
    assert film_engine.read(text, SLATE).seen == SLATE.slate[1:2]


def test_no_opinion_on_a_question_asks_for_what_else_there_is() -> None:
    asked = Context(slate=SLATE.slate, recent=("hi",), asked="What genres?", items=SLATE.items)
    read = film_engine.read("I don't mind", asked)
    assert (read.act, read.more) == ("recommend", True)
    assert not film_engine.read("I don't mind", SLATE).more


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("most expensive first", Sort(field="cost", descending=True)),
        ("least expensive first", Sort(field="cost")),
        ("sort them by height, highest first", Sort(field="care.height_cm", descending=True)),
    ],
)
def test_an_order_is_named_by_degree_or_by_its_field(text: str, order: Sort) -> None:
    read = plant_engine.read(text, shown("p1", "p2"))
    assert (read.sort, read.reference, read.relative) == (order, (), ())


def test_a_field_is_known_by_its_whole_name() -> None:
    assert film_engine.read("sort them by rating", SLATE).sort == Sort(
        field="mean_rating", descending=True
    )
    assert film_engine.read("sort them by number of ratings", SLATE).sort == Sort(
        field="n_ratings", descending=True
    )


def test_an_amount_is_compared_by_its_name() -> None:
    read = plant_engine.read("with a lower height than the second", shown("p1", "p2"))
    assert read.relative == (Relative(field="care.height_cm", direction="lower", base="slate#2"),)


@pytest.mark.parametrize("text", ["drop number 2", "please remove number two"])
def test_a_number_on_the_slate_is_dropped(text: str) -> None:
    assert film_engine.read(text, SLATE).disliked == SLATE.slate[1:2]


@pytest.mark.parametrize(
    ("text", "lifted"),
    [
        ("forget about Jo Pell", {"cast": ("Jo Pell",)}),
        ("drop the horror part", {"genres": ("Horror",)}),
        ("the year does not matter any more", {"year": ()}),
        ("any year is fine now", {"year": ()}),
        ("it need not be horror any more", {"genres": ("Horror",)}),
    ],
)
def test_what_is_no_longer_demanded_is_lifted(
    text: str, lifted: dict[str, tuple[str, ...]]
) -> None:
    read = film_engine.read(text, SLATE)
    assert (read.lifted, read.include, read.text) == (lifted, {}, None)


def test_what_is_only_said_to_be_fine_is_told_from_what_is_asked_for() -> None:
    assert film_engine.read("horror is fine after all", SLATE).lifted == {"genres": ("Horror",)}
    asked = film_engine.read("horror is fine, in fact give me horror comedies", SLATE)
    assert asked.fond == {}


@pytest.mark.parametrize("text", ["sold-out ones are fine too", "out of stock is fine"])
def test_what_is_sold_out_may_be_welcome(text: str) -> None:
    read = plant_engine.read(text, shown("p1"))
    assert (read.act, read.unavailable, read.text) == ("recommend", True, None)


@pytest.mark.parametrize(
    "text",
    ["the bloom colour should be red", "bloom colour: red", "with red as bloom colour"],
)
def test_a_value_beside_the_name_of_its_field_is_that_value(text: str) -> None:
    read = plant_engine.read(text, shown("p1", "p2"))
    assert (read.include["bloom"], read.relative, read.text) == (("red",), (), None)


def test_a_question_about_an_item_accepts_no_way_out_that_was_offered() -> None:
    read = plant_engine.read("why the second?", shown("p1", "p2"))
    assert (read.act, read.reference) == ("explain", (2,))
