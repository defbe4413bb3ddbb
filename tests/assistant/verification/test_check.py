"""Texts about items, true and false, in three catalogues: what is not so does not hold."""

from __future__ import annotations

import pytest

from tests.assistant.verification.catalogues import check

ABOVE = {"heat": None, "tent": "lamp", "sage": None}
TRUE = [
    ("film", "heat", "A crime thriller from 1995."),
    ("film", "heat", "Directed by Michael Mann, starring Al Pacino and Robert De Niro."),
    ("film", "heat", "Al Pacino stars in it and Michael Mann directs."),
    ("film", "heat", "It runs for 170 minutes."),
    ("film", "heat", "2 h 50 min long, from the 90s."),
    ("film", "heat", "Rated 4.2 by 215 people."),
    ("film", "heat", "Because you liked Alien."),
    ("film", "heat", "You enjoyed “Alien”, and 12 people who liked Alien also liked this."),
    ("film", "heat", "You rated Alien 4.5 stars."),
    ("film", "heat", "Similar to Ali, and directed by Michael Mann, like Ali."),
    ("film", "heat", "Newer than Alien, longer than Ali."),
    ("film", "heat", "The longest film in the catalogue."),
    ("film", "heat", "No horror here."),
    ("film", "heat", 'Its description speaks of a "master thief".'),
    ("film", "heat", "A detective hunts a thief in Los Angeles."),
    ("film", "heat", "New to you and trending lately."),
    ("film", "heat", "Enjoy! I think you will love it."),
    ("film", "heat", "Heat (1995) is a good choice."),
    ("film", "heat", "Over two hours, at least 4 stars."),
    ("shop", "tent", "A green tent by Orrin for €149.50."),
    ("shop", "tent", "Waterproof and in stock."),
    ("shop", "tent", "It weighs 2.4 kg."),
    ("shop", "tent", "Under 200 euros, made of canvas."),
    ("shop", "tent", "Released on May 15, 2022."),
    ("shop", "tent", "Its colour is green."),
    ("shop", "tent", "Heavier than Vessel Dusk."),
    ("shop", "tent", "Rated 4.4 out of 5."),
    ("shop", "tent", "Not red, not a lamp."),
    ("shop", "tent", "more expensive than the one above, but better rated"),
    ("plant", "sage", "Bred by Odile Varenne and introduced in 1987."),
    ("plant", "sage", "A plant for full sun, 60 cm high."),
    ("plant", "sage", "Edible, for €6.90."),
    ("plant", "sage", "The leaves smell of lemon."),
    ("plant", "sage", "Because you liked Cellar Lace."),
    ("plant", "sage", "Taller than Cellar Lace."),
    ("plant", "sage", "Cheaper than 8 euros."),
]
FALSE = [
    ("film", "heat", "A crime thriller from 1996."),
    ("film", "heat", "A horror film."),
    ("film", "heat", "Directed by Ridley Scott."),
    ("film", "heat", "Directed by Al Pacino."),
    ("film", "heat", "Michael Mann stars."),
    ("film", "heat", "Directed by Lena Quarrow."),
    ("film", "heat", "It runs for 120 minutes."),
    ("film", "heat", "Rated 4.9."),
    ("film", "heat", "Rated 4.2 by 900 people."),
    ("film", "heat", "Because you liked Ali."),
    ("film", "heat", "You loved Heat."),
    ("film", "heat", "Because you liked The Godfather."),
    ("film", "heat", "You rated Alien 3 stars."),
    ("film", "heat", "3 people who liked Ali also liked this."),
    ("film", "heat", "40 people who liked Alien also liked this."),
    ("film", "heat", "Similar to Alien."),
    ("film", "heat", "Older than Alien."),
    ("film", "heat", "The shortest film in the catalogue."),
    ("film", "heat", "Not a thriller."),
    ("film", "heat", "It won an Oscar."),
    ("film", "heat", "An award-winning thriller."),
    ("film", "heat", "Nominated for three Golden Globes."),
    ("film", "heat", 'Its description speaks of a "flying car".'),
    ("film", "heat", "A film about a beekeeper."),
    ("film", "heat", "Will Smith has a part in it."),
    ("film", "heat", "Heat (1999) is a good choice."),
    ("film", "heat", "Under two hours."),
    ("film", "heat", "A drama, like Ali."),
    ("film", "heat", "This is “Alien”."),
    ("film", "heat", "Music by Zara Quill."),
    ("shop", "tent", "A red tent."),
    ("shop", "tent", "Made by Vessel."),
    ("shop", "tent", "It costs €129.50."),
    ("shop", "tent", "Under 100 euros."),
    ("shop", "tent", "Not waterproof."),
    ("shop", "tent", "Out of stock."),
    ("shop", "tent", "It weighs 1.4 kg."),
    ("shop", "tent", "Released in June 2022."),
    ("shop", "tent", "Cheaper than Vessel Dusk."),
    ("shop", "tent", "Its colour is canvas."),
    ("shop", "tent", "Winner of the Red Dot design award."),
    ("shop", "tent", "With a titanium frame."),
    ("shop", "tent", "Rated 4.9 out of 5."),
    ("shop", "tent", "cheaper than the one above, but better rated"),
    ("plant", "sage", "Bred by Tom Askel."),
    ("plant", "sage", "Introduced in 1997."),
    ("plant", "sage", "A plant for deep shade."),
    ("plant", "sage", "90 cm high."),
    ("plant", "sage", "Not edible."),
    ("plant", "sage", "For €9.90."),
    ("plant", "sage", "It won the Chelsea gold medal."),
    ("plant", "sage", "The leaves smell of mint."),
    ("plant", "sage", "Because you liked Silver Harbour."),
    ("plant", "sage", "Shorter than Cellar Lace."),
]


