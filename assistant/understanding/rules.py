"""The rules engine: one message in, one :class:`~assistant.types.Reading` out, with no model.

A message becomes tokens, then a chart of what it mentions (titles, people, facet values, numbers,
positions of the last slate), then judgements by clause, then a Reading. Each step is a module of
its own; this one only puts them in order. What the words mean is data (``lang/en.toml``); a message
of another language is first put into those words (``interpreter.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from assistant.types import Act, Range, Reading, Relative
from assistant.understanding.acts import (
    Found,
    asks_for_others,
    decide,
    declines,
    leaves_it_open,
)
from assistant.understanding.chart import Chart, find_cues
from assistant.understanding.comparisons import (
    Comparison,
    link_comparisons,
    to_relative,
)
from assistant.understanding.context import Context
from assistant.understanding.facet_links import closed_spans
from assistant.understanding.fields_said import lifted, question_field, sorting, waived
from assistant.understanding.glossary import LANGUAGES
from assistant.understanding.interpreter import Interpreter
from assistant.understanding.items_said import Items, counted, items_of
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.mending import mend
from assistant.understanding.mentions import mentions
from assistant.understanding.polarity import Judgement, judge
from assistant.understanding.positions import beyond
from assistant.understanding.refusing import is_refused, sentences
from assistant.understanding.remembering import obeying, order, reaching
from assistant.understanding.residue import free_text
from assistant.understanding.settle import Wishes, choose, settle
from assistant.understanding.title_links import link_titles
from assistant.understanding.tokens import Token, tokenise
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import ItemId, Sort

DESCRIBES, TELLS = 25, 100
"""Words from which a message that speaks of remembering is a description, and from which any is."""

QUIET_ACTS = frozenset({"answer", "compare", "explain", "chitchat", "refuse"})
"""Acts that ask for no items: what was mentioned is a subject, not a wish."""


class RulesEngine:
    """Reads messages against one vocabulary. Immutable and without I/O, so sessions may share
    it.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._interpreter = Interpreter(vocabulary)

    def read(self, message: str, context: Context | None = None) -> Reading:
        """What a message means. Any text gives a Reading; an empty one is act ``ask``.

        Only the first few thousand characters are read; the time is about linear in them.
        """
        context = context or Context()
        heard = self._interpreter.interpret(message, context.language)
        context = replace(context, language=heard.language)
        return replace(self._heard(heard.text, context), language=heard.language)

    def heard(self, message: str, context: Context) -> str:
        """The message in the words of the reference language, as far as it is understood."""
        return self._interpreter.interpret(message, context.language).text

    def _heard(self, message: str, context: Context) -> Reading:
        """A message that is in the words of the lexicon."""
        lexicon = self.vocabulary.lexicon
        tokens = tokenise(message, lexicon.spelling)
        parts = sentences(tokens)
        refused = [is_refused(s, lexicon) for s in parts]
        if _described(tokens, lexicon):
            return self._description(tokens, context)
        if any(refused):
            rest = [t for s, no in zip(parts, refused, strict=True) if not no for t in s]
            reading = self._read(rest, context) if rest else Reading(act="refuse")
            kept = reading.act == "recommend" and (
                reading.include or reading.ranges or reading.liked
            )
            return reading if kept else Reading(act="refuse")
        if not any(t.kind != "mark" for t in tokens):
            return Reading(act="ask")
        return self._read(tokens, context)

    def _description(self, tokens: Sequence[Token], context: Context) -> Reading:
        """What somebody tells of a thing they remember: nothing in it is an act of talk."""
        told = self._read(tokens, replace(context, slate=()), act="recommend")
        return Reading(
            described=True,
            liked=told.liked,
            disliked=told.disliked,
            seen=told.seen,
            named=told.named,
            include=told.include,
            ranges=told.ranges,
            text=" ".join(self._telling(tokens)),
        )

    def _telling(self, tokens: Sequence[Token]) -> list[str]:
        """The words of a description that are about the thing, not about the remembering."""
        lexicon = self.vocabulary.lexicon
        recalled = {
            i
            for cue in find_cues(tokens, lexicon)
            if "recalling" in cue.names
            for i in range(cue.start, cue.end)
        }
        return [
            t.norm
            for i, t in enumerate(tokens)
            if t.kind != "mark" and t.norm not in lexicon.stop and i not in recalled
        ]

    def named(self, message: str) -> tuple[ItemId, ...]:
        """The items that a message names by their titles, in order, without repeats."""
        vocabulary = self.vocabulary
        tokens = mend(tokenise(message, vocabulary.lexicon.spelling), vocabulary)
        chart = Chart(tokens, find_cues(tokens, vocabulary.lexicon))
        spans = closed_spans(chart.tokens, chart, vocabulary)
        found = link_titles(chart.tokens, chart, vocabulary, spans)
        return tuple(dict.fromkeys(m.items[0] for m in found))

    def _read(self, raw: Sequence[Token], context: Context, act: Act | None = None) -> Reading:
        vocabulary = self.vocabulary
        # A word that only another language has is not a slip for one of the lexicon.
        tokens = mend(raw, vocabulary) if context.language == LANGUAGES[0] else raw
        chart = Chart(tokens, find_cues(tokens, vocabulary.lexicon))
        scope = mentions(chart, vocabulary, context)
        if act is None and beyond(chart, vocabulary, context):
            return Reading(act="answer")  # about nothing that was shown: which one is meant?
        comparisons = link_comparisons(chart, vocabulary, scope)
        judged = judge(chart, vocabulary.lexicon, answering=context.asked is not None)
        chosen = {m.start: choose(m, chart, vocabulary, scope) for m in chart.of_kind("facet")}
        gone, used = lifted(chart, vocabulary, scope, chosen)
        judged.update({start: Judgement(open=True) for start in used if chart.at(start)})
        comparisons = [c for c in comparisons if used.isdisjoint(range(c.start, c.end))]
        free = waived(chart, vocabulary, scope)
        wishes = settle(chart, judged, vocabulary, scope)
        _shown_values(chart, judged, wishes)
        said = items_of(chart, judged, comparisons, context)
        sort = sorting(chart, vocabulary, scope)
        relative = _relatives(comparisons, chart, context, sort is not None)
        ranges = _ranges(chart)
        command = order(chart, context)
        if command:
            return obeying(command, wishes, ranges, {**gone, **free}, said)
        count = counted(chart, vocabulary)
        spoken = {*wishes.include, *wishes.exclude, *ranges, *gone, *free}
        place = count[1] if count is not None else None
        text, unheld = free_text(chart, vocabulary, wishes.kept, comparisons, spoken, place)
        text = _without(text, gone.get("", ()))
        stock = chart.has("stock") and not chart.has("no_stock")
        more = asks_for_others(chart, comparisons) or declines(chart, text, context)
        more = more or leaves_it_open(chart, context)
        found = Found(
            facts=bool(wishes.include or wishes.exclude or ranges or unheld or wishes.without),
            compared=bool(relative),
            text=text,
            judged=judged,
            question=question_field(chart, vocabulary, scope),
            sort=sort is not None,
            more=more or bool(wishes.opened or free),
            lifted=bool(gone),
            stock=chart.has("stock", "no_stock"),
            extreme=_extreme(comparisons),
            noun=any(t.norm in vocabulary.nouns for t in tokens),
        )
        act = act or decide(chart, found, context)
        reading = Reading(
            act=act,
            liked=said.liked,
            disliked=said.disliked,
            seen=said.seen,
            named=said.named,
            reference=said.reference,
            unclear=said.unclear,
            question=found.question if act == "answer" else None,
        )
        if chart.has("affirm") and not (found.facts or found.compared or text or judged):
            reading = replace(reading, agrees=True)
        if act in QUIET_ACTS:
            first = found.extreme if act == "compare" else None
            return replace(_subject_only(reading, said), sort=first)
        reading = reaching(reading, chart, judged, wishes, context, vocabulary.lexicon)
        if act == "undo":
            return replace(reading, reset=chart.has("reset"), lifted=gone)
        return replace(
            reading,
            include=_with_stock(wishes, stock, vocabulary),
            every=frozenset(wishes.every),
            exclude={k: tuple(v) for k, v in wishes.exclude.items()},
            without=tuple(dict.fromkeys((*wishes.without, *unheld))),
            ranges=ranges,
            relative=tuple(r for r in relative if not (r.field in ranges and _vague(r))),
            text=text if act not in ("ask", "feedback_ack") and sort is None else None,
            sort=sort,
            more=more,
            reset=chart.has("reset"),
            unavailable=chart.has("no_stock"),
            count=count[0] if count is not None else None,
            lifted=_also_open({**gone, **free}, wishes),
            fond=wishes.tastes(),
            hurry=chart.has("hurry"),
            jump=chart.has("jump"),
            settled=chart.has("take"),
        )


