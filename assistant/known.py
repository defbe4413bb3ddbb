"""What is known of the person, in words: notes of earlier conversations, wishes of this one, what
they liked; and what became of an order about it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant import answers
from assistant.explanation import phrasing
from assistant.explanation.wording import Wording
from assistant.memory import Change, Note, covered
from assistant.preferences import Preferences
from assistant.types import MemoryCommand
from retrieval.types import Item, ItemId, Profile, Schema

EARLIER = 5  # items of the history that are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is held of a person: notes in the order in which they are numbered, whether learning is
    paused, and the preferences of the running conversation."""

    notes: Sequence[Note]
    paused: bool
    preferences: Preferences


def known(
    held: Held,
    profile: Profile,
    items: Mapping[ItemId, Item],
    schema: Schema,
    words: Wording,
) -> str:
    """Everything that is held, one line each; notes come first and carry their numbers."""
    now = time.time()
    lines = [
        words.say("memory.line", n=n, note=dated(note, schema, words, now))
        for n, note in enumerate(held.notes, start=1)
    ]
    p = held.preferences  # what a note says already is not said again
    fresh = [c for c in p.constraints if not covered(c, held.notes)]
    wanted = [answers.constraint(c, schema, words) for c in fresh]
    wanted += [answers.tendency(t, items, words) for t in p.tendencies]
    wanted += [words.say("you_wish", text=answers.short(w.text)) for w in p.wishes if w.turn]
    hints = [c for c in p.hints if not covered(c, held.notes)]
    tastes = [answers.constraint(c, schema, words) for c in hints]
    wanted += [words.say("you_like", titles=t) for t in dict.fromkeys(tastes)]
    for key, ids in (("you_like", p.likes), ("you_dislike", p.dislikes), ("you_saw", p.seen)):
        titles = [phrasing.short_title(items[i]) for i in ids if i in items]
        if titles:
            wanted.append(words.say(key, titles=words.join(titles)))
    lines += [words.say("memory.now", wish=w) for w in dict.fromkeys(wanted)]
    here = {*p.likes, *p.dislikes, *p.seen}
    past = [i for i in profile.positive() if i in items and i not in here][:EARLIER]
    if past:
        best = words.join([phrasing.short_title(items[i]) for i in past])
        lines.append(words.say("memory.now", wish=words.say("you_liked", titles=best)))
    paused = [words.say("memory.is_paused")] if held.paused else []
    if not lines:
        return " ".join((words.say("nothing_known"), *paused))
    return "\n".join((words.say("known"), *lines, *paused))


def note(n: Note, schema: Schema, words: Wording) -> str:
    """A note as a sentence about the person: "you never want Horror", "you like Western"."""
    c = n.constraint
    if c is None:
        return words.say("you_wish", text=n.wish)
    said = _said(n, schema, words)
    if c.kind in ("exclude", "without"):
        return words.say("memory.never" if n.pinned else "memory.averse", wish=said)
    return words.say("memory.likes" if n.soft else "memory.always", wish=said)


def dated(n: Note, schema: Schema, words: Wording, now: float) -> str:
    """The sentence with the day it was said, the words that said it, and what is left of it."""
    state = (
        words.say("memory.pinned")
        if n.pinned
        else words.say("memory.strength", share=words.number(100 * n.strength_at(now)))
    )
    return words.say(
        "memory.dated",
        note=note(n, schema, words),
        said=phrasing.clip(n.said),
        date=words.date(n.at),
        state=state,
    )


def learnt(change: Change, schema: Schema, words: Wording) -> str:
    """What a turn noted or took back beside its answer; empty when nothing."""
    before = {n.id for n in change.dropped}
    new = [note(n, schema, words) for n in change.added if n.id not in before]
    after = {n.id for n in change.added}
    gone = [note(n, schema, words) for n in change.dropped if n.id not in after]
    said = [words.say("memory.noted", notes=words.join(new))] if new else []
    said += [words.say("memory.forgot", notes=words.join(gone))] if gone else []
    return " ".join(said)


def done(order: MemoryCommand, change: Change, schema: Schema, words: Wording) -> str:
    """What became of an order about memory."""
    if order in ("pause", "resume"):
        return words.say("memory.paused" if order == "pause" else "memory.resumed")
    items = len({e.item for e in change.retracted})
    notes = [note(n, schema, words) for n in change.dropped]
    if order == "forget_all" and (notes or items):
        return words.say("memory.forgot_all", notes=len(notes), items=items)
    if order in ("pin", "unpin"):
        now = [note(n, schema, words) for n in change.added]
        key = "memory.kept" if order == "pin" else "memory.let_go"
        return words.say(key, notes=words.join(now)) if now else words.say("memory.which")
    if order == "edit":
        return learnt(change, schema, words) or words.say("memory.which")
    if notes:
        return words.say("memory.forgot", notes=words.join(notes))
    return words.say("memory.forgot_items" if items else "memory.which")


def _said(n: Note, schema: Schema, words: Wording) -> str:
    """What a note speaks of, whether it is wanted or not."""
    c = n.constraint
    if c is None:
        return n.wish
    if c.kind == "without":
        return words.join(c.values, "or")
    return answers.constraint(
        replace(c, kind="include") if c.kind == "exclude" else c, schema, words
    )
