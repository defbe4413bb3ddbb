"""One visitor's conversations: listed, taken back in part, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.sessions import Talk

if TYPE_CHECKING:
    from assistant.build import Parts


class Conversations:
    """The conversations of one visitor. Raises SessionError for somebody else's."""

    def __init__(self, parts: Parts, visitor: str) -> None:
        self._parts = parts
        self._visitor = visitor

    def all(self) -> tuple[Talk, ...]:
        """Those in which something was said, the latest first; private ones are not among them."""
        return self._parts.sessions.of_visitor(self._visitor)

    def delete(self, session: str) -> bool:
        """Delete one; False when there is none. What was said of items stays in the history."""
        return self._parts.sessions.delete(session, self._visitor)

    def take_back(self, session: str, turn: int) -> None:
        """Take back a turn and all that came after it, as if it had never been said.

        Its effects on memory and history go with it. A turn that is not there changes nothing.
        """
        self._parts.dialogue.back(session, turn, visitor=self._visitor)

    def private(self, session: str) -> bool:
        """Whether this is a private conversation that is still held."""
        return self._parts.sessions.private(session)
