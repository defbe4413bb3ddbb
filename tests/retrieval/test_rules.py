"""Rules as values: when they speak, and of what."""

from __future__ import annotations

from retrieval.filters import AllOf, Among, AnyOf, Has, Known, Not, Within
from retrieval.rules import Bury, Cap, Exclude, Pin, When, active, spoken_of, wanted
from retrieval.types import ItemId, Profile, Query

TEA = Has("kind", ("tea",))


def test_a_rule_speaks_in_its_time_to_its_people_of_what_they_asked_for() -> None:
    query = Query(where=AllOf((Has("kind", ("TEA",)), Within("price", None, 9))))
    known = Query(where=query.where, profile=Profile(n_events=3))
    assert When().holds(Query(), 0.0)
    assert When(begins=10.0, ends=20.0).holds(query, 10.0)
    assert not When(begins=10.0, ends=20.0).holds(query, 20.0)
    assert not When(begins=10.0).holds(query, 9.9)
    assert When(user="new").holds(query, 0.0)
    assert not When(user="new").holds(known, 0.0)
    assert When(user="known").holds(known, 0.0)
    wants_tea = When(wants={"kind": frozenset({"tea", "cocoa"})})
    assert wants_tea.holds(query, 0.0)
    assert not wants_tea.holds(Query(), 0.0)
    assert not wants_tea.holds(Query(where=Has("kind", ("coffee",))), 0.0)
    assert not wants_tea.holds(Query(where=Not(Has("kind", ("tea",)))), 0.0)


def test_what_is_wanted_is_what_every_answer_must_have() -> None:
    assert wanted(None) == {}
    assert wanted(TEA) == {"kind": frozenset({"tea"})}
    either = AnyOf((TEA, Has("kind", ("cocoa",))))
    assert wanted(AllOf((either, Not(TEA), AllOf((Has("tags", ("Calm",)),))))) == {
        "tags": frozenset({"calm"})
    }


def test_active_rules_are_of_one_kind_and_speak_now() -> None:
    late = Bury(name="late", when=When(begins=100.0))
    rules = (late, Exclude(name="x"), Bury(name="always"))
    assert [r.name for r in active(rules, Bury, Query(), 0.0)] == ["always"]
    assert [r.name for r in active(rules, Bury, Query(), 100.0)] == ["late", "always"]


def test_a_pin_speaks_of_its_item_and_a_cap_of_what_has_its_field() -> None:
    assert spoken_of(Bury(name="b", where=TEA)) == AllOf((TEA,))
    pinned = AllOf((TEA, Among(frozenset({ItemId("s1")}))))
    assert spoken_of(Pin(name="p", where=TEA, item=ItemId("s1"), place=1)) == pinned
    assert spoken_of(Cap(name="c", field="kind", most=1)) == AllOf((Known("kind"),))
