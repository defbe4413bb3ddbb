"""What the rules engine may know besides the message itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from retrieval.types import Item, ItemId

QUESTION = re.compile(r"[^.!?。！？\n]+[?？]")


@dataclass(frozen=True, slots=True)
class Context:
    """The conversation around one message.

    ``slate`` holds the ids that were shown last, in order (empty when nothing was); ``recent`` the
    person's earlier messages, oldest first; ``asked`` what we said last when it ended in a question
    that is still open, else None; ``offered`` how many ways out were offered where nothing fitted:
    positions are theirs then; ``listed`` how many notes about the person were listed; ``items``
    whatever items of the slate and of the talk are at hand, by id; ``language`` is what was spoken
    last.
    """

    slate: tuple[ItemId, ...] = ()
    recent: tuple[str, ...] = ()
    asked: str | None = None
    offered: int = 0
    listed: int = 0
    items: Mapping[ItemId, Item] = field(default_factory=lambda: MappingProxyType({}))
    language: str = "en"

    @property
    def question(self) -> str:
        """Our open question alone, with the answers it names; empty when there is none."""
        found = QUESTION.findall(self.asked or "")
        return found[-1].strip() if found else ""

    def shown(self) -> tuple[Item, ...]:
        """The items of the last slate that are at hand, in order; positions are not kept."""
        return tuple(self.items[i] for i in self.slate if i in self.items)

    def at(self, position: int) -> Item | None:
        """The item at a position from 1, or None when there is none or it is not at hand."""
        if not 0 < position <= len(self.slate):
            return None
        return self.items.get(self.slate[position - 1])
