"""Line icons, drawn here on a 20 by 20 grid, coloured by the text around them."""

from __future__ import annotations

from typing import Literal

Icon = Literal[
    "like",
    "dislike",
    "seen",
    "more_like",
    "spark",
    "save",
    "compare",
    "close",
    "copy",
    "share",
    "talks",
    "person",
    "settings",
    "new",
    "stop",
    "lock",
]

_PATHS: dict[Icon, str] = {
    "like": "M10 16.4C5.6 13.3 3 10.8 3 7.9 3 5.7 4.7 4 6.8 4c1.3 0 2.5.7 3.2 1.8C10.7 4.7 11.9 4"
    " 13.2 4 15.3 4 17 5.7 17 7.9c0 2.9-2.6 5.4-7 8.5Z",
    "dislike": "M5.2 5.2 14.8 14.8M14.8 5.2 5.2 14.8",
    "seen": "M4 10.6 8.2 14.8 16 6",
    "more_like": "M10 4.5v11M4.5 10h11",
    "spark": "M10 3.2 11.7 8.3 16.8 10 11.7 11.7 10 16.8 8.3 11.7 3.2 10 8.3 8.3Z",
    "save": "M5.5 3.5h9v13L10 12.8 5.5 16.5Z",
    "compare": "M3.5 4.5h5v11h-5ZM11.5 4.5h5v11h-5Z",
    "close": "M5.2 5.2 14.8 14.8M14.8 5.2 5.2 14.8",
    "copy": "M7.5 7.5h9v9h-9ZM4.5 12.5h-1v-9h9v1",
    "share": "M10 12V3.5M6.8 6.5 10 3.3 13.2 6.5M4 10.5v6h12v-6",
    "talks": "M3.5 4.5h13v9h-7l-3.5 3v-3h-2.5ZM6.5 7.7h7M6.5 10.4h4.5",
    "person": "M10 10.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM4 16.5c.6-2.6 3-4 6-4s5.4 1.4 6 4",
    "settings": "M3.5 6.5h5M12.5 6.5h4M3.5 13.5h3M10.5 13.5h6M10.5 8.5a2 2 0 1 0 0-4 2 2 0 0 0 0"
    " 4ZM8.5 15.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
    "new": "M11.5 4h-7.5v12h12V8.8M9 11.2l.4-2.2 6.3-6.2 1.7 1.7-6.2 6.3Z",
    "stop": "M6 6h8v8H6Z",
    "lock": "M5 9h10v7.5H5ZM7 9V6.8a3 3 0 0 1 6 0V9",
}


def icon(name: Icon) -> str:
    """The icon as an SVG element, hidden from assistive technology (its button carries a label)."""
    return (
        '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false" fill="none" '
        'stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">'
        f'<path d="{_PATHS[name]}"/></svg>'
    )
