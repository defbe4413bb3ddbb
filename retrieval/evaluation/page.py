"""The report as one web page that needs nothing else: tables, and plots drawn into it as SVG."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from retrieval.errors import InputError
from retrieval.evaluation.accuracy import CUTS
from retrieval.evaluation.comparison import Comparison
from retrieval.evaluation.history import HistoryReport
from retrieval.evaluation.measure import SplitReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS, THEIRS = "#b4472e", "#8a8f98"

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 62rem; margin: 2rem auto;
       padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #ddd;
         white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
figure { margin: 1.5rem 0; } svg { max-width: 100%; height: auto; }
.void { color: #a00; font-weight: bold; } .wide { overflow-x: auto; }
"""


def require_plots() -> None:
    """InputError, with what to install, where plots cannot be drawn."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise InputError(
            f"the page needs the package 'matplotlib' ({error}); "
            "install it with: pip install 'palate[app]'"
        ) from error


def page(report: HistoryReport) -> str:
    """The whole page. The same report gives the same page. InputError without matplotlib."""
    require_plots()
    parts = [
        f"<p>{report.events:,} events of {report.users:,} users with "
        f"{report.items_with_events:,} of {report.items:,} items; users with {report.at_least} "
        f"positive items or more are measured; seed {report.seed}.</p>"
    ]
    parts += [f'<p class="void">Void: {escape(reason)}</p>' for reason in report.void]
    for split in report.splits:
        parts += _section(split)
    if report.notes:
        parts.append("<h2>Notes</h2><ul>")
        parts += [f"<li>{escape(note)}</li>" for note in report.notes]
        parts.append("</ul>")
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Palate: histories</title><style>{STYLE}</style></head>\n"
        f"<body><h1>What people liked next, foretold</h1>\n{body}\n</body></html>\n"
    )


def _section(split: SplitReport) -> list[str]:
    title = "Each history cut in its own time" if split.split == "user" else "All cut at one moment"
    if split.shuffled:
        title = "Each history cut in a random order"
    systems = {"Palate": split.palate.figures} | {n: s.figures for n, s in split.peers.items()}
    measures = list(split.palate.figures)
    groups = {**split.buckets, **split.spans}
    if split.newcomers is not None:
        groups["newcomers"] = split.newcomers
    parts = sorted({part for group in groups.values() for part in group.parts})
    return [
        f"<h2>{title}: {split.users:,} users</h2>",
        f"<p>{_told(split.headline)} Every item a person rated left out for the peers too, as "
        f"Palate leaves it out: {_told(split.same_filter)}</p>",
        _figure(lambda axes: _bars(axes, split.headline)),
        _figure(lambda axes: _curves(axes, systems)),
        _figure(lambda axes: _buckets(axes, split.buckets)),
        "<h3>All measures</h3>",
        _table(
            ["", *systems],
            [[m, *(_number(figures.get(m)) for figures in systems.values())] for m in measures],
        ),
        "<h3>The slate that is shown</h3>",
        _table(["", *split.slate], [["Palate", *map(_number, split.slate.values())]]),
        "<h3>nDCG@10 by group</h3>",
        _table(
            ["", "users", "Palate", *split.headline.peers, "ratio to the best", "95 %"],
            [_group(name, group, split) for name, group in groups.items()],
        ),
        "<h3>What each of Palate's scorers reaches alone</h3>",
        _table(
            ["", *parts, "Palate over the best", "95 %"],
            [
                [
                    name,
                    *(_number(g.parts.get(p)) for p in parts),
                    *_ratio(g.over_part, g.part_interval),
                ]
                for name, g in groups.items()
            ],
        ),
        "<h3>Settings chosen on the middle part</h3>",
        _table(
            ["", "chosen", "combinations tried", "at an end of the grid"],
            [
                [
                    name,
                    ", ".join(f"{k} {v:g}" for k, v in (system.setting or {}).items()),
                    str(len(system.trials)),
                    ", ".join(system.at_edge),
                ]
                for name, system in split.peers.items()
                if system.trials
            ],
        ),
    ]


def _group(name: str, group: Comparison, split: SplitReport) -> list[str]:
    peers = [_number(group.peers.get(peer)) for peer in split.headline.peers]
    ratio = _ratio(group.ratio, group.interval)
    return [name, f"{group.users:,}", _number(group.palate), *peers, *ratio]


def _ratio(ratio: float, interval: tuple[float, float]) -> tuple[str, str]:
    if math.isnan(ratio):
        return "", ""
    return f"{ratio:.3f}", f"{interval[0]:.3f} to {interval[1]:.3f}"


def _told(comparison: Comparison) -> str:
    low, high = comparison.interval
    return (
        f"nDCG@10 is {comparison.ratio:.3f} times that of {escape(comparison.best_peer)}, the best "
        f"peer (95 % interval {low:.3f} to {high:.3f})."
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="wide"><table><tr>{top}</tr>{body}</table></div>'


def _number(x: float | None) -> str:
    return "" if x is None else f"{x:.4f}"


def _bars(axes: Axes, headline: Comparison) -> None:
    figures = {"Palate": headline.palate} | {n: x or 0.0 for n, x in headline.peers.items()}
    names = sorted(figures, key=lambda name: figures[name])
    colours = [OURS if name == "Palate" else THEIRS for name in names]
    axes.barh(names, [figures[name] for name in names], color=colours)
    axes.set_xlabel("nDCG@10")


def _curves(axes: Axes, systems: Mapping[str, Mapping[str, float]]) -> None:
    for name, figures in systems.items():
        ours = name == "Palate"
        axes.plot(
            CUTS,
            [figures[f"recall@{k}"] for k in CUTS],
            label=name,
            marker="o",
            linewidth=2.5 if ours else 1.2,
            color=OURS if ours else None,
        )
    axes.set_xscale("log")
    axes.set_xticks(CUTS, [str(k) for k in CUTS])
    axes.minorticks_off()
    axes.set_xlabel("places looked at")
    axes.set_ylabel("recall")
    axes.legend(frameon=False)


def _buckets(axes: Axes, buckets: Mapping[str, Comparison]) -> None:
    names = list(buckets)
    best = [group.peers[group.best_peer] or 0.0 for group in buckets.values()]
    places = range(len(names))
    axes.bar(
        [p - 0.2 for p in places],
        [g.palate for g in buckets.values()],
        0.4,
        color=OURS,
        label="Palate",
    )
    axes.bar([p + 0.2 for p in places], best, 0.4, color=THEIRS, label="best peer")
    axes.set_xticks(list(places), [f"{n}\n{g.users:,} users" for n, g in buckets.items()])
    axes.set_xlabel("likes known")
    axes.set_ylabel("nDCG@10")
    axes.legend(frameon=False)


def _figure(draw: Callable[[Axes], None]) -> str:
    """One plot as SVG with its text as text; drawn alike each time."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "palate"}):
        figure = Figure(figsize=(7.5, 3.4), layout="constrained")
        axes = figure.subplots()
        draw(axes)
        axes.spines[["top", "right"]].set_visible(False)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    return f"<figure>{svg[svg.index('<svg') :]}</figure>"