@pytest.mark.parametrize(("domain", "id", "text"), TRUE)
def test_what_is_true_holds(domain: str, id: str, text: str) -> None:
    verdict = check(domain, id, text, above=ABOVE[id])
    assert verdict.holds, [c for c in verdict.claims if not c.holds]


@pytest.mark.parametrize(("domain", "id", "text"), FALSE)
def test_what_is_false_or_unknown_does_not_hold(domain: str, id: str, text: str) -> None:
    verdict = check(domain, id, text, above=ABOVE[id])
    assert not verdict.holds, verdict.claims
    assert all(c.why for c in verdict.claims)


def test_claims_come_one_by_one_in_the_words_of_the_text() -> None:
    verdict = check("film", "heat", "A 1995 thriller, directed by Ridley Scott.")
    told = [(c.text, c.holds) for c in verdict.claims]
    assert told == [("1995", True), ("thriller", True), ("directed by Ridley Scott", False)]
    assert verdict.claims[2].why == "directors: Michael Mann"


def test_nothing_is_claimed_by_courtesy_or_by_an_empty_text() -> None:
    for text in ("", "  ", "Enjoy!", "I hope you like it."):
        verdict = check("film", "heat", text)
        assert verdict.claims == ()
        assert verdict.holds


def test_nothing_holds_of_a_person_who_is_not_named() -> None:
    assert not check("film", "heat", "Because you liked Alien.", known=False).holds
    assert not check("film", "heat", "New to you.", known=False).holds


def test_a_text_of_any_shape_is_read() -> None:
    for text in (
        "???",
        "“”",
        "(((",
        "1" * 400,
        "a " * 3000,
        "Ünïcödé 漢字 🎬",
        "than than than",
        "by by",
    ):
        assert isinstance(check("film", "heat", text).holds, bool)


def test_a_persons_name_that_ends_in_the_title_is_read_whole() -> None:
    verdict = check("film", "ali", "A boxer, played by Will Smith. Ali is a drama.")
    assert verdict.holds, verdict.claims


def test_a_value_that_sentences_are_made_of_may_be_shared() -> None:
    told = check("film", "ali", "love, like Alien")
    assert not told.holds
    told = check("film", "moon", "love, like Tides")
    assert told.holds, told
    assert not check("film", "moon", "love, like Heat").holds


def test_a_value_that_an_item_has_in_two_spellings_is_shared_by_either() -> None:
    told = check("film", "moon", "slow burning, like Tides")
    assert told.holds, told
    assert not check("film", "moon", "slow burning, like Heat").holds


def test_a_mean_meets_a_bound_as_both_are_written() -> None:
    assert check("film", "moon", "rated 3.76, at least 3.76").holds
    assert not check("film", "moon", "rated at least 3.77").holds
    assert not check("film", "moon", "rated at least 3.8").holds
