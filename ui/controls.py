"""Settings: colours and text size (kept in the browser), language, how slates are mixed."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.types import Mix
from ui.parts import button
from ui.plain import markup
from ui.sheets import sheet_html
from ui.words import NAMES, REFERENCE, Words

TOPS = {"diversity": 1.0, "novelty": 0.5}
"""The sliders, each with what its far end stands for."""

USUAL = {"diversity": 20, "novelty": 20}
"""Where a slider stands that was never moved: at what a workspace does by itself."""


def positions(kept: object) -> dict[str, int]:
    """Where the sliders stand that a person moved, in per cent, from what their browser kept."""
    held = kept if isinstance(kept, Mapping) else {}
    return {
        name: held[name] for name in TOPS if type(held.get(name)) is int and 0 <= held[name] <= 100
    }


def mix(moved: Mapping[str, int]) -> Mix:
    """What the sliders ask for."""
    share = {name: moved[name] / 100 * top for name, top in TOPS.items() if name in moved}
    return Mix(diversity=share.get("diversity"), novelty=share.get("novelty"))


def settings_html(moved: Mapping[str, int], words: Words = REFERENCE) -> str:
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
    sliders = "".join(_slider(n, {**USUAL, **moved}[n], words) for n in TOPS)
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
