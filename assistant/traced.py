"""The dialogue with a span for each turn and for each stage of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

from assistant.dialogue import USUAL, Dialogue, untold
from assistant.errors import AssistantError
from assistant.settings import Settings
from assistant.types import Finished, Mix, Reading, TurnEvent
from retrieval.errors import RetrievalError
from retrieval.types import Event

if TYPE_CHECKING:
    from assistant.traces import Traces


def make_traces(settings: Settings) -> Traces | None:
    """Where the spans go that the settings ask for; None, and nothing is loaded, where they ask for
    none. Raises SettingsError where OpenTelemetry is not installed."""
    if not settings.traces:
        return None
    from assistant.traces import configured

    return configured(settings.traces)


def dialogue_with(traces: Traces | None) -> Callable[..., Dialogue]:
    """What makes a dialogue whose turns are traced, where there are traces."""
    return Dialogue if traces is None else partial(TracedDialogue, traces)


class TracedDialogue(Dialogue):
    """A Dialogue whose turns are spans; what their stages begin, a model's calls, is under them."""

    def __init__(self, traces: Traces, **parts: Any) -> None:
        super().__init__(**parts)
        self._traces = traces

    async def turn(
        self,
        session: str,
        message: str | Reading,
        *,
        visitor: str | None = None,
        label: str = "",
        events: tuple[Event, ...] = (),
        mix: Mix = USUAL,
        tell: Callable[[str], None] = untold,
    ) -> AsyncGenerator[TurnEvent]:
        """Play a turn as the dialogue does."""
        turn = _Turn(self._traces)

        def over(stage: str) -> None:
            tell(stage)
            turn.over(stage)

        played = super().turn(
            session, message, visitor=visitor, label=label, events=events, mix=mix, tell=over
        )
        try:
            async with aclosing(played):
                while (event := await turn.stage.step(played)) is not None:
                    if isinstance(event, Finished):
                        turn.finished(event)
                    yield event
        except (AssistantError, RetrievalError) as error:
            turn.end(type(error).__name__)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            turn.end("cancelled")
            raise
        finally:
            turn.end("internal")


class _Turn:
    """A turn under way: its span, and that of the stage it is in, which is named when it ends."""

    def __init__(self, traces: Traces) -> None:
        self._traces = traces
        self.span = traces.begin("palate.turn")
        self.stage = traces.begin("palate.stage", within=self.span)
        self._over = False

    def over(self, stage: str) -> None:
        """A stage has ended, and the next begins."""
        self.stage.name(f"palate.{stage}")
        self.stage.end()
        self.stage = self._traces.begin("palate.finish", within=self.span)
        self.stage.enter()

    def finished(self, event: Finished) -> None:
        """The turn is written, and over whether or not its reader goes on: what it came to."""
        reply = event.reply
        self.span.set(
            palate__act=reply.act,
            palate__cards=len(reply.cards),
            palate__degraded=tuple(d.stage for d in reply.degraded),
        )
        self.end()

    def end(self, failed: str = "") -> None:
        """It is over, and failed with an error of this kind if it is one; the first word counts."""
        if self._over:
            return
        self._over = True
        if failed:
            self.span.fail(failed)
        self.stage.end()
        self.span.end()
