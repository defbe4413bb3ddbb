"""Cards in a terminal."""

from __future__ import annotations

import io

from rich.console import Console

from assistant.types import Degraded
from tests.ui.values import card
from ui.terminal import print_cards, print_chips, print_notice, print_reply


def paper() -> Console:
    return Console(file=io.StringIO(), width=80, highlight=False)


def written(out: Console) -> str:
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_a_card_says_its_number_title_year_price_stock_facts_and_reason() -> None:
    out = paper()
    print_cards(out, (card(price="€589", available=False),))
    for said in ("1 ", "The Long Harbour", "(1998)", "€589", "not available", "Crime, Drama"):
        assert said in written(out)
    assert "By Iris Maddox" in written(out)


def test_a_title_cannot_write_to_the_terminal_by_itself() -> None:
    out = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="truecolor")
    print_cards(out, (card(title="\x1b]0;owned\x07[red]Heat[/red]\x1b[2J"),))
    print_reply(out, "\x1b[2JHello [bold]")
    assert "\x1b]0" not in written(out)
    assert "\x1b[2J" not in written(out)
    assert "[red]Heat[/red]" in written(out)


def test_notices_are_said_once() -> None:
    out = paper()
    print_notice(out, (Degraded(stage="understand", reason="No answer."),) * 2)
    assert written(out).count("No answer.") == 1


def test_no_chips_no_line() -> None:
    out = paper()
    print_chips(out, ())
    assert written(out) == ""
