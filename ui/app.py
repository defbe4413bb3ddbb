"""The web application: the page at ``/``, held to its own host, its owner's at ``/owner``, and the
API beside them.

The page is told by its content policy to load nothing from, and send nothing to, any other host,
so that a mistake shows in the browser's console instead of on somebody's network.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import gradio as gr
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse

from assistant.api.app import Api, ours
from ui.chat import Page
from ui.clients import Clients
from ui.owner import ROOT, OwnerPage
from ui.theme import css, head, theme

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from assistant.upkeep import Upkeep

# Gradio's front end compiles its templates in the browser and sets styles inline.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)


class OwnHostOnly:
    """ASGI middleware that adds the content policy to every HTTP answer, streams included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", POLICY)
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Referrer-Policy", "no-referrer")
            await send(message)

        await self.app(scope, receive, with_policy)


class Gate:
    """ASGI middleware that gives the owner's addresses to the owner's page, before anything of the
    visitors' page sees them, and closes what that page has and does not need.

    The chat takes no files: left open, Gradio's upload would fill the disk for whoever asks.
    """

    CLOSED = ("/gradio_api/upload", "/gradio_api/upload_progress")

    def __init__(self, app: ASGIApp, owner: ASGIApp) -> None:
        self.app = app
        self.owner = owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        if scope["type"] == "http" and (path == ROOT or path.startswith(f"{ROOT}/")):
            await self.owner(scope, receive, send)
        elif scope["type"] == "http" and path.rstrip("/") in self.CLOSED:
            await PlainTextResponse("Not Found", status_code=404)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class ApiFirst:
    """ASGI middleware that gives the API its paths, and the page all others."""

    def __init__(self, app: ASGIApp, api: ASGIApp) -> None:
        self.app = app
        self.api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        to_api = scope["type"] == "http" and ours(scope["path"])
        await (self.api if to_api else self.app)(scope, receive, send)


def build_app(upkeep: Upkeep, api: Api) -> FastAPI:
    """The page, its owner's and the API, over an open assistant and the work on its catalogue,
    which the caller closes.

    Raises SettingsError when the owner's password is set but is no hash.
    """
    assistant = upkeep.assistant
    # The interactive API pages load their scripts from another host, so they are off.
    app = FastAPI(title="Palate", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Gate, owner=OwnerPage(upkeep))
    app.add_middleware(OwnHostOnly)  # around the gate: it holds for the owner's page, too
    gr.mount_gradio_app(
        app,
        Page(assistant, Clients(api.service)).build(),
        path="/",
        theme=theme(),
        css=css(),
        head=head(),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
    )
    app.add_middleware(ApiFirst, api=api)
    page = app.router.lifespan_context

    @asynccontextmanager
    async def both(served: FastAPI) -> AsyncIterator[None]:
        async with api.live(), page(served):
            yield

    app.router.lifespan_context = both
    return app
