"""Cards, chips and the panels around them, as HTML.

Pure functions from values to strings. Every piece of text that comes from a catalogue, a model or
a person passes :func:`ui.plain.markup`; a button carries what it means in ``data-`` attributes,
which ``static/press.js`` reads. No picture is fetched from another host: an item's image is used
only when it is embedded (``data:image/…``), every other item gets a generated cover.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Literal

from assistant.types import Card
from ui.covers import cover
from ui.icons import icon
from ui.plain import markup, one_line, sentence, shorten

Press = Literal["like", "dislike", "seen", "more_like"]
"""What a card's button does."""

_LABELS: dict[Press, str] = {
    "like": "Like",
    "dislike": "Not for me",
    "seen": "Seen it",
    "more_like": "More like this",
}
_EMBEDDED = re.compile(r"data:image/(?:png|jpeg|webp|gif|avif);base64,[A-Za-z0-9+/=]+")
_FACTS_SHOWN = 4
_FACT_LENGTH = 64


def _exact(key: str) -> str:
    """An id as an attribute: escaped but otherwise untouched, because it is sent back."""
    return html.escape(key, quote=True)


def _cover(card: Card, position: int) -> str:
    number = f'<span class="place" aria-hidden="true">{position}</span>'
    if _EMBEDDED.fullmatch(card.image):
        return (
            f'<div class="cover pictured" aria-hidden="true"><img src="{card.image}" alt="">'
            f"{number}</div>"
        )
    made = cover(card)
    paint = f"--dark:{made.dark};--light:{made.light};--angle:{made.angle}deg"
    return (
        f'<div class="cover" style="{paint}" aria-hidden="true">'
        f'<span class="initials">{markup(made.initials)}</span>{number}</div>'
    )


def _button(card: Card, press: Press) -> str:
    label = _LABELS[press]
    title = markup(card.title)
    name = f"More like {title}" if press == "more_like" else f"{label}: {title}"
    wide = " wide" if press == "more_like" else ""
    text = f"<span>{label}</span>" if wide else ""
    return (
        f'<button type="button" class="press {press}{wide}" data-act="{press}" '
        f'data-item="{_exact(card.id)}" aria-label="{name}" title="{label}">'
        f"{icon(press)}{text}</button>"
    )


def _fact(label: str, value: str) -> str:
    """One fact. A value in words speaks for itself: its label is left to screen readers."""
    worded = ' class="worded"' if _worded(value) else ""
    said = markup(shorten(one_line(value), _FACT_LENGTH))
    return f"<div{worded}><dt>{markup(label)}</dt><dd>{said}</dd></div>"


def _worded(value: str) -> bool:
    """Whether a value reads without its label: "Crime and Drama" does; "4.2", "yes" do not."""
    return len(value) > 3 and not any(c.isdigit() for c in value)


def _facts(card: Card) -> str:
    rows = [_fact(label, value) for label, value in card.facts if value][:_FACTS_SHOWN]
    return f'<dl class="facts">{"".join(rows)}</dl>' if rows else ""


def card_html(card: Card, position: int) -> str:
    """One card with its cover and its four buttons. ``position`` counts from 1."""
    year = f' <span class="year">{markup(card.year)}</span>' if card.year else ""
    price = f'<span class="price">{markup(card.price)}</span>' if card.price else ""
    stock = "" if card.available else '<span class="stock">Not available</span>'
    offer = f'<p class="offer">{price}{stock}</p>' if price or stock else ""
    said = sentence(card.reason())
    reason = f'<p class="reason">{icon("spark")}<span>{markup(said)}</span></p>' if said else ""
    buttons = "".join(_button(card, press) for press in _LABELS)
    title = markup(card.title)
    return (
        f'<li class="card{"" if card.available else " away"}" data-id="{_exact(card.id)}">'
        f"{_cover(card, position)}"
        f'<div class="body"><h3><bdi>{title}</bdi>{year}</h3>{offer}{_facts(card)}{reason}'
        f'<div class="presses" role="group" aria-label="{title}">{buttons}</div></div></li>'
    )


