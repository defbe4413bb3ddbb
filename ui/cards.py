"""One card as HTML: cover, facts, reason, and what can be done with it.

Pure functions from values to strings. Every piece of text that comes from a catalogue, a model or
a person passes :func:`ui.plain.markup`. No picture is fetched from another host: an item's image is
used only when it is embedded (``data:image/…``), every other item gets a generated cover.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.explanation.wording import wording
from assistant.types import Card
from ui.covers import cover
from ui.icons import Icon, icon
from ui.parts import Way, button, exact
from ui.plain import markup, one_line, sentence, shorten
from ui.words import REFERENCE, Words

Press = Literal["like", "dislike", "seen", "more_like"]
"""What a card's button says in the conversation."""

_PRESSES: tuple[Press, ...] = ("like", "dislike", "seen", "more_like")
_EMBEDDED = re.compile(r"data:image/(?:png|jpeg|webp|gif|avif);base64,[A-Za-z0-9+/=]+")
_FACTS_SHOWN = 4
_FACT_LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What a person's page adds to a card: whether it is on their list, what may speak against it
    (key and words), and whether anything of this is kept (not in a private conversation)."""

    saved: bool = False
    against: Sequence[tuple[str, str]] = ()
    kept: bool = True


PLAIN = Marks()


def pictured(card: Card) -> bool:
    """Whether the item brings a picture that may be shown."""
    return _EMBEDDED.fullmatch(card.image) is not None


def cover_html(card: Card, number: str = "", *, small: bool = False) -> str:
    """The item's picture, or its generated cover; ``number`` is its place. A ``small`` cover has
    room for initials alone."""
    place = f'<span class="place" aria-hidden="true">{number}</span>' if number else ""
    if pictured(card):
        return (
            f'<div class="cover pictured" aria-hidden="true"><img src="{card.image}" alt="">'
            f"{place}</div>"
        )
    made = cover(card)
    paint = f"--dark:{made.dark};--light:{made.light};--angle:{made.angle}deg;--at:{made.at}%"
    if small:
        set_ = f'<span class="initials">{markup(made.initials)}</span>'
    else:
        paint += f";--size:{made.size:g}"
        # One element whatever the title: the style sheet keeps the line breaks.
        set_ = f'<span class="lettering">{chr(10).join(map(markup, made.lines))}</span>'
    return (
        f'<div class="cover m{made.shape}" style="{paint}" aria-hidden="true">{set_}{place}</div>'
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


def _match(card: Card, words: Words) -> str:
    """How well it fits, in four steps."""
    steps = max(1, min(4, math.ceil(card.score * 4)))
    said = markup(words.say("card.match", strength=words.say(f"card.match_{steps}")))
    bars = "".join(f'<i class="{"on" if n < steps else ""}"></i>' for n in range(4))
    return f'<span class="match" role="img" aria-label="{said}" title="{said}">{bars}</span>'


def _reason(card: Card, words: Words) -> str:
    """The reason; pressing it shows what it rests on."""
    said = sentence(card.reason())
    if not said:
        return ""
    label = f"{words.say('card.why')} {one_line(card.title)}"
    return (
        f'<button type="button" class="reason" data-ask="why" data-item="{exact(card.id)}" '
        f'title="{markup(words.say("card.why"))}">{icon("spark")}<span>{markup(said)}</span>'
        f'<span class="unseen"> {markup(label)}</span></button>'
    )


def _why_not(card: Card, marks: Marks, words: Words) -> str:
    """What lies over the card while a reason against it is chosen."""
    item, title = card.id, one_line(card.title)

    def chip(act: str, text: str, because: str | None = None) -> str:
        label = words.say("card.name", act=text, title=title)
        return button(
            "act", act, sentence(text), label=label, kind="chip", item=item, because=because
        )

    chips = [chip("dislike", words.say("card.plain"))]
    chips += [chip("dislike", text, key) for key, text in marks.against]
    chips.append(chip("seen", words.say("card.seen")))
    if marks.kept:
        hide = words.say("card.hide")
        label = words.say("card.name", act=hide, title=title)
        chips.append(button("ask", "hide", hide, label=label, kind="chip", item=item))
    close = button("do", "why-not", words.say("page.close"), kind="press", sign="close", bare=True)
    question = markup(words.say("card.why_not"))
    return (
        f'<div class="whynot" role="group" aria-label="{question}" hidden>'
        f"<header><p>{question}</p>{close}</header>"
        f'<div class="choices">{"".join(chips)}</div></div>'
    )


def _presses(card: Card, marks: Marks, words: Words) -> str:
    title, item = one_line(card.title), card.id

    def press(way: Way, name: str, key: Icon, pressed: bool | None = None) -> str:
        text = words.say(f"card.{key}")
        label = words.say("card.name", act=text, title=title)
        kind = f"press {key}"
        return button(
            way, name, text, label=label, kind=kind, sign=key, bare=True, pressed=pressed, item=item
        )

    more = words.say("card.more_like")
    name = words.say("card.more_like_name", title=title)
    return (
        press("act", "like", "like")
        + press("do", "why-not", "dislike")
        + (press("ask", "save", "save", marks.saved) if marks.kept else "")
        + press("do", "choose", "compare", False)
        + button(
            "act",
            "more_like",
            more,
            label=name,
            kind="press more_like wide",
            sign="more_like",
            item=item,
        )
    )


def card_html(
    card: Card,
    position: int,
    *,
    marks: Marks = PLAIN,
    scored: bool = True,
    words: Words = REFERENCE,
) -> str:
    """One card with its cover and its buttons. ``position`` counts from 1; the first card can be
    reached with Tab, the others from it with the arrow keys. ``scored``: how well it fits is
    known."""
    year = f' <span class="year">{markup(card.year)}</span>' if card.year else ""
    price = f'<span class="price">{markup(card.price)}</span>' if card.price else ""
    away = markup(words.say("card.unavailable"))
    stock = "" if card.available else f'<span class="stock">{away}</span>'
    offer = f'<p class="offer">{price}{stock}</p>' if price or stock else ""
    title = markup(card.title)
    return (
        f'<li class="card{"" if card.available else " away"}" data-id="{exact(card.id)}" '
        f'tabindex="{0 if position == 1 else -1}" aria-label="{title}">'
        f"{cover_html(card, str(position))}"
        f'<div class="body"><div class="head"><h3><bdi>{title}</bdi>{year}</h3>'
        f"{_match(card, words) if scored else ''}</div>{offer}{_facts(card)}{_reason(card, words)}"
        f'<div class="presses" role="group" aria-label="{title}">{_presses(card, marks, words)}'
        f"</div></div>{_why_not(card, marks, words)}</li>"
    )


def gone_html(card: Card, words: Words) -> str:
    """The place of a card that was just hidden, with the way back."""
    undo = button("ask", "unhide", words.say("card.undo"), kind="plain", item=card.id)
    said = markup(words.say("card.hidden"))
    return (
        f'<li class="card gone" data-gone="{exact(card.id)}"><p role="status">{said}</p>{undo}</li>'
    )


def pressed(value: object) -> Press | None:
    """The button a page says was pressed, or None when there is no such button."""
    return next((press for press in _PRESSES if press == value), None)


def spoken(card: Card, press: Press, language: str = "en", *, why: str = "") -> str:
    """What pressing a card's button says in the conversation, as the conversation will hold it."""
    said, title = wording(language), one_line(card.title)
    if why:
        return said.say("card.because", title=title, why=why)
    return said.say(f"card.{press}", title=title)
