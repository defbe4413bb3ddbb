"""What opens over the page: its frame, and the small ones (conversations, why, compare, keys)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from assistant.explanation.wording import wording
from assistant.sessions import Talk
from assistant.showcase import Comparison
from assistant.types import Card, Claim, SessionId
from ui.cards import cover_html
from ui.parts import button
from ui.plain import markup, one_line, sentence, shorten
from ui.words import REFERENCE, Words

_TITLE_LENGTH = 80
_KEYS = (
    ("Enter", "enter"),
    ("", "newline"),
    ("/", "slash"),
    ("← → ↑ ↓", "arrows"),
    ("L", "like"),
    ("X", "dislike"),
    ("S", "save"),
    ("C", "compare"),
    ("M", "more"),
    ("W", "why"),
    ("Esc", "escape"),
    ("?", "help"),
)


def sheet_html(title: str, body: str, *, name: str, words: Words = REFERENCE) -> str:
    """A dialog over the page. Each differs from the last one, so that the page opens it anew."""
    close = button("do", "close", words.say("page.close"), kind="press", sign="close", bare=True)
    return (
        f'<div class="veil" data-do="close"></div>'
        f'<section class="sheet {name}" role="dialog" aria-modal="true" '
        f'aria-labelledby="sheet-title" data-sheet="{name}" data-n="{secrets.token_hex(4)}">'
        f'<header><h2 id="sheet-title" tabindex="-1">{markup(title)}</h2>{close}</header>'
        f'<div class="sheet-body">{body}</div></section>'
    )


def talks_html(talks: Sequence[Talk], here: SessionId, words: Words = REFERENCE) -> str:
    """The visitor's conversations, the latest first."""
    said = wording(words.language)
    rows = []
    for talk in talks:
        title = shorten(one_line(talk.title), _TITLE_LENGTH) or words.say("talks.untitled")
        now = talk.session == here
        at = f"{said.date(talk.at)}" + (f" · {words.say('talks.here')}" if now else "")
        open_ = (
            f'<button type="button" class="entry" data-leave="open" '
            f'data-item="{markup(talk.session)}"'
            f"{' aria-current=true' if now else ''}><b><bdi>{markup(title)}</bdi></b>"
            f'<span class="quiet">{markup(at)}</span></button>'
        )
        rows.append(
            f"<li>{open_}"
            + button(
                "ask",
                "export",
                words.say("talks.export"),
                label=f"{words.say('talks.export')}: {title}",
                kind="press",
                sign="share",
                bare=True,
                item=talk.session,
            )
            + button(
                "leave",
                "delete",
                words.say("talks.delete"),
                label=f"{words.say('talks.delete')}: {title}",
                kind="press",
                sign="dislike",
                bare=True,
                item=talk.session,
            )
            + "</li>"
        )
    listed = (
        f'<ul class="rows">{"".join(rows)}</ul>'
        if rows
        else f'<p class="quiet">{markup(words.say("talks.empty"))}</p>'
    )
    private = button("leave", "private", words.say("talks.private"), kind="line", sign="lock")
    body = (
        f'{listed}<div class="foot">{private}'
        f'<p class="quiet">{markup(words.say("talks.private_text"))}</p></div>'
    )
    return sheet_html(words.say("talks.title"), body, name="talks", words=words)


def why_html(
    card: Card,
    *,
    labels: Mapping[str, str],
    titles: Mapping[str, str],
    parts: Mapping[str, float] | None = None,
    words: Words = REFERENCE,
) -> str:
    """The reasons of a card, each with what it rests on. ``labels`` name the catalogue's fields,
    ``titles`` the items that reasons speak of; ``parts`` are the shares of its score, in [0, 1]."""
    rows = "".join(f"<li>{_claim(c, labels, titles, words)}</li>" for c in card.reasons)
    if rows:
        body = (
            f'<p class="quiet">{markup(words.say("why.intro"))}</p><ul class="claims">{rows}</ul>'
        )
    else:
        body = f"<p>{markup(words.say('why.none'))}</p>"
    bars = [
        (words.say(f"why.part_{name}"), share)
        for name, share in (parts or {}).items()
        if words.has(f"why.part_{name}") and round(100 * share) > 0
    ]
    if bars:
        lines = "".join(
            f'<li><span>{markup(said)}</span><i class="meter" aria-hidden="true">'
            f'<b style="width:{round(100 * share)}%"></b></i><span>{round(100 * share)}</span></li>'
            for said, share in bars
        )
        body += f'<h3>{markup(words.say("why.score"))}</h3><ul class="bars">{lines}</ul>'
    title = words.say("why.title", title=shorten(one_line(card.title), _TITLE_LENGTH))
    return sheet_html(title, body, name="why", words=words)


def _claim(claim: Claim, labels: Mapping[str, str], titles: Mapping[str, str], words: Words) -> str:
    said = [words.say(f"why.{claim.kind}")]
    if claim.items:
        said[0] += ": " + ", ".join(titles.get(i, i) for i in claim.items)
    if claim.field and claim.values:
        field = labels.get(claim.field, claim.field)
        said.append(words.say("why.evidence", field=field, values=", ".join(claim.values)))
    if claim.measure is not None and 0 < claim.measure <= 1:
        said.append(words.say("why.measure", n=round(100 * claim.measure)))
    return (
        f"<b>{markup(sentence(claim.text))}</b>"
        f'<span class="quiet">{" · ".join(markup(s) for s in said)}</span>'
    )


def compare_html(comparison: Comparison, words: Words = REFERENCE) -> str:
    """Items side by side, with the rows in which they differ marked."""
    heads = "".join(
        f'<th scope="col">{cover_html(c, small=True)}<bdi>{markup(c.title)}</bdi></th>'
        for c in comparison.cards
    )
    none = f'<span class="quiet">{markup(words.say("compare.none"))}</span>'
    rows = "".join(
        f'<tr{" class=differs" if differs else ""}><th scope="row">{markup(label)}</th>'
        + "".join(f"<td>{markup(v) if v else none}</td>" for v in values)
        + "</tr>"
        for label, values, differs in comparison.rows
    )
    fact = markup(words.say("compare.fact"))
    body = (
        f'<p class="quiet">{markup(words.say("compare.note"))}</p>'
        f'<div class="scroll" tabindex="0" role="region" aria-labelledby="sheet-title"><table>'
        f'<thead><tr><th scope="col"><span class="unseen">{fact}</span></th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
    return sheet_html(words.say("compare.title"), body, name="compare", words=words)


def keys_html(words: Words = REFERENCE) -> str:
    """What can be done with the keyboard alone."""
    rows = "".join(
        f"<div><dt><kbd>{markup(key or words.say('keys.shift_enter'))}</kbd></dt>"
        f"<dd>{markup(words.say(f'keys.{name}'))}</dd></div>"
        for key, name in _KEYS
    )
    body = f'<dl class="keys">{rows}</dl>'
    return sheet_html(words.say("keys.title"), body, name="keys", words=words)
