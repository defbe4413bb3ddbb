"""Slates and conversations as Markdown."""

from __future__ import annotations

from tests.ui.values import card, reply
from ui.markdown import conversation_markdown, slate_markdown


def test_a_slate_is_a_numbered_list_with_what_its_cards_say() -> None:
    text = slate_markdown((card(price="€5"), card("b", "Night Ferry", facts=(), reasons=())))
    assert text == (
        "1. The Long Harbour (1998) – €5 – Crime, Drama; Iris Maddox – By Iris Maddox\n"
        "2. Night Ferry (1998)"
    )
    assert slate_markdown(()) == ""


def test_a_conversation_holds_every_message_and_each_slate_once() -> None:
    cards = (card("a", "One *star*"),)
    history = (
        ("a *quiet* film", reply("Here.", cards=cards)),
        ("thanks", reply("Gladly.", cards=cards)),
        ("", reply("", cards=cards)),
    )
    text = conversation_markdown("a *quiet* film", history)
    assert text.startswith("# a \\*quiet\\* film\n\n> a \\*quiet\\* film\n\nHere.")
    assert text.count("One \\*star\\*") == 1
    assert text.endswith("> thanks\n\nGladly.\n")
