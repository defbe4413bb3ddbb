"""Folding readings into preferences: what is kept, what replaces what, what is dropped."""

from __future__ import annotations

from types import MappingProxyType

from assistant.answers import wants
from assistant.constraints import Facts
from assistant.explanation.wording import REFERENCE
from assistant.preferences import Preferences, loosened, relaxed, shown, to_query, update
from assistant.relaxing import Relaxation
from assistant.types import Range, Reading, Relative
from retrieval.filters import Filter, matches
from retrieval.types import Field, Item, ItemId, Profile, Schema

SCHEMA = Schema(
    fields=(
        Field(name="genres", role="facet", multi=True),
        Field(name="category", role="facet"),
        Field(name="price", role="number", kind="price"),
        Field(name="lumens", role="number"),
    )
)


def _item(id: str, **fields: object) -> Item:
    return Item(id=ItemId(id), title=id, fields=MappingProxyType(fields))  # type: ignore[arg-type]


ITEMS = {
    i.id: i
    for i in (
        _item("lamp", category="lamps", price=40.0, lumens=700, genres=("A", "B"), noise="audible"),
        _item("lamp2", category="lamps", price=60.0, lumens=300, genres=("A",)),
        _item("phones", category="headphones", price=80.0, genres=("C",)),
    )
}


def _count(where: Filter | None) -> int:
    return sum(matches(where, i) for i in ITEMS.values())


FACTS = Facts(
    schema=SCHEMA,
    items=ITEMS,
    count=_count,
    scale=lambda name: ("silent", "quiet", "audible", "loud") if name == "noise" else (),
)


def _after(*readings: Reading, slate: tuple[str, ...] = ()) -> Preferences:
    now = Preferences()
    for turn, reading in enumerate(readings, start=1):
        ids = tuple(ItemId(i) for i in slate)
        now = update(now, reading, facts=FACTS, slate=ids, turn=turn)
    return now


def test_a_new_value_of_a_single_valued_facet_replaces_the_old_one() -> None:
    after = _after(
        Reading(include={"category": ("lamps",)}), Reading(include={"category": ("headphones",)})
    )
    assert [(c.field, c.values) for c in after.constraints] == [("category", ("headphones",))]


def test_values_of_a_multi_valued_facet_accumulate_while_something_fits() -> None:
    after = _after(Reading(include={"genres": ("A",)}), Reading(include={"genres": ("B",)}))
    assert [c.values for c in after.constraints] == [("A",), ("B",)]


def test_what_is_left_out_as_a_value_and_as_a_word_is_said_once_and_lifted_whole() -> None:
    out = Reading(exclude={"genres": ("B",)}, without=("b",))
    assert [w.text for w in wants(_after(out), SCHEMA, REFERENCE)] == ["without B", "without b"]
    twice = Reading(exclude={"genres": ("gore",)}, without=("gore",))
    (want,) = wants(_after(twice), SCHEMA, REFERENCE)
    assert want.text == "without gore"
    lifted = Reading(lifted={want.field: want.values})
    assert _after(twice, lifted).constraints == ()


def test_values_that_fit_nothing_together_replace_the_old_ones() -> None:
    after = _after(Reading(include={"genres": ("A",)}), Reading(include={"genres": ("C",)}))
    assert [c.values for c in after.constraints] == [("C",)]


def test_wanting_what_was_excluded_takes_the_exclusion_back() -> None:
    after = _after(Reading(exclude={"genres": ("A", "C")}), Reading(include={"genres": ("A",)}))
    assert [(c.kind, c.values) for c in after.constraints] == [
        ("exclude", ("C",)),
        ("include", ("A",)),
    ]


def test_a_bound_that_the_new_kind_of_item_cannot_have_is_dropped() -> None:
    after = _after(
        Reading(include={"category": ("lamps",)}, ranges={"lumens": Range(min=650)}),
        Reading(include={"category": ("headphones",)}, ranges={"price": Range(max=100)}),
    )
    assert [c.field for c in after.constraints] == ["price", "category"]


