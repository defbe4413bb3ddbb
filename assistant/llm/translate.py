"""What an endpoint's refusal means, as a named error. Pure: status, headers and body go in.

Messages are made of the host, the status and our own words. A server's words are never repeated:
some echo the request, and with it what a person wrote.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from assistant.errors import (
    BudgetExceeded,
    ModelError,
    ModelOverloaded,
    ModelRefused,
    ModelUnavailable,
)

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "stream_options": ("stream_options", "include_usage"),
    "max_tokens": ("max_tokens", "max_completion_tokens"),
    "temperature": ("temperature",),
    "seed": ("seed",),
    "logprobs": ("logprobs",),
    "response_format": ("response_format", "json_schema", "grammar"),
}
"""Option to the words by which an endpoint says that it does not take it."""

TOO_LONG = ("context_length_exceeded", "exceed_context_size", "context length", "context size")
USED_UP = ("insufficient_quota", "billing_hard_limit_reached")

HINTS: Mapping[int, str] = {
    401: "check the API key",
    403: "the API key may not use this model",
    404: "check the base URL and the model's name",
}


def named(status: int, headers: Mapping[str, str], words: str, host: str) -> ModelError:
    """The error for a ``status``. ``words`` is the error body, read only for its code."""
    said = words.lower()
    if any(mark in said for mark in TOO_LONG):
        return BudgetExceeded(f"{host} answered {status}: the prompt is longer than its context")
    if status == 429 and any(mark in said for mark in USED_UP):
        return ModelRefused(f"{host} answered 429: the account's quota is used up")
    wait = retry_after(headers)
    if status == 429 or (status == 503 and wait is not None):
        asks = "" if wait is None else f" and asks to wait {wait:g} s"
        return ModelOverloaded(f"{host} answered {status}{asks}", retry_after=wait)
    if status >= 500 or status in {408, 409, 425}:
        return ModelUnavailable(f"{host} answered {status}")
    hint = HINTS.get(status)
    return ModelRefused(f"{host} answered {status}" + (f": {hint}" if hint else ""))


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait as the headers say, by number or by date; None when they do not, or badly."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or value is None:
        return seconds
    try:
        moment = parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None
    return max(0.0, moment - (time.time() if now is None else now))


def option_refused(status: int, param: str | None, words: str, off: frozenset[str]) -> str | None:
    """The option that a 400 or 422 complains of and that is not off yet; None when there is none.

    A schema is given up in two steps: first its strict reading (``strict``), then the whole
    (``response_format``).
    """
    if status not in {400, 422}:
        return None
    said = (param or words).lower()
    for option, marks in OPTIONS.items():
        if option in off or not any(mark in said for mark in marks):
            continue
        return "strict" if option == "response_format" and "strict" not in off else option
    return None


def _number(value: str | None) -> float | None:
    try:
        seconds = float(value) if value is not None else None
    except ValueError:
        return None
    return seconds if seconds is not None and 0 <= seconds < 1e6 else None
