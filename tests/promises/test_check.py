"""The checker itself: every promise that is broken is noticed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from retrieval.types import Item, ItemId, ids
from tests.promises.check import Answer, Rule, Shelf, judge
from tests.promises.demands import Demand
from tests.promises.ledger import (
    Agree,
    Ask,
    Compare,
    Gone,
    Ledger,
    Lift,
    Message,
    Order,
    Others,
    Question,
    Restart,
    State,
    Undo,
    Welcome,
)


def _lamp(number: int, price: float) -> Item:
    fields = {"kind": "lamp", "price": price, "colours": ("red", "grey")[: 1 + number % 2]}
    return Item(
        id=ItemId(f"l{number}"), title=f"The {'ABCDEFGHIJ'[number]} Lamp Of Night", fields=fields
    )


LAMPS = tuple(_lamp(n, 10.0 * n) for n in range(1, 7))
SOLD = replace(_lamp(7, 15.0), available=False)
OLD = replace(_lamp(8, 15.0), retired=True)
TENT = Item(id=ItemId("t1"), title="A Tent For Two", fields={"kind": "tent", "price": 20.0})
SHELF = Shelf((*LAMPS, SOLD, OLD, TENT))

LAMP = Demand(fields=("kind",), one_of=("lamp",))
CHEAP = Demand(fields=("price",), below=40.0)
GREY = Demand(fields=("colours",), one_of=("grey",))
NOT_GREY = Demand(fields=("colours",), none_of=("grey",))
STATE = State(firm=(LAMP, CHEAP), gone=frozenset(ids(("l9",))))
ASK = Message(text="lamps under 40", intents=(Ask(demands=(LAMP, CHEAP)),), most=3)
KEPT = Answer(slate=ids(("l1", "l2", "l3")), text="Here are 3 lamps.")


def _rules(state: State, message: Message, answer: Answer) -> list[Rule]:
    return [f.rule for f in judge(SHELF, state, message, answer)[0]]


def test_a_slate_that_keeps_every_promise_has_no_fault() -> None:
    assert _rules(STATE, ASK, KEPT) == []


Broken = Callable[[State, Message, Answer], tuple[State, Message, Answer]]


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ("constraint", lambda s, m, a: (s, m, replace(a, slate=ids(("l1", "l2", "l4"))))),
        ("constraint", lambda s, m, a: (s, m, replace(a, slate=ids(("l1", "l2", "t1"))))),
        ("constraint", lambda s, m, a: (replace(s, firm=(*s.firm, NOT_GREY)), m, a)),
        ("repeat", lambda s, m, a: (replace(s, gone=frozenset(ids(("l2",)))), m, a)),
        ("repeat", lambda s, m, a: (replace(s, passed=frozenset(ids(("l2",)))), m, a)),
        ("sold out", lambda s, m, a: (s, m, replace(a, slate=ids(("l1", "l2", "l7"))))),
        ("retired", lambda s, m, a: (s, m, replace(a, slate=ids(("l1", "l2", "l8"))))),
        ("retired", lambda s, m, a: (s, m, replace(a, slate=ids(("l1", "l2", "nowhere"))))),
        ("duplicate", lambda s, m, a: (s, m, replace(a, slate=ids(("l1", "l2", "l2"))))),
        ("too many", lambda s, m, a: (s, replace(m, most=2), a)),
        ("empty", lambda s, m, a: (s, m, replace(a, slate=()))),
        ("short", lambda s, m, a: (s, m, replace(a, slate=ids(("l1", "l2"))))),
        (
            "order",
            lambda s, m, a: (s, replace(m, intents=(Order(field="price", descending=True),)), a),
        ),
        (
            "undo",
            lambda s, m, a: (replace(s, slate=ids(("l1",))), replace(m, intents=(Undo(),)), a),
        ),
        (
            "gave up",
            lambda s, m, a: (
                replace(s, firm=(LAMP, GREY), gone=frozenset()),
                replace(m, intents=(Agree(),)),
                replace(a, slate=ids(("l2", "l4", "t1"))),
            ),
        ),
        ("names", lambda s, m, a: (s, m, replace(a, text="Or rather The G Lamp Of Night?"))),
    ],
)
def test_each_broken_promise_is_noticed(rule: Rule, broken: Broken) -> None:
    assert set(_rules(*broken(STATE, ASK, KEPT))) == {rule}


def test_what_is_welcome_or_spoken_of_is_no_fault() -> None:
    sold = replace(KEPT, slate=ids(("l1", "l2", "l7")))
    assert _rules(replace(STATE, welcome=True), ASK, sold) == []
    named = replace(KEPT, text="Nothing like The G Lamp Of Night.")
    assert judge(SHELF, STATE, ASK, named, named=ids(("l6",)))[0] == []


def test_the_same_items_in_order_may_be_shown_again_but_not_rejected_ones() -> None:
    order = replace(ASK, intents=(Order(field="price", descending=False),))
    assert _rules(replace(STATE, passed=frozenset(KEPT.slate)), order, KEPT) == []
    assert _rules(replace(STATE, gone=frozenset(ids(("l2",)))), order, KEPT) == ["repeat"]


def test_nothing_is_missed_where_nothing_fits() -> None:
    dear = replace(STATE, firm=(LAMP, Demand(fields=("price",), above=100.0)))
    assert _rules(dear, ASK, Answer(text="Nothing fits.")) == []


def test_an_accepted_offer_gives_up_what_its_slate_breaks() -> None:
    none = replace(STATE, firm=(LAMP, Demand(fields=("price",), above=60.0)))
    agreed = replace(ASK, intents=(Agree(),))
    found, given = judge(SHELF, none, agreed, replace(KEPT, slate=ids(("l5", "l6"))))
    assert not found
    assert given == {none.firm[1]: Demand(fields=("price",), least=50.0)}


def _heard(*steps: tuple[Message, tuple[str, ...]]) -> Ledger:
    ledger = Ledger()
    for message, slate in steps:
        ledger.hear(message)
        ledger.see(ids(slate))
    return ledger


def _message(*intents: object, **own: object) -> Message:
    return Message(text="", intents=intents, **own)  # type: ignore[arg-type]


def test_a_newer_limit_replaces_the_older_and_another_kind_leaves_the_rest_open() -> None:
    limit = Demand(fields=("price",), most=20.0)
    tent = Demand(fields=("kind",), one_of=("tent",))
    single = frozenset({"kind"})
    ledger = _heard(
        (_message(Ask(demands=(LAMP, CHEAP), single=single, kind="kind")), ("l1",)),
        (_message(Ask(demands=(limit,))), ("l1",)),
    )
    assert ledger.state.firm == (LAMP, limit)
    ledger.hear(_message(Ask(demands=(tent,), single=single, kind="kind")))
    assert (ledger.state.firm, ledger.state.perhaps) == ((tent,), (limit,))


def test_a_limit_on_the_other_side_leaves_the_first_open() -> None:
    low, high = Demand(fields=("price",), above=10.0), Demand(fields=("price",), most=20.0)
    ledger = _heard((_message(Ask(demands=(low,))), ("l1",)), (_message(Ask(demands=(high,))), ()))
    assert (ledger.state.firm, ledger.state.perhaps) == ((high,), (low,))
    ledger.hear(_message(Ask(demands=(Demand(fields=("price",), most=5.0),))))
    assert ledger.state.perhaps == ()


def test_an_offer_is_of_what_is_new() -> None:
    cheap = replace(STATE, firm=(LAMP, Demand(fields=("price",), most=30.0)), gone=frozenset())
    agreed, dearer = replace(ASK, intents=(Agree(),)), replace(KEPT, slate=ids(("l4", "l5", "l6")))
    rules = [f.rule for f in judge(SHELF, cheap, agreed, dearer)[0]]
    assert "gave up" in rules
    seen = frozenset(ids(("l1", "l2", "l3")))
    assert judge(SHELF, cheap, agreed, dearer, shown=seen)[0] == []


def test_a_fresh_start_that_is_taken_back_forgets_nothing() -> None:
    ledger = _heard((_message(Ask(demands=(LAMP,))), ("l1", "l2")), (_message(Restart()), ()))
    assert ledger.shown == frozenset()
    ledger.hear(_message(Undo()))
    assert ledger.shown == frozenset(ids(("l1", "l2")))


def test_demands_are_lifted_contradicted_and_compared() -> None:
    ledger = _heard((_message(Ask(demands=(CHEAP, NOT_GREY))), ("l1",)))
    ledger.hear(_message(Ask(demands=(GREY,))))
    assert ledger.state.firm == (CHEAP, GREY)
    ledger.hear(_message(Lift(demand=GREY)))
    assert ledger.state.firm == (CHEAP,)
    ledger.hear(_message(Compare(base=LAMPS[2], field="price", higher=False)))
    assert ledger.state.firm == (Demand(fields=("price",), below=30.0),)
    assert ledger.state.perhaps == (CHEAP,)


def test_undo_takes_back_what_was_meant_but_not_what_was_shown() -> None:
    ledger = _heard((_message(Ask(demands=(LAMP,))), ("l1", "l2")))
    ledger.hear(_message(Others(shown=ledger.shown)))
    ledger.see(ids(("l3",)))
    ledger.hear(_message(Undo()))
    assert (ledger.state.slate, ledger.state.passed) == (("l1", "l2"), frozenset())
    assert ledger.shown == {"l1", "l2", "l3"}


def test_undo_passes_over_what_changed_nothing() -> None:
    ledger = _heard(
        (_message(Ask(demands=(LAMP,))), ("l1",)),
        (_message(Gone(items=ids(("l1",)))), ()),
        (_message(Gone(items=ids(("l1",)))), ()),
        (_message(Question(), talk=True), ()),
        (_message(Undo()), ("l1",)),
    )
    assert ledger.state == State(firm=(LAMP,), slate=ids(("l1",)))


def test_a_restart_forgets_everything_but_what_was_turned_away() -> None:
    ledger = _heard(
        (_message(Ask(demands=(LAMP,)), Welcome()), ("l1",)),
        (_message(Gone(items=ids(("l1",)))), ("l2",)),
        (_message(Restart(), talk=True), ()),
    )
    assert ledger.state == State(gone=frozenset(ids(("l1",))))
    assert not ledger.shown