def test_a_bound_that_the_new_kind_of_item_shares_is_kept() -> None:
    after = _after(
        Reading(include={"category": ("lamps",)}, ranges={"price": Range(max=100)}),
        Reading(include={"category": ("headphones",)}),
    )
    assert [c.field for c in after.constraints] == ["price", "category"]


def test_cheaper_than_the_second_is_a_strict_bound_below_its_price() -> None:
    after = _after(
        Reading(relative=(Relative(field="price", direction="lower", base="slate#2"),)),
        slate=("lamp", "lamp2"),
    )
    (bound,) = after.constraints
    assert (bound.high, bound.low, bound.strict) == (60.0, None, True)
    assert not matches(bound.filter(), ITEMS[ItemId("lamp2")])
    assert matches(bound.filter(), ITEMS[ItemId("lamp")])


def test_a_second_comparison_on_the_same_side_replaces_the_first() -> None:
    cheaper = Reading(relative=(Relative(field="price", direction="lower", base="slate#1"),))
    after = _after(cheaper, cheaper, slate=("lamp",))
    assert [c.high for c in after.constraints] == [40.0]


def test_asking_for_others_bars_what_was_shown() -> None:
    before = shown(Preferences(), (ItemId("lamp"), ItemId("lamp2")))
    after = update(before, Reading(more=True), facts=FACTS, slate=before.shown, turn=2)
    assert to_query(after, Profile()).exclude == {"lamp", "lamp2"}


def test_nothing_liked_disliked_or_seen_may_come_back() -> None:
    after = _after(
        Reading(liked=(ItemId("lamp"),)),
        Reading(disliked=(ItemId("lamp2"),), seen=(ItemId("phones"),)),
    )
    assert to_query(after, Profile()).exclude == {"lamp", "lamp2", "phones"}


def test_an_item_disliked_later_is_no_longer_liked() -> None:
    after = _after(Reading(liked=(ItemId("lamp"),)), Reading(disliked=(ItemId("lamp"),)))
    assert (after.likes, after.dislikes) == ((), ("lamp",))


def test_reset_forgets_wishes_but_not_what_was_seen_or_disliked() -> None:
    after = _after(
        Reading(
            include={"genres": ("A",)},
            disliked=(ItemId("lamp"),),
            seen=(ItemId("lamp2"),),
            text="x",
        ),
        Reading(reset=True),
    )
    assert after.empty()
    assert (after.dislikes, after.seen) == (("lamp",), ("lamp2",))


def test_update_changes_nothing_in_place() -> None:
    old = Preferences()
    _ = update(old, Reading(include={"genres": ("A",)}, text="calm"), facts=FACTS, slate=(), turn=1)
    assert old == Preferences()


def test_a_wish_that_is_taken_back_is_forgotten_and_nothing_else() -> None:
    after = _after(
        Reading(include={"genres": ("A",)}, ranges={"price": Range(max=50)}),
        Reading(lifted={"price": ()}),
    )
    assert [c.field for c in after.constraints] == ["genres"]
    assert not _after(
        Reading(include={"genres": ("A",)}), Reading(lifted={"genres": ("a",)})
    ).constraints


def test_choosing_another_kind_of_item_drops_comparisons_and_older_words() -> None:
    after = _after(
        Reading(include={"category": ("lamps",)}, text="for reading"),
        Reading(relative=(Relative(field="price", direction="lower", base="slate#1"),)),
        Reading(include={"category": ("headphones",)}, text="for running"),
        slate=("lamp",),
    )
    assert [c.field for c in after.constraints] == ["category"]
    assert [w.text for w in after.wishes] == ["for running"]


def test_a_message_that_stands_on_its_own_replaces_what_nothing_satisfies_with_it() -> None:
    after = _after(
        Reading(include={"category": ("lamps",)}, exclude={"genres": ("Z",)}, text="for reading"),
        Reading(include={"genres": ("C",)}, ranges={"price": Range(min=70)}),
    )
    assert [(c.kind, c.field) for c in after.constraints] == [
        ("exclude", "genres"),
        ("range", "price"),
        ("include", "genres"),
    ]
    assert not after.wishes


