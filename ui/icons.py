"""Line icons, drawn here on a 20 by 20 grid, coloured by the text around them."""

from __future__ import annotations

from typing import Literal

Icon = Literal["like", "dislike", "seen", "more_like", "spark"]

_PATHS: dict[Icon, str] = {
    "like": "M10 16.4C5.6 13.3 3 10.8 3 7.9 3 5.7 4.7 4 6.8 4c1.3 0 2.5.7 3.2 1.8C10.7 4.7 11.9 4"
    " 13.2 4 15.3 4 17 5.7 17 7.9c0 2.9-2.6 5.4-7 8.5Z",
    "dislike": "M5.2 5.2 14.8 14.8M14.8 5.2 5.2 14.8",
    "seen": "M4 10.6 8.2 14.8 16 6",
    "more_like": "M10 4.5v11M4.5 10h11",
    "spark": "M10 3.2 11.7 8.3 16.8 10 11.7 11.7 10 16.8 8.3 11.7 3.2 10 8.3 8.3Z",
}


def icon(name: Icon) -> str:
    """The icon as an SVG element, hidden from assistive technology (its button carries a label)."""
    return (
        '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false" fill="none" '
        'stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">'
        f'<path d="{_PATHS[name]}"/></svg>'
    )
