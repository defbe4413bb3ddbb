"""The turn, played over a real workspace with the rules engine."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from assistant import Assistant
from assistant.errors import SessionError
from assistant.types import Finished, Reply, Shown, Status, Text, TurnEvent
from retrieval.types import Item, ItemId


async def _events(assistant: Assistant, session: str, message: str) -> list[TurnEvent]:
    return [event async for event in assistant.turn(session, message)]


def _items(assistant: Assistant, reply: Reply) -> list[Item]:
    return [assistant.parts.retriever.items[i] for i in reply.slate.ids()]


def test_a_request_is_answered_with_items_that_satisfy_all_of_it(films: Assistant) -> None:
    reply = films.reply("s", "a western from before 1960")
    assert reply.act == "recommend"
    found = _items(films, reply)
    assert {i.id for i in found} == {"f01", "f02", "f03", "f04"}


def test_a_refinement_keeps_what_was_asked_and_adds_to_it(films: Assistant) -> None:
    films.reply("s", "comedies please")
    reply = films.reply("s", "newer than 1990")
    assert reply.slate.ids()
    for item in _items(films, reply):
        assert "Comedy" in item.fields["genres"]  # type: ignore[operator]
        assert item.fields["year"] > 1990  # type: ignore[operator]


def test_a_comparison_with_a_place_on_the_slate_holds_strictly(films: Assistant) -> None:
    first = films.reply("s", "science fiction films")
    base = _items(films, first)[0].fields["year"]
    reply = films.reply("s", "newer than the first one")
    assert reply.slate.ids()
    assert all(i.fields["year"] > base for i in _items(films, reply))  # type: ignore[operator]


def test_others_never_repeats_until_nothing_is_left_and_then_says_so(films: Assistant) -> None:
    shown: list[ItemId] = list(films.reply("s", "westerns").slate.ids())
    for _ in range(4):
        reply = films.reply("s", "show me others")
        shown += reply.slate.ids()
        if not reply.slate.ids():
            break
    assert len(shown) == len(set(shown)) == 8
    assert reply.act == "no_match"


def test_what_was_shown_steps_back_for_what_fits_and_is_new(films: Assistant) -> None:
    first = films.reply("s", "a drama").slate.ids()
    narrowed = films.reply("s", "made after 1980").slate.ids()
    left = [i for i in narrowed if i in first]
    assert len(narrowed) > len(left)
    assert tuple(left) == narrowed[len(narrowed) - len(left) :]


def test_a_named_example_is_never_recommended_itself(films: Assistant) -> None:
    reply = films.reply("s", "something like Blade Runner 2049")
    assert reply.slate.ids()
    assert "f12" not in reply.slate.ids()


def test_undo_returns_to_the_slate_and_wishes_before(films: Assistant) -> None:
    first = films.reply("s", "westerns")
    films.reply("s", "only from before 1960")
    undone = films.reply("s", "undo that")
    assert undone.act == "undo"
    assert [c.id for c in undone.cards] == list(first.slate.ids())
    again = films.reply("s", "show me others")
    assert all(i.fields["year"] > 1900 for i in _items(films, again))  # type: ignore[operator]
    assert not set(again.slate.ids()) & set(first.slate.ids())


def test_undo_with_nothing_to_undo_says_so(films: Assistant) -> None:
    assert "nothing to take back" in films.reply("s", "undo").text


@pytest.mark.parametrize("message", ["thanks!", "hello"])
def test_small_talk_gets_a_reply_and_no_slate(films: Assistant, message: str) -> None:
    reply = films.reply("s", message)
    assert reply.act == "chitchat"
    assert not reply.cards
    assert reply.text


def test_small_talk_leaves_the_slate_to_be_referred_to(films: Assistant) -> None:
    first = films.reply("s", "science fiction films")
    films.reply("s", "thanks!")
    base = _items(films, first)[0].fields["year"]
    reply = films.reply("s", "newer than the first one")
    assert all(i.fields["year"] > base for i in _items(films, reply))  # type: ignore[operator]


def test_nothing_fitting_says_what_to_relax_and_how_much_that_gives(films: Assistant) -> None:
    reply = films.reply("s", "westerns from after 2015")
    assert reply.act == "no_match"
    assert not reply.cards
    assert "Western" in reply.text
    assert "8" in reply.text  # westerns of any year


def test_every_card_has_its_own_reasons(films: Assistant) -> None:
    for message in ("crime films", "something like Heat", "anything good"):
        cards = films.reply(message[:5].strip(), message).cards
        said = [c.text for card in cards for c in card.reasons]
        assert all(card.reasons for card in cards)
        assert len(said) == len(set(said))


def test_nothing_is_shown_before_it_is_committed(films: Assistant) -> None:
    async def leave_at_the_cards() -> tuple[str, ...]:
        turn = films.turn("s", "westerns")
        async for event in turn:
            if isinstance(event, Shown):
                await turn.aclose()  # type: ignore[attr-defined]
                return tuple(c.id for c in event.cards)
        return ()

    shown = asyncio.run(leave_at_the_cards())
    ((message, reply),) = films.history("s")
    assert (message, reply.slate.ids()) == ("westerns", shown)


def test_events_come_in_order_and_repeat_nothing(films: Assistant) -> None:
    events = asyncio.run(_events(films, "s", "crime films"))
    kinds = [type(e) for e in events]
    assert kinds[0] is Status
    assert kinds[-3:] == [Shown, Text, Finished]
    finished = events[-1]
    assert isinstance(finished, Finished)
    said = "".join(e.text for e in events if isinstance(e, Text))
    assert said == finished.reply.text


def test_two_turns_at_once_on_one_session_both_land_in_some_order(films: Assistant) -> None:
    async def both() -> None:
        await asyncio.gather(*(_events(films, "s", m) for m in ("westerns", "before 1960")))

    asyncio.run(both())
    turns = films.parts.sessions.open("s", None).turns
    assert [t.seq for t in turns] == [1, 2]
    assert {t.message for t in turns} == {"westerns", "before 1960"}
    assert {c.field for c in turns[-1].preferences.constraints} == {"genres", "year"}


def test_sessions_know_nothing_of_one_another(films: Assistant) -> None:
    films.reply("a", "westerns", visitor="va")
    reply = films.reply("b", "from before 1960", visitor="vb")
    genres = {g for i in _items(films, reply) for g in i.fields["genres"]}  # type: ignore[union-attr]
    assert genres != {"Western"}
    assert len(films.history("b", visitor="vb")) == 1


def test_somebody_elses_session_is_refused(films: Assistant) -> None:
    films.reply("a", "westerns", visitor="va")
    with pytest.raises(SessionError, match="another visitor"):
        films.reply("a", "more", visitor="vb")


def test_a_malformed_session_id_is_refused_before_anything_is_kept(films: Assistant) -> None:
    with pytest.raises(SessionError, match="session id"):
        films.reply("../x y", "westerns")


def test_a_like_is_kept_and_changes_what_is_recommended(films: Assistant) -> None:
    async def like() -> Reply:
        async for event in films.react("s", "f02", "like", visitor="v"):
            if isinstance(event, Finished):
                return event.reply
        raise AssertionError

    before = films.recommend(user="v", k=6)
    reply = asyncio.run(like())
    after = films.recommend(user="v", k=6)
    assert "f02" not in reply.slate.ids()
    assert [c.id for c in before.items] != [c.id for c in after.items]
    assert films.parts.taste.of("v").positive()


def test_seen_items_do_not_come_back_in_another_session(films: Assistant) -> None:
    async def seen(item: str) -> None:
        async for _ in films.react("s", item, "seen", visitor="v"):
            pass

    asyncio.run(seen("f01"))
    reply = films.reply("other", "westerns from before 1960", visitor="v")
    assert set(reply.slate.ids()) == {"f02", "f03", "f04"}


def test_the_record_says_what_was_served_and_by_which_index(films: Assistant) -> None:
    reply = films.reply("s", "westerns")
    served = films.parts.sessions.open("s", None).turns[-1].served
    assert served.slate == reply.slate.ids()
    assert served.index_version == films.parts.workspace.versions.active()
    assert served.propensities == (1.0,) * len(served.slate)
    assert {"understand", "candidates", "select"} <= set(served.seconds)


def test_a_conversation_outlives_the_process(films: Assistant) -> None:
    films.reply("s", "westerns")
    home = films.parts.workspace.home
    films.close()
    with Assistant.open(home) as again:
        reply = again.reply("s", "only before 1960")
        assert {i.id for i in _items(again, reply)} <= {"f01", "f02", "f03", "f04"}
        assert [m for m, _ in again.history("s")] == ["westerns", "only before 1960"]


def test_what_is_out_of_stock_stays_out_unless_asked_for(shop: Assistant) -> None:
    reply = shop.reply("s", "a tent")
    assert reply.cards
    assert all(c.available for c in reply.cards)
    named = shop.reply("t", "tents, out of stock is fine")
    assert any(not c.available for c in named.cards)


def test_cheaper_means_below_what_was_shown(shop: Assistant) -> None:
    first = shop.reply("s", "lamps")
    prices = sorted(float(i.fields["price"]) for i in _items(shop, first))  # type: ignore[arg-type]
    reply = shop.reply("s", "cheaper than the second one")
    base = _items(shop, first)[1].fields["price"]
    assert reply.slate.ids()
    assert prices
    for item in _items(shop, reply):
        assert item.fields["category"] == "lamps"
        assert item.fields["price"] < base  # type: ignore[operator]


def test_an_order_sorts_the_slate_that_is_there(shop: Assistant) -> None:
    first = shop.reply("s", "lamps")
    reply = shop.reply("s", "sort them by price, cheapest first")
    prices = [float(i.fields["price"]) for i in _items(shop, reply)]  # type: ignore[arg-type]
    assert set(reply.slate.ids()) == set(first.slate.ids())
    assert all(a <= b for a, b in pairwise(prices))


def test_an_order_where_nothing_fits_keeps_the_offer_that_holds(shop: Assistant) -> None:
    shop.reply("s", "lamps")
    assert shop.reply("s", "under 2 euros").act == "no_match"
    assert shop.reply("s", "order these by weight").act == "no_match"
    assert shop.reply("s", "yes please").cards


def test_agreeing_to_the_offer_moves_the_limit_as_far_as_it_said(films: Assistant) -> None:
    refused = films.reply("s", "westerns from after 2015")
    assert refused.chips[:2] == ("Yes, relax it", "The second")
    reply = films.reply("s", "yes please")
    assert reply.act == "recommend"
    assert "there are 3" in refused.text
    assert len(reply.cards) == 3


def test_another_offer_is_taken_by_its_number(films: Assistant) -> None:
    films.reply("s", "westerns from after 2015")
    reply = films.reply("s", "The second")
    assert reply.act == "recommend"
    assert all(int(card.year) > 2015 for card in reply.cards)


def test_a_name_asks_for_what_goes_by_it(films: Assistant) -> None:
    reply = films.reply("s", "do you have True Grit?")
    assert reply.cards[0].title == "True Grit"


def test_less_of_a_quality_is_said_in_the_reply_and_taken_back_by_undo(films: Assistant) -> None:
    films.reply("s", "a western")
    reply = films.reply("s", "less quirky than the first")
    first = films.reply("s", "undo")
    assert "less quirky than" in reply.text
    assert "quirky" not in films.reply("s", "more like the second").text
    assert first.act == "undo"


def test_a_judgement_after_an_offer_takes_no_offer(films: Assistant) -> None:
    first = films.reply("s", "a western")
    films.reply("s", "from after 2015")
    reply = films.reply("s", "more like the second")
    liked = first.cards[1].title
    assert liked in reply.text or reply.act == "no_match"
    assert "after 2015" in reply.text or "since 2016" in reply.text


def test_a_limit_that_is_lifted_is_gone_whenever_it_was_set(films: Assistant) -> None:
    films.reply("s", "comedies from before 1960")
    films.reply("s", "not the first")
    reply = films.reply("s", "drop the year limit")
    assert reply.act == "recommend"
    found = _items(films, reply)
    assert all("Comedy" in i.fields["genres"] for i in found)  # type: ignore[operator]
    assert any(i.fields["year"] > 1960 for i in found)  # type: ignore[operator]


def test_what_was_shown_before_an_undo_does_not_come_back_as_others(films: Assistant) -> None:
    shown = set(films.reply("s", "thrillers").slate.ids())
    shown |= set(films.reply("s", "only from after 1990").slate.ids())
    films.reply("s", "undo")
    assert not shown & set(films.reply("s", "show me others").slate.ids())


def test_a_question_after_a_slate_is_passed_over_by_undo(films: Assistant) -> None:
    first = films.reply("s", "westerns")
    films.reply("s", "two comedies")
    films.reply("s", "tell me about the first")
    assert [c.id for c in films.reply("s", "undo").cards] == list(first.slate.ids())


def test_a_question_about_a_place_accepts_no_offer(films: Assistant) -> None:
    films.reply("s", "westerns")
    nothing = films.reply("s", "only from after 2090")
    assert nothing.act == "no_match"
    assert not films.reply("s", "why the second?").slate.ids()


def test_an_order_is_of_the_same_items_whatever_was_compared_before(films: Assistant) -> None:
    films.reply("s", "thrillers")
    films.reply("s", "older than the first")
    ordered = _items(films, films.reply("s", "oldest first"))
    years = [i.fields["year"] for i in ordered]
    assert years == sorted(years)  # type: ignore[type-var]


def test_coming_back_to_a_fresh_start_shows_nothing_from_before_it(films: Assistant) -> None:
    films.reply("s", "westerns")
    films.reply("s", "start over")
    films.reply("s", "comedies")
    assert films.reply("s", "undo").cards == ()


def test_of_a_message_of_any_length_its_beginning_counts_and_is_kept(films: Assistant) -> None:
    films.reply("s", "westerns " + "and comedies " * 100_000)
    (turn,) = films.parts.sessions.open("s", None).turns
    assert len(turn.message) == 6000
    assert len(repr(turn)) < 100_000


def test_what_was_turned_away_does_not_come_back_in_order(films: Assistant) -> None:
    shown = set(films.reply("s", "westerns").slate.ids())
    films.reply("s", "none of these")
    assert not shown & set(films.reply("s", "sort them by year, newest first").slate.ids())
