"""Reasons rest on evidence, say it in the item's own facts, and are never said twice on a slate."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from assistant.constraints import Constraint
from assistant.explanation.cards import Spoken, card, explain
from assistant.explanation.claims import Weighted, choose, gather
from assistant.explanation.evidence import Evidence, Liked, Statistics
from assistant.explanation.verify import grounded, holds
from assistant.types import Claim
from retrieval.types import Candidate, Field, Item, ItemId, Pick, Schema

SCHEMA = Schema(
    fields=(
        Field(name="genres", role="facet", multi=True, label="genres"),
        Field(name="directors", role="facet", kind="person", multi=True, label="directors"),
        Field(name="year", role="number", kind="year", label="year"),
        Field(name="price", role="number", kind="price", label="price"),
        Field(name="currency", role="facet", label="currency"),
        Field(name="mean_rating", role="number", kind="rating", label="rating", derived=True),
        Field(name="n_ratings", role="number", kind="popularity", label="ratings", derived=True),
    ),
    noun="film",
    nouns="films",
)


def _film(id: str, title: str, **fields: object) -> Item:
    return Item(id=ItemId(id), title=title, fields=MappingProxyType(fields))  # type: ignore[arg-type]


HEAT = _film("heat", "Heat", genres=("Crime",), directors=("Michael Mann",), year=1995)
ALI = _film(
    "ali",
    "Ali",
    genres=("Drama",),
    directors=("Michael Mann",),
    year=2001,
    price=9.5,
    currency="EUR",
    mean_rating=3.62,
    n_ratings=40,
)
SPEED = _film("speed", "Speed", genres=("Action",), directors=("Jan de Bont",), year=1994)
OTHERS = [_film(f"o{n}", f"Other {n}", genres=("Crime", "Drama")) for n in range(40)]
STATISTICS = Statistics.of([HEAT, ALI, SPEED, *OTHERS], SCHEMA)
EVIDENCE = Evidence(
    schema=SCHEMA,
    statistics=STATISTICS,
    liked=(Liked(item=HEAT, now=True),),
    similarity=lambda a, b: 0.6 if (a, b) == ("ali", "heat") else 0.1,
    together=lambda a, b: (12, 2.5) if (a, b) == ("heat", "ali") else (3, 9.0),
)


def _texts(item: Item, evidence: Evidence = EVIDENCE) -> list[str]:
    return [w.claim.text for w in gather(item, evidence)]


def test_a_shared_person_is_said_with_the_liked_title() -> None:
    assert "also directed by Michael Mann, like Heat" in _texts(ALI)


def test_a_close_item_and_co_liking_carry_their_measures() -> None:
    claims = {w.claim.kind: w.claim for w in gather(ALI, EVIDENCE)}
    assert claims["liked_item"].measure == 0.6
    assert claims["co_liked"].text == "12 people who liked Heat also liked this"


def test_co_liking_by_fewer_than_five_people_is_not_said() -> None:
    assert not [t for t in _texts(SPEED) if "people who liked" in t]


def test_a_met_constraint_is_said_with_the_items_own_value() -> None:
    under = Constraint(kind="range", turn=1, field="price", high=10.0)
    assert "€9.50, under your €10" in _texts(ALI, replace(EVIDENCE, constraints=(under,)))


def test_words_of_the_request_are_claimed_only_where_the_item_says_them() -> None:
    asked = replace(EVIDENCE, words=("boxing", "speed"))
    assert any("“speed”" in t for t in _texts(SPEED, asked))
    assert not any("boxing" in t or "speed" in t for t in _texts(ALI, asked))


def test_every_gathered_claim_passes_the_checker() -> None:
    asked = replace(
        EVIDENCE,
        words=("speed",),
        constraints=(
            Constraint(kind="include", turn=1, field="genres", values=("drama", "Action")),
            Constraint(kind="range", turn=1, field="year", low=1990, high=2005),
        ),
    )
    for item in (HEAT, ALI, SPEED):
        found = gather(item, asked)
        assert found
        assert all(holds(w.claim, item, asked) for w in found)


@pytest.mark.parametrize(
    "false",
    [
        Claim(
            kind="fact", text="directed by Jan de Bont", field="directors", values=("Jan de Bont",)
        ),
        Claim(kind="fact", text="from 1999", field="year", values=("1999",)),
        Claim(kind="liked_item", text="x", items=(ItemId("speed"),), measure=0.6),
        Claim(kind="liked_item", text="x", items=(ItemId("heat"),), measure=0.9),
        Claim(kind="co_liked", text="x", items=(ItemId("heat"),), measure=99.0),
        Claim(kind="shared", text="x", field="genres", values=("Drama",), items=(ItemId("heat"),)),
        Claim(kind="query", text="speaks of boxing", values=("boxing",)),
        Claim(kind="popular", text="rated 4.9 by 40 people", field="mean_rating", values=("4.9",)),
        Claim(kind="fact", text="nothing named"),
    ],
)
def test_the_checker_refuses_what_the_facts_do_not_say(false: Claim) -> None:
    assert not holds(false, ALI, EVIDENCE)


def test_a_free_sentence_may_hold_only_the_items_own_numbers() -> None:
    assert grounded("made in 2001, rated 3.6", ALI)
    assert not grounded("won 8 awards", ALI)


def test_no_two_cards_carry_the_same_sentence() -> None:
    twins = [replace(ALI, id=ItemId(f"t{n}"), title=f"Twin {n}") for n in range(5)]
    picks = [Pick(item=t, candidate=Candidate(id=t.id)) for t in twins]
    sentences = [c.text for made in explain(picks, EVIDENCE).cards for c in made.reasons]
    assert sentences
    assert len(sentences) == len(set(sentences))


def test_a_models_claim_is_shown_only_when_it_holds() -> None:
    pick = Pick(item=ALI, candidate=Candidate(id="ali"))
    true = Claim(
        kind="fact", text="a portrait by Michael Mann", field="directors", values=("Michael Mann",)
    )
    false = Claim(kind="fact", text="an epic from 1960", field="year", values=("1960",))
    dressed = Claim(
        kind="fact", text="Mann's film of 1964", field="directors", values=("Michael Mann",)
    )
    explained = explain([pick], EVIDENCE, Spoken(claims={"ali": (false, dressed, true)}))
    shown = [c.text for c in explained.cards[0].reasons]
    assert explained.fallen == 2
    assert "a portrait by Michael Mann" in shown
    assert not [t for t in shown if "1960" in t or "1964" in t]


def test_a_card_shows_year_price_and_facts_in_the_items_currency() -> None:
    made = card(Pick(item=ALI, candidate=Candidate(id="ali", prior=0.5)), SCHEMA)
    assert (made.year, made.price, made.score) == ("2001", "€9.50", 0.5)
    assert ("genres", "Drama") in made.facts
    assert ("directors", "Michael Mann") in made.facts
    assert not [label for label, _ in made.facts if label in ("currency", "price", "year")]


def test_what_others_liked_is_told_only_from_the_number_that_is_set() -> None:
    assert [t for t in _texts(ALI, replace(EVIDENCE, k_anonymity=12)) if "people who liked" in t]
    strict = replace(EVIDENCE, k_anonymity=13)
    assert not [t for t in _texts(ALI, strict) if "people who liked" in t]
    told = next(w.claim for w in gather(ALI, EVIDENCE) if w.claim.kind == "co_liked")
    assert holds(told, ALI, EVIDENCE)
    assert not holds(told, ALI, strict)


def test_liking_is_said_where_the_persons_own_events_say_it() -> None:
    before = replace(EVIDENCE, liked=(Liked(item=HEAT, now=False, known=True),))
    assert "close in theme to Heat, which you liked" in _texts(ALI, before)
    assert "close in theme to Heat" in _texts(ALI)


def test_a_trade_off_against_the_card_above_needs_both_sides() -> None:
    above = _film("above", "Above", price=20.0, currency="EUR", mean_rating=4.5, n_ratings=40)
    told = [w.claim for w in gather(ALI, EVIDENCE, above) if w.claim.kind == "trade_off"]
    assert [c.text for c in told] == ["cheaper than the one above, but worse rated"]
    assert holds(told[0], ALI, EVIDENCE, above)
    assert not holds(told[0], ALI, EVIDENCE)
    assert not holds(told[0], above, EVIDENCE, replace(ALI, id=above.id))
    alike = _film("alike", "Alike", price=9.4, mean_rating=4.5, n_ratings=40)
    assert not [w for w in gather(ALI, EVIDENCE, alike) if w.claim.kind == "trade_off"]


def test_what_leads_among_its_sort_is_counted() -> None:
    crowd = [_film(f"c{n}", f"C {n}", genres=("Crime",), n_ratings=n) for n in range(30)]
    known = replace(EVIDENCE, statistics=Statistics.of(crowd, SCHEMA))
    told = {i.id: [w.claim for w in gather(i, known) if w.claim.field == "genres"
                   and w.claim.kind == "popular"] for i in crowd}  # fmt: skip
    assert [i for i, claims in told.items() if claims] == ["c26", "c27", "c28", "c29"]
    (claim,) = told[ItemId("c29")]
    assert claim.text == "among the most popular in Crime"
    assert not holds(claim, crowd[3], known)


def test_what_is_trending_and_what_is_new_is_checked() -> None:
    lately = replace(EVIDENCE, trending=frozenset({ALI.id}), had=frozenset({SPEED.id}))
    assert "trending lately" in _texts(ALI, lately)
    assert not holds(Claim(kind="trending", text="trending lately"), SPEED, lately)
    tried = _film("tried", "Tried", n_events=2)
    counts = Field(name="n_events", role="number", kind="popularity", derived=True)
    schema = replace(SCHEMA, fields=(*SCHEMA.fields, counts))
    for had, said in ((frozenset(), True), (frozenset({tried.id}), False)):
        pick = Pick(item=tried, candidate=Candidate(id="tried"), explored=True)
        (made,) = explain([pick], replace(EVIDENCE, schema=schema, had=had)).cards
        assert (
            any(c.kind == "new" and c.text.startswith("new to you") for c in made.reasons) == said
        )


def test_what_does_not_hold_is_passed_over_for_the_next_best_and_no_more_is_asked() -> None:
    claims = [Claim(kind=k, text=k) for k in ("constraint", "shared", "fact", "popular")]  # type: ignore[arg-type]
    options = [[Weighted(claim=c, weight=1.0 - n / 10) for n, c in enumerate(claims)]]
    asked: list[str] = []

    def true(place: int, claim: Claim) -> bool:
        assert place == 0
        asked.append(claim.text)
        return claim.kind != "shared"

    assert [c.text for c in choose([HEAT], options, 2, true=true)[0]] == ["constraint", "fact"]
    assert asked == ["constraint", "shared", "fact"]
