"""The turn in other languages: what is read is found, and the reply is in the words it came in."""

from __future__ import annotations

import pytest

from assistant import Assistant
from assistant.explanation.wording import REFERENCE, wording
from assistant.types import Reading

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


def test_a_button_speaks_the_language_of_the_conversation(films: Assistant) -> None:
    films.reply("s", "Ich suche Komödien")
    reply = films.reply("s", Reading(more=True))
    assert wording("de").say("chips.others") in reply.chips
