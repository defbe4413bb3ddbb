"""One port for the page and for the question whether the process is well.

Making the page takes seconds, most of them the import of its framework. The door is open before:
``/health`` answers at once, and whoever asks for the page meanwhile waits for it.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from retrieval.errors import InputError

if TYPE_CHECKING:
    from types import FrameType

    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send

    from assistant import Assistant


class Door:
    """The ASGI application that is there from the start and lets through to the page when it is.

    ``build`` makes the page's application, off the event loop. When it fails, ``gave_up`` is
    called and ``failure`` holds the reason; requests that were waiting get status 503.
    """

    def __init__(self, build: Callable[[], FastAPI], gave_up: Callable[[], None]) -> None:
        self.failure: BaseException | None = None
        self._build = build
        self._gave_up = gave_up
        self._page: FastAPI | None = None
        self._decided = asyncio.Event()
        self._leaving = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.responses import JSONResponse, PlainTextResponse

        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["path"] == "/health":
            await JSONResponse({"status": "ok"})(scope, receive, send)
        else:
            await self._decided.wait()
            answer = self._page or PlainTextResponse("Palate could not start.", status_code=503)
            await answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        page = asyncio.create_task(self._hold())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._leaving.set()
        await asyncio.wait([page])
        await send({"type": "lifespan.shutdown.complete"})

    async def _hold(self) -> None:
        """Make the page and keep its own lifespan open until the server leaves."""
        try:
            page = await asyncio.to_thread(self._build)
            async with page.router.lifespan_context(page):
                self._page = page
                self._decided.set()
                await self._leaving.wait()
        except Exception as error:  # noqa: BLE001  (kept, and raised again by serve)
            self.failure = error
            self._gave_up()
        finally:
            self._decided.set()


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, taken before anything slow is done; port 0 takes a free one.

    Raises :class:`~retrieval.errors.InputError` when the address is taken or is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        why = error.strerror or str(error)
        raise InputError(
            f"cannot listen on {host} port {port}: {why}; choose another with --port"
        ) from None
    return bound


def serve(assistant: Assistant, bound: socket.socket) -> None:
    """Serve on a bound socket until SIGINT or SIGTERM, then give open answers three seconds."""
    import uvicorn
    from threadpoolctl import threadpool_limits

    from assistant.upkeep import Upkeep

    upkeep = Upkeep(assistant)

    # Visitors share the processors: a product that one request spreads over all of them makes the
    # others wait, and halves nothing at the sizes of a request.
    threadpool_limits(1, "blas")

    def build() -> FastAPI:
        from ui.app import build_app

        page = build_app(upkeep)
        # Beside the first visitors: whoever writes before it is done waits a little longer.
        threading.Thread(target=_warm, args=(assistant,), name="warm", daemon=True).start()
        return page

    def stop() -> None:
        server.should_exit = True

    door = Door(build, stop)
    config = uvicorn.Config(
        door, log_level="warning", access_log=False, timeout_graceful_shutdown=3
    )
    server = uvicorn.Server(config)
    signal.signal(signal.SIGTERM, _leave)
    bound.listen(config.backlog)  # whoever comes from now on waits for the answer, is not refused
    host, port = bound.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"Palate is on http://{shown}:{port}/ (Ctrl-C ends it)\n")
    sys.stderr.flush()
    try:
        server.run(sockets=[bound])
    finally:
        upkeep.close()
    if door.failure is not None:
        raise door.failure


def _warm(assistant: Assistant) -> None:
    """Load what the first visitors need, and spare the others the search of it for garbage.

    The catalogue is there to stay: looking through all of it again stopped every visitor for a
    quarter of a second with 10,000 items.
    """
    assistant.warm()
    gc.freeze()


def _leave(_signum: int, _frame: FrameType | None) -> None:
    """End like a normal exit, so that the workspace is closed and its writer given back."""
    raise SystemExit(0)
