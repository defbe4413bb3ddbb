"""A measured log as one JSON object."""

from __future__ import annotations

import math
from collections.abc import Mapping

from retrieval.evaluation.comparison import Comparison
from retrieval.evaluation.history import HistoryReport
from retrieval.evaluation.measure import SplitReport, System

DIGITS = 6

Json = dict[str, object]


def as_json(report: HistoryReport) -> Json:
    """The headline split's figures at the top, those of a second split under its name.

    Numbers have six decimals; what cannot be told (a ratio to nothing) is null.
    """
    head, *more = report.splits
    return {
        "users": head.users,
        "items": report.items,
        "interactions": report.events,
        **_split(head),
        **{other.split: {"users": other.users, **_split(other)} for other in more},
        "void": list(report.void),
        "notes": list(report.notes),
        "data": {
            "events": report.events,
            "users": report.users,
            "items": report.items,
            "items_with_events": report.items_with_events,
            "catalogue": report.described,
        },
        "seed": report.seed,
        "at_least": report.at_least,
        "encoder": report.encoder,
    }


def _split(split: SplitReport) -> Json:
    return {
        "split": split.split,
        "order": "random" if split.shuffled else "time",
        "palate": _rounded(split.palate.figures),
        "peers": {name: _rounded(system.figures) for name, system in split.peers.items()},
        "best_peer": split.headline.best_peer,
        "ratio": _number(split.headline.ratio),
        "interval": [_number(x) for x in split.headline.interval],
        "same_filter": _comparison(split.same_filter),
        "buckets": {name: _comparison(c) for name, c in split.buckets.items()},
        "spans": {name: _comparison(c) for name, c in split.spans.items()},
        "newcomers": None if split.newcomers is None else _comparison(split.newcomers),
        "slate": _rounded(split.slate),
        "calibrated_by": split.facet or None,
        "grids": {name: _grid(system) for name, system in split.peers.items() if system.trials},
        "seconds": {name: round(seconds, 1) for name, seconds in split.seconds.items()},
    }


def _comparison(comparison: Comparison) -> Json:
    return {
        "users": comparison.users,
        "palate": _number(comparison.palate),
        "parts": _rounded(comparison.parts),
        "peers": {n: None if x is None else _number(x) for n, x in comparison.peers.items()},
        "best_peer": comparison.best_peer,
        "ratio": _number(comparison.ratio),
        "interval": [_number(x) for x in comparison.interval],
        "best_part": comparison.best_part or None,
        "over_part": _number(comparison.over_part),
        "part_interval": [_number(x) for x in comparison.part_interval],
    }


def _grid(system: System) -> Json:
    return {
        "chosen": dict(system.setting or {}),
        "at_edge": list(system.at_edge),
        "tried": [{**trial.setting, "ndcg@10": _number(trial.ndcg)} for trial in system.trials],
    }


def _rounded(figures: Mapping[str, float]) -> dict[str, float | None]:
    return {name: _number(x) for name, x in figures.items()}


def _number(x: float) -> float | None:
    return round(x, DIGITS) if math.isfinite(x) else None
