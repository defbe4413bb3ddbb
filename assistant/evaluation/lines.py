"""The lines of a dialogue file, and which of their targets can be scored.

A line is one moment of a conversation: what was said so far, the items named in it, and what was
recommended next. Labels that were collected afterwards (liked, seen, accepted) are not even read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.transcript import Message
from retrieval.errors import UnreadableFile
from retrieval.types import ItemId

Why = Literal["not_in_workspace", "not_new", "text_states_answer"]


class Reference(BaseModel):
    """An item as a dialogue file names it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    item_id: str | int | None = None
    movielens_id: str | int | None = None
    title: str | None = None
    is_new: bool | None = None

    @property
    def id(self) -> ItemId | None:
        """Its id in the catalogue; None where the file gives none."""
        found = self.item_id if self.item_id is not None else self.movielens_id
        return None if found is None else ItemId(str(found))


class Said(BaseModel):
    """One message of the context."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: Literal["user", "assistant"]
    text: str


class Line(BaseModel):
    """One line of the file; keys that are not named here are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    dialogue_id: str | int
    context: tuple[Said, ...]
    mentioned_items: tuple[Reference, ...] = ()
    target_items: tuple[Reference, ...] = Field(default=())

    def messages(self) -> tuple[Message, ...]:
        """What was said, in order."""
        return tuple(Message(role=m.role, text=m.text) for m in self.context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line with what is to be found: ``targets`` are scored, ``filtered`` may not return.

    ``left_out`` says, a reason each, why further targets are not scored.
    """

    dialogue: str
    messages: tuple[Message, ...]
    targets: tuple[ItemId, ...]
    filtered: frozenset[ItemId]
    left_out: tuple[Why, ...]


def cases(rows: Iterable[object], known: Collection[ItemId]) -> list[Case]:
    """The cases of a dialogue file, in its order; ``known`` are the items of the workspace.

    A target without ``is_new`` counts as new. One that was named before is not new, whatever the
    file says: what was named is filtered, so it could not be found. A target that the text itself
    gives away (:func:`states_answer`) is left out. Raises UnreadableFile for a line of another
    shape.
    """
    return [_case(_line(row, n), known) for n, row in enumerate(rows, start=1)]


def _line(row: object, number: int) -> Line:
    try:
        return Line.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        raise UnreadableFile(f'dialogue {number}: "{place}": {first["msg"]}') from None


def _case(line: Line, known: Collection[ItemId]) -> Case:
    filtered = frozenset(r.id for r in line.mentioned_items if r.id is not None)
    targets: dict[ItemId, None] = {}
    left_out: list[Why] = []
    for target in line.target_items:
        if target.is_new is False or target.id in filtered:
            left_out.append("not_new")
        elif target.id is None or target.id not in known:
            left_out.append("not_in_workspace")
        elif any(states_answer(m.text, target.title or "") for m in line.context):
            left_out.append("text_states_answer")
        else:
            targets[target.id] = None
    return Case(
        dialogue=str(line.dialogue_id),
        messages=line.messages(),
        targets=tuple(targets),
        filtered=filtered,
        left_out=tuple(left_out),
    )


_STATEMENT = re.compile(r"[^.!?\n]*[.!?]*\n?")
_LATER = re.compile(r"\b(?:edit|edited|update|solved|found it|spoilers?|answer)\b", re.IGNORECASE)
_CALLED = re.compile(
    r"\b(?:is|was|be) (?:called|named|titled)\b|\bturned out\b|\bit (?:is|was|'s|’s)\b"
    r"|\bit[’']s\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:not|isn[’']?t|wasn[’']?t|never|nor|neither|like|than)\b", re.IGNORECASE)
REACH = 3
"""Statements that a heading such as "Edit:" or "Solved!" speaks for, its own included."""


def states_answer(text: str, title: str) -> bool:
    """Whether a text gives its own answer away: the title stands in a statement of the solution.

    That is one of the three statements from a later remark on ("Edit: …", "Solved! …", "found it",
    "spoiler") or any statement that says what the thing is called ("I think it was called Dark
    City"), with the title spelt with its capitals (a title of several words in any case) and
    nothing that denies it before it. Words of the story that happen to be the title ("a guy who
    drank from the fountain") give nothing away. An empty title is never stated.
    """
    words = re.findall(r"\w+", title)
    if not words:
        return False
    flags = re.IGNORECASE if len(words) > 2 else 0
    named = re.compile(r"\b" + r"\W+".join(map(re.escape, words)) + r"\b", flags)
    reach = 0
    for statement in _STATEMENT.findall(text):
        reach = REACH if _LATER.search(statement) else reach - bool(statement.strip())
        found = named.search(statement)
        if found is None or not (reach > 0 or _CALLED.search(statement)):
            continue
        if not _DENIED.search(statement[: found.start()]):
            return True
    return False
