"""What Palate knows of a person, as they see it and change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.explanation.wording import wording
from assistant.person import Belief
from assistant.types import Card
from retrieval.types import Event, ItemId
from ui.cards import cover_html
from ui.parts import button, exact
from ui.plain import markup, one_line, sentence, shorten
from ui.sheets import sheet_html
from ui.words import REFERENCE, Words

_SHOWN = 100  # things done, the newest, that are listed; the download holds all
_TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is held of a person. ``cards`` shows the items that are spoken of, by their ids;
    ``sure`` asks once more before everything is erased."""

    beliefs: Sequence[Belief] = ()
    paused: bool = False
    saved: Sequence[ItemId] = ()
    history: Sequence[Event] = ()
    cards: Mapping[ItemId, Card] = field(default_factory=dict)
    private: bool = False
    sure: bool = False


def profile_html(held: Held, words: Words = REFERENCE) -> str:
    """The sheet: beliefs, list, history, data."""
    body = (
        _private(held, words)
        + _beliefs(held, words)
        + _list(held, words)
        + _history(held, words)
        + _data(held, words)
    )
    return sheet_html(words.say("profile.title"), body, name="profile", words=words)


def _private(held: Held, words: Words) -> str:
    if not held.private:
        return ""
    return f'<p class="notice">{markup(words.say("profile.private_here"))}</p>'


def _section(title: str, body: str, *, aside: str = "", count: int = 0) -> str:
    number = f' <span class="quiet">{count}</span>' if count else ""
    return (
        f'<section class="part"><header><h3>{markup(title)}{number}</h3>{aside}</header>'
        f"{body}</section>"
    )


def _empty(text: str) -> str:
    return f'<p class="quiet">{markup(text)}</p>'


def _beliefs(held: Held, words: Words) -> str:
    aside = button(
        "ask",
        "resume" if held.paused else "pause",
        words.say("profile.resume" if held.paused else "profile.pause"),
        kind="line",
    )
    rows = "".join(_belief(b, words) for b in held.beliefs)
    body = (
        f'<ul class="beliefs">{rows}</ul>' if rows else _empty(words.say("profile.beliefs_empty"))
    )
    if held.paused:
        body = f'<p class="notice">{markup(words.say("profile.paused"))}</p>' + body
    return _section(words.say("profile.beliefs"), body, aside=aside)


def _belief(belief: Belief, words: Words) -> str:
    text = sentence(one_line(belief.text))
    date = wording(words.language).date(belief.at)
    left = round(100 * belief.strength)
    state = words.say("profile.pinned") if belief.pinned else words.say("profile.fades", n=left)

    def act(way: str, key: str) -> str:
        said = words.say(f"profile.{key}")
        label = f"{said}: {text}"
        return button("ask", way, said, label=label, kind="quiet-button", item=belief.id)

    pin = act("unpin", "unpin") if belief.pinned else act("pin", "pin")
    edit = words.say("profile.edit")
    change = button("do", "edit", edit, label=f"{edit}: {text}", kind="quiet-button")
    label = markup(words.say("profile.edit_label"))
    return (
        f"<li><b><bdi>{markup(text)}</bdi></b>"
        f'<span class="quiet">{markup(words.say("profile.said", said=belief.said, date=date))}'
        f" · {markup(state)}</span>"
        f'<i class="meter" aria-hidden="true"><b style="width:{left}%"></b></i>'
        f'<div class="acts">{change}{pin}{act("weaken", "weaken")}{act("forget", "delete")}</div>'
        f'<form class="edit" data-form="edit" data-item="{exact(belief.id)}" hidden>'
        f'<label><span>{label}</span><input type="text" name="say" maxlength="300" '
        f'value="{markup(belief.said)}"></label>'
        f'<button type="submit" class="solid">{markup(words.say("profile.save"))}</button>'
        "</form></li>"
    )


def _row(card: Card, note: str, remove: str) -> str:
    title = markup(shorten(one_line(card.title), _TITLE_LENGTH))
    year = f" ({markup(card.year)})" if card.year else ""
    return (
        f'<li class="thing">{cover_html(card, small=True)}<p><b><bdi>{title}</bdi>{year}</b>'
        f'<span class="quiet">{markup(note)}</span></p>{remove}</li>'
    )


def _list(held: Held, words: Words) -> str:
    remove = words.say("profile.remove")
    rows = ""
    for item in held.saved:
        card = held.cards.get(item)
        if card is None:
            continue
        title = one_line(card.title)
        note = " · ".join(p for p in (card.price, *(v for _, v in card.facts[:1])) if p)
        like = words.say("card.more_like")
        more = button(
            "act",
            "more_like",
            like,
            label=words.say("card.more_like_name", title=title),
            kind="press",
            sign="more_like",
            bare=True,
            item=item,
        )
        off = button(
            "ask",
            "unsave",
            remove,
            label=f"{remove}: {title}",
            kind="press",
            sign="close",
            bare=True,
            item=item,
        )
        rows += _row(card, note, more + off)
    body = f'<ul class="things">{rows}</ul>' if rows else _empty(words.say("profile.list_empty"))
    return _section(words.say("profile.list"), body, count=len(held.saved))


def _history(held: Held, words: Words) -> str:
    said = wording(words.language)
    rows = ""
    newest: dict[ItemId, list[Event]] = {}
    for event in reversed(held.history):
        newest.setdefault(event.item, []).append(event)
    for item, events in list(newest.items())[:_SHOWN]:
        card = held.cards.get(item)
        if card is None:
            continue
        kinds = ", ".join(dict.fromkeys(_kind(e, words) for e in events))
        at = events[0].time
        note = kinds if at is None else f"{kinds} · {said.date(at)}"
        forget = words.say("profile.forget")
        gone = button(
            "ask",
            "remove",
            forget,
            label=f"{forget}: {one_line(card.title)}",
            kind="press",
            sign="close",
            bare=True,
            item=item,
        )
        rows += _row(card, note, gone)
    body = f'<ul class="things">{rows}</ul>' if rows else _empty(words.say("profile.history_empty"))
    return _section(words.say("profile.history"), body, count=len(newest))


def _kind(event: Event, words: Words) -> str:
    key = f"profile.kinds_{event.kind}"
    value = "" if event.value is None else f"{event.value:g}"
    return words.say(key, n=value) if words.has(key) else event.kind.replace("_", " ")


def _data(held: Held, words: Words) -> str:
    if held.sure:
        body = (
            f'<div class="sure" role="alertdialog" aria-labelledby="sure">'
            f'<p id="sure">{markup(words.say("profile.erase_sure"))}</p>'
            + button("leave", "erase", words.say("profile.erase_yes"), kind="solid danger")
            + button("ask", "profile", words.say("profile.erase_no"), kind="line")
            + "</div>"
        )
    else:
        body = (
            '<div class="acts">'
            + button("ask", "download", words.say("profile.export"), kind="line")
            + button("ask", "sure", words.say("profile.erase"), kind="line danger")
            + "</div>"
        )
    return _section(words.say("profile.data"), body)
