"""Any text gives a Reading, and a long one takes no longer than it should."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.types import Reading
from assistant.understanding.rules import RulesEngine
from assistant.understanding.tokens import MAX_TOKENS, numeral, tokenise
from assistant.understanding.vocabulary import Vocabulary
from tests.assistant.understanding.worlds import FILM_SCHEMA, film_engine, plant_engine, shown

WORDS = (
    "no not w/o the first second #3 1 2 80s '94 under over between and or , . ? ! like loved hated "
    "seen comedy horror Heat Her copper lantern Brandt too less more than cheaper older rose 20 "
    "euros cm it that one these why who compare undo anything but is was great rubbish ( )"
)


@given(st.text(max_size=300))
@example("\x00\x01\x02")
@example("🍿🎬👻" * 20)
@example("'’‘\"“”«»")
@example("9" * 400)
@example("1,2,3,4.5.6")
@example("½ ² ٣ 四 Ⅷ")
def test_any_text_gives_a_reading(text: str) -> None:
    for engine in (film_engine, plant_engine):
        assert isinstance(engine.read(text, shown("f3", "f4")), Reading)


@given(st.lists(st.sampled_from(WORDS.split()), max_size=40))
def test_any_mix_of_its_own_words_gives_a_consistent_reading(words: list[str]) -> None:
    context = shown("f3", "f5", "p1")
    reading = film_engine.read(" ".join(words), context)
    assert all(1 <= n <= 3 for n in reading.reference)
    for bounds in reading.ranges.values():
        assert bounds.min is not None or bounds.max is not None
    for name, values in reading.exclude.items():
        assert values
        assert not set(values) & set(reading.include.get(name, ()))


@pytest.mark.parametrize(
    "piece",
    ["horror like heat, not gory ", "zxqv wobblish ", "not ", '"', "1", ", ", "the second ", "\n"],
)
def test_a_hundred_kilobytes_are_read_as_their_beginning(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    assert len(tokenise(text)) <= MAX_TOKENS + 4
    assert isinstance(film_engine.read(text, shown("f3", "f4")), Reading)


def test_reading_is_pure() -> None:
    texts = ["a comedy, no horror", "like Heat but older", "the second one"]
    before = [film_engine.read(t, shown("f3", "f4")) for t in texts]
    random.Random(3).shuffle(texts)
    for t in texts:
        film_engine.read(t)
    texts = ["a comedy, no horror", "like Heat but older", "the second one"]
    assert [film_engine.read(t, shown("f3", "f4")) for t in texts] == before


def test_an_empty_catalogue_and_an_empty_message_are_read() -> None:
    nothing = RulesEngine(Vocabulary.build(FILM_SCHEMA, ()))
    assert nothing.read("a scary film like Heat from the 80s").ranges["year"].min == 1980
    assert film_engine.read("").act == "ask"
    assert film_engine.read(" ?! ").act == "ask"


@pytest.mark.parametrize(
    ("text", "value"), [("1,500", 1500), ("1.3", 1.3), ("1,3", 1.3), ("12", 12), ("1.000.000", 1e6)]
)
def test_numerals(text: str, value: float) -> None:
    assert numeral(text) == pytest.approx(value)
