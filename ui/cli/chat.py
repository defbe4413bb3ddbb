"""``palate chat``: the same dialogue in a terminal, or over a pipe, one message a line."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assistant.errors import SessionError
from assistant.types import Card, Finished, SessionId, Shown, Status, TurnEvent
from retrieval.errors import InputError, StorageFull
from ui.cli.options import Home, Model
from ui.cli.output import aside, paper

if TYPE_CHECKING:
    from rich.console import Console

    from assistant import Assistant

HELP = (
    "Say what you are after. On what is shown: :like 2, :dislike 2, :seen 2, :more 2. "
    "Also :new for a new conversation, :help, :quit."
)
_KINDS: dict[str, Literal["like", "dislike", "seen", "more_like"]] = {
    "like": "like",
    "dislike": "dislike",
    "seen": "seen",
    "more": "more_like",
}


def chat(
    user: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Talk as this user, with their taste; else a newcomer."),
    ] = None,
    home: Home = None,
    llm: Model = None,
) -> None:
    """Chat in the terminal."""
    from assistant import Assistant

    with (
        Assistant.open(home, llm=llm, command="palate chat") as assistant,
        asyncio.Runner() as loop,
    ):
        talk = Talk(assistant, visitor=user or secrets.token_urlsafe(16))
        talk.greet()
        for line in _typed():
            if line in {":quit", ":q", ":exit"}:
                break
            loop.run(talk.hear(line))


class Talk:
    """One conversation on the screen. ``cards`` are the ones that positions speak of."""

    def __init__(self, assistant: Assistant, visitor: str) -> None:
        self.assistant = assistant
        self.visitor = visitor
        self.session: SessionId = assistant.new_session(visitor=visitor)
        self.cards: tuple[Card, ...] = ()
        self.out: Console = paper()

    def greet(self) -> None:
        """What this is, and messages to begin with."""
        from ui.terminal import print_reply

        print_reply(self.out, HELP)
        for example in self.assistant.examples():
            print_reply(self.out, f"  {example}")

    async def hear(self, line: str) -> None:
        """Answer one line: a message, or a command that begins with a colon."""
        from ui.terminal import print_reply

        if not line.startswith(":"):
            await self._play(self.assistant.turn(self.session, line, visitor=self.visitor))
            return
        word, _, rest = line[1:].partition(" ")
        if word == "new":
            self.session = self.assistant.new_session(visitor=self.visitor)
            self.cards = ()
            print_reply(self.out, "A new conversation.")
        elif word not in _KINDS:
            print_reply(self.out, HELP)
        elif (card := self._card(rest)) is None:
            print_reply(
                self.out, f'There is no card "{rest}" here; give its number, as in :{word} 1'
            )
        else:
            kind = _KINDS[word]
            events = self.assistant.react(self.session, card.id, kind, visitor=self.visitor)
            await self._play(events)

    def _card(self, number: str) -> Card | None:
        place = int(number) if number.strip().isdecimal() else 0
        return self.cards[place - 1] if 1 <= place <= len(self.cards) else None

    async def _play(self, events: AsyncIterator[TurnEvent]) -> None:
        from ui.terminal import print_cards, print_chips, print_notice, print_reply

        self.out.print()
        try:
            with _status() as show:
                async for event in events:
                    if isinstance(event, Status):
                        show(event)
                    elif isinstance(event, Shown):
                        self.cards = event.cards
                    elif isinstance(event, Finished):
                        reply = event.reply
        except (InputError, SessionError, StorageFull) as error:
            print_reply(self.out, str(error))
            return
        print_reply(self.out, reply.text)
        self.out.print()
        print_cards(self.out, reply.cards)
        print_notice(self.out, reply.degraded)
        print_chips(self.out, reply.chips)


@contextlib.contextmanager
def _status() -> Iterator[Callable[[Status], None]]:
    """A line on standard error that says what is being done, until the answer is there."""
    from rich.status import Status as Line

    with aside().status("Reading your message") as line:

        def show(status: Status, line: Line = line) -> None:
            count = f" {status.done}/{status.total}" if status.total else ""
            line.update(f"{status.text}{count}")

        yield show


def _typed() -> Iterator[str]:
    """Lines typed or piped in, stripped, without empty ones, to the end of the input."""
    at_keyboard = sys.stdin.isatty()
    if at_keyboard:
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  (gives the prompt its line editing)
    while True:
        try:
            line = input("\n› " if at_keyboard else "")
        except EOFError:
            return
        line = line.strip()
        if line and not at_keyboard:
            sys.stdout.write(f"\n› {line}\n")
        if line:
            yield line
