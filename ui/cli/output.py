"""What the commands print: one JSON object, or text for a person; progress goes to stderr."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assistant.types import Card, Degraded

if TYPE_CHECKING:
    from rich.console import Console

    from retrieval.progress import Progress


def emit(value: Mapping[str, Any]) -> None:
    """One JSON object on one line of standard output.

    What cannot be printed is escaped, the same value to a program: JSON itself leaves characters
    alone that begin a command to a terminal, and some that cannot be encoded.
    """
    text = json.dumps(value, ensure_ascii=False)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextlib.contextmanager
def reserved_stdout(reserve: bool = True) -> Iterator[None]:
    """Keep standard output for the answer: what a library prints meanwhile goes to stderr."""
    with contextlib.redirect_stdout(sys.stderr) if reserve else contextlib.nullcontext():
        yield


def paper() -> Console:
    """Standard output for a person."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def aside() -> Console:
    """Standard error for a person: progress, status, warnings."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


@contextlib.contextmanager
def progress_bars() -> Iterator[Progress]:
    """Bars with counts and rates on standard error, one for each stage, in order of appearance.

    Where standard error is no terminal a stage is named when it begins, and the finished bars are
    written at the end.
    """
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", justify="right"),
        TimeElapsedColumn(),
        console=aside(),
    ) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total, rate="")
                if not bars.console.is_terminal:
                    bars.console.print(f"{stage} …")
            task = bars.tasks[bars.task_ids.index(tasks[stage])]
            spent = task.elapsed or 0.0
            rate = f"{done / spent:,.0f}/s" if spent > 0.05 and done > spent else ""
            bars.update(tasks[stage], completed=done, total=total, rate=rate)

        yield show


def card_json(card: Card) -> dict[str, Any]:
    """One recommended item of ``palate recommend --json``."""
    return {
        "id": card.id,
        "title": card.title,
        "score": card.score,
        "reasons": [claim.text for claim in card.reasons],
    }


def degraded_json(degraded: Sequence[Degraded]) -> list[dict[str, str]]:
    """What fell back to the rules engine, and why."""
    return [{"stage": d.stage, "reason": d.reason} for d in degraded]
