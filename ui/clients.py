"""The page's own door for programs: one endpoint, ``/reply``, for Gradio's client as it is.

It is as open as the page: no key is asked for, a conversation is private, lives in memory, and is
reached by nobody but the client that began it. The API's bounds hold here as well.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.api import models
from assistant.api.limits import Rate
from assistant.api.problems import Problem, named
from assistant.errors import AssistantError
from assistant.types import Finished
from retrieval.errors import RetrievalError
from ui.plain import lines

if TYPE_CHECKING:
    from assistant.api.service import Service

NAME = "reply"


class Clients:
    """What Gradio's clients may ask. Holds nothing of any of them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._by_address = Rate(service.bounds.rate)

    async def reply(
        self, message: str, session: str = "", request: gr.Request | None = None
    ) -> dict[str, Any]:
        """Answer a message: text, cards with their reasons, and the session to go on in.

        Without a session a conversation begins.
        """
        assert request is not None  # Gradio gives it
        try:
            self._by_address.take(request.client.host if request.client else "")
            async with asyncio.timeout(self._service.bounds.seconds):
                return await self._answer(message, session, str(request.session_hash))
        except TimeoutError:
            raise _error(Problem("timeout")) from None
        except Problem as problem:
            raise _error(problem) from None
        except (AssistantError, RetrievalError) as error:
            raise _error(named(error)) from None

    async def _answer(self, message: str, session: str, client: str) -> dict[str, Any]:
        sent: tuple[object, object] = (message, session)  # Gradio checks no types
        if not all(isinstance(text, str) for text in sent) or not (said := lines(message).strip()):
            raise Problem("invalid", "message and session are texts, and the message is not empty.")
        service = self._service
        visitor = f"client.{service.door.seal('client', client)}"
        if not session:
            session = await service.apart(service.assistant.new_session, visitor, private=True)
        sessions = service.assistant.parts.sessions
        if not sessions.private(session) or sessions.owner(session) != visitor:
            raise Problem("not_found", "There is no such session of this client.")
        async with (
            service.room.place(),
            aclosing(service.assistant.turn(session, said, visitor=visitor)) as events,
        ):
            async for event in events:
                if isinstance(event, Finished):
                    return models.turn(event.reply).model_dump(mode="json")
        raise AssertionError("a turn ends with Finished")


def _error(problem: Problem) -> gr.Error:
    """The problem as Gradio's clients raise it: its code first, for programs."""
    text = f"{problem.code}: {problem.detail} {problem.sort.remedy}"
    return gr.Error(text, print_exception=False)
