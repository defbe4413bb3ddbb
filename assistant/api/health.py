"""Whether the service is alive and ready, and what it counts."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from assistant.api import models
from assistant.api.problems import Problem
from assistant.api.service import Here, Who

router = APIRouter(prefix="/v1", tags=["service"])


@router.get("/health/live", operation_id="live")
async def live() -> models.HealthOut:
    """Whether the process answers at all."""
    return models.HealthOut(status="ok")


@router.get("/health/ready", operation_id="ready")
async def ready(here: Here) -> models.HealthOut:
    """Whether requests may be sent here: not while it starts, nor once it is ending."""
    if here.room.closed:
        raise Problem("unavailable", "The service is ending.", retry_after=5)
    return models.HealthOut(status="ok")


@router.get(
    "/metrics",
    operation_id="metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(here: Here, who: Who) -> Response:
    """What was counted since the start, for Prometheus. Needs a key that reaches everybody."""
    who.need("owner")
    return Response(here.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})