def test_one_thing_more_stays_a_refinement_though_nothing_is_left() -> None:
    after = _after(
        Reading(include={"category": ("lamps",)}), Reading(ranges={"price": Range(max=10)})
    )
    assert [c.field for c in after.constraints] == ["category", "price"]


def test_turning_one_item_away_lets_the_others_of_the_slate_step_back_only() -> None:
    before = shown(Preferences(), (ItemId("lamp"), ItemId("lamp2")))
    after = update(
        before,
        Reading(more=True, disliked=(ItemId("lamp"),), reference=(1,)),
        facts=FACTS,
        slate=before.shown,
        turn=2,
    )
    query = to_query(after, Profile())
    assert query.exclude == {"lamp"}
    assert query.avoid == {"lamp", "lamp2"}


def test_an_ordered_facet_is_compared_by_its_order() -> None:
    quiet = Reading(relative=(Relative(field="noise", direction="lower", base="category"),))
    assert [c.values for c in _after(quiet).constraints] == [("silent", "quiet")]
    quieter = Reading(relative=(Relative(field="noise", direction="lower", base="slate#1"),))
    assert [c.values for c in _after(quieter, slate=("lamp",)).constraints] == [("silent", "quiet")]
    louder = Reading(relative=(Relative(field="noise", direction="higher", base="anchor:lamp"),))
    assert [c.values for c in _after(quiet, louder).constraints] == [("loud",)]


def test_a_constraint_that_is_agreed_to_go_goes_alone() -> None:
    after = _after(Reading(include={"category": ("lamps",)}, ranges={"price": Range(max=5)}))
    offer = Relaxation(dropped=after.constraints[:1], count=1)
    left = relaxed(after, offer)
    assert len(left.constraints) == 1
    assert relaxed(left, offer) == left


def test_a_comparison_opens_the_end_of_an_older_range_that_it_moves_towards() -> None:
    decade = Reading(ranges={"price": Range(min=30, max=50)})
    dearer = Reading(relative=(Relative(field="price", direction="higher", base="slate#1"),))
    after = _after(decade, dearer, slate=("lamp",))
    assert [(c.low, c.high, c.strict) for c in after.constraints] == [(40.0, None, True)]
    cheaper = Reading(relative=(Relative(field="price", direction="lower", base="slate#2"),))
    within = Reading(ranges={"price": Range(min=10, max=50)})
    assert [
        (c.low, c.high) for c in _after(within, cheaper, slate=("lamp", "lamp2")).constraints
    ] == [
        (None, 50),
        (None, 60.0),
    ]


def test_a_new_example_stands_on_its_own_where_nothing_fits_the_old_wishes() -> None:
    after = _after(Reading(ranges={"price": Range(max=1)}), Reading(liked=(ItemId("lamp"),)))
    assert not after.constraints
    assert after.likes == ("lamp",)


def test_what_is_remembered_is_likely_and_nothing_is_demanded() -> None:
    told = Reading(
        described=True,
        include={"genres": ("A",)},
        ranges={"price": Range(min=10.0, max=50.0)},
        liked=(ItemId("lamp2"),),
        disliked=(ItemId("phones"),),
        text="lantern cellar",
    )
    query = to_query(_after(told), Profile())
    assert query.where is None
    assert len(query.hints) == 2
    assert query.words == "lantern cellar"
    assert query.text == ""
    assert query.like == ()  # a title in a story may be an accident
    assert query.exclude == {"phones"}


def test_a_taste_is_likely_and_a_demand_beside_it_holds() -> None:
    said = Reading(include={"genres": ("A", "B")}, fond={"genres": ("B",)})
    after = _after(said)
    assert [c.values for c in after.constraints] == [("A",)]
    assert [c.values for c in after.hints] == [("B",)]


def test_only_messages_that_wish_for_something_are_kept_word_for_word() -> None:
    now = Preferences()
    for turn, (said, reading) in enumerate(
        [("hello", Reading(act="chitchat")), ("a calm lamp", Reading(text="calm"))], start=1
    ):
        now = update(now, reading, facts=FACTS, slate=(), turn=turn, said=said)
    assert now.said == ("a calm lamp",)
    fresh = update(now, Reading(act="undo", reset=True), facts=FACTS, slate=(), turn=3)
    assert fresh.said == ()


