"""One port for the page, the API, and the question whether the process is well.

Making the page takes seconds, most of them the import of its framework. The door is open before:
``/health`` and ``/v1/health/live`` answer at once, ``/v1/health/ready`` says not yet, and whoever
asks for something else meanwhile waits for it.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from retrieval.errors import InputError

if TYPE_CHECKING:
    from types import FrameType

    from fastapi import FastAPI
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from assistant import Assistant
    from assistant.api.app import Api
    from assistant.settings import Settings


ALIVE = ("/health", "/v1/health/live")
READY = "/v1/health/ready"

FINISHING = 30.0
"""Seconds that turns of the API are given to end once the service is asked to."""

WORKERS = 16
"""Threads for what computes or reads the database; more would only share the processors."""


class Door:
    """The ASGI application that is there from the start and lets through to the page when it is.

    ``build`` makes the page's application, off the event loop. When it fails, ``gave_up`` is
    called and ``failure`` holds the reason; requests that were waiting get status 503. While it is
    ``ending``, streams that are cut off end in order.
    """

    def __init__(self, build: Callable[[], FastAPI], gave_up: Callable[[], None]) -> None:
        self.failure: BaseException | None = None
        self._build = build
        self._gave_up = gave_up
        self.ending = False
        self._page: FastAPI | None = None
        self._decided = asyncio.Event()
        self._leaving = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.responses import JSONResponse, PlainTextResponse

        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["path"] in ALIVE:
            await JSONResponse({"status": "ok"})(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == READY and self._page is None:
            await _not_yet()(scope, receive, send)
        else:
            await self._decided.wait()
            answer = self._page or PlainTextResponse("Palate could not start.", status_code=503)
            try:
                await answer(scope, receive, send)
            except asyncio.CancelledError:
                if not self.ending:
                    raise
                with suppress(Exception):  # the stream of a page that was still open
                    await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="palate")
        asyncio.get_running_loop().set_default_executor(pool)
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


def serve(assistant: Assistant, bound: socket.socket, settings: Settings) -> None:
    """Serve on a bound socket until SIGINT or SIGTERM.

    Then turns of the API that run are let end, while new ones are refused; open pages are given
    three seconds. A second SIGINT waits for nobody.
    """
    import uvicorn
    from threadpoolctl import threadpool_limits

    from assistant.upkeep import Upkeep

    upkeep = Upkeep(assistant)

    # Visitors share the processors: a product that one request spreads over all of them makes the
    # others wait, and halves nothing at the sizes of a request.
    threadpool_limits(1, "blas")

    made: list[Api] = []
    warming = threading.Thread(target=_warm, args=(assistant,), name="warm", daemon=True)

    def build() -> FastAPI:
        from assistant.api.app import Api
        from ui.app import build_app

        made.append(Api(assistant, settings))
        page = build_app(upkeep, made[0])
        # Beside the first visitors: whoever writes before it is done waits a little longer.
        warming.start()
        return page

    def stop() -> None:
        server.should_exit = True

    door = Door(build, stop)
    config = uvicorn.Config(
        door, log_level="warning", access_log=False, timeout_graceful_shutdown=3
    )

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            door.ending = True
            for api in made:
                ending = asyncio.create_task(api.leave(FINISHING))
                while not ending.done() and not self.force_exit:
                    await asyncio.wait({ending}, timeout=0.2)
                ending.cancel()
            await super().shutdown(sockets)

    server = Server(config)
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
        if warming.ident is not None:
            warming.join(FINISHING)  # a process that ends while it computes is aborted
    if door.failure is not None:
        raise door.failure


def _warm(assistant: Assistant) -> None:
    """Load what the first visitors need, and spare the others the search of it for garbage.

    The catalogue is there to stay: looking through all of it again stopped every visitor for a
    quarter of a second with 10,000 items.
    """
    import matplotlib  # noqa: F401  (Gradio looks for it at the first event)

    assistant.warm()
    gc.freeze()


def _not_yet() -> Response:
    from starlette.responses import JSONResponse

    from assistant.api.problems import MEDIA, Problem

    problem = Problem("unavailable", "The service is starting.", retry_after=2)
    return JSONResponse(
        problem.body(""), status_code=503, headers=problem.headers, media_type=MEDIA
    )


def _leave(_signum: int, _frame: FrameType | None) -> None:
    """End like a normal exit, so that the workspace is closed and its writer given back."""
    raise SystemExit(0)
