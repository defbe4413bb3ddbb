"""What the owner's pages show, from values to HTML.

The templates escape everything they are given; what is no markup of ours passes
:func:`ui.plain.one_line` before, so that no control character reaches the page.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from assistant.insight import Figures, figures, share
from assistant.told import told
from assistant.upkeep import Work, safe_name
from retrieval.preview import ROWS
from ui import plots
from ui.plain import one_line, sentence
from ui.report import kind_words

if TYPE_CHECKING:
    from assistant import Assistant
    from assistant.recommending import Recommendation

TEMPLATES = Path(__file__).resolve().parent / "templates"
PERIODS = (7, 30, 90, 365)  # days to choose from
USUAL = 30

STAGE_WORDS = {
    "reading catalogue": "reading the catalogue",
    "checking items": "checking items",
    "reading events": "reading the events",
    "embedding": "embedding",
    "storing": "storing vectors",
    "words": "indexing words",
    "collaborative": "learning from events",
    "blending": "learning the blend",
    "loading": "loading the new version",
}


def period(asked: str | None) -> int:
    """The days that were chosen, or the usual ones."""
    return next((days for days in PERIODS if str(days) == asked), USUAL)


def figures_of(assistant: Assistant, days: int) -> Figures:
    """The figures of the last so many days, today (UTC) included."""
    parts = assistant.parts
    last = datetime.now(UTC).date()
    first = last - timedelta(days - 1)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()
    turns = list(told(parts.workspace.sessions.since(start)))
    events = parts.workspace.events.of_visitors(start)
    return figures(turns, events, parts.workspace.kinds(), first=first, last=last)


def keep(source: IO[bytes], folder: Path, name: str) -> None:
    """Write an uploaded file into a folder of its own."""
    folder.mkdir(mode=0o700)
    with (folder / safe_name(name)).open("xb") as out:
        shutil.copyfileobj(source, out, 1 << 20)


def login(problem: str = "", *, status: int = 200, retry_after: int = 0) -> Response:
    """The page that asks for the password."""
    page = _page("login.html", status, problem=problem)
    if retry_after:
        page.headers["Retry-After"] = str(retry_after)
    return page


def dashboard(found: Figures, days: int) -> Response:
    """The figures with their plots."""
    labels = [f"{d.day:%b} {d.day.day}" for d in found.days]
    lines = [
        plots.Line(name="accepted", values=[share(d.accepted, d.slates) for d in found.days]),
        plots.Line(
            name="taken up", values=[share(d.taken_up, d.slates) for d in found.days], colour=2
        ),
    ]
    degraded = plots.Line(name="degraded", values=[share(d.degraded, d.turns) for d in found.days])
    times = [(s.stage, s.median, s.p95) for s in found.stages]
    return _page(
        "dashboard.html",
        at="figures",
        f=found,
        days=days,
        periods=PERIODS,
        turns=plots.bars(labels, [d.turns for d in found.days], "Turns by day"),
        rates=plots.rates(labels, lines, "Share of slates accepted and taken up, by day"),
        fallen=plots.rates(labels, [degraded], "Share of turns degraded, by day"),
        fell=", ".join(f"{stage}: {n:,}" for stage, n in found.fallen_back),
        times=plots.spans(times, "Seconds by stage"),
    )


def catalogue(
    work: Work,
    assistant: Assistant,
    *,
    most: int,
    asked: str = "",
    tried: Recommendation | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    """The catalogue: files to bring, what they would change, the build, and a box to try it."""
    parts = assistant.parts
    return _page(
        "catalogue.html",
        status,
        at="catalogue",
        work=work,
        held=len(parts.retriever.items),
        nouns=parts.schema.nouns,
        version=parts.workspace.versions.active(),
        home=str(parts.workspace.home),
        most=most,
        most_rows=ROWS,
        asked=asked,
        tried=tried,
        problem=problem,
        examples=assistant.examples(),
    )


def progress(work: Work) -> Response:
    """How far the work has come, as a part of the page; a header says whether it goes on."""
    page = _page("work.html", work=work)
    page.headers["X-Palate-Busy"] = "yes" if work.busy else "no"
    return page


def _page(name: str, status: int = 200, **values: Any) -> Response:
    return HTMLResponse(_templates().get_template(name).render(**values), status_code=status)


@cache
def _templates() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        percent=_percent,
        number=lambda n: f"{n:,}",
        counted=lambda n, what: f"{n:,} {what}" if n == 1 else f"{n:,} {what}s",
        duration=plots.duration,
        day=lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}",
        stage=lambda name: STAGE_WORDS.get(name, name),
        opening=sentence,
        kind=kind_words,
        reason=lambda name: name.replace("_", " "),
    )
    return env


def _shown(value: object) -> object:
    return one_line(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}" if value in (0, 1) else f"{value:.1%}"
