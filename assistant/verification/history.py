"""What the events of a person say they liked, disliked, bought and had."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.verification.sheet import Person
from retrieval.kinds import EventKinds
from retrieval.types import Event, ItemId


def person_of(
    events: Iterable[Event], kinds: EventKinds, *, liked: Iterable[ItemId] = ()
) -> Person:
    """The person as texts may speak of them; ``events`` come oldest first, and of two judgements
    of one item the later counts. ``liked`` are items named as liked in the conversation.

    A rating of 4 of 5, a purchase and a like are likes; everything but a dismissal is having had.
    """
    judged: dict[ItemId, bool] = {}
    bought: set[ItemId] = set()
    had: set[ItemId] = set()
    rated: list[tuple[ItemId, float]] = []
    means: dict[tuple[str, float | None], tuple[float, bool]] = {}  # a scale has few steps
    for event in events:
        said = (event.kind, event.value)
        if said not in means:
            means[said] = (kinds.weight(*said), kinds.positive(*said))
        weight, positive = means[said]
        stars = kinds.known(event.kind) and kinds[event.kind].carries == "stars"
        if stars and event.value is not None:
            rated.append((event.item, event.value))
        if positive:
            judged[event.item] = True
        elif weight < 0:
            judged[event.item] = False
        elif stars:
            judged.pop(event.item, None)
        if event.kind == "purchase":
            bought.add(event.item)
        if event.kind not in ("dismiss", "hide"):
            had.add(event.item)
    judged.update(dict.fromkeys(liked, True))
    return Person(
        liked=frozenset(i for i, good in judged.items() if good),
        disliked=frozenset(i for i, good in judged.items() if not good),
        bought=frozenset(bought),
        had=frozenset(had) | frozenset(judged),
        rated=tuple(rated),
    )
