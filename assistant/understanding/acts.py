"""What a message does: asks for items, asks about one, compares, judges, takes back, or only
talks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.types import Act
from assistant.understanding.chart import Chart, Mention
from assistant.understanding.comparisons import Comparison
from assistant.understanding.context import Context
from assistant.understanding.polarity import Judgement
from retrieval.types import Sort

QUESTION_WORDS = frozenset(
    (
        *("who", "what", "when", "where", "which", "how"),
        *("is", "are", "does", "do", "did", "was", "were"),
    )
)
"""Words that begin a question also where a longer cue has swallowed them ("which is")."""


AUXILIARIES = frozenset({"do", "does", "did", "was", "were", "have", "has"})
ASKED = frozenset({"you", "they", "we", "i", "it", "that", "this", "he", "she", "there", "these"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the earlier steps found, as far as the act depends on it.

    ``facts`` counts constraints that a field holds, ``wishes`` everything that narrows a search;
    ``noun`` tells whether the thing sought is called by its name ("film").
    """

    facts: bool
    compared: bool
    text: str | None
    judged: dict[int, Judgement]
    question: str | None
    sort: bool
    more: bool
    lifted: bool
    stock: bool
    extreme: Sort | None = None
    noun: bool = False


def decide(chart: Chart, found: Found, context: Context) -> Act:
    """The act of a message, by the first of these that holds; ``recommend`` when none does."""
    titles = chart.of_kind("title")
    places = [m for m in chart.of_kind("position") if not m.whole]
    targets = len(titles) + sum(len(m.positions) for m in places)
    whole = any(m.whole for m in chart.of_kind("position"))
    wanted = _wants(chart)
    narrowed = found.facts or found.compared or found.more or found.sort
    if _explains(chart, targets, whole, bool(context.slate)):
        return "explain"
    if chart.has("reset") and not found.facts:
        return "undo"
    if chart.has("undo") and not (found.facts or found.compared):
        return "undo"
    if found.lifted and not (found.facts or found.compared):
        return "undo"
    if chart.has("hurry", "jump"):
        return "recommend"
    if _profile(chart, found, titles, begun=bool(context.slate)):
        return "profile"
    if _compares(chart, titles, targets, whole=whole, narrowed=narrowed, shown=bool(context.slate)):
        return "compare"
    which = chart.norm(_first(chart)) == "which" and not (found.noun or found.facts)
    shown = bool(context.slate) and which and not targets
    if (whole or shown) and found.extreme is not None and _asking(chart):
        return "compare"
    if _asks_fact(chart, found, targets, context, wanted):
        return "answer"
    if _only_feedback(chart, found, titles, places, context, narrowed):
        return "feedback_ack"
    if chart.has("off_topic") and not wanted and not titles and not places:
        return "chitchat"
    nothing = not (narrowed or targets or whole or found.stock)
    if nothing and found.noun and found.text is None and _asking(chart):
        return "recommend" if context.recent else "ask"  # "which film would do?"
    if nothing and not wanted and (_sociable(chart, found) or _foreign_question(chart)):
        return "chitchat"
    if nothing and found.text is None and context.slate and not context.asked:
        if chart.has("deny"):
            return "recommend"
        if chart.has("affirm"):
            return "chitchat"
    if nothing and found.text is None and not found.lifted:
        if chart.has("request", "vague") or not context.recent:
            return "recommend" if context.recent and not chart.has("vague") else "ask"
        return "chitchat" if not wanted else "recommend"
    return "recommend"


def _first(chart: Chart) -> int:
    """The first token that is neither a mark nor a filler such as "so", "and", "hmm"."""
    for i, t in enumerate(chart.tokens):
        if chart.at(i) is not None:
            return i
        if t.kind == "word" and t.norm not in (
            "so",
            "and",
            "hmm",
            "hm",
            "okay",
            "well",
            "but",
            "oh",
            "then",
            "also",
            "um",
            "er",
            "please",
        ):
            return i
    return 0


def _wants(chart: Chart) -> bool:
    """Whether the message asks for something to be shown."""
    return chart.has("request", "more", "have")


def _asking(chart: Chart) -> bool:
    i = _first(chart)
    if chart.at(i) is not None:
        return False
    if chart.norm(i) in AUXILIARIES and chart.norm(i + 1) == "not":
        return chart.norm(i + 2) in ASKED  # "don't spend more", "didn't get on with it" ask nothing
    return "asking" in chart.cue(i) or chart.norm(i) in QUESTION_WORDS


def _explains(chart: Chart, targets: int, whole: bool, shown: bool) -> bool:
    if not chart.has("explain"):
        return False
    if chart.has("unasked"):
        return bool(targets)  # "why not a comedy?" wants one
    if shown and "explain" in chart.cue(_first(chart)) and len(chart) <= 10:
        return True
    return bool(targets) or whole or chart.has("explain_verb", "pointing")


def _profile(chart: Chart, found: Found, titles: list[Mention], *, begun: bool) -> bool:
    """Whether the message is about what is known of the person: a question, something to note, or,
    before there is anything on the table, a habit. Later a habit changes what is looked for."""
    if chart.has("about_me"):
        return True
    content = found.facts or found.compared or bool(titles)
    if chart.has("note") and (content or found.text):
        return True
    strong = chart.has("request") and any(
        "request" in chart.cue(c.start) and not _refused_request(chart, c.start) for c in chart.cues
    )
    return content and not begun and _own_habit(chart) and not strong and not chart.has("more")


