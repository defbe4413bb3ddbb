"""The panel of cards and what stands around it: what counts, status, notice, suggestions."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from assistant.types import Card, Want
from retrieval.types import ItemId
from ui.cards import PLAIN, Marks, card_html
from ui.markdown import slate_markdown
from ui.parts import button, say
from ui.plain import markup, one_line
from ui.words import REFERENCE, Words


def counted(count: int, noun: str, nouns: str) -> str:
    """A number with its noun: "1 film", "6 films", "17,472 films"."""
    return f"{count:,} {one_line(noun if count == 1 else nouns)}"


def slate_html(
    cards: Sequence[Card],
    *,
    noun: str,
    nouns: str,
    wants: Sequence[Want] = (),
    marks: Mapping[ItemId, Marks] | None = None,
    busy: bool = False,
    turn: int = 0,
    words: Words = REFERENCE,
) -> str:
    """The panel of cards, in order; an empty string for none.

    ``turn`` counts the slates of this page, so that a new one fades in and is read from its start.
    ``marks`` holds what the person's page adds, by item id.
    """
    if not cards:
        return ""
    held, scored = marks or {}, any(c.score > 0 for c in cards)
    items = "".join(
        card_html(card, i, marks=held.get(card.id, PLAIN), scored=scored, words=words)
        for i, card in enumerate(cards, start=1)
    )
    count = markup(counted(len(cards), noun, nouns))
    best = f", {markup(words.say('slate.best'))}" if len(cards) > 1 else ""
    copy = button("do", "copy", words.say("slate.copy"), kind="press", sign="copy")
    share = button("do", "share", words.say("slate.share"), kind="press share", sign="share")
    return (
        f'<section class="slate turn-{turn % 2}" data-slate="{turn}" aria-label="{count}" '
        f'aria-busy="{"true" if busy else "false"}" '
        f'data-copied="{markup(words.say("slate.copied"))}">'
        f"<header><h2>{markup(words.say('slate.title'))}</h2>"
        f'<p class="quiet">{count}{best}</p><div class="tools">{copy}{share}</div></header>'
        f"{wants_html(wants, words)}"
        f'<ol class="cards" aria-label="{count}">{items}</ol>{_tray(words)}'
        f'<pre class="text" hidden>{html.escape(slate_markdown(cards))}</pre></section>'
    )


def wants_html(wants: Sequence[Want], words: Words = REFERENCE) -> str:
    """What counts now, each to be removed by a press; an empty string for nothing."""
    if not wants:
        return ""
    chips = "".join(
        "<li>"
        + button(
            "act",
            "lift",
            want.text,
            label=words.say("slate.lift", want=one_line(want.text)),
            kind="want",
            sign="close",
            want=str(n),
        )
        + "</li>"
        for n, want in enumerate(wants)
    )
    return f'<ul class="wants" aria-label="{markup(words.say("slate.wants"))}">{chips}</ul>'


def _tray(words: Words) -> str:
    """What was chosen to be compared; filled and shown by the page itself."""
    one, other = words.say("tray.chosen.one", n="%"), words.say("tray.chosen.other", n="%")
    compare = button("ask", "compare", words.say("tray.compare"), kind="solid")
    clear = button("do", "clear", words.say("tray.clear"), kind="plain")
    return (
        f'<div class="tray" hidden data-one="{markup(one)}" data-other="{markup(other)}">'
        f'<p role="status"></p>{compare}{clear}</div>'
    )


def waiting_html(places: int = 6) -> str:
    """Empty places where the first slate will stand, while it is being found."""
    ghost = '<li class="ghost"><div class="cover"></div><div class="body"><i></i><i></i></div></li>'
    return (
        '<section class="slate waiting" aria-hidden="true">'
        f'<ol class="cards">{ghost * places}</ol></section>'
    )


def chips_html(chips: Sequence[str], words: Words = REFERENCE) -> str:
    """Short messages the person may send next; an empty string when there are none."""
    if not chips:
        return ""
    return (
        f'<div class="chips" role="group" aria-label="{markup(words.say("slate.suggestions"))}">'
        + "".join(say(c, "chip") for c in chips)
        + "</div>"
    )


def status_html(
    text: str,
    *,
    done: int | None = None,
    total: int | None = None,
    words: Words = REFERENCE,
) -> str:
    """The line that says what is being worked on, with a bar where the end is known, and the way
    to stop it."""
    if not text:
        return '<p class="status" role="status"></p>'
    bar = ""
    if done is not None and total:
        share = max(0, min(100, round(100 * done / total)))
        bar = f'<span class="bar" aria-hidden="true"><i style="width:{share}%"></i></span>'
    stop = button("leave", "stop", words.say("stage.stop"), kind="stop", sign="stop")
    return (
        f'<div class="status on"><p role="status"><span class="pulse" aria-hidden="true"></span>'
        f"{markup(text)}{bar}</p>{stop}</div>"
    )


def notice_html(text: str) -> str:
    """A calm line about something that did not go as wished; an empty string for none."""
    return f'<p class="notice" role="status">{markup(text)}</p>' if text else ""
