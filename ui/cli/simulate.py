"""``palate simulate``: how soon do simulated people come to what they look for?"""

from __future__ import annotations

import json
import math
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from ui.cli.options import Home, Json, Model
from ui.cli.output import emit, paper, progress_bars, reserved_stdout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from assistant.simulation.play import Outcome
    from assistant.simulation.report import Comparison, Figures, Report
    from assistant.simulation.world import World


def simulate(
    home: Home = None,
    people: Annotated[
        int, typer.Option("--people", min=1, help="How many people are drawn from the histories.")
    ] = 100,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="The same seed plays the same dialogues.")
    ] = 7,
    llm: Model = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where the dialogues go, one JSON a line."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Let simulated people look for what they came to like, with Palate and with three rivals.

    They are drawn from histories that are held back, know only attributes of their target, and
    bring their own noise and patience. The workspace is only read.
    """
    with reserved_stdout():
        from assistant.settings import load
        from assistant.simulation.play import play_all, policies
        from assistant.simulation.report import report
        from assistant.simulation.world import held_out

        # The policies are compared, so nothing is left to chance.
        settings = load(home=home, llm=llm, explore=0)
        with (
            # Opened first: a file that cannot be written is no end for a long run.
            out.open("w", encoding="utf-8") if out else nullcontext() as lines,
            progress_bars() as progress,
            held_out(settings, people=people, seed=seed, progress=progress) as world,
        ):
            outcomes = play_all(world, policies(world, settings.slate_size), progress)
            found = report(outcomes, seed=seed)
            if lines is not None:
                _write(lines, outcomes)
    if as_json:
        emit(_json(found, world, seed, settings.slate_size))
    else:
        _table(found, world)


def _json(found: Report, world: World, seed: int, size: int) -> dict[str, Any]:
    """The figures as they are documented; what is not known is null."""
    return {
        "people": found.people,
        "seed": seed,
        "slate": size,
        "model": world.parts.engines.model_name or None,
        "items": len(world.parts.retriever.items),
        "learned_from": {"events": world.learned, "people": world.others},
        "void": dict(found.void),
        "policies": {name: _figures(f) for name, f in found.figures.items()},
        "rivals": {name: _compared(c) for name, c in found.rivals.items()},
        "groups": {
            name: {"people": n, **{p: _finite(x) for p, x in shares.items()}}
            for name, (n, shares) in found.groups.items()
        },
        "notes": list(world.notes),
    }


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "success": {str(n): _finite(x) for n, x in enumerate(figures.success, start=1)},
        "interval@5": [_finite(x) for x in figures.interval],
        "any_later_like@5": _finite(figures.content),
        "mean_turn": _finite(figures.turn),
        "turns": _finite(figures.turns),
        "questions": _finite(figures.questions),
        "repeats": figures.repeats,
        "shown": figures.shown,
        "different_items": figures.items,
        "left": _finite(figures.left),
    }


def _compared(c: Comparison) -> dict[str, Any]:
    return {
        "ratio": {
            str(n): {"ratio": _finite(x), "interval": [_finite(low), _finite(high)]}
            for n, (x, (low, high)) in enumerate(zip(c.ratios, c.intervals, strict=True), start=1)
        },
        "beyond@5": c.beyond,
        "only_palate@5": c.only_palate,
        "only_rival@5": c.only_rival,
    }


def _table(found: Report, world: World) -> None:
    from rich.table import Table

    from assistant.simulation.report import HEADLINE

    table = Table(title=f"{found.people:,} simulated people", title_style="")
    for heading in ("", *found.figures):
        table.add_column(heading, justify="right" if heading else "left")
    every = found.figures.values()
    for n in (1, 2, 3, 5, 8):
        table.add_row(f"found within {n}", *(f"{f.success[n - 1]:.3f}" for f in every))
    table.add_row("95 % of within 5", *(f"{a:.3f}–{b:.3f}" for a, b in (f.interval for f in every)))
    table.add_row("any later like in 5", *(f"{f.content:.3f}" for f in every))
    table.add_row("mean turn", *(f"{f.turn:.2f}" for f in every))
    table.add_row("questions", *(f"{f.questions:.2f}" for f in every))
    table.add_row("repeats", *(f"{f.repeats:,} of {f.shown:,}" for f in every))
    table.add_row("different items", *(f"{f.items:,}" for f in every))
    table.add_row("left", *(f"{f.left:.3f}" for f in every))
    paper().print(table)
    for name, c in found.rivals.items():
        (low, high), times = c.intervals[HEADLINE - 1], c.ratios[HEADLINE - 1]
        verdict = "beyond the interval" if c.beyond else "not beyond the interval"
        paper().print(
            f"within {HEADLINE}, over {name}: {times:.2f} ({low:.2f} to {high:.2f}), {verdict}"
        )
    void = sum(found.void.values())
    paper().print(f"void, because the target was named: {void:,} dialogues")
    for note in world.notes:
        paper().print(note)


def _write(lines: TextIO, outcomes: Mapping[str, Sequence[Outcome]]) -> None:
    """Every dialogue, the void ones too; people are named by their number alone."""
    for policy, found in outcomes.items():
        for o in found:
            line = {
                "policy": policy,
                "person": o.person.visitor,
                "known": o.person.known,
                "target": o.person.target,
                "found": o.found,
                "void": o.void,
                "turns": [
                    {"said": said, "reply": a.text, "act": a.act, "slate": list(a.slate)}
                    for said, a in o.said
                ],
            }
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")


def _finite(value: float) -> float | None:
    """JSON knows no NaN: what is not known is null."""
    return round(value, 4) if math.isfinite(value) else None
