"""Which likes decided: found by doing the turn again without each."""

from __future__ import annotations

import pytest

from assistant.counterfactual import decisive, without
from assistant.door import Assistant
from retrieval.errors import UnknownItem
from retrieval.types import ItemId, Profile, Query, UserId


def test_a_like_is_taken_out_of_everything_the_query_leans_on() -> None:
    heat, speed = ItemId("heat"), ItemId("speed")
    profile = Profile(
        user=UserId("u"), weights={heat: 2.0, speed: 1.0}, recent={heat: 1.0}, n_events=2
    )
    left = without(Query(like=(heat, speed), profile=profile), heat)
    assert left.like == (speed,)
    assert left.profile.weights == {speed: 1.0}
    assert left.profile.recent == {}


def test_a_decisive_like_is_one_without_which_the_slate_lacks_the_item(films: Assistant) -> None:
    retriever = films.parts.retriever
    query = Query(like=(ItemId("f01"), ItemId("f21")), exclude=frozenset({"f01", "f21"}))  # type: ignore[arg-type]
    slate = retriever.select(retriever.candidates(query), 6).ids()
    found = {i: decisive(query, i, retriever, slate) for i in slate}
    assert any(found.values())
    for item, likes in found.items():
        for like in query.like:
            again = retriever.select(retriever.candidates(without(query, like)), 6).ids()
            assert (like in likes) == (item not in again)
    away = next(i for i in retriever.items if i not in slate and i not in query.exclude)
    assert decisive(query, away, retriever, slate) == ()


def test_why_gives_the_cards_reasons_and_then_the_decisive_likes(films: Assistant) -> None:
    reply = films.reply("s", "something like Stagecoach", visitor="ann")
    told = {c.id: films.why("s", c.id, visitor="ann") for c in reply.cards}
    for card in reply.cards:
        assert told[card.id][: len(card.reasons)] == card.reasons
    extra = [c for claims in told.values() for c in claims if c.kind == "counterfactual"]
    assert extra
    assert {c.text for c in extra} == {"without your like of Stagecoach this would not be here"}
    place = next(n for n, c in enumerate(reply.cards, 1) if told[c.id][-1].kind == "counterfactual")
    said = films.reply("s", f"why number {place}?", visitor="ann")
    assert said.act == "explain"
    assert "without your like of Stagecoach" in said.text
    assert films.why("s", "f21" if "f21" not in told else "f01", visitor="ann") == ()
    with pytest.raises(UnknownItem):
        films.why("s", "zzz", visitor="ann")
