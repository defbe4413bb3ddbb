"""Settings: colours and text size (kept in the browser), language, how slates are mixed."""

from __future__ import annotations

from dataclasses import dataclass

from ui.parts import button
from ui.plain import markup
from ui.sheets import sheet_html
from ui.words import NAMES, REFERENCE, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """How slates are mixed, in per cent of the sliders."""

    diversity: int = 20
    novelty: int = 20


MIX = Mix()


def settings_html(mix: Mix, words: Words = REFERENCE) -> str:
    """The sheet. Which colours and size are chosen is marked by the page itself."""
    themes = "".join(
        button("do", "theme", words.say(f"settings.theme_{t}"), kind="choice", value=t)
        for t in ("auto", "light", "dark")
    )
    sizes = "".join(
        button("do", "size", words.say(f"settings.size_{n}"), kind="choice", value=str(n))
        for n in range(4)
    )
    languages = "".join(
        button("leave", "language", name, kind="choice", pressed=key == words.language, value=key)
        for key, name in NAMES.items()
    )
    sliders = _slider("diversity", mix.diversity, words) + _slider("novelty", mix.novelty, words)
    body = (
        _group(words.say("settings.theme"), themes)
        + _group(words.say("settings.size"), sizes)
        + _group(words.say("settings.language"), languages)
        + f'<section class="part"><h3>{markup(words.say("settings.mix"))}</h3>{sliders}</section>'
        + f'<div class="foot">{button("ask", "keys", words.say("keys.title"), kind="line")}</div>'
    )
    return sheet_html(words.say("settings.title"), body, name="settings", words=words)


def _group(title: str, choices: str) -> str:
    said = markup(title)
    return (
        f'<section class="part"><h3>{said}</h3>'
        f'<div class="choices" role="group" aria-label="{said}">{choices}</div></section>'
    )


def _slider(name: str, value: int, words: Words) -> str:
    low, high = words.say(f"settings.{name}_low"), words.say(f"settings.{name}_high")
    return (
        f'<label class="slider"><b>{markup(words.say(f"settings.{name}"))}</b>'
        f'<input type="range" min="0" max="100" step="10" value="{value}" data-slide="{name}">'
        f'<span class="ends quiet"><span>{markup(low)}</span><span>{markup(high)}</span></span>'
        "</label>"
    )