def counted(count: int, noun: str, nouns: str) -> str:
    """A number with its noun: "1 film", "6 films", "17,472 films"."""
    return f"{count:,} {one_line(noun if count == 1 else nouns)}"


def slate_html(
    cards: Sequence[Card], *, noun: str, nouns: str, busy: bool = False, turn: int = 0
) -> str:
    """The panel of cards, in order; an empty string for none.

    ``turn`` counts the slates of this page, so that a new one fades in and is read from its start.
    """
    if not cards:
        return ""
    items = "".join(card_html(card, i) for i, card in enumerate(cards, start=1))
    count = markup(counted(len(cards), noun, nouns))
    best = ", the best fit first" if len(cards) > 1 else ""
    return (
        f'<section class="slate turn-{turn % 2}" data-slate="{turn}" aria-label="{count}" '
        f'aria-busy="{"true" if busy else "false"}">'
        f'<header><h2>Picked for you</h2><p class="quiet">{count}{best}</p></header>'
        f'<ol class="cards" tabindex="0" aria-label="{count}">{items}</ol></section>'
    )


def _say(text: str, kind: str, *, ready: bool = True) -> str:
    said, off = markup(text), "" if ready else " disabled"
    return f'<button type="button" class="{kind}" data-say="{said}"{off}>{said}</button>'


def welcome_html(
    examples: Sequence[str], *, nouns: str, first: bool = True, ready: bool = True
) -> str:
    """The panel before the first slate: what this is, and messages to begin with.

    ``first`` is true while nothing was said at all; the page then is one column. The examples
    cannot be pressed until the page is ``ready`` for them.
    """
    starts = "".join(f"<li>{_say(e, 'example', ready=ready)}</li>" for e in examples)
    tries = f'<ul class="examples" aria-label="Examples">{starts}</ul>' if starts else ""
    if first:
        title = "What are you in the mood for?"
        text = (
            "Say it in your own words: something you loved, a name, a mood, what it must not be. "
            f"The {nouns} appear here, each with its reason, and every answer or tap on a card "
            "brings them closer."
        )
    else:
        title, text = "Nothing on the table yet", "Say it another way, or begin with one of these."
    return (
        f'<section class="welcome{" first" if first else ""}">'
        f"<h2>{title}</h2><p>{markup(text)}</p>{tries}</section>"
    )


def waiting_html(places: int = 6) -> str:
    """Empty places where the first slate will stand, while it is being found."""
    ghost = '<li class="ghost"><div class="cover"></div><div class="body"><i></i><i></i></div></li>'
    return (
        '<section class="slate waiting" aria-hidden="true">'
        f'<ol class="cards">{ghost * places}</ol></section>'
    )


def chips_html(chips: Sequence[str]) -> str:
    """Short messages the person may send next; an empty string when there are none."""
    if not chips:
        return ""
    return (
        '<div class="chips" role="group" aria-label="Suggestions">'
        + "".join(_say(c, "chip") for c in chips)
        + "</div>"
    )


def status_html(text: str, *, done: int | None = None, total: int | None = None) -> str:
    """The line that says what is being worked on, with a bar where the end is known."""
    if not text:
        return '<p class="status" role="status"></p>'
    bar = ""
    if done is not None and total:
        share = max(0, min(100, round(100 * done / total)))
        bar = f'<span class="bar" aria-hidden="true"><i style="width:{share}%"></i></span>'
    return (
        f'<p class="status on" role="status"><span class="pulse" aria-hidden="true"></span>'
        f"{markup(text)}{bar}</p>"
    )


def notice_html(text: str) -> str:
    """A calm line about something that did not go as wished; an empty string for none."""
    return f'<p class="notice" role="note">{markup(text)}</p>' if text else ""


def pressed(value: object) -> Press | None:
    """The button a page says was pressed, or None when there is no such button."""
    return next((press for press in _LABELS if press == value), None)


def spoken(card: Card, press: Press) -> str:
    """What pressing a card's button says in the conversation."""
    title = one_line(card.title)
    return {
        "like": f"I like {title}",
        "dislike": f"Not for me: {title}",
        "seen": f"Seen it: {title}",
        "more_like": f"More like {title}",
    }[press]
