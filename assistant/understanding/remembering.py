"""What a message says beyond this conversation: how far its wishes reach, whose tastes they are,
and orders about what is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assistant.types import Facets, MemoryCommand, Range, Reading
from assistant.understanding.chart import Chart
from assistant.understanding.context import Context
from assistant.understanding.items_said import Items
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.polarity import Judgement
from assistant.understanding.settle import Wishes

ORDERS: tuple[tuple[str, MemoryCommand], ...] = (
    ("unlearn_all", "forget_all"),
    ("pause_notes", "pause"),
    ("resume_notes", "resume"),
    ("unlearn", "forget"),
    ("change_note", "edit"),
    ("let_go", "unpin"),
    ("keep_note", "pin"),
)
"""Cues of orders about memory, the surest first."""


def order(chart: Chart, context: Context) -> MemoryCommand:
    """The order about memory that a message gives; empty for most.

    Right after the notes were listed, "drop the second" is about them.
    """
    places = any(not m.whole for m in chart.of_kind("position"))
    for cue, command in ORDERS:
        if chart.has(cue) and (command != "edit" or (context.listed and places)):
            return command
    return "forget" if context.listed and places and chart.has("lift", "undo", "negate") else ""


def obeying(
    command: MemoryCommand, wishes: Wishes, ranges: Mapping[str, Range], gone: Facets, said: Items
) -> Reading:
    """The reading of an order: the values, fields and items that it names are what it is about, or
    what a note is to say from now on."""
    if command == "edit":
        return Reading(
            act="profile",
            memory=command,
            reference=said.reference,
            include={k: tuple(v) for k, v in wishes.include.items()},
            exclude={k: tuple(v) for k, v in wishes.exclude.items()},
            ranges=ranges,
            scope="always",
        )
    about: dict[str, tuple[str, ...]] = dict.fromkeys(ranges, ())
    for side in (wishes.include, wishes.exclude):
        for name, values in side.items():
            about[name] = (*about.get(name, ()), *values)
    items = (*said.named, *said.liked, *said.disliked, *said.seen, *said.compared)
    return Reading(
        act="profile",
        memory=command,
        reference=said.reference,
        named=tuple(dict.fromkeys(items)),
        lifted={**about, **gone},
    )


def reaching(
    reading: Reading,
    chart: Chart,
    judged: Mapping[int, Judgement],
    wishes: Wishes,
    context: Context,
    lexicon: Lexicon,
) -> Reading:
    """The reading with how far it reaches, whose tastes it tells and which items were judged."""
    felt = [
        m
        for m in chart.of_kind("title", "position")
        if judged.get(m.start, Judgement()).feeling in ("love", "hate")
        and "rejected" not in chart.cue(m.start)
    ]
    places = [p for m in felt for p in m.positions if p <= len(context.slate)]
    items = {*(m.items[0] for m in felt if m.items), *(context.slate[p - 1] for p in places)}
    reading = replace(reading, own=not _of_others(chart, lexicon), felt=frozenset(items))
    if chart.has("passing"):
        return replace(reading, scope="request")
    reading = replace(reading, averse=wishes.aversions())
    if chart.has("throughout"):
        return replace(reading, scope="session")
    lasts = reading.own and _lasts(chart, lexicon)
    return replace(reading, scope="always") if lasts else reading


def _of_others(chart: Chart, lexicon: Lexicon) -> bool:
    """Whether somebody else is spoken of: "my son hates spiders", "a present for her"."""
    others = lexicon.group("others")
    return any(
        t.norm in others and ((m := chart.at(i)) is None or m.kind != "title")
        for i, t in enumerate(chart.tokens)
    )


def _lasts(chart: Chart, lexicon: Lexicon) -> bool:
    """Whether the speaker says that something always holds: "never show me horror"; but not "a film
    I have never seen", nor "a place that never sleeps"."""
    mine = lexicon.group("self")
    if not any(t.norm in mine for t in chart.tokens):
        return chart.has("note")
    return any("seen" not in chart.cue(c.end) for c in chart.all("lasting"))
