"""Plots as SVG, drawn here: nothing is fetched, no script runs, and colours follow the page.

Each plot is an image with a description; the numbers stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ui.plain import markup

WIDTH, HEIGHT = 440, 190
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 12, 26

SCALES = (0.1, 0.2, 0.4, 0.6, 1.0)
"""Shares at which a scale may end."""

Rate = float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a plot: its name, its values by place (None is a gap), and its place in the
    palette, from 1."""

    name: str
    values: Sequence[Rate]
    colour: int = 1


def bars(labels: Sequence[str], values: Sequence[int], title: str) -> str:
    """Counts as bars, one for each label; the scale begins at 0."""
    top = nice(max(values, default=0))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(values))
    shapes = [
        f'<rect class="c1" x="{LEFT + n * step + step * 0.12:.1f}" y="{_y(value / top):.1f}" '
        f'width="{max(step * 0.76, 1):.1f}" height="{_y(0) - _y(value / top):.1f}" rx="1.5">'
        f"<title>{markup(label)}: {value:,}</title></rect>"
        for n, (label, value) in enumerate(zip(labels, values, strict=True))
        if value
    ]
    marks = [(0.0, "0"), (0.5, f"{top // 2:,}"), (1.0, f"{top:,}")]
    return _frame(title, marks, labels, "".join(shapes))


def rates(labels: Sequence[str], lines: Sequence[Line], title: str) -> str:
    """Shares in [0, 1] as lines over the labels, with a dot for each value; the scale ends at a
    round share that holds them all."""
    given = [value for line in lines for value in line.values if value is not None]
    top = next((end for end in SCALES if end >= max(given, default=1.0)), 1.0)
    step = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    shapes = []
    for line in lines:
        points = [
            (LEFT + (n + 0.5) * step, _y(value / top), labels[n], value)
            for n, value in enumerate(line.values)
            if value is not None
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in points)
        shapes.append(f'<polyline class="l{line.colour}" points="{path}"/>')
        shapes += [
            f'<circle class="c{line.colour}" cx="{x:.1f}" cy="{y:.1f}" r="3">'
            f"<title>{markup(line.name)}, {markup(label)}: {value:.0%}</title></circle>"
            for x, y, label, value in points
        ]
    marks = [(0.0, "0%"), (0.5, f"{top / 2:.0%}"), (1.0, f"{top:.0%}")]
    return _frame(title, marks, labels, "".join(shapes))


def spans(rows: Sequence[tuple[str, float, float]], title: str) -> str:
    """For each row a name, a bar up to its median and a thinner one up to its 95th percentile, both
    in seconds."""
    row, left = 26, 92
    height = row * len(rows) + 8
    longest = max((p95 for _, _, p95 in rows), default=0.0) or 1.0
    room = WIDTH - left - 78
    shapes = []
    for n, (name, median, p95) in enumerate(rows):
        y = n * row + 4
        shapes.append(
            f'<text class="name" x="{left - 8}" y="{y + 14}">{markup(name)}</text>'
            f'<rect class="c2" x="{left}" y="{y + 7}" width="{max(room * p95 / longest, 1):.1f}" '
            f'height="5" rx="2"><title>{markup(name)}: 95 of 100 within {duration(p95)}</title>'
            f'</rect><rect class="c1" x="{left}" y="{y + 3}" '
            f'width="{max(room * median / longest, 1):.1f}" height="13" rx="2">'
            f"<title>{markup(name)}: half within {duration(median)}</title></rect>"
            f'<text class="value" x="{left + room * p95 / longest + 6:.1f}" y="{y + 14}">'
            f"{duration(p95)}</text>"
        )
    return _svg(title, height, "".join(shapes))


def duration(seconds: float) -> str:
    """Seconds for a person: "0.4 ms", "35 ms", "2.1 s"."""
    if seconds < 0.00095:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


def nice(most: float) -> int:
    """The end of a scale that begins at 0 and holds ``most``: 2, 4, 6, 8, 10, 12, 16, 20, 40, …"""
    ten = 1
    while True:
        for step in (2, 4, 6, 8, 10, 12, 16):
            if step * ten >= most:
                return step * ten
        ten *= 10


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)


def _frame(
    title: str, marks: Sequence[tuple[float, str]], labels: Sequence[str], inner: str
) -> str:
    """The axes around a plot: marks on the left, and at most three labels below."""
    grid = "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(at):.1f}" y2="{_y(at):.1f}"/>'
        f'<text class="mark" x="{LEFT - 6}" y="{_y(at) + 4:.1f}">{text}</text>'
        for at, text in marks
    )
    step = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    below = "".join(
        f'<text class="{anchor}" x="{x:.1f}" y="{HEIGHT - 8}">{markup(labels[n])}</text>'
        for n, anchor, x in (
            (0, "start", LEFT),
            (len(labels) // 2, "middle", LEFT + (len(labels) // 2 + 0.5) * step),
            (len(labels) - 1, "end", WIDTH - RIGHT),
        )
        if len(labels) >= 3 or (labels and anchor == "start")
    )
    return _svg(title, HEIGHT, grid + inner + below)


def _svg(title: str, height: int, inner: str) -> str:
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{markup(title)}">{inner}</svg>'
    )
