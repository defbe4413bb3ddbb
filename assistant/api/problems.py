"""What is answered when something is wrong: problem details (RFC 9457) with a code and a remedy.

The codes are part of the interface and stay; titles and details are for people. Nothing that was
sent is repeated, and nothing of the program's inside is told.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field

from assistant.errors import AssistantError, SessionError
from retrieval.errors import (
    DeliveryConflict,
    InputError,
    RetrievalError,
    StorageFull,
    TurnConflict,
    UnknownItem,
    WorkspaceBusy,
)

log = logging.getLogger(__name__)

MEDIA = "application/problem+json"

FULL = 30.0
"""Seconds after which it may be tried again whether there is room: no disk empties at once."""


@dataclass(frozen=True, slots=True)
class Sort:
    """What all problems of one code have in common."""

    status: int
    title: str
    remedy: str


CODES: Mapping[str, Sort] = {
    "invalid": Sort(
        422, "The request is not valid", "Correct what the errors name and send again."
    ),
    "bad_request": Sort(400, "The request cannot be read", "Send it as the document describes."),
    "unauthorized": Sort(
        401,
        "No valid key was sent",
        'Send "Authorization: Bearer KEY" with a key made by palate keys add.',
    ),
    "loopback_only": Sort(
        403,
        "This service has no keys yet and answers its own machine alone",
        "Ask from the same machine under the name localhost, or make a key: palate keys add.",
    ),
    "forbidden": Sort(
        403, "This key may not do that", "Use a key that reaches further: palate keys add --reach."
    ),
    "not_found": Sort(404, "There is no such thing", "Check the id and the path."),
    "unknown_item": Sort(404, "There is no such item", "Use an id that GET /v1/items lists."),
    "unknown_model": Sort(404, "There is no such model", "Use one that GET /v1/models lists."),
    "method_not_allowed": Sort(
        405, "This path does not take this method", "See the Allow header and the document."
    ),
    "conflict": Sort(409, "Another request came between", "Read again and send again."),
    "key_reused": Sort(
        409,
        "This idempotency key belongs to another delivery",
        "Use a fresh key for new content.",
    ),
    "changed": Sort(412, "It was changed meanwhile", "Read it again and send its new ETag."),
    "too_large": Sort(413, "The request is too large", "Send less at once."),
    "unsupported_media": Sort(
        415, "This content type is not taken", 'Send JSON as "Content-Type: application/json".'
    ),
    "rate_limited": Sort(
        429, "Too many requests", "Wait as long as Retry-After says, then send again."
    ),
    "busy": Sort(
        429, "Too much is being worked on", "Wait as long as Retry-After says, then send again."
    ),
    "internal": Sort(
        500, "Something went wrong here", "Send again; if it lasts, report the request id."
    ),
    "unavailable": Sort(
        503, "The service cannot answer now", "Wait as long as Retry-After says, then send again."
    ),
    "storage_full": Sort(
        503,
        "The service's disk takes nothing more",
        "Wait as long as Retry-After says, then send again; whoever runs it has to make room.",
    ),
    "timeout": Sort(504, "It took too long", "Send again, or ask for less at once."),
}


class Detail(BaseModel):
    """One thing that is wrong: where (the path into the request), and what."""

    where: list[str | int] = Field(description="The path into the request, outermost first.")
    what: str


class Body(BaseModel):
    """A problem as it is sent."""

    type: str = Field(description="A URI reference that names the sort of problem.")
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable; for programs.")
    remedy: str
    request: str = Field(description="The id of the request, as in the X-Request-Id header.")
    errors: list[Detail] = Field(default_factory=list)


class Problem(Exception):
    """Raised anywhere below the API's doors to answer with a problem."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Sequence[Detail] = (),
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.sort = CODES[code]
        self.detail = detail or f"{self.sort.title}."
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(max(1, round(retry_after)))

    def body(self, request: str) -> dict[str, object]:
        """What is sent for the request with that id."""
        return Body(
            type=f"urn:palate:problem:{self.code}",
            title=self.sort.title,
            status=self.sort.status,
            detail=self.detail,
            code=self.code,
            remedy=self.sort.remedy,
            request=request,
            errors=list(self.errors),
        ).model_dump(mode="json")


def named(error: AssistantError | RetrievalError) -> Problem:
    """The problem that an error of ours is to whoever asked."""
    if isinstance(error, UnknownItem):
        return Problem("unknown_item")
    if isinstance(error, DeliveryConflict):
        return Problem("key_reused")
    if isinstance(error, InputError):
        return Problem("invalid", str(error))
    if isinstance(error, SessionError | TurnConflict):
        return Problem("conflict", "Too many changes at once; send them one by one.")
    if isinstance(error, WorkspaceBusy):
        return Problem("unavailable", "The workspace is in use.", retry_after=2)
    if isinstance(error, StorageFull):  # whoever runs the service has to act
        log.error("storage_full", extra={"error": str(error)})
        return Problem("storage_full", "What was sent was not kept.", retry_after=FULL)
    return Problem("internal")
