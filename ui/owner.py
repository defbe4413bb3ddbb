"""The owner's page at ``/owner``: how the recommender does, and its catalogue.

These are plain pages of our own, not Gradio's: they need no script of another origin and none
inline, an upload lies in no folder that visitors' files are served from, and there is no second way
to a handler beside its address. Every request passes :meth:`OwnerPage.__call__`. Without a password
there is no page, and without the cookie there is the login alone.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from assistant.errors import AssistantError, SettingsError
from assistant.upkeep import PARTS, Part, Upkeep
from retrieval.errors import RetrievalError, StorageFull
from retrieval.storage.room import writing_in
from ui import desk
from ui.login import SESSION_SECONDS, Login, TooManyGuesses, kept_hash
from ui.tables import TABLES, to_csv
from ui.theme import STATIC

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

log = logging.getLogger(__name__)

ROOT = "/owner"
COOKIE = "palate_owner"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FIELDS = 8  # parts of a form that are no files
MOST_ASKED = 500  # characters of a message to try

Handler = Callable[[Request], Awaitable[Response]]


class TooLarge(Exception):
    """An upload is larger than it may be."""


class OwnerPage:
    """The ASGI application of every address at and under :data:`ROOT`.

    Raises SettingsError when a password is set but is no hash.
    """

    def __init__(self, upkeep: Upkeep) -> None:
        self.upkeep = upkeep
        self.assistant = upkeep.assistant
        self._settings = self.assistant.parts.settings
        self._home = self.assistant.parts.workspace.home
        kept_hash(self._home, self._settings)
        self.login = Login(self._hash)
        self._most = self._settings.upload_mb * 1_000_000
        self._receiving = asyncio.Lock()
        self._open: dict[tuple[str, str], Handler] = {
            ("GET", f"{ROOT}/login"): self._ask,
            ("POST", f"{ROOT}/login"): self._enter,
            ("GET", f"{ROOT}/owner.css"): self._file("owner.css", "text/css"),
            ("GET", f"{ROOT}/owner.js"): self._file("owner.js", "text/javascript"),
        }
        self._closed: dict[tuple[str, str], Handler] = {
            ("GET", ROOT): self._figures,
            ("GET", f"{ROOT}/figures.csv"): self._csv,
            ("GET", f"{ROOT}/catalogue"): self._catalogue,
            ("GET", f"{ROOT}/work"): self._work,
            ("POST", f"{ROOT}/upload"): self._upload,
            ("POST", f"{ROOT}/build"): self._build,
            ("POST", f"{ROOT}/stop"): self._stop,
            ("POST", f"{ROOT}/drop"): self._drop,
            ("POST", f"{ROOT}/leave"): self._leave,
        }

    @property
    def addresses(self) -> tuple[tuple[str, str], ...]:
        """Method and path of everything that needs the cookie."""
        return tuple(self._closed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except HTTPException as error:  # a form that is none, or has too many parts
            response = PlainTextResponse(error.detail, status_code=error.status_code)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-store"
        # With no-referrer a browser says of a form "Origin: null", and we could not tell whose.
        response.headers["Referrer-Policy"] = "same-origin"
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path.rstrip("/") or "/"
        way = request.method, path
        if not self.login.exists():
            return _nothing()
        if request.method == "POST" and not _own(request):
            return PlainTextResponse("This form was sent from another site.", status_code=403)
        if way in self._open:
            return await self._open[way](request)
        if not self.login.known(request.cookies.get(COOKIE)):
            return _to("/login") if way == ("GET", ROOT) else _nothing()
        handler = self._closed.get(way)
        return await handler(request) if handler else _nothing()

    # The login

    def _hash(self) -> str | None:
        try:
            return kept_hash(self._home, self._settings)
        except SettingsError:
            log.exception("owner_password_unusable")
            return None

    async def _ask(self, request: Request) -> Response:
        if self.login.known(request.cookies.get(COOKIE)):
            return _to("")
        return desk.login()

    async def _enter(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=FIELDS)
        address = request.client.host if request.client else ""
        try:
            cookie = await asyncio.to_thread(self.login.enter, address, _text(form, "password"))
        except TooManyGuesses as error:
            log.warning("owner_login_limited")
            return desk.login(str(error), status=429, retry_after=error.seconds)
        if cookie is None:
            log.warning("owner_login_failed")
            return desk.login("That is not the password.", status=401)
        response = _to("")
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=SESSION_SECONDS,
            path=ROOT,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return response

    async def _leave(self, request: Request) -> Response:
        self.login.leave(request.cookies.get(COOKIE))
        response = _to("/login")
        response.delete_cookie(COOKIE, path=ROOT, httponly=True, samesite="strict")
        return response

    # The figures

    async def _figures(self, request: Request) -> Response:
        days = desk.period(request.query_params.get("days"))
        found = await asyncio.to_thread(desk.figures_of, self.assistant, days)
        return desk.dashboard(found, days)

    async def _csv(self, request: Request) -> Response:
        days = desk.period(request.query_params.get("days"))
        table = next((t for t in TABLES if t == request.query_params.get("table")), None)
        if table is None:
            return _nothing()
        found = await asyncio.to_thread(desk.figures_of, self.assistant, days)
        return Response(
            to_csv(found, table),
            media_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="palate-{table}-{days}-days.csv"'
            },
        )

    # The catalogue

    async def _catalogue(self, request: Request) -> Response:
        asked = request.query_params.get("try", "")[:MOST_ASKED].strip()
        tried, problem = None, ""
        if asked:
            try:
                tried = await self.assistant.arecommend(query=asked, k=6)
            except (RetrievalError, AssistantError) as error:
                problem = str(error)
        return self._shown(asked=asked, tried=tried, problem=problem)

    def _shown(self, *, status: int = 200, **more: Any) -> Response:
        return desk.catalogue(
            self.upkeep.work, self.assistant, most=self._settings.upload_mb, status=status, **more
        )

    async def _work(self, _request: Request) -> Response:
        return desk.progress(self.upkeep.work)

    async def _upload(self, request: Request) -> Response:
        if self.upkeep.work.busy or self._receiving.locked():
            return self._shown(status=409, problem="Another catalogue is being read or built.")
        async with self._receiving:
            try:
                form = await self._form(request)
            except TooLarge:
                told = f"The files are larger than {self._settings.upload_mb:,} MB together; "
                told += "palate ingest takes any size, and PALATE_UPLOAD_MB sets this limit."
                return self._shown(status=413, problem=told)
            place = self.upkeep.place()
            files: dict[Part, str] = {}
            try:
                with writing_in(place):
                    for part in PARTS:
                        sent = form.get(part)
                        if isinstance(sent, UploadFile) and sent.filename:
                            name = files[part] = sent.filename
                            await asyncio.to_thread(desk.keep, sent.file, place / part, name)
            except StorageFull as error:
                shutil.rmtree(place, ignore_errors=True)
                return self._shown(status=503, problem=str(error))
            finally:
                await form.close()
            return await self._changed(lambda: self.upkeep.look(place, files))

    async def _form(self, request: Request) -> FormData:
        """The form, read no further than the limit. Its files go to the disk as they come."""
        if int(request.headers.get("content-length") or 0) > self._most:
            raise TooLarge
        came = 0

        async def receive() -> object:
            nonlocal came
            message = await request.receive()
            came += len(message.get("body", b""))
            if came > self._most:
                raise TooLarge
            return message

        limited = Request(request.scope, receive)  # type: ignore[arg-type]
        return await limited.form(max_files=len(PARTS), max_fields=FIELDS)

    async def _build(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=FIELDS)
        found = self.upkeep.work.preview
        if found is not None and found.retired and _text(form, "retire") != "yes":
            told = f"Confirm that {found.retired:,} items are no longer to be shown."
            return self._shown(status=400, problem=told)
        return await self._changed(self.upkeep.build)

    async def _stop(self, _request: Request) -> Response:
        return await self._changed(self.upkeep.stop)

    async def _drop(self, _request: Request) -> Response:
        return await self._changed(self.upkeep.drop)

    async def _changed(self, change: Callable[[], None]) -> Response:
        try:
            await asyncio.to_thread(change)
        except RetrievalError as error:
            return self._shown(status=409, problem=str(error))
        return _to("/catalogue")

    def _file(self, name: str, kind: str) -> Handler:
        body = (STATIC / name).read_bytes()

        async def give(_request: Request) -> Response:
            return Response(body, media_type=kind)

        return give


def _own(request: Request) -> bool:
    """Whether a form was sent from a page of this very address.

    Browsers say so in ``Origin``; one that hides it says ``Sec-Fetch-Site``. The cookie is kept
    from other sites' forms anyway (SameSite=Strict); this holds for the login, too, which has none.
    """
    origin = request.headers.get("origin", "null")
    if origin != "null":
        return urlsplit(origin).netloc == request.headers.get("host", "")
    return request.headers.get("sec-fetch-site") == "same-origin"


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _to(path: str) -> Response:
    return RedirectResponse(f"{ROOT}{path}", status_code=303)


def _nothing() -> Response:
    return PlainTextResponse("Not Found", status_code=404)
