"""The small parts that every panel is made of.

A button says in ``data-`` attributes what it means, and ``static/page.js`` reads them:
``data-act`` plays a turn, ``data-ask`` shows or changes something beside the conversation,
``data-leave`` leaves the conversation or what is being done in it, ``data-do`` stays in the
browser.
"""

from __future__ import annotations

import html
from typing import Literal

from ui.icons import Icon, icon
from ui.plain import markup

Way = Literal["act", "ask", "leave", "do"]


def exact(key: str) -> str:
    """An id as an attribute: escaped but otherwise untouched, because it is sent back."""
    return html.escape(key, quote=True)


def button(
    way: Way,
    name: str,
    text: str,
    *,
    label: str = "",
    kind: str = "plain",
    sign: Icon | None = None,
    bare: bool = False,
    pressed: bool | None = None,
    item: str | None = None,
    because: str | None = None,
    want: str | None = None,
    value: str | None = None,
) -> str:
    """A button. ``bare`` shows the sign alone, ``text`` as its tip; ``label`` is its name in full
    where the text does not say it. What follows ``pressed`` is sent along."""
    data = {"item": item, "because": because, "want": want, "value": value}
    sent = "".join(f' data-{k}="{exact(v)}"' for k, v in data.items() if v is not None)
    named = f' aria-label="{markup(label)}"' if label else ""
    state = "" if pressed is None else f' aria-pressed="{"true" if pressed else "false"}"'
    tip = f' title="{markup(text)}"' if bare else ""
    if bare and not label:
        named = f' aria-label="{markup(text)}"'
    inner = icon(sign) if sign else ""
    inner += "" if bare else f"<span>{markup(text)}</span>"
    return (
        f'<button type="button" class="{kind}" data-{way}="{name}"{sent}{named}{state}{tip}>'
        f"{inner}</button>"
    )


def say(text: str, kind: str, *, ready: bool = True) -> str:
    """A button that sends its own words as a message."""
    said, off = markup(text), "" if ready else " disabled"
    return f'<button type="button" class="{kind}" data-say="{said}"{off}>{said}</button>'