def _own_habit(chart: Chart) -> bool:
    """Whether a habit is somebody's: "I never ...", not "a vegan shoe, I think"."""
    people = [c.start for c in chart.cues if "self" in chart.cue(c.start)]
    return any(people[0] < c.end for c in chart.all("habit")) if people else False


def _refused_request(chart: Chart, i: int) -> bool:
    return any("negate" in chart.cue(i - back) for back in (1, 2, 3))


def _compares(
    chart: Chart, titles: list[Mention], targets: int, *, whole: bool, narrowed: bool, shown: bool
) -> bool:
    several = targets >= 2
    if targets == 1 and "compare" in chart.cue(_first(chart)):
        return chart.norm(_first(chart)) not in QUESTION_WORDS
    if chart.has("compare") and (several or (whole and _asking(chart))):
        return not (chart.has("request") and narrowed and not _asking(chart))
    if chart.has("compare") and shown and _asking(chart) and targets == 0:
        # "which of these is the oldest?", "which one has the longest battery?"
        own = [chart.norm(i) for c in chart.all("compare") for i in range(c.start, c.end)]
        return "one" in own or not {"these", "those", "them"}.isdisjoint(own)
    if several and _asking(chart) and any(chart.norm(i) == "or" for i in range(len(chart))):
        return True
    if len(titles) == 2 and targets == 2:
        between = [chart.norm(i) for i in range(titles[0].end, titles[1].start)]
        rest = [t for i, t in enumerate(chart.tokens) if chart.at(i) is None and t.kind == "word"]
        return between in (["or"], ["vs"], ["versus"], ["v"], ["against"]) and len(rest) <= 3
    return False


def _asks_fact(chart: Chart, found: Found, targets: int, context: Context, wanted: bool) -> bool:
    asks = _asking(chart) or chart.has("fact")
    if targets and asks:
        strong = any(
            "request" in chart.cue(c.start)
            and chart.norm(c.start) not in ("any", "list", "find", "keep")
            for c in chart.cues
        )
        liking = any(j.feeling in ("like", "love", "hate") for j in found.judged.values())
        return not (strong or chart.has("have", "more") or (liking and not chart.has("fact")))
    talking = bool(context.slate or context.recent)
    words = [t for t in chart.tokens if t.kind == "word"]
    pronoun = any(t.norm in ("it", "its") for t in words)
    if context.slate and asks and pronoun and len(words) <= 6 and not (wanted or found.facts):
        return True
    if talking and found.question and len(words) <= 9 and not wanted and not found.compared:
        return (asks and pronoun) or (
            len(words) <= 4 and chart.tokens[-1].norm == "?" and not found.facts
        )
    return False


def _only_feedback(
    chart: Chart,
    found: Found,
    titles: list[Mention],
    places: list[Mention],
    context: Context,
    narrowed: bool,
) -> bool:
    if narrowed or chart.has("more"):
        return False
    if any(chart.norm(c.start) == "more" for c in chart.all("like")):
        return False  # "more like that"
    here = [m for m in titles if m.items[0] in context.slate]
    judged = [found.judged.get(m.start, Judgement()) for m in (*places, *here)]
    feelings = [j.feeling for j in judged]
    if not feelings or any(f not in ("love", "hate", "seen") for f in feelings):
        return False
    firm = any(
        "request" in chart.cue(c.start) and chart.norm(c.start) not in ("want", "need")
        for c in chart.cues
    )
    return len(here) == len(titles) and not firm


def _sociable(chart: Chart, found: Found) -> bool:
    return chart.has("thanks", "greeting", "off_topic") and (
        found.text is None
        or chart.has("thanks", "off_topic")
        or (len(found.text.split()) <= 2 and not found.noun)  # "hey, a film about sharks" asks
    )


def _foreign_question(chart: Chart) -> bool:
    """A question that speaks of nothing this catalogue holds."""
    return _asking(chart) and not chart.has("request", "more", "vague", "have", "sort", "both_of")


def asks_for_others(chart: Chart, comparisons: Sequence[Comparison]) -> bool:
    """Whether other items are asked for; "more battery" and "more like #1" are not that."""
    inside = {i for c in comparisons for i in range(c.start, c.end)}
    if any(
        "rejected" in chart.cue(m.start) or "rejected" in chart.cue(m.end - 1)
        for m in chart.of_kind("position")
    ):
        return True
    for c in chart.all("more"):
        than = any(chart.norm(i) == "than" for i in range(c.end, min(c.end + 5, len(chart))))
        if chart.norm(c.start - 1) == "any" and chart.has("soften", "lift_after", "negate"):
            continue  # "it need not be red any more"
        if c.start not in inside and not than and chart.norm(c.start - 1) != "with":
            return True
    return False


def declines(chart: Chart, text: str | None, context: Context) -> bool:
    """Whether a bare "no" answers the slate: other items are wanted then."""
    bare = not chart.mentions and text is None and not chart.has("thanks", "undo", "reset")
    return (
        bare
        and bool(context.slate)
        and context.asked is None
        and chart.has("deny")
        and len(chart) <= 5
    )


def leaves_it_open(chart: Chart, context: Context) -> bool:
    """Whether a question of ours is answered with no opinion: what else there is may help."""
    return context.asked is not None and chart.has("indifferent") and not chart.mentions
