"""The words around a slate: what was understood, what was found, what may be said next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant import answers
from assistant.explanation import phrasing
from assistant.explanation.wording import Wording
from assistant.moves import Move
from assistant.preferences import Preferences
from assistant.questions import Question
from assistant.relaxing import Relaxation
from assistant.types import Card, Degraded, Reading
from retrieval.types import Item, ItemId, Schema

CHIPS = 4


def recommended(
    cards: Sequence[Card],
    preferences: Preferences,
    reading: Reading,
    items: Mapping[ItemId, Item],
    schema: Schema,
    words: Wording,
) -> str:
    """The sentence above the cards: how many, and by which wishes."""
    said = answers.wishes(preferences, items, schema, words)
    noun = words.noun(schema, len(cards))
    key = "found_more" if reading.more and preferences.passed else "found"
    found = words.count(key, len(cards), noun=noun)
    text = (
        words.say("found_by", found=found, wishes=words.commas(said))
        if said
        else words.say("found_first", found=found)
    )
    if reading.act == "feedback_ack":
        text = words.say("noted") + text
    if preferences.sort is not None:
        field = schema.find(preferences.sort.field)
        if field is not None:
            order = "highest_first" if preferences.sort.descending else "lowest_first"
            text += words.say(order, field=words.label(field))
    there = [items[i] for i in preferences.named if i in items]
    gone = dict.fromkeys(
        [i.title for i in there if not i.available] + [c.title for c in cards if not c.available]
    )
    if gone:
        text += words.say("gone", titles=words.join(list(gone)))
    return text


def ask(question: Question, schema: Schema, words: Wording) -> str:
    """One question about a field, with its likeliest answers."""
    key = "ask_name" if question.field.kind == "person" else "ask"
    options = words.join(_options(question, schema, words), "or")
    return words.say(key, field=words.label(question.field), options=options)


def _options(question: Question, schema: Schema, words: Wording) -> list[str]:
    """The answers in words; a name stands by itself."""
    if question.field.kind == "person":
        return [name for c in question.options for name in c.values]
    return [answers.constraint(c, schema, words) for c in question.options]


def which(items: Sequence[Item], schema: Schema, words: Wording) -> str:
    """A question back when a title fits several items."""
    named = []
    for item in items[:4]:
        year = phrasing.year(item, schema)
        named.append(f"{item.title} ({year})" if year else item.title)
    return words.say("which", titles=words.join(named, "or"))


def nothing(
    preferences: Preferences,
    relaxations: Sequence[Relaxation],
    schema: Schema,
    words: Wording,
    *,
    had: bool,
) -> str:
    """Nothing fits, or with ``had`` nothing that they have not had: say what excludes everything
    and offer what dropping it would leave."""
    said = words.join([answers.constraint(c, schema, words) for c in preferences.constraints])
    text = words.say("nothing_new" if had else "nothing", wishes=said or words.say("that"))
    if not relaxations:
        return words.say("start_over", nothing=text)
    offers = [words.count("offer", r.count, what=offer(r, schema, words)) for r in relaxations]
    return words.say("relax", nothing=text, offers=words.join(offers, "or"))


def offer(relaxation: Relaxation, schema: Schema, words: Wording) -> str:
    """What an offer comes to: "up to €79", "without “Western”"."""
    moved = [answers.constraint(c, schema, words) for c in relaxation.instead]
    lost = [words.say("quoted", wish=answers.constraint(c, schema, words)) for c in relaxation.lost]
    said = [words.say("offer_with", wishes=words.join(moved))] if moved else []
    said += [words.say("offer_without", wishes=words.join(lost))] if lost else []
    return words.join(said)


def small_talk(begun: bool, words: Wording) -> str:
    """A reply to a greeting or to thanks; it names nothing from the catalogue."""
    return words.say("chat.thanks" if begun else "chat.greeting")


def chips(move: Move, cards: Sequence[Card], schema: Schema, words: Wording) -> tuple[str, ...]:
    """Short messages that the person may send next; they are plain words, read like any other."""
    if move.question is not None:
        return tuple(_options(move.question, schema, words))[:CHIPS]
    if move.kind == "no_match":
        yes = (words.say("chips.relax"),) if move.relaxations else ()
        second = (words.say("chips.second"),) if len(move.relaxations) > 1 else ()
        return (*yes, *second, words.say("chips.start_over"))
    if not cards:
        return ()
    out = [words.say("chips.more_like")]
    if schema.by_kind("price"):
        out.append(words.say("chips.cheaper"))
    if schema.by_kind("year"):
        out.append(words.say("chips.newer"))
    return (*out, words.say("chips.others"))[:CHIPS]


def degraded(parts: Sequence[Degraded], words: Wording) -> str:
    """One line that says which part the rules engine did, and why; empty when none."""
    if not parts:
        return ""
    said = [
        words.say(
            "degraded_part", stage=words.say(f"stages.{p.stage}"), reason=words.reason(p.reason)
        )
        for p in parts
    ]
    return words.say("degraded", parts=words.join(said))
