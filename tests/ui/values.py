"""Cards and replies for the tests of the faces."""

from __future__ import annotations

from assistant.types import Card, Claim, Reply, SessionId
from retrieval.types import ItemId


def card(key: str = "a", title: str = "The Long Harbour", **changes: object) -> Card:
    """A card with a fact and a reason, changed as told."""
    plain: dict[str, object] = {
        "year": "1998",
        "facts": (("genre", "Crime, Drama"), ("director", "Iris Maddox")),
        "reasons": (Claim(kind="fact", text="By Iris Maddox"),),
    }
    return Card(id=ItemId(key), title=title, **{**plain, **changes})  # type: ignore[arg-type]


def reply(text: str = "Here you are.", **changes: object) -> Reply:
    """A reply without cards, changed as told."""
    plain: dict[str, object] = {"act": "recommend", "session": SessionId("s"), "turn": 1}
    return Reply(text=text, **{**plain, **changes})  # type: ignore[arg-type]
