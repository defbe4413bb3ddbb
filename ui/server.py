"""One port for the page and for the question whether the process is well.

``/health`` answers as soon as the socket is open; models are loaded by the first one who needs
them. The page is told by its content policy to load nothing from, and send nothing to, any other
host, so that a mistake shows in the browser's console instead of on somebody's network.
"""

from __future__ import annotations

import signal
import socket
import sys
from typing import TYPE_CHECKING

import gradio as gr
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders

from retrieval.errors import InputError
from ui.chat import Page
from ui.theme import css, theme

if TYPE_CHECKING:
    from types import FrameType

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from assistant import Assistant

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
                headers["Content-Security-Policy"] = POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        await self.app(scope, receive, with_policy)


def build_app(assistant: Assistant) -> FastAPI:
    """The web application over an open assistant, which the caller closes."""
    # The interactive API pages load their scripts from another host, so they are off.
    app = FastAPI(title="Palate", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    app.add_middleware(OwnHostOnly)
    gr.mount_gradio_app(
        app,
        Page(assistant).build(),
        path="/",
        theme=theme(),
        css=css(),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
    )
    return app


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, taken before anything slow is done; port 0 takes a free one.

    Raises :class:`~retrieval.errors.InputError` when the address is taken or is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as error:
        door.close()
        why = error.strerror or str(error)
        raise InputError(
            f"cannot listen on {host} port {port}: {why}; choose another with --port"
        ) from None
    return door


def serve(assistant: Assistant, door: socket.socket) -> None:
    """Serve on a bound socket until SIGINT or SIGTERM, then give open answers three seconds."""
    import uvicorn

    config = uvicorn.Config(
        build_app(assistant),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=3,
    )
    signal.signal(signal.SIGTERM, _leave)
    door.listen(config.backlog)  # whoever comes from now on waits for the answer, is not refused
    host, port = door.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"Palate is on http://{shown}:{port}/ (Ctrl-C ends it)\n")
    sys.stderr.flush()
    uvicorn.Server(config).run(sockets=[door])


def _leave(_signum: int, _frame: FrameType | None) -> None:
    """End like a normal exit, so that the workspace is closed and its writer given back."""
    raise SystemExit(0)
