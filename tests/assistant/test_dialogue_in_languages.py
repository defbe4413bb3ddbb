"""The turn in other languages: what is read is found, and the reply is in the words it came in."""

from __future__ import annotations

import pytest

from assistant import Assistant, answers
from assistant.constraints import Constraint
from assistant.explanation.wording import REFERENCE, wording
from assistant.types import Reading
from assistant.understanding.context import Context
from tests.assistant.understanding.worlds import FILM_SCHEMA, film_engine

OPENERS = [
    ("es", "Busco comedias posteriores a 1990", "Aquí tienes"),
    ("de", "Ich suche Komoedien, die nach 1990 gedreht wurden", "Hier s"),
    ("fr", "Je cherche des comédies d'après 1990", "Voici"),
    ("zh", "推荐几部1990年之后的喜剧片", "为你找到"),
]


@pytest.mark.parametrize(("language", "text", "begins"), OPENERS)
def test_a_request_is_answered_in_its_language(
    films: Assistant, language: str, text: str, begins: str
) -> None:
    reply = films.reply("s", text)
    found = [films.parts.retriever.items[i] for i in reply.slate.ids()]
    assert found
    assert all("Comedy" in i.fields["genres"] and i.fields["year"] > 1990 for i in found)  # type: ignore[operator]
    assert reply.text.startswith(begins)
    assert wording(language).say("chips.others") in reply.chips


@pytest.mark.parametrize(("language", "text", "begins"), OPENERS)
def test_the_language_lasts_and_the_chips_lead_on(
    films: Assistant, language: str, text: str, begins: str
) -> None:
    first = films.reply("s", text)
    more = films.reply("s", wording(language).say("chips.others"))
    assert more.text != first.text
    assert not set(first.slate.ids()) & set(more.slate.ids())
    number = films.reply("s", "1995")
    assert REFERENCE.say("chips.others") not in number.chips
    assert films.reply("s", wording(language).say("chips.start_over")).text == wording(
        language
    ).say("chat.reset")


@pytest.mark.parametrize("language", ["en", "es", "de", "fr", "zh"])
@pytest.mark.parametrize("span", [(None, 1990.0), (1991.0, 2000.0), (2001.0, None)])
def test_years_that_are_offered_as_an_answer_are_read_as_they_are_meant(
    language: str, span: tuple[float | None, float | None]
) -> None:
    offered = Constraint(kind="range", turn=0, field="year", low=span[0], high=span[1])
    chip = answers.constraint(offered, FILM_SCHEMA, wording(language))
    read = film_engine.read(chip, Context(language=language)).ranges["year"]
    assert (read.min, read.max) == span


def test_a_button_speaks_the_language_of_the_conversation(films: Assistant) -> None:
    films.reply("s", "Ich suche Komödien")
    reply = films.reply("s", Reading(more=True))
    assert wording("de").say("chips.others") in reply.chips