def test_what_was_seen_came_up_until_it_is_judged() -> None:
    seen = Reading(seen=(ItemId("lamp"),))
    assert _after(seen).touched == ("lamp",)
    assert _after(seen, Reading(disliked=(ItemId("lamp"),))).touched == ()


def test_a_proposal_loosens_the_demands_it_breaks() -> None:
    before = _after(Reading(include={"category": ("lamps",)}, exclude={"genres": ("C",)}))
    after = loosened(before, [ITEMS[ItemId("phones")]])
    assert [c.kind for c in after.constraints] == ["exclude"]
    assert [c.field for c in after.hints] == ["category"]
    assert loosened(before, [ITEMS[ItemId("lamp")]]) == before


def test_a_soft_comparison_is_a_tendency_from_its_base_until_its_word_comes_again() -> None:
    less = Relative(field="gloomy", direction="lower", base="slate#2")
    after = _after(Reading(relative=(less,)), slate=("lamp", "lamp2"))
    assert [(t.word, t.more, t.base) for t in after.tendencies] == [("gloomy", False, ("lamp2",))]
    query = to_query(after, Profile())
    assert [(t.text, t.sign, t.base) for t in query.toward] == [("gloomy", -1.0, ("lamp2",))]
    more = Relative(field="gloomy", direction="higher", base="slate")
    again = update(after, Reading(relative=(more,)), facts=FACTS, slate=(ItemId("lamp"),), turn=2)
    assert [(t.more, t.base, t.turn) for t in again.tendencies] == [(True, ("lamp",), 2)]


def test_a_jump_leaves_the_soft_wishes_behind_and_keeps_the_hard_ones() -> None:
    before = _after(
        Reading(include={"category": ("lamps",)}, text="warm", liked=(ItemId("lamp2"),)),
        slate=("lamp",),
    )
    shown_ = shown(before, (ItemId("lamp"),))
    after = update(shown_, Reading(jump=True), facts=FACTS, slate=(ItemId("lamp"),), turn=2)
    assert (after.wishes, after.likes) == ((), ())
    assert [c.values for c in after.constraints] == [("lamps",)]
    assert after.passed == {"lamp"}
    assert [(t.word, t.base) for t in after.tendencies] == [("", ("lamp",))]
    later = update(after, Reading(text="small"), facts=FACTS, slate=(), turn=3)
    assert later.tendencies == ()


def test_others_after_an_exclusion_turn_away_only_what_is_excluded() -> None:
    before = shown(Preferences(), (ItemId("lamp"), ItemId("cans")))
    reading = Reading(more=True, exclude={"category": ("lamps",)})
    slate = (ItemId("lamp"), ItemId("cans"))
    after = update(before, reading, facts=FACTS, slate=slate, turn=2)
    assert after.passed == frozenset()
    assert after.avoid == set(slate)


def test_a_tendency_does_not_follow_to_another_kind_of_thing() -> None:
    less = Relative(field="gloomy", direction="lower", base="slate#1")
    after = _after(
        Reading(include={"category": ("lamps",)}, relative=(less,)),
        Reading(include={"category": ("headphones",)}),
        slate=("lamp",),
    )
    assert after.tendencies == ()


def test_what_was_ruled_out_and_is_only_allowed_again_is_not_demanded() -> None:
    again = Reading(include={"genres": ("A",)}, fond={"genres": ("A",)}, lifted={"genres": ("A",)})
    after = _after(Reading(include={"genres": ("B",)}, exclude={"genres": ("A",)}), again)
    assert [(c.kind, c.values) for c in after.constraints] == [("include", ("B",))]
    assert [c.values for c in _after(again).hints] == [("A",)]


def test_each_end_of_a_range_is_as_strict_as_it_was_said() -> None:
    after = _after(Reading(ranges={"price": Range(min=10, max=20, under=True)}))
    assert [(c.low, c.high, c.strict) for c in after.constraints] == [
        (10, None, False),
        (None, 20, True),
    ]
