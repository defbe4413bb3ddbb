"""The dialogue in a terminal: cards, replies and notices as rich text.

Item text goes in as :class:`rich.text.Text`, never as markup, with control characters removed.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from assistant.types import Card, Degraded
from ui.plain import lines, one_line, sentence, shorten

_FACT_LENGTH = 70
_WIDEST = 96


def card_text(card: Card, position: int) -> RenderableType:
    """One card: its number, then title, year, price and stock, facts, reason."""
    head = Text(one_line(card.title), style="bold")
    if card.year:
        head.append(f" ({one_line(card.year)})", style="dim")
    if card.price:
        head.append(f"  {one_line(card.price)}", style="cyan")
    if not card.available:
        head.append("  not available", style="yellow")
    parts: list[RenderableType] = [head]
    facts = Text(style="dim")
    for label, value in card.facts:
        if value:
            facts.append(" · " if facts else "")
            facts.append(f"{one_line(label)} {shorten(one_line(value), _FACT_LENGTH)}")
    if facts:
        parts.append(facts)
    if card.reason():
        parts.append(Text(sentence(one_line(card.reason())), style="green"))
    row = Table.grid(padding=(0, 1))
    row.add_column(justify="right", width=3, style="bold cyan", no_wrap=True)
    row.add_column(ratio=1)
    row.add_row(str(position), Group(*parts))
    return row


def print_cards(out: Console, cards: Sequence[Card]) -> None:
    """The cards in order with a blank line between them; nothing for none."""
    width = min(out.width, _WIDEST)
    for position, card in enumerate(cards, start=1):
        out.print(Padding(card_text(card, position), (0, 0, 1, 0)), width=width)


def print_reply(out: Console, text: str) -> None:
    """What the assistant says."""
    out.print(Text(lines(text)), width=min(out.width, _WIDEST))


def print_chips(out: Console, chips: Sequence[str]) -> None:
    """Short messages that may be sent next."""
    if chips:
        said = " · ".join(one_line(chip) for chip in chips)
        out.print(Text(f"You might say: {said}", style="dim"), width=min(out.width, _WIDEST))


def print_notice(out: Console, degraded: Sequence[Degraded]) -> None:
    """What fell back to the rules engine, each reason once."""
    for reason in dict.fromkeys(d.reason for d in degraded):
        out.print(Text(f"Note: {one_line(reason)}", style="yellow"))