def _without(text: str | None, words: Collection[str]) -> str | None:
    """A wish less the words of it that were taken back."""
    left = [word for word in (text or "").split() if word not in words]
    return " ".join(left) or None


def _extreme(comparisons: Sequence[Comparison]) -> Sort | None:
    """The order whose first is asked for: "which of these is the cheapest?"."""
    best = next((c for c in comparisons if not (c.compared or c.soft)), None)
    return Sort(field=best.field, descending=best.direction == "higher") if best else None


def _vague(r: Relative) -> bool:
    """Whether a comparison leans on no one thing, so that a bound on its field says more."""
    return r.base in ("category", "slate")


def _described(tokens: Sequence[Token], lexicon: Lexicon) -> bool:
    """Whether a message tells what somebody remembers of a thing, at length."""
    words = sum(t.kind == "word" for t in tokens)
    if words < DESCRIBES:
        return False
    return words >= TELLS or any("recalling" in c.names for c in find_cues(tokens, lexicon))


def _also_open(gone: Mapping[str, tuple[str, ...]], wishes: Wishes) -> dict[str, tuple[str, ...]]:
    """Wishes to forget, with the values that need not hold any more ("I don't mind horror")."""
    out = dict(gone)
    for v in wishes.opened:
        if not v.loose and out.get(v.field) != ():
            out[v.field] = tuple(dict.fromkeys((*out.get(v.field, ()), v.value)))
    return out


