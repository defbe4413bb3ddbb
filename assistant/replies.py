"""The words around a slate: what was understood, what was found, what may be said next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant import answers
from assistant.explanation import phrasing
from assistant.moves import Move
from assistant.preferences import Preferences
from assistant.questions import Question
from assistant.relaxing import Relaxation
from assistant.types import Card, Degraded, Reading
from retrieval.types import Item, ItemId, Query, Schema

CHIPS = 4


def recommended(
    cards: Sequence[Card],
    preferences: Preferences,
    reading: Reading,
    items: Mapping[ItemId, Item],
    schema: Schema,
) -> str:
    """The sentence above the cards: how many, and by which wishes."""
    said = answers.wishes(preferences, items, schema)
    noun = schema.noun if len(cards) == 1 else schema.nouns
    other = " other" if reading.more and preferences.passed else ""
    start = f"Here {'is' if len(cards) == 1 else 'are'} {len(cards)}{other} {noun}"
    text = f"{start}: {', '.join(said)}." if said else f"{start} to start with."
    if preferences.sort is not None:
        field = schema.find(preferences.sort.field)
        if field is not None:
            order = "highest" if preferences.sort.descending else "lowest"
            text += f" In order of {phrasing.label(field)}, {order} first."
    there = [items[i] for i in preferences.named if i in items]
    gone = dict.fromkeys(
        [i.title for i in there if not i.available] + [c.title for c in cards if not c.available]
    )
    if gone:
        text += f" Out of stock now: {phrasing.join(list(gone))}."
    return text


def ask(question: Question, schema: Schema) -> str:
    """One question about a field, with its likeliest answers."""
    options = phrasing.join([answers.constraint(c, schema) for c in question.options], "or")
    return f"What would you like for {phrasing.label(question.field)}: {options}?"


def which(items: Sequence[Item], schema: Schema) -> str:
    """A question back when a title fits several items."""
    named = []
    for item in items[:4]:
        year = phrasing.year(item, schema)
        named.append(f"{item.title} ({year})" if year else item.title)
    return f"Which one do you mean: {phrasing.join(named, 'or')}?"


def nothing(
    preferences: Preferences, relaxations: Sequence[Relaxation], schema: Schema, query: Query
) -> str:
    """Nothing fits: say what excludes everything and offer what dropping it would leave."""
    said = phrasing.join([answers.constraint(c, schema) for c in preferences.constraints])
    text = f"Nothing in the catalogue fits {said or 'that'}"
    if query.exclude or query.avoid:
        text += " that you have not had already"
    if not relaxations:
        return f"{text}. Shall we start over with something else?"
    offers = [
        f"{offer(r, schema)} there {'is 1' if r.count == 1 else f'are {r.count}'}"
        for r in relaxations
    ]
    return f"{text}. But {phrasing.join(offers, 'or')}. Shall I relax that?"


def offer(relaxation: Relaxation, schema: Schema) -> str:
    """What an offer gives up: "with up to €79", "without “Western”"."""
    moved = [answers.constraint(c, schema) for c in relaxation.instead]
    lost = [f"“{answers.constraint(c, schema)}”" for c in relaxation.lost]
    said = [f"with {phrasing.join(moved)}"] if moved else []
    said += [f"without {phrasing.join(lost)}"] if lost else []
    return phrasing.join(said)


CHAT = {
    "greeting": "Hello! What are you in the mood for? You can also name something you liked.",
    "thanks": "Glad to help. Say so if you want others, or something different.",
    "refuse": "I can only help you choose from this catalogue. What would you like to find?",
    "noted": "Noted. Shall I show something that goes with it?",
    "undone": "Taken back. This is where we were.",
    "nothing_to_undo": "There is nothing to take back yet.",
    "reset": "A clean slate. What would you like now?",
}


def small_talk(begun: bool) -> str:
    """A reply to a greeting or to thanks; it names nothing from the catalogue."""
    return CHAT["thanks" if begun else "greeting"]


def chips(move: Move, cards: Sequence[Card], schema: Schema) -> tuple[str, ...]:
    """Short messages that the person may send next; they are plain words, read like any other."""
    if move.question is not None:
        return tuple(answers.constraint(c, schema) for c in move.question.options)[:CHIPS]
    if move.kind == "no_match":
        second = ("The second",) if len(move.relaxations) > 1 else ()
        yes = ("Yes, relax it",) if move.relaxations else ()
        return (*yes, *second, "Start over")
    if not cards:
        return ()
    out = ["More like the first"]
    if schema.by_kind("price"):
        out.append("Cheaper")
    if schema.by_kind("year"):
        out.append("Newer")
    return (*out, "Show me others")[:CHIPS]


def degraded(parts: Sequence[Degraded]) -> str:
    """One line that says which part the rules engine did, and why; empty when none."""
    if not parts:
        return ""
    names = {
        "understand": "reading your message",
        "rerank": "the final order",
        "explain": "the reasons",
        "encode": "search by meaning",
    }
    said = phrasing.join([f"{names[p.stage]} ({p.reason})" for p in parts])
    return f"Without the language model: {said}."
