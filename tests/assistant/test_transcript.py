"""A conversation held elsewhere is followed as one of our own."""

from __future__ import annotations

import asyncio

from assistant.door import Assistant
from assistant.preferences import Preferences
from assistant.transcript import NOWHERE, Message, follow


def _after(films: Assistant, *said: str) -> Preferences:
    """The preferences after messages of the person and of the other side in turns."""

    async def run() -> Preferences:
        state = NOWHERE
        for n, text in enumerate(said):
            message = Message(role="assistant" if n % 2 else "user", text=text)
            state = await follow(
                state, message, engines=films.parts.engines, facts=films.parts.facts
            )
        return state.preferences

    return asyncio.run(run())


def _titles(films: Assistant, found: tuple[str, ...]) -> list[str]:
    items = films.parts.retriever.items
    return [item.title for i, item in items.items() if i in found]


def test_what_the_other_side_names_came_up_but_is_not_liked(films: Assistant) -> None:
    after = _after(films, "I loved Rio Bravo (1959)", "Then try High Noon (1952)!")
    assert _titles(films, after.likes) == ["Rio Bravo"]
    assert _titles(films, after.touched) == ["High Noon"]


def test_a_proposal_that_is_rejected_is_disliked_and_no_longer_came_up(films: Assistant) -> None:
    after = _after(films, "a western please", "High Noon?", "no, I hated High Noon")
    assert _titles(films, after.dislikes) == ["High Noon"]
    assert after.touched == ()


def test_a_demand_that_a_proposal_breaks_was_not_strict(films: Assistant) -> None:
    before = _after(films, "a western by John Ford")
    assert {c.field for c in before.constraints} == {"genres", "directors"}
    after = _after(films, "a western by John Ford", "How about Rio Bravo?")
    assert {c.field for c in after.constraints} == {"genres"}  # Howard Hawks made that one
    assert {c.field for c in after.hints} == {"directors"}


def test_greetings_leave_no_words_behind(films: Assistant) -> None:
    after = _after(films, "Hello, how are you?", "Fine! What do you like?", "I like westerns")
    assert after.said == ("I like westerns",)


def test_an_opening_of_the_other_side_is_no_wish(films: Assistant) -> None:
    async def run() -> Preferences:
        state = await follow(
            NOWHERE,
            Message(role="assistant", text="Hi! Looking for a western?"),
            engines=films.parts.engines,
            facts=films.parts.facts,
        )
        return state.preferences

    assert asyncio.run(run()).empty()