def _shown_values(chart: Chart, judged: Mapping[int, Judgement], wishes: Wishes) -> None:
    """Put the values of "that brand" and the like on their side."""
    for m in chart.of_kind("field"):
        refused = judged.get(m.start, Judgement()).refused
        for v in m.values:
            wishes.put(v, refused=refused)


def _relatives(
    comparisons: Sequence[Comparison], chart: Chart, context: Context, sorted_by: bool
) -> tuple[Relative, ...]:
    if sorted_by:
        return ()
    titles = chart.of_kind("title")
    return tuple(to_relative(c, chart, context, titles) for c in comparisons)


def _ranges(chart: Chart) -> dict[str, Range]:
    """The bounds of every field; a later bound fills the side that an earlier one left open."""
    ranges: dict[str, Range] = {}
    for m in chart.of_kind("number"):
        for name, r in (m.ranges or {}).items():
            old = ranges.get(name, Range())
            ranges[name] = Range(
                min=r.min if r.min is not None else old.min,
                max=r.max if r.max is not None else old.max,
                over=r.over if r.min is not None else old.over,
                under=r.under if r.max is not None else old.under,
            )
    return ranges


def _with_stock(wishes: Wishes, stock: bool, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    include = {k: tuple(v) for k, v in wishes.include.items()}
    field = vocabulary.numbers.availability
    if stock and field is not None:
        include[field.name] = ("true",)
    return include


def _subject_only(reading: Reading, said: Items) -> Reading:
    """The reading of a question: its items are what it is about, liked or disliked is nothing."""
    about = tuple(
        dict.fromkeys((*said.named, *said.liked, *said.disliked, *said.seen, *said.compared))
    )
    shown = set(said.placed)
    return replace(
        reading, liked=(), disliked=(), seen=(), named=tuple(i for i in about if i not in shown)
    )
