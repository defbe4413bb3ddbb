"""Before the first slate: what this is, messages to begin with, what a newcomer may tap."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.types import Card
from ui.cards import cover_html, pictured
from ui.parts import button, exact, say
from ui.plain import markup, one_line, shorten
from ui.words import REFERENCE, Words

_TITLE_LENGTH = 48


def welcome_html(
    examples: Sequence[str],
    *,
    nouns: str,
    starters: Sequence[Card] = (),
    first: bool = True,
    ready: bool = True,
    words: Words = REFERENCE,
) -> str:
    """The panel before the first slate.

    ``first`` is true while nothing was said at all; the page then is one column. ``starters`` are
    things that a newcomer may tap; to say something instead passes them over. Nothing can be
    pressed until the page is ``ready`` for it.
    """
    starts = "".join(f"<li>{say(e, 'example', ready=ready)}</li>" for e in examples)
    label = markup(words.say("welcome.examples"))
    tries = f'<ul class="examples" aria-label="{label}">{starts}</ul>' if starts else ""
    key = "welcome" if first else "welcome.again"
    title = words.say("welcome.title" if first else "welcome.again_title")
    text = words.say("welcome.text" if first else f"{key}_text", nouns=one_line(nouns))
    taps = starters_html(starters, words) if first and ready else ""
    return (
        f'<section class="welcome{" first" if first else ""}">'
        f"<h2>{markup(title)}</h2><p>{markup(text)}</p>{tries}{taps}</section>"
    )


def starters_html(starters: Sequence[Card], words: Words = REFERENCE) -> str:
    """A grid of covers to tap; the taps stay in the page until they are sent together."""
    if not starters:
        return ""
    tiles = "".join(map(_tile, starters))
    one, other = words.say("welcome.chosen.one", n="%"), words.say("welcome.chosen.other", n="%")
    use = button("act", "picked", words.say("welcome.use"), kind="solid")
    return (
        f'<div class="starters" data-one="{markup(one)}" data-other="{markup(other)}">'
        f"<h3>{markup(words.say('welcome.starters'))}</h3>"
        f'<p class="quiet">{markup(words.say("welcome.starters_text"))}</p>'
        f'<ul class="tiles">{tiles}</ul>'
        f'<div class="use" hidden><p role="status"></p>{use}</div></div>'
    )


def _tile(card: Card) -> str:
    """A cover to tap. The title stands on a generated cover; beneath a picture it is written."""
    title = markup(shorten(one_line(card.title), _TITLE_LENGTH))
    written = "" if pictured(card) else ' class="unseen"'
    return (
        f'<li><button type="button" class="tile" data-do="pick" data-item="{exact(card.id)}" '
        f'aria-pressed="false">{cover_html(card)}<span{written}><bdi>{title}</bdi></span>'
        "</button></li>"
    )
