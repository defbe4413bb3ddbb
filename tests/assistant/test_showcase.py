"""Items shown for their own sake, and what a card's buttons come to."""

from __future__ import annotations

from collections.abc import AsyncIterator

from assistant import Assistant
from assistant.explanation.wording import LANGUAGES, wording
from assistant.types import Card, Finished, Mix, Reply, TurnEvent, Want
from retrieval.types import Item


async def _last(events: AsyncIterator[TurnEvent]) -> Reply:
    final = [e async for e in events][-1]
    assert isinstance(final, Finished)
    return final.reply


def _words(item: Item, name: str) -> set[str]:
    held = item.fields.get(name, ())
    return {str(v) for v in (held if isinstance(held, tuple) else (held,))}


def test_a_newcomer_begins_with_known_items_that_differ(films: Assistant) -> None:
    starters = films.showcase.starters()
    assert len(starters) == 10
    assert len({c.id for c in starters}) == 10
    plain = films.recommend(k=10).items
    schema = films.parts.schema
    facet = schema.by_role("facet")[0].name

    def kinds(cards: tuple[Card, ...]) -> int:
        return len(set().union(*(_words(films.parts.retriever.items[c.id], facet) for c in cards)))

    assert kinds(starters) >= kinds(plain)
    assert films.showcase.starters() == starters


async def test_first_picks_are_kept_as_likes_and_used_at_once(films: Assistant) -> None:
    picked = [c.id for c in films.showcase.starters()[:5]]
    reply = await _last(films.begin("one", picked, visitor="ann"))
    assert reply.cards
    assert not {c.id for c in reply.cards} & set(picked)
    held = films.person("ann").history()
    assert {(e.item, e.kind) for e in held} == {(i, "like") for i in picked}


def test_items_side_by_side_say_where_they_differ(films: Assistant) -> None:
    a, b = (c.id for c in films.showcase.starters()[:2])
    both = films.showcase.compare([a, b, "no such item"])  # type: ignore[list-item]
    assert [c.id for c in both.cards] == [a, b]
    assert all(len(values) == 2 and any(values) for _, values, _ in both.rows)
    assert {differs for _, values, differs in both.rows if values[0] == values[1]} <= {False}
    same = films.showcase.compare([a, a])
    assert same.rows
    assert not any(differs for _, _, differs in same.rows)


async def test_every_critique_is_true_of_its_item_and_acts_at_once(films: Assistant) -> None:
    first = films.reply("one", "a crime film", visitor="ann")
    card = next(c for c in first.cards if films.showcase.critiques(c.id))
    item = films.parts.retriever.items[card.id]
    for critique in films.showcase.critiques(card.id):
        for name, values in critique.reading.exclude.items():
            assert set(values) <= _words(item, name)
        session = films.new_session("ann")
        reply = await _last(films.turn(session, "a film", visitor="ann"))
        reply = await _last(
            films.react(session, card.id, "dislike", visitor="ann", because=critique.key)
        )
        assert card.id not in {c.id for c in reply.cards}
        message = films.history(session, visitor="ann")[-1][0]
        assert critique.text in message
        for shown in reply.cards:
            other = films.parts.retriever.items[shown.id]
            for name, values in critique.reading.exclude.items():
                assert not set(values) & _words(other, name)
            for relative in critique.reading.relative:
                mine, theirs = other.fields[relative.field], item.fields[relative.field]
                assert (mine < theirs) == (relative.direction == "lower")  # type: ignore[operator]


def test_what_speaks_against_an_item_is_said_in_every_language(shop: Assistant) -> None:
    dear = max(shop.parts.retriever.items.values(), key=lambda i: float(str(i.fields["price"])))
    said = {
        language: [c.text for c in shop.showcase.critiques(dear.id, wording(language))]
        for language in LANGUAGES
    }
    assert said["en"][0] == "too expensive"
    assert said["de"][0] == "zu teuer"
    assert len({len(texts) for texts in said.values()}) == 1
    assert shop.showcase.critiques("no such item") == ()  # type: ignore[arg-type]


async def test_a_constraint_is_lifted_by_its_button_and_by_words_alike(films: Assistant) -> None:
    reply = films.reply("one", "a western from the 1960s without John Wayne", visitor="ann")
    wants = {w.text: w for w in reply.wants}
    assert "Western" in wants
    assert len(wants) == 3
    reply = await _last(films.lift("one", wants["Western"], visitor="ann"))
    assert {w.text for w in reply.wants} == set(wants) - {"Western"}
    era = next(w for w in reply.wants if not w.values)
    reply = await _last(films.lift("one", era, visitor="ann"))
    assert len(reply.wants) == 1
    gone = Want(text="x", field="nothing")
    assert (await _last(films.lift("one", gone, visitor="ann"))).wants == reply.wants
    assert films.history("one", visitor="ann")[1][1].wants


def test_the_list_and_what_is_hidden(films: Assistant) -> None:
    ann = films.person("ann")
    one, two = (c.id for c in films.showcase.starters()[:2])
    assert ann.save(one)
    assert not ann.save(one)
    assert ann.save(two)
    assert not ann.save("no such item")
    assert ann.saved() == (two, one)
    assert ann.save(one, saved=False)
    assert ann.saved() == (two,)
    first = films.reply("one", "a western", visitor="ann").cards[0].id
    assert ann.hide(first)
    again = films.reply("two", "a western", visitor="ann")
    assert first not in {c.id for c in again.cards}
    assert ann.hide(first, hidden=False)
    back = films.reply("three", "a western", visitor="ann")
    assert first in {c.id for c in back.cards}


async def test_a_slate_is_mixed_as_the_person_wants_it(films: Assistant) -> None:
    async def shown(session: str, mix: Mix) -> list[Item]:
        reply = await _last(films.turn(session, "a drama", visitor="ann", mix=mix))
        return [films.parts.retriever.items[c.id] for c in reply.cards]

    alike = await shown("one", Mix(diversity=0.0, novelty=0.0))
    apart = await shown("two", Mix(diversity=1.0, novelty=0.0))

    def likeness(items: list[Item]) -> float:
        ids = [i.id for i in items]
        cosines = films.parts.retriever.similarity(ids, ids)
        return float(cosines.sum() - len(ids))

    assert likeness(apart) < likeness(alike)
    assert [i.id for i in alike] == [
        i.id for i in await shown("three", Mix(diversity=0.0, novelty=0.0))
    ]
